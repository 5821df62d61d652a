//! Configurations in JSON, files of variables, and lock files.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use queueform::api::Stop;
use queueform::config;
use queueform::config::LoadOptions;
use queueform::config::VariableInput;
use queueform::diag::Diagnostics;
use queueform::ops::modules::InstallOptions;
use queueform::ops::modules::Installer;
use queueform::render::console;
use queueform::schema::Registry;
use queueform::source::SourceMap;

use super::targets::findings;
use super::targets::hash;
use super::targets::law;

/// The codes of findings, as a number.
fn codes(found: &Diagnostics) -> u64 {
    let mut codes: Vec<&str> = found.iter().map(|item| item.code.name()).collect();
    codes.sort_unstable();
    codes.dedup();
    hash(codes)
}

/// Configurations in JSON, with everything that is checked without a provider.
pub(super) fn json(input: &[u8]) -> Result<u64, String> {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(0) };
    let load = || {
        let (mut registry, mut sources) = (Registry::embedded(), SourceMap::new());
        let texts = [("main.qf.json".to_owned(), text.to_owned())];
        let options = LoadOptions { directory: "/nonexistent".into(), ..LoadOptions::default() };
        let loaded = config::load_texts(&texts, BTreeMap::default(), &options, &mut registry, &mut sources);
        (loaded, sources)
    };
    let (first, sources) = load();
    findings(&first.diagnostics, &sources, text)?;
    let (second, _) = load();
    law(first.diagnostics == second.diagnostics, "two readings have different findings")?;
    let blocks = first.output.map_or(0, |loaded| loaded.config.root.resources.len().min(4));
    Ok(codes(&first.diagnostics) ^ blocks as u64)
}

/// What the files of variables are tried with.
const DECLARED: &str = r#"
variable "text" { type = string }
variable "number" { type = number }
variable "list" { type = list(object({ name = string, size = optional(number, 3) })) }
variable "map" { type = map(bool) }
variable "secret" {
  type      = string
  sensitive = true
}
variable "any" {}
"#;

/// Files of variables, in both forms: findings with places, and values of the declared types.
pub(super) fn variables(input: &[u8]) -> Result<u64, String> {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(0) };
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let is_json = text.trim_start().starts_with('{');
    let path = directory.path().join(if is_json { "input.qfvars.json" } else { "input.qfvars.hcl" });
    std::fs::write(&path, text).map_err(|error| error.to_string())?;
    let (mut registry, mut sources) = (Registry::default(), SourceMap::new());
    let texts = [("main.qf.hcl".to_owned(), DECLARED.to_owned())];
    let options = LoadOptions {
        directory: directory.path().to_owned(),
        arguments: vec![VariableInput::File(path)],
        ..LoadOptions::default()
    };
    let loaded = config::load_texts(&texts, BTreeMap::default(), &options, &mut registry, &mut sources);
    findings(&loaded.diagnostics, &sources, text)?;
    let values = loaded.output.map(|loaded| loaded.variables.values).unwrap_or_default();
    for given in values.values() {
        black_box(console::value_text(&given.value));
    }
    Ok(codes(&loaded.diagnostics) ^ values.len() as u64)
}

/// Lock files of modules: read, or refused as a whole.
pub(super) fn lock(input: &[u8]) -> Result<u64, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    std::fs::write(directory.path().join(".queueform.lock.hcl"), input).map_err(|error| error.to_string())?;
    let options = InstallOptions {
        directory: directory.path().to_owned(),
        environment: Arc::new(BTreeMap::<String, String>::new()),
        upgrade: false,
        lock_is_fixed: true,
        stop: Stop::never(),
    };
    Ok(match Installer::new(options) {
        Ok(_) => 1,
        Err(found) => hash([found.summary]),
    })
}
