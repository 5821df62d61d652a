//! The value itself.

use std::fmt;
use std::sync::Arc;

use super::Fields;
use super::Marks;
use super::Number;
use super::ObjectAttr;
use super::Refinement;
use super::Type;
use super::Unknown;

/// A value of the language. Cheap to clone: collections are shared.
///
/// There is no `PartialEq`: the language's equality ([`Value::equals`]) may be unknown, structural
/// sameness is [`Value::same_as`]. `Debug` never shows sensitive content.
#[derive(Clone)]
pub struct Value {
    data: Data,
    marks: Marks,
}

/// The content of a value without its own marks. The parts of a collection carry marks of their own.
#[derive(Clone)]
pub enum Data {
    /// Null of a type ([`Type::Any`] for a plain `null`).
    Null(Type),
    /// A bool.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, always in Unicode normal form C.
    String(Arc<str>),
    /// A list of elements of one type.
    List(Type, Arc<[Value]>),
    /// A set: sorted, without duplicates, elements without marks of their own.
    Set(Type, Arc<[Value]>),
    /// A map of elements of one type.
    Map(Type, Arc<Fields>),
    /// A tuple.
    Tuple(Arc<[Value]>),
    /// An object.
    Object(Arc<Fields>),
    /// Known only after apply.
    Unknown(Arc<Unknown>),
}

impl Value {
    /// Joins content and marks.
    #[must_use]
    pub fn new(data: Data, marks: Marks) -> Self {
        Self { data, marks }
    }

    /// The untyped null.
    #[must_use]
    pub fn null() -> Self {
        Data::Null(Type::Any).into()
    }

    /// A null of a type.
    #[must_use]
    pub fn null_of(ty: Type) -> Self {
        Data::Null(ty).into()
    }

