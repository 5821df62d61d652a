//! Mistakes in schema files are reported where they stand. The first line of each fixture says which file it
//! is (`# path: PATH`), the last ones what must be found (`# error[CODE] LINE:COLUMN SUMMARY (HINT)`), nothing
//! more and nothing less.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use queueform::schema::SchemaFile;
use queueform::schema::check;
use queueform::source::SourceMap;

#[test]
fn mistakes_are_found_where_they_stand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let provider = fs::read_to_string(root.join("schemas/dms/provider.hcl")).unwrap();
    let mut cases: Vec<_> = fs::read_dir(root.join("tests/fixtures/schema/broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 10, "the fixtures are there");
    let mut wrong = Vec::new();
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        let path = text.lines().next().unwrap().strip_prefix("# path: ").unwrap().to_owned();
        let expected: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("# error["))
            .filter_map(|line| line.strip_prefix("# "))
            .collect();
        let mut sources = SourceMap::new();
        let mut add = |path: &str, text: &str| {
            let source = sources.add(path, text);
            (source, SchemaFile { path: Arc::from(path), text: Arc::from(text) })
        };
        let mut files = vec![add(&path, &text)];
        if path != "dms/provider.hcl" {
            files.push(add("dms/provider.hcl", &provider));
        }
        let found: Vec<String> = check(&files)
            .iter()
            .map(|diagnostic| {
                let span = diagnostic.labels.first().unwrap().span;
                let at = sources.get(span.source).unwrap().position(span.start);
                let hints: Vec<String> = diagnostic.hints.iter().map(|hint| format!(" ({hint})")).collect();
                let code = diagnostic.code.name();
                format!("error[{code}] {}:{} {}{}", at.line, at.column, diagnostic.summary, hints.concat())
            })
            .collect();
        if found != expected {
            let name = case.file_name().unwrap().to_str().unwrap();
            wrong.push(format!("== {name}\n# {}", found.join("\n# ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
