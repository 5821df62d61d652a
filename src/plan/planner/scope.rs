//! Whose objects a plan may touch: what the configuration owns, where the provider configuration may work, and
//! that an object has one address.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::schema::ResourceKind;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Action;
use super::super::belonging::not_allowed;
use super::super::belonging::not_owned;
use super::Planner;
use super::draft::Draft;

impl Planner<'_> {
    /// Refuses what lies outside of what this configuration may touch.
    pub(super) fn check_scope(&mut self) {
        let mut found = self.not_owned();
        found.extend(self.not_allowed());
        if !found.is_empty() {
            self.denied = true;
            self.diagnostics.extend(found);
        }
        let twice = self.same_objects();
        self.diagnostics.extend(twice);
    }

    /// Names that no pattern of `owns` matches, of objects and of those they grant access to.
    fn not_owned(&self) -> Vec<Diagnostic> {
        if self.input.config.root.settings.owns.is_empty() {
            return Vec::new();
        }
        let touched = self.drafts.iter().filter(|(_, draft)| touches(draft));
        let object = |draft: &Draft| match draft.action {
            Action::Delete => draft.before.clone(),
            _ => draft.after.clone(),
        };
        touched
            .filter_map(|(key, draft)| Some((key, draft, object(draft)?)))
            .flat_map(|(key, draft, object)| {
                let goes = draft.action == Action::Delete;
                not_owned(self.input.config, &key.addr, &draft.schema, &object, goes)
            })
            .collect()
    }

    /// Objects that lie where the provider configuration must not work.
    fn not_allowed(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (key, draft) in self.drafts.iter().filter(|(_, draft)| touches(draft)) {
            let Some(provider) = self.input.registry.provider(&draft.provider.name) else { continue };
            let objects: Vec<&Value> = [&draft.before, &draft.after].into_iter().flatten().collect();
            let arguments = self.provider_value(draft);
            let items = not_allowed(&provider, &arguments, &key.addr, &draft.schema, &objects);
            found.extend(items.into_iter().map(|item| match draft.place {
                Some(place) => item.at(place, ""),
                None => item,
            }));
        }
        found
    }

    /// Addresses that stand for the same object: each would undo what the other does.
    fn same_objects(&self) -> Vec<Diagnostic> {
        let mut known: BTreeMap<(&ProviderAddr, &Name, Arc<str>), &InstanceAddr> = BTreeMap::new();
        let mut found = Vec::new();
        for (key, draft) in &self.drafts {
            // Ids made by the service are compared where objects are imported; nothing else could repeat one.
            if key.deposed.is_some()
                || draft.schema.has_server_id()
                || draft.schema.kind != ResourceKind::Managed
                || matches!(draft.action, Action::Delete | Action::Forget)
            {
                continue;
            }
            let id = draft.after.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str);
            let Some(id) = id else { continue };
            let place = (&draft.provider, &draft.schema.type_name, Arc::clone(id));
            let Some(other) = known.insert(place, &key.addr) else { continue };
            let item = Diagnostic::error(
                Code::SameObject,
                format!("`{other}` and `{}` stand for the same object, `{id}`", key.addr),
            )
            .about(key.addr.clone())
            .hint("an object has one address: remove one of the two, or give it another name");
            found.push(match draft.place {
                Some(place) => item.at(place, ""),
                None => item,
            });
        }
        found
    }
}

/// Whether a plan does something to an object, or makes it managed.
fn touches(draft: &Draft) -> bool {
    draft.schema.kind == ResourceKind::Managed
        && (draft.importing.is_some()
            || !draft.held.is_empty()
            || matches!(draft.action, Action::Create | Action::Update | Action::Replace(_) | Action::Delete))
}