    /// A string (normalised by the caller where it comes from outside; see `eval::normalise`).
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Data::String(text.into()).into()
    }

    /// A bool.
    #[must_use]
    pub fn bool(value: bool) -> Self {
        Data::Bool(value).into()
    }

    /// A whole number.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Data::Number(Number::from(value)).into()
    }

    /// A number.
    #[must_use]
    pub fn number(value: Number) -> Self {
        Data::Number(value).into()
    }

    /// A tuple.
    pub fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Data::Tuple(elements.into_iter().collect()).into()
    }

    /// An object.
    pub fn object<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::of_fields(attributes.into_iter().collect())
    }

    /// An object.
    #[must_use]
    pub fn of_fields(fields: Fields) -> Self {
        Data::Object(Arc::new(fields)).into()
    }

    /// A list; the elements must be of the element type already.
    pub fn list(element: Type, elements: impl IntoIterator<Item = Self>) -> Self {
        Data::List(element, elements.into_iter().collect()).into()
    }

    /// A map; the elements must be of the element type already.
    pub fn map<N: Into<Arc<str>>>(element: Type, elements: impl IntoIterator<Item = (N, Self)>) -> Self {
        Data::Map(element, Arc::new(elements.into_iter().collect())).into()
    }

    /// A set; sorts, removes duplicates and lifts the elements' marks to the set.
    pub fn set(element: Type, elements: impl IntoIterator<Item = Self>) -> Self {
        let mut marks = Marks::NONE;
        let mut list: Vec<Self> = Vec::new();
        for value in elements {
            let (plain, found) = value.unmark_deep();
            marks |= found;
            list.push(plain);
        }
        let mut list = super::order::sort(list);
        list.dedup_by(|a, b| a.same_as(b) && a.is_wholly_known());
        Self::new(Data::Set(element, list.into()), marks)
    }

    /// An unknown value of a type about which nothing else is known.
    #[must_use]
    pub fn unknown(ty: Type) -> Self {
        Data::Unknown(Arc::new(Unknown { ty, refinement: Refinement::default() })).into()
    }

    /// The content.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The value's own marks (not those of its parts).
    #[must_use]
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Returns the value with more marks.
    #[must_use]
    pub fn mark(mut self, marks: Marks) -> Self {
        self.marks |= marks;
        self
    }

    /// Returns the value without its own marks, and the marks.
    #[must_use]
    pub fn unmark(self) -> (Self, Marks) {
        (Self { data: self.data, marks: Marks::NONE }, self.marks)
    }

    /// Returns the union of the marks at every depth.
    #[must_use]
    pub fn marks_deep(&self) -> Marks {
        let parts = match &self.data {
            Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
                parts.iter().fold(Marks::NONE, |marks, part| marks | part.marks_deep())
            }
            Data::Map(_, parts) | Data::Object(parts) => {
                parts.values().fold(Marks::NONE, |marks, part| marks | part.marks_deep())
            }
            Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Unknown(_) => {
                Marks::NONE
            }
        };
        self.marks | parts
    }

    /// Returns the value without any mark at any depth, and the union of the marks.
    #[must_use]
    pub fn unmark_deep(self) -> (Self, Marks) {
        let marks = self.marks_deep();
        if marks.is_none() {
            return (self, marks);
        }
        (self.map_parts(&mut |part| part.unmark_deep().0).unmark().0, marks)
    }

    /// Returns the value with each direct part replaced.
    #[must_use]
    pub fn map_parts(self, change: &mut dyn FnMut(Self) -> Self) -> Self {
        let data = match self.data {
            Data::List(ty, parts) => Data::List(ty, parts.iter().cloned().map(change).collect()),
            Data::Set(ty, parts) => Data::Set(ty, parts.iter().cloned().map(change).collect()),
            Data::Tuple(parts) => Data::Tuple(parts.iter().cloned().map(change).collect()),
            Data::Map(ty, parts) => Data::Map(
                ty,
                Arc::new(parts.iter().map(|(name, part)| (Arc::clone(name), change(part.clone()))).collect()),
            ),
            Data::Object(parts) => Data::Object(Arc::new(
                parts.iter().map(|(name, part)| (Arc::clone(name), change(part.clone()))).collect(),
            )),
            other
            @ (Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Unknown(_)) => other,
        };
        Self { data, marks: self.marks }
    }

    /// Returns the type.
    #[must_use]
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(element, _) => Type::list(element.clone()),
            Data::Set(element, _) => Type::set(element.clone()),
            Data::Map(element, _) => Type::map(element.clone()),
            Data::Tuple(parts) => Type::Tuple(parts.iter().map(Self::ty).collect()),
            Data::Object(parts) => Type::Object(Arc::new(
                parts
                    .iter()
                    .map(|(name, part)| (Arc::clone(name), ObjectAttr::required(part.ty())))
                    .collect(),
            )),
            Data::Unknown(unknown) => unknown.ty.clone(),
        }
    }

    /// Returns true for a null of any type.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// Returns true if the value itself is known (its parts may not be).
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self.data, Data::Unknown(_))
    }

    /// Returns true if no part at any depth is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match &self.data {
            Data::Unknown(_) => false,
            Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
                parts.iter().all(Self::is_wholly_known)
            }
            Data::Map(_, parts) | Data::Object(parts) => parts.values().all(Self::is_wholly_known),
            Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => true,
        }
    }

    /// Returns the text of a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&Arc<str>> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a known bool.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns a known number.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match &self.data {
            Data::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the elements of a known list, set or tuple.
    #[must_use]
    pub fn elements(&self) -> Option<&[Self]> {
        match &self.data {
            Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => Some(parts),
            _ => None,
        }
    }

    /// Returns the parts of a known map or object.
    #[must_use]
    pub fn fields(&self) -> Option<&Fields> {
        match &self.data {
            Data::Map(_, parts) | Data::Object(parts) => Some(parts),
            _ => None,
        }
    }

    /// Returns one part of a known map or object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.fields()?.get(name)
    }

    /// Returns true if both are structurally the same: same types, same content, same unknowns (marks are not compared).
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        // Which attributes may be left out is a matter of constraints, not of values.
        let ty = |a: &Type, b: &Type| a == b || a.without_optional() == b.without_optional();
        let all = |a: &Arc<[Self]>, b: &Arc<[Self]>| {
            Arc::ptr_eq(a, b) || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same_as(b))
        };
        let fields = |a: &Arc<Fields>, b: &Arc<Fields>| {
            Arc::ptr_eq(a, b)
                || a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|((an, av), (bn, bv))| an == bn && av.same_as(bv))
        };
        match (&self.data, &other.data) {
            (Data::Null(a), Data::Null(b)) => *a == Type::Any || *b == Type::Any || ty(a, b),
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Number(a), Data::Number(b)) => a.equals(b),
            (Data::String(a), Data::String(b)) => a == b,
            (Data::List(at, a), Data::List(bt, b)) | (Data::Set(at, a), Data::Set(bt, b)) => {
                ty(at, bt) && all(a, b)
            }
            (Data::Tuple(a), Data::Tuple(b)) => all(a, b),
            (Data::Map(at, a), Data::Map(bt, b)) => ty(at, bt) && fields(a, b),
            (Data::Object(a), Data::Object(b)) => fields(a, b),
            (Data::Unknown(a), Data::Unknown(b)) => ty(&a.ty, &b.ty) && a.refinement == b.refinement,
            _ => false,
        }
    }

    /// A total order used for sets: by kind, then by content.
    #[must_use]
    pub fn structural_cmp(&self, other: &Self) -> std::cmp::Ordering {
        use std::cmp::Ordering;
        fn rank(data: &Data) -> u8 {
            match data {
                Data::Bool(_) => 0,
                Data::Number(_) => 1,
                Data::String(_) => 2,
                Data::List(..) => 3,
                Data::Set(..) => 4,
                Data::Tuple(_) => 5,
                Data::Map(..) => 6,
                Data::Object(_) => 7,
                Data::Unknown(_) => 8,
                Data::Null(_) => 9,
            }
        }
        fn all(a: &[Value], b: &[Value]) -> Ordering {
            a.iter()
                .zip(b)
                .map(|(a, b)| a.structural_cmp(b))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        fn fields(a: &Fields, b: &Fields) -> Ordering {
            a.iter()
                .zip(b)
                .map(|((an, av), (bn, bv))| an.cmp(bn).then_with(|| av.structural_cmp(bv)))
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        match (&self.data, &other.data) {
            (Data::Bool(a), Data::Bool(b)) => a.cmp(b),
            (Data::Number(a), Data::Number(b)) => a.cmp(b),
            (Data::String(a), Data::String(b)) => a.cmp(b),
            (Data::List(_, a), Data::List(_, b))
            | (Data::Set(_, a), Data::Set(_, b))
            | (Data::Tuple(a), Data::Tuple(b)) => all(a, b),
            (Data::Map(_, a), Data::Map(_, b)) | (Data::Object(a), Data::Object(b)) => fields(a, b),
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, marks: Marks::NONE }
    }
}

/// Sensitive parts are not shown.
impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::from(self.clone()).fmt(f)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marks.is_sensitive() {
            return f.write_str("(sensitive)");
        }
        match &self.data {
            Data::Null(_) => f.write_str("null"),
            Data::Bool(value) => write!(f, "{value}"),
            Data::Number(number) => write!(f, "{number}"),
            Data::String(text) => write!(f, "{text:?}"),
            Data::List(_, parts) => {
                f.write_str("list")?;
                f.debug_list().entries(parts.iter()).finish()
            }
            Data::Set(_, parts) => {
                f.write_str("set")?;
                f.debug_list().entries(parts.iter()).finish()
            }
            Data::Tuple(parts) => f.debug_list().entries(parts.iter()).finish(),
            Data::Map(_, parts) => {
                f.write_str("map")?;
                f.debug_map().entries(parts.iter()).finish()
            }
            Data::Object(parts) => f.debug_map().entries(parts.iter()).finish(),
            Data::Unknown(unknown) => write!(f, "(unknown {})", unknown.ty),
        }
    }
}
