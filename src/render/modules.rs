//! The modules of a configuration: where each comes from.

use std::fmt;
use std::fmt::Write;

use serde_json::Value as Json;
use serde_json::json;

use crate::addr::ModulePath;
use crate::config::Config;
use crate::config::Repetition;

/// Writes a tree of modules with their sources.
///
/// # Errors
/// If the writer fails.
pub fn text(out: &mut dyn Write, config: &Config) -> fmt::Result {
    if config.modules.is_empty() {
        return writeln!(out, "No modules are called.");
    }
    writeln!(out, "Modules declared by configuration:")?;
    writeln!(out, ".")?;
    below(out, config, &ModulePath::root(), "")
}

fn below(out: &mut dyn Write, config: &Config, path: &ModulePath, indent: &str) -> fmt::Result {
    let Some(module) = config.module(path) else { return Ok(()) };
    let number = module.calls.len();
    for (index, (name, call)) in module.calls.iter().enumerate() {
        let last = index + 1 == number;
        let (branch, bar) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let child = path.child(name);
        let source = config.module(&child).map(|child| child.source.as_str()).unwrap_or_default();
        let many = match call.repetition {
            Repetition::One => "",
            Repetition::Count(_) => ", count",
            Repetition::ForEach(_) => ", for_each",
            Repetition::Enabled(_) => ", enabled",
        };
        writeln!(out, "{indent}{branch}{name} ({source}{many})")?;
        below(out, config, &child, &format!("{indent}{bar}"))?;
    }
    Ok(())
}

/// Returns the modules as JSON: `key`, `source` and `version` as Terraform has them, `dir` and `package` are ours.
#[must_use]
pub fn json(config: &Config) -> Json {
    let entry = |(path, module): (&ModulePath, &crate::config::Module)| {
        let key: Vec<&str> = path.0.iter().map(|name| &**name).collect();
        json!({
            "key": key.join("."),
            "source": module.source,
            "version": "",
            "queueform": { "address": path.to_string(), "dir": module.directory },
        })
    };
    json!({ "format_version": "1.0", "modules": config.modules.iter().map(entry).collect::<Vec<_>>() })
}
