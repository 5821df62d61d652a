//! Functions on lists, sets and tuples as a whole, and on collections of any kind.

use std::sync::Arc;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::WHOLE_NUMBER;
use super::args::elements;
use super::args::equal;
use super::args::known_length;
use super::args::value;
use super::graphemes::count;
use crate::value::Data;
use crate::value::Number;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::unify;

const ANY_LIST: Ty = Ty::List(&Ty::Any);
const BOOL_LIST: &[Param] = &[Param::new("list", Ty::List(&Ty::Bool))];
const LIST: Param = Param::new("list", Ty::Any);
const ANY_ARGS: Param = Param::new("vals", Ty::Any).nullable().unknown().dynamic();

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("alltrue", BOOL_LIST, Returns::Is(Ty::Bool), all_true).doc(
        "Tells whether every element of a list is true; also for an empty list.",
        "alltrue([true, true])",
    ),
    Function::new("anytrue", BOOL_LIST, Returns::Is(Ty::Bool), any_true)
        .doc("Tells whether any element of a list is true.", "anytrue([false, true])"),
    Function::new("coalesce", &[], Returns::By(coalesce_type), coalesce).variadic(ANY_ARGS).doc(
        "Returns the first argument that is neither null nor an empty string.",
        r#"coalesce(null, "", "b")"#,
    ),
    Function::new("coalescelist", &[], Returns::By(coalesce_list_type), coalesce_list)
        .variadic(ANY_ARGS)
        .doc("Returns the first argument that is not an empty list.", r#"coalescelist([], ["c", "d"])"#),
    Function::new(
        "compact",
        &[Param::new("list", Ty::List(&Ty::String))],
        Returns::Is(Ty::List(&Ty::String)),
        compact,
    )
    .doc("Removes nulls and empty strings from a list of strings.", r#"compact(["a", "", "b"])"#),
    Function::new("contains", &[LIST, Param::new("value", Ty::Any)], Returns::Is(Ty::Bool), contains).doc(
        "Tells whether a list, set or tuple has an element that equals a value.",
        r#"contains(["a", "b"], "a")"#,
    ),
    Function::new("distinct", &[Param::new("list", ANY_LIST)], Returns::By(same_type), distinct).doc(
        "Removes repeated elements from a list, keeping the first of each.",
        r#"distinct(["a", "b", "a"])"#,
    ),
    Function::new("index", &[LIST, Param::new("value", Ty::Any)], Returns::Is(Ty::Number), index).doc(
        "Returns the position of the first element of a list that equals a value.",
        r#"index(["a", "b", "c"], "b")"#,
    ),
    Function::new(
        "length",
        &[Param::new("value", Ty::Any).unknown().dynamic().marked()],
        Returns::By(length_type),
        length,
    )
    .doc(
        "Returns the number of elements of a collection or of characters of a string.",
        r#"length(["a", "b"])"#,
    ),
    Function::new("one", &[LIST], Returns::By(one_type), one)
        .may_be_null()
        .doc("Returns the only element of a collection, or null if there is none.", r#"one(["a"])"#),
    Function::new("range", &[], Returns::Is(Ty::List(&Ty::Number)), range)
        .variadic(Param::new("params", Ty::Number))
        .doc("Makes a list of numbers from a start, a limit and a step.", "range(1, 8, 2)"),
    Function::new(
        "sort",
        &[Param::new("list", Ty::List(&Ty::String)).unknown()],
        Returns::Is(Ty::List(&Ty::String)),
        sort,
    )
    .doc("Sorts a list of strings by their characters' code points.", r#"sort(["e", "d", "a"])"#),
    Function::new("sum", &[LIST], Returns::Is(Ty::Number), sum)
        .doc("Adds up the numbers of a list, set or tuple.", "sum([10, 13, 6])"),
];

/// The result has the type of the first argument.
pub(super) fn same_type(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(args.first().map_or(Type::Any, Value::ty))
}

fn all_true(call: &Call<'_>) -> Result<Value, FunctionError> {
    for element in elements(call, 0)? {
        if !element.is_known() {
            return Ok(Value::unknown(Type::Bool));
        }
        if element.as_bool() != Some(true) {
            return Ok(Value::bool(false));
        }
    }
    Ok(Value::bool(true))
}

fn any_true(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = elements(call, 0)?;
    if list.iter().any(|element| element.as_bool() == Some(true)) {
        return Ok(Value::bool(true));
    }
    Ok(if list.iter().all(Value::is_known) { Value::bool(false) } else { Value::unknown(Type::Bool) })
}

fn coalesce_type(args: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify(&types).ok_or_else(|| FunctionError::new("all arguments must have the same type"))
}

fn coalesce(call: &Call<'_>) -> Result<Value, FunctionError> {
    for (index, arg) in call.args.iter().enumerate() {
        let arg =
            convert(arg, call.returns).map_err(|error| FunctionError::argument(index, error.message))?;
        if !arg.is_known() {
            return Ok(Value::unknown(call.returns.clone()));
        }
        let empty = *call.returns == Type::String && arg.as_str().is_some_and(|text| text.is_empty());
        if !arg.is_null() && !empty {
            return Ok(arg);
        }
    }
    Err(FunctionError::new("no non-null, non-empty-string arguments"))
}

fn coalesce_list_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = args.first() else {
        return Err(FunctionError::new("at least one argument is required"));
    };
    for arg in args {
        if !arg.is_known() {
            return Ok(Type::Any);
        }
        if !matches!(arg.ty(), Type::List(_) | Type::Tuple(_)) {
            return Err(FunctionError::new("coalescelist arguments must be lists or tuples"));
        }
    }
    let ty = first.ty();
    Ok(if args.iter().all(|arg| arg.ty() == ty) { ty } else { Type::Any })
}

fn coalesce_list(call: &Call<'_>) -> Result<Value, FunctionError> {
    for arg in call.args {
        if !arg.is_known() {
            return Ok(Value::unknown(call.returns.clone()));
        }
        if arg.elements().is_some_and(|elements| !elements.is_empty()) {
            return Ok(arg.clone());
        }
    }
    Err(FunctionError::new("no non-null arguments"))
}

fn compact(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = elements(call, 0)?;
    if !list.iter().all(Value::is_known) {
        return Ok(Value::unknown(call.returns.clone()));
    }
    let kept = list.iter().filter(|element| element.as_str().is_some_and(|text| !text.is_empty()));
    Ok(Value::list(Type::String, kept.cloned()))
}

fn contains(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = value(call, 0)?
        .elements()
        .ok_or_else(|| FunctionError::new("argument must be list, tuple, or set"))?;
    let wanted = value(call, 1)?;
    let mut open = false;
    for element in list {
        match equal(wanted, element) {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => open = true,
        }
    }
    Ok(if open { Value::unknown(Type::Bool) } else { Value::bool(false) })
}

fn distinct(call: &Call<'_>) -> Result<Value, FunctionError> {
    if !value(call, 0)?.is_wholly_known() {
        return Ok(Value::unknown(call.returns.clone()));
    }
    let mut sorted: std::collections::BTreeSet<Ordered<'_>> = std::collections::BTreeSet::new();
    let mut kept: Vec<Value> = Vec::new();
    for element in elements(call, 0)? {
        if sorted.insert(Ordered(element)) {
            kept.push(element.clone());
        }
    }
    let Type::List(element) = call.returns else { return Ok(Value::list(Type::Any, kept)) };
    Ok(Value::list((**element).clone(), kept))
}

/// A known value in the structural order, which finds equal elements of one type without comparing all pairs.
#[derive(Debug)]
struct Ordered<'v>(&'v Value);

impl PartialEq for Ordered<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered<'_> {}

impl PartialOrd for Ordered<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self.0.as_number(), other.0.as_number()) {
            (Some(a), Some(b)) if a.equals(b) => std::cmp::Ordering::Equal,
            _ => self.0.structural_cmp(other.0),
        }
    }
}

