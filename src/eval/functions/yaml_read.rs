//! Values of YAML texts: one document, with anchors and merge keys; plain scalars by the rules of YAML 1.1.
//!
//! Dates become timestamps in RFC 3339; whole numbers are decimal unless they start with `0x` or `0o`.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::Event;
use saphyr_parser::Parser;
use saphyr_parser::ScalarStyle;
use saphyr_parser::Span;
use saphyr_parser::StrInput;
use saphyr_parser::Tag;

use super::normal;
use super::timestamp::Timestamp;
use crate::value::Number;
use crate::value::Value;

/// Nesting beyond this is refused.
const MAX_DEPTH: usize = 200;

/// More nodes than this, counting those of repeated aliases, are refused.
const MAX_NODES: usize = 1_000_000;

/// Reads the one document of a text.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    if text.strip_prefix("%YAML ").is_some_and(|version| !version.starts_with("1.1")) {
        return Err("found incompatible YAML document".to_owned());
    }
    if text.starts_with('\t') && !text.trim_start_matches(['\t', ' ']).starts_with(['#', '\n', '\r']) {
        // Tabs do not indent; the parser minds that on later lines only.
        return Err("found character that cannot start any token".to_owned());
    }
    let mut reader = Reader { events: Parser::new_from_str(text), anchors: BTreeMap::new(), nodes: 0 };
    let value = loop {
        match reader.next()?.0 {
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            Event::StreamEnd => return Err("on line 1, column 1: missing start of document".to_owned()),
            event => break reader.node(event, 0)?,
        }
    };
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(value),
            (Event::DocumentStart(_), place) => {
                return Err(at(&place, "unexpected extra content after value"));
            }
            _ => {}
        }
    }
}

fn at(place: &Span, message: &str) -> String {
    format!("on line {}, column {}: {message}", place.start.line(), place.start.col() + 1)
}

struct Reader<'t> {
    events: Parser<'t, StrInput<'t>>,
    /// Values by anchor, with the number of their nodes; nothing while the value is being read.
    anchors: BTreeMap<usize, Option<(Value, usize)>>,
    nodes: usize,
}

/// A tag of YAML itself, such as `!!str`; an error for any other.
fn core_tag(tag: Option<&Tag>) -> Result<Option<&str>, String> {
    match tag {
        None => Ok(None),
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Ok(Some("str")),
        Some(tag) if tag.is_yaml_core_schema() => Ok(Some(&tag.suffix)),
        Some(tag) => Err(format!("unsupported tag `{}{}`", tag.handle, tag.suffix)),
    }
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), String> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(format!(
                "on line {}, column {}: {}",
                error.marker().line(),
                error.marker().col() + 1,
                error.info()
            )),
            None => Err("unexpected end of the document".to_owned()),
        }
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES { Err("the document is too large".to_owned()) } else { Ok(()) }
    }

    /// Reads the value that starts with an event.
    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err("the document is nested too deeply".to_owned());
        }
        self.count(1)?;
        let before = self.nodes;
        let (anchor, value) = match event {
            Event::Alias(anchor) => {
                return match self.anchors.get(&anchor) {
                    Some(Some((value, nodes))) => {
                        let (value, nodes) = (value.clone(), *nodes);
                        self.count(nodes)?;
                        Ok(value)
                    }
                    Some(None) => Err("cannot refer to an anchor from inside its own definition".to_owned()),
                    None => Err("reference to undefined anchor".to_owned()),
                };
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                (anchor, scalar(&text, plain, core_tag(tag.as_deref())?)?)
            }
            Event::SequenceStart(anchor, tag) => {
                match core_tag(tag.as_deref())? {
                    None | Some("seq") => {}
                    Some(tag) => return Err(format!("can't interpret sequence as `!!{tag}`")),
                }
                self.anchors.insert(anchor, None);
                let mut parts = Vec::new();
                loop {
                    match self.next()?.0 {
                        Event::SequenceEnd => break,
                        event => parts.push(self.node(event, depth + 1)?),
                    }
                }
                (anchor, Value::tuple(parts))
            }
            Event::MappingStart(anchor, tag) => {
                match core_tag(tag.as_deref())? {
                    None | Some("map") => {}
                    Some(tag) => return Err(format!("can't interpret mapping as `!!{tag}`")),
                }
                self.anchors.insert(anchor, None);
                (anchor, self.mapping(depth)?)
            }
            _ => return Err("unexpected end of the document".to_owned()),
        };
        // Anchors are counted from 1; 0 says that there is none.
        if anchor > 0 {
            let nodes = self.nodes - before + 1;
            self.anchors.insert(anchor, Some((value.clone(), nodes)));
        }
        Ok(value)
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut fields: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut merged: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        loop {
            let (event, place) = self.next()?;
            let merge = match &event {
                Event::MappingEnd => break,
                Event::Scalar(text, ScalarStyle::Plain, ..) => text == "<<",
                _ => false,
            };
            let key = self.node(event, depth + 1)?;
            let (event, _) = self.next()?;
            let value = self.node(event, depth + 1)?;
            if merge {
                let sources = value.elements().unwrap_or(std::slice::from_ref(&value));
                for source in sources {
                    let source = source.fields().ok_or_else(|| at(&place, "only mappings can be merged"))?;
                    for (name, value) in source {
                        merged.entry(Arc::clone(name)).or_insert_with(|| value.clone());
                    }
                }
                continue;
            }
            if key.is_null() {
                return Err(at(&place, "mapping key cannot be null"));
            }
            let name = match (key.as_str(), key.as_bool(), key.as_number()) {
                (Some(text), _, _) => Arc::clone(text),
                (_, Some(value), _) => value.to_string().into(),
                (_, _, Some(number)) => number.to_string().into(),
                _ => return Err(at(&place, "mapping key must be a text, number or bool")),
            };
            fields.insert(name, value);
        }
        // Keys that are written win over merged ones.
        merged.extend(fields);
        Ok(Value::object(merged))
    }
}

