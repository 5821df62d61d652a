//! Actions: run when something triggers them or their address is named, and otherwise as they were run last.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ResourceAddr;
use crate::addr::ValuePath;
use crate::config::Resource;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::graph::Item;
use crate::graph::Node;
use crate::graph::node_of;
use crate::schema::ResourceSchema;
use crate::state::Status;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::super::Action;
use super::super::GuardFinding;
use super::super::PlanMode;
use super::super::Triggered;
use super::super::Verdict;
use super::super::expand::expand;
use super::super::propose;
use super::super::query::ObjectKey;
use super::super::scope::Each;
use super::super::scope::Instances;
use super::super::scope::View;
use super::super::shape::object_type;
use super::super::shape::with_attributes;
use super::Planner;
use super::conditions::check_conditions;
use super::draft::Draft;
use super::draft::Prior;
use super::finish;
use super::managed::evaluate_arguments;
use super::managed::start_writing;
use super::visible::instances_of;

impl Planner<'_> {
    /// Whether only actions are run.
    pub(super) fn invokes(&self) -> bool {
        !self.options.invoke.is_empty()
    }

    /// Whether a declaration needs an action that is run.
    pub(super) fn is_behind_action(&self, node: &Node) -> bool {
        let named = |declared: &ResourceAddr| {
            self.drafts
                .iter()
                .any(|(key, draft)| draft.action == Action::Invoke && declared.covers(&key.addr.resource))
        };
        self.input.graph.resources_behind(node).iter().any(named)
    }

    /// Works out which declarations the named actions need.
    pub(super) fn find_invoked(&mut self) {
        let config = self.input.config;
        let mut wanted = Vec::new();
        for target in &self.options.invoke {
            let hit = |addr: &ResourceAddr| {
                addr.mode == crate::addr::Mode::Action
                    && !matches!(target, crate::addr::Target::Module(_))
                    && target.is_about(addr)
            };
            let found: Vec<Node> = config
                .all_resources()
                .filter(|(addr, _)| hit(addr))
                .map(|(addr, _)| Node::resource(&addr))
                .collect();
            if found.is_empty() {
                self.diagnostics.push(finish::unmatched_target(target, config));
            }
            wanted.extend(found);
        }
        let outputs = self.input.graph.order().filter(|node| {
            matches!(node.item, Item::Output(_)) && node.module.is_root() && {
                let behind = self.input.graph.resources_behind(node);
                behind.iter().any(|addr| wanted.contains(&Node::resource(addr)))
            }
        });
        let all: Vec<Node> = outputs.cloned().chain(wanted.iter().cloned()).collect();
        self.within = Some(self.input.graph.closure(&all).into_iter().cloned().collect());
    }

    /// Plans every instance of an action.
    pub(super) fn plan_action(&mut self, of: &ResourceAddr) {
        if self.options.mode != PlanMode::Normal {
            self.show_resource(of);
            return;
        }
        let Some(resource) = self.input.config.resource(of) else { return };
        let Some(schema) = self.schema(of.mode, &of.kind) else { return };
        let unknown = || Value::unknown(object_type(&schema));
        let expansion = match expand(&resource.repetition, &self.world, &of.module) {
            Ok(expansion) => expansion,
            Err(found) => {
                let found = self.defer(of, &resource.repetition, resource.header, found);
                self.diagnostics.extend(found.into_iter().flatten());
                self.world.set_resource(of, Instances::Unknown(object_type(&schema)));
                return;
            }
        };
        // References to instances lead to them while it is worked out what triggers them.
        let open = expansion.each.iter().map(|each| (each.clone(), unknown())).collect();
        self.world.set_resource(of, instances_of(resource, open));
        let mut triggers = if self.invokes() { BTreeMap::new() } else { self.triggers_of(of) };
        let around = self.touched_by_calls(&of.module);
        let behind = self.behind(of, resource);
        let mut values = Vec::with_capacity(expansion.each.len());
        for each in expansion.each {
            let addr = of.instance(each.key());
            let Some(provider) = self.provider_of(resource, &addr, &each) else {
                values.push((each, Value::unknown(object_type(&schema))));
                continue;
            };
            let mocked = self.schema_of(&schema, &of.instance(each.key()), &provider);
            let mut draft = Draft::new(mocked, provider);
            draft.place = Some(resource.header);
            draft.depends_on.clone_from(&behind);
            draft.touched.extend(&expansion.touched);
            draft.touched.extend(&around);
            let limit = resource.lifecycle.allow_data_loss.as_ref();
            draft.allowed = limit.map(|limit| (limit.value, "lifecycle".to_owned()));
            draft.triggers = triggers.remove(&addr).unwrap_or_default();
            let value = self.plan_run(resource, &addr, &each, draft);
            values.push((each, value));
        }
        self.world.set_resource(of, instances_of(resource, values));
    }

    fn plan_run(&mut self, resource: &Resource, addr: &InstanceAddr, each: &Each, mut draft: Draft) -> Value {
        let schema = Arc::clone(&draft.schema);
        let unknown = Value::unknown(object_type(&schema));
        let key = ObjectKey { addr: addr.clone(), deposed: None };
        let named = self.options.invoke.iter().any(|target| target.contains(addr));
        let asked = named || !draft.triggers.is_empty();
        if asked {
            let outcome = {
                let view = View::instance(&self.world, &addr.resource.module, each.clone());
                check_conditions(&resource.lifecycle.preconditions, "precondition", &addr.to_string(), &view)
            };
            if !self.note_conditions(outcome) {
                return unknown;
            }
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
        let set = arguments.values.iter().filter(|(_, value)| !value.is_null());
        draft.set = set.map(|(name, _)| Arc::clone(name)).collect();
        let provider = self.provider_value(&draft);
        let planned = propose::create(&schema, &arguments.values, &provider);
        let prior = self.prior.get(&key).cloned();
        // Nothing recorded is nothing before: what a run makes of its arguments is no change of them.
        let at_rest = with_results(&schema, &planned, prior.as_ref());
        let again = self.options.again || schema.only_reads();
        let is_done = prior.as_ref().is_some_and(|prior| is_same_run(&schema, &planned, prior));
        let open = prior.as_ref().is_some_and(|prior| {
            matches!(prior.object.status, Status::InDoubt(_) | Status::Pending(_) | Status::Incomplete { .. })
        });
        let repeatable = schema.invocation.as_ref().is_some_and(|invocation| invocation.repeatable);
        if named
            && !again
            && let Some(prior) = &prior
        {
            let same = is_same_arguments(&schema, &planned, prior);
            let refuted = prior.object.refuted().filter(|_| same && is_done && !repeatable);
            let found = match (&prior.object.status, refuted) {
                (Status::Incomplete { done, failed }, _) => Some(partly_done(addr, repeatable, done, failed)),
                _ if open => Some(unfinished(addr, repeatable)),
                (_, Some(refuted)) => Some(not_as_expected(addr, refuted)),
                _ => None,
            };
            if let Some(found) = found {
                self.diagnostics.push(found);
                return at_rest;
            }
        }
        let is_done = is_done && prior.as_ref().is_none_or(|prior| prior.object.refuted().is_none());
        if let Some((name, _)) = arguments.values.iter().find(|(_, value)| named && !value.is_wholly_known())
        {
            let span = resource.arguments.get(name).map_or(resource.header, |argument| argument.expr.span);
            self.diagnostics.push(
                Diagnostic::error(Code::InvalidValue, format!("`{name}` of `{addr}` is not known yet"))
                    .at(span, "")
                    .about(addr.clone())
                    .hint("apply what it depends on first: `queueform apply`"),
            );
            return at_rest;
        }
        let runs = !draft.triggers.is_empty() || (named && (again || !is_done));
        let confirm = schema.invocation.as_ref().and_then(|invocation| invocation.confirm.clone());
        let confirmed = named || self.options.confirm.iter().any(|target| target.contains(addr));
        if let Some(text) = confirm.filter(|_| runs && !confirmed) {
            draft.guards.push(GuardFinding {
                guard: "confirmation".to_owned(),
                verdict: Verdict::Held,
                count: 0,
                message: text.to_string(),
                allowed: None,
                consent: Some(format!("--confirm '{addr}'")),
            });
            draft.triggers.clear();
        } else if runs {
            draft.action = Action::Invoke;
            draft.after = Some(planned.clone());
            start_writing(&arguments, &mut draft);
            self.check_values(resource, &key, None, &draft, &arguments);
            self.drafts.insert(key, draft);
            return planned;
        }
        draft.before = Some(at_rest.clone());
        draft.after = Some(at_rest.clone());
        self.drafts.insert(key, draft);
        at_rest
    }

    /// What triggers the instances of an action in this plan.
    fn triggers_of(&mut self, of: &ResourceAddr) -> BTreeMap<InstanceAddr, Vec<Triggered>> {
        let mut hits: BTreeMap<InstanceAddr, Vec<Triggered>> = BTreeMap::new();
        let mut findings = Diagnostics::new();
        let path = of.module.path();
        let module = self.input.config.module(&path);
        let all = module.into_iter().flat_map(|module| module.resources.values());
        let with = all.filter(|other| !other.lifecycle.action_triggers.is_empty());
        for other in with {
            let Ok(expansion) = expand(&other.repetition, &self.world, &of.module) else { continue };
            for each in expansion.each {
                let by = other.id.within(&of.module).instance(each.key());
                let Some(draft) = self.drafts.get(&ObjectKey { addr: by.clone(), deposed: None }) else {
                    continue;
                };
                let creates = match draft.action {
                    Action::Create | Action::Replace(_) => true,
                    Action::Update => false,
                    _ => continue,
                };
                let own = draft.after.clone().unwrap_or_else(Value::null);
                for (block, trigger) in other.lifecycle.action_triggers.iter().enumerate() {
                    for (index, action) in trigger.actions.iter().enumerate() {
                        if node_of(&path, &action.reference) != Some(Node::resource(of)) {
                            continue;
                        }
                        let events = trigger.events.iter().filter(|event| event.is_create() == creates);
                        for event in events {
                            let view =
                                View::instance(&self.world, &of.module, each.clone()).with_self(own.clone());
                            if let Some(condition) = &trigger.condition {
                                match holds(condition, &view) {
                                    Ok(true) => {}
                                    Ok(false) => continue,
                                    Err(found) => {
                                        findings.extend(found.into_iter().map(|item| item.about(by.clone())));
                                        continue;
                                    }
                                }
                            }
                            let view = View::instance(&self.world, &of.module, each.clone());
                            if let Err(found) = eval::evaluate(&action.expr, &view) {
                                findings.extend(found);
                                continue;
                            }
                            let touched = view.touched();
                            for found in touched.instances.iter().filter(|found| found.resource == *of) {
                                let hit =
                                    Triggered { by: by.clone(), event: *event, block, index, due: None };
                                hits.entry(found.clone()).or_default().push(hit);
                            }
                        }
                    }
                }
            }
        }
        self.diagnostics.extend(findings);
        self.left_over(of, &mut hits);
        for list in hits.values_mut() {
            list.sort_by_key(|hit| (hit.event, hit.by.clone(), hit.block, hit.index));
            list.dedup();
        }
        hits
    }
}

