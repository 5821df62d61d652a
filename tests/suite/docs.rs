//! Pages of the documentation against the program.

use queueform::diag::Code;

#[test]
fn every_code_has_its_entry() {
    let page = include_str!("../../docs/reference/diagnostics.md");
    let entries: Vec<&str> = page.split("\n### `").skip(1).collect();
    let names: Vec<&str> = entries.iter().map(|entry| entry.split('`').next().unwrap()).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names, codes, "one entry for each code, in the order of `Code::ALL`");
    for (entry, code) in entries.iter().zip(Code::ALL) {
        let text = entry.split("\n## ").next().unwrap();
        let mut paragraphs = text.split("\n\n").skip(1).map(str::trim).filter(|text| !text.is_empty());
        assert_eq!(paragraphs.next(), Some(code.meaning()), "{}", code.name());
        assert!(paragraphs.next().is_some_and(|text| text.len() > 20), "{}: no explanation", code.name());
    }
}

#[test]
fn every_environment_variable_of_ours_is_documented() {
    let page = include_str!("../../docs/reference/environment.md");
    for name in [
        "QF_VAR_",
        "QF_CLI_ARGS",
        "QF_LOG",
        "QF_LOG_PATH",
        "QF_WORKSPACE",
        "QF_INPUT",
        "QF_PAGER",
        "NO_COLOR",
        "COLUMNS",
    ] {
        assert!(page.contains(&format!("`{name}")), "{name}");
    }
}

/// A page may name variables that begin alike with `…` for the rest, and those of Terraform all at once.
#[test]
fn every_argument_of_a_backend_is_documented() {
    for kind in queueform::backend::KINDS {
        let path = format!("{}/docs/reference/backends/{}.md", env!("CARGO_MANIFEST_DIR"), kind.name);
        let page = std::fs::read_to_string(&path).unwrap();
        let words: Vec<&str> = page.split('`').skip(1).step_by(2).collect();
        for argument in kind.arguments {
            assert!(words.contains(&argument.name), "{path} lacks `{}`", argument.name);
            for variable in argument.environment {
                let is_there = |word: &&str| match word.strip_suffix('…') {
                    Some(start) => !start.is_empty() && variable.starts_with(start),
                    None => word == variable,
                };
                let is_terraforms = variable.starts_with("TF_");
                assert!(is_terraforms || words.iter().any(is_there), "{path} lacks `{variable}`");
            }
        }
    }
}

/// What the schemas say is checked by `tests/judges`, which runs every one of these commands.
#[test]
fn every_command_that_prints_json_names_its_schema() {
    let reference = include_str!("../../docs/reference/cli.md");
    let page = include_str!("../../docs/reference/json.md");
    let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/schemas");
    let mut commands = 0;
    for section in reference.split("\n## `queueform ").skip(1) {
        let (name, text) = section.split_once('`').unwrap();
        let option = match (text.contains("\n| `--json` |"), text.contains("--format=json")) {
            (true, _) => "--json",
            (false, true) => "--format=json",
            (false, false) => continue,
        };
        commands += 1;
        let row =
            page.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{name} {option}")));
        let row = row.unwrap_or_else(|| panic!("docs/reference/json.md does not name `{name} {option}`"));
        let (_, schema) = row.split_once("(schemas/").unwrap();
        let schema = schema.split(')').next().unwrap();
        assert!(std::path::Path::new(schemas).join(schema).is_file(), "{name}: there is no {schema}");
    }
    assert!(commands >= 25, "{commands} commands");
}
