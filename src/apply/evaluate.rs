//! Evaluating arguments during apply: what was unknown in the plan becomes known, and nothing else changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ResourceAddr;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::api::ErrorClass;
use crate::config::IgnoreChanges;
use crate::config::Resource;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::graph::DependencyGraph;
use crate::graph::Item;
use crate::plan::Action;
use crate::plan::ObjectKey;
use crate::plan::Operation;
use crate::plan::check_conditions;
use crate::plan::evaluate_arguments;
use crate::plan::expand;
use crate::plan::mark_object;
use crate::plan::mark_sensitive;
use crate::plan::object_type;
use crate::plan::scope::CalledInstances;
use crate::plan::scope::Each;
use crate::plan::scope::Instances;
use crate::plan::scope::View;
use crate::plan::scope::World;
use crate::plan::with_attributes;
use crate::provider::ProviderError;
use crate::schema::Attribute;
use crate::schema::Mode;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope as schema_scope;
use crate::state::State;
use crate::state::journal::CallFailure;
use crate::syntax::ast::Name;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

use super::ApplyInput;
use super::refine::attribute_departures;
use super::work::Work;

/// The arguments of an instance as they are now.
#[derive(Debug)]
pub(super) struct Evaluated {
    /// The object as planned, with what has become known.
    pub planned: Value,
    /// What is only written.
    pub written: BTreeMap<Name, Value>,
}

/// The instances of blocks, expanded once.
#[derive(Debug, Default)]
pub(super) struct Expansions {
    known: BTreeMap<ResourceAddr, BTreeMap<Option<crate::addr::InstanceKey>, Each>>,
}

impl Expansions {
    /// Returns the `each` of an instance.
    pub(super) fn each(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
        world: &World<'_>,
    ) -> Result<Each, Diagnostics> {
        let known = self.known.get(&addr.resource).and_then(|all| all.get(&addr.key));
        if let Some(each) = known {
            let settled = match each {
                Each::Pair(_, value) => value.is_wholly_known(),
                _ => true,
            };
            if settled {
                return Ok(each.clone());
            }
        }
        let expansion = expand(&resource.repetition, world, &addr.resource.module)?;
        let all: BTreeMap<_, _> = expansion.each.into_iter().map(|each| (each.key(), each)).collect();
        let found = all.get(&addr.key).cloned();
        self.known.insert(addr.resource.clone(), all);
        found.ok_or_else(|| {
            Diagnostic::error(
                Code::InconsistentResult,
                format!("`{addr}` was planned, but its block does not stand for it any more"),
            )
            .at(resource.header, "")
            .about(addr.clone())
            .hint("plan again")
            .into()
        })
    }
}

/// Evaluates the arguments of an object and fills in what its plan did not know.
pub(super) fn evaluate(
    work: &Work<'_>,
    resource: &Resource,
    world: &World<'_>,
    each: &Each,
    provider: Option<&Value>,
) -> Result<Evaluated, Diagnostics> {
    let addr = &work.key.addr;
    let view = View::instance(world, &addr.resource.module, each.clone());
    let outcome =
        check_conditions(&resource.lifecycle.preconditions, "precondition", &addr.to_string(), &view);
    if !outcome.held {
        return Err(about(outcome.diagnostics, addr));
    }
    let arguments = evaluate_arguments(resource, &work.schema, &|| {
        View::instance(world, &addr.resource.module, each.clone())
    })
    .map_err(|found| about(found, addr))?;
    let mut found = Diagnostics::new();
    let updates = work.change.action == Action::Update;
    let mut fields = Vec::with_capacity(work.schema.attributes.len());
    for attribute in &work.schema.attributes {
        let planned = work.planned.get(&attribute.name);
        let planned = planned.cloned().unwrap_or_else(|| Value::null_of(attribute.ty.clone()));
        let argument = arguments.values.get(&attribute.name).filter(|_| !attribute.write_only);
        let before = work.change.before.as_ref().filter(|_| updates);
        let value = match argument {
            Some(argument) if work.change.held.contains(&attribute.name) => {
                wanted(attribute, argument, before)
            }
            Some(argument) if !ignores(resource, &attribute.name) => {
                let wanted = wanted(attribute, argument, before);
                // What nested objects leave open is as planned.
                let wanted = schema_scope::with_open_leaves(attribute, &wanted, &planned);
                let mut departures = attribute_departures(attribute, &planned, &wanted);
                if let Some(departure) = departures.pop() {
                    let span = resource.arguments.get(&attribute.name).map(|argument| argument.expr.span);
                    let mut item = departure.diagnostic(addr, "it is now").hint("plan again");
                    if let Some(span) = span {
                        item = item.at(span, "gives another value now");
                    }
                    found.push(item);
                }
                if planned.is_wholly_known() { planned } else { wanted }
            }
            _ => planned,
        };
        fields.push((Arc::clone(&attribute.name), value));
    }
    if found.has_errors() {
        return Err(found);
    }
    let planned = derived(work, &with_identity(&work.schema, Value::object(fields)), provider)?;
    let written: BTreeMap<Name, Value> = work
        .schema
        .attributes
        .iter()
        .filter(|attribute| attribute.write_only)
        .filter_map(|attribute| {
            let value = arguments.values.get(&attribute.name)?;
            Some((Arc::clone(&attribute.name), mark_sensitive(value.clone(), attribute)))
        })
        .collect();
    let whole = with_attributes(&planned, written.clone());
    let before = work.change.before.as_ref().filter(|_| updates);
    // What a test makes up is not held against rules for what the configuration says.
    let is_mocked = world.config().mocks.object(addr, &work.change.provider).is_some();
    let is_made_up = |path: &ValuePath| {
        is_mocked && !matches!(path.0.first(), Some(Step::Attr(name)) if arguments.values.contains_key(name))
    };
    let findings = schema_scope::offline_checks(&work.schema, &whole, &arguments.values, before, provider);
    for finding in findings.into_iter().filter(|finding| !is_made_up(&finding.path)) {
        found.push(finding.diagnostic().or_at(resource.header).about(addr.clone()));
    }
    if found.has_errors() { Err(found) } else { Ok(Evaluated { planned, written }) }
}

