//! The managed children of objects, which guards leave out of account.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::Mode;
use crate::plan::ObjectKey;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::coordinator::Children;
use super::coordinator::Run;

impl Run<'_, '_> {
    /// Names of the managed children of an object, for guards.
    pub(super) fn managed(&mut self, key: &ObjectKey) -> BTreeMap<Name, BTreeSet<Arc<str>>> {
        if self.children.is_none() {
            let found = self.find_children();
            self.children = Some(found);
        }
        let Some(work) = self.works.get(key) else { return BTreeMap::new() };
        let id = work.change.before.as_ref().and_then(|before| before.get("id")).and_then(Value::as_str);
        let Some(id) = id else { return BTreeMap::new() };
        let of = (Arc::clone(&work.schema.type_name), Arc::clone(id));
        self.children.as_ref().and_then(|children| children.get(&of)).cloned().unwrap_or_default()
    }

    fn find_children(&self) -> Children {
        let mut found = Children::new();
        let state = self.input.ledger.state(Clone::clone);
        for (target, _, object) in state.objects() {
            if target.deposed.is_some() {
                continue;
            }
            let Some(schema) = self.schema(Mode::Managed, &target.addr.resource.kind) else { continue };
            let Some(parent) = &schema.parent else { continue };
            let own = schema.identity.last().and_then(|name| object.attributes.text(name));
            let (Some(id), Some(own)) = (object.attributes.text(&parent.by), own) else { continue };
            found
                .entry((Arc::clone(&parent.type_name), Arc::from(id)))
                .or_default()
                .entry(Arc::clone(&schema.type_name))
                .or_default()
                .insert(Arc::from(own));
        }
        found
    }
}
