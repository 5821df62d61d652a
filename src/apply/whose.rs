//! Whose object it is, once more: a name that the plan did not know is judged before the first call.

use crate::diag::Diagnostics;
use crate::plan::Action;
use crate::plan::ObjectKey;
use crate::plan::not_allowed;
use crate::plan::not_owned;
use crate::schema::ResourceKind;
use crate::value::Value;

use super::coordinator::Run;

impl Run<'_, '_> {
    /// What an object that is about to be made or changed is called, grants access to or lies in, and must not.
    pub(super) fn not_ours(&self, key: &ObjectKey, planned: &Value) -> Diagnostics {
        let Some(work) = self.works.get(key) else { return Diagnostics::new() };
        let (schema, change) = (&work.schema, work.change);
        // The plan has judged what it knew.
        let is_open = change.after.as_ref().is_some_and(|after| !after.is_wholly_known());
        if schema.kind != ResourceKind::Managed || change.action == Action::Delete || !is_open {
            return Diagnostics::new();
        }
        let mut found = not_owned(self.input.config, &key.addr, schema, planned, false);
        if let Some(provider) = self.input.registry.provider(&change.provider.name) {
            let arguments = self.input.providers.arguments(&change.provider).unwrap_or_else(Value::null);
            found.extend(not_allowed(&provider, &arguments, &key.addr, schema, &[planned]));
        }
        found.into_iter().collect()
    }
}
