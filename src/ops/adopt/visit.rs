//! Goes from objects to their parts, level by level, and sorts out what is left alone.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::adopt::Estate;
use crate::adopt::Home;
use crate::adopt::Kept;
use crate::api::ErrorClass;
use crate::api::Stop;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::not_owned;
use crate::provider::Providers;
use crate::provider::Survey;
use crate::provider::Surveyed;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::matches_wildcard;

use super::super::project::Project;
use super::Adopted;
use super::LeftOut;
use super::selection::Selection;
use super::text_of;

/// Objects of one type at one place, still to be looked for.
#[derive(Debug, Clone)]
struct Open {
    schema: Arc<ResourceSchema>,
    provider: ProviderAddr,
    scope: BTreeMap<Name, Arc<str>>,
    home: Option<usize>,
    depth: usize,
    /// It was named: it must be there, and its name need not match.
    named: Option<String>,
}

/// A look at everything that is wanted.
pub(super) struct Visit<'v> {
    project: &'v Project,
    selection: &'v Selection,
    managed: &'v BTreeSet<(ProviderAddr, Name, String)>,
    adopted: &'v mut Adopted,
    estate: Estate,
    seen: BTreeSet<(ProviderAddr, Name, Arc<str>)>,
}

impl<'v> Visit<'v> {
    pub(super) fn new(
        project: &'v Project,
        selection: &'v Selection,
        managed: &'v BTreeSet<(ProviderAddr, Name, String)>,
        adopted: &'v mut Adopted,
    ) -> Self {
        let parents = selection.types.values().filter_map(|schema| schema.parent.as_ref());
        let parents = parents.map(|parent| Arc::clone(&parent.type_name)).collect();
        let estate = Estate { parents, ..Estate::default() };
        Self { project, selection, managed, adopted, estate, seen: BTreeSet::new() }
    }

    pub(super) fn into_estate(self) -> Estate {
        self.estate
    }

    /// Looks at the objects that the look begins with, then at their parts, and so on.
    pub(super) async fn run(&mut self, providers: &Providers, stop: &Stop) -> Result<(), Diagnostics> {
        let mut level = self.begin();
        while !level.is_empty() {
            let asked = level
                .iter()
                .map(|open| providers.survey(&open.provider, &open.schema.type_name, &open.scope, stop));
            let answers = join_all(asked).await;
            if stop.is_stopped() {
                return Err(Diagnostic::error(Code::Interrupted, "adopting was interrupted")
                    .detail("Nothing was written.")
                    .into());
            }
            let mut next = Vec::new();
            for (open, answer) in level.into_iter().zip(answers) {
                let (found, nameless) = match answer {
                    Ok(Survey::Complete { found, nameless }) => (found, nameless),
                    Ok(Survey::Needs(missing)) => {
                        if self.selection.wanted.contains(&open.schema.type_name) {
                            self.adopted.unlisted.insert(Arc::clone(&open.schema.type_name), missing);
                        }
                        continue;
                    }
                    // Not every installation has everything.
                    Err(error) if open.named.is_none() && is_lacking(error.class()) => continue,
                    Err(error) => return Err(error.diagnostics()),
                };
                if let Some(id) = open.named.as_ref().filter(|_| found.is_empty()) {
                    return Err(self.missing(&open, id));
                }
                self.leave(&open.schema, LeftOut::Nameless, nameless);
                for one in found {
                    self.take(&open, one, &mut next);
                }
            }
            level = next;
        }
        Ok(())
    }

    fn begin(&mut self) -> Vec<Open> {
        let mut level = Vec::new();
        for provider in &self.selection.providers {
            let of_it = |schema: &&Arc<ResourceSchema>| *schema.provider == *provider.name;
            for (kind, id) in &self.selection.ids {
                let Some(schema) = self.selection.types.get(kind).filter(of_it) else { continue };
                let parts = schema.split_id(id).unwrap_or_default();
                level.push(Open {
                    schema: Arc::clone(schema),
                    provider: provider.clone(),
                    scope: self.selection.scope.clone().into_iter().chain(parts).collect(),
                    home: None,
                    depth: 0,
                    named: Some(id.clone()),
                });
            }
            let mut home = None;
            for kind in &self.selection.roots {
                let Some(schema) = self.selection.types.get(kind).filter(of_it) else { continue };
                let is_placed = self.selection.scope.keys().any(|name| schema.attribute(name).is_some());
                if is_placed && home.is_none() {
                    home = Some(self.place());
                }
                level.push(Open {
                    schema: Arc::clone(schema),
                    provider: provider.clone(),
                    scope: self.selection.scope.clone(),
                    home: home.filter(|_| is_placed),
                    depth: 0,
                    named: None,
                });
            }
        }
        level
    }

    /// A place that is given by attributes, and has no object of its own.
    fn place(&mut self) -> usize {
        let scope = &self.selection.scope;
        let about: Vec<String> = scope.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let id =
            scope.get("instance_id").or_else(|| scope.values().next()).cloned().unwrap_or_else(|| "".into());
        self.add_home(Home { name: id.to_string(), about: about.join(", "), id })
    }

    fn add_home(&mut self, home: Home) -> usize {
        self.estate.homes.push(home);
        self.estate.homes.len().saturating_sub(1)
    }

