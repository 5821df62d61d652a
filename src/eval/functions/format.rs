//! `format` and `formatlist`.

use super::super::known_prefix;
use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::known_length;
use super::args::text;
use super::normal;
use super::verbs;
use crate::value::Data;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;

const ARGS: Param = Param::new("args", Ty::Any).nullable().unknown();

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("format", &[Param::new("format", Ty::String)], Returns::Is(Ty::String), format)
        .variadic(ARGS)
        .doc(
            "Renders values by the verbs of a format string, such as `%s`, `%05.2f` or `%[2]q`.",
            r#"format("Hello, %s! %d", "Ander", 5)"#,
        ),
    Function::new(
        "formatlist",
        &[Param::new("format", Ty::String)],
        Returns::Is(Ty::List(&Ty::String)),
        format_list,
    )
    .variadic(ARGS)
    .doc(
        "Renders a format string once for each element of the given lists, which are walked side by side.",
        r#"formatlist("%s-%d", ["a", "b"], [1, 2])"#,
    ),
];

/// Turns the number of a surplus argument into the index of the call's argument.
fn format_error(error: verbs::FormatError) -> FunctionError {
    FunctionError { argument: error.surplus, message: error.message, hint: None }
}

fn format(call: &Call<'_>) -> Result<Value, FunctionError> {
    let format = text(call, 0)?;
    let args = call.args.get(1..).unwrap_or_default();
    if !args.iter().all(Value::is_wholly_known) {
        let mut refinement = Refinement::not_null();
        refinement.prefix = match format.split_once('%') {
            Some((prefix, _)) => known_prefix(prefix),
            None => None,
        };
        return Ok(Value::refined(Type::String, refinement));
    }
    verbs::render(format, args).map(|text| Value::string(normal(text))).map_err(format_error)
}

fn format_list(call: &Call<'_>) -> Result<Value, FunctionError> {
    let format = text(call, 0)?;
    let args = call.args.get(1..).unwrap_or_default();
    let mut length = None;
    let mut undecided = false;
    for (index, arg) in args.iter().enumerate() {
        if arg.is_null() || !matches!(arg.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
            undecided |= !arg.is_known() && arg.ty() == Type::Any;
            continue;
        }
        let Some(this) = known_length(arg) else {
            undecided = true;
            continue;
        };
        undecided |= !arg.is_known();
        match length {
            None => length = Some((index, this)),
            Some((_, first)) if first == this => {}
            Some((chooser, first)) => {
                return Err(FunctionError::argument(
                    index + 1,
                    format!(
                        "argument {} has length {this}, which is inconsistent with argument {} of length {first}",
                        index + 1,
                        chooser + 1
                    ),
                ));
            }
        }
    }
    if undecided {
        return Ok(Value::unknown(call.returns.clone()));
    }
    let rounds = length.map_or(1, |(_, length)| length);
    let mut results = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let these: Vec<Value> = args
            .iter()
            .map(|arg| match arg.data() {
                Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
                    parts.get(round).cloned().unwrap_or_else(Value::null)
                }
                _ => arg.clone(),
            })
            .collect();
        if !these.iter().all(Value::is_wholly_known) {
            results.push(Value::refined(Type::String, Refinement::not_null()));
            continue;
        }
        match verbs::render(format, &these) {
            Ok(text) => results.push(Value::string(normal(text))),
            Err(error) if args.is_empty() => return Err(format_error(error)),
            Err(error) => {
                return Err(FunctionError::new(format!(
                    "error on format iteration {round}: {}",
                    error.message
                )));
            }
        }
    }
    Ok(Value::list(Type::String, results))
}
