//! Which objects can be referred to instead of repeating their ids and names.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::term::Reference;

/// Objects that can be referred to.
#[derive(Debug, Clone, Default)]
pub struct References {
    /// By type and id.
    by_id: BTreeMap<(Name, Arc<str>), Place>,
    /// Those whose id is made by the service, which is no other object's.
    by_server_id: BTreeMap<Arc<str>, Place>,
    /// Locals that hold ids of objects that have no block.
    locals: BTreeMap<Arc<str>, String>,
    /// Identity attributes of types that are referred to by name.
    identities: BTreeMap<Name, (Vec<Name>, Arc<str>)>,
}

#[derive(Debug, Clone)]
struct Place {
    resource: String,
    key: Option<Arc<str>>,
}

impl References {
    /// Adds an object of the root module. Objects elsewhere, and those of `count`, are not referred to.
    pub fn add(&mut self, schema: &ResourceSchema, addr: &InstanceAddr, id: &str) {
        let key = match &addr.key {
            None => None,
            Some(InstanceKey::Str(key)) => Some(Arc::clone(key)),
            Some(InstanceKey::Int(_)) => return,
        };
        if !addr.resource.module.is_root() {
            return;
        }
        let place = Place { resource: format!("{}.{}", addr.resource.kind, addr.resource.name), key };
        if schema.has_server_id() {
            self.by_server_id.insert(id.into(), place.clone());
        }
        let identity = (schema.identity.clone(), Arc::clone(&schema.separator));
        self.identities.entry(Arc::clone(&schema.type_name)).or_insert(identity);
        self.by_id.insert((Arc::clone(&schema.type_name), id.into()), place);
    }

    /// Returns whether an id made by the service can be referred to.
    pub(super) fn has_server_id(&self, id: &str) -> bool {
        self.by_server_id.contains_key(id)
    }

    /// Adds a local that holds the id of an object without a block.
    pub(super) fn add_local(&mut self, id: &Arc<str>, name: &str) {
        self.locals.insert(Arc::clone(id), name.to_owned());
    }

    /// Returns what the text of an attribute refers to.
    pub(super) fn find(
        &self,
        schema: &ResourceSchema,
        name: &Name,
        text: &Arc<str>,
        object: &Value,
    ) -> Option<Reference> {
        // An object does not refer to itself.
        if schema.identity.len() == 1 && schema.identity.contains(name) && schema.has_server_id() {
            return None;
        }
        if let Some(parent) = schema.parent.as_ref().filter(|parent| parent.by == *name)
            && let Some(place) = self.by_id.get(&(Arc::clone(&parent.type_name), Arc::clone(text)))
        {
            return Some(reference(place, "id", text));
        }
        if let Some(refers) = schema.attribute(name).and_then(|attribute| attribute.refers.as_ref()) {
            let (identity, separator) = self.identities.get(&refers.type_name)?;
            let parts: Option<Vec<String>> = identity
                .iter()
                .map(|part| {
                    let value = if *part == refers.attribute {
                        return Some(text.to_string());
                    } else {
                        object.get(part)?
                    };
                    let value = convert(&value.clone().unmark_deep().0, &Type::String).ok()?;
                    value.as_str().map(ToString::to_string)
                })
                .collect();
            let id = parts?.join(separator);
            let place = self.by_id.get(&(Arc::clone(&refers.type_name), id.into()))?;
            return Some(reference(place, &refers.attribute, text));
        }
        if let Some(place) = self.by_server_id.get(text) {
            return Some(reference(place, "id", text));
        }
        let local = self.locals.get(text).filter(|_| schema.identity.contains(name))?;
        let place = Place { resource: "local".to_owned(), key: None };
        Some(reference(&place, local, text))
    }
}

fn reference(place: &Place, attribute: &str, text: &Arc<str>) -> Reference {
    Reference {
        resource: place.resource.clone(),
        key: place.key.clone(),
        attribute: attribute.into(),
        plain: Arc::clone(text),
    }
}
