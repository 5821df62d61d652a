//! Objects that the lists of the services show and the state does not manage.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::api::Stop;
use crate::diag::Diagnostics;
use crate::plan::Plan;
use crate::plan::Unmanaged;
use crate::plan::not_owned;
use crate::plan::object_type;
use crate::provider::Providers;
use crate::schema::Mode as AttributeMode;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::state::State;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::project::Project;

/// Where a type is listed: one value for each attribute of its scope.
type Scope = Vec<(Name, Value)>;

/// Lists what nobody manages, in the places where something is managed. What cannot be listed is a warning.
pub(super) async fn unmanaged(
    project: &Project,
    providers: &Providers,
    (found, state): (&Plan, &State),
    stop: &Stop,
) -> (Vec<Unmanaged>, Diagnostics) {
    let registry = &*project.registry;
    let estate = Estate::of(state, registry);
    let mut lists: Vec<(&ProviderAddr, Arc<ResourceSchema>, Scope)> = Vec::new();
    for provider in found.targets.keys() {
        for kind in registry.type_names(ResourceKind::Managed) {
            let Some(schema) = registry.resource(ResourceKind::Managed, kind) else { continue };
            // What is there anyway is nobody's find.
            if schema.provider != provider.name || schema.list.is_none() || schema.always_exists {
                continue;
            }
            let scopes = estate.scopes(provider, &schema);
            lists.extend(scopes.into_iter().map(|scope| (provider, Arc::clone(&schema), scope)));
        }
    }
    let listed = join_all(lists.iter().map(|(provider, schema, scope)| async move {
        providers.list(provider, &schema.type_name, scope, stop).await
    }))
    .await;
    let (mut all, mut warnings) = (Vec::new(), Diagnostics::new());
    for ((provider, schema, _), listed) in lists.iter().zip(listed) {
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                warnings.extend(error.diagnostics().into_warnings());
                continue;
            }
        };
        let addr = InstanceAddr {
            resource: ResourceAddr::managed(Arc::clone(&schema.type_name), "found"),
            key: None,
        };
        for one in listed {
            let is_known = estate.ids.contains(&(schema.type_name.to_string(), one.id.clone()));
            let is_theirs = !not_owned(&project.config, &addr, schema, &one.value, true).is_empty();
            if is_known || one.is_system || is_theirs {
                continue;
            }
            let name = one.value.get("name").and_then(Value::as_str).map(ToString::to_string);
            all.push(Unmanaged {
                provider: (*provider).clone(),
                kind: Arc::clone(&schema.type_name),
                name: name.filter(|name| !one.id.ends_with(name.as_str())),
                id: one.id,
            });
        }
    }
    (all, warnings)
}

/// What is managed: ids by type, and the objects that lists are looked for with.
struct Estate {
    ids: BTreeSet<(String, String)>,
    objects: Vec<(ProviderAddr, Arc<ResourceSchema>, Value)>,
}

impl Estate {
    fn of(state: &State, registry: &Registry) -> Self {
        let mut estate = Self { ids: BTreeSet::new(), objects: Vec::new() };
        for (target, instance, object) in state.objects() {
            let resource = &target.addr.resource;
            if resource.mode != Mode::Managed {
                continue;
            }
            let Some(schema) = registry.resource(ResourceKind::Managed, &resource.kind) else { continue };
            // The planner reports what cannot be read.
            let Ok(value) = object.value(&object_type(&schema)) else { continue };
            if let Some(id) = value.get("id").and_then(Value::as_str) {
                estate.ids.insert((resource.kind.to_string(), id.to_string()));
            }
            estate.objects.push((instance.provider.clone(), schema, value));
        }
        estate
    }

    /// Returns the places where a type is listed: those of objects of the type, of objects with the same parent, and
    /// the parents themselves.
    fn scopes(&self, provider: &ProviderAddr, schema: &ResourceSchema) -> Vec<Scope> {
        let Some(list) = &schema.list else { return Vec::new() };
        if list.scope.is_empty() {
            return vec![Vec::new()];
        }
        let mut found: BTreeMap<Vec<String>, Scope> = BTreeMap::new();
        for (_, other, value) in self.objects.iter().filter(|(whose, ..)| whose == provider) {
            let part = |name: &Name| part_of_scope(schema, other, value, name);
            let needed = list.scope.iter().filter(|name| {
                schema.attribute(name).is_some_and(|attribute| attribute.mode == AttributeMode::Required)
            });
            let texts: Option<Vec<String>> = needed.map(|name| text(part(name)?)).collect();
            let Some(texts) = texts.filter(|texts| !texts.is_empty()) else { continue };
            let scope = list.scope.iter();
            let scope = scope.map(|name| (Arc::clone(name), part(name).cloned().unwrap_or_else(Value::null)));
            found.entry(texts).or_insert_with(|| scope.collect());
        }
        found.into_values().collect()
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(ToString::to_string)
}

/// Returns what an object says about an attribute of the scope of a type.
fn part_of_scope<'v>(
    schema: &ResourceSchema,
    other: &ResourceSchema,
    value: &'v Value,
    name: &Name,
) -> Option<&'v Value> {
    if schema.type_name == other.type_name {
        return value.get(name);
    }
    match schema.parent.as_ref().filter(|parent| parent.by == *name) {
        Some(parent) if parent.type_name == other.type_name => value.get("id"),
        Some(parent) => {
            let same = other.parent.as_ref().filter(|one| one.type_name == parent.type_name)?;
            value.get(&same.by)
        }
        None if schema.service.is_some() && schema.service == other.service => value.get(name),
        None => None,
    }
}
