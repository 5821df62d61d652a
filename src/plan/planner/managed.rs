//! Managed resources: one decision per instance.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ResourceAddr;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::config::Resource;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::schema::Check;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope;
use crate::state::Object;
use crate::state::Status;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

use super::super::Action;
use super::super::ActionReason;
use super::super::Answer;
use super::super::Cause;
use super::super::Operation;
use super::super::Query;
use super::super::ReplaceOrder;
use super::super::expand::expand;
use super::super::mocking::mocked_plan;
use super::super::propose;
use super::super::query::ObjectKey;
use super::super::scope::Each;
use super::super::scope::Instances;
use super::super::scope::Touched;
use super::super::scope::View;
use super::super::shape::mark_sensitive;
use super::super::shape::object_type;
use super::super::shape::with_attributes;
use super::Planner;
use super::conditions::check_conditions;
use super::draft::Draft;
use super::draft::Prior;
use super::visible::instances_of;

/// The evaluated arguments of one instance.
#[derive(Debug)]
pub struct Arguments {
    /// Values by attribute, converted to its type.
    pub values: BTreeMap<Name, Value>,
    /// What each was computed from.
    pub touched: BTreeMap<Name, Touched>,
}

/// Evaluates the arguments of an instance and converts them to the types of their attributes.
///
/// # Errors
/// All findings of all arguments.
pub fn evaluate_arguments<'w>(
    resource: &Resource,
    schema: &ResourceSchema,
    view_of: &dyn Fn() -> View<'w>,
) -> Result<Arguments, Diagnostics> {
    let mut arguments = Arguments { values: BTreeMap::new(), touched: BTreeMap::new() };
    let mut diagnostics = Diagnostics::new();
    for (name, argument) in &resource.arguments {
        let Some(attribute) = schema.attribute(name) else { continue };
        let view = view_of();
        match eval::evaluate(&argument.expr, &view) {
            Ok(value)
                if value.marks_deep().is_ephemeral()
                    && !attribute.write_only
                    && schema.kind != ResourceKind::Ephemeral =>
            {
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidValue,
                        format!("an ephemeral value cannot be kept in `{name}`"),
                    )
                    .at(argument.expr.span, "ephemeral")
                    .hint("only write-only attributes take ephemeral values, because they are never stored"),
                );
            }
            Ok(value) => match propose::convert_argument(&value, attribute) {
                Ok(value) => {
                    arguments.values.insert(Arc::clone(name), value);
                }
                Err(error) => {
                    let summary = format!("unsuitable value for `{name}`: {error}");
                    let found = eval::unsuitable(summary, &argument.expr, &value, &attribute.ty);
                    diagnostics.push(found.hint(format!("`{name}` is {}", attribute.ty)));
                }
            },
            Err(found) => diagnostics.extend(found),
        }
        arguments.touched.insert(Arc::clone(name), view.touched());
    }
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(arguments) }
}

