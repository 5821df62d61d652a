//! Files of addresses: `--target-file` and `--exclude-file`.

use std::path::Path;

use crate::addr::Pattern;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::source::Span;
use crate::source::read_at_most;

/// Larger files are no lists of addresses.
const LIMIT: u64 = 64 * 1024 * 1024;

/// The addresses of files, with what is wrong with them.
#[derive(Debug, Default)]
pub struct AddressFiles {
    /// The addresses, in their order.
    pub patterns: Vec<Pattern>,
    /// What is wrong with the files.
    pub diagnostics: Diagnostics,
    /// The files, so that findings can quote them.
    pub sources: SourceMap,
}

impl AddressFiles {
    /// Reads one file more: one address a line; what is behind `#` is a comment.
    pub fn read(&mut self, path: &Path) {
        let shown = path.display().to_string();
        let text = read_at_most(path, LIMIT).and_then(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not a text"))
        });
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                self.diagnostics.push(
                    Diagnostic::error(Code::FileAccess, format!("cannot read `{shown}`: {error}"))
                        .hint("name a file with one address a line"),
                );
                return;
            }
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        let source = self.sources.add(shown, text.clone());
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            self.line(source, at, line);
            at += line.len();
        }
    }

    fn line(&mut self, source: SourceId, at: usize, line: &str) {
        let text = without_comment(line);
        let address = text.trim();
        if address.is_empty() {
            return;
        }
        let start = at + (text.len() - text.trim_start().len());
        let position = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span::new(source, position(start), position(start + address.len()));
        match address.parse::<Pattern>() {
            Ok(pattern) => self.patterns.push(pattern),
            Err(error) => self.diagnostics.push(
                Diagnostic::error(Code::InvalidTarget, error.to_string())
                    .at(span, "")
                    .hint("write one address a line, such as `dms_rocketmq_topic.topic[\"orders\"]`; `#` begins a comment"),
            ),
        }
    }
}

/// Returns a line without what is behind `#`, unless that stands in a key.
fn without_comment(line: &str) -> &str {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (position, c) in line.char_indices() {
        match c {
            '#' if !is_quoted => return line.get(..position).unwrap_or_default(),
            '"' if !is_escaped => is_quoted = !is_quoted,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_end_lines_and_not_keys() {
        for (line, expected) in [
            ("a.b # why", "a.b "),
            ("# all of it", ""),
            ("a.b[\"x#y\"] # why", "a.b[\"x#y\"] "),
            ("a.b[\"x\\\"#y\"]#", "a.b[\"x\\\"#y\"]"),
            ("a.b", "a.b"),
        ] {
            assert_eq!(without_comment(line), expected);
        }
    }

    #[test]
    fn mistakes_are_shown_where_they_stand() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        std::fs::write(&path, "\u{feff}# topics\r\na.b\r\n\n  module.m[*]  # teams\n  a.b[\"x\n").unwrap();
        let mut files = AddressFiles::default();
        files.read(&path);
        files.read(&directory.path().join("nothing"));
        let found: Vec<String> = files.patterns.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["a.b", "module.m[\"*\"]"]);
        let mut found = files.diagnostics.iter();
        let label = found.next().and_then(|item| item.labels.first()).unwrap();
        assert_eq!(files.sources.snippet(label.span), "a.b[\"x");
        assert_eq!(found.next().map(|item| item.code), Some(Code::FileAccess));
    }
}
