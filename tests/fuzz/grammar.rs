//! New inputs that the parser takes: expressions and files that are built, and texts in which whole tokens, lines and
//! blocks change places. Changed bytes alone seldom come further than the first finding.

#![expect(clippy::string_slice, reason = "spans of the parser lie between characters")]

use std::fmt::Write as _;
use std::sync::LazyLock;

use fastrand::Rng;

use queueform::eval::functions;
use queueform::syntax::lex::Token;
use queueform::syntax::lex::TokenKind;
use queueform::syntax::lex::lex;

/// How deep expressions are built.
const DEPTH: u32 = 5;

/// Values that have led somewhere before: limits, signs, letters that are more than one byte.
const ATOMS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "64",
    "1.5",
    "1e3",
    "1e-7",
    "1e400",
    "9223372036854775807",
    "18446744073709551616",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"b,c\"",
    "\"héllo wörld\"",
    "\"👨‍👩‍👧\"",
    "\"10.0.0.0/8\"",
    "\"fe80::/10\"",
    "\"2024-02-29T12:00:00Z\"",
    "\"1h30m\"",
    "\"%s %d %v\"",
    "\"%-5.2f|%+d|%x|%q\"",
    "\"(a+)(b)?\"",
    "\"/[a-z]+/\"",
    "\"${1}\\n\"",
    "\"{\\\"a\\\":[1,null]}\"",
    "\"a: [1, {b: c}]\"",
    "\"a,b\\n1,2\"",
    "\"aGVsbG8=\"",
    "\"YYYY-MM-DD'T'hh:mm:ssZ\"",
    "\"UTF-16LE\"",
    "[]",
    "{}",
    "[1, 2, 3]",
    "[\"a\", \"b\", \"a\"]",
    "{ a = 1, b = \"x\" }",
    "[{ a = 1 }, { a = 2 }]",
    "[[1], [2, 3]]",
    "var.x",
    "var.y",
    "var.list",
    "var.map",
    "var.unknown",
    "var.any",
    "var.secret",
    "path.module",
];

const BINARY: &[&str] = &["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"];

static FUNCTIONS: LazyLock<Vec<&'static str>> = LazyLock::new(|| functions::names().collect());

/// Builds an expression.
pub(super) fn expression(rng: &mut Rng) -> String {
    let mut out = String::new();
    let depth = rng.u32(1..=DEPTH);
    build(rng, depth, &mut out);
    out
}

fn build(rng: &mut Rng, depth: u32, out: &mut String) {
    if depth == 0 {
        out.push_str(ATOMS[rng.usize(..ATOMS.len())]);
        return;
    }
    let inner = |rng: &mut Rng| {
        let mut text = String::new();
        // Most parts stay small, so that the whole does.
        let depth = if rng.u8(..3) == 0 { depth - 1 } else { 0 };
        build(rng, depth, &mut text);
        text
    };
    let written = match rng.u8(..15) {
        0..=4 => {
            let name = FUNCTIONS[rng.usize(..FUNCTIONS.len())];
            let count = [1, 1, 2, 2, 2, 3, 3, 0, 4][rng.usize(..9)];
            let mut arguments: Vec<String> = (0..count).map(|_| inner(rng)).collect();
            if rng.u8(..8) == 0
                && let Some(last) = arguments.last_mut()
            {
                last.push_str("...");
            }
            write!(out, "{name}({})", arguments.join(", "))
        }
        5 => write!(out, "({} {} {})", inner(rng), BINARY[rng.usize(..BINARY.len())], inner(rng)),
        6 => write!(out, "({} ? {} : {})", inner(rng), inner(rng), inner(rng)),
        7 => write!(out, "{}{}", ["!", "-"][rng.usize(..2)], inner(rng)),
        8 => {
            let guard = if rng.bool() { format!(" if {}", inner(rng)) } else { String::new() };
            write!(
                out,
                "[for k, v in {} : {}{guard}]",
                inner(rng),
                ["k", "v", "[k, v]", "\"${k}\""][rng.usize(..4)]
            )
        }
        9 => {
            let many = if rng.bool() { "..." } else { "" };
            write!(out, "{{ for k, v in {} : \"${{k}}\" => {}{many} }}", inner(rng), inner(rng))
        }
        10 => write!(out, "[{}, {}]", inner(rng), inner(rng)),
        11 => write!(out, "{{ a = {}, (\"b\") = {} }}", inner(rng), inner(rng)),
        12 => write!(out, "{}[{}]", inner(rng), inner(rng)),
        13 => {
            let step = ["[*]", ".*", ".a", "[0]", ".a.b", "[*].a", ".0"][rng.usize(..7)];
            write!(out, "({}){step}", inner(rng))
        }
        _ => {
            let (a, b) = (inner(rng), inner(rng));
            match rng.u8(..4) {
                0 => write!(out, "\"x${{{a}}}y${{{b}}}\""),
                1 => write!(out, "\"%{{ if {a} }}a${{{b}}}%{{ else }}b%{{ endif }}\""),
                2 => write!(out, "\"%{{ for x in {a} ~}} ${{x}} %{{ endfor }}\""),
                _ => write!(out, "<<-EOT\n  a ${{{a}}}\n    b\n  EOT\n"),
            }
        }
    };
    written.unwrap();
}

