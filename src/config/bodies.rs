//! The files of one directory as bodies: parsed by their form, with override files merged into the others.

use std::sync::Arc;

use crate::diag::Checked;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::ast::Body;
use crate::syntax::parse;

use super::json;
use super::overrides;

/// Parses files. Whether one could not be read at all is told beside their bodies.
pub(super) fn read(
    files: &[SourceId],
    sources: &SourceMap,
    diagnostics: &mut Diagnostics,
) -> (Vec<Body>, bool) {
    let (mut bodies, mut changes) = (Vec::new(), Vec::new());
    let mut partial = false;
    for source in files {
        let Some(file) = sources.get(*source) else { continue };
        let text = Arc::clone(file.text());
        match parse_file(*source, file.name(), &text).collect_into(diagnostics) {
            Some(body) if is_override(file.name()) => changes.push(body),
            Some(body) => bodies.push(body),
            None => partial = true,
        }
    }
    for change in changes {
        overrides::merge(&mut bodies, change, diagnostics);
    }
    (bodies, partial)
}

/// Parses one file of the form that its name tells.
fn parse_file(source: SourceId, name: &str, text: &str) -> Checked<Body> {
    if name.ends_with(".json") { json::parse_file(source, text) } else { parse::parse_file(source, text) }
}

/// Whether a file changes what others declare: `override.qf.hcl`, `NAME_override.qf.hcl` and the same in JSON.
fn is_override(name: &str) -> bool {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = name.strip_suffix(".qf.hcl").or_else(|| name.strip_suffix(".qf.json"));
    stem.is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}
