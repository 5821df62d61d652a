//! The ordered steps of a plan.
//!
//! Creating and updating follow the references that were really used; deleting follows the dependencies
//! recorded in the state, in reverse.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ResourceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::graph::Item;
use crate::graph::Node;
use crate::schema::scope;
use crate::value::Value;

use super::super::Action;
use super::super::Operation;
use super::super::PlanMode;
use super::super::Record;
use super::super::ReplaceOrder;
use super::super::Step;
use super::super::StepId;
use super::super::StepKind;
use super::super::Triggered;
use super::super::query::ObjectKey;
use super::super::shape::with_attributes;
use super::Planner;
use super::draft::Draft;
use super::guards::watches;
use super::managed::scope_operation;
use super::numbering::sorted;

/// The steps, and which belong to which object.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub failures: Diagnostics,
    pub steps: Vec<Step>,
    pub by_object: BTreeMap<ObjectKey, Vec<StepId>>,
}

/// First and last step of one half of a change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain {
    pub(super) first: usize,
    pub(super) last: usize,
}

/// Joins behind what is done to the objects that depend on a resource.
#[derive(Debug, Clone)]
struct Behind {
    /// Behind their deletion.
    gone: Option<usize>,
    /// Behind the deletion of those that are created anew first.
    gone_late: Option<usize>,
    /// Behind what is made of them.
    made: Option<usize>,
    /// The first steps of those that are changed.
    updated: Arc<[usize]>,
}

struct Layer<'l, 'p> {
    planner: &'l Planner<'p>,
    /// Deletions come behind everything that is made.
    gently: bool,
    steps: Vec<Step>,
    making: BTreeMap<ObjectKey, Chain>,
    deleting: BTreeMap<ObjectKey, Chain>,
    /// Joins behind everything that is made of a resource.
    made: BTreeMap<ResourceAddr, usize>,
    /// Joins behind the deletions of what depends on a resource.
    gone: BTreeMap<ResourceAddr, Option<usize>>,
    /// What is done to the objects that depend on a resource.
    behind: BTreeMap<ResourceAddr, Behind>,
    /// Resources on which something depends that is created before it is deleted.
    late: BTreeSet<ResourceAddr>,
    /// Drafts by resource.
    by_resource: BTreeMap<ResourceAddr, Vec<ObjectKey>>,
    /// Resources of called modules, by their addresses as declared.
    by_declared: BTreeMap<ResourceAddr, Vec<ResourceAddr>>,
    /// Objects that depend on a resource, as declared, according to the state.
    dependents: BTreeMap<ResourceAddr, Vec<ObjectKey>>,
    /// The steps that give objects their new addresses.
    moved: BTreeMap<InstanceAddr, usize>,
    /// Runs of actions: what triggers each, its first and its last step.
    triggered: Vec<(Triggered, usize, usize)>,
    /// Expressions of schemas that failed.
    failures: Diagnostics,
}

/// Lays out the steps of all drafts.
pub(super) fn lay(planner: &Planner<'_>) -> Laid {
    // Dependencies that the state remembers and those of the configuration may contradict each other. Nothing
    // does if everything that goes, goes last.
    lay_with(planner, false).or_else(|| lay_with(planner, true)).unwrap_or_else(|| Laid {
        failures: Diagnostic::error(Code::Internal, "the steps of the plan wait for each other").into(),
        ..Laid::default()
    })
}

