//! Imports: objects that exist already and are to be managed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::Import;
use crate::config::ImportIdentity;
use crate::config::Resource;
use crate::config::Standin;
use crate::config::unknown_type;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval;
use crate::schema::ResourceSchema;
use crate::schema::scope;
use crate::source::Span;
use crate::state::Object;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::super::Answer;
use super::super::PlanMode;
use super::super::Query;
use super::super::expand::expand;
use super::super::expand::for_each;
use super::super::mocking::mocked_result;
use super::super::propose;
use super::super::query::ObjectKey;
use super::super::scope::Each;
use super::super::scope::Instances;
use super::super::scope::View;
use super::super::shape::mark_object;
use super::super::shape::object_type;
use super::Planner;
use super::draft::Draft;
use super::draft::Prior;
use super::managed::evaluate_arguments;

/// An object to be imported.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Its id.
    id: Arc<str>,
    /// Where the import is asked for; on the command line if there is none.
    place: Option<Span>,
}

/// What came of looking for an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// It is there, and stands for what the state has.
    Taken,
    /// It does not exist.
    Absent,
    /// It cannot be told, or must be asked first.
    Open,
}

impl Planner<'_> {
    /// Evaluates the `import` blocks of a resource: what is to be imported, by instance. Blocks about objects that
    /// are managed already have done their work. Where the id cannot be told, which is an error, there is none.
    pub(super) fn imports_of(
        &mut self,
        of: &ResourceAddr,
        resource: &Resource,
        schema: &ResourceSchema,
        instances: &[Each],
    ) -> BTreeMap<Option<InstanceKey>, Option<Wanted>> {
        let mut wanted: BTreeMap<Option<InstanceKey>, Option<Wanted>> = BTreeMap::new();
        let instances: BTreeSet<Option<InstanceKey>> = instances.iter().map(Each::key).collect();
        for import in self.input.config.root.imports.iter().filter(|import| import.to == *of) {
            let elements = match &import.for_each {
                None => vec![Each::None],
                Some(expr) => match for_each(expr, &View::of(&self.world)) {
                    Ok(elements) => elements,
                    Err(found) => {
                        self.diagnostics.extend(found);
                        continue;
                    }
                },
            };
            for each in elements {
                match self.one_import(import, of, resource, (schema, &instances), &each) {
                    Ok((key, one)) => {
                        let addr = of.instance(key.clone());
                        if !self.is_within(&addr) || one.as_ref().is_ok_and(|one| self.is_done(&addr, one)) {
                            continue;
                        }
                        let one = match one {
                            Ok(one) => Some(one),
                            Err(found) => {
                                self.diagnostics.push(found.about(addr.clone()));
                                None
                            }
                        };
                        if wanted.insert(key, one).is_some() {
                            self.diagnostics.push(
                                Diagnostic::error(Code::InvalidImport, format!("`{addr}` is imported twice"))
                                    .at(import.header, "imported again here")
                                    .hint("an address stands for one object: remove one of the imports"),
                            );
                        }
                    }
                    Err(found) => self.diagnostics.extend(found),
                }
            }
        }
        wanted
    }

    fn one_import(
        &self,
        import: &Import,
        of: &ResourceAddr,
        resource: &Resource,
        (schema, instances): (&ResourceSchema, &BTreeSet<Option<InstanceKey>>),
        each: &Each,
    ) -> Result<(Option<InstanceKey>, Result<Wanted, Diagnostic>), Diagnostics> {
        let key = match &import.key {
            None => None,
            Some(expr) => {
                let value = eval::evaluate(
                    expr,
                    &View::instance(&self.world, &ModuleInstance::root(), each.clone()),
                )?;
                let Some(key) = instance_key(&value) else {
                    return Err(Diagnostic::error(
                        Code::InvalidImport,
                        "the instance to be imported cannot be told while planning",
                    )
                    .at(expr.span, format!("this is {}", value.ty().friendly_name()))
                    .hint("the key must be a known string or index")
                    .into());
                };
                Some(key)
            }
        };
        if !resource.is_placeholder && !instances.contains(&key) {
            let addr = of.instance(key);
            return Err(undeclared(&addr, resource).at(import.to_span, "is to be imported").into());
        }
        let expr = import.identity.expr();
        let value =
            eval::evaluate(expr, &View::instance(&self.world, &ModuleInstance::root(), each.clone()))?;
        let id = match &import.identity {
            ImportIdentity::Id(_) => text_of(&value, "`id`"),
            ImportIdentity::Parts(_) => joined(schema, &value),
        };
        let wanted = match id {
            Ok(id) => Ok(Wanted { id, place: Some(expr.span) }),
            Err(found) => Err(found.at(expr.span, "")),
        };
        Ok((key, wanted))
    }

    /// Whether the object is managed already, or was: one that vanished is not looked for again.
    fn is_done(&self, addr: &InstanceAddr, wanted: &Wanted) -> bool {
        let key = ObjectKey { addr: addr.clone(), deposed: None };
        self.prior.get(&key).is_some_and(|prior| {
            let id = prior.stored.get("id").and_then(Value::as_str);
            prior.found.is_some() || id.is_some_and(|id| **id == *wanted.id)
        })
    }

    /// Looks for the object and takes it for what the state has. Returns whether there is one.
    pub(super) fn import(&mut self, addr: &InstanceAddr, wanted: &Wanted, draft: &mut Draft) -> bool {
        let place = wanted.place;
        match self.look_for(addr, wanted, draft) {
            Looked::Taken => true,
            Looked::Absent => {
                let found = missing(&draft.schema, &wanted.id, self.targets.get(&draft.provider));
                let found = match place {
                    Some(span) => found.or_at(span),
                    None => found,
                };
                self.diagnostics.push(found.about(addr.clone()));
                false
            }
            Looked::Open => false,
        }
    }

    /// `lifecycle { adopt = true }`: an object that is to be created and exists already is taken over. Returns false if the
    /// plan cannot go on before that is known.
    pub(super) fn adopt_if_there(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
        each: &Each,
        draft: &mut Draft,
    ) -> bool {
        let Some(adopt) = resource.lifecycle.adopt.as_ref().filter(|adopt| adopt.value) else { return true };
        let key = ObjectKey { addr: addr.clone(), deposed: None };
        if draft.is_mocked || self.prior.contains_key(&key) || !self.is_within(addr) {
            return true;
        }
        let schema = Arc::clone(&draft.schema);
        let view = || View::instance(&self.world, &addr.resource.module, each.clone());
        // What is wrong with its arguments is told when it is planned.
        let Ok(arguments) = evaluate_arguments(resource, &schema, &view) else { return true };
        let planned = propose::create(&schema, &arguments.values, &self.provider_value(draft));
        // In a parent that is still to be made there is nothing.
        let Some(id) = scope::identity(&schema, &planned) else { return true };
        let wanted = Wanted { id: id.into(), place: Some(adopt.span) };
        match self.look_for(addr, &wanted, draft) {
            Looked::Taken => {
                let found = self.prior.get(&key).and_then(|prior| prior.found.as_ref());
                let found = found.map(|found| told(&schema, found)).unwrap_or_default();
                draft.notes.push(format!("exists already and is taken over (`adopt = true`){found}"));
                true
            }
            Looked::Absent => {
                self.imported.remove(&(draft.provider.clone(), Arc::clone(&schema.type_name), wanted.id));
                true
            }
            Looked::Open => false,
        }
    }

    /// Looks for an object by its id, and takes it for what the state has if it is there.
    fn look_for(&mut self, addr: &InstanceAddr, wanted: &Wanted, draft: &mut Draft) -> Looked {
        let schema = Arc::clone(&draft.schema);
        let at = |found: Diagnostic| match wanted.place {
            Some(span) => found.or_at(span).about(addr.clone()),
            None => found.about(addr.clone()),
        };
        let Some(known) = scope::from_identity(&schema, &wanted.id) else {
            self.diagnostics.push(at(malformed(&schema, &wanted.id)));
            return Looked::Open;
        };
        let key = (draft.provider.clone(), Arc::clone(&schema.type_name), Arc::clone(&wanted.id));
        if let Some(other) = self.imported.insert(key, addr.clone()) {
            self.diagnostics.push(at(Diagnostic::error(
                Code::AlreadyManaged,
                format!("`{}` is imported as `{other}` and as `{addr}`", wanted.id),
            )
            .hint("an object belongs to one address: remove one of the imports")));
            return Looked::Open;
        }
        if let Some(other) = self.manager(&draft.provider, &schema, &wanted.id)
            && other != *addr
        {
            self.diagnostics.push(at(Diagnostic::error(
                Code::AlreadyManaged,
                format!("`{}` is managed already, as `{other}`", wanted.id),
            )
            .hint(format!(
                "if only the address is to change, write `moved {{ from = {other}  to = {addr} }}` instead of the import"
            ))));
            return Looked::Open;
        }
        let answer = self.answer(Query::Import {
            addr: addr.clone(),
            provider: draft.provider.clone(),
            kind: Arc::clone(&schema.type_name),
            id: Arc::clone(&wanted.id),
            known,
        });
        let (found, broken) = match answer {
            Some(Answer::Found { value, broken }) => (mark_object(value, &schema), *broken),
            Some(Answer::Gone) => return Looked::Absent,
            Some(Answer::Failed(found)) => {
                self.diagnostics.extend(found.iter().cloned().map(&at));
                return Looked::Open;
            }
            _ => return Looked::Open,
        };
        self.take(addr, wanted, found, broken, draft);
        Looked::Taken
    }

    /// Looks for the objects of a block that is still to be generated: they are as they are found.
    pub(super) fn find_what_is_imported(
        &mut self,
        of: &ResourceAddr,
        resource: &Resource,
        schema: &Arc<ResourceSchema>,
    ) {
        let mut found = Vec::new();
        for (key, wanted) in self.imports_of(of, resource, schema, &[]) {
            let addr = of.instance(key.clone());
            let unknown = || Value::unknown(object_type(schema));
            let mut draft = Draft::new(Arc::clone(schema), resource.provider.value.clone());
            draft.place = Some(resource.header);
            let is_there = wanted.is_some_and(|wanted| self.import(&addr, &wanted, &mut draft));
            let place = ObjectKey { addr, deposed: None };
            let value = self.prior.get(&place).filter(|_| is_there).and_then(|prior| prior.found.clone());
            if value.is_some() {
                draft.before.clone_from(&value);
                draft.after.clone_from(&value);
                self.drafts.insert(place, draft);
            }
            found.push((key, value.unwrap_or_else(unknown)));
        }
        self.world.set_resource(of, Instances::as_found(found, || object_type(schema)));
    }

    /// Takes an object over that a test puts something in place of: it is as its block and the test say.
    pub(super) fn import_mocked(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
        each: &Each,
        wanted: &Wanted,
        standin: &Standin,
        draft: &mut Draft,
    ) -> bool {
        let schema = Arc::clone(&draft.schema);
        if !standin.is_override {
            let found = Diagnostic::error(
                Code::InvalidImport,
                "nothing can be imported from a provider that is mocked",
            )
            .about(addr.clone())
            .hint(format!("say what it is in `override_resource {{ target = {addr} … }}`"));
            self.diagnostics.push(match wanted.place {
                Some(span) => found.or_at(span),
                None => found,
            });
            return false;
        }
        let view = || View::instance(&self.world, &addr.resource.module, each.clone());
        let found = evaluate_arguments(resource, &schema, &view).and_then(|arguments| {
            let planned = propose::create(&schema, &arguments.values, &self.provider_value(draft));
            mocked_result(&schema, &planned, standin, addr)
        });
        match found {
            Ok(found) => {
                self.take(addr, wanted, found, false, draft);
                true
            }
            Err(found) => {
                self.diagnostics.extend(found);
                false
            }
        }
    }

    /// Notes that an object is taken over as it was found.
    fn take(&mut self, addr: &InstanceAddr, wanted: &Wanted, found: Value, broken: bool, draft: &mut Draft) {
        draft.importing = Some(wanted.id.to_string());
        let prior = Prior {
            schema: Arc::clone(&draft.schema),
            provider: draft.provider.clone(),
            stored: found.clone(),
            found: Some(found),
            object: Object::default(),
            broken,
            is_imported: true,
        };
        self.prior.insert(ObjectKey { addr: addr.clone(), deposed: None }, prior);
    }

    /// The address under which the state manages an object.
    fn manager(&self, provider: &ProviderAddr, schema: &ResourceSchema, id: &str) -> Option<InstanceAddr> {
        // Those that this plan imports are compared among themselves.
        let found = self.prior.iter().find(|(_, prior)| {
            !prior.is_imported
                && prior.found.is_some()
                && prior.provider == *provider
                && prior.schema.type_name == schema.type_name
                && prior.stored.get("id").and_then(Value::as_str).is_some_and(|known| &**known == id)
        });
        found.map(|(key, _)| key.addr.clone())
    }

    /// `import ADDR ID`: takes objects into the state as they were found.
    pub(super) fn take_imports(&mut self) {
        if self.options.mode != PlanMode::RefreshOnly {
            return;
        }
        for (addr, id) in &self.options.imports {
            let Some(resource) = self.input.config.resource(&addr.resource) else {
                if self.schema(Mode::Managed, &addr.resource.kind).is_none() {
                    let found = unknown_type(Mode::Managed, &addr.resource.kind, self.registry());
                    self.diagnostics.push(found.about(addr.clone()));
                    continue;
                }
                let found = Diagnostic::error(
                    Code::InvalidImport,
                    format!("there is no block for `{addr}`, which is to be imported"),
                );
                let names: Vec<String> =
                    self.input.config.all_resources().map(|(addr, _)| addr.to_string()).collect();
                let near = did_you_mean(&addr.resource.to_string(), names.iter().map(String::as_str));
                self.diagnostics.push(found.about(addr.clone()).hint(near.unwrap_or_else(|| {
                    format!(
                        "write it first: `resource \"{}\" \"{}\" {{ … }}`",
                        addr.resource.kind, addr.resource.name
                    )
                })));
                continue;
            };
            let Some(schema) = self.schema(addr.resource.mode, &addr.resource.kind) else { continue };
            // Instances that cannot be told are no reason to refuse.
            if let Ok(expansion) = expand(&resource.repetition, &self.world, &addr.resource.module)
                && !expansion.each.iter().any(|each| each.key() == addr.key)
            {
                self.diagnostics.push(undeclared(addr, resource));
                continue;
            }
            let key = ObjectKey { addr: addr.clone(), deposed: None };
            if self.prior.contains_key(&key) {
                self.diagnostics.push(
                    Diagnostic::error(Code::AlreadyManaged, format!("`{addr}` is managed already"))
                        .about(addr.clone())
                        .hint(format!(
                            "to put another object in its place, forget this one first: `queueform state rm '{addr}'`"
                        )),
                );
                continue;
            }
            let each = match &addr.key {
                None => Each::None,
                Some(InstanceKey::Int(index)) => Each::Index(*index),
                Some(InstanceKey::Str(key)) => Each::Pair(Arc::clone(key), Value::unknown(Type::Any)),
            };
            let Some(provider) = self.provider_of(resource, addr, &each) else { continue };
            let mut draft = Draft::new(schema, provider);
            draft.place = Some(resource.header);
            if self.import(addr, &Wanted { id: id.as_str().into(), place: None }, &mut draft) {
                let found = self.prior.get(&key).and_then(|prior| prior.found.clone());
                draft.before.clone_from(&found);
                draft.after = found;
                draft.record = true;
                self.drafts.insert(key, draft);
            }
        }
    }
}

