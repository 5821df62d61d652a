//! Runs of actions: how they begin, and what is written down when they end.

use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::ObjectKey;
use crate::plan::StepId;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::mark_sensitive;
use crate::state::Status;
use crate::state::journal::OutcomeResult;
use crate::value::Value;
use crate::value::convert;

use super::End;
use super::coordinator::Run;
use super::evaluate;
use super::object::known_so_far;

impl Run<'_, '_> {
    /// Makes an action ready for its next run: an action may be run several times in one plan.
    pub(super) fn begin_run(&mut self, key: &ObjectKey) {
        let Some(work) = self.works.get_mut(key) else { return };
        let target = work.target(None);
        let recorded = self.input.ledger.state(|state| state.object(&target).cloned());
        work.recorded = recorded.filter(|object| matches!(object.status, Status::Ready | Status::Tainted));
        work.planned = work.change.after.clone().unwrap_or_else(Value::null);
        work.done.clear();
        work.intent = None;
    }

    /// An action was run: its results are written down and checked.
    pub(super) fn invoked(&mut self, id: StepId, key: &ObjectKey) {
        let Some(work) = self.works.get(key) else { return };
        let schema = Arc::clone(&work.schema);
        let provider = work.change.provider.clone();
        let target = work.target(None);
        let value = known_so_far(&typed(&schema, &work.planned));
        let written = self.object(work, &value, Status::Ready).map(|mut object| {
            object.set_invoked_at(&self.at());
            object
        });
        let mut found = Diagnostics::new();
        match written {
            Ok(object) => self.outcome(key, &target, OutcomeResult::Object(Box::new(object)), Some(id)),
            Err(error) => found.push(error),
        }
        if let Some(work) = self.works.get_mut(key) {
            work.planned = value.clone();
            work.intent = None;
            work.answered = true;
        }
        self.world.set_instance(&key.addr.resource, key.addr.key.as_ref(), value.clone());
        let provider = self.input.providers.arguments(&provider).unwrap_or_else(Value::null);
        found.extend(evaluate::about(verify(&schema, &value, &provider), &key.addr));
        if found.has_errors() {
            self.failed_with(id, End::Failed, found);
            return;
        }
        self.finish(key);
        self.done(id);
    }
}

/// Gives results the types of their attributes.
fn typed(schema: &ResourceSchema, value: &Value) -> Value {
    Value::object(schema.attributes.iter().map(|attribute| {
        let ty = attribute.ty.without_optional();
        let part = value.get(&attribute.name).and_then(|part| convert(part, &attribute.ty).ok());
        let part = part.unwrap_or_else(|| Value::null_of(ty));
        (Arc::clone(&attribute.name), mark_sensitive(attribute, part))
    }))
}

/// What does not hold of the results.
fn verify(schema: &ResourceSchema, value: &Value, provider: &Value) -> Diagnostics {
    let frame = Frame::of(schema).with(Root::This, value.clone()).with(Root::Provider, provider.clone());
    let mut found = Diagnostics::new();
    for rule in schema.invocation.iter().flat_map(|invocation| &invocation.verifies) {
        match frame.holds(&rule.that) {
            Ok(Some(true) | None) => {}
            Ok(Some(false)) => match frame.text(&rule.message) {
                Ok(message) => found.push(
                    Diagnostic::error(Code::OperationRejected, message)
                        .maybe_hint(rule.hint.as_ref().map(ToString::to_string)),
                ),
                Err(errors) => found.extend(errors),
            },
            Err(errors) => found.extend(errors),
        }
    }
    found
}
