//! Text as the language keeps it.

use std::sync::Arc;

use unicode_normalization::IsNormalized;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::is_nfc_quick;
use unicode_segmentation::UnicodeSegmentation;

/// Returns a text in Unicode normal form C, which all strings of the language have.
pub fn normalise(text: impl Into<Arc<str>>) -> Arc<str> {
    let text = text.into();
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    text.nfc().collect::<String>().into()
}

/// Returns the part of a text that stays the same whatever is appended: its last character may combine with
/// what follows and is left out, unless it is one of the delimiters that never do.
#[must_use]
pub fn known_prefix(text: &str) -> Option<Arc<str>> {
    const DELIMITERS: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    const MOST_BYTES: usize = 128;
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = normalise(text.get(..end).unwrap_or_default());
    let (last, _) = text.grapheme_indices(true).next_back().map(|(start, last)| (last, start))?;
    let mut chars = last.chars();
    let is_delimiter =
        matches!((chars.next(), chars.next()), (Some(only), None) if DELIMITERS.contains(only));
    let kept = if is_delimiter { &*text } else { text.get(..text.len() - last.len()).unwrap_or_default() };
    (!kept.is_empty()).then(|| kept.into())
}