/// What a configuration could set of an object that was found, in a few words.
fn told(schema: &ResourceSchema, found: &Value) -> String {
    let parts = schema.attributes.iter().filter(|attribute| {
        attribute.mode.is_settable() && !attribute.sensitive && !schema.identity.contains(&attribute.name)
    });
    let parts: Vec<String> = parts
        .filter_map(|attribute| {
            let value = found.get(&attribute.name).filter(|value| !value.is_null())?;
            let is_default = attribute.default.as_ref().is_some_and(|default| default.same_as(value));
            (!is_default).then(|| format!("{} = {}", attribute.name, eval::show(value)))
        })
        .collect();
    if parts.is_empty() { String::new() } else { format!(", found with {}", parts.join(", ")) }
}

fn instance_key(value: &Value) -> Option<InstanceKey> {
    let (value, marks) = value.clone().unmark();
    if marks.is_sensitive() || marks.is_ephemeral() {
        return None;
    }
    match value.data() {
        Data::String(text) => Some(InstanceKey::Str(Arc::clone(text))),
        Data::Number(number) => {
            number.to_i64().and_then(|index| u64::try_from(index).ok()).map(InstanceKey::Int)
        }
        _ => None,
    }
}

/// Returns a known text that may be shown.
fn text_of(value: &Value, what: &str) -> Result<Arc<str>, Diagnostic> {
    let invalid = |text: String| Diagnostic::error(Code::InvalidImport, text);
    let (value, marks) = value.clone().unmark_deep();
    if marks.is_sensitive() || marks.is_ephemeral() {
        return Err(invalid(format!("{what} of an import cannot be secret: it becomes part of the state"))
            .hint("if it is no secret in fact, write `nonsensitive(…)` around it"));
    }
    if !value.is_wholly_known() {
        return Err(invalid(format!("{what} of an import must be known while planning"))
            .hint("write the id itself, or apply what it depends on first, with `--target`"));
    }
    if value.is_null() {
        return Err(invalid(format!("{what} of an import must not be null")));
    }
    let text = convert(&value, &Type::String)
        .map_err(|error| invalid(format!("{what} of an import is not a string: {error}")))?;
    match text.as_str().filter(|text| !text.is_empty()) {
        Some(text) => Ok(Arc::clone(text)),
        None => Err(invalid(format!("{what} of an import must not be empty"))),
    }
}

