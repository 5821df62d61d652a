//! Which arguments a person would write to get an object as it was found.

use std::sync::Arc;

use crate::addr::ValuePath;
use crate::schema::Attribute;
use crate::schema::Mode;
use crate::schema::ResourceSchema;
use crate::schema::scope::check_constraints;
use crate::schema::scope::normalised_eq;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::references::References;
use super::term::Term;

/// What is written of an object.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// The arguments, in the order of the schema.
    pub set: Vec<(Name, Term)>,
    /// Secrets that are needed and never returned.
    pub secrets: Vec<Name>,
    /// Secrets that could be left out and that the service returns: they are not written down.
    pub hidden: Vec<Name>,
    /// What must be set and is not told by the service.
    pub missing: Vec<Name>,
    /// What the service tells and no configuration may say.
    pub unfit: Vec<Name>,
}

impl Arguments {
    /// Works out what is written of an object. `provider` are the arguments of its provider configuration.
    pub(super) fn of(
        schema: &ResourceSchema,
        object: &Value,
        provider: &Value,
        references: &References,
    ) -> Self {
        let mut arguments = Self::default();
        for attribute in schema.attributes.iter().filter(|attribute| attribute.mode.is_settable()) {
            let name = || Arc::clone(&attribute.name);
            let is_required = attribute.mode == Mode::Required;
            let value = object.get(&attribute.name).filter(|value| !value.is_null());
            let is_secret = attribute.sensitive || value.is_some_and(|value| value.marks().is_sensitive());
            if attribute.write_only || is_secret {
                match (is_required, value) {
                    (true, _) => arguments.secrets.push(name()),
                    (false, Some(_)) if !attribute.mode.is_computed() => arguments.hidden.push(name()),
                    (false, _) => {}
                }
                continue;
            }
            let Some(value) = value else {
                if is_required {
                    arguments.missing.push(name());
                }
                continue;
            };
            if !is_fit(attribute, value) {
                if is_required {
                    arguments.unfit.push(name());
                }
                continue;
            }
            let is_identity = schema.identity.contains(&attribute.name);
            if !is_required && !is_identity && is_left_out(schema, attribute, value, object, provider) {
                continue;
            }
            let (plain, _) = value.clone().unmark_deep();
            let refer = |text: &Arc<str>| references.find(schema, &attribute.name, text, object);
            let term = match &attribute.nested {
                Some(nested) => Term::nested(nested, &plain, &refer),
                None => Term::of(&plain, &refer),
            };
            if attribute.mode == Mode::OptionalComputed && !is_identity && term.is_empty() {
                continue;
            }
            arguments.set.push((name(), term));
        }
        arguments
    }

    /// Whether an object that is always there is as nobody has changed it, as far as that can be told.
    pub(super) fn says_nothing(&self, schema: &ResourceSchema) -> bool {
        !self.missing.is_empty()
            || !self.unfit.is_empty()
            || self.set.iter().all(|(name, term)| schema.identity.contains(name) || term.is_empty())
    }

    /// Returns the argument of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Term> {
        self.set.iter().find(|(set, _)| **set == *name).map(|(_, term)| term)
    }
}

/// Whether a configuration may set the value.
fn is_fit(attribute: &Attribute, value: &Value) -> bool {
    let mut found = Vec::new();
    check_constraints(attribute, value, &ValuePath::attr(Arc::clone(&attribute.name)), &mut found);
    found.is_empty()
}

/// Whether leaving the argument out comes to the same.
fn is_left_out(
    schema: &ResourceSchema,
    attribute: &Attribute,
    value: &Value,
    object: &Value,
    provider: &Value,
) -> bool {
    if attribute.mode == Mode::Optional {
        return match &attribute.default {
            Some(default) => normalised_eq(attribute, value, default) == Some(true),
            None => false,
        };
    }
    // It is told from another argument that is written, or from the provider configuration.
    let follows = attribute.follows.iter().filter_map(|name| schema.attribute(name)).any(|other| {
        other.mode.is_settable() && object.get(&other.name).is_some_and(|value| !value.is_null())
    });
    let is_given = schema.is_kept_here(&attribute.name)
        && provider.get(&attribute.name).is_some_and(|given| given.same_as(value));
    follows || is_given
}
