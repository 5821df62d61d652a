//! New inputs from old ones.

use fastrand::Rng;
use serde_json::Value as Json;

use super::grammar;
use super::targets::Form;

/// Inputs do not become larger than this.
const LARGEST: usize = 16 * 1024;

/// Pieces that mean something in configurations.
const WORDS: &[&str] = &[
    "\n",
    " ",
    "\"",
    "${",
    "%{",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "~}",
    "${~",
    "%{ if true }",
    "%{ else }",
    "%{ endif }",
    "%{ for x in [1] }",
    "%{ endfor }",
    "$${",
    "%%{",
    "\\",
    "\\n",
    "\\u0041",
    "\\U0001F600",
    "\\x",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT",
    "EOT\n",
    "#",
    "//",
    "/*",
    "*/",
    "=",
    "==",
    "!=",
    "=>",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "!",
    "+",
    "-",
    "*",
    "/",
    "%",
    "?",
    ":",
    "::",
    ".",
    "...",
    ",",
    ".*",
    "[*]",
    ".0",
    "for",
    "in",
    "if",
    "null",
    "true",
    "false",
    "each.key",
    "count.index",
    "self",
    "var.x",
    "local.y",
    "path.module",
    "0",
    "1",
    "-1",
    "0.1",
    "1e10",
    "1e999",
    "1e-999",
    "1e1000000000",
    "9223372036854775807",
    "18446744073709551616",
    "0x1",
    "a",
    "b = 1\n",
    "a {\n",
    "}\n",
    "a \"b\" {\n",
    "\u{feff}",
    "\u{0}",
    "\u{301}",
    "é",
    "🇩🇪",
    "👨‍👩‍👧",
    "\r\n",
    "\t",
    "[for x in [1, 2] : x]",
    "{for k, v in {a=1} : k => v...}",
    "try(",
    "can(",
    "length(",
    "range(",
    "jsonencode(",
    "jsondecode(",
    "yamldecode(",
    "yamlencode(",
    "csvdecode(",
    "templatestring(",
    "regex(",
    "regexall(",
    "replace(",
    "format(",
    "formatlist(",
    "merge(",
    "concat(",
    "flatten(",
    "setproduct(",
    "cidrsubnet(",
    "cidrsubnets(",
    "base64gzip(",
    "base64decode(",
    "formatdate(",
    "timeadd(",
    "substr(",
    "split(",
    "join(",
    "chunklist(",
    "slice(",
    "element(",
    "lookup(",
    "zipmap(",
    "transpose(",
    "sort(",
    "distinct(",
    "pow(",
    "log(",
    "parseint(",
    "strrev(",
    "title(",
    "indent(",
    "trimprefix(",
    "provider::queueform::encode_expr(",
    "provider::queueform::decode_qfvars(",
    "tolist(",
    "toset(",
    "tomap(",
    "tonumber(",
    "tostring(",
    "sensitive(",
    "nonsensitive(",
    "bcrypt(",
    "textencodebase64(",
    "urlencode(",
    "convert(",
    "resource \"queueform_data\" \"x\" {\n",
    "attribute \"a\" {\n",
    "step \"s\" {\n",
    "type = string\n",
    "mode = required\n",
    "call = \"GET /x/${self.a}\"\n",
    "object({ a = optional(string, \"x\") })",
    "list(map(any))",
    "response.items",
    "self.a",
];

/// Makes an input out of one of a pool, possibly with a part of another one.
pub(super) fn mutate(rng: &mut Rng, pool: &[Vec<u8>], form: Form) -> Vec<u8> {
    match (form, rng.u8(..8)) {
        (Form::Expression, 0..=2) => return grammar::expression(rng).into_bytes(),
        (Form::File, 0) => return grammar::file(rng).into_bytes(),
        (Form::Expression | Form::File, 3..=5) => {
            if let Some(input) = rearranged(rng, pool) {
                return input;
            }
        }
        _ => {}
    }
    let is_json = form == Form::Json;
    let empty = Vec::new();
    let choose = |rng: &mut Rng| if pool.is_empty() { &empty } else { &pool[rng.usize(..pool.len())] };
    let mut input = choose(rng).clone();
    if is_json
        && rng.u8(..4) > 0
        && let Ok(mut value) = serde_json::from_slice::<Json>(&input)
    {
        let other = serde_json::from_slice::<Json>(choose(rng)).unwrap_or(Json::Null);
        for _ in 0..=[0, 0, 0, 1, 2, 3][rng.usize(..6)] {
            node(rng, &mut value, &other);
        }
        return serde_json::to_vec(&value).unwrap_or_default();
    }
    for _ in 0..=rng.usize(..6) {
        let other = choose(rng);
        step(rng, &mut input, other);
    }
    input.truncate(LARGEST);
    input
}

/// Makes an input that the parser most likely takes, because tokens, lines and blocks stay whole.
fn rearranged(rng: &mut Rng, pool: &[Vec<u8>]) -> Option<Vec<u8>> {
    if pool.is_empty() {
        return None;
    }
    let mut text = String::from_utf8(pool[rng.usize(..pool.len())].clone()).ok()?;
    for _ in 0..=rng.usize(..3) {
        let other = std::str::from_utf8(&pool[rng.usize(..pool.len())]).unwrap_or_default();
        text = grammar::rearrange(rng, &text, other);
    }
    (text.len() <= LARGEST).then(|| text.into_bytes())
}

