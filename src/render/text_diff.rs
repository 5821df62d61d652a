//! Differences between two versions of a text.

use std::fmt;
use std::fmt::Write;

use similar::ChangeTag;
use similar::TextDiff;

use super::Look;

/// Lines of context around a difference.
const CONTEXT: usize = 3;

/// Writes the differences between two versions of a file as a unified diff; nothing if there are none.
///
/// # Errors
/// If the writer fails.
pub fn unified(out: &mut dyn Write, name: &str, before: &str, after: &str, look: Look) -> fmt::Result {
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    unified.context_radius(CONTEXT);
    let (red, green, reset) =
        if look.colour { ("\u{1b}[31m", "\u{1b}[32m", "\u{1b}[0m") } else { ("", "", "") };
    let mut first = true;
    for hunk in unified.iter_hunks() {
        if first {
            writeln!(out, "--- old/{name}\n+++ new/{name}")?;
            first = false;
        }
        writeln!(out, "{}", hunk.header())?;
        for change in hunk.iter_changes() {
            let (sign, colour) = match change.tag() {
                ChangeTag::Delete => ('-', red),
                ChangeTag::Insert => ('+', green),
                ChangeTag::Equal => (' ', ""),
            };
            let end = if colour.is_empty() { "" } else { reset };
            let line = change.value();
            writeln!(out, "{colour}{sign}{}{end}", line.trim_end_matches(['\n', '\r']))?;
            if !line.ends_with('\n') {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_their_surroundings() {
        let mut out = String::new();
        unified(&mut out, "a.qf.hcl", "1\n2\n3\n4\n5\n6\nx=1\n", "1\n2\n3\n4\n5\n6\nx = 1", Look::plain())
            .unwrap();
        insta::assert_snapshot!(out);
        let mut none = String::new();
        unified(&mut none, "a", "x\n", "x\n", Look::plain()).unwrap();
        assert_eq!(none, "");
    }
}
