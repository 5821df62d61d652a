//! Cases: files of sections, each behind a line `=== name`.

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value as Json;

/// One case.
#[derive(Debug)]
pub(super) struct Case {
    /// The name of the file without its ending.
    pub(super) name: String,
    path: PathBuf,
    /// Name and text of each section; the first has no name and says what the case is about.
    sections: Vec<(String, String)>,
}

impl Case {
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut sections = vec![(String::new(), String::new())];
        for line in text.lines() {
            match line.strip_prefix("=== ") {
                Some(name) => sections.push((name.to_owned(), String::new())),
                None => {
                    let section = &mut sections.last_mut().unwrap().1;
                    section.push_str(line);
                    section.push('\n');
                }
            }
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Self { name, path: path.to_owned(), sections }
    }

    /// Returns a section.
    pub(super) fn section(&self, name: &str) -> Option<&str> {
        self.sections.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// Returns what was found and asked for.
    pub(super) fn facts(&self) -> Json {
        self.section("facts").map_or(Json::Null, |text| {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
        })
    }

    /// Returns the views: all sections that begin with `plan` or `state`.
    pub(super) fn views(&self) -> impl Iterator<Item = (&str, &str)> {
        let views =
            self.sections.iter().filter(|(name, _)| name.starts_with("plan") || name.starts_with("state"));
        views.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub(super) fn view(&self, name: &str) -> &str {
        self.section(name).unwrap()
    }

    pub(super) fn set_view(&mut self, name: &str, text: &str) {
        let section = self.sections.iter_mut().find(|(known, _)| known == name).unwrap();
        section.1 = format!("{}\n", text.trim_end());
    }

    pub(super) fn write(&self) {
        let sections: Vec<String> = self
            .sections
            .iter()
            .map(|(name, text)| match (name.as_str(), text.trim_end()) {
                ("", about) => format!("{about}\n"),
                (name, "") => format!("=== {name}\n"),
                (name, text) => format!("=== {name}\n{text}\n"),
            })
            .collect();
        std::fs::write(&self.path, sections.join("\n")).unwrap();
    }
}
