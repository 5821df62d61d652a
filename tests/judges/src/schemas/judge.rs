//! The JSON Schemas, compiled.

use std::path::PathBuf;

use boon::Compiler;
use boon::Schemas;
use serde_json::Value as Json;

/// Where the schemas are.
const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/schemas");

/// All schemas by name.
pub(crate) struct Judge {
    schemas: Schemas,
    compiler: Compiler,
}

impl Judge {
    /// Reads every schema.
    pub(crate) fn new() -> Self {
        let mut compiler = Compiler::new();
        for name in Self::names() {
            let text = std::fs::read_to_string(Self::path(&name)).unwrap();
            let schema: Json = serde_json::from_str(&text).unwrap();
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
            assert!(schema["title"].is_string() && schema["description"].is_string(), "{name}");
            compiler.add_resource(&url(&name), schema).unwrap();
        }
        Self { schemas: Schemas::new(), compiler }
    }

    /// The names of the schemas, in order.
    pub(crate) fn names() -> Vec<String> {
        let entries = std::fs::read_dir(SCHEMAS).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            names.map(|name| name.strip_suffix(".schema.json").unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// The file of a schema.
    pub(crate) fn path(name: &str) -> PathBuf {
        PathBuf::from(format!("{SCHEMAS}/{name}.schema.json"))
    }

    /// Returns what is wrong with a document.
    pub(crate) fn problem(&mut self, name: &str, document: &Json) -> Option<String> {
        let index = self.compiler.compile(&url(name), &mut self.schemas).unwrap();
        self.schemas.validate(document, index).err().map(|error| format!("{error:#}"))
    }

    /// Fails if a document does not follow its schema.
    #[track_caller]
    pub(crate) fn holds(&mut self, name: &str, document: &Json) {
        if let Some(problem) = self.problem(name, document) {
            panic!("{name}: {problem}\n{document:#}");
        }
    }

    /// Fails if a line of a stream does not follow its schema, and returns the lines.
    #[track_caller]
    pub(crate) fn lines(&mut self, name: &str, stream: &str) -> Vec<Json> {
        let lines: Vec<Json> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!lines.is_empty());
        for line in &lines {
            self.holds(name, line);
        }
        lines
    }
}

fn url(name: &str) -> String {
    format!("https://schemas.invalid/{name}.schema.json")
}
