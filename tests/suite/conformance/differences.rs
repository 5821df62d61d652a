//! The cases that go another way on purpose.

#![expect(clippy::indexing_slicing, reason = "recorded cases have a known form")]

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value as Json;

/// One case that goes another way on purpose.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    /// The recorded cases it belongs to.
    pub(crate) corpus: String,
    /// The case.
    pub(crate) id: String,
    /// The reason, one sentence.
    pub(crate) why: String,
    /// The result that is expected instead, in the form of the corpus's harness.
    pub(crate) expect: Json,
}

/// The cases of one corpus that go another way on purpose.
#[derive(Debug)]
pub(crate) struct Differences {
    open: BTreeMap<String, Difference>,
    wrong: Vec<String>,
    counted: usize,
}

/// Reads the file: one JSON object a line, `corpus`, `id`, `why` and `expect`.
pub(super) fn all() -> Vec<Difference> {
    let text = fs::read_to_string(super::directory().join("differences.jsonl")).unwrap();
    let read = |line: &str| {
        let row: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let field = |name: &str| row[name].as_str().unwrap_or_else(|| panic!("`{name}`: {line}")).to_owned();
        Difference {
            corpus: field("corpus"),
            id: field("id"),
            why: field("why"),
            expect: row["expect"].clone(),
        }
    };
    text.lines().map(read).collect()
}

impl Differences {
    /// The cases of one corpus.
    pub(crate) fn of(corpus: &str) -> Self {
        let listed = all().into_iter().filter(|row| row.corpus == corpus);
        let open: BTreeMap<String, Difference> = listed.map(|row| (row.id.clone(), row)).collect();
        Self { open, wrong: Vec::new(), counted: 0 }
    }

    /// Settles a case whose result is `found` if it is listed, and returns whether it is: such a case is not
    /// counted among those that agree or do not.
    pub(crate) fn settle(&mut self, id: &str, found: &Json) -> bool {
        let Some(row) = self.open.remove(id) else { return false };
        self.counted += 1;
        if row.expect != *found {
            self.wrong.push(format!("{id}: expected instead {}, found {found}", row.expect));
        }
        true
    }

    /// Returns how many cases were settled; all that are listed must have been, with the expected result.
    #[track_caller]
    pub(crate) fn finish(self) -> usize {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        let open: Vec<&String> = self.open.keys().collect();
        assert!(open.is_empty(), "listed, but no such case: {open:?}");
        self.counted
    }
}
