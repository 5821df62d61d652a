//! Regular expressions: RE2 syntax, in which `\d`, `\w`, `\s` and `\b` mean ASCII, on top of the `regex` crate.
//!
//! A pattern is checked and rewritten before it is compiled: the two dialects differ in what classes may hold,
//! in the names of groups and in which mistakes are refused. Knows nothing of values.

use crate::eval::limits::LONGEST_TEXT;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use regex::Captures;
use regex::Regex;

/// Repetitions beyond this are refused.
const MAX_REPEAT: u32 = 1000;

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PatternError {
    /// The kind of mistake.
    pub(super) problem: &'static str,
    /// The part of the pattern that is at fault.
    pub(super) part: String,
}

fn error<T>(problem: &'static str, part: impl Into<String>) -> Result<T, PatternError> {
    Err(PatternError { problem, part: part.into() })
}

/// A compiled pattern and the names of its groups.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// One per group; empty for groups without name.
    pub(super) groups: Vec<String>,
}

thread_local! {
    /// Patterns compiled before: the same few are used for every object, and compiling one costs thousands of
    /// times as much as using it.
    static COMPILED: RefCell<BTreeMap<String, Rc<Pattern>>> = const { RefCell::new(BTreeMap::new()) };
}

/// How many patterns are remembered; with more, all are forgotten.
const REMEMBERED: usize = 256;

impl Pattern {
    /// Returns the compiled form of a pattern.
    pub(super) fn of(pattern: &str) -> Result<Rc<Self>, PatternError> {
        if let Some(compiled) = COMPILED.with_borrow(|compiled| compiled.get(pattern).cloned()) {
            return Ok(compiled);
        }
        let new = Rc::new(Self::new(pattern)?);
        COMPILED.with_borrow_mut(|compiled| {
            if compiled.len() >= REMEMBERED {
                compiled.clear();
            }
            compiled.insert(pattern.to_owned(), Rc::clone(&new));
        });
        Ok(new)
    }

    /// Compiles a pattern.
    fn new(pattern: &str) -> Result<Self, PatternError> {
        let mut rewrite =
            Rewrite { pattern, at: 0, out: String::new(), groups: Vec::new(), open: Vec::new() };
        rewrite.all()?;
        let regex = Regex::new(&rewrite.out).map_err(|failure| PatternError {
            problem: match failure {
                regex::Error::CompiledTooBig(_) => "expression too large",
                _ => "invalid syntax",
            },
            part: pattern.to_owned(),
        })?;
        Ok(Self { regex, groups: rewrite.groups })
    }

    /// Returns the first match with its groups.
    pub(super) fn first<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.regex.captures(text)
    }

    /// Returns all matches with their groups.
    pub(super) fn all<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> {
        self.regex.captures_iter(text)
    }

    /// Replaces all matches, unless the result would be too long; `$1`, `${1}` and `$name` in the replacement stand for groups, `$$` for `$`.
    pub(super) fn replace_all(&self, text: &str, template: &str) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for captures in self.regex.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            out.push_str(text.get(end..whole.start()).unwrap_or(""));
            self.expand(template, &captures, &mut out);
            end = whole.end();
            if out.len() > LONGEST_TEXT {
                return None;
            }
        }
        out.push_str(text.get(end..).unwrap_or(""));
        Some(out)
    }

    fn expand(&self, template: &str, captures: &Captures<'_>, out: &mut String) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if let Some(tail) = after.strip_prefix('$') {
                out.push('$');
                rest = tail;
                continue;
            }
            let (name, tail) = match after.strip_prefix('{') {
                Some(braced) => match braced.split_once('}') {
                    Some((name, tail)) if name.chars().all(is_name) && !name.is_empty() => (name, tail),
                    _ => ("", after),
                },
                None => after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len())),
            };
            if name.is_empty() {
                // Not a reference: the dollar sign stands for itself.
                out.push('$');
                rest = after;
                continue;
            }
            rest = tail;
            let number = if name.bytes().all(|byte| byte.is_ascii_digit())
                && (name == "0" || !name.starts_with('0'))
            {
                name.parse().ok()
            } else {
                self.groups.iter().position(|group| group == name).map(|position| position + 1)
            };
            if let Some(found) = number.and_then(|number| captures.get(number)) {
                out.push_str(found.as_str());
            }
        }
        out.push_str(rest);
    }
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Walks a pattern and writes it in the other dialect.
struct Rewrite<'p> {
    pattern: &'p str,
    at: usize,
    out: String,
    groups: Vec<String>,
    /// Where the groups that are still open start.
    open: Vec<usize>,
}

