//! Functions that take sequences apart and put them together, element by element: `chunklist`, `concat`,
//! `element`, `flatten`, `reverse`, `slice`. Marks stay on the elements that carry them.

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::WHOLE_NUMBER;
use super::args::known_length;
use super::args::value;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::unify;

const MARKED_LIST: Param = Param::new("list", Ty::Any).marked();

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new(
        "chunklist",
        &[Param::new("list", Ty::List(&Ty::Any)).marked(), Param::new("size", Ty::Number).marked()],
        Returns::By(|args| Ok(Type::list(args.first().map_or(Type::Any, Value::ty)))),
        chunk_list,
    )
    .doc("Cuts a list into lists of a given length.", r#"chunklist(["a", "b", "c"], 2)"#),
    Function::new("concat", &[], Returns::By(concat_type), concat)
        .variadic(Param::new("seqs", Ty::Any).marked())
        .doc("Puts lists one after the other.", r#"concat(["a"], ["b", "c"])"#),
    Function::new(
        "element",
        &[MARKED_LIST, Param::new("index", Ty::Number)],
        Returns::By(element_type),
        element,
    )
    .may_be_null()
    .doc(
        "Returns an element of a list by its position, counting on from the start after the end.",
        r#"element(["a", "b", "c"], 3)"#,
    ),
    Function::new("flatten", &[MARKED_LIST], Returns::By(flatten_type), flatten)
        .doc("Replaces every list within a list by its elements.", r#"flatten([["a", "b"], [], ["c"]])"#),
    Function::new("reverse", &[MARKED_LIST], Returns::By(reverse_type), reverse)
        .doc("Puts the elements of a sequence in reverse order.", "reverse([1, 2, 3])"),
    Function::new(
        "slice",
        &[MARKED_LIST, Param::new("start_index", Ty::Number), Param::new("end_index", Ty::Number)],
        Returns::By(slice_type),
        slice,
    )
    .doc(
        "Returns the elements from a start position up to, without, an end position.",
        r#"slice(["a", "b", "c"], 1, 2)"#,
    ),
];

/// Makes a sequence of the announced type.
fn sequence(ty: &Type, parts: Vec<Value>) -> Value {
    match ty {
        Type::List(element) => Value::list((**element).clone(), parts),
        _ => Value::tuple(parts),
    }
}

fn chunk_list(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (list, size) = (value(call, 0)?, value(call, 1)?);
    let marks = list.marks() | size.marks();
    let size = size
        .as_number()
        .and_then(crate::value::Number::to_i64)
        .ok_or_else(|| FunctionError::new(format!("invalid size: {WHOLE_NUMBER}")))?;
    let size = usize::try_from(size).map_err(|_| FunctionError::new("the size argument must be positive"))?;
    let Data::List(element, parts) = list.data() else {
        return Err(FunctionError::argument(0, "list of any single type required"));
    };
    let chunks: Vec<Value> = if size == 0 && !parts.is_empty() {
        // All of it is one part.
        vec![list.clone().unmark().0]
    } else {
        parts.chunks(size.max(1)).map(|chunk| Value::list(element.clone(), chunk.iter().cloned())).collect()
    };
    Ok(Value::list(Type::list(element.clone()), chunks).mark(marks))
}

fn concat_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types)
    {
        return Ok(common);
    }
    let mut parts = Vec::new();
    for (index, (arg, ty)) in args.iter().zip(&types).enumerate() {
        match ty {
            Type::Tuple(elements) => parts.extend(elements.iter().cloned()),
            Type::List(element) => match arg.elements() {
                Some(elements) => parts.extend(elements.iter().map(|_| (**element).clone())),
                None => return Ok(Type::Any),
            },
            _ => {
                return Err(FunctionError::argument(
                    index,
                    format!("all arguments must be lists or tuples; got {}", ty.friendly_name()),
                ));
            }
        }
    }
    Ok(Type::tuple(parts))
}

fn concat(call: &Call<'_>) -> Result<Value, FunctionError> {
    let mut marks = Marks::NONE;
    let mut parts: Vec<Value> = Vec::new();
    for (index, arg) in call.args.iter().enumerate() {
        marks |= arg.marks();
        if matches!(call.returns, Type::List(_)) {
            let list =
                convert(arg, call.returns).map_err(|error| FunctionError::argument(index, error.message))?;
            parts.extend(list.elements().unwrap_or_default().iter().cloned());
        } else {
            parts.extend(arg.elements().unwrap_or_default().iter().cloned());
        }
    }
    Ok(sequence(call.returns, parts).mark(marks))
}

fn position(index: &Value) -> Result<i64, FunctionError> {
    index
        .as_number()
        .and_then(crate::value::Number::to_i64)
        .ok_or_else(|| FunctionError::new(format!("invalid index: {WHOLE_NUMBER}")))
}

fn element_type(args: &[Value]) -> Result<Type, FunctionError> {
    let [list, index] = args else { return Ok(Type::Any) };
    if index.as_number().is_some_and(|index| index.is_negative() && !index.is_zero()) {
        return Err(FunctionError::new("cannot use element function with a negative index"));
    }
    match list.ty() {
        Type::List(element) => Ok((*element).clone()),
        Type::Tuple(_) if !index.is_known() => Ok(Type::Any),
        Type::Tuple(parts) => {
            let at = usize::try_from(position(index)?).unwrap_or(0);
            at.checked_rem(parts.len())
                .and_then(|at| parts.get(at).cloned())
                .ok_or_else(|| FunctionError::new("cannot use element function with an empty list"))
        }
        other => Err(FunctionError::new(format!("cannot read elements from {}", other.friendly_name()))),
    }
}

