//! Questions about types: what a value has, what a constraint asks for.

use std::sync::Arc;

use super::Data;
use super::ObjectAttr;
use super::Type;
use super::Value;

impl Value {
    /// Returns true if the value is exactly of a type, without building its type.
    #[must_use]
    pub fn has_type(&self, ty: &Type) -> bool {
        match (self.data(), ty) {
            (Data::Null(own), _) => own == ty,
            (Data::Unknown(unknown), _) => unknown.ty == *ty,
            (Data::Bool(_), Type::Bool)
            | (Data::Number(_), Type::Number)
            | (Data::String(_), Type::String) => true,
            (Data::List(own, _), Type::List(element))
            | (Data::Set(own, _), Type::Set(element))
            | (Data::Map(own, _), Type::Map(element)) => own == &**element,
            (Data::Tuple(parts), Type::Tuple(types)) => {
                parts.len() == types.len()
                    && parts.iter().zip(types.iter()).all(|(part, ty)| part.has_type(ty))
            }
            (Data::Object(parts), Type::Object(attributes)) => {
                parts.len() == attributes.len()
                    && parts.iter().zip(attributes.iter()).all(|((name, part), (wanted, attr))| {
                        name == wanted && !attr.optional && part.has_type(&attr.ty)
                    })
            }
            _ => false,
        }
    }
}

impl Type {
    /// Returns the type without `optional`: what values of the constraint have.
    #[must_use]
    pub fn without_optional(&self) -> Self {
        if !self.has_optional() {
            return self.clone();
        }
        match self {
            Self::List(element) => Self::list(element.without_optional()),
            Self::Set(element) => Self::set(element.without_optional()),
            Self::Map(element) => Self::map(element.without_optional()),
            Self::Tuple(elements) => Self::tuple(elements.iter().map(Self::without_optional)),
            Self::Object(attributes) => Self::Object(Arc::new(
                attributes
                    .iter()
                    .map(|(name, attr)| (Arc::clone(name), ObjectAttr::required(attr.ty.without_optional())))
                    .collect(),
            )),
            Self::Any | Self::Bool | Self::Number | Self::String => self.clone(),
        }
    }

    /// Returns the constraint without the defaults of its optional attributes.
    #[must_use]
    pub fn without_defaults(&self) -> Self {
        if !self.has_defaults() {
            return self.clone();
        }
        match self {
            Self::List(element) => Self::list(element.without_defaults()),
            Self::Set(element) => Self::set(element.without_defaults()),
            Self::Map(element) => Self::map(element.without_defaults()),
            Self::Tuple(elements) => Self::tuple(elements.iter().map(Self::without_defaults)),
            Self::Object(attributes) => Self::Object(Arc::new(
                attributes
                    .iter()
                    .map(|(name, attr)| {
                        let ty = attr.ty.without_defaults();
                        (Arc::clone(name), ObjectAttr { ty, optional: attr.optional, default: None })
                    })
                    .collect(),
            )),
            Self::Any | Self::Bool | Self::Number | Self::String => self.clone(),
        }
    }

    /// Returns true if there is an optional attribute anywhere in it.
    #[must_use]
    pub fn has_optional(&self) -> bool {
        self.any_attribute(&|attr| attr.optional)
    }

    /// Returns true if there is an attribute with a default anywhere in it.
    #[must_use]
    pub fn has_defaults(&self) -> bool {
        self.any_attribute(&|attr| attr.default.is_some())
    }

    fn any_attribute(&self, holds: &dyn Fn(&ObjectAttr) -> bool) -> bool {
        match self {
            Self::Any | Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.any_attribute(holds),
            Self::Tuple(elements) => elements.iter().any(|element| element.any_attribute(holds)),
            Self::Object(attributes) => {
                attributes.values().any(|attr| holds(attr) || attr.ty.any_attribute(holds))
            }
        }
    }

    /// Returns true if values of this type are allowed where a constraint stands that may contain `any`.
    #[must_use]
    pub fn conforms_to(&self, constraint: &Self) -> bool {
        match (self, constraint) {
            (_, Self::Any)
            | (Self::Bool, Self::Bool)
            | (Self::Number, Self::Number)
            | (Self::String, Self::String) => true,
            (Self::List(own), Self::List(element))
            | (Self::Set(own), Self::Set(element))
            | (Self::Map(own), Self::Map(element)) => own.conforms_to(element),
            (Self::Tuple(own), Self::Tuple(elements)) => {
                own.len() == elements.len()
                    && own.iter().zip(elements.iter()).all(|(own, element)| own.conforms_to(element))
            }
            (Self::Object(own), Self::Object(attributes)) => {
                own.len() == attributes.len()
                    && own
                        .iter()
                        .zip(attributes.iter())
                        .all(|((name, own), (wanted, attr))| name == wanted && own.ty.conforms_to(&attr.ty))
            }
            _ => false,
        }
    }

    /// Returns the name of a constraint in messages: as [`Type::friendly_name`], with `any` in words.
    #[must_use]
    pub fn constraint_name(&self) -> String {
        let element = |element: &Self| match element {
            Self::Any => "any single type".to_owned(),
            other => other.constraint_name(),
        };
        match self {
            Self::Any => "any type".to_owned(),
            Self::List(inner) => format!("list of {}", element(inner)),
            Self::Set(inner) => format!("set of {}", element(inner)),
            Self::Map(inner) => format!("map of {}", element(inner)),
            Self::Bool | Self::Number | Self::String | Self::Tuple(_) | Self::Object(_) => {
                self.friendly_name()
            }
        }
    }
}
