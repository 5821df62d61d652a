//! Jobs: what takes time on the real service, measured on the virtual clock.

use serde_json::Value;

use super::errors::Refusal;
use super::errors::job_running;
use super::errors::wrong_state;
use super::model::Effect;
use super::model::Status;
use super::model::Task;
use super::model::TaskStatus;
use super::world::World;
use crate::emulator::clock::ClockMode;

/// A job that is about to start.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: &'static str,
    pub(crate) params: Value,
    pub(crate) seconds: i64,
    pub(crate) effect: Effect,
}

impl Effect {
    /// Whether the service's task list shows the job.
    fn is_listed(&self) -> bool {
        !matches!(self, Self::Create | Self::Delete | Self::Migrate { .. } | Self::Diagnose { .. })
    }

    /// Whether other changes of the instance have to wait.
    fn blocks(&self) -> bool {
        matches!(
            self,
            Self::Restart
                | Self::BindPublicIp { .. }
                | Self::UnbindPublicIp
                | Self::Tls { .. }
                | Self::Extend { .. }
        )
    }
}

/// Starts a job and returns its `job_id`.
pub(crate) fn start(world: &mut World, iid: &str, job: Job) -> String {
    let id = world.new_hex();
    let now = world.now_ms();
    let shape = world.shape.clone();
    let factor = if shape.stuck { 0 } else { shape.factor };
    let due_at = if shape.stuck {
        i64::MAX
    } else {
        now.saturating_add(job.seconds.saturating_mul(1000).saturating_mul(i64::from(factor)))
    };
    // Clients wait for CREATED to become SUCCESS on public addresses and know nothing between.
    let running_status = match job.effect {
        Effect::BindPublicIp { .. } | Effect::UnbindPublicIp => TaskStatus::Created,
        _ => TaskStatus::Executing,
    };
    let task = Task {
        id: id.clone(),
        position: world.next_position(),
        name: job.name.to_owned(),
        params: job.params,
        status: TaskStatus::Created,
        running_status,
        created_at: now,
        updated_at: now,
        due_at,
        polls: 0,
        factor,
        fails: shape.fails,
        listed: job.effect.is_listed(),
        blocks: job.effect.blocks(),
        effect: job.effect,
    };
    world.put_task(iid, task);
    id
}

/// Somebody looks at the instance: in polled time this is what lets its jobs go on.
pub(crate) fn look(world: &mut World, iid: &str, at: fn(&Effect) -> bool) {
    let mode = world.clock.mode();
    let mut finished_at = None;
    if let Some(broker) = world.brokers.get_mut(iid) {
        for task in broker.tasks.values_mut() {
            if task.status.is_over() || !at(&task.effect) {
                continue;
            }
            task.polls = task.polls.saturating_add(1);
            let wanted = match mode {
                ClockMode::Polled { polls } => polls.saturating_mul(task.factor),
                ClockMode::Scaled { .. } | ClockMode::Manual => continue,
            };
            if task.factor > 0 && task.polls >= wanted {
                finished_at = finished_at.max(Some(task.due_at));
            } else {
                task.status = task.running_status;
            }
        }
    }
    if let Some(at) = finished_at {
        world.clock.advance_to(at);
    }
    settle(world);
}

pub(crate) fn any(_: &Effect) -> bool {
    true
}

/// Looks at every instance.
pub(crate) fn look_at_all(world: &mut World) {
    let busy: Vec<String> = world
        .brokers()
        .iter()
        .filter(|(_, broker)| broker.tasks.values().any(|task| !task.status.is_over()))
        .map(|(iid, _)| iid.clone())
        .collect();
    for iid in busy {
        look(world, &iid, any);
    }
}

/// Lets every job end now, also one that would never end.
pub(crate) fn end_all(world: &mut World) {
    let now = world.now_ms();
    for broker in world.brokers.values_mut() {
        for task in broker.tasks.values_mut().filter(|task| !task.status.is_over()) {
            task.due_at = task.due_at.min(now);
        }
    }
    settle(world);
}

/// Ends every job whose time has come, in the order of their ends.
pub(crate) fn settle(world: &mut World) {
    let now = world.now_ms();
    let mut due: Vec<(i64, u64, String, String)> = Vec::new();
    for (iid, broker) in world.brokers() {
        for task in broker.tasks.values() {
            if !task.status.is_over() && task.due_at <= now {
                due.push((task.due_at, task.position, iid.clone(), task.id.clone()));
            }
        }
    }
    due.sort();
    for (at, _, iid, id) in due {
        let Some(task) = world.brokers().get(&iid).and_then(|b| b.tasks.get(&id)).cloned() else {
            continue;
        };
        end(world, &iid, task, at);
    }
}

