//! Arguments of a backend from outside of its block: `init --backend-config`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::source::SourceMap;
use crate::syntax::parse::parse_file;
use crate::value::Value;
use crate::value::to_json;

/// Reads arguments: `NAME=VALUE` each, or the name of a file with `name = value` lines, relative to the directory. The
/// later ones win.
///
/// # Errors
/// What is wrong with them, and the texts of the files.
pub fn read_arguments(
    directory: &Path,
    texts: &[String],
) -> Result<BTreeMap<String, serde_json::Value>, (Diagnostics, SourceMap)> {
    let mut sources = SourceMap::new();
    let mut found = Diagnostics::new();
    let mut arguments = BTreeMap::new();
    for text in texts {
        match text.split_once('=') {
            Some((name, value)) if is_name(name) => {
                arguments.insert(name.to_owned(), serde_json::Value::from(value));
            }
            _ => read_file(directory, text, &mut sources, &mut found, &mut arguments),
        }
    }
    if found.has_errors() { Err((found, sources)) } else { Ok(arguments) }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn read_file(
    directory: &Path,
    name: &str,
    sources: &mut SourceMap,
    found: &mut Diagnostics,
    arguments: &mut BTreeMap<String, serde_json::Value>,
) {
    let text = match fs::read_to_string(directory.join(name)) {
        Ok(text) => text,
        Err(error) => {
            found.push(
                Diagnostic::error(Code::FileAccess, format!("cannot read `{name}`"))
                    .detail(error.to_string())
                    .hint("write `--backend-config=NAME=VALUE`, or the name of a file with `name = value` lines"),
            );
            return;
        }
    };
    let source = sources.add(name, text.as_str());
    let Some(body) = parse_file(source, &text).collect_into(found) else { return };
    for block in &body.blocks {
        found.push(
            Diagnostic::error(Code::UnknownBlock, "a file for a backend holds only `name = value` lines")
                .at(block.header, "a block"),
        );
    }
    for attribute in body.attributes {
        let value = eval::constant(&attribute.expr).and_then(|value| {
            json(&value).ok_or_else(|| {
                Diagnostic::error(Code::InvalidValue, "this value cannot be an argument of a backend")
                    .at(attribute.expr.span, "")
                    .into()
            })
        });
        match value {
            Ok(value) => {
                arguments.insert(attribute.name.value.to_string(), value);
            }
            Err(errors) => found.extend(errors),
        }
    }
}

fn json(value: &Value) -> Option<serde_json::Value> {
    to_json(value).ok().filter(|value| !value.is_array())
}