    /// Keeps an object or leaves it out, and goes on with its parts.
    fn take(&mut self, open: &Open, one: Surveyed, next: &mut Vec<Open>) {
        let schema = &open.schema;
        let key = (open.provider.clone(), Arc::clone(&schema.type_name), Arc::clone(&one.id));
        if !self.seen.insert(key) {
            return;
        }
        let is_system = one.is_system;
        let name = name_of(schema, &one);
        let home = open.home.unwrap_or_else(|| {
            self.add_home(Home {
                about: format!("{} {} ({})", schema.type_name, name, one.id),
                name: name.to_string(),
                id: Arc::clone(&one.id),
            })
        });
        if !is_system {
            next.extend(self.parts(open, &one, home));
        }
        let is_named = open.named.is_some()
            || self.selection.names.is_empty()
            || self.selection.names.iter().any(|pattern| matches_wildcard(pattern, &name));
        if !self.selection.wanted.contains(&schema.type_name) || !is_named {
            return;
        }
        let id = (open.provider.clone(), Arc::clone(&schema.type_name), one.id.to_string());
        let reason = if self.managed.contains(&id) {
            Some(LeftOut::Managed)
        } else if is_system {
            Some(LeftOut::System)
        } else if one.is_broken {
            Some(LeftOut::Broken)
        } else if self.is_foreign(schema, &one) {
            Some(LeftOut::NotOwned)
        } else {
            None
        };
        match reason {
            Some(reason) => self.leave(schema, reason, 1),
            None => self.estate.kept.push(Kept {
                schema: Arc::clone(schema),
                provider: open.provider.clone(),
                id: one.id,
                value: one.value,
                home,
                depth: open.depth,
            }),
        }
    }

    fn leave(&mut self, schema: &ResourceSchema, reason: LeftOut, count: usize) {
        if count > 0 {
            *self.adopted.left_out.entry((Arc::clone(&schema.type_name), reason)).or_default() += count;
        }
    }

    fn is_foreign(&self, schema: &ResourceSchema, one: &Surveyed) -> bool {
        let addr = ResourceAddr::managed(Arc::clone(&schema.type_name), "adopted").instance(None);
        !not_owned(&self.project.config, &addr, schema, &one.value, false).is_empty()
    }

    /// What is part of an object, still to be looked for.
    fn parts(&self, open: &Open, one: &Surveyed, home: usize) -> Vec<Open> {
        let types = self.selection.types.values();
        let of_it = types.filter(|child| {
            self.selection.visited.contains(&child.type_name)
                && child.parent.as_ref().is_some_and(|parent| parent.type_name == open.schema.type_name)
        });
        of_it
            .map(|child| Open {
                schema: Arc::clone(child),
                provider: open.provider.clone(),
                scope: self.scope_of(child, open, one),
                home: Some(home),
                depth: open.depth + 1,
                named: None,
            })
            .collect()
    }

    /// Where the parts of an object lie.
    fn scope_of(&self, child: &ResourceSchema, open: &Open, one: &Surveyed) -> BTreeMap<Name, Arc<str>> {
        let mut scope = self.selection.scope.clone();
        if let Some(parent) = &child.parent
            && child.attribute(&parent.by).is_some_and(|attribute| attribute.derived.is_none())
        {
            scope.insert(Arc::clone(&parent.by), Arc::clone(&one.id));
        }
        for attribute in &child.attributes {
            let refers = attribute.refers.as_ref().filter(|refers| refers.type_name == open.schema.type_name);
            if let Some(text) = refers.and_then(|refers| text_of(&one.value, &refers.attribute)) {
                scope.insert(Arc::clone(&attribute.name), text);
            }
        }
        // What the object lies in, its parts lie in too.
        if let Some(around) = &open.schema.parent
            && child.attribute(&around.by).is_some()
            && let Some(text) = text_of(&one.value, &around.by)
        {
            scope.entry(Arc::clone(&around.by)).or_insert(text);
        }
        scope
    }

    fn missing(&self, open: &Open, id: &str) -> Diagnostics {
        let kind = &open.schema.type_name;
        let place = self.adopted.targets.get(&open.provider).map(|target| {
            let parts = target.pin.iter().filter(|(_, value)| !value.is_empty());
            parts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        });
        let found = Diagnostic::error(Code::NotFound, format!("there is no `{kind}` with the id `{id}`"));
        let found = match place {
            Some(place) => found.detail(format!("Looked for at: {place}.")),
            None => found,
        };
        found.hint(format!("check the id (its form is `{}`) and the account", open.schema.id_form())).into()
    }
}

/// Whether an answer says that there is no such thing here.
fn is_lacking(class: Option<ErrorClass>) -> bool {
    matches!(class, Some(ErrorClass::Unavailable | ErrorClass::Invalid | ErrorClass::Gone))
}

/// What people call an object.
fn name_of(schema: &ResourceSchema, one: &Surveyed) -> Arc<str> {
    let part = match schema.identity.last() {
        Some(last) if !schema.has_server_id() => text_of(&one.value, last),
        _ => text_of(&one.value, "name"),
    };
    part.unwrap_or_else(|| Arc::clone(&one.id))
}