impl Planner<'_> {
    /// Adds what earlier runs did not get to: the change was made, and what it should have triggered was not run.
    fn left_over(&self, of: &ResourceAddr, hits: &mut BTreeMap<InstanceAddr, Vec<Triggered>>) {
        let path = of.module.path();
        for due in self.input.state.due.values().filter(|due| due.action.resource == *of) {
            let key = ObjectKey { addr: due.by.clone(), deposed: None };
            let stays = self
                .drafts
                .get(&key)
                .is_some_and(|draft| !matches!(draft.action, Action::Delete | Action::Forget));
            let block = self.input.config.resource(&due.by.resource);
            let trigger = block.and_then(|block| block.lifecycle.action_triggers.get(due.block));
            let event = trigger.and_then(|trigger| {
                let action = trigger.actions.get(due.index)?;
                let same = node_of(&path, &action.reference) == Some(Node::resource(of));
                trigger.events.iter().find(|event| same && event.name() == &*due.event)
            });
            let (Some(event), true) = (event, stays) else { continue };
            let list = hits.entry(due.action.clone()).or_default();
            // What happens once more is run for once.
            let again = |hit: &Triggered| {
                hit.by == due.by && hit.event == *event && hit.block == due.block && hit.index == due.index
            };
            if !list.iter().any(again) {
                list.push(Triggered {
                    by: due.by.clone(),
                    event: *event,
                    block: due.block,
                    index: due.index,
                    due: Some(due.clone()),
                });
            }
        }
    }
}

