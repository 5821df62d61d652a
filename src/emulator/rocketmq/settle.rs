//! Changes that take time, measured on the virtual clock: each object has at most one under way.

use serde::Deserialize;
use serde::Serialize;

use super::world::World;
use crate::emulator::clock::ClockMode;

/// Seconds that changes take.
pub(crate) const INSTANCE_CREATE: i64 = 180;
pub(crate) const INSTANCE_CHANGE: i64 = 20;
pub(crate) const INSTANCE_DELETE: i64 = 60;
pub(crate) const TOPIC_CREATE: i64 = 2;
pub(crate) const ITEM_CHANGE: i64 = 15;

/// What is changing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Subject {
    Instance(String),
    Topic(String, String),
    Item(u64, u64),
}

impl Subject {
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Instance(iid) => format!("instance/{iid}"),
            Self::Topic(iid, name) => format!("topic/{iid}/{name}"),
            Self::Item(plan, item) => format!("item/{plan}/{item}"),
        }
    }

    /// Whether it is the instance or in it.
    pub(crate) fn is_in(&self, iid: &str) -> bool {
        matches!(self, Self::Instance(of) | Self::Topic(of, _) if of == iid)
    }
}

/// What it will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Effect {
    /// In this state.
    Become(String),
    /// Gone.
    Vanish,
}

/// A change under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transition {
    pub(crate) subject: Subject,
    effect: Effect,
    due_at: i64,
    polls: u32,
    /// How much slower than usual; 0 = it never ends.
    factor: u32,
    fails: bool,
}

/// Starts a change.
pub(crate) fn begin(world: &mut World, subject: Subject, effect: Effect, seconds: i64) {
    let shape = world.shape.clone();
    let factor = if shape.stuck { 0 } else { shape.factor };
    let lasts = seconds.saturating_mul(1000).saturating_mul(i64::from(factor));
    let due_at = if shape.stuck { i64::MAX } else { world.now_ms().saturating_add(lasts) };
    world.put_transition(Transition { subject, effect, due_at, polls: 0, factor, fails: shape.fails });
}

/// Whether a change of it is under way.
pub(crate) fn is_changing(world: &World, subject: &Subject) -> bool {
    world.transitions.contains_key(&subject.key())
}

/// Somebody looks: in polled time this is what lets a change go on.
pub(crate) fn look(world: &mut World, subject: &Subject) {
    let ClockMode::Polled { polls } = world.clock.mode() else { return settle(world) };
    let mut finished_at = None;
    if let Some(transition) = world.transitions.get_mut(&subject.key()) {
        transition.polls = transition.polls.saturating_add(1);
        if transition.factor > 0 && transition.polls >= polls.saturating_mul(transition.factor) {
            finished_at = Some(transition.due_at);
        }
    }
    if let Some(at) = finished_at {
        world.clock.advance_to(at);
    }
    settle(world);
}

/// Somebody looks at a list: all changes of its kind go on.
pub(crate) fn look_at(world: &mut World, wanted: impl Fn(&Subject) -> bool) {
    let subjects: Vec<Subject> = world
        .transitions
        .values()
        .map(|transition| &transition.subject)
        .filter(|subject| wanted(subject))
        .cloned()
        .collect();
    for subject in subjects {
        look(world, &subject);
    }
}

/// Lets every change end now, also one that would never end.
pub(crate) fn end_all(world: &mut World) {
    let now = world.now_ms();
    for transition in world.transitions.values_mut() {
        transition.due_at = transition.due_at.min(now);
    }
    settle(world);
}

/// Ends every change whose time has come, in the order of their ends.
pub(crate) fn settle(world: &mut World) {
    let now = world.now_ms();
    let mut due: Vec<(i64, String)> = world
        .transitions
        .iter()
        .filter(|(_, transition)| transition.due_at <= now)
        .map(|(key, transition)| (transition.due_at, key.clone()))
        .collect();
    due.sort();
    for (at, key) in due {
        if let Some(transition) = world.remove_transition(&key) {
            end(world, &transition, at);
        }
    }
}

fn end(world: &mut World, transition: &Transition, at: i64) {
    match &transition.subject {
        Subject::Instance(iid) => match &transition.effect {
            Effect::Vanish if !transition.fails => {
                let leaves_grave = world.settings.tombstones;
                world.remove_instance(iid, leaves_grave);
            }
            effect => {
                if let Some(instance) = world.instance_mut(iid) {
                    instance.status = after(effect, transition.fails, "STOPPED");
                    instance.updated_at = at;
                }
            }
        },
        Subject::Topic(iid, name) => {
            if transition.effect == Effect::Vanish {
                world.remove_topic(iid, name);
            } else if let Some(topic) = world.topic_mut(iid, name) {
                topic.status = after(&transition.effect, transition.fails, "CREATING");
                topic.updated_at = at;
            }
        }
        Subject::Item(plan, item) => {
            let Some(plan) = world.plan_mut(*plan) else { return };
            if transition.effect == Effect::Vanish {
                plan.items.remove(item);
            } else if let Some(item) = plan.items.get_mut(item) {
                item.status = after(&transition.effect, transition.fails, "OVERDUE_STOPPED");
                item.updated_at = at;
                // The first item that runs starts the plan.
                if item.status == "RUNNING" && plan.status == "CREATED" {
                    "RUNNING".clone_into(&mut plan.status);
                }
            }
        }
    }
}

fn after(effect: &Effect, fails: bool, failed: &str) -> String {
    match effect {
        Effect::Become(status) if !fails => status.clone(),
        Effect::Become(_) | Effect::Vanish => failed.to_owned(),
    }
}