fn scalar(text: &str, plain: bool, tag: Option<&str>) -> Result<Value, String> {
    let string = || Value::string(normal(text));
    match tag {
        Some("str" | "binary") => return Ok(string()),
        None | Some("null" | "bool" | "int" | "float" | "timestamp") => {}
        Some(tag) => return Err(format!("can't interpret scalar as `!!{tag}`")),
    }
    if !plain {
        return Ok(string());
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Value::bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Value::bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => return Err("floating point NaN is not supported".to_owned()),
        _ => number(text).map(Value::number).or_else(|| date(text).map(Value::string)).unwrap_or_else(string),
    })
}

fn number(text: &str) -> Option<Number> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", text.get(1..)?),
        b'+' => ("", text.get(1..)?),
        _ => ("", text),
    };
    if matches!(digits, ".inf" | ".Inf" | ".INF") {
        let infinity = if sign.is_empty() { f64::INFINITY } else { f64::NEG_INFINITY };
        return Number::from_f64(infinity);
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return Number::parse_radix(hex, 16).filter(|_| sign.is_empty() && !hex.starts_with(['+', '-']));
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return Number::parse_radix(octal, 8).filter(|_| sign.is_empty() && !octal.starts_with(['+', '-']));
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    let wellformed = all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && power.is_none_or(|power| !power.is_empty() && all_digits(power));
    if !wellformed {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    let exponent = exponent.unwrap_or("0");
    let text = if mantissa.contains('.') || power.is_some() {
        format!("{sign}{whole}.{fraction}e{exponent}")
    } else {
        format!("{sign}{whole}")
    };
    Number::parse(&text).ok()
}

/// A date, or a date with a time, as a timestamp in RFC 3339.
fn date(text: &str) -> Option<String> {
    if !text.bytes().take(4).all(|byte| byte.is_ascii_digit()) || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let (day, time) = match text.find(['T', 't', ' ']) {
        Some(cut) => (text.get(..cut)?, text.get(cut + 1..)?),
        None => (text, "00:00:00Z"),
    };
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || month.len() > 2 || day.len() > 2 {
        return None;
    }
    // Without an offset, the time is in UTC.
    let zone = if time.contains(['Z', '+', '-']) { "" } else { "Z" };
    let written = format!("{year}-{month:0>2}-{day:0>2}T{time}{zone}");
    Timestamp::parse(&written).ok().map(Timestamp::rfc3339)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::decode;

    fn check(text: &str, expected: &str) {
        let shown = match decode(text) {
            Ok(value) => format!("{value:?}"),
            Err(message) => format!("error: {message}"),
        };
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn documents() {
        check("a: 1\nb: [x, ~]", r#"{"a": 1, "b": ["x", null]}"#);
        check("# c", "error: on line 1, column 1: missing start of document");
        check("a: 1\n---\nb: 2", "error: on line 2, column 1: unexpected extra content after value");
        check("a: &x [*x]", "error: cannot refer to an anchor from inside its own definition");
        check("<<: {a: 1, b: 1}\nb: 2", r#"{"a": 1, "b": 2}"#);
    }

    #[test]
    fn plain_scalars() {
        check("[017, 0x1F, 0o17, 1_000, .5, +1, 1e3]", r#"[17, 31, 15, "1_000", 0.5, 1, 1000]"#);
        check("[yes, No, nUll, \"1\", !!str 1]", r#"[true, false, "nUll", "1", "1"]"#);
        check("2020-01-01", r#""2020-01-01T00:00:00Z""#);
    }

    #[test]
    fn repeated_aliases_cannot_fill_the_memory() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            let aliases = vec![format!("*a{before}"); 10].join(", ");
            let _written = writeln!(text, "a{level}: &a{level} [{aliases}]");
        }
        check(&text, "error: the document is too large");
    }
}
