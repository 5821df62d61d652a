//! `regex` and `regexall`.

use std::rc::Rc;
use std::sync::Arc;

use regex::Captures;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use super::normal;
use super::pattern::Pattern;
use crate::eval::limits::MOST_PARTS;
use crate::value::Type;
use crate::value::Value;

const PARAMS: &[Param] = &[Param::new("pattern", Ty::String), Param::new("string", Ty::String)];

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("regex", PARAMS, Returns::By(match_type), first).doc(
        "Returns the first match of a regular expression: the text, or its groups.",
        r#"regex("[a-z]+", "53453453.345345aaabbbccc23454")"#,
    ),
    Function::new("regexall", PARAMS, Returns::By(|args| match_type(args).map(Type::list)), all)
        .doc("Returns all matches of a regular expression.", r#"regexall("[a-z]+", "1234abcd5678efgh9")"#),
];

fn compile(pattern: &str) -> Result<Rc<Pattern>, FunctionError> {
    let wrong = |message: String| FunctionError::argument(0, format!("invalid regexp pattern: {message}"));
    let compiled =
        Pattern::of(pattern).map_err(|error| wrong(format!("{} in {}", error.problem, error.part)))?;
    let named = compiled.groups.iter().filter(|name| !name.is_empty()).count();
    if named > 0 && named < compiled.groups.len() {
        return Err(wrong("cannot mix both named and unnamed capture groups".to_owned()));
    }
    Ok(compiled)
}

fn result_type(pattern: &Pattern) -> Type {
    match pattern.groups.first() {
        None => Type::String,
        Some(name) if name.is_empty() => Type::tuple(pattern.groups.iter().map(|_| Type::String)),
        Some(_) => Type::object(pattern.groups.iter().map(|name| (name.as_str(), Type::String))),
    }
}

fn match_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().and_then(Value::as_str) {
        Some(pattern) => compile(pattern).map(|pattern| result_type(&pattern)),
        None => Ok(Type::Any),
    }
}

fn result(pattern: &Pattern, captures: &Captures<'_>) -> Value {
    let group = |index: usize| match captures.get(index) {
        Some(found) => Value::string(normal(found.as_str().to_owned())),
        None => Value::null_of(Type::String),
    };
    match pattern.groups.first() {
        None => group(0),
        Some(name) if name.is_empty() => Value::tuple((1..=pattern.groups.len()).map(group)),
        Some(_) => Value::object(
            pattern
                .groups
                .iter()
                .enumerate()
                .map(|(index, name)| (Arc::<str>::from(&**name), group(index + 1))),
        ),
    }
}

fn first(call: &Call<'_>) -> Result<Value, FunctionError> {
    let pattern = compile(text(call, 0)?)?;
    match pattern.first(text(call, 1)?) {
        Some(captures) => Ok(result(&pattern, &captures)),
        None => Err(FunctionError::new("pattern did not match any part of the given string")),
    }
}

fn all(call: &Call<'_>) -> Result<Value, FunctionError> {
    let pattern = compile(text(call, 0)?)?;
    let results: Vec<Value> = pattern
        .all(text(call, 1)?)
        .take(MOST_PARTS + 1)
        .map(|captures| result(&pattern, &captures))
        .collect();
    if results.len() > MOST_PARTS {
        return Err(FunctionError::new("the pattern matches too many parts of the text"));
    }
    Ok(Value::list(result_type(&pattern), results))
}
