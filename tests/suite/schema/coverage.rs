//! Every operation of the vendors' documents is reached by a schema. The operations of a system stand in
//! `tests/fixtures/operations/SYSTEM.csv`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use queueform::render::docs;
use queueform::render::docs::Operation;
use queueform::render::docs::System;
use queueform::schema::Registry;

/// The systems with the operations of their documents.
pub(super) fn systems() -> Vec<System> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/operations");
    let mut systems = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("operation,method,path"), "{name}");
        let rows = lines.map(|line| {
            let mut cells = line.splitn(3, ',').map(str::to_owned);
            let mut cell = || cells.next().unwrap_or_else(|| panic!("{name}: {line}"));
            Operation { name: cell(), method: cell(), path: cell() }
        });
        let operations = rows.collect();
        systems.push(System { name, operations });
    }
    systems.sort_by(|one, other| one.name.cmp(&other.name));
    systems
}

#[test]
fn operations_are_listed_once() {
    for system in systems() {
        assert!(!system.operations.is_empty(), "{}", system.name);
        let mut seen = BTreeSet::new();
        for row in &system.operations {
            let known = matches!(row.method.as_str(), "GET" | "POST" | "PUT" | "DELETE" | "PATCH");
            assert!(known && row.path.starts_with('/'), "{}: {row:?}", system.name);
            assert!(seen.insert(&row.name), "{}: {} stands twice", system.name, row.name);
        }
    }
}

#[test]
fn calls_name_operations_of_the_documents() {
    let mut wrong = Vec::new();
    for system in systems() {
        let known: BTreeSet<&str> = system.operations.iter().map(|row| row.name.as_str()).collect();
        for (operation, types) in docs::reached(&Registry::embedded(), &system.name) {
            if !known.contains(operation.as_str()) {
                wrong.push(format!("{}: `{operation}` in {types:?}", system.name));
            }
        }
    }
    assert!(wrong.is_empty(), "calls without a known operation:\n{}", wrong.join("\n"));
}

#[test]
fn every_operation_is_reached() {
    let mut left = Vec::new();
    for system in systems() {
        let reached = docs::reached(&Registry::embedded(), &system.name);
        // Of a system without any schema the page says so.
        if reached.is_empty() {
            continue;
        }
        for row in system.operations.iter().filter(|row| !reached.contains_key(&row.name)) {
            left.push(format!("{}: {} ({} {})", system.name, row.name, row.method, row.path));
        }
    }
    assert!(left.is_empty(), "no schema calls these operations:\n{}", left.join("\n"));
}
