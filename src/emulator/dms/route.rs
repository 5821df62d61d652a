//! From a request to the operation that answers it. The engine's segment sits in a different place
//! for different operations, and each operation answers only at its own places.

use super::auth;
use super::configs;
use super::diagnosis;
use super::dialect;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::no_method;
use super::errors::no_url;
use super::extend;
use super::groups;
use super::iam;
use super::instances;
use super::lag;
use super::messages;
use super::metadata;
use super::misc;
use super::publicip;
use super::recycle;
use super::tags;
use super::topics;
use super::users;
use super::world::World;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

/// A request with the arguments that its path holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) call: &'a Call,
    /// The instance; empty where there is none.
    pub(crate) iid: &'a str,
    /// The topic, group, user or task; empty where there is none.
    pub(crate) name: &'a str,
    /// The engine as the path spells it.
    pub(crate) engine: &'a str,
}

type Handler = fn(&mut World, &Target<'_>) -> Outcome;

/// Where the engine's segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `/v2/{pid}/instances…`
    Plain,
    /// `/v2/{engine}/{pid}/instances…`
    Prefixed,
    /// `/v2/{pid}/{engine}/instances…`
    Infixed,
}

fn is_engine(text: &str) -> bool {
    matches!(text, "reliability" | "rocketmq")
}

/// Answers any request of the vendor's API.
pub(crate) fn answer(world: &mut World, call: &Call) -> Reply {
    dispatch(world, call).unwrap_or_else(|refusal| refusal.reply())
}

fn dispatch(world: &mut World, call: &Call) -> Outcome {
    let segments = call.segment_refs();
    match segments.as_slice() {
        ["v3", rest @ ..] => Ok(iam::answer(world, call, rest)),
        ["v2", rest @ ..] => v2(world, call, rest),
        _ => Err(no_url()),
    }
}

fn v2(world: &mut World, call: &Call, rest: &[&str]) -> Outcome {
    let here = |iid, name, engine| Target { call, iid, name, engine };
    match rest {
        ["available-zones"] => global(world, call, misc::zones, here("", "", "")),
        [engine, "products"] if is_engine(engine) => {
            global(world, call, misc::products, here("", "", engine))
        }
        ["rocketmq", "products", what @ "cores"]
            if dialect::has_project_wide(world.settings.dialect, what) =>
        {
            global(world, call, misc::cores, here("", "", ""))
        }
        ["config", "features"] => global(world, call, misc::features, here("", "", "")),
        [engine, pid, "instances", rest @ ..] if is_engine(engine) => {
            within(world, call, (Form::Prefixed, engine), pid, rest)
        }
        [pid, engine, "instances", rest @ ..] if is_engine(engine) => {
            within(world, call, (Form::Infixed, engine), pid, rest)
        }
        [pid, "instances", rest @ ..] => within(world, call, (Form::Plain, ""), pid, rest),
        [pid, "rocketmq", "tags"] => {
            authorized(world, call, pid)?;
            only(call, "GET")?;
            tags::of_project(world, &here("", "", ""))
        }
        [pid, "rocketmq", iid, "tags"] => {
            authorized(world, call, pid)?;
            only(call, "GET")?;
            tags::list(world, &here(iid, "", ""))
        }
        [pid, "rocketmq", iid, "tags", "action"] => {
            authorized(world, call, pid)?;
            only(call, "POST")?;
            tags::action(world, &here(iid, "", ""))
        }
        [pid, what @ "recycle"] if dialect::has_project_wide(world.settings.dialect, what) => {
            authorized(world, call, pid)?;
            let handler = match &*call.method {
                "GET" => recycle::list,
                "POST" => recycle::restore,
                "PUT" => recycle::set_policy,
                _ => return Err(no_method()),
            };
            handler(world, &here("", "", ""))
        }
        [pid, "rocketmq", "diagnosis", rest @ ..]
        | ["rocketmq" | "reliability", pid, "diagnosis", rest @ ..] => {
            authorized(world, call, pid)?;
            only(call, "GET")?;
            match rest {
                ["stack", id] => diagnosis::stack(world, &here("", id, "")),
                [id] => diagnosis::get(world, &here("", id, "")),
                _ => Err(no_url()),
            }
        }
        [pid, what @ "quotas"] if dialect::has_project_wide(world.settings.dialect, what) => {
            authorized(world, call, pid)?;
            only(call, "GET")?;
            misc::quotas(world, &here("", "", ""))
        }
        _ => Err(no_url()),
    }
}

fn global(world: &mut World, call: &Call, handler: Handler, target: Target<'_>) -> Outcome {
    auth::check(world, call)?;
    only(call, "GET")?;
    handler(world, &target)
}

fn only(call: &Call, method: &str) -> Result<(), Refusal> {
    if call.method == method { Ok(()) } else { Err(no_method()) }
}

/// Checks the caller and that the path's project is theirs.
fn authorized(world: &World, call: &Call, pid: &str) -> Result<(), Refusal> {
    auth::check(world, call)?;
    if pid.len() != 32 || !pid.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Refusal::bad("DMS.00400002", "The project ID format is invalid."));
    }
    if pid != world.credentials.project_id {
        return Err(Refusal::new(401, "DMS.10240104", "The project ID and token do not match."));
    }
    Ok(())
}

