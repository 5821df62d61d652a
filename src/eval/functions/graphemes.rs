//! Grapheme clusters as the string functions count them.
//!
//! The rules of Unicode 15.0, in which an Indic consonant after a virama starts a cluster of its own; later
//! versions join the two, and lengths of existing texts must not change with the library.

use unicode_segmentation::UnicodeSegmentation;

/// Returns the clusters of a text.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(|cluster| Split { rest: Some(cluster) })
}

/// Returns how many clusters a text has.
pub(super) fn count(text: &str) -> usize {
    clusters(text).count()
}

struct Split<'t> {
    rest: Option<&'t str>,
}

impl<'t> Iterator for Split<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let text = self.rest?;
        let joint = text.char_indices().skip(1).find(|(_, c)| is_conjunct_consonant(*c));
        let Some((head, tail)) = joint.and_then(|(at, _)| text.split_at_checked(at)) else {
            self.rest = None;
            return Some(text);
        };
        self.rest = Some(tail);
        Some(head)
    }
}

/// Consonants that later rules join to a preceding virama.
fn is_conjunct_consonant(c: char) -> bool {
    matches!(
        u32::from(c),
        0x0915..=0x0939 | 0x0958..=0x095F | 0x0978..=0x097F
        | 0x0995..=0x09A8 | 0x09AA..=0x09B0 | 0x09B2 | 0x09B6..=0x09B9 | 0x09DC..=0x09DD | 0x09DF
        | 0x09F0..=0x09F1
        | 0x0A95..=0x0AA8 | 0x0AAA..=0x0AB0 | 0x0AB2..=0x0AB3 | 0x0AB5..=0x0AB9 | 0x0AF9
        | 0x0B15..=0x0B28 | 0x0B2A..=0x0B30 | 0x0B32..=0x0B33 | 0x0B35..=0x0B39 | 0x0B5C..=0x0B5D | 0x0B5F
        | 0x0B71
        | 0x0C15..=0x0C28 | 0x0C2A..=0x0C39 | 0x0C58..=0x0C5A
        | 0x0D15..=0x0D3A
    )
}