impl Planner<'_> {
    /// Plans every instance of a managed resource.
    pub(super) fn plan_resource(&mut self, of: &ResourceAddr) {
        let Some(resource) = self.input.config.resource(of) else { return };
        let Some(schema) = self.schema(of.mode, &of.kind) else { return };
        if resource.is_placeholder {
            self.find_what_is_imported(of, resource, &schema);
            return;
        }
        let expansion = match expand(&resource.repetition, &self.world, &of.module) {
            Ok(expansion) => expansion,
            Err(found) => {
                let found = self.defer(of, &resource.repetition, resource.header, found);
                self.diagnostics.extend(found.into_iter().flatten());
                self.world.set_resource(of, Instances::Unknown(object_type(&schema)));
                return;
            }
        };
        let around = self.touched_by_calls(&of.module);
        let mut behind = self.behind(of, resource);
        behind.extend(self.behind_lifecycle(of, resource));
        let mut imports = self.imports_of(of, resource, &schema, &expansion.each);
        let dependencies: Arc<[_]> = self.input.graph.managed_behind(of).into();
        let mut values = Vec::with_capacity(expansion.each.len());
        for each in expansion.each {
            let addr = of.instance(each.key());
            let Some(provider) = self.provider_of(resource, &addr, &each) else {
                values.push((each, Value::unknown(object_type(&schema))));
                continue;
            };
            let standin = self.standin(&addr, &provider);
            let mut draft = Draft::new(self.schema_of(&schema, &addr, &provider), provider);
            draft.is_mocked = standin.is_some();
            draft.place = Some(resource.header).filter(|_| self.options.undo.is_none());
            draft.depends_on.clone_from(&behind);
            draft.depends_on.extend(self.made_before(&addr));
            let key = ObjectKey { addr: addr.clone(), deposed: None };
            draft.dependencies = self.with_recorded(&key, &dependencies);
            draft.touched.extend(&expansion.touched);
            draft.touched.extend(&around);
            let limit = resource.lifecycle.allow_data_loss.as_ref();
            draft.allowed = limit.map(|limit| (limit.value, "lifecycle".to_owned()));
            if let Some(import) = imports.remove(&each.key())
                && !import.is_some_and(|import| match standin {
                    Some(standin) => self.import_mocked(resource, &addr, &each, &import, standin, &mut draft),
                    None => self.import(&addr, &import, &mut draft),
                })
            {
                values.push((each, Value::unknown(object_type(&schema))));
                continue;
            }
            if !self.adopt_if_there(resource, &addr, &each, &mut draft) {
                values.push((each, Value::unknown(object_type(&schema))));
                continue;
            }
            let value = self.plan_instance(resource, &addr, &each, draft);
            values.push((each, value));
        }
        self.world.set_resource(of, instances_of(resource, values));
    }

    /// The resources, as declared, that `depends_on` of a resource and of the modules around it names, also through
    /// locals and outputs.
    pub(super) fn behind(&self, of: &ResourceAddr, resource: &Resource) -> BTreeSet<ResourceAddr> {
        let path = of.module.path();
        let own = resource.depends_on.iter().filter_map(|one| crate::graph::ordered_behind(&path, one));
        let mut behind: BTreeSet<ResourceAddr> = BTreeSet::new();
        for node in own.chain(self.behind_calls(&path)) {
            match node.resource_addr() {
                Some(other) => {
                    behind.insert(other);
                }
                None => behind.extend(self.input.graph.resources_behind(&node)),
            }
        }
        behind
    }

    fn plan_instance(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
        each: &Each,
        mut draft: Draft,
    ) -> Value {
        let schema = Arc::clone(&draft.schema);
        let unknown = Value::unknown(object_type(&schema));
        let key = ObjectKey { addr: addr.clone(), deposed: None };
        if !self.is_within(addr) {
            let value = self.prior.get(&key).and_then(|prior| prior.found.clone()).unwrap_or(unknown);
            draft.before = Some(value.clone());
            draft.after = Some(value.clone());
            return value;
        }
        let outcome = {
            let view = View::instance(&self.world, &addr.resource.module, each.clone());
            check_conditions(&resource.lifecycle.preconditions, "precondition", &addr.to_string(), &view)
        };
        if !self.note_conditions(outcome) {
            return unknown;
        }
        let evaluated = evaluate_arguments(resource, &schema, &|| {
            View::instance(&self.world, &addr.resource.module, each.clone())
        });
        let arguments = match evaluated {
            Ok(arguments) => arguments,
            Err(found) => {
                self.diagnostics.extend(found.into_iter().map(|item| item.about(addr.clone())));
                return unknown;
            }
        };
        for touched in arguments.touched.values() {
            draft.touched.extend(touched);
        }
        if self.needs_left_out(&draft) {
            self.leave_out(addr);
            return self.prior.get(&key).and_then(|prior| prior.found.clone()).unwrap_or(unknown);
        }
        let set = arguments.values.iter().filter(|(_, value)| !value.is_null());
        draft.set = set.map(|(name, _)| Arc::clone(name)).collect();
        let prior = self.prior.get(&key).cloned();
        self.decide(resource, &key, &arguments, prior.as_ref(), &mut draft);
        // What stands for a secret that is not known is not sent, and was never said by anybody.
        if !self.has_stand_ins(addr) {
            self.check_values(resource, &key, prior.as_ref(), &draft, &arguments);
        }
        // What a test makes up is not held against rules for what the configuration says.
        if let (Some(standin), Some(after)) = (self.standin(addr, &draft.provider), &draft.after)
            && matches!(draft.action, Action::Create | Action::Replace(_))
        {
            match mocked_plan(&schema, after, &draft.set, standin, addr) {
                Ok(after) => draft.after = Some(after),
                Err(found) => self.diagnostics.extend(found),
            }
        }
        self.find_causes(&arguments, &mut draft);
        let planned = draft.after.clone().unwrap_or(unknown);
        let planned = self.without_withheld(&key, prior.as_ref(), &draft, planned);
        let outcome = {
            let view =
                View::instance(&self.world, &addr.resource.module, each.clone()).with_self(planned.clone());
            check_conditions(&resource.lifecycle.postconditions, "postcondition", &addr.to_string(), &view)
        };
        self.note_conditions(outcome);
        self.drafts.insert(key, draft);
        planned
    }

    /// Chooses the action of one instance.
    fn decide(
        &mut self,
        resource: &Resource,
        key: &ObjectKey,
        arguments: &Arguments,
        prior: Option<&Prior>,
        draft: &mut Draft,
    ) {
        let schema = Arc::clone(&draft.schema);
        let provider = self.provider_value(draft);
        let fresh = || propose::create(&schema, &arguments.values, &provider);
        let Some(prior) = prior else {
            draft.action = Action::Create;
            draft.after = Some(fresh());
            self.settle_open(Operation::Create, draft);
            start_writing(arguments, draft);
            return;
        };
        draft.recorded.clone_from(&prior.object.dependencies);
        let Some(found) = &prior.found else {
            draft.action = Action::Create;
            draft.after = Some(fresh());
            self.settle_open(Operation::Create, draft);
            start_writing(arguments, draft);
            return;
        };
        draft.before = Some(found.clone());
        match &prior.object.status {
            Status::InDoubt(_) => {
                self.diagnostics.push(in_doubt(&key.addr));
                draft.after = Some(found.clone());
                return;
            }
            Status::Incomplete { done, .. } => {
                draft.action = Action::Create;
                draft.done_steps.clone_from(done);
                let planned = fresh();
                // What the service decided already is known.
                draft.after = Some(keep_known(&schema, &planned, found));
                start_writing(arguments, draft);
                return;
            }
            Status::Ready | Status::Tainted | Status::Pending(_) => {}
        }
        let same_secret = |path: &ValuePath, value: &Value| prior.object.sensitive_matches(path, value);
        let is_asserted = self.options.assert.iter().any(|target| target.contains(&key.addr));
        // A change that is half done is sent again, unless what is left of it can still not be done.
        let asserted = |name: &Name| is_asserted || prior.object.held.contains(name);
        let found = &if is_asserted || !prior.object.held.is_empty() {
            propose::without_unreadable(found, &schema, &arguments.values, &asserted)
        } else {
            found.clone()
        };
        let known = propose::Prior {
            value: found.clone(),
            same_secret: &same_secret,
            stored: &prior.stored,
            is_imported: prior.is_imported,
            asserted: &asserted,
        };
        let ignore = &resource.lifecycle.ignore_changes;
        let proposal = propose::update(&schema, &arguments.values, &known, ignore, &provider);
        // What is not known to differ is taken to be as configured.
        let found = &proposal.assumed(found);
        draft.before = Some(found.clone());
        draft.unverified = proposal.unverified;
        draft.ignored = proposal.ignored;
        draft.changed = proposal.changed;
        draft.replace_paths = proposal.replaces;
        let triggered = self.triggered(resource, key, draft);
        let reason = if prior.object.status == Status::Tainted || prior.broken {
            Some(ActionReason::ReplaceBecauseTainted)
        } else if self.options.replace.contains(&key.addr) {
            Some(ActionReason::ReplaceByRequest)
        } else if !draft.replace_paths.is_empty() {
            Some(ActionReason::ReplaceBecauseCannotUpdate)
        } else if triggered {
            Some(ActionReason::ReplaceByTriggers)
        } else {
            None
        };
        // References to a secret use the configuration's value, which the state does not have.
        draft.before =
            Some(with_unchanged_secrets(found, &proposal.planned, &ValuePath::default(), &draft.changed));
        if let Some(reason) = reason {
            draft.action = Action::Replace(self.replace_order(&key.addr.resource));
            draft.reason = Some(reason);
            draft.after = Some(fresh());
            self.settle_open(Operation::Create, draft);
            start_writing(arguments, draft);
            self.refuse_same_identity(resource, key, draft);
            return;
        }
        let resend: BTreeSet<Arc<str>> = schema
            .attributes
            .iter()
            .filter(|attribute| attribute.write_only && arguments.values.contains_key(&attribute.name))
            .filter(|attribute| {
                attribute.version.as_ref().is_some_and(|version| {
                    let version = ValuePath::attr(Arc::clone(version));
                    draft.changed.iter().any(|path| path.starts_with(&version))
                })
            })
            .map(|attribute| Arc::clone(&attribute.name))
            .collect();
        find_rewritten(arguments, (!is_asserted).then_some(&prior.object), &proposal.planned, draft);
        if draft.changed.is_empty() {
            draft.action = Action::NoOp;
            draft.after = Some(proposal.planned);
            draft.record =
                draft.importing.is_some() || self.must_record(resource, key, prior, &draft.dependencies);
            return;
        }
        draft.sends.extend(resend);
        draft.action = Action::Update;
        let after = propose::recompute(&proposal.planned, &schema, &draft.changed);
        let sent = scope::as_sent(&schema, &after, &|name| draft.set.contains(name));
        let sent = with_attributes(&sent, draft.rewritten.clone());
        let settled =
            scope::settle(scope_operation(Operation::Update), &schema, &sent, Some(found), &provider);
        let steps = match settled {
            Ok(steps) => steps,
            Err(found) => {
                self.diagnostics.extend(found.into_iter().map(|item| item.about(key.addr.clone())));
                Vec::new()
            }
        };
        draft.after = Some(after);
        draft.record = steps.is_empty();
        if self.hold(key, draft, Operation::Update, &steps) || !self.put_off(key, draft, found, &sent, &steps)
        {
            draft.record = self.must_record(resource, key, prior, &draft.dependencies);
        }
    }

    /// The provider's arguments as schema expressions see them.
    pub(super) fn provider_value(&self, draft: &Draft) -> Value {
        let known = self.provider_values.get(&draft.provider);
        known.cloned().unwrap_or_else(|| Value::unknown(Type::Any))
    }

    /// Whether something that only the state keeps has changed.
    fn must_record(
        &self,
        resource: &Resource,
        key: &ObjectKey,
        prior: &Prior,
        dependencies: &[ResourceAddr],
    ) -> bool {
        let prevent = resource.lifecycle.prevent_destroy.as_ref().is_some_and(|flag| flag.value);
        let first = self.create_first.contains_key(&key.addr.resource.declared());
        let known: BTreeSet<&ResourceAddr> = prior.object.dependencies.iter().collect();
        let depends = known.into_iter().ne(dependencies);
        depends
            || prior.object.prevent_destroy != prevent
            || prior.object.create_before_destroy != first
            || prior.differs()
    }

    /// Reports values that the schema does not allow.
    pub(super) fn check_values(
        &mut self,
        resource: &Resource,
        key: &ObjectKey,
        prior: Option<&Prior>,
        draft: &Draft,
        arguments: &Arguments,
    ) {
        let held = draft.wanted.as_ref().filter(|_| draft.is_held());
        let Some(planned) = held.or(draft.after.as_ref()) else { return };
        let given = &arguments.values;
        let planned = &propose::with_written(planned, &draft.schema, given);
        // What is held is judged as it would be.
        if held.is_none() && matches!(draft.action, Action::NoOp) {
            return;
        }
        let before = prior.and_then(|prior| prior.found.as_ref());
        let before = before.filter(|_| held.is_some() || draft.action == Action::Update);
        let place = |path: Option<&Name>| {
            path.and_then(|name| resource.arguments.get(name))
                .map_or(resource.header, |argument| argument.expr.span)
        };
        let provider = self.provider_value(draft);
        for finding in scope::offline_checks(&draft.schema, planned, given, before, Some(&provider)) {
            let name = match finding.path.0.first() {
                Some(Step::Attr(name)) => Some(name),
                _ => None,
            };
            self.diagnostics.push(finding.diagnostic().or_at(place(name)).about(key.addr.clone()));
        }
        let replaces = matches!(draft.action, Action::Replace(_));
        let checks = draft.schema.checks.iter().filter(|check| !check.lookups.is_empty());
        // A creation that goes on has made the object that a lookup finds.
        let goes_on = prior.is_some_and(|prior| matches!(prior.object.status, Status::Incomplete { .. }));
        let checks = checks.filter(|check| !((replaces || goes_on) && check.fresh));
        for check in checks.filter(|check| lookups_are_known(&draft.schema, check, planned)) {
            let query = Query::Check {
                addr: key.addr.clone(),
                provider: draft.provider.clone(),
                kind: Arc::clone(&draft.schema.type_name),
                check: Arc::clone(&check.name),
                planned: planned.clone(),
                prior: before.cloned(),
            };
            if let Some(Answer::Checked(found) | Answer::Failed(found)) = self.answer(query) {
                let span = place(check.path.as_ref());
                self.diagnostics
                    .extend(found.iter().cloned().map(|item| item.or_at(span).about(key.addr.clone())));
            }
        }
    }

    pub(super) fn replace_order(&self, addr: &ResourceAddr) -> ReplaceOrder {
        if self.create_first.contains_key(&addr.declared()) {
            ReplaceOrder::CreateFirst
        } else {
            ReplaceOrder::DeleteFirst
        }
    }
}