fn element(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = value(call, 0)?;
    let at = usize::try_from(position(value(call, 1)?)?).unwrap_or(0);
    let parts = list.elements().unwrap_or_default();
    at.checked_rem(parts.len())
        .and_then(|at| parts.get(at))
        .map(|element| element.clone().mark(list.marks()))
        .ok_or_else(|| FunctionError::new("cannot use element function with an empty list"))
}

/// The elements of a nested sequence.
#[derive(Default)]
struct Flat {
    parts: Vec<Value>,
    /// The marks of the sequences taken apart.
    marks: Marks,
    /// A sequence was not known, so that the number of elements is open.
    open: bool,
}

impl Flat {
    fn take(&mut self, list: &Value) {
        self.marks |= list.marks();
        let Some(elements) = list.elements().filter(|_| known_length(list).is_some()) else {
            self.open = true;
            return;
        };
        for element in elements {
            match element.data() {
                Data::List(..) | Data::Set(..) | Data::Tuple(_) => self.take(element),
                Data::Unknown(unknown)
                    if matches!(unknown.ty, Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Any) =>
                {
                    self.marks |= element.marks();
                    self.open = true;
                }
                _ => self.parts.push(element.clone()),
            }
        }
    }
}

fn flat(args: &[Value]) -> Flat {
    let mut flat = Flat::default();
    if let Some(list) = args.first() {
        flat.take(list);
    }
    flat
}

fn flatten_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {}
        _ => return Err(FunctionError::new("can only flatten lists, sets and tuples")),
    }
    let flat = flat(args);
    Ok(if flat.open { Type::Any } else { Type::tuple(flat.parts.iter().map(Value::ty)) })
}

fn flatten(call: &Call<'_>) -> Result<Value, FunctionError> {
    let flat = flat(call.args);
    Ok(if flat.open { Value::unknown(Type::Any) } else { Value::tuple(flat.parts) }.mark(flat.marks))
}

fn reverse_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(list @ Type::List(_)) => Ok(list),
        Some(Type::Set(element)) => Ok(Type::List(element)),
        Some(Type::Tuple(parts)) => Ok(Type::tuple(parts.iter().rev().cloned())),
        Some(other) => Err(FunctionError::argument(
            0,
            format!("can only reverse list or tuple values, not {}", other.friendly_name()),
        )),
        None => Ok(Type::Any),
    }
}

fn reverse(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = value(call, 0)?;
    let parts = list.elements().unwrap_or_default().iter().rev().cloned().collect();
    Ok(sequence(call.returns, parts).mark(list.marks()))
}

/// The start and end positions of a slice as far as they are known, checked against the length.
fn slice_bounds(args: &[Value]) -> Result<Option<(usize, usize)>, FunctionError> {
    let length = args.first().and_then(known_length);
    let bound = |index: usize, name: &str| -> Result<Option<usize>, FunctionError> {
        let Some(number) = args.get(index).and_then(Value::as_number) else { return Ok(None) };
        let wrong = |message: String| FunctionError::argument(index, message);
        let at = number.to_i64().ok_or_else(|| wrong(format!("invalid {name} index: {WHOLE_NUMBER}")))?;
        let at =
            usize::try_from(at).map_err(|_| wrong(format!("{name} index must not be less than zero")))?;
        if length.is_some_and(|length| at > length) {
            return Err(wrong(format!("{name} index must not be greater than the length of the list")));
        }
        Ok(Some(at))
    };
    match (bound(1, "start")?, bound(2, "end")?) {
        (Some(start), Some(end)) if start > end => {
            Err(FunctionError::argument(1, "start index must not be greater than end index"))
        }
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

fn slice_type(args: &[Value]) -> Result<Type, FunctionError> {
    let ty = args.first().map_or(Type::Any, Value::ty);
    match &ty {
        Type::Set(_) => {
            return Err(FunctionError::argument(
                0,
                "cannot slice a set, because its elements have no positions; convert it to a list first",
            ));
        }
        Type::List(_) | Type::Tuple(_) => {}
        _ => return Err(FunctionError::argument(0, "must be a list or tuple value")),
    }
    let bounds = slice_bounds(args)?;
    Ok(match (&ty, bounds) {
        (Type::Tuple(parts), Some((start, end))) => {
            Type::tuple(parts.get(start..end).unwrap_or_default().iter().cloned())
        }
        (Type::Tuple(_), None) => Type::Any,
        _ => ty,
    })
}

fn slice(call: &Call<'_>) -> Result<Value, FunctionError> {
    let list = value(call, 0)?;
    let Some((start, end)) = slice_bounds(call.args)? else {
        return Ok(Value::unknown(call.returns.clone()));
    };
    let parts = list.elements().and_then(|parts| parts.get(start..end)).unwrap_or_default();
    Ok(sequence(call.returns, parts.to_vec()).mark(list.marks()))
}
