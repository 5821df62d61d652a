//! The lock object: who may write, since which epoch, and which segments of the journal count.
//!
//! It is only ever replaced by a conditional write on the version that was read, so each of its versions follows
//! from exactly one other. It is never removed: epochs must not begin again.

use serde::Deserialize;
use serde::Serialize;

use crate::state::store::Holder;

/// The content of the lock object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of this form.
    pub(super) format: u32,
    /// Grows by one with each session: the fencing token.
    pub(super) epoch: u64,
    /// Who holds the lock; none if it is free.
    pub(super) holder: Option<Holder>,
    /// For how many milliseconds after a version appeared its holder may go on.
    pub(super) lease: u64,
    /// Counts the versions of one session, so that no two are equal.
    pub(super) beat: u64,
    /// Whether the last session ended without a write whose end it did not learn.
    pub(super) clean: bool,
    /// The segments that count, in order.
    pub(super) journal: Vec<Range>,
}

/// Consecutive segments of one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Range {
    /// The epoch of their writer.
    pub(super) epoch: u64,
    /// The number of the first one.
    pub(super) first: u64,
    /// The number behind the last one; none as long as their writer adds to them.
    pub(super) end: Option<u64>,
    /// How many bytes of the last one count; none if all do.
    pub(super) cut: Option<u64>,
}

pub(super) const FORMAT: u32 = 1;

impl Range {
    pub(super) fn open(epoch: u64, first: u64) -> Self {
        Self { epoch, first, end: None, cut: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.end.is_some_and(|end| end <= self.first)
    }
}

impl Manifest {
    /// Returns the lock of a state that nobody has locked yet. The first epoch is the time in seconds: should the lock
    /// object be removed with its state and made again, epochs go on to grow.
    pub(super) fn first(seconds: u64) -> Self {
        Self {
            format: FORMAT,
            epoch: seconds,
            holder: None,
            lease: 0,
            beat: 0,
            clean: true,
            journal: Vec::new(),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let Version { format } =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no lock of a state ({error})"))?;
        if format > FORMAT {
            return Err("a newer version of Queueform wrote it".to_owned());
        }
        serde_json::from_slice(bytes).map_err(|error| format!("it is damaged ({error})"))
    }

    pub(super) fn text(&self) -> Vec<u8> {
        // Numbers, texts and lists have a JSON form in every case.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }
}

/// How a stamp begins a line at the end of a snapshot.
const NEWLINE: u8 = b'\n';

/// Adds a line of blanks to a document that no other version of the state has: the epoch and a counter in spaces and tabs.
///
/// Services derive the tag of a version from its content, so equal contents have equal tags, and a condition on the tag
/// could not tell a late write of an earlier session from what it must not replace. Blanks at the end of a JSON document
/// mean nothing to anybody.
pub(super) fn stamped(document: &[u8], epoch: u64, count: u64) -> Vec<u8> {
    let document = unstamped(document);
    let mut bytes = document.to_vec();
    if !document.ends_with(&[NEWLINE]) {
        bytes.push(NEWLINE);
    }
    let digits = format!("{epoch:b}2{count:b}");
    bytes.extend(digits.bytes().flat_map(|digit| match digit {
        b'0' => [b' ', b' '],
        b'1' => [b' ', b'\t'],
        _ => [b'\t', b' '],
    }));
    bytes
}

/// Returns a document without its stamp; empty if there is only the stamp.
pub(super) fn unstamped(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == NEWLINE).map_or(0, |at| at + 1);
    let (document, stamp) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    if stamp.iter().all(|byte| matches!(byte, b' ' | b'\t')) { document } else { bytes }
}

/// Returns the document of a snapshot; none if only a stamp stands in its place.
pub(super) fn document(bytes: &[u8]) -> Option<Vec<u8>> {
    let document = unstamped(bytes);
    let is_there = !document.iter().all(u8::is_ascii_whitespace);
    is_there.then(|| document.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_make_versions_and_change_nothing_else() {
        for text in ["{}", "{}\n", "{\n  \"a\": 1\n}\n", "", "\n"] {
            let mut seen = Vec::new();
            for (epoch, count) in
                [(0, 0), (0, 1), (1, 0), (2, 1), (1, 2), (1_763_000_000, 3), (10, 1), (1, 5)]
            {
                let stamped = stamped(text.as_bytes(), epoch, count);
                assert!(!seen.contains(&stamped), "{epoch} {count}");
                let kept = String::from_utf8(unstamped(&stamped).to_vec()).unwrap();
                assert_eq!(kept.trim_end(), text.trim_end());
                assert_eq!(document(&stamped).is_some(), !text.trim().is_empty());
                seen.push(stamped);
            }
            // A new stamp replaces the one before.
            let twice = stamped(&seen[3], 9, 9);
            assert_eq!(twice, stamped(text.as_bytes(), 9, 9));
        }
    }

    #[test]
    fn documents_without_a_stamp_stay_as_they_are() {
        for text in ["{\"a\": 1}", "{\"a\": 1}\n", "{\n \t\"a\": 1}"] {
            assert_eq!(unstamped(text.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn lock_objects_are_read_as_they_were_written() {
        let mut manifest = Manifest::first(1_763_000_000);
        manifest.holder = Some(Holder { id: "run".into(), ..Holder::default() });
        manifest.journal = vec![Range { epoch: 3, first: 1, end: Some(4), cut: Some(10) }, Range::open(4, 0)];
        assert_eq!(Manifest::parse(&manifest.text()).unwrap(), manifest);
        assert!(Manifest::parse(b"{\"format\": 2}").unwrap_err().contains("newer version"));
        assert!(Manifest::parse(b"").unwrap_err().contains("no lock"));
    }
}