/// One change of bytes.
fn step(rng: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    let at = rng.usize(..=input.len());
    match rng.u8(..13) {
        0 if !input.is_empty() => {
            let at = rng.usize(..input.len());
            input[at] ^= 1 << rng.u8(..8);
        }
        1 if !input.is_empty() => {
            let at = rng.usize(..input.len());
            input[at] = rng.u8(..);
        }
        2 => {
            let end = (at + rng.usize(..=16)).min(input.len());
            input.drain(at..end);
        }
        3 => {
            let end = (at + rng.usize(..=512)).min(input.len());
            input.drain(at..end);
        }
        4 => {
            // A part of the input again, elsewhere.
            let (from, to) = range(rng, input.len(), 256);
            let part = input[from..to].to_vec();
            splice(input, at, &part);
        }
        5 => {
            // The same part many times: depth and length.
            let (from, to) = range(rng, input.len(), 12);
            let part = input[from..to].to_vec();
            let times = 1 << rng.u8(1..10);
            splice(input, at, &part.repeat(times));
        }
        6 | 7 => {
            let (from, to) = range(rng, other.len(), 512);
            splice(input, at, &other[from..to]);
        }
        8 => {
            let word = WORDS[rng.usize(..WORDS.len())].repeat(1 << rng.u8(1..11));
            splice(input, at, word.as_bytes());
        }
        9 => {
            // Another number.
            if let Some(start) = input.iter().skip(at).position(u8::is_ascii_digit).map(|found| found + at) {
                let end = input[start..]
                    .iter()
                    .position(|byte| !byte.is_ascii_digit())
                    .map_or(input.len(), |n| start + n);
                let number = [
                    "0",
                    "1",
                    "-1",
                    "4294967296",
                    "1e400",
                    "99999999999999999999",
                    "0.0000001",
                    "2147483648",
                ];
                input.splice(start..end, number[rng.usize(..number.len())].bytes());
            }
        }
        _ => {
            let word = WORDS[rng.usize(..WORDS.len())];
            splice(input, at, word.as_bytes());
        }
    }
}

fn splice(input: &mut Vec<u8>, at: usize, part: &[u8]) {
    if input.len() + part.len() <= LARGEST * 2 {
        input.splice(at..at, part.iter().copied());
    }
}

fn range(rng: &mut Rng, length: usize, longest: usize) -> (usize, usize) {
    let from = rng.usize(..=length);
    (from, (from + rng.usize(..=longest)).min(length))
}

/// One change of a JSON document.
fn node(rng: &mut Rng, value: &mut Json, other: &Json) {
    // Into a part of it, more often than not.
    if rng.u8(..5) > 0 {
        match value {
            Json::Array(parts) if !parts.is_empty() => {
                let at = rng.usize(..parts.len());
                return node(rng, &mut parts[at], other);
            }
            Json::Object(parts) if !parts.is_empty() => {
                let at = rng.usize(..parts.len());
                if let Some(part) = parts.values_mut().nth(at) {
                    return node(rng, part, other);
                }
            }
            _ => {}
        }
    }
    if rng.bool() && same_kind(rng, value, other) {
        return;
    }
    match (rng.u8(..8), value) {
        (0, Json::Array(parts)) if !parts.is_empty() => {
            let part = parts[rng.usize(..parts.len())].clone();
            let at = rng.usize(..=parts.len());
            parts.insert(at, part);
        }
        (1, Json::Array(parts)) if !parts.is_empty() => {
            parts.remove(rng.usize(..parts.len()));
        }
        (0 | 1, Json::Object(parts)) if !parts.is_empty() => {
            let key = parts.keys().nth(rng.usize(..parts.len())).cloned();
            let removed = key.and_then(|key| Some((parts.remove(&key)?, key)));
            if let (Some((part, key)), true) = (removed, rng.bool()) {
                parts.insert(format!("{key}{}", rng.u8(..)), part);
            }
        }
        (2, Json::String(text)) => {
            let mut bytes = std::mem::take(text).into_bytes();
            step(rng, &mut bytes, b"");
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        (3, value) => *value = part(rng, other),
        (4, value) => *value = Json::Array(vec![value.take()]),
        (5, value) => {
            // Deep, but not deeper than what is read of other documents.
            for _ in 0..(1 << rng.u8(1..9)) {
                *value = Json::Array(vec![value.take()]);
            }
        }
        (_, value) => {
            let number = |text: &str| serde_json::from_str(text).unwrap_or(Json::Null);
            *value = match rng.u8(..9) {
                0 => Json::Null,
                1 => Json::Bool(rng.bool()),
                2 => number("-1"),
                3 => number("18446744073709551616"),
                4 => number("1e400"),
                5 => number("0.5"),
                6 => Json::String(String::new()),
                7 => Json::Object(serde_json::Map::new()),
                _ => Json::String("\u{0}é\u{301}${x}".to_owned()),
            };
        }
    }
}

/// Puts something of the same kind in the place of a part: a text for a text, a list for a list.
fn same_kind(rng: &mut Rng, value: &mut Json, other: &Json) -> bool {
    for _ in 0..8 {
        let found = part(rng, other);
        if std::mem::discriminant(&found) == std::mem::discriminant(value) && found != *value {
            *value = found;
            return true;
        }
    }
    false
}

/// Any part of a document.
fn part(rng: &mut Rng, of: &Json) -> Json {
    let inner = match of {
        Json::Array(parts) if !parts.is_empty() => parts.get(rng.usize(..parts.len())),
        Json::Object(parts) if !parts.is_empty() => parts.values().nth(rng.usize(..parts.len())),
        _ => None,
    };
    match inner {
        Some(inner) if rng.u8(..3) > 0 => part(rng, inner),
        _ => of.clone(),
    }
}