/// Lays out the steps; nothing if they wait for each other in a circle.
fn lay_with(planner: &Planner<'_>, gently: bool) -> Option<Laid> {
    let mut layer = Layer {
        planner,
        gently,
        steps: Vec::new(),
        making: BTreeMap::new(),
        deleting: BTreeMap::new(),
        made: BTreeMap::new(),
        gone: BTreeMap::new(),
        behind: BTreeMap::new(),
        late: BTreeSet::new(),
        by_resource: BTreeMap::new(),
        by_declared: BTreeMap::new(),
        dependents: BTreeMap::new(),
        moved: BTreeMap::new(),
        triggered: Vec::new(),
        failures: Diagnostics::new(),
    };
    for (key, draft) in &planner.drafts {
        let members = layer.by_resource.entry(key.addr.resource.clone()).or_default();
        if members.is_empty() && !key.addr.resource.module.is_root() {
            let declared = layer.by_declared.entry(key.addr.resource.declared()).or_default();
            declared.push(key.addr.resource.clone());
        }
        members.push(key.clone());
        for resource in &draft.recorded {
            if !resource.covers(&key.addr.resource) {
                layer.dependents.entry(resource.clone()).or_default().push(key.clone());
                if draft.action == Action::Replace(ReplaceOrder::CreateFirst) {
                    layer.late.insert(resource.clone());
                }
            }
        }
    }
    layer.moves();
    for (key, draft) in &planner.drafts {
        let from = layer.steps.len();
        layer.chains(key, draft);
        layer.behind_move(key, from);
    }
    for (key, draft) in &planner.drafts {
        layer.order_making(key, draft);
        layer.order_deleting(key, draft);
    }
    layer.order_triggers();
    let chains = (&layer.making, &layer.deleting);
    layer.failures.extend(planner.make_room(&mut layer.steps, chains));
    layer.outputs();
    sorted(&layer.steps, layer.failures)
}

impl Layer<'_, '_> {
    fn push(&mut self, key: Option<&ObjectKey>, kind: StepKind, after: Vec<usize>) -> usize {
        let id = self.steps.len();
        let number = |index: usize| StepId(u32::try_from(index).unwrap_or(u32::MAX));
        self.steps.push(Step {
            id: number(id),
            addr: key.map(|key| key.addr.clone()),
            deposed: key.and_then(|key| key.deposed.clone()),
            kind,
            after: after.into_iter().map(number).collect(),
        });
        id
    }

    fn link(&mut self, step: usize, after: usize) {
        let after = StepId(u32::try_from(after).unwrap_or(u32::MAX));
        if let Some(step) = self.steps.get_mut(step)
            && !step.after.contains(&after)
        {
            step.after.push(after);
        }
    }

    /// Objects that have moved get their new addresses first; an address becomes free before it is taken.
    fn moves(&mut self) {
        let planner = self.planner;
        for to in planner.moves.done.keys() {
            let key = ObjectKey { addr: to.clone(), deposed: None };
            let step = self.push(Some(&key), StepKind::Record(Record::Moved), Vec::new());
            self.moved.insert(to.clone(), step);
        }
        for (to, from) in &planner.moves.done {
            if let (Some(later), Some(sooner)) = (self.moved.get(from).copied(), self.moved.get(to).copied())
            {
                self.link(later, sooner);
            }
        }
    }

    /// Puts everything that was laid since `from` behind the move of the object.
    fn behind_move(&mut self, key: &ObjectKey, from: usize) {
        let Some(moved) = self.moved.get(&key.addr).copied() else { return };
        for step in from..self.steps.len() {
            if self.steps.get(step).is_some_and(|step| step.after.is_empty()) {
                self.link(step, moved);
            }
        }
    }

    /// Makes the steps of one object, in order among themselves.
    fn chains(&mut self, key: &ObjectKey, draft: &Draft) {
        let imported = draft
            .importing
            .as_ref()
            .map(|_| self.push(Some(key), StepKind::Record(Record::Imported), Vec::new()));
        match draft.action {
            Action::NoOp if imported.is_some() => {}
            Action::NoOp => {
                if draft.record {
                    let gone = draft.before.is_none();
                    let record = if gone { Record::Drop } else { Record::Refreshed };
                    self.push(Some(key), StepKind::Record(record), Vec::new());
                }
            }
            Action::Forget => {
                self.push(Some(key), StepKind::Record(Record::Forget), Vec::new());
            }
            Action::Read => {
                let step = self.push(Some(key), StepKind::ReadData, Vec::new());
                self.making.insert(key.clone(), Chain { first: step, last: step });
            }
            Action::Invoke => self.running_chains(key, draft),
            Action::Create => self.making_chain(key, draft, Operation::Create, None),
            Action::Update => self.making_chain(key, draft, Operation::Update, imported),
            Action::Delete => self.deleting_chain(key, draft, None),
            Action::Replace(ReplaceOrder::DeleteFirst) => {
                self.deleting_chain(key, draft, imported);
                let behind = self.deleting.get(key).map(|chain| chain.last);
                self.making_chain(key, draft, Operation::Create, behind);
            }
            Action::Replace(ReplaceOrder::CreateFirst) => {
                self.making_chain(key, draft, Operation::Create, imported);
                let behind = self.making.get(key).map(|chain| chain.last);
                self.deleting_chain(key, draft, behind);
            }
        }
    }