fn index(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (Data::List(_, list) | Data::Tuple(list)) = value(call, 0)?.data() else {
        return Err(FunctionError::new("argument must be a list or tuple"));
    };
    if list.is_empty() {
        return Err(FunctionError::new("cannot search an empty list"));
    }
    let wanted = value(call, 1)?;
    for (position, element) in list.iter().enumerate() {
        match equal(element, wanted) {
            Some(true) => return Ok(Value::int(i64::try_from(position).unwrap_or(i64::MAX))),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    Err(FunctionError::new("item not found"))
}

fn length_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::Bool | Type::Number) => {
            Err(FunctionError::new("argument must be a string, a collection type, or a structural type"))
        }
        _ => Ok(Type::Number),
    }
}

fn length(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    let number = |count: usize| Number::from(i64::try_from(count).unwrap_or(i64::MAX));
    if let Some(text) = arg.as_str() {
        return Ok(Value::number(number(count(text))).mark(arg.marks()));
    }
    if let Some(count) = known_length(arg) {
        return Ok(Value::number(number(count)).mark(arg.marks()));
    }
    let mut refinement = Refinement::not_null();
    match arg.data() {
        Data::Set(_, parts) => {
            refinement.min = Some((Number::from(1i64), true));
            refinement.max = Some((number(parts.len()), true));
        }
        Data::Unknown(unknown) => {
            let bound = |count: u64| (number(usize::try_from(count).unwrap_or(usize::MAX)), true);
            refinement.min = Some(bound(unknown.refinement.min_length.unwrap_or(0)));
            refinement.max = unknown.refinement.max_length.map(bound);
        }
        _ => {}
    }
    Ok(Value::refined(Type::Number, refinement).mark(arg.marks()))
}

