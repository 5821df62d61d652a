//! Functions on strings.

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use super::args::value;
use super::args::whole;
use super::graphemes::clusters;
use super::graphemes::count;
use super::letter_case;
use super::normal;
use super::pattern;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;

const STRING: Returns = Returns::Is(Ty::String);
const BOOL: Returns = Returns::Is(Ty::Bool);
const STR: &[Param] = &[Param::new("str", Ty::String)];

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("chomp", STR, STRING, |call| string(text(call, 0)?.trim_end_matches(['\r', '\n'])))
        .doc("Removes line breaks from the end of a string.", r#"chomp("hello\n")"#),
    Function::new(
        "endswith",
        &[Param::new("str", Ty::String), Param::new("suffix", Ty::String)],
        BOOL,
        |call| Ok(Value::bool(text(call, 0)?.ends_with(&**text(call, 1)?))),
    )
    .doc("Tells whether a string ends with another.", r#"endswith("hello world", "world")"#),
    Function::new(
        "indent",
        &[Param::new("spaces", Ty::Number), Param::new("str", Ty::String)],
        STRING,
        indent,
    )
    .doc("Puts spaces in front of every line of a string but the first.", r#"indent(2, "a\nb")"#),
    Function::new("join", &[Param::new("separator", Ty::String)], Returns::By(join_type), join)
        .variadic(Param::new("lists", Ty::List(&Ty::String)))
        .doc(
            "Puts the strings of one or more lists together with a separator between them.",
            r#"join("-", ["foo", "bar"])"#,
        ),
    Function::new("lower", STR, STRING, |call| string(&letter_case::lower(text(call, 0)?)))
        .doc("Turns all letters into lower case.", r#"lower("HELLO")"#),
    Function::new(
        "replace",
        &[Param::new("str", Ty::String), Param::new("substr", Ty::String), Param::new("replace", Ty::String)],
        STRING,
        replace,
    )
    .doc(
        "Replaces every occurrence of a string, or of a regular expression written between slashes.",
        r#"replace("1 + 2", "+", "-")"#,
    ),
    Function::new(
        "split",
        &[Param::new("separator", Ty::String), Param::new("str", Ty::String)],
        Returns::Is(Ty::List(&Ty::String)),
        split,
    )
    .doc("Cuts a string at every separator.", r#"split(",", "foo,bar")"#),
    Function::new(
        "startswith",
        &[Param::new("str", Ty::String).unknown(), Param::new("prefix", Ty::String)],
        BOOL,
        starts_with,
    )
    .doc("Tells whether a string starts with another.", r#"startswith("hello world", "hello")"#),
    Function::new(
        "strcontains",
        &[Param::new("str", Ty::String), Param::new("substr", Ty::String)],
        BOOL,
        |call| Ok(Value::bool(text(call, 0)?.contains(&**text(call, 1)?))),
    )
    .doc("Tells whether a string contains another.", r#"strcontains("hello world", "wor")"#),
    Function::new("strrev", STR, STRING, reverse)
        .doc("Puts the characters of a string in reverse order.", r#"strrev("hello")"#),
    Function::new(
        "substr",
        &[Param::new("str", Ty::String), Param::new("offset", Ty::Number), Param::new("length", Ty::Number)],
        STRING,
        substring,
    )
    .doc(
        "Returns part of a string by offset and length in characters; a length of -1 means up to the end.",
        r#"substr("hello world", 1, 4)"#,
    ),
    Function::new("title", STR, STRING, |call| string(&letter_case::title(text(call, 0)?)))
        .doc("Turns the first letter of each word into upper case.", r#"title("hello world")"#),
    Function::new(
        "trim",
        &[Param::new("str", Ty::String), Param::new("cutset", Ty::String)],
        STRING,
        |call| {
            let set = text(call, 1)?;
            string(text(call, 0)?.trim_matches(|c| set.contains(c)))
        },
    )
    .doc("Removes the given characters from both ends of a string.", r#"trim("?!hello?!", "!?")"#),
    Function::new(
        "trimprefix",
        &[Param::new("str", Ty::String), Param::new("prefix", Ty::String)],
        STRING,
        |call| {
            let whole = text(call, 0)?;
            string(whole.strip_prefix(&**text(call, 1)?).unwrap_or(whole))
        },
    )
    .doc("Removes a prefix from a string that has it.", r#"trimprefix("helloworld", "hello")"#),
    Function::new("trimspace", STR, STRING, |call| string(text(call, 0)?.trim()))
        .doc("Removes white space from both ends of a string.", r#"trimspace("  hello\n")"#),
    Function::new(
        "trimsuffix",
        &[Param::new("str", Ty::String), Param::new("suffix", Ty::String)],
        STRING,
        |call| {
            let whole = text(call, 0)?;
            string(whole.strip_suffix(&**text(call, 1)?).unwrap_or(whole))
        },
    )
    .doc("Removes a suffix from a string that has it.", r#"trimsuffix("helloworld", "world")"#),
    Function::new("upper", STR, STRING, |call| string(&letter_case::upper(text(call, 0)?)))
        .doc("Turns all letters into upper case.", r#"upper("hello")"#),
];

fn string(text: &str) -> Result<Value, FunctionError> {
    Ok(Value::string(normal(text.to_owned())))
}

fn indent(call: &Call<'_>) -> Result<Value, FunctionError> {
    let spaces = usize::try_from(whole(call, 0)?)
        .map_err(|_| FunctionError::new("the number of spaces must not be negative"))?;
    let text = text(call, 1)?;
    let lines = text.matches('\n').count();
    if spaces.saturating_mul(lines) > MAX_TEXT {
        return Err(FunctionError::new("the result would be too large"));
    }
    string(&text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

/// Most pieces that a text is taken apart into.
const MAX_PIECES: usize = crate::eval::limits::MOST_PARTS;

/// The longest text that functions which multiply their input will make.
const MAX_TEXT: usize = crate::eval::limits::LONGEST_TEXT;

fn join_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() < 2 { Err(FunctionError::new("at least one list is required")) } else { Ok(Type::String) }
}

fn join(call: &Call<'_>) -> Result<Value, FunctionError> {
    let separator = text(call, 0)?;
    let lists = call.args.get(1..).unwrap_or_default();
    if !lists.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown(Type::String));
    }
    let mut items: Vec<&str> = Vec::new();
    for (index, list) in lists.iter().enumerate() {
        for (position, item) in list.elements().unwrap_or_default().iter().enumerate() {
            let Some(item) = item.as_str() else {
                let which = if lists.len() > 1 { format!(" of list {}", index + 1) } else { String::new() };
                return Err(FunctionError::argument(
                    index + 1,
                    format!("element {position}{which} is null; cannot concatenate null values"),
                ));
            };
            items.push(item);
        }
    }
    let length = items.iter().map(|item| item.len() + separator.len()).sum::<usize>();
    if length > MAX_TEXT {
        return Err(FunctionError::new("the result would be too large"));
    }
    string(&items.join(separator))
}

fn replace(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (text, wanted, replacement) = (text(call, 0)?, text(call, 1)?, text(call, 2)?);
    let inner = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    match inner {
        Some(inner) => {
            let pattern = pattern::Pattern::of(inner).map_err(|error| {
                FunctionError::new(format!("error parsing regexp: {}: `{}`", error.problem, error.part))
            })?;
            let replaced = pattern.replace_all(text, replacement);
            string(&replaced.ok_or_else(|| FunctionError::new("the result would be too large"))?)
        }
        None => {
            let grows = replacement.len().saturating_sub(wanted.len());
            let count = if grows == 0 { 0 } else { text.matches(&**wanted).count() };
            if count.saturating_mul(grows).saturating_add(text.len()) > MAX_TEXT {
                return Err(FunctionError::new("the result would be too large"));
            }
            string(&text.replace(&**wanted, replacement))
        }
    }
}

fn split(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (separator, text) = (text(call, 0)?, text(call, 1)?);
    let count = if separator.is_empty() { text.len() } else { text.matches(&**separator).count() };
    if count > MAX_PIECES {
        return Err(FunctionError::new("the text has too many pieces"));
    }
    let pieces: Vec<Value> = if separator.is_empty() {
        text.chars().map(|c| Value::string(normal(c.to_string()))).collect()
    } else {
        text.split(&**separator).map(|piece| Value::string(normal(piece.to_owned()))).collect()
    };
    Ok(Value::list(Type::String, pieces))
}

fn starts_with(call: &Call<'_>) -> Result<Value, FunctionError> {
    let prefix = text(call, 1)?;
    match value(call, 0)?.data() {
        Data::String(text) => Ok(Value::bool(text.starts_with(&**prefix))),
        Data::Unknown(_) if prefix.is_empty() => Ok(Value::bool(true)),
        Data::Unknown(unknown) => Ok(match &unknown.refinement.prefix {
            Some(known) if known.starts_with(&**prefix) => Value::bool(true),
            Some(known) if known.len() >= prefix.len() => Value::bool(false),
            Some(_) | None => Value::unknown(Type::Bool),
        }),
        _ => Err(FunctionError::argument(0, "string required")),
    }
}

fn reverse(call: &Call<'_>) -> Result<Value, FunctionError> {
    let mut all: Vec<&str> = clusters(text(call, 0)?).collect();
    all.reverse();
    string(&all.concat())
}

fn substring(call: &Call<'_>) -> Result<Value, FunctionError> {
    let text = text(call, 0)?;
    let (mut offset, length) = (whole(call, 1)?, whole(call, 2)?);
    if offset < 0 {
        offset = offset.saturating_add(i64::try_from(count(text)).unwrap_or(i64::MAX));
    } else if length == 0 {
        return string("");
    }
    let rest = clusters(text).skip(usize::try_from(offset).unwrap_or(0));
    // A length of 0 with a negative offset means "up to the end"; configurations may rely on it.
    let part: String = match usize::try_from(length) {
        Ok(length) if length > 0 => rest.take(length).collect(),
        _ => rest.collect(),
    };
    string(&part)
}
