//! Which types are looked at, from where, and which of their objects are wanted.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Mode;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::matches_wildcard;

use super::super::project::Project;
use super::AdoptRequest;
use super::What;
use super::usage;

/// What is looked at.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// All types that may be looked at.
    pub types: BTreeMap<Name, Arc<ResourceSchema>>,
    /// Types whose objects are written.
    pub wanted: BTreeSet<Name>,
    /// Types that are looked at: the wanted ones, and what they are part of.
    pub visited: BTreeSet<Name>,
    /// Types that the look begins with.
    pub roots: BTreeSet<Name>,
    /// Objects that the look begins with, instead of all of a type.
    pub ids: Vec<(Name, String)>,
    /// Patterns of names; all if there are none.
    pub names: Vec<String>,
    /// Attributes that say where objects lie.
    pub scope: BTreeMap<Name, Arc<str>>,
    /// The provider configurations that are asked.
    pub providers: BTreeSet<ProviderAddr>,
}

/// Works out what is looked at.
pub(super) fn select(project: &Project, request: &AdoptRequest) -> Result<Selection, Diagnostics> {
    let registry = &project.registry;
    let scope = request.scope.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into()));
    let mut selection = Selection { scope: scope.collect(), ..Selection::default() };
    let all: BTreeSet<Name> = registry.type_names(ResourceKind::Managed).cloned().collect();
    let pattern = match &request.what {
        What::Everything => None,
        What::Types(pattern) => Some(pattern.as_str()),
        What::Objects { kind, .. } => Some(kind.as_str()),
    };
    let named: BTreeSet<Name> =
        all.iter().filter(|kind| pattern.is_none_or(|text| matches_wildcard(text, kind))).cloned().collect();
    if let Some(pattern) = pattern.filter(|_| named.is_empty()) {
        let near = did_you_mean(pattern, all.iter().map(|kind| &**kind));
        let hint =
            near.unwrap_or_else(|| "`queueform schema show` lists the types of all providers".to_owned());
        return Err(usage(format!("there is no resource type `{pattern}`"), hint));
    }
    selection.providers = providers(project, request, &named)?;
    let is_asked = |kind: &Name| {
        let provider = registry.provider_of(kind);
        selection.providers.iter().any(|one| provider.is_some_and(|name| *one.name == **name))
    };
    selection.types = all
        .iter()
        .filter(|kind| is_asked(kind))
        .filter_map(|kind| Some((Arc::clone(kind), registry.resource(ResourceKind::Managed, kind)?)))
        // Objects of ours lie nowhere.
        .filter(|(_, schema)| schema.read.is_some() || schema.list.is_some())
        .collect();
    let (types, names) = only(request, registry);
    selection.names = names;
    selection.wanted = selection
        .types
        .keys()
        .filter(|kind| around(&selection.types, kind).any(|one| named.contains(one)))
        .filter(|kind| types.is_empty() || types.iter().any(|pattern| matches_wildcard(pattern, kind)))
        .cloned()
        .collect();
    selection.visited =
        selection.wanted.iter().flat_map(|kind| around(&selection.types, kind)).cloned().collect();
    if let What::Objects { kind, ids } = &request.what {
        let kind: Name = kind.as_str().into();
        let Some(schema) = selection.types.get(&kind) else {
            return Err(usage(format!("`{kind}` has no objects to be found"), "name another type"));
        };
        for id in ids {
            if schema.split_id(id).is_none() {
                let hint = format!("its form is `{}`", schema.id_form());
                return Err(usage(format!("`{id}` is not an id of `{kind}`"), hint));
            }
            selection.ids.push((Arc::clone(&kind), id.clone()));
        }
        // Nothing around them is looked at.
        let within: BTreeSet<Name> = selection
            .types
            .keys()
            .filter(|other| around(&selection.types, other).any(|one| *one == kind))
            .cloned()
            .collect();
        selection.visited.retain(|kind| within.contains(kind));
        return Ok(selection);
    }
    selection.roots = roots(&selection);
    Ok(selection)
}

