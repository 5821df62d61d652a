//! Random text for tests of everything that must not stumble over any text.

use serde::Deserialize;

/// Tokens, and what tokens are made of.
pub(in crate::syntax) const SOUP: &[&str] = &[
    "a",
    "in",
    "for",
    "type",
    "variable",
    "5",
    "1.5",
    "\n",
    "\r\n",
    "# c\n",
    "// d",
    "/* e */",
    "/* f\n */",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "=",
    "==",
    "=>",
    "!=",
    "<",
    "<<E\n",
    "\nE\n",
    "<<-E\n",
    "E",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "&&",
    "||",
    "?",
    ":",
    "::",
    ".",
    "...",
    ",",
    "\"",
    "\\",
    "${",
    "${~",
    "%{",
    "~}",
    "$${",
    "'",
    "`",
    ";",
    "é",
    "日",
    "\u{feff}",
    "\u{201c}",
    "\t",
    "  ",
    "\u{0}",
    "\r",
    "if",
    "else",
    "endif",
];

/// Returns tokens and fragments of tokens in random order.
pub(in crate::syntax) fn soup(random: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    for _ in 0..random.usize(1..60) {
        text.push_str(SOUP[random.usize(..SOUP.len())]);
        if random.u8(..3) == 0 {
            text.push(' ');
        }
    }
    text
}

/// Returns files of all kinds, most of them valid.
pub(in crate::syntax) fn inputs() -> Vec<String> {
    #[derive(Deserialize)]
    struct Case {
        input: String,
    }
    let text = include_str!("../../../tests/conformance/fmt/cases.jsonl");
    text.lines().map(|line| serde_json::from_str::<Case>(line).unwrap().input).collect()
}

/// Returns one of the inputs with a few characters removed, copied, swapped or put in.
pub(in crate::syntax) fn mutant(random: &mut fastrand::Rng, inputs: &[String]) -> String {
    let mut text: Vec<char> = inputs[random.usize(..inputs.len())].chars().collect();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(..=text.len());
        match random.u8(..4) {
            0 if at < text.len() => {
                text.remove(at);
            }
            1 if at < text.len() => {
                let to = random.usize(at..text.len()).min(at + 12);
                let copy = text[at..to].to_vec();
                let into = random.usize(..=text.len());
                text.splice(into..into, copy);
            }
            2 if at + 1 < text.len() => text.swap(at, at + 1),
            _ => {
                text.splice(at..at, SOUP[random.usize(..SOUP.len())].chars());
            }
        }
    }
    text.into_iter().collect()
}