/// Evaluates the condition of a trigger, which must be known when it is planned.
fn holds(condition: &Expr, view: &View<'_>) -> Result<bool, Diagnostics> {
    let (value, _) = eval::evaluate(condition, view)?.unmark_deep();
    if !value.is_known() {
        return Err(Diagnostic::error(
            Code::ConditionUnusable,
            "the condition of a trigger is known only after apply",
        )
        .at(condition.span, "")
        .hint("use values that are known when it is planned, such as those of the configuration")
        .into());
    }
    match convert(&value, &Type::Bool).ok().as_ref().and_then(Value::as_bool) {
        Some(holds) => Ok(holds),
        None => Err(Diagnostic::error(
            Code::ConditionUnusable,
            "the condition of a trigger must be true or false",
        )
        .at(condition.span, "")
        .into()),
    }
}

/// The arguments as configured, with the results of the last run; null before the first.
fn with_results(schema: &ResourceSchema, planned: &Value, prior: Option<&Prior>) -> Value {
    let results = schema.attributes.iter().filter(|attribute| !attribute.mode.is_settable());
    let results = results.map(|attribute| {
        let known = prior.and_then(|prior| prior.stored.get(&attribute.name)).cloned();
        let known = known.unwrap_or_else(|| Value::null_of(attribute.ty.without_optional()));
        (Arc::clone(&attribute.name), known)
    });
    with_attributes(planned, results.collect::<Vec<(Name, Value)>>())
}