/// Fills in derived attributes that the plan did not know.
fn derived(work: &Work<'_>, planned: &Value, provider: Option<&Value>) -> Result<Value, Diagnostics> {
    let Some(provider) = provider else { return Ok(planned.clone()) };
    let mut found = Vec::new();
    for attribute in work.schema.attributes.iter().filter(|attribute| attribute.derived.is_some()) {
        if planned.get(&attribute.name).is_some_and(Value::is_wholly_known) {
            continue;
        }
        if let Some(value) = schema_scope::derived(&work.schema, attribute, planned, provider)? {
            found.push((Arc::clone(&attribute.name), value));
        }
    }
    Ok(with_attributes(planned, found))
}

/// What the configuration wants for an attribute that it sets.
fn wanted(attribute: &Attribute, argument: &Value, before: Option<&Value>) -> Value {
    if !argument.is_null() {
        return mark_sensitive(argument.clone(), attribute);
    }
    let null = || Value::null_of(attribute.ty.clone());
    let value = match (attribute.mode, before) {
        (Mode::OptionalComputed | Mode::Computed, Some(before)) => {
            before.get(&attribute.name).cloned().unwrap_or_else(null)
        }
        (Mode::OptionalComputed | Mode::Computed, None) if !attribute.readback.is_never() => {
            Value::unknown(attribute.ty.clone())
        }
        _ => attribute.default.clone().unwrap_or_else(null),
    };
    mark_sensitive(value, attribute)
}

fn ignores(resource: &Resource, name: &Name) -> bool {
    match &resource.lifecycle.ignore_changes {
        IgnoreChanges::None => false,
        IgnoreChanges::All(_) => true,
        IgnoreChanges::Paths(paths) => {
            let root = ValuePath::attr(Arc::clone(name));
            paths.iter().any(|path| path.value.starts_with(&root))
        }
    }
}

/// Derives the id where it follows from attributes that are known now.
fn with_identity(schema: &ResourceSchema, object: Value) -> Value {
    if schema.has_server_id() || schema.attribute("id").is_none() {
        return object;
    }
    match schema_scope::identity(schema, &object) {
        Some(id) => with_attributes(&object, [(Arc::from("id"), Value::string(id))]),
        None => object,
    }
}

/// Evaluates a root output. Nothing is returned for one that the configuration does not have.
pub(super) fn output(name: &Name, world: &World<'_>) -> Result<Option<(Value, bool)>, Diagnostics> {
    let Some(output) = world.config().root.outputs.get(name) else { return Ok(None) };
    let view = View::of(world);
    let outcome = check_conditions(&output.preconditions, "precondition", &format!("output.{name}"), &view);
    if !outcome.held {
        return Err(outcome.diagnostics);
    }
    let value = eval::evaluate(&output.value, &View::of(world))?;
    if value.marks_deep().is_sensitive() && !output.sensitive {
        return Err(Diagnostic::error(
            Code::SensitiveValue,
            format!("output `{name}` would show a sensitive value"),
        )
        .at(output.value.span, "sensitive")
        .hint("add `sensitive = true` to the output, or take the sensitive part out")
        .into());
    }
    let value = if output.sensitive { value.mark(Marks::SENSITIVE) } else { value };
    Ok(Some((value, output.sensitive)))
}