/// Finds what is never stored and is not what was sent before, by its digest; without an object, all of it.
fn find_rewritten(arguments: &Arguments, object: Option<&Object>, planned: &Value, draft: &mut Draft) {
    let schema = Arc::clone(&draft.schema);
    for attribute in schema.attributes.iter().filter(|attribute| attribute.write_only) {
        let version = attribute.version.as_ref().and_then(|name| planned.get(name));
        let value = arguments.values.get(&attribute.name).filter(|value| !value.is_null());
        let (Some(value), true) = (value, version.is_some_and(Value::is_null)) else { continue };
        let path = ValuePath::attr(Arc::clone(&attribute.name));
        if let Some(object) = object {
            if !object.attributes.knows(&path) || object.sensitive_matches(&path, value) {
                continue;
            }
            let text = format!("`{}` is not what was sent last", attribute.name);
            draft.causes.push(Cause { path: None, text, from: None });
        }
        draft.rewritten.insert(Arc::clone(&attribute.name), mark_sensitive(value.clone(), attribute));
        draft.sends.insert(Arc::clone(&attribute.name));
        draft.changed.push(path);
    }
}

/// Notes what a creation sends that is never stored.
pub(super) fn start_writing(arguments: &Arguments, draft: &mut Draft) {
    draft.sends = draft
        .schema
        .attributes
        .iter()
        .filter(|attribute| attribute.write_only && arguments.values.contains_key(&attribute.name))
        .map(|attribute| Arc::clone(&attribute.name))
        .collect();
}

