//! Where a heredoc starts and which line ends it.

use super::scan::ident_end;
use super::steps;

/// The opening of a heredoc: the offsets of its marker and of its first line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub marker: (usize, usize),
    pub end: usize,
}

/// Reads `<<NAME` or `<<-NAME` with its line end at `start`.
///
/// Nothing may stand between the parts. Anything else is no heredoc but two `<`, which the
/// parser refuses with a better message than the lexer could give.
pub(super) fn opening(text: &str, start: usize) -> Option<Opening> {
    let bytes = text.as_bytes();
    let mut name = start + 2;
    if bytes.get(name) == Some(&b'-') {
        name += 1;
    }
    let end = ident_end(text, name)?;
    steps::count(end - start);
    let line_end = match bytes.get(end..) {
        Some([b'\n', ..]) => end + 1,
        Some([b'\r', b'\n', ..]) => end + 2,
        _ => return None,
    };
    Some(Opening { marker: (name, end), end: line_end })
}

/// Returns the end of the marker's token if `start..line_end` (line end included) is the
/// closing line: nothing but the marker and white space.
pub(super) fn closing(text: &str, marker: (usize, usize), start: usize, line_end: usize) -> Option<usize> {
    steps::count(line_end - start);
    let line = text.get(start..line_end)?;
    let line = line.strip_suffix('\n')?;
    let line = line.strip_suffix('\r').unwrap_or(line);
    let marker = text.get(marker.0..marker.1)?;
    // Cheap refusal first: a marker can be long, and every line of the heredoc comes here.
    (line.len() >= marker.len() && line.trim() == marker).then_some(start + line.len())
}
