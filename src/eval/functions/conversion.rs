//! Type conversion, sensitivity, and the two functions that exist only to say what to write instead.

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::value;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::convertible;

const ANY: Param = Param::new("v", Ty::Any).nullable().dynamic().marked();
const SENSITIVE: Param = Param::new("value", Ty::Any).nullable().unknown().dynamic().marked();
const REST: Param = Param::new("vals", Ty::Any).nullable().unknown().dynamic();

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("ephemeralasnull", &[SENSITIVE], Returns::By(same), |call| {
        Ok(without_ephemeral(value(call, 0)?))
    })
    .may_be_null()
    .doc("Replaces every ephemeral part of a value by null.", "ephemeralasnull({ a = 1 })"),
    Function::new("issensitive", &[SENSITIVE], Returns::Is(Ty::Bool), is_sensitive)
        .doc("Tells whether a value is sensitive.", r#"issensitive(sensitive("secret"))"#),
    Function::new("list", &[], Returns::By(|_| Ok(Type::Any)), |_| {
        Err(FunctionError::new("the `list` function does not exist any more; write `tolist([ ... ])`"))
    })
    .variadic(REST)
    .doc("Always fails; `tolist([ ... ])` makes a list.", "can(list(1, 2))"),
    Function::new("map", &[], Returns::By(|_| Ok(Type::Any)), |_| {
        Err(FunctionError::new("the `map` function does not exist any more; write `tomap({ ... })`"))
    })
    .variadic(REST)
    .doc("Always fails; `tomap({ ... })` makes a map.", r#"can(map("a", 1))"#),
    Function::new("nonsensitive", &[SENSITIVE], Returns::By(same), |call| {
        let (plain, marks) = value(call, 0)?.clone().unmark();
        Ok(plain.mark(marks.without(Marks::SENSITIVE)))
    })
    .may_be_null()
    .doc("Returns a value without its sensitive mark.", r#"nonsensitive(sensitive("a"))"#),
    Function::new("sensitive", &[SENSITIVE], Returns::By(same), |call| {
        Ok(value(call, 0)?.clone().mark(Marks::SENSITIVE))
    })
    .may_be_null()
    .doc("Returns a value that is never shown.", r#"sensitive("a")"#),
    Function::new("tobool", &[ANY], Returns::By(|args| target(args, &Type::Bool)), to_type)
        .may_be_null()
        .doc("Converts a value to a bool.", r#"tobool("true")"#),
    Function::new("tolist", &[ANY], Returns::By(|args| target(args, &Type::list(Type::Any))), to_type)
        .may_be_null()
        .doc("Converts a value to a list.", r#"tolist(["a", "b"])"#),
    Function::new("tomap", &[ANY], Returns::By(|args| target(args, &Type::map(Type::Any))), to_type)
        .may_be_null()
        .doc("Converts a value to a map.", "tomap({ a = 1, b = 2 })"),
    Function::new("tonumber", &[ANY], Returns::By(|args| target(args, &Type::Number)), to_type)
        .may_be_null()
        .doc("Converts a value to a number.", r#"tonumber("1")"#),
    Function::new("toset", &[ANY], Returns::By(|args| target(args, &Type::set(Type::Any))), to_type)
        .may_be_null()
        .doc("Converts a value to a set.", r#"toset(["a", "b", "a"])"#),
    Function::new("tostring", &[ANY], Returns::By(|args| target(args, &Type::String)), to_type)
        .may_be_null()
        .doc("Converts a value to a string.", "tostring(1)"),
];

fn same(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(args.first().map_or(Type::Any, Value::ty))
}

/// Checks that a conversion exists at all; whether this value converts shows when it is known.
fn target(args: &[Value], wanted: &Type) -> Result<Type, FunctionError> {
    let got = same(args)?;
    if !convertible(&got, wanted) {
        return Err(cannot(&got, wanted));
    }
    Ok(wanted.clone())
}

fn cannot(got: &Type, wanted: &Type) -> FunctionError {
    FunctionError::argument(
        0,
        format!("cannot convert {} to {}", got.friendly_name(), wanted.constraint_name()),
    )
}

fn to_type(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    convert(arg, call.returns).map_err(|_| {
        let got = arg.ty();
        let wanted = call.returns.constraint_name();
        let message = match (arg.data(), call.returns) {
            _ if arg.marks_deep().is_sensitive() => {
                format!("cannot convert this sensitive {} to {wanted}", got.friendly_name())
            }
            (Data::String(text), Type::Bool) => {
                format!("cannot convert {text:?} to bool; only the strings \"true\" or \"false\" are allowed")
            }
            (Data::String(text), Type::Number) => format!(
                "cannot convert {text:?} to number; given string must be a decimal representation of a number"
            ),
            _ => return cannot(&got, call.returns),
        };
        FunctionError::argument(0, message)
    })
}

fn is_sensitive(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    Ok(if arg.marks().is_sensitive() {
        Value::bool(true)
    } else if arg.is_known() {
        Value::bool(false)
    } else {
        Value::unknown(Type::Bool)
    })
}

fn without_ephemeral(value: &Value) -> Value {
    let marks = value.marks();
    if marks.is_ephemeral() {
        return Value::null_of(value.ty()).mark(marks.without(Marks::EPHEMERAL));
    }
    value.clone().map_parts(&mut |part| without_ephemeral(&part))
}