/// Whether the last run is finished and had the same arguments.
fn is_same_run(schema: &ResourceSchema, planned: &Value, prior: &Prior) -> bool {
    prior.object.status == Status::Ready && is_same_arguments(schema, planned, prior)
}

fn is_same_arguments(schema: &ResourceSchema, planned: &Value, prior: &Prior) -> bool {
    schema.attributes.iter().filter(|one| one.mode.is_settable() && !one.write_only).all(|attribute| {
        match (prior.stored.get(&attribute.name), planned.get(&attribute.name)) {
            (Some(stored), Some(planned)) if stored.is_null() && stored.marks().is_sensitive() => {
                let (plain, _) = planned.clone().unmark_deep();
                plain.is_null()
                    || prior.object.sensitive_matches(&ValuePath::attr(Arc::clone(&attribute.name)), &plain)
            }
            (Some(stored), Some(planned)) => stored.same_as(planned),
            _ => false,
        }
    })
}

/// What to do about a run that took effect in part or in another way than it should have.
fn after_looking(repeatable: bool) -> &'static str {
    if repeatable {
        "running it twice does no harm: run it again with `--again`"
    } else {
        "look at the service what it did; `--again` runs it from its beginning"
    }
}

fn partly_done(addr: &InstanceAddr, repeatable: bool, done: &[Arc<str>], failed: &str) -> Diagnostic {
    let done: Vec<String> = done.iter().map(|step| format!("`{step}`")).collect();
    let done = if done.is_empty() {
        format!("some calls of `{failed}` were answered")
    } else {
        format!("{} had been done when `{failed}` failed or was not made", done.join(", "))
    };
    Diagnostic::error(Code::InDoubt, format!("an earlier run of `{addr}` went only a part of the way"))
        .about(addr.clone())
        .detail(format!("In it, {done}. It is not repeated by itself."))
        .hint(after_looking(repeatable))
}

fn not_as_expected(addr: &InstanceAddr, refuted: &str) -> Diagnostic {
    Diagnostic::error(
        Code::OperationRejected,
        format!("the last run of `{addr}` did not end as it should: {refuted}"),
    )
    .about(addr.clone())
    .detail("It was carried out and its results are recorded, so it is not repeated by itself.")
    .hint(after_looking(false))
}

fn unfinished(addr: &InstanceAddr, repeatable: bool) -> Diagnostic {
    let hint = if repeatable {
        "running it twice does no harm: run it again with `--again`"
    } else {
        "look at the service whether it took effect; `--again` runs it from its beginning"
    };
    Diagnostic::error(Code::InDoubt, format!("an earlier run of `{addr}` was cut off"))
        .about(addr.clone())
        .detail("It is not known whether it took effect, and it is not repeated by itself.")
        .hint(hint)
}