    /// One run of an action for everything that triggers it, one after the other; one if it was named.
    fn running_chains(&mut self, key: &ObjectKey, draft: &Draft) {
        let planned = draft.after.clone().unwrap_or_else(Value::null);
        let mut triggers: Vec<Option<Triggered>> = draft.triggers.iter().cloned().map(Some).collect();
        if triggers.is_empty() {
            triggers.push(None);
        }
        let mut last = None;
        for trigger in triggers {
            let first = self.push(Some(key), StepKind::Evaluate, last.into_iter().collect());
            let guards = self.guards(key, draft);
            let called = self.calls(key, draft, Operation::Invoke, (&planned, None), guards, first);
            let end = self.push(Some(key), StepKind::Record(Record::Invoked), vec![called]);
            let chain = self.making.get(key).map_or(first, |chain| chain.first);
            self.making.insert(key.clone(), Chain { first: chain, last: end });
            if let Some(trigger) = trigger {
                self.triggered.push((trigger, first, end));
            }
            last = Some(end);
        }
    }

    /// Runs of actions come before or behind the change that triggers them.
    fn order_triggers(&mut self) {
        for (trigger, first, last) in std::mem::take(&mut self.triggered) {
            let by = ObjectKey { addr: trigger.by, deposed: None };
            let Some(chain) = self.making.get(&by).copied() else { continue };
            if trigger.event.is_before() {
                self.link(chain.first, last);
            } else {
                self.link(first, chain.last);
            }
        }
    }

    fn making_chain(&mut self, key: &ObjectKey, draft: &Draft, operation: Operation, behind: Option<usize>) {
        let first = self.push(Some(key), StepKind::Evaluate, behind.into_iter().collect());
        let mut last = first;
        if draft.action == Action::Replace(ReplaceOrder::CreateFirst) {
            last = self.push(Some(key), StepKind::Depose, vec![last]);
        }
        let planned = draft.wanted.as_ref().or(draft.after.as_ref()).cloned().unwrap_or_else(Value::null);
        let prior = draft.before.as_ref().filter(|_| operation == Operation::Update);
        // What a replacement loses was asked before its deletion.
        let asks = operation == Operation::Update || draft.action == Action::Create;
        let guards = if asks { self.guards(key, draft) } else { Vec::new() };
        last = self.calls(key, draft, operation, (&planned, prior), guards, last);
        last = self.push(Some(key), StepKind::ReadBack, vec![last]);
        self.making.insert(key.clone(), Chain { first, last });
    }

    fn deleting_chain(&mut self, key: &ObjectKey, draft: &Draft, behind: Option<usize>) {
        if draft.with_parent.is_some() {
            let step = self.push(Some(key), StepKind::Record(Record::Drop), Vec::new());
            self.deleting.insert(key.clone(), Chain { first: step, last: step });
            return;
        }
        let Some(before) = draft.before.clone() else { return };
        let from = self.steps.len();
        let guards = self.guards(key, draft);
        let start = behind.unwrap_or(usize::MAX);
        let last = self.calls(key, draft, Operation::Delete, (&before, Some(&before)), guards, start);
        if self.steps.len() == from {
            let step = self.push(Some(key), StepKind::Record(Record::Drop), behind.into_iter().collect());
            self.deleting.insert(key.clone(), Chain { first: step, last: step });
            return;
        }
        self.deleting.insert(key.clone(), Chain { first: from, last });
    }

