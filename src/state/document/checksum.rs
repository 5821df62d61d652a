//! The checksum of a state document, so that damage is noticed which leaves it well-formed JSON.
//!
//! It covers the document without white space outside of texts: other tools may lay it out anew. Those that leave out
//! what they do not know leave out the checksum, too.

use sha2::Digest as _;
use sha2::Sha256;

use crate::state::forms::hex;
use crate::state::json;

/// The key under `queueform`.
pub(super) const KEY: &str = "sha256";

/// What stands in the place of the checksum while it is worked out.
pub(super) const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Fills in the checksum of a document that has a blank one at this place.
pub(super) fn fill(text: &mut String, at: usize) {
    let sum = hex(&Sha256::digest(json::compact(text)));
    text.replace_range(at..at + BLANK.len(), &sum);
}

/// Whether a document is the one that was given a checksum.
pub(super) fn holds(bytes: &[u8], sum: &str) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut compact = json::compact(text);
    let given = entry(sum);
    let Some(at) = compact.rfind(&given) else { return false };
    compact.replace_range(at..at + given.len(), &entry(BLANK));
    hex(&Sha256::digest(&compact)) == sum
}

fn entry(sum: &str) -> String {
    format!("\"{KEY}\":\"{sum}\"")
}
