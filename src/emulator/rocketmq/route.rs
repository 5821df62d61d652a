//! From a request to the operation that answers it.

use super::accounts;
use super::acls;
use super::brokers;
use super::checkpoints;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::no_method;
use super::errors::no_url;
use super::errors::ok_reply;
use super::groups;
use super::instances;
use super::items;
use super::messages;
use super::plans;
use super::regions;
use super::tags;
use super::topics;
use super::whitelist;
use super::world::World;
use crate::emulator::alibaba::GatewayRefusal;
use crate::emulator::clock;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;

const VERSION: &str = "2022-08-01";

/// A request with the arguments that its path holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) call: &'a Call,
    /// The arguments of the path in their order: the first names the instance or plan.
    arguments: [&'a str; 3],
}

impl<'a> Target<'a> {
    /// The instance or plan; empty where there is none.
    pub(crate) fn id(&self) -> &'a str {
        self.arguments[0]
    }

    /// The part of it; empty where there is none.
    pub(crate) fn name(&self) -> &'a str {
        self.arguments[1]
    }

    /// The part of that; empty where there is none.
    pub(crate) fn part(&self) -> &'a str {
        self.arguments[2]
    }
}

type Handler = fn(&mut World, &Target<'_>) -> Outcome;

/// Every operation: its name, method, path and answer. A `*` stands for one argument.
pub(super) const OPERATIONS: &[(&str, &str, &str, Handler)] = &[
    ("CreateDisasterRecoveryPlan", "POST", "disaster_recovery", plans::create),
    ("ListDisasterRecoveryPlans", "GET", "disaster_recovery", plans::list),
    ("GetDisasterRecoveryPlan", "GET", "disaster_recovery/*", plans::get),
    ("UpdateDisasterRecoveryPlan", "PATCH", "disaster_recovery/*", plans::update),
    ("DeleteDisasterRecoveryPlan", "DELETE", "disaster_recovery/*", plans::delete),
    ("AddDisasterRecoveryItem", "POST", "disaster_recovery/*/items", items::add),
    ("ListDisasterRecoveryItems", "GET", "disaster_recovery/*/items", items::list),
    ("GetDisasterRecoveryItem", "GET", "disaster_recovery/*/items/*", items::get),
    ("UpdateDisasterRecoveryItem", "PATCH", "disaster_recovery/*/items/*", items::update),
    ("DeleteDisasterRecoveryItem", "DELETE", "disaster_recovery/*/items/*", items::delete),
    ("StartDisasterRecoveryItem", "POST", "disaster_recovery/*/items/*/start", items::start),
    ("StopDisasterRecoveryItem", "POST", "disaster_recovery/*/items/*/stop", items::stop),
    ("ListDisasterRecoveryCheckpoints", "GET", "disaster_recovery/*/items/*/checkpoints", checkpoints::list),
    (
        "SyncDisasterRecoveryCheckpoint",
        "POST",
        "disaster_recovery/*/items/*/checkpoints/*",
        checkpoints::sync,
    ),
    ("CreateInstance", "POST", "instances", instances::create),
    ("ListInstances", "GET", "instances", instances::list),
    ("GetInstance", "GET", "instances/*", instances::get),
    ("UpdateInstance", "PATCH", "instances/*", instances::update),
    ("DeleteInstance", "DELETE", "instances/*", instances::delete),
    ("ListTopics", "GET", "instances/*/topics", topics::list),
    ("CreateTopic", "POST", "instances/*/topics/*", topics::create),
    ("GetTopic", "GET", "instances/*/topics/*", topics::get),
    ("UpdateTopic", "PATCH", "instances/*/topics/*", topics::update),
    ("DeleteTopic", "DELETE", "instances/*/topics/*", topics::delete),
    ("ListTopicSubscriptions", "GET", "instances/*/topics/*/subscriptions", brokers::topic_subscriptions),
    ("ListMessages", "GET", "instances/*/topics/*/messages", messages::list),
    ("VerifySendMessage", "POST", "instances/*/topics/*/messages", messages::send),
    ("GetMessageDetail", "GET", "instances/*/topics/*/messages/*", messages::get),
    (
        "VerifyConsumeMessage",
        "POST",
        "instances/*/topics/*/messages/*/action/verifyConsume",
        messages::verify_consume,
    ),
    ("ListTraces", "GET", "instances/*/topics/*/traces", messages::traces),
    ("GetTrace", "GET", "instances/*/topics/*/traces/*", messages::trace),
    ("ListConsumerGroups", "GET", "instances/*/consumerGroups", groups::list),
    ("CreateConsumerGroup", "POST", "instances/*/consumerGroups/*", groups::create),
    ("GetConsumerGroup", "GET", "instances/*/consumerGroups/*", groups::get),
    ("UpdateConsumerGroup", "PATCH", "instances/*/consumerGroups/*", groups::update),
    ("DeleteConsumerGroup", "DELETE", "instances/*/consumerGroups/*", groups::delete),
    (
        "ListConsumerGroupSubscriptions",
        "GET",
        "instances/*/consumerGroups/*/subscriptions",
        brokers::group_subscriptions,
    ),
    (
        "GetConsumerGroupSubscription",
        "GET",
        "instances/*/consumerGroups/*/subscriptions/*",
        brokers::group_subscription,
    ),
    (
        "DeleteConsumerGroupSubscription",
        "DELETE",
        "instances/*/consumerGroups/*/subscriptions",
        brokers::delete_subscription,
    ),
    ("GetConsumerGroupLag", "GET", "instances/*/consumerGroups/*/lag", brokers::lag),
    ("GetConsumeTimespan", "GET", "instances/*/consumerGroups/*/consumeTimespan/*", brokers::timespan),
    ("ListConsumerConnections", "GET", "instances/*/consumerGroups/*/connections", brokers::connections),
    ("GetConsumerStack", "GET", "instances/*/consumerGroups/*/stack", brokers::stack),
    ("ResetConsumeOffset", "PATCH", "instances/*/consumerGroups/*/consumeOffsets/*", brokers::reset_offset),
    ("CreateInstanceAccount", "POST", "instances/*/accounts", accounts::create),
    ("ListInstanceAccount", "GET", "instances/*/accounts", accounts::list),
    ("UpdateInstanceAccount", "PATCH", "instances/*/accounts/*", accounts::update),
    ("DeleteInstanceAccount", "DELETE", "instances/*/accounts/*", accounts::delete),
    ("GetInstanceAccount", "GET", "instances/*/account", accounts::get),
    ("ListInstanceAcl", "GET", "instances/*/acl", acls::list),
    ("CreateInstanceAcl", "POST", "instances/*/acl/account/*", acls::create),
    ("GetInstanceAcl", "GET", "instances/*/acl/account/*", acls::get),
    ("UpdateInstanceAcl", "PATCH", "instances/*/acl/account/*", acls::update),
    ("DeleteInstanceAcl", "DELETE", "instances/*/acl/account/*", acls::delete),
    ("CreateInstanceIpWhitelist", "POST", "instances/*/ip/whitelist", whitelist::create),
    ("ListInstanceIpWhitelist", "GET", "instances/*/ip/whitelist", whitelist::list),
    ("DeleteInstanceIpWhitelist", "DELETE", "instances/*/ip/whitelist", whitelist::delete),
    ("GetInstanceIpWhitelist", "GET", "instances/*/ip/whitelists", whitelist::get),
    ("TagResources", "POST", "resourceTag/create", tags::add),
    ("UntagResources", "DELETE", "resourceTag/delete", tags::remove),
    ("ListTagResources", "GET", "resourceTag/list", tags::list),
    ("ChangeResourceGroup", "POST", "resourceGroup/change", tags::change_group),
    ("ListRegions", "GET", "regions", regions::list),
    ("ListAvailableZones", "GET", "zones", regions::zones),
];

/// Answers any request of the vendor's API.
pub(crate) fn answer(world: &mut World, call: &Call) -> Reply {
    let request_id = world.request_id();
    let known = world.credentials.clone();
    let expired = world.shape.expired;
    let now = clock::wall_ms().saturating_add(world.shape.skew_ms);
    let caller = match world.gateway.check(&known, call, now, expired) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.reply(call, &request_id),
    };
    if !matches!(caller.version.as_str(), "" | VERSION) {
        let refusal = GatewayRefusal::new(400, "InvalidVersion", "Specified parameter Version is not valid.");
        return refusal.reply(call, &request_id);
    }
    let outcome = find(call).and_then(|(name, handler, target)| {
        // The header is signed, so a client that says something else has lost its way.
        if !caller.action.is_empty() && caller.action != name {
            return Err(no_url());
        }
        handler(world, &target)
    });
    match outcome {
        Ok(data) => ok_reply(&data, &request_id, &world.settings),
        Err(refusal) => refusal.reply(&request_id, &world.settings),
    }
}