    /// The calls of one operation, each behind the one before; `start` is `usize::MAX` for none.
    fn calls(
        &mut self,
        key: &ObjectKey,
        draft: &Draft,
        operation: Operation,
        (planned, prior): (&Value, Option<&Value>),
        guards: Vec<(String, u64)>,
        start: usize,
    ) -> usize {
        let provider = self.planner.provider_value(draft);
        let sent = match operation {
            Operation::Delete => planned.clone(),
            // Later steps may go through what earlier ones find.
            Operation::Invoke => with_attributes(planned, draft.rewritten.clone()),
            Operation::Create | Operation::Update => {
                let sent = scope::as_sent(&draft.schema, planned, &|name| draft.set.contains(name));
                with_attributes(&sent, draft.rewritten.clone())
            }
        };
        let settled = match scope::settle(scope_operation(operation), &draft.schema, &sent, prior, &provider)
        {
            Ok(settled) => settled,
            Err(found) => {
                self.failures.extend(found.into_iter().map(|item| item.about(key.addr.clone())));
                return start;
            }
        };
        let mut last = start;
        let mut guards = Some(guards);
        for step in settled {
            if (operation == Operation::Create && draft.done_steps.contains(&step.name))
                || draft.held_steps.contains(&step.name)
            {
                continue;
            }
            let waits = draft.schema.guards.iter().filter(|guard| guard.holds.contains(&step.name));
            let waits = waits.map(|guard| guard.name.to_string()).collect();
            let kind = StepKind::Call {
                operation,
                index: step.index,
                name: step.name.to_string(),
                call: step.call.unwrap_or_default(),
                guards: guards.take().unwrap_or_default(),
                waits,
            };
            let after = if last == usize::MAX { Vec::new() } else { vec![last] };
            last = self.push(Some(key), kind, after);
        }
        last
    }

    /// The guards to observe again immediately before the first call, with the loss that is allowed.
    fn guards(&self, key: &ObjectKey, draft: &Draft) -> Vec<(String, u64)> {
        let allowed = self.planner.allowance(key, draft).map_or(0, |(limit, _)| limit);
        draft
            .schema
            .guards
            .iter()
            .filter(|guard| guard.kind.denies() && watches(guard, draft.action))
            .map(|guard| (guard.name.to_string(), allowed))
            .collect()
    }

    /// Everything an object is computed from comes first.
    fn order_making(&mut self, key: &ObjectKey, draft: &Draft) {
        let Some(chain) = self.making.get(key).copied() else { return };
        for other in &draft.touched.instances {
            let other = ObjectKey { addr: other.clone(), deposed: None };
            if draft.triggers.iter().any(|trigger| trigger.by == other.addr && trigger.event.is_before()) {
                // It runs before the change of what it refers to.
                continue;
            }
            if let Some(before) = self.making.get(&other).filter(|_| other != *key) {
                self.link(chain.first, before.last);
            }
        }
        let declared = draft.depends_on.iter().flat_map(|declared| self.instances_of(declared));
        let wholes: BTreeSet<ResourceAddr> = draft.touched.whole.iter().cloned().chain(declared).collect();
        for resource in wholes {
            if resource == key.addr.resource {
                continue;
            }
            if let Some(join) = self.made_of(&resource) {
                self.link(chain.first, join);
            }
        }
        if matches!(draft.action, Action::Replace(ReplaceOrder::CreateFirst) | Action::Update) {
            // A dependent that is deleted first must be gone before what it depends on changes.
            if let Some(before) = self.gone_of(&key.addr.resource) {
                self.link(chain.first, before);
            }
        }
    }

    /// The resources of a plan that a declared one stands for: one in each instance of its module.
    fn instances_of(&self, declared: &ResourceAddr) -> Vec<ResourceAddr> {
        if declared.module.is_root() {
            return vec![declared.clone()];
        }
        self.by_declared.get(declared).cloned().unwrap_or_default()
    }

    /// A join behind the deletion of everything that depends on a resource and is deleted first, if anything is.
    fn gone_of(&mut self, resource: &ResourceAddr) -> Option<usize> {
        if let Some(join) = self.gone.get(resource) {
            return *join;
        }
        let members: Vec<usize> = self
            .dependents
            .get(&resource.declared())
            .into_iter()
            .flatten()
            .filter(|other| {
                self.planner.drafts.get(*other).is_some_and(|draft| {
                    matches!(draft.action, Action::Delete | Action::Replace(ReplaceOrder::DeleteFirst))
                        && draft.with_parent.is_none()
                        && !(draft.action == Action::Delete && self.is_deleted_late(other, draft))
                })
            })
            .filter_map(|other| self.deleting.get(other).map(|chain| chain.last))
            .collect();
        let join = self.join(members);
        self.gone.insert(resource.clone(), join);
        join
    }

