//! Types and type constraints.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Value;

/// A type, or a type constraint if it contains [`Type::Any`] or optional attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Any type: the type of an untyped null or of a wholly unknown value; `any` in constraints.
    Any,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list(T)`.
    List(Arc<Self>),
    /// `set(T)`.
    Set(Arc<Self>),
    /// `map(T)`.
    Map(Arc<Self>),
    /// `tuple([T, …])`.
    Tuple(Arc<[Self]>),
    /// `object({ name = T, … })`.
    Object(Arc<BTreeMap<Arc<str>, ObjectAttr>>),
}

/// One attribute of an object type.
#[derive(Debug, Clone)]
pub struct ObjectAttr {
    /// The attribute's type.
    pub ty: Type,
    /// `optional(T)` in a constraint; always false in the type of a value.
    pub optional: bool,
    /// `optional(T, default)` in a constraint.
    pub default: Option<Value>,
}

impl PartialEq for ObjectAttr {
    fn eq(&self, other: &Self) -> bool {
        self.ty == other.ty && self.optional == other.optional
    }
}

impl Eq for ObjectAttr {}

impl ObjectAttr {
    /// A required attribute.
    #[must_use]
    pub fn required(ty: Type) -> Self {
        Self { ty, optional: false, default: None }
    }
}

impl Type {
    /// Returns `list(T)`.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// Returns `set(T)`.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    /// Returns `map(T)`.
    #[must_use]
    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    /// Returns a tuple type.
    pub fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    /// Returns an object type whose attributes are all required.
    pub fn object<N: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(Arc::new(
            attributes.into_iter().map(|(name, ty)| (name.into(), ObjectAttr::required(ty))).collect(),
        ))
    }

    /// Returns true for `bool`, `number` and `string`.
    #[must_use]
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// Returns true if [`Type::Any`] occurs anywhere in it.
    #[must_use]
    pub fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_any(),
            Self::Tuple(elements) => elements.iter().any(Self::has_any),
            Self::Object(attributes) => attributes.values().any(|attribute| attribute.ty.has_any()),
        }
    }

    /// Returns the name used in messages: `string`, `list of number`, `object` …
    #[must_use]
    pub fn friendly_name(&self) -> String {
        match self {
            Self::Any => "dynamic".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Number => "number".to_owned(),
            Self::String => "string".to_owned(),
            Self::List(element) => format!("list of {}", element.friendly_name()),
            Self::Set(element) => format!("set of {}", element.friendly_name()),
            Self::Map(element) => format!("map of {}", element.friendly_name()),
            Self::Tuple(_) => "tuple".to_owned(),
            Self::Object(_) => "object".to_owned(),
        }
    }
}

/// The constraint as written in a configuration: `map(object({ a = optional(string) }))`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (index, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("])")
            }
            Self::Object(attributes) => {
                f.write_str("object({")?;
                for (index, (name, attribute)) in attributes.iter().enumerate() {
                    f.write_str(if index == 0 { " " } else { ", " })?;
                    if attribute.optional {
                        write!(f, "{name} = optional({})", attribute.ty)?;
                    } else {
                        write!(f, "{name} = {}", attribute.ty)?;
                    }
                }
                f.write_str(if attributes.is_empty() { "})" } else { " })" })
            }
        }
    }
}
