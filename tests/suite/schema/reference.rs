//! The reference pages in the repository are the ones that the program writes. `UPDATE=1` writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use queueform::render::docs;
use queueform::schema::Registry;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference")
}

/// The pages by their path below `docs/reference`.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for page in docs::pages(&Registry::embedded()).unwrap() {
        pages.insert(format!("resources/{}", page.path), page.text);
    }
    let mut language = String::new();
    docs::language(&mut language).unwrap();
    pages.insert("schema-language.md".to_owned(), language);
    let mut coverage = String::new();
    docs::coverage(&mut coverage, &Registry::embedded(), &super::coverage::systems()).unwrap();
    pages.insert("coverage.md".to_owned(), coverage);
    pages
}

#[test]
fn pages_are_up_to_date() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for (path, text) in pages() {
        let file = root().join(&path);
        if fs::read_to_string(&file).is_ok_and(|found| found == text) {
            continue;
        }
        if update {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        } else {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "run the tests once with UPDATE=1 to rewrite {}", stale.join(", "));
}

#[test]
fn no_page_is_left_over() {
    let pages = pages();
    let mut open = vec![root().join("resources")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            assert!(pages.contains_key(&name), "nothing writes {name}");
        }
    }
}

#[test]
fn examples_of_schemas_are_configurations() {
    for kind in [queueform::schema::ResourceKind::Managed, queueform::schema::ResourceKind::Data] {
        let registry = Registry::embedded();
        for name in registry.type_names(kind) {
            let schema = registry.resource(kind, name).unwrap();
            let source = queueform::source::SourceId(0);
            let checked = queueform::syntax::parse::parse_file(source, &schema.example);
            assert!(checked.diagnostics.is_empty(), "{name}: {:?}", checked.diagnostics);
            let body = checked.output.unwrap();
            let block = body.blocks.iter().find(|block| &*block.kind.value == kind.block()).unwrap();
            assert_eq!(block.labels[0].value, *name);
            for attribute in &schema.attributes {
                let required = attribute.mode == queueform::schema::Mode::Required;
                let written = block.body.attribute(&attribute.name);
                assert!(!required || written.is_some(), "{name}: the example lacks {}", attribute.name);
            }
            for written in &block.body.attributes {
                let found = schema.attribute(&written.name.value);
                assert!(
                    found.is_some_and(|found| found.mode.is_settable()),
                    "{name}: {}",
                    written.name.value
                );
            }
        }
    }
}
