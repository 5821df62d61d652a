//! From a path to the operation that answers it. Repeated and trailing slashes do not count, GET and POST are the same.

use super::consumers;
use super::dead_letters;
use super::envelope;
use super::envelope::Outcome;
use super::envelope::Refusal;
use super::grants;
use super::groups;
use super::instances;
use super::messages;
use super::params::Params;
use super::places;
use super::signature;
use super::topics;
use super::trends;
use super::world::World;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;
use crate::emulator::systems::System;

pub(super) type Handler = fn(&mut World, &Params) -> Outcome;

/// One operation: its two names below `/json/`, whether it changes something, and who answers it.
type Row = ((&'static str, &'static str), bool, Handler);

/// All operations.
pub(super) const OPERATIONS: &[Row] = &[
    (("region", "list"), false, places::regions),
    (("cluster", "list"), false, places::clusters),
    (("vpcTunnel", "tunnelSwitch"), true, places::switch_tunnel),
    (("instance", "baseInfo"), false, instances::base_info),
    (("instance", "create"), true, instances::create),
    (("instance", "delete"), true, instances::delete),
    (("instance", "list"), false, instances::list),
    (("instance", "update"), true, instances::update),
    (("topic", "create"), true, topics::create),
    (("topic", "delete"), true, topics::delete),
    (("topic", "get"), false, topics::get),
    (("topic", "listInPage"), false, topics::list),
    (("topic", "update"), true, topics::update),
    (("topic", "listNames"), false, topics::names),
    (("topic", "subDetail"), false, topics::subscribers),
    (("group", "create"), true, groups::create),
    (("group", "delete"), true, groups::delete),
    (("group", "list"), false, groups::list),
    (("group", "subDetail"), false, groups::subscriptions),
    (("group", "consumerUpdate"), true, groups::update),
    (("consumer", "accumulate"), false, consumers::accumulate),
    (("consumer", "status"), false, consumers::status),
    (("consumer", "getConnection"), false, consumers::connections),
    (("consumer", "timespan"), false, consumers::timespan),
    (("consumer", "resetoffset"), true, consumers::reset),
    (("message", "trace"), false, messages::trace),
    (("message", "getById"), false, messages::by_id),
    (("message", "getByKey"), false, messages::by_key),
    (("message", "getByPagedTopic"), false, messages::by_topic),
    (("message", "getByIdInDLQ"), false, dead_letters::by_id),
    (("message", "getByPagedDLQ"), false, dead_letters::by_group),
    (("message", "resendByIdInDLQ"), true, dead_letters::resend),
    (("trend", "topicInputTps"), false, trends::input),
    (("trend", "groupOutputTps"), false, trends::output),
    (("empower", "create"), true, grants::create_for_account),
    (("empower", "createBySub"), true, grants::create_for_user),
    (("empower", "delete"), true, grants::delete),
    (("empower", "list"), false, grants::list),
];

fn find(call: &Call) -> Option<&'static Row> {
    let parts: Vec<&str> =
        call.segments.iter().map(String::as_str).filter(|segment| !segment.is_empty()).collect();
    match parts.as_slice() {
        ["json", area, verb] => OPERATIONS.iter().find(|row| row.0 == (*area, *verb)),
        _ => None,
    }
}

/// Whether the call could change something; the method does not tell.
pub(super) fn is_mutating(call: &Call) -> bool {
    find(call).is_some_and(|row| row.1)
}

/// Answers any request of the vendor's API.
pub(super) fn answer(world: &mut World, call: &Call) -> Reply {
    let Some(row) = find(call) else {
        return Reply::html(
            404,
            "<html><head><title>404 Not Found</title></head><body>Not Found</body></html>",
        );
    };
    if !matches!(call.method.as_str(), "GET" | "POST") {
        return Reply::html(
            405,
            "<html><head><title>405</title></head><body>Method Not Allowed</body></html>",
        );
    }
    let params = Params::of(call);
    let outcome = check_headers(world, call).and_then(|()| dispatch(world, row, &params));
    let request_id = world.new_hex();
    envelope::reply(&world.settings, &request_id, outcome)
}

/// What the gateway wants in headers.
fn check_headers(world: &World, call: &Call) -> Result<(), Refusal> {
    for (name, value) in &world.settings.needed_headers {
        if call.header(name) != Some(value) {
            let refusal =
                Refusal::new("AUTH_LOGIN_CHECK_ERROR", format!("The header {name} is missing or wrong."));
            return Err(Refusal { status: world.settings.refusal_status, ..refusal });
        }
    }
    if call.header("x-acs-resourcegroupid").is_some() && call.header("x-acs-organizationid").is_none() {
        return Err(Refusal::new("BIZ_FIELD_CHECK_INVALID", "A resource group needs its organization."));
    }
    Ok(())
}

fn dispatch(world: &mut World, row: &Row, params: &Params) -> Outcome {
    signature::check(world, params)?;
    if row.0 != ("region", "list") {
        let region = params.required("_regionId")?;
        if region != System::ApsaraStack.region() {
            return Err(Refusal::new("BIZ_REGION_NOT_FOUND", "The requested region does not exist."));
        }
    }
    (row.2)(world, params)
}