/// Makes the planned values of all objects visible to expressions, in the order in which they were planned.
pub(super) fn populate(
    world: &mut World<'_>,
    graph: &DependencyGraph,
    plan: &crate::plan::Plan,
    stored: &BTreeMap<InstanceAddr, Value>,
) {
    let mut values: BTreeMap<ResourceAddr, BTreeMap<Option<crate::addr::InstanceKey>, Value>> =
        BTreeMap::new();
    for (addr, value) in stored {
        values.entry(addr.resource.clone()).or_default().insert(addr.key.clone(), value.clone());
    }
    for change in plan.changes.iter().filter(|change| change.deposed.is_none()) {
        let all = values.entry(change.addr.resource.clone()).or_default();
        match (&change.after, change.action) {
            (
                Some(after),
                Action::NoOp
                | Action::Create
                | Action::Read
                | Action::Update
                | Action::Invoke
                | Action::Replace(_),
            ) => {
                all.insert(change.addr.key.clone(), after.clone());
            }
            _ => {
                all.remove(&change.addr.key);
            }
        }
    }
    let config = world.config();
    for node in graph.order() {
        for at in world.modules_of(&node.module) {
            match &node.item {
                Item::Resource(id) => {
                    let addr = id.within(&at);
                    let Some(resource) = config.resource(&addr) else { continue };
                    let all = values.remove(&addr).unwrap_or_default();
                    world.set_resource(&addr, Instances::of(&resource.repetition, all, || Type::Any));
                }
                Item::Call(name) => {
                    let Some(call) = config.call(&node.module.child(name)) else { continue };
                    // The plan could tell how many there are. Outside of its targets nobody asks.
                    if let Ok(expansion) = expand(&call.repetition, world, &at) {
                        world.open_call(&at, name, CalledInstances::of(&call.repetition, expansion.each));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Names the object that findings are about.
pub(super) fn about(found: Diagnostics, addr: &InstanceAddr) -> Diagnostics {
    found.into_iter().map(|item| if item.addr.is_some() { item } else { item.about(addr.clone()) }).collect()
}

/// What the journal keeps of a failed call.
pub(super) fn failure(error: &ProviderError) -> CallFailure {
    let (code, request_id) = match error {
        ProviderError::Api(error) => (error.code(), error.request_id()),
        _ => (None, None),
    };
    let shared = |text: &str| Arc::<str>::from(text);
    CallFailure {
        message: shared(&error.to_string()),
        code: code.map(shared),
        request_id: request_id.map(shared),
    }
}

/// Adds the lines that take an object over to the refusal of a creation because it exists already.
pub(super) fn with_import(
    found: Diagnostics,
    error: &ProviderError,
    doing: Operation,
    key: &ObjectKey,
    work: &Work,
) -> Diagnostics {
    let exists = error.class() == Some(ErrorClass::Exists) && doing == Operation::Create;
    let Some(id) = schema_scope::identity(&work.schema, &work.planned).filter(|_| exists) else {
        return found;
    };
    let addr = &key.addr;
    found
        .into_iter()
        .map(|item| {
            if item.code != Code::AlreadyExists {
                return item;
            }
            item.hint(format!(
                "to take it over instead, add this block and plan again:\nimport {{\n  to = {addr}\n  id = {id:?}\n}}"
            ))
        })
        .collect()
}

/// The objects of the state as values, for expressions that refer to what is not part of the plan.
pub(super) fn stored_values(input: &ApplyInput<'_>, state: &State) -> BTreeMap<InstanceAddr, Value> {
    let mut values = BTreeMap::new();
    for (target, _, object) in state.objects() {
        if target.deposed.is_some() {
            continue;
        }
        let resource = &target.addr.resource;
        let kind = ResourceKind::of(resource.mode);
        let Some(schema) = input.registry.resource(kind, &resource.kind) else { continue };
        if let Ok(value) = object.value(&object_type(&schema)) {
            values.insert(target.addr, mark_object(&value, &schema));
        }
    }
    values
}
