//! Columns: how wide texts are, and how they are put on lines.

use unicode_width::UnicodeWidthChar as _;

/// Narrower views are drawn as if they had this width: addresses must fit.
const NARROWEST: usize = 40;

/// How wide lines may be.
#[must_use]
pub(in crate::render) fn room(width: usize, indent: usize) -> usize {
    width.max(NARROWEST).saturating_sub(indent).max(16)
}

/// Returns how many columns a text takes. Colours take none.
#[must_use]
pub(super) fn columns(text: &str) -> usize {
    let mut columns = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A colour ends with its letter.
            chars.by_ref().find(|c| *c == 'm');
        } else {
            columns += c.width().unwrap_or(0);
        }
    }
    columns
}

/// Returns a text filled up to a width, to the right or to the left.
#[must_use]
pub(super) fn pad(text: &str, width: usize, right: bool) -> String {
    let fill = " ".repeat(width.saturating_sub(columns(text)));
    if right { format!("{fill}{text}") } else { format!("{text}{fill}") }
}

/// Returns a text broken at its spaces. A word that is too long stays whole.
#[must_use]
pub(in crate::render) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let wide = columns(word);
        let Some(line) = lines.last_mut() else { break };
        if used > 0 && used + 1 + wide > room {
            lines.push(word.to_owned());
            used = wide;
        } else {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += wide;
        }
    }
    lines
}

/// Puts items on lines, three spaces apart, as many on each as fit.
#[must_use]
pub(super) fn flow(items: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for item in items {
        let wide = columns(item);
        match lines.last_mut() {
            Some(line) if used + 3 + wide <= room => {
                line.push_str("   ");
                line.push_str(item);
                used += 3 + wide;
            }
            _ => {
                lines.push(item.clone());
                used = wide;
            }
        }
    }
    lines
}

/// Returns a text of at most so many columns; what is left out is marked.
#[must_use]
pub(super) fn cut(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > most {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

/// `1 object`, `2 objects`.
#[must_use]
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(number)) }
}

/// A number with its thousands apart: `18,204`.
#[must_use]
pub(super) fn grouped(number: usize) -> String {
    crate::value::grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns_and_colours_none() {
        assert_eq!(columns("日本"), 4);
        assert_eq!(columns("\u{1b}[31mred\u{1b}[0m"), 3);
        assert_eq!(pad("日本", 6, false), "日本  ");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn lines_are_broken_between_items() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("extraordinarily long", 5), ["extraordinarily", "long"]);
        let items = ["a = 1".to_owned(), "b = 2".to_owned(), "c = 3".to_owned()];
        assert_eq!(flow(&items, 13), ["a = 1   b = 2", "c = 3"]);
        assert!(flow(&[], 10).is_empty());
    }
}
