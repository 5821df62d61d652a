//! Rounds: what cannot be planned yet, because the number of objects is known only after an apply, is left to the
//! next plan, and so is everything that needs it. Objects that exist are kept as they are until then.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::addr::ModuleInstance;
use crate::addr::ResourceAddr;
use crate::config::Repetition;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::graph::Item;
use crate::graph::Node;
use crate::source::Span;
use crate::value::Value;

use super::super::Action;
use super::super::PlanMode;
use super::super::expand::is_only_unknown;
use super::super::query::ObjectKey;
use super::super::rounds::Deferred;
use super::super::rounds::DeferredReason;
use super::super::rounds::DeferredSubject;
use super::super::scope::Instances;
use super::super::shape::object_type;
use super::Planner;

/// What is left to the next round so far.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// By what it is.
    entries: BTreeMap<DeferredSubject, Deferred>,
    /// Declarations whose values will not come in this round.
    nodes: BTreeSet<Node>,
    /// Called modules whose instances cannot be told, as declared.
    calls: Vec<ModuleInstance>,
    /// What would be said if nothing at all could be done.
    findings: Diagnostics,
}

impl Planner<'_> {
    /// Leaves a resource to the next round if all that is wrong with it is that its instances cannot be told yet.
    /// Gives the findings back otherwise.
    pub(super) fn defer(
        &mut self,
        of: &ResourceAddr,
        repetition: &Repetition,
        place: Span,
        found: Diagnostics,
    ) -> Option<Diagnostics> {
        if !self.may_defer(&found) {
            return Some(found);
        }
        let why = why(repetition, &found);
        self.rounds.findings.extend(found);
        self.rounds.nodes.insert(Node::resource(of));
        self.enter(of, DeferredReason::InstanceCountUnknown, why, Some(place));
        None
    }

    /// The same for a called module: everything in it is left to the next round.
    pub(super) fn defer_call(
        &mut self,
        at: &ModuleInstance,
        repetition: &Repetition,
        place: Span,
        found: Diagnostics,
    ) -> Option<Diagnostics> {
        if !self.may_defer(&found) {
            return Some(found);
        }
        let why = format!("`{at}`: {}", why(repetition, &found));
        self.rounds.findings.extend(found);
        self.rounds.calls.push(at.clone());
        let path = at.path();
        let inside: Vec<ResourceAddr> = self
            .input
            .config
            .all_resources()
            .map(|(addr, _)| addr)
            .filter(|addr| addr.module.path().0.starts_with(&path.0))
            .collect();
        for declared in inside {
            let below = declared.module.0.get(at.0.len()..).unwrap_or_default().to_vec();
            let module = ModuleInstance(at.0.iter().cloned().chain(below).collect());
            let addr = ResourceAddr { module, ..declared };
            self.enter(&addr, DeferredReason::InstanceCountUnknown, why.clone(), Some(place));
        }
        None
    }

    fn may_defer(&self, found: &Diagnostics) -> bool {
        self.options.mode == PlanMode::Normal && !self.invokes() && is_only_unknown(found)
    }

    /// Returns whether a declaration is left to the next round because it needs something that is. Notes it then.
    pub(super) fn waits_for_round(&mut self, node: &Node) -> bool {
        if self.rounds.nodes.is_empty() && self.rounds.calls.is_empty() {
            return false;
        }
        let inside = self.rounds.calls.iter().any(|call| node.module.0.starts_with(&call.path().0));
        let needed: Vec<String> = self
            .input
            .graph
            .dependencies(node)
            .into_iter()
            .filter(|needed| self.rounds.nodes.contains(needed))
            .map(|needed| format!("`{needed}`"))
            .collect();
        if needed.is_empty() {
            if inside {
                // Its values will not come, even if there are other instances of the module around it.
                self.rounds.nodes.insert(node.clone());
            }
            return false;
        }
        self.rounds.nodes.insert(node.clone());
        let why = format!("needs {}", needed.join(", "));
        match &node.item {
            Item::Resource(id) => {
                for module in self.world.modules_of(&node.module) {
                    let addr = id.within(&module);
                    let place = self.input.config.resource(&addr).map(|resource| resource.header);
                    if let Some(schema) = self.schema(addr.mode, &addr.kind) {
                        self.world.set_resource(&addr, Instances::Unknown(object_type(&schema)));
                    }
                    self.enter(&addr, DeferredReason::DeferredPrerequisite, why.clone(), place);
                }
                true
            }
            Item::Output(name) if node.module.is_root() => {
                let place = self.input.config.root.outputs.get(name).map(|output| output.header);
                let subject = DeferredSubject::Output(std::sync::Arc::clone(name));
                self.rounds.entries.insert(
                    subject.clone(),
                    Deferred {
                        subject,
                        reason: DeferredReason::DeferredPrerequisite,
                        why,
                        kept: Vec::new(),
                        place,
                    },
                );
                true
            }
            Item::Output(_) => true,
            // Their values are unknown as far as they come from what waits.
            Item::Variable(_)
            | Item::Local(_)
            | Item::Provider(_)
            | Item::Call(_)
            | Item::Outputs(_)
            | Item::Within(_) => false,
        }
    }

    fn enter(&mut self, of: &ResourceAddr, reason: DeferredReason, why: String, place: Option<Span>) {
        let kept = self
            .prior
            .keys()
            .filter(|key| key.deposed.is_none() && covers(of, &key.addr))
            .map(|key| key.addr.clone())
            .collect();
        let subject = DeferredSubject::Resource(of.clone());
        let entry = Deferred { subject: subject.clone(), reason, why, kept, place };
        self.rounds.entries.entry(subject).or_insert(entry);
    }

    /// Whether an object of the state is kept as it is until the next round.
    pub(super) fn is_kept(&self, addr: &InstanceAddr) -> bool {
        self.rounds.entries.keys().any(|subject| match subject {
            DeferredSubject::Resource(of) => covers(of, addr),
            DeferredSubject::Output(_) => false,
        })
    }

    /// Takes back deletions of what kept objects need, and refuses to replace what they are a part of.
    pub(super) fn keep_what_is_needed(&mut self) {
        let mut open = self.left_out_objects();
        if !self.rounds.entries.is_empty() {
            let waiting = self.prior.keys().filter(|key| key.deposed.is_none() && self.is_kept(&key.addr));
            open.extend(waiting.cloned());
        }
        while let Some(key) = open.pop() {
            let Some(prior) = self.prior.get(&key).cloned() else { continue };
            let is_left_out = self.is_left_out(&key.addr);
            let by = prior.schema.parent.as_ref().and_then(|parent| {
                let id = prior.stored.get(&parent.by).and_then(Value::as_str)?;
                Some((&parent.type_name, id))
            });
            let is_parent = |draft: &super::draft::Draft| {
                let id = draft.before.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str);
                id.is_some_and(|id| by == Some((&draft.schema.type_name, id)))
            };
            let needed = |other: &ObjectKey, draft: &super::draft::Draft| {
                prior.object.dependencies.iter().any(|of| of.covers(&other.addr.resource))
                    || is_left_out && is_parent(draft)
            };
            let gone: Vec<ObjectKey> = self
                .drafts
                .iter()
                .filter(|(other, draft)| draft.action == Action::Delete && needed(other, draft))
                .map(|(other, _)| other.clone())
                .collect();
            for other in gone {
                self.drafts.remove(&other);
                if is_left_out {
                    self.leave_out(&other.addr);
                } else {
                    let why = format!("`{}` still needs it", key.addr);
                    self.enter(&other.addr.resource, DeferredReason::DeferredPrerequisite, why, None);
                }
                open.push(other);
            }
            let replaced =
                |draft: &super::draft::Draft| matches!(draft.action, Action::Replace(_)) && is_parent(draft);
            if let Some((other, draft)) = self.drafts.iter().find(|(_, draft)| replaced(draft)) {
                let (why, hint) = if is_left_out {
                    (
                        "is left out of the plan: it would be gone",
                        "exclude what is replaced too, or plan both",
                    )
                } else {
                    (
                        "waits for the next round",
                        "give `count` or `for_each` a value that is known before the replacement, such as a variable",
                    )
                };
                let mut found = Diagnostic::error(
                    Code::CannotReplace,
                    format!("`{}` cannot be replaced while `{}` {why}", other.addr, key.addr),
                )
                .about(other.addr.clone())
                .hint(hint);
                if let Some(place) = draft.place {
                    found = found.at(place, "replaced here");
                }
                self.diagnostics.push(found);
            }
        }
    }

    /// Returns what is left to the next round. If nothing can be done before, it never comes: what is unknown is an
    /// error then.
    pub(super) fn deferred(&mut self) -> Vec<Deferred> {
        let rounds = std::mem::take(&mut self.rounds);
        if rounds.entries.is_empty() {
            return Vec::new();
        }
        let works = self
            .drafts
            .values()
            .any(|draft| draft.action != Action::NoOp || draft.record || draft.importing.is_some());
        let works = works
            || !self.moves.done.is_empty()
            || self.outputs.values().any(|output| output.action != Action::NoOp);
        if !works && !self.diagnostics.has_errors() {
            self.diagnostics.extend(rounds.findings);
        }
        rounds.entries.into_values().collect()
    }
}

/// Whether an object belongs to a resource, where modules without a key stand for every instance.
fn covers(of: &ResourceAddr, addr: &InstanceAddr) -> bool {
    of.covers(&addr.resource)
}

/// Says what the number of instances depends on.
fn why(repetition: &Repetition, found: &Diagnostics) -> String {
    let meta = match repetition {
        Repetition::Count(_) => "count",
        Repetition::ForEach(_) => "for_each",
        Repetition::Enabled(_) => "enabled",
        Repetition::One => "the block",
    };
    let label = found.iter().flat_map(|item| &item.labels).map(|label| label.text.as_str()).next();
    match label.filter(|text| !text.is_empty()) {
        Some(text) => format!("`{meta}` {text}"),
        None => format!("`{meta}` is known only after apply"),
    }
}