const NOT_ONE: &str = "must be a list, set, or tuple value with either zero or one elements";

fn one_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::List(element) | Type::Set(element)) => return Ok((*element).clone()),
        Some(Type::Tuple(parts)) if parts.is_empty() => return Ok(Type::Any),
        Some(Type::Tuple(parts)) if parts.len() == 1 => {
            if let Some(only) = parts.first() {
                return Ok(only.clone());
            }
        }
        _ => {}
    }
    Err(FunctionError::argument(0, NOT_ONE))
}

fn one(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    match (known_length(arg), arg.elements()) {
        (None, _) => Ok(Value::unknown(call.returns.clone())),
        (_, Some([])) => Ok(Value::null_of(call.returns.clone())),
        (_, Some([only])) => Ok(only.clone()),
        _ => Err(FunctionError::argument(0, NOT_ONE)),
    }
}

fn range(call: &Call<'_>) -> Result<Value, FunctionError> {
    const LIMIT: usize = 1024;
    let numbers: Vec<&Number> = call.args.iter().filter_map(Value::as_number).collect();
    let (zero, up, down) = (Number::from(0i64), Number::from(1i64), Number::from(-1i64));
    let (start, end, step) = match numbers.as_slice() {
        [end] => (&zero, *end, if **end < zero { &down } else { &up }),
        [start, end] => (*start, *end, if end < start { &down } else { &up }),
        [start, end, step] => (*start, *end, *step),
        _ => return Err(FunctionError::new("must have one, two, or three arguments")),
    };
    let falling = *step < zero;
    if falling && end > start {
        return Err(FunctionError::argument(1, "end must be less than start when step is negative"));
    }
    if !falling && end < start {
        return Err(FunctionError::argument(1, "end must be greater than start when step is positive"));
    }
    let mut values = Vec::new();
    let mut current = start.clone();
    while if falling { current > *end } else { current < *end } {
        if values.len() >= LIMIT {
            return Err(FunctionError::new(
                "more than 1024 values were generated; either decrease the difference between start and end \
                 or use a smaller step",
            ));
        }
        let next = current.add(step).ok_or_else(|| FunctionError::new("the step leads to no number"))?;
        values.push(Value::number(current));
        current = next;
    }
    Ok(Value::list(Type::Number, values))
}

fn sort(call: &Call<'_>) -> Result<Value, FunctionError> {
    if let Some(known) = call.args.first().and_then(Value::refinement) {
        // Sorting keeps the length.
        let refinement = Refinement {
            not_null: true,
            min_length: known.min_length,
            max_length: known.max_length,
            ..Refinement::default()
        };
        return Ok(Value::refined(call.returns.clone(), refinement));
    }
    let list = elements(call, 0)?;
    if !list.iter().all(Value::is_known) {
        return Ok(Value::list(Type::String, list.iter().map(|_| Value::unknown(Type::String))));
    }
    let mut texts = Vec::with_capacity(list.len());
    for (position, element) in list.iter().enumerate() {
        texts.push(element.as_str().ok_or_else(|| {
            FunctionError::new(format!(
                "given list element {position} is null; a null string cannot be sorted"
            ))
        })?);
    }
    texts.sort();
    Ok(Value::list(Type::String, texts.into_iter().map(|text| Value::string(Arc::clone(text)))))
}

fn sum(call: &Call<'_>) -> Result<Value, FunctionError> {
    const NOT_NUMBERS: &str = "argument must be list, set, or tuple of number values";
    let arg = value(call, 0)?;
    if arg.ty().is_primitive() {
        return Err(FunctionError::argument(0, "cannot sum noniterable"));
    }
    if known_length(arg) == Some(0) {
        return Err(FunctionError::argument(0, "cannot sum an empty list"));
    }
    let Some(list) = arg.elements() else {
        return Err(FunctionError::argument(
            0,
            format!("argument must be list, set, or tuple. Received {}", arg.ty().friendly_name()),
        ));
    };
    if !arg.is_wholly_known() {
        return Ok(Value::unknown(Type::Number));
    }
    let mut total: Option<Number> = None;
    for element in list {
        let element = convert(element, &Type::Number).map_err(|_| FunctionError::argument(0, NOT_NUMBERS))?;
        let number = element.as_number().ok_or_else(|| FunctionError::argument(0, NOT_NUMBERS))?;
        total = match total {
            None => Some(number.clone()),
            Some(total) => Some(
                total
                    .add(number)
                    .ok_or_else(|| FunctionError::new("can't compute sum of opposing infinities"))?,
            ),
        };
    }
    total.map(Value::number).ok_or_else(|| FunctionError::new(WHOLE_NUMBER))
}
