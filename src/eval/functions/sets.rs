//! Functions on sets: `setintersection`, `setproduct`, `setsubtract`, `setunion`.

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::known_length;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::unify;

const SET: Ty = Ty::Set(&Ty::Any);
const FIRST: &[Param] = &[Param::new("first_set", SET).dynamic()];
const OTHERS: Param = Param::new("other_sets", SET).dynamic();

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("setintersection", FIRST, Returns::By(common_set), intersection).variadic(OTHERS).doc(
        "Returns the elements that all the given sets have.",
        r#"setintersection(["a", "b"], ["b", "c"])"#,
    ),
    Function::new("setproduct", &[], Returns::By(product_type), product)
        .variadic(Param::new("sets", Ty::Any).marked())
        .doc(
            "Returns every combination of one element from each of the given collections.",
            r#"setproduct(["a", "b"], [1, 2])"#,
        ),
    Function::new(
        "setsubtract",
        &[Param::new("a", SET).dynamic(), Param::new("b", SET).dynamic()],
        Returns::By(common_set),
        subtract,
    )
    .doc(
        "Returns the elements of the first set that the second does not have.",
        r#"setsubtract(["a", "b"], ["b"])"#,
    ),
    Function::new("setunion", FIRST, Returns::By(common_set), union)
        .variadic(OTHERS)
        .doc("Returns the elements that any of the given sets has.", r#"setunion(["a", "b"], ["b", "c"])"#),
];

/// The type that all the sets convert to; empty sets of no type do not count.
fn common_set(args: &[Value]) -> Result<Type, FunctionError> {
    let mut elements = Vec::with_capacity(args.len());
    for arg in args {
        let element = match arg.ty() {
            Type::Set(element) => (*element).clone(),
            _ => Type::Any,
        };
        if element == Type::Any && known_length(arg) == Some(0) {
            continue;
        }
        elements.push(element);
    }
    if elements.is_empty() {
        return Ok(Type::set(Type::Any));
    }
    unify(&elements)
        .map(Type::set)
        .ok_or_else(|| FunctionError::new("given sets must all have compatible element types"))
}

/// The arguments as sets of the common type, and that type's element.
fn converted(call: &Call<'_>) -> Result<(Vec<Value>, Type), FunctionError> {
    let sets = call
        .args
        .iter()
        .enumerate()
        .map(|(index, arg)| {
            convert(arg, call.returns).map_err(|error| FunctionError::argument(index, error.message))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let element = match call.returns {
        Type::Set(element) => (**element).clone(),
        _ => Type::Any,
    };
    Ok((sets, element))
}

/// Sets are sorted, so membership is found by bisection.
fn has(set: &[Value], element: &Value) -> bool {
    set.binary_search_by(|candidate| candidate.structural_cmp(element)).is_ok()
}

fn union(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (sets, element) = converted(call)?;
    if !sets.iter().all(Value::is_known) {
        return Ok(Value::unknown(call.returns.clone()));
    }
    Ok(Value::set(element, sets.iter().flat_map(|set| set.elements().unwrap_or_default().iter().cloned())))
}

fn intersection(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (sets, element) = converted(call)?;
    if !sets.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown(call.returns.clone()));
    }
    let Some((first, rest)) = sets.split_first() else { return Ok(Value::set(element, [])) };
    let in_all =
        |candidate: &&Value| rest.iter().all(|set| has(set.elements().unwrap_or_default(), candidate));
    Ok(Value::set(element, first.elements().unwrap_or_default().iter().filter(in_all).cloned()))
}

fn subtract(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (sets, element) = converted(call)?;
    if !sets.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown(call.returns.clone()));
    }
    let [first, second] = sets.as_slice() else { return Ok(Value::set(element, [])) };
    let second = second.elements().unwrap_or_default();
    let left = first.elements().unwrap_or_default().iter().filter(|candidate| !has(second, candidate));
    Ok(Value::set(element, left.cloned()))
}

fn product_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() < 2 {
        return Err(FunctionError::new("at least two arguments are required"));
    }
    let mut parts = Vec::with_capacity(args.len());
    let mut ordered = true;
    for (index, arg) in args.iter().enumerate() {
        parts.push(match arg.ty() {
            Type::Set(element) => {
                ordered = false;
                (*element).clone()
            }
            Type::List(element) => (*element).clone(),
            Type::Tuple(elements) if elements.is_empty() => Type::Any,
            Type::Tuple(elements) => unify(&elements)
                .ok_or_else(|| FunctionError::argument(index, "all elements must be of the same type"))?,
            _ => return Err(FunctionError::argument(index, "a set or a list is required")),
        });
    }
    let combination = Type::tuple(parts);
    Ok(if ordered { Type::list(combination) } else { Type::set(combination) })
}

/// The most combinations that are made; a larger product would fill the memory.
const MAX_COMBINATIONS: usize = crate::eval::limits::MOST_PARTS;

fn product(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.args.iter().fold(Marks::NONE, |marks, arg| marks | arg.marks());
    if call.args.iter().any(|arg| !arg.is_known() || known_length(arg).is_none()) {
        return Ok(Value::unknown(call.returns.clone()).mark(marks));
    }
    let (combination, ordered) = match call.returns {
        Type::List(combination) => ((**combination).clone(), true),
        Type::Set(combination) => ((**combination).clone(), false),
        _ => (Type::Any, true),
    };
    let wanted = match &combination {
        Type::Tuple(parts) => parts.to_vec(),
        _ => Vec::new(),
    };
    let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
    for (index, (arg, ty)) in call.args.iter().zip(&wanted).enumerate() {
        let choices = arg
            .elements()
            .unwrap_or_default()
            .iter()
            .map(|element| {
                convert(element, ty).map_err(|error| FunctionError::argument(index, error.message))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if combinations.len().saturating_mul(choices.len()) > MAX_COMBINATIONS {
            return Err(FunctionError::new("the product has too many combinations"));
        }
        combinations = combinations
            .iter()
            .flat_map(|start| {
                choices.iter().map(|choice| {
                    let mut longer = start.clone();
                    longer.push(choice.clone());
                    longer
                })
            })
            .collect();
    }
    let tuples = combinations.into_iter().map(Value::tuple);
    let result = if ordered { Value::list(combination, tuples) } else { Value::set(combination, tuples) };
    Ok(result.mark(marks))
}