fn within(world: &mut World, call: &Call, (form, engine): (Form, &str), pid: &str, rest: &[&str]) -> Outcome {
    authorized(world, call, pid)?;
    let dialect = world.settings.dialect;
    if let Some(refusal) = dialect::refuses(dialect, &call.method, rest) {
        return Err(refusal);
    }
    let Some(handler) = handler(form, &call.method, rest) else {
        let known = METHODS.iter().any(|method| handler_of_url(form, method, rest));
        return Err(if known { no_method() } else { no_url() });
    };
    let target = Target {
        call,
        iid: rest.first().copied().unwrap_or_default(),
        name: rest.get(2).copied().unwrap_or_default(),
        engine,
    };
    handler(world, &target).map(|reply| dialect::adapt(dialect, &call.method, rest, reply))
}

fn handler_of_url(form: Form, method: &str, rest: &[&str]) -> bool {
    handler(form, method, rest).is_some()
}

fn handler(form: Form, method: &str, rest: &[&str]) -> Option<Handler> {
    match form {
        Form::Plain => plain(method, rest),
        Form::Prefixed => prefixed(method, rest).or_else(|| both(method, rest)),
        Form::Infixed => infixed(method, rest).or_else(|| both(method, rest)),
    }
}

fn plain(method: &str, rest: &[&str]) -> Option<Handler> {
    Some(match (method, rest) {
        ("POST", []) => instances::create,
        ("GET", []) => instances::list,
        ("POST", ["action"]) => instances::action,
        ("GET", [_]) => instances::get,
        ("PUT", [_]) => publicip::modify,
        ("DELETE", [_]) => instances::delete,
        ("GET", [_, "brokers"]) => misc::brokers,
        ("GET", [_, "topics"]) => topics::list,
        ("POST", [_, "topics"]) => topics::create_or_delete,
        ("GET", [_, "topics", _]) => topics::get,
        ("PUT", [_, "topics", _]) => topics::update,
        ("DELETE", [_, "topics", _]) => topics::delete,
        ("GET", [_, "topics", _, "status"]) => lag::topic_status,
        ("GET", [_, "topics", _, "groups"]) => lag::topic_groups,
        ("GET", [_, "topics", _, "accesspolicy"]) => users::topic_policies,
        ("GET", [_, "groups"]) => groups::list,
        ("POST", [_, "groups"]) => groups::create_or_delete,
        ("PUT", [_, "groups"]) => groups::update_many,
        ("GET", [_, "groups", _]) => groups::get,
        ("PUT", [_, "groups", _]) => groups::update,
        ("DELETE", [_, "groups", _]) => groups::delete,
        ("GET", [_, "groups", _, "topics"]) => lag::group_topics,
        ("GET", [_, "users"]) => users::list,
        ("POST", [_, "users"]) => users::create,
        ("GET", [_, "users", _]) => users::get,
        ("PUT", [_, "users", _]) => users::update,
        ("DELETE", [_, "users", _]) => users::delete,
        ("POST", [_, "messages", "export"]) => messages::export,
        ("GET", [_, "metadata"]) => metadata::list,
        ("POST", [_, "metadata"]) => metadata::create,
        ("DELETE", [_, "metadata"]) | ("POST", [_, "metadata", "batch-delete"]) => metadata::delete,
        ("GET", [_, "tasks"]) => misc::tasks,
        ("GET", [_, "tasks", _]) => misc::task,
        ("DELETE", [_, "tasks", _]) => misc::delete_task,
        ("GET", [_, "tasks", _, "progress"]) => misc::task_progress,
        ("GET", [_, "ces-hierarchy"]) => misc::metric_names,
        ("GET", [_, "scheduled-tasks"]) => misc::scheduled_tasks,
        ("GET", [_, "auto-volume-expand"]) => misc::auto_expand,
        ("PUT", [_, "auto-volume-expand"]) => misc::set_auto_expand,
        _ => return None,
    })
}

fn prefixed(method: &str, rest: &[&str]) -> Option<Handler> {
    Some(match (method, rest) {
        ("POST", []) => instances::create,
        _ => return None,
    })
}

fn infixed(method: &str, rest: &[&str]) -> Option<Handler> {
    Some(match (method, rest) {
        ("POST", []) => instances::create,
        ("GET", [_, "configs"]) => configs::get,
        ("PUT", [_, "configs"]) => configs::update,
        ("GET", [_, "nodes"]) => misc::nodes,
        ("POST", [_, "restart"]) => misc::restart,
        ("POST", [_, "plain-ssl-switch"]) => misc::switch_tls,
        ("GET", [_, "extend-check"]) => extend::check,
        _ => return None,
    })
}

/// Operations that answer with the engine before or after the project.
fn both(method: &str, rest: &[&str]) -> Option<Handler> {
    Some(match (method, rest) {
        ("GET", [_, "extend"]) => extend::products,
        ("POST", [_, "extend"]) => extend::extend,
        ("GET", [_, "messages"]) => messages::list,
        ("POST", [_, "messages"]) => messages::send,
        ("GET", [_, "trace"]) => messages::trace,
        ("POST", [_, "messages", "deadletter-resend"]) => messages::resend_dead,
        ("POST", [_, "messages", "resend"]) => messages::verify,
        ("POST", [_, "groups", _, "reset-message-offset"]) => lag::reset,
        ("GET", [_, "groups", _, "accesspolicy"]) => users::group_policies,
        ("GET", [_, "groups", _, "clients"]) => lag::clients,
        ("GET", [_, "diagnosis"]) => diagnosis::list,
        ("POST", [_, "diagnosis"]) => diagnosis::create,
        ("POST", [_, "diagnosis", "batch-delete"]) => diagnosis::delete,
        _ => return None,
    })
}
