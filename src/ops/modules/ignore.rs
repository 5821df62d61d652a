//! `.queueformignore`: which files of a directory are left alone.
//!
//! The patterns are those of `.gitignore`: one on a line, `#` for remarks, `!` to take a pattern back, a slash at
//! the end for directories alone, a slash elsewhere to tie the pattern to the directory of the file, `*`, `?`,
//! `[…]` and `**`.

use std::path::Path;

/// The name of the file.
pub(crate) const FILE: &str = ".queueformignore";

/// What is left alone even if no file says so.
const ALWAYS: [&str; 2] = [".git", ".queueform"];

/// The patterns of one directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ignored {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    parts: Vec<String>,
    is_negated: bool,
    directories_only: bool,
}

impl Ignored {
    /// Reads the file of a directory; without one, nothing is left alone but what always is.
    pub(crate) fn of(directory: &Path) -> Self {
        std::fs::read_to_string(directory.join(FILE)).map(|text| Self::parse(&text)).unwrap_or_default()
    }

    /// Reads patterns.
    pub(crate) fn parse(text: &str) -> Self {
        Self { patterns: text.lines().filter_map(Pattern::parse).collect() }
    }

    /// Returns true if a file or directory is left alone; its path is relative, with `/`. What lies in a directory
    /// that is left alone is not asked for.
    pub(crate) fn covers(&self, path: &str, is_directory: bool) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        if parts.last().is_some_and(|name| ALWAYS.contains(name)) {
            return true;
        }
        self.patterns
            .iter()
            .rev()
            .find(|pattern| (is_directory || !pattern.directories_only) && matches(&pattern.parts, &parts))
            .is_some_and(|pattern| !pattern.is_negated)
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (is_negated, line) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let line = line.strip_prefix('\\').unwrap_or(line);
        let (directories_only, line) = match line.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let mut parts: Vec<String> =
            line.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        if parts.is_empty() {
            return None;
        }
        if !line.contains('/') {
            parts.insert(0, "**".to_owned());
        }
        Some(Self { parts, is_negated, directories_only })
    }
}

/// Matches the parts of a path; `**` stands for any number of them.
fn matches(pattern: &[String], path: &[&str]) -> bool {
    // Which beginnings of the path are matched by the pattern so far: no going back and forth.
    let mut reached: Vec<bool> = (0..=path.len()).map(|length| length == 0).collect();
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        let mut any = false;
        for (length, place) in next.iter_mut().enumerate() {
            let here = reached.get(length).copied().unwrap_or_default();
            if part == "**" {
                any |= here;
                *place = any;
            } else {
                let before = length.checked_sub(1);
                let name = before.and_then(|before| path.get(before));
                *place = before.and_then(|before| reached.get(before)).copied().unwrap_or_default()
                    && name.is_some_and(|name| matches_name(part, name));
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// Matches one name: `*`, `?` and `[…]`.
fn matches_name(pattern: &str, name: &str) -> bool {
    let pattern: Vec<Piece> = pieces(pattern);
    let name: Vec<char> = name.chars().collect();
    let mut reached: Vec<bool> = (0..=name.len()).map(|length| length == 0).collect();
    for piece in &pattern {
        let mut next = vec![false; name.len() + 1];
        let mut any = false;
        for (length, place) in next.iter_mut().enumerate() {
            if matches!(piece, Piece::Many) {
                any |= reached.get(length).copied().unwrap_or_default();
                *place = any;
            } else if let Some(before) = length.checked_sub(1) {
                *place = reached.get(before).copied().unwrap_or_default()
                    && name.get(before).is_some_and(|c| piece.takes(*c));
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

enum Piece {
    Exactly(char),
    One,
    Many,
    Class { ranges: Vec<(char, char)>, is_negated: bool },
}

impl Piece {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Exactly(own) => *own == c,
            Self::One | Self::Many => true,
            Self::Class { ranges, is_negated } => {
                ranges.iter().any(|(first, last)| *first <= c && c <= *last) != *is_negated
            }
        }
    }
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(match c {
            '*' => Piece::Many,
            '?' => Piece::One,
            '\\' => Piece::Exactly(rest.next().unwrap_or('\\')),
            '[' => {
                let is_negated = rest.next_if(|c| matches!(c, '!' | '^')).is_some();
                let mut ranges = Vec::new();
                while let Some(first) = rest.next_if(|c| *c != ']') {
                    let last = if rest.next_if_eq(&'-').is_some() {
                        rest.next_if(|c| *c != ']').unwrap_or(first)
                    } else {
                        first
                    };
                    ranges.push((first, last));
                }
                rest.next_if_eq(&']');
                Piece::Class { ranges, is_negated }
            }
            other => Piece::Exactly(other),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(patterns: &str, path: &str, expected: bool) {
        let found = Ignored::parse(patterns);
        let directory = path.strip_suffix('/');
        assert_eq!(
            found.covers(directory.unwrap_or(path), directory.is_some()),
            expected,
            "{patterns:?} {path}"
        );
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        check("", "a", false);
        check("", ".git/", true);
        check("", "x/.queueform/", true);
        check("*.txt", "a.txt", true);
        check("*.txt", "x/y/a.txt", true);
        check("/*.txt", "x/a.txt", false);
        check("/*.txt", "a.txt", true);
        check("x/*.txt", "x/a.txt", true);
        check("x/*.txt", "y/x/a.txt", false);
        check("x/**/a", "x/a", true);
        check("x/**/a", "x/1/2/a", true);
        check("**/a", "1/a", true);
        check("tests/", "tests/", true);
        check("tests/", "tests", false);
        check("tests/", "x/tests/", true);
        check("# a\n\na", "a", true);
        check("*.hcl\n!main.qf.hcl", "main.qf.hcl", false);
        check("*.hcl\n!main.qf.hcl", "b.qf.hcl", true);
        check("a?c", "abc", true);
        check("a[0-9]", "a7", true);
        check("a[!0-9]", "a7", false);
        check("\\#a", "#a", true);
        check("\\!a", "!a", true);
    }

    #[test]
    fn long_patterns_take_no_time() {
        check(&"*a".repeat(2000), &"a".repeat(1000), false);
        check(&"**/".repeat(2000), &"a/".repeat(500), true);
    }
}
