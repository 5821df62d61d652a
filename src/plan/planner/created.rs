//! What a creation leaves open, and what it does not.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::ValuePath;
use crate::schema::scope;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Operation;
use super::super::shape::with_attributes;
use super::Planner;
use super::draft::Draft;
use super::managed::scope_operation;

impl Planner<'_> {
    /// Makes null what no step of an operation will set, where nothing is read back: it is known already.
    pub(super) fn settle_open(&self, operation: Operation, draft: &mut Draft) {
        let schema = &draft.schema;
        if schema.read.is_some() || schema.list.is_some() || draft.is_mocked {
            return;
        }
        let Some(planned) = &draft.after else { return };
        let prior = draft.before.as_ref().filter(|_| operation == Operation::Update);
        let provider = self.provider_value(draft);
        let sent = scope::as_sent(schema, planned, &|name| draft.set.contains(name));
        let kind = scope_operation(operation);
        // A schema whose expressions fail is reported where the steps are laid out.
        let Ok(steps) = scope::settle(kind, schema, &sent, prior, &provider) else { return };
        let of = scope::operation(schema, kind);
        let running = steps.iter().filter_map(|step| of.and_then(|of| of.steps.get(step.index)));
        let set: BTreeSet<&Name> = running.flat_map(|step| &step.set).map(|field| &field.name).collect();
        let open = schema.attributes.iter().filter(|attribute| {
            attribute.mode.is_computed()
                && !set.contains(&attribute.name)
                && planned.get(&attribute.name).is_some_and(|value| !value.is_known())
                && !draft.changed.contains(&ValuePath::attr(Arc::clone(&attribute.name)))
        });
        let known: Vec<(Name, Value)> = open
            .map(|attribute| (Arc::clone(&attribute.name), Value::null_of(attribute.ty.clone())))
            .collect();
        if !known.is_empty() {
            draft.after = Some(with_attributes(planned, known));
        }
    }
}