/// What a repetition operator would apply to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing: the start, or after `(` or `|`.
    Nothing,
    /// Something that can be repeated.
    Item,
    /// A repetition that started there.
    Repetition(usize),
}

impl<'p> Rewrite<'p> {
    fn rest(&self) -> &'p str {
        self.pattern.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn since(&self, start: usize) -> &'p str {
        self.pattern.get(start..self.at).unwrap_or("")
    }

    fn all(&mut self) -> Result<(), PatternError> {
        let mut before = Before::Nothing;
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '(' => {
                    before = self.group()?;
                    continue;
                }
                ')' => {
                    if self.open.pop().is_none() {
                        return error("unexpected )", self.pattern);
                    }
                    before = Before::Item;
                }
                '|' => before = Before::Nothing,
                '*' | '+' | '?' => {
                    self.at += 1;
                    before = self.repetition(before, start)?;
                    continue;
                }
                '{' if self.counted().is_some() => {
                    let (length, low, high) = self.counted().unwrap_or((1, 0, None));
                    self.at += length;
                    let over = low > MAX_REPEAT || high.is_some_and(|high| high > MAX_REPEAT || high < low);
                    if over {
                        return error("invalid repeat count", self.since(start));
                    }
                    before = self.repetition(before, start)?;
                    continue;
                }
                '[' => {
                    self.class()?;
                    before = Before::Item;
                    continue;
                }
                '\\' => {
                    before = self.escape()?;
                    continue;
                }
                '{' | '}' | ']' => {
                    self.out.push('\\');
                    before = Before::Item;
                }
                _ => before = Before::Item,
            }
            self.out.push(c);
            self.at += c.len_utf8();
        }
        if self.open.is_empty() { Ok(()) } else { error("missing closing )", self.pattern) }
    }

    /// Writes the repetition that starts at `start` and was just read, with its `?` if one follows.
    fn repetition(&mut self, before: Before, start: usize) -> Result<Before, PatternError> {
        if self.peek() == Some('?') {
            self.at += 1;
        }
        match before {
            Before::Nothing => error("missing argument to repetition operator", self.since(start)),
            Before::Repetition(first) => error("invalid nested repetition operator", self.since(first)),
            Before::Item => {
                let text = self.since(start);
                self.out.push_str(text);
                Ok(Before::Repetition(start))
            }
        }
    }

    /// The length and the limits of `{n}`, `{n,}` or `{n,m}` at hand; anything else stands for itself.
    fn counted(&self) -> Option<(usize, u32, Option<u32>)> {
        let (inner, _) = self.rest().strip_prefix('{')?.split_once('}')?;
        let (low, high) = match inner.split_once(',') {
            Some((low, high)) => (low, Some(high)),
            None => (inner, None),
        };
        let count = |text: &str| {
            let plain = !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && (text == "0" || !text.starts_with('0'));
            plain.then(|| text.parse().unwrap_or(u32::MAX))
        };
        let low = count(low)?;
        let high = match high {
            None => Some(low),
            Some("") => None,
            Some(high) => Some(count(high)?),
        };
        Some((inner.len() + 2, low, high))
    }

    fn group(&mut self) -> Result<Before, PatternError> {
        let start = self.at;
        let rest = self.rest();
        let Some(special) = rest.strip_prefix("(?") else {
            self.groups.push(String::new());
            self.open.push(start);
            self.out.push('(');
            self.at += 1;
            return Ok(Before::Nothing);
        };
        if let Some(named) = special.strip_prefix("P<").or_else(|| special.strip_prefix('<'))
            && !named.starts_with(['=', '!'])
        {
            let Some((name, _)) = named.split_once('>') else {
                return error("invalid named capture", rest);
            };
            let length = rest.len() - named.len() + name.len() + 1;
            let text = rest.get(..length).unwrap_or(rest);
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return error("invalid named capture", text);
            }
            self.groups.push(name.to_owned());
            self.open.push(start);
            self.out.push('(');
            self.at += length;
            return Ok(Before::Nothing);
        }
        let end = special.find(|c: char| !matches!(c, 'i' | 'm' | 's' | 'U' | '-')).unwrap_or(special.len());
        let (flags, tail) = special.split_at(end);
        let close = tail.chars().next();
        let length = 2 + end + 1;
        let text = rest.get(..length).unwrap_or(rest);
        let wellformed = flags.matches('-').count() <= 1 && !flags.ends_with('-');
        match close {
            Some(':') if wellformed => {
                self.open.push(start);
                self.out.push_str(text);
                self.at += length;
                Ok(Before::Nothing)
            }
            Some(')') if wellformed && !flags.is_empty() => {
                self.out.push_str(text);
                self.at += length;
                Ok(Before::Nothing)
            }
            None => error("missing closing )", self.pattern),
            Some(_) => {
                let width = 2 + end + close.map_or(0, char::len_utf8);
                error("invalid or unsupported Perl syntax", rest.get(..width).unwrap_or(rest))
            }
        }
    }

    fn push_char(&mut self, c: char) {
        // Writing to a string cannot fail.
        let _written = write!(self.out, "\\x{{{:x}}}", u32::from(c));
    }

    /// An escape outside of classes.
    fn escape(&mut self) -> Result<Before, PatternError> {
        let start = self.at;
        let Some(c) = self.rest().chars().nth(1) else {
            return error("trailing backslash at end of expression", "");
        };
        let written = match c {
            'A' => "\\A",
            'z' => "\\z",
            'b' => "(?-u:\\b)",
            'B' => "(?-u:\\B)",
            'Q' => {
                let quoted = self.rest().get(2..).unwrap_or("");
                let (literal, length) = match quoted.split_once("\\E") {
                    Some((literal, _)) => (literal, literal.len() + 4),
                    None => (quoted, quoted.len() + 2),
                };
                self.at += length;
                for c in literal.chars() {
                    self.push_char(c);
                }
                return Ok(if literal.is_empty() { Before::Nothing } else { Before::Item });
            }
            _ => {
                match Self::shorthand(c, false) {
                    Some(text) => {
                        self.out.push_str(text);
                        self.at += 2;
                    }
                    None if matches!(c, 'p' | 'P') => self.property(start)?,
                    None => {
                        let c = self.character()?;
                        self.push_char(c);
                    }
                }
                return Ok(Before::Item);
            }
        };
        self.out.push_str(written);
        self.at += 2;
        Ok(Before::Item)
    }

    /// The classes `\d`, `\s`, `\w` and their opposites, written out.
    fn shorthand(c: char, within: bool) -> Option<&'static str> {
        Some(match (c, within) {
            ('d', false) => "[0-9]",
            ('d', true) => "0-9",
            ('D', _) => "[^0-9]",
            ('s', false) => "[\\t\\n\\x0C\\r ]",
            ('s', true) => "\\t\\n\\x0C\\r ",
            ('S', _) => "[^\\t\\n\\x0C\\r ]",
            ('w', false) => "[0-9A-Za-z_]",
            ('w', true) => "0-9A-Za-z_",
            ('W', _) => "[^0-9A-Za-z_]",
            _ => return None,
        })
    }

    /// `\pL`, `\p{Greek}` and their opposites.
    fn property(&mut self, start: usize) -> Result<(), PatternError> {
        let rest = self.rest().get(2..).unwrap_or("");
        let length = match rest.chars().next() {
            Some('{') => rest.find('}').map(|end| end + 1),
            Some(c) => Some(c.len_utf8()),
            None => None,
        };
        let Some(length) = length else { return error("invalid character class range", self.rest()) };
        self.at += 2 + length;
        let name = rest.get(..length).unwrap_or("").trim_matches(['{', '}']);
        let opposite = self.since(start).starts_with("\\P") != name.starts_with('^');
        let letter = if opposite { 'P' } else { 'p' };
        let text = format!("\\{letter}{{{}}}", name.trim_start_matches('^'));
        if Regex::new(&text).is_err() {
            return error("invalid character class range", self.since(start));
        }
        self.out.push_str(&text);
        Ok(())
    }

    /// An escape that stands for one character.
    fn character(&mut self) -> Result<char, PatternError> {
        let start = self.at;
        let rest = self.rest();
        let wrong = |length: usize| {
            let text = rest.get(..length).or_else(|| rest.get(..rest.len())).unwrap_or("");
            error("invalid escape sequence", text)
        };
        let Some(c) = rest.chars().nth(1) else {
            return error("trailing backslash at end of expression", "");
        };
        self.at = start + 1 + c.len_utf8();
        Ok(match c {
            '0'..='7' => {
                let digits: String =
                    rest.chars().skip(1).take(3).take_while(|c| ('0'..='7').contains(c)).collect();
                // A single digit other than zero would be a reference to a group, which does not exist here.
                if c != '0' && digits.len() < 2 {
                    return wrong(2);
                }
                self.at = start + 1 + digits.len();
                u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32).unwrap_or('\0')
            }
            'x' => {
                let tail = rest.get(2..).unwrap_or("");
                let (digits, length) = match tail.strip_prefix('{') {
                    Some(braced) => match braced.split_once('}') {
                        Some((digits, _)) => (digits, digits.len() + 2),
                        None => return wrong(rest.len()),
                    },
                    None => (tail.get(..2).unwrap_or(tail), 2),
                };
                self.at = start + 2 + length;
                let hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let code = if hex { u32::from_str_radix(digits, 16).ok() } else { None };
                match code.and_then(char::from_u32) {
                    Some(c) if length > 2 || digits.len() == 2 => c,
                    _ => return wrong(2 + length),
                }
            }
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            c if c.is_ascii_punctuation() => c,
            _ => return wrong(1 + c.len_utf8()),
        })
    }

    fn class(&mut self) -> Result<(), PatternError> {
        let start = self.at;
        self.out.push('[');
        self.at += 1;
        if self.peek() == Some('^') {
            self.out.push('^');
            self.at += 1;
        }
        let mut first = true;
        loop {
            let item = self.at;
            match self.peek() {
                None => {
                    return error("missing closing ]", self.pattern.get(start..).unwrap_or(""));
                }
                Some(']') if !first => {
                    self.out.push(']');
                    self.at += 1;
                    return Ok(());
                }
                _ => {}
            }
            first = false;
            let rest = self.rest();
            if let Some(named) = rest.strip_prefix("[:")
                && let Some((name, _)) = named.split_once(":]")
            {
                let length = name.len() + 4;
                let text = rest.get(..length).unwrap_or(rest);
                if Regex::new(&format!("[{text}]")).is_err() {
                    return error("invalid character class range", text);
                }
                self.out.push_str(text);
                self.at += length;
                continue;
            }
            if rest.starts_with('\\') {
                let c = rest.chars().nth(1).unwrap_or(' ');
                if let Some(text) = Self::shorthand(c, true) {
                    self.out.push_str(text);
                    self.at += 2;
                    continue;
                }
                if matches!(c, 'p' | 'P') {
                    self.property(item)?;
                    continue;
                }
            }
            let low = self.class_char()?;
            let mut high = low;
            let tail = self.rest();
            if tail.starts_with('-') && !tail.starts_with("-]") && tail.len() > 1 {
                self.at += 1;
                high = self.class_char()?;
                if high < low {
                    return error("invalid character class range", self.since(item));
                }
            }
            self.push_char(low);
            if high != low {
                self.out.push('-');
                self.push_char(high);
            }
        }
    }

    fn class_char(&mut self) -> Result<char, PatternError> {
        match self.peek() {
            Some('\\') => self.character(),
            Some(c) => {
                self.at += c.len_utf8();
                Ok(c)
            }
            None => error("missing closing ]", self.pattern),
        }
    }
}
