//! The embedded schemas are complete and follow the rules.

use std::path::Path;
use std::sync::Arc;

use crate::source::SourceId;
use crate::source::SourceMap;

use super::Registry;
use super::ResourceKind;
use super::SchemaFile;
use super::check;
use super::embedded::FILES;
use super::vocabulary;
use super::words;

/// The embedded files with a source each.
fn embedded() -> (SourceMap, Vec<(SourceId, SchemaFile)>) {
    let mut sources = SourceMap::new();
    let add = |(path, text): &(&str, &str)| {
        let source = sources.add(*path, *text);
        (source, SchemaFile { path: Arc::from(*path), text: Arc::from(*text) })
    };
    let files = FILES.iter().map(add).collect();
    (sources, files)
}

#[test]
fn embedded_schemas_follow_all_rules() {
    let (sources, files) = embedded();
    let found: Vec<String> = check(&files)
        .iter()
        .map(|diagnostic| {
            let span = diagnostic.labels[0].span;
            let file = sources.get(span.source).unwrap();
            let at = file.position(span.start);
            let hints = diagnostic.hints.join("; ");
            format!("{}:{}:{}: {} ({hints})", file.name(), at.line, at.column, diagnostic.summary)
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_schema_file_is_embedded() {
    fn walk(directory: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"), &mut found);
    found.sort();
    let listed: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
    assert_eq!(found, listed);
}

#[test]
fn every_word_is_used_by_a_schema() {
    let (_, files) = embedded();
    let used = words(&files);
    let mut unused = Vec::new();
    for block in vocabulary::blocks() {
        for keyword in block.keywords {
            if !used.contains(&(block.name, keyword.name)) {
                unused.push(format!("{}.{}", block.name, keyword.name));
            }
        }
    }
    assert!(unused.is_empty(), "no schema uses {}", unused.join(", "));
}

#[test]
fn registry_loads_types_when_asked() {
    let registry = Registry::embedded();
    let topic = registry.resource(ResourceKind::Managed, "dms_rocketmq_topic").unwrap();
    assert_eq!(topic.id_form(), "<instance_id>/<name>");
    let parts = topic.split_id("i-1/%DLQ%a/b").unwrap();
    assert_eq!(parts.iter().map(|(_, part)| &**part).collect::<Vec<_>>(), ["i-1", "%DLQ%a/b"]);
    assert!(topic.split_id("i-1").is_none());
    assert!(topic.split_id("i-1/").is_none());
    assert!(registry.resource(ResourceKind::Data, "dms_rocketmq_nobody").is_none());
    assert_eq!(&**registry.provider_of("dms_rocketmq_nothing").unwrap(), "dms");
    assert!(registry.provider_of("dmsx_rocketmq").is_none());
    let names: Vec<&str> = registry.type_names(ResourceKind::Managed).map(|name| &**name).collect();
    assert!(names.is_sorted());
    for name in ["apsaramq_mqtt_group", "dms_rocketmq_topic", "queueform_data"] {
        assert!(names.contains(&name), "{name}");
    }
    let span = topic.attribute("queue_num").unwrap().span;
    let file = registry.source(span.source).unwrap();
    assert_eq!(file.name(), "schemas/dms/rocketmq_topic.hcl");
    assert!(file.text().get(span.range()).unwrap().starts_with("attribute \"queue_num\""));
    assert_eq!(
        topic.delete.as_ref().unwrap().steps[0].call.as_ref().unwrap().to_string(),
        "DELETE /v2/{project_id}/instances/{instance_id}/topics/{name}"
    );
}