fn find(call: &Call) -> Result<(&'static str, Handler, Target<'_>), Refusal> {
    // An empty id leaves a slash at the end; it must not reach the operation on the whole.
    if call.raw_path.ends_with('/') || call.segments.iter().any(String::is_empty) {
        return Err(no_url());
    }
    let mut is_known = false;
    for (name, method, pattern, handler) in OPERATIONS {
        if let Some(arguments) = arguments(pattern, &call.segments) {
            if call.method == *method {
                return Ok((name, *handler, Target { call, arguments }));
            }
            is_known = true;
        }
    }
    Err(if is_known { no_method() } else { no_url() })
}

fn arguments<'a>(pattern: &str, segments: &'a [String]) -> Option<[&'a str; 3]> {
    let parts: Vec<&str> = pattern.split('/').collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut found = [""; 3];
    let mut free = found.iter_mut();
    for (part, segment) in parts.iter().zip(segments) {
        if *part == "*" {
            *free.next()? = segment;
        } else if part != segment {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::OPERATIONS;

    #[test]
    fn every_operation_of_the_documents_has_a_route() {
        let listed: BTreeSet<String> =
            include_str!("../../../tests/fixtures/operations/apsaramq-rocketmq.csv")
                .lines()
                .skip(1)
                .map(str::to_owned)
                .collect();
        let routed: BTreeSet<String> = OPERATIONS
            .iter()
            .map(|(name, method, pattern, _)| format!("{name},{method},/{}", numbered(pattern)))
            .collect();
        assert_eq!(routed, listed);
    }

    /// The path with its arguments named as in the documents.
    fn numbered(pattern: &str) -> String {
        let mut before = "";
        let parts: Vec<String> = pattern
            .split('/')
            .map(|part| {
                let shown = if part == "*" { argument(before).to_owned() } else { part.to_owned() };
                before = part;
                shown
            })
            .collect();
        parts.join("/")
    }

    fn argument(before: &str) -> &'static str {
        match before {
            "disaster_recovery" => "{planId}",
            "items" => "{itemId}",
            "checkpoints" => "{checkpointId}",
            "instances" => "{instanceId}",
            "topics" | "subscriptions" | "consumeTimespan" | "consumeOffsets" => "{topicName}",
            "messages" | "traces" => "{messageId}",
            "consumerGroups" => "{consumerGroupId}",
            "accounts" | "account" => "{username}",
            other => panic!("an argument after {other}"),
        }
    }
}
