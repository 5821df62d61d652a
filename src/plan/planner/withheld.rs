//! Secrets that the service decided and of which the state has only digests, where something refers to them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::addr::ValuePath;
use crate::config::Config;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::graph::mentions;
use crate::schema::ResourceSchema;
use crate::source::Span;
use crate::state::Object;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;
use crate::value::Marks;
use crate::value::Value;

use super::super::Action;
use super::super::Answer;
use super::super::Query;
use super::super::query::ObjectKey;
use super::super::shape::mark_object;
use super::super::shape::with_attributes;
use super::Planner;
use super::draft::Draft;
use super::draft::Prior;

/// Which attributes of resources expressions refer to.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    of: BTreeMap<ResourceAddr, Mentioned>,
}

/// The attributes of one resource that expressions refer to.
#[derive(Debug, Default)]
struct Mentioned {
    /// By name, with the first place.
    attributes: BTreeMap<Name, Span>,
    /// Whether an expression takes whole objects.
    whole: bool,
}

impl Mentions {
    fn of(config: &Config) -> Self {
        let mut found = Self::default();
        for (node, reference) in mentions(config) {
            let Some(addr) = node.resource_addr().filter(|addr| addr.mode == Mode::Managed) else { continue };
            let of = found.of.entry(addr).or_default();
            match attribute(&reference) {
                Some(name) => {
                    of.attributes.entry(name).or_insert(reference.span);
                }
                None => of.whole = true,
            }
        }
        found
    }

    /// Whether an expression refers to an attribute, or to all of them.
    fn takes(&self, addr: &ResourceAddr, name: &Name) -> bool {
        self.of.get(&addr.declared()).is_some_and(|of| of.whole || of.attributes.contains_key(name))
    }

    /// Where an expression refers to an attribute by its name.
    fn place(&self, addr: &ResourceAddr, name: &Name) -> Option<Span> {
        self.of.get(&addr.declared())?.attributes.get(name).copied()
    }
}

/// The attribute that a reference to a resource names. None if it takes the object as a whole, or what it takes is not
/// written down.
fn attribute(reference: &Reference) -> Option<Name> {
    let (_name, steps) = reference.steps.split_first()?;
    match steps.iter().map(|step| &step.value).find(|step| !matches!(step, RefStep::Index(_)))? {
        RefStep::Attr(name) => Some(Name::clone(name)),
        // A key is that of an instance.
        RefStep::Key(_) => steps.iter().find_map(|step| match &step.value {
            RefStep::Attr(name) => Some(Name::clone(name)),
            _ => None,
        }),
        RefStep::Index(_) | RefStep::Dynamic => None,
    }
}

impl Planner<'_> {
    /// Secrets of an object that the state does not have and that expressions refer to: they are to be read.
    pub(super) fn withheld(
        &self,
        key: &ObjectKey,
        schema: &ResourceSchema,
        object: &Object,
    ) -> BTreeSet<Name> {
        if object.attributes.sensitive().is_empty() {
            return BTreeSet::new();
        }
        let names = schema
            .attributes
            .iter()
            .filter(|attribute| attribute.mode.is_computed())
            .filter(|attribute| object.attributes.withholds(&ValuePath::attr(Name::clone(&attribute.name))))
            .filter(|attribute| self.mentions().takes(&key.addr.resource, &attribute.name));
        names.map(|attribute| Name::clone(&attribute.name)).collect()
    }

    /// Reads the secrets of an object that is not refreshed; nothing else of the answer counts. Returns whether that is
    /// done.
    pub(super) fn read_secrets(&mut self, key: &ObjectKey, prior: &mut Prior) -> bool {
        let schema = Arc::clone(&prior.schema);
        let secrets = self.withheld(key, &schema, &prior.object);
        if secrets.is_empty() {
            return true;
        }
        let query = Query::Refresh {
            key: key.clone(),
            provider: prior.provider.clone(),
            kind: Arc::clone(&schema.type_name),
            prior: prior.stored.clone(),
            needed: self.needed(key, &schema, &prior.object),
        };
        match self.answer(query) {
            Some(Answer::Found { value, .. }) => {
                let value = mark_object(value, &schema);
                let read =
                    secrets.iter().filter_map(|name| Some((Arc::clone(name), value.get(name)?.clone())));
                prior.found = Some(with_attributes(&prior.stored, read));
                true
            }
            Some(Answer::Failed(found)) => {
                self.diagnostics.extend(found.iter().cloned());
                false
            }
            Some(_) => true,
            None => false,
        }
    }

    /// Refuses to go on without a secret that expressions refer to and that is nowhere to be had: whoever takes it would
    /// lose its value. Returns what expressions see of the object: the secret is not known.
    pub(super) fn without_withheld(
        &mut self,
        key: &ObjectKey,
        prior: Option<&Prior>,
        draft: &Draft,
        planned: Value,
    ) -> Value {
        let Some(prior) = prior.filter(|_| matches!(draft.action, Action::NoOp | Action::Update)) else {
            return planned;
        };
        let mut unknown = Vec::new();
        for attribute in draft.schema.attributes.iter().filter(|attribute| attribute.mode.is_computed()) {
            let is_missing = |value: &Value| value.is_null() && value.marks().is_sensitive();
            if !planned.get(&attribute.name).is_some_and(is_missing)
                || !prior.object.attributes.withholds(&ValuePath::attr(Name::clone(&attribute.name)))
            {
                continue;
            }
            // Whoever takes the object as a whole sees null there, in every plan the same.
            let Some(place) = self.mentions().place(&key.addr.resource, &attribute.name) else { continue };
            let value = Value::unknown(attribute.ty.clone()).mark(Marks::SENSITIVE);
            unknown.push((Name::clone(&attribute.name), value));
            let summary = format!("the secret `{}` of `{}` is not known", attribute.name, key.addr);
            self.diagnostics.push(
                Diagnostic::error(Code::SecretUnavailable, summary)
                    .at(place, "its value is needed here")
                    .about(key.addr.clone())
                    .detail("Secrets are kept in the state only as digests unless it is encrypted, and the service does not return it.")
                    .hint("encrypt the state (`encryption { … }` in the `queueform` block) before the secret is made: it is kept then")
                    .hint("or have a new one made: `--replace` names the object"),
            );
        }
        if unknown.is_empty() { planned } else { with_attributes(&planned, unknown) }
    }

    fn mentions(&self) -> &Mentions {
        self.mentions.get_or_init(|| Mentions::of(self.input.config))
    }
}
