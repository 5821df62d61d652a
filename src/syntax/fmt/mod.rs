//! The formatter: one canonical layout for HCL files, the same as `terraform fmt`.
//!
//! Works on the token stream, not on the tree: it moves white space and leaves every other byte
//! alone, so comments, escapes and number notations survive. The exceptions are the few rewrites
//! of outdated notation in `rewrite`. Two results differ from Terraform's on purpose: comments
//! between labels are kept, and a template sequence that spans lines of a heredoc does not move the
//! lines behind the heredoc to the left. Line ends stay as they are, a byte order mark goes, spaces
//! in a last line without an end stay, and no final line end is added (`fmt -`, which writes to standard output, has to add it).
//!
//! Must not know: what names mean, files, the command line.

#![expect(
    clippy::indexing_slicing,
    reason = "lines and cells are ranges of the pieces they were cut from; random input tests this"
)]

mod layout;
mod line;
mod piece;
mod rewrite;
mod spacing;
#[cfg(test)]
mod tests;

use crate::diag::Checked;
use crate::source::SourceId;

use super::parse::parse_file;
use piece::Piece;

/// Formats a file. A file with syntax errors is refused with the parser's findings.
pub fn format(source: SourceId, text: &str) -> Checked<String> {
    let parsed = parse_file(source, text);
    if parsed.output.is_none() || parsed.diagnostics.has_errors() {
        return Checked::failed(parsed.diagnostics);
    }
    Checked::with(format_valid(text), parsed.diagnostics)
}

/// Formats text that is known to be free of syntax errors, such as generated configuration.
///
/// On any other text the result has the same tokens in the same order, in a layout that means
/// little.
pub fn format_valid(text: &str) -> String {
    let mut pieces = rewrite::rewrite(&Piece::of(text));
    let lines = line::lines(&pieces);
    layout::indent(&mut pieces, &lines);
    spacing::space(&mut pieces, &lines);
    layout::align(&mut pieces, &lines);
    let mut out = piece::write(&pieces, text.len());
    out.extend(std::iter::repeat_n(' ', piece::behind(text)));
    out
}