/// Builds a file.
pub(super) fn file(rng: &mut Rng) -> String {
    let mut out = String::new();
    for _ in 0..rng.usize(1..4) {
        block(rng, 0, &mut out);
    }
    out
}

fn block(rng: &mut Rng, depth: usize, out: &mut String) {
    let kinds = [
        "resource \"queueform_data\" \"x\"",
        "locals",
        "module \"m\"",
        "a",
        "a \"b\"",
        "check \"c\"",
        "run \"r\"",
    ];
    let indent = "  ".repeat(rng.usize(..4));
    writeln!(out, "{indent}{} {{", kinds[rng.usize(..kinds.len())]).unwrap();
    for _ in 0..rng.usize(..4) {
        let name = ["a", "input", "long_name", "for_each", "count", "π"][rng.usize(..6)];
        let remark = ["", "", " # why", " // why", " /* why */"][rng.usize(..5)];
        writeln!(out, "{indent} {name}{}= {}{remark}", " ".repeat(rng.usize(..4)), expression(rng)).unwrap();
        if depth < 3 && rng.u8(..4) == 0 {
            block(rng, depth + 1, out);
        }
    }
    writeln!(out, "{indent}}}").unwrap();
}

/// Changes a text so that most of it stays what it is: tokens for tokens of their kind, an expression for a value,
/// lines and blocks for others.
pub(super) fn rearrange(rng: &mut Rng, text: &str, other: &str) -> String {
    match rng.u8(..8) {
        0..=2 => swap_tokens(rng, text, other),
        3 | 4 => replace_value(rng, text),
        5 => lines(rng, text, other),
        _ => blocks(rng, text, other),
    }
}

fn swap_tokens(rng: &mut Rng, text: &str, other: &str) -> String {
    let tokens = lex(text);
    let others = lex(other);
    let Some(at) = pick(rng, &tokens) else { return text.to_owned() };
    let same: Vec<&Token> = others.iter().filter(|token| token.kind == at.kind).collect();
    let part = if same.is_empty() { "" } else { same[rng.usize(..same.len())].text(other) };
    with(text, at.start, at.end, part)
}

/// Puts an expression in the place of a number, a name or a string.
fn replace_value(rng: &mut Rng, text: &str) -> String {
    let tokens = lex(text);
    let values: Vec<(u32, u32)> = tokens
        .iter()
        .enumerate()
        .filter_map(|(index, token)| match token.kind {
            TokenKind::Number => Some((token.start, token.end)),
            TokenKind::OQuote => {
                let end = tokens[index..].iter().find(|token| token.kind == TokenKind::CQuote)?;
                Some((token.start, end.end))
            }
            _ => None,
        })
        .collect();
    if values.is_empty() {
        return text.to_owned();
    }
    let (start, end) = values[rng.usize(..values.len())];
    with(text, start, end, &expression(rng))
}

fn lines(rng: &mut Rng, text: &str, other: &str) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let from: Vec<&str> = other.split_inclusive('\n').collect();
    if lines.is_empty() || from.is_empty() {
        return text.to_owned();
    }
    let at = rng.usize(..lines.len());
    match rng.u8(..4) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[rng.usize(..lines.len())]),
        2 => lines.insert(at, from[rng.usize(..from.len())]),
        _ => {
            let with = rng.usize(..lines.len());
            lines.swap(at, with);
        }
    }
    lines.concat()
}

/// Takes a block away, repeats it, or puts one of another text beside it.
fn blocks(rng: &mut Rng, text: &str, other: &str) -> String {
    let (Some((start, end)), Some((from, to))) = (one_block(rng, text), one_block(rng, other)) else {
        return lines(rng, text, other);
    };
    let (head, block, tail) = (&text[..start], &text[start..end], &text[end..]);
    let theirs = &other[from..to];
    match rng.u8(..4) {
        0 => format!("{head}{tail}"),
        1 => format!("{head}{block}{block}{tail}"),
        2 => format!("{head}{theirs}{tail}"),
        _ => format!("{head}{block}{theirs}{tail}"),
    }
}

/// The lines of a block: from one that ends with a brace to the one that closes it.
fn one_block(rng: &mut Rng, text: &str) -> Option<(usize, usize)> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end().ends_with('{') {
            starts.push(at);
        }
        at += line.len();
    }
    if starts.is_empty() {
        return None;
    }
    let start = starts[rng.usize(..starts.len())];
    let mut depth = 0_i64;
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        let count = |brace: char| i64::try_from(line.matches(brace).count()).unwrap_or(0);
        depth += count('{') - count('}');
        end += line.len();
        if depth <= 0 {
            return Some((start, end));
        }
    }
    None
}

fn pick(rng: &mut Rng, tokens: &[Token]) -> Option<Token> {
    let spoken: Vec<&Token> = tokens.iter().filter(|token| token.end > token.start).collect();
    (!spoken.is_empty()).then(|| *spoken[rng.usize(..spoken.len())])
}

fn with(text: &str, start: u32, end: u32, part: &str) -> String {
    format!("{}{part}{}", &text[..start as usize], &text[end as usize..])
}