    /// A join behind everything that is made of a resource, if anything is.
    fn made_of(&mut self, resource: &ResourceAddr) -> Option<usize> {
        if let Some(join) = self.made.get(resource) {
            return Some(*join);
        }
        let members: Vec<usize> = self
            .by_resource
            .get(resource)?
            .iter()
            .filter_map(|key| self.making.get(key))
            .map(|chain| chain.last)
            .collect();
        let join = self.join(members)?;
        self.made.insert(resource.clone(), join);
        Some(join)
    }

    /// Dependents are deleted before what they depend on is deleted. Those that only change do so afterwards, or
    /// before if what they depend on is created before it is destroyed.
    fn order_deleting(&mut self, key: &ObjectKey, draft: &Draft) {
        let Some(chain) = self.deleting.get(key).copied() else { return };
        if let Some(parent) = &draft.with_parent {
            let parent = ObjectKey { addr: parent.clone(), deposed: None };
            if let Some(before) = self.deleting.get(&parent).copied() {
                self.link(chain.first, before.last);
            }
            return;
        }
        let made_first = self.is_deleted_late(key, draft);
        let behind = self.behind(&key.addr.resource);
        let mut before = vec![behind.gone];
        if made_first {
            before.extend([behind.gone_late, behind.made]);
        }
        for step in before.into_iter().flatten() {
            self.link(chain.first, step);
        }
        if !made_first && draft.action == Action::Delete {
            for updated in behind.updated.iter() {
                self.link(*updated, chain.last);
            }
        }
    }

    /// What is done to the objects that depend on a resource: worked out once for all its objects, whose number may
    /// be as large.
    fn behind(&mut self, resource: &ResourceAddr) -> Behind {
        if let Some(known) = self.behind.get(resource) {
            return known.clone();
        }
        let (mut gone, mut gone_late, mut made, mut updated) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for other in self.dependents.get(&resource.declared()).into_iter().flatten() {
            let Some(dependent) = self.planner.drafts.get(other) else { continue };
            if dependent.with_parent.is_some() {
                continue;
            }
            if let Some(deleting) = self.deleting.get(other) {
                let late = dependent.action == Action::Replace(ReplaceOrder::CreateFirst);
                if late { &mut gone_late } else { &mut gone }.push(deleting.last);
            }
            if let Some(making) = self.making.get(other) {
                made.push(making.last);
                if dependent.action == Action::Update {
                    updated.push(making.first);
                }
            }
        }
        let behind = Behind {
            gone: self.join(gone),
            gone_late: self.join(gone_late),
            made: self.join(made),
            updated: updated.into(),
        };
        self.behind.insert(resource.clone(), behind.clone());
        behind
    }

    /// A step behind all of these, if there are any.
    fn join(&mut self, members: Vec<usize>) -> Option<usize> {
        match members.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.push(None, StepKind::Join, members)),
        }
    }

    /// Whether an object is deleted behind everything that is made, so that nothing that still needs it is without
    /// it in between.
    fn is_deleted_late(&self, key: &ObjectKey, draft: &Draft) -> bool {
        match draft.action {
            Action::Replace(order) => order == ReplaceOrder::CreateFirst,
            _ if self.gently || key.deposed.is_some() => true,
            _ => {
                let recorded =
                    self.planner.prior.get(key).is_some_and(|prior| prior.object.create_before_destroy);
                recorded || self.late.contains(&key.addr.resource.declared())
            }
        }
    }

    fn outputs(&mut self) {
        for (name, output) in &self.planner.outputs {
            if output.action == Action::NoOp {
                continue;
            }
            let mut after = Vec::new();
            if self.planner.options.mode == PlanMode::Normal {
                let node = Node::root(Item::Output(Arc::clone(name)));
                let behind = self.planner.input.graph.resources_behind(&node);
                for resource in
                    behind.iter().flat_map(|declared| self.instances_of(declared)).collect::<Vec<_>>()
                {
                    after.extend(self.made_of(&resource));
                }
            }
            self.push(None, StepKind::Output(Arc::clone(name)), after);
        }
    }
}