fn end(world: &mut World, iid: &str, mut task: Task, at: i64) {
    task.status = if task.fails { TaskStatus::Failed } else { TaskStatus::Success };
    task.updated_at = at;
    let (effect, fails) = (task.effect.clone(), task.fails);
    let keep = task.listed;
    if keep {
        world.put_task(iid, task);
    } else {
        world.remove_task(iid, &task.id);
    }
    if fails {
        fail(world, iid, &effect);
    } else {
        apply(world, iid, effect);
    }
}

fn set_status(world: &mut World, iid: &str, status: Status) {
    if let Some(instance) = world.instance_mut(iid) {
        instance.status = status;
    }
}

fn fail(world: &mut World, iid: &str, effect: &Effect) {
    match effect {
        Effect::Create => set_status(world, iid, Status::CreateFailed),
        Effect::Extend { .. } => set_status(world, iid, Status::ExtendedFailed),
        Effect::Delete | Effect::Restart | Effect::Tls { .. } => {
            set_status(world, iid, Status::Error);
        }
        Effect::Migrate { id } => super::metadata::finish(world, iid, id, false),
        Effect::Diagnose { id } => super::diagnosis::finish(world, iid, id, false),
        Effect::BindPublicIp { .. }
        | Effect::UnbindPublicIp
        | Effect::DeleteTopics { .. }
        | Effect::DeleteGroups { .. }
        | Effect::UpdateGroups { .. } => {}
    }
}

fn apply(world: &mut World, iid: &str, effect: Effect) {
    match effect {
        Effect::Create | Effect::Restart => set_status(world, iid, Status::Running),
        Effect::Delete => world.retire_instance(iid),
        Effect::BindPublicIp { ids } => {
            if let Some(instance) = world.instance_mut(iid) {
                instance.publicip_ids = ids;
            }
        }
        Effect::UnbindPublicIp => {
            if let Some(instance) = world.instance_mut(iid) {
                instance.publicip_ids.clear();
            }
        }
        Effect::Tls { mode } => {
            if let Some(instance) = world.instance_mut(iid) {
                instance.tls_mode = mode;
                instance.status = Status::Running;
            }
        }
        Effect::Extend { storage, brokers, product_id, publicip_ids } => {
            if let Some(instance) = world.instance_mut(iid) {
                let grows = storage.is_some_and(|new| new > instance.total_storage_space);
                instance.extend_times += u64::from(grows);
                instance.total_storage_space = storage.unwrap_or(instance.total_storage_space);
                instance.broker_num = brokers.unwrap_or(instance.broker_num);
                if let Some(product_id) = product_id {
                    instance.product_id = product_id;
                }
                instance.publicip_ids.extend(publicip_ids);
                instance.status = Status::Running;
            }
        }
        Effect::DeleteTopics { names } => {
            for name in names {
                world.remove_topic(iid, &name);
            }
        }
        Effect::DeleteGroups { names } => {
            for name in names {
                world.remove_group(iid, &name);
            }
        }
        Effect::UpdateGroups { groups } => {
            for new in groups {
                if let Some(group) = world.group_mut(iid, &new.name) {
                    group.enabled = new.enabled;
                    group.broadcast = new.broadcast;
                    group.retry_max_time = new.retry_max_time;
                    group.description = new.description;
                    group.consume_orderly = new.consume_orderly;
                    group.brokers = new.brokers;
                }
            }
        }
        Effect::Migrate { id } => super::metadata::finish(world, iid, &id, true),
        Effect::Diagnose { id } => super::diagnosis::finish(world, iid, &id, true),
    }
}

/// Refuses a change unless the instance is in service and nothing else is going on. A refusal
/// counts as a look: a client that only repeats its change must get through one day.
pub(crate) fn require_running(world: &mut World, iid: &str) -> Result<(), Refusal> {
    let broker = world.broker(iid)?;
    let refusal = if broker.instance.status != Status::Running {
        wrong_state()
    } else if broker.tasks.values().any(|task| task.blocks && !task.status.is_over()) {
        job_running()
    } else {
        return Ok(());
    };
    look(world, iid, any);
    Err(refusal)
}