/// The type and those that it is part of.
fn around<'t>(
    types: &'t BTreeMap<Name, Arc<ResourceSchema>>,
    kind: &'t Name,
) -> impl Iterator<Item = &'t Name> {
    let up = |kind: &&'t Name| types.get(*kind)?.parent.as_ref().map(|parent| &parent.type_name);
    std::iter::successors(Some(kind), up).take(types.len().max(1))
}

/// Where the look begins: at types whose place is given, otherwise at what they are part of.
fn roots(selection: &Selection) -> BTreeSet<Name> {
    let is_placed = |kind: &Name| {
        selection.types.get(kind).is_some_and(|schema| {
            let given = |name: &Name| selection.scope.contains_key(name);
            let must = |name: &&Name| {
                schema.attribute(name).is_none_or(|attribute| attribute.mode == Mode::Required)
            };
            let listed = schema.list.as_ref().map(|list| list.scope.iter().filter(must).all(given));
            listed.unwrap_or_else(|| schema.identity.iter().all(given))
        })
    };
    let mut roots = BTreeSet::new();
    for kind in &selection.visited {
        let parent = selection.types.get(kind).and_then(|schema| schema.parent.as_ref());
        let is_reached = parent.is_some_and(|parent| selection.visited.contains(&parent.type_name));
        // With a place that is given, what lies there is meant, and not what it lies in.
        if !is_reached || (!selection.scope.is_empty() && is_placed(kind)) {
            roots.insert(Arc::clone(kind));
        }
    }
    if !selection.scope.is_empty() {
        let placed: BTreeSet<Name> = roots
            .iter()
            .filter(|kind| selection.wanted.contains(*kind) && is_placed(kind))
            .cloned()
            .collect();
        if placed.iter().any(|kind| selection.types.get(kind).is_some_and(|schema| schema.parent.is_some())) {
            return placed;
        }
    }
    roots
}

/// The patterns of `--only`: those that match a type, and the others, which are of names.
fn only(request: &AdoptRequest, registry: &Registry) -> (Vec<String>, Vec<String>) {
    request.only.iter().cloned().partition(|pattern| {
        registry.type_names(ResourceKind::Managed).any(|kind| matches_wildcard(pattern, kind))
    })
}

/// The provider configurations that are asked.
fn providers(
    project: &Project,
    request: &AdoptRequest,
    named: &BTreeSet<Name>,
) -> Result<BTreeSet<ProviderAddr>, Diagnostics> {
    let of: BTreeSet<&Name> = named.iter().filter_map(|kind| project.registry.provider_of(kind)).collect();
    let configured = project.config.root.providers.keys();
    if let Some(provider) = &request.provider {
        if !project.config.root.providers.contains_key(provider) && provider.alias.is_some() {
            let known: Vec<String> = configured.map(ToString::to_string).collect();
            let hint = format!("there is {}", known.join(", "));
            return Err(usage(format!("there is no provider configuration `{provider}`"), hint));
        }
        if !of.iter().any(|name| ***name == *provider.name) {
            let text = format!("provider `{provider}` has none of the types");
            return Err(usage(text, "name a configuration of the provider that the types begin with"));
        }
        return Ok(BTreeSet::from([provider.clone()]));
    }
    let mut asked = BTreeSet::new();
    for name in of {
        let default = ProviderAddr::default_of(Arc::clone(name));
        let mut known: Vec<&ProviderAddr> =
            project.config.root.providers.keys().filter(|addr| *addr.name == **name).collect();
        known.sort();
        if project.config.root.providers.contains_key(&default) {
            asked.insert(default);
        } else if request.what == What::Everything {
            asked.extend(known.into_iter().cloned());
        } else if known.is_empty() {
            asked.insert(default);
        } else {
            let known: Vec<String> = known.iter().map(|addr| format!("`--provider={addr}`")).collect();
            return Err(usage(
                format!("which configuration of provider `{name}` is meant cannot be told"),
                format!("add {}", known.join(" or ")),
            ));
        }
    }
    if asked.is_empty() {
        return Err(usage("there is no provider block", "write one: it says which account is meant"));
    }
    Ok(asked)
}
