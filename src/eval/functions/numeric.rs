//! Functions on numbers.

use std::cmp::Ordering;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::WHOLE_NUMBER;
use super::args::number;
use super::args::text;
use super::args::whole;
use crate::value::Number;
use crate::value::Type;
use crate::value::Value;

const NUMBER: Returns = Returns::Is(Ty::Number);
const NUM: &[Param] = &[Param::new("num", Ty::Number)];
const NUMBERS: Param = Param::new("numbers", Ty::Number).dynamic();

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("abs", NUM, NUMBER, |call| Ok(Value::number(number(call, 0)?.abs())))
        .doc("Returns a number without its sign.", "abs(-12.4)"),
    Function::new("ceil", NUM, NUMBER, |call| Ok(Value::number(number(call, 0)?.ceil())))
        .doc("Returns the least whole number that is not below a number.", "ceil(5.1)"),
    Function::new("floor", NUM, NUMBER, |call| Ok(Value::number(number(call, 0)?.floor())))
        .doc("Returns the greatest whole number that is not above a number.", "floor(4.9)"),
    Function::new("log", &[Param::new("num", Ty::Number), Param::new("base", Ty::Number)], NUMBER, |call| {
        float(number(call, 0)?.logarithm(number(call, 1)?))
    })
    .doc("Returns the logarithm of a number to a base.", "log(16, 2)"),
    Function::new("max", &[], NUMBER, |call| extreme(call, Ordering::Greater))
        .variadic(NUMBERS)
        .doc("Returns the greatest of the given numbers.", "max(12, 54, 3)"),
    Function::new("min", &[], NUMBER, |call| extreme(call, Ordering::Less))
        .variadic(NUMBERS)
        .doc("Returns the least of the given numbers.", "min(12, 54, 3)"),
    Function::new(
        "parseint",
        &[Param::new("number", Ty::Any), Param::new("base", Ty::Number)],
        Returns::By(parse_int_type),
        parse_int,
    )
    .doc("Reads a whole number written in a base from 2 to 62.", r#"parseint("FF", 16)"#),
    Function::new("pow", &[Param::new("num", Ty::Number), Param::new("power", Ty::Number)], NUMBER, |call| {
        float(number(call, 0)?.power(number(call, 1)?))
    })
    .doc("Raises a number to a power.", "pow(3, 2)"),
    Function::new("signum", NUM, NUMBER, |call| Ok(Value::int(whole(call, 0)?.signum())))
        .doc("Returns -1, 0 or 1 for a negative number, zero or a positive number.", "signum(-13)"),
];

fn float(result: Option<Number>) -> Result<Value, FunctionError> {
    result.map(Value::number).ok_or_else(|| FunctionError::new("the result is not a number"))
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Result<Value, FunctionError> {
    let mut best: Option<&Number> = None;
    for (index, _) in call.args.iter().enumerate() {
        let candidate = number(call, index)?;
        if best.is_none_or(|best| candidate.cmp(best) == wanted) {
            best = Some(candidate);
        }
    }
    best.cloned().map(Value::number).ok_or_else(|| FunctionError::new("must pass at least one number"))
}

fn parse_int_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::String) | None => Ok(Type::Number),
        Some(other) => Err(FunctionError::argument(
            0,
            format!("first argument must be a string, not {}", other.friendly_name()),
        )),
    }
}

fn parse_int(call: &Call<'_>) -> Result<Value, FunctionError> {
    let digits = text(call, 0)?;
    let base = number(call, 1)?.to_i64().ok_or_else(|| FunctionError::argument(1, WHOLE_NUMBER))?;
    let base = u32::try_from(base).ok().filter(|base| (2..=62).contains(base)).ok_or_else(|| {
        FunctionError::argument(1, "base must be a whole number between 2 and 62 inclusive")
    })?;
    Number::parse_radix(digits, base).map(Value::number).ok_or_else(|| {
        FunctionError::argument(0, format!("cannot parse \"{digits}\" as a base {base} integer"))
    })
}