/// Which operation of the schema a plan's operation is.
pub(super) fn scope_operation(operation: Operation) -> scope::OperationKind {
    match operation {
        Operation::Create => scope::OperationKind::Create,
        Operation::Update => scope::OperationKind::Update,
        Operation::Delete => scope::OperationKind::Delete,
        Operation::Invoke => scope::OperationKind::Invoke,
    }
}

/// Whether the calls of a check's lookups can be made: what they name of the object is known.
fn lookups_are_known(schema: &ResourceSchema, check: &Check, planned: &Value) -> bool {
    check.lookups.iter().filter_map(|name| schema.lookup(name)).all(|lookup| {
        let mut known = true;
        for expr in lookup.call.inputs() {
            references(expr, &mut |reference| {
                if let ("self", Some(RefStep::Attr(name))) =
                    (&*reference.root.value, reference.steps.first().map(|step| &step.value))
                {
                    known &= planned.get(name).is_some_and(|value| value.is_known() && !value.is_null());
                }
            });
        }
        known
    })
}

/// Fills in secrets that are not stored with the values of the configuration, where they are still the same.
fn with_unchanged_secrets(found: &Value, planned: &Value, at: &ValuePath, changed: &[ValuePath]) -> Value {
    if found.is_null() && found.marks().is_sensitive() {
        let same = !changed.iter().any(|path| at.starts_with(path));
        return if same { planned.clone().mark(found.marks()) } else { found.clone() };
    }
    let part = |name: &Arc<str>, value: &Value, step: Step| match planned.get(name) {
        Some(other) => with_unchanged_secrets(value, other, &at.join(step), changed),
        None => value.clone(),
    };
    match found.data() {
        Data::Object(fields) => Value::object(
            fields
                .iter()
                .map(|(name, value)| (Arc::clone(name), part(name, value, Step::Attr(Arc::clone(name))))),
        )
        .mark(found.marks()),
        Data::Map(ty, fields) => {
            let filled = fields
                .iter()
                .map(|(name, value)| (Arc::clone(name), part(name, value, Step::Key(Arc::clone(name)))));
            Value::map(ty.clone(), filled).mark(found.marks())
        }
        Data::List(..) => {
            let others: &[Value] = planned.elements().unwrap_or_default();
            let mut index = 0;
            found.clone().map_parts(&mut |part| {
                let place = at.join(Step::Index(index as u64));
                let other = others.get(index);
                index += 1;
                other.map_or(part.clone(), |other| with_unchanged_secrets(&part, other, &place, changed))
            })
        }
        _ => found.clone(),
    }
}

/// Takes over from the object of an unfinished creation what the steps that are done have set: its id. What the
/// service computes may still change with the steps that follow.
fn keep_known(schema: &ResourceSchema, planned: &Value, found: &Value) -> Value {
    let Some(fields) = planned.fields() else { return planned.clone() };
    let is_set = |name: &Name| {
        let steps = schema.create.iter().flat_map(|create| &create.steps);
        &**name == "id"
            || schema.identity.contains(name)
            || steps.flat_map(|step| &step.set).any(|field| field.name == *name)
    };
    Value::object(fields.iter().map(|(name, value)| {
        let known = found.get(name).filter(|known| !value.is_known() && !known.is_null() && is_set(name));
        (Arc::clone(name), known.cloned().unwrap_or_else(|| value.clone()))
    }))
    .mark(Marks::NONE)
}

fn in_doubt(addr: &InstanceAddr) -> Diagnostic {
    Diagnostic::warning(Code::InDoubt, format!("it is not known whether an earlier call for `{addr}` took effect"))
        .about(addr.clone())
        .detail("The object is left alone until that is settled.")
        .hint(format!(
            "look at the service, then run `queueform state resolve '{addr}' --adopt ID` if the object is there, or `--absent` if it is not"
        ))
}
