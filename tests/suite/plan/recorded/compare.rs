//! Compares what was recorded with what is found; ids are bound on first use.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// Which id stands for which placeholder.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    known: BTreeMap<String, String>,
}

impl Bindings {
    /// Notes where two values differ.
    pub(super) fn compare(&mut self, what: &str, expected: &Json, found: &Json, out: &mut Vec<String>) {
        match (expected, found) {
            (Json::Object(a), Json::Object(b)) => {
                for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                    let none = Json::Null;
                    let (a, b) = (a.get(name).unwrap_or(&none), b.get(name).unwrap_or(&none));
                    self.compare(&format!("{what}.{name}"), a, b, out);
                }
            }
            (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
                for (index, (a, b)) in a.iter().zip(b).enumerate() {
                    self.compare(&format!("{what}[{index}]"), a, b, out);
                }
            }
            (Json::String(a), Json::String(b)) if self.same_text(a, b) => {}
            (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => {}
            (a, b) if a == b => {}
            (a, b) => out.push(format!("{what}: recorded {a}, found {b}")),
        }
    }

    /// Compares texts; a placeholder stands for one id all the time.
    fn same_text(&mut self, expected: &str, found: &str) -> bool {
        let Some(start) = expected.find("<id:").or_else(|| expected.find("<uuid#")) else {
            return expected == found;
        };
        let Some(end) = expected[start..].find('>').map(|end| start + end + 1) else {
            return expected == found;
        };
        let (name, rest) = (&expected[start..end], &expected[end..]);
        if !found.starts_with(&expected[..start]) {
            return false;
        }
        let found = &found[start..];
        // Ids are UUIDs.
        let id = match self.known.get(name) {
            Some(id) => id.clone(),
            None if found.len() >= 36 => {
                let id = found[..36].to_owned();
                if self.known.values().any(|known| *known == id) {
                    return false;
                }
                self.known.insert(name.to_owned(), id.clone());
                id
            }
            None => return false,
        };
        found.strip_prefix(&id).is_some_and(|found| self.same_text(rest, found))
    }
}

/// Takes out what says nothing in a structure of flags: `false`, and what is empty then.
pub(super) fn flags(shape: &Json) -> Json {
    match shape {
        Json::Object(fields) => {
            let kept: serde_json::Map<String, Json> = fields
                .iter()
                .map(|(name, part)| (name.clone(), flags(part)))
                .filter(|(_, part)| !part.is_null())
                .collect();
            if kept.is_empty() { Json::Null } else { Json::Object(kept) }
        }
        Json::Array(parts) => {
            let parts: Vec<Json> = parts.iter().map(flags).collect();
            if parts.iter().all(Json::is_null) { Json::Null } else { Json::Array(parts) }
        }
        Json::Bool(false) => Json::Null,
        other => other.clone(),
    }
}

/// Hides what a structure of flags names: our views never show secrets.
pub(super) fn hidden(value: &Json, flags: &Json) -> Json {
    match (value, flags) {
        (_, Json::Bool(true)) => Json::Null,
        (Json::Object(fields), Json::Object(flags)) => fields
            .iter()
            .map(|(name, part)| (name.clone(), hidden(part, flags.get(name).unwrap_or(&Json::Null))))
            .collect(),
        (Json::Array(parts), Json::Array(flags)) => parts
            .iter()
            .zip(flags.iter().chain(std::iter::repeat(&Json::Null)))
            .map(|(part, flag)| hidden(part, flag))
            .collect(),
        (other, _) => other.clone(),
    }
}