/// Joins the parts of an identity to an id.
fn joined(schema: &ResourceSchema, value: &Value) -> Result<Arc<str>, Diagnostic> {
    let names = || schema.identity.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let Some(fields) = value.fields() else {
        return Err(if value.is_known() {
            let found = Diagnostic::error(
                Code::InvalidImport,
                format!("`identity` must be an object, this is a {}", value.ty().friendly_name()),
            );
            found.hint(format!("its attributes are {}", names()))
        } else {
            Diagnostic::error(Code::InvalidImport, "`identity` of an import must be known while planning")
        });
    };
    if let Some(other) = fields.keys().find(|name| !schema.identity.contains(name)) {
        return Err(Diagnostic::error(
            Code::InvalidImport,
            format!("the identity of `{}` has no part `{other}`", schema.type_name),
        )
        .hint(format!("its parts are {}", names())));
    }
    let mut parts = Vec::with_capacity(schema.identity.len());
    for name in &schema.identity {
        let Some(part) = fields.get(name) else {
            return Err(Diagnostic::error(
                Code::InvalidImport,
                format!("the identity of `{}` needs `{name}`", schema.type_name),
            )
            .hint(format!("its parts are {}", names())));
        };
        parts.push(text_of(part, &format!("`identity.{name}`"))?.to_string());
    }
    Ok(parts.join(&schema.separator).into())
}

fn undeclared(addr: &InstanceAddr, resource: &Resource) -> Diagnostic {
    Diagnostic::error(Code::InvalidImport, format!("the configuration does not stand for `{addr}`"))
        .about(addr.clone())
        .at(resource.header, "its block")
        .hint("make `count` or `for_each` of the block hold the key first")
}

fn malformed(schema: &ResourceSchema, id: &str) -> Diagnostic {
    Diagnostic::error(Code::InvalidImport, format!("`{id}` is not an id of `{}`", schema.type_name))
        .hint(format!("its form is `{}`", schema.id_form()))
}

fn missing(schema: &ResourceSchema, id: &str, target: Option<&super::Target>) -> Diagnostic {
    let kind: &Name = &schema.type_name;
    let place = target.map(|target| {
        let parts = target.pin.iter().filter(|(_, value)| !value.is_empty());
        parts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
    });
    let found = Diagnostic::error(Code::NotFound, format!("there is no `{kind}` with the id `{id}`"));
    let found = match place.filter(|place| !place.is_empty()) {
        Some(place) => found.detail(format!("Looked for at: {place}.")),
        None => found,
    };
    found.hint(format!(
        "check the id (its form is `{}`) and the account; remove the import to create the object instead",
        schema.id_form()
    ))
}
