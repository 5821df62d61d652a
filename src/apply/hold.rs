//! Steps that are put off: the object is written down as it is, and a later run goes on.

use std::sync::Arc;

use crate::plan::ObjectKey;
use crate::plan::StepId;
use crate::plan::with_attributes;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::coordinator::Run;
use super::work::Work;

impl Run<'_, '_> {
    /// What a step waits for has not happened: it is left out, and what it would have changed stays.
    pub(super) fn put_off(&mut self, id: StepId, key: &ObjectKey, step: &Name, reason: String) {
        if let Some(work) = self.works.get_mut(key) {
            let schema = Arc::clone(&work.schema);
            let steps = schema.update.iter().flat_map(|update| &update.steps);
            let on = steps.filter(|known| known.name == *step).flat_map(|known| &known.on);
            for name in on {
                if !work.held.contains(name) {
                    work.held.push(Arc::clone(name));
                }
            }
            work.put_off = Some(reason);
        }
        self.done(id);
    }
}

impl Work<'_> {
    /// Attributes of which nobody can tell later that only a part of their change was made.
    pub(super) fn half_done(&self) -> Vec<Name> {
        let unreadable =
            |name: &&Name| self.schema.attribute(name).is_some_and(|attribute| attribute.readback.is_never());
        self.held.iter().filter(unreadable).cloned().collect()
    }

    /// Returns an object with what is put off as it was before: that is what the state remembers, so that the
    /// next plan sees the difference again.
    pub(super) fn with_held(&self, object: &Value) -> Value {
        let Some(before) = self.change.before.as_ref().filter(|_| !self.held.is_empty()) else {
            return object.clone();
        };
        let kept = self.held.iter().filter_map(|name| Some((Arc::clone(name), before.get(name)?.clone())));
        with_attributes(object, kept.collect::<Vec<_>>())
    }
}
