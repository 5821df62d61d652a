//! From a request to the operation that answers it. Everything is on `/`; the signature says which operation it is.

use serde_json::Value;
use serde_json::json;

use super::blacklist;
use super::certificates;
use super::credentials;
use super::devices;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::error_reply;
use super::errors::foreign_instance;
use super::errors::no_operation;
use super::groups;
use super::identities;
use super::instances;
use super::params::Params;
use super::permissions;
use super::recovery;
use super::runtime;
use super::tags;
use super::tokens;
use super::traces;
use super::world::World;
use crate::emulator::clock;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;
use crate::emulator::faults::JobShape;

const VERSION: &str = "2020-04-20";

type Handler = fn(&mut World, &Params) -> Outcome;

/// What stands around the answer of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Envelope {
    /// The request id alone.
    Plain,
    /// `Code` as a number and `Success` as a boolean.
    Typed,
    /// Both as texts.
    Text,
}

/// An operation.
pub(super) struct Operation {
    pub(super) name: &'static str,
    handler: Handler,
    envelope: Envelope,
    /// Whether it can change something.
    pub(super) is_mutating: bool,
    /// Whether a success counts as a message on the bill.
    is_billed: bool,
}

const fn reads(name: &'static str, handler: Handler, envelope: Envelope) -> Operation {
    Operation { name, handler, envelope, is_mutating: false, is_billed: false }
}

const fn changes(name: &'static str, handler: Handler, envelope: Envelope) -> Operation {
    Operation { name, handler, envelope, is_mutating: true, is_billed: false }
}

impl Operation {
    const fn billed(mut self) -> Self {
        self.is_billed = true;
        self
    }
}

/// Every operation of the version, by name.
pub(super) const OPERATIONS: &[Operation] = {
    use Envelope::Plain;
    use Envelope::Text;
    use Envelope::Typed;
    &[
        changes("ActiveCaCertificate", certificates::activate, Plain),
        changes("ActiveDeviceCertificate", devices::activate, Plain),
        changes("AddCustomAuthConnectBlack", blacklist::add, Typed),
        changes("AddCustomAuthIdentity", identities::add, Typed),
        changes("AddCustomAuthPermission", permissions::add, Typed),
        changes("ApplyToken", tokens::apply, Plain),
        reads("BatchQuerySessionByClientIds", runtime::sessions, Plain),
        changes("CloseConnection", runtime::close_connection, Typed),
        changes("CreateGroupId", groups::create, Plain).billed(),
        changes("DeleteCaCertificate", certificates::delete, Plain),
        changes("DeleteCustomAuthConnectBlack", blacklist::delete, Typed),
        changes("DeleteCustomAuthIdentity", identities::delete, Typed),
        changes("DeleteCustomAuthPermission", permissions::delete, Typed),
        changes("DeleteDeviceCertificate", devices::delete, Plain),
        changes("DeleteGroupId", groups::delete, Plain).billed(),
        changes("DisasterDowngrade", recovery::downgrade, Typed),
        changes("DisasterRecovery", recovery::recover, Typed),
        reads("GetCaCertificate", certificates::get, Plain),
        reads("GetDeviceCertificate", devices::get, Plain),
        reads("GetDeviceCredential", credentials::get, Plain).billed(),
        reads("GetRegisterCode", certificates::register_code, Plain),
        changes("InactivateCaCertificate", certificates::inactivate, Plain),
        changes("InactivateDeviceCertificate", devices::inactivate, Plain),
        reads("ListCaCertificate", certificates::list, Plain),
        reads("ListDeviceCertificate", devices::list, Plain),
        reads("ListDeviceCertificateByCaSn", devices::list_of, Plain),
        reads("ListDeviceCredentialClientId", credentials::list, Plain),
        reads("ListGroupId", groups::list, Plain).billed(),
        reads("ListInstances", instances::list, Text),
        reads("ListTagResources", tags::list, Text),
        reads("QueryCustomAuthConnectBlack", blacklist::query, Typed),
        reads("QueryCustomAuthIdentity", identities::query, Typed),
        reads("QueryCustomAuthPermission", permissions::query, Typed),
        reads("QueryMqttTraceDevice", traces::device, Plain),
        reads("QueryMqttTraceMessageOfClient", traces::of_client, Plain),
        reads("QueryMqttTraceMessagePublish", traces::published, Plain),
        reads("QueryMqttTraceMessageSubscribe", traces::delivered, Plain),
        reads("QuerySessionByClientId", runtime::session, Plain),
        reads("QueryToken", tokens::query, Plain),
        changes("RefreshDeviceCredential", credentials::refresh, Plain).billed(),
        changes("RegisterCaCertificate", certificates::register, Plain),
        changes("RegisterDeviceCredential", credentials::register, Plain).billed(),
        changes("RevokeToken", tokens::revoke, Plain),
        changes("SendMessage", runtime::send, Plain).billed(),
        changes("SetSniConfig", certificates::set_sni, Plain),
        changes("TagResources", tags::tag, Text),
        changes("UnRegisterDeviceCredential", credentials::unregister, Plain).billed(),
        changes("UntagResources", tags::untag, Text),
        changes("UpdateCustomAuthIdentity", identities::update, Typed),
        changes("UpdateCustomAuthPermission", permissions::update, Typed),
    ]
};

/// The operation that a call names.
pub(super) fn operation(call: &Call) -> Option<&'static Operation> {
    let name = name(call);
    OPERATIONS.iter().find(|operation| operation.name == name)
}

/// The name of the operation as the call spells it.
pub(super) fn name(call: &Call) -> &str {
    call.header("x-acs-action").or_else(|| call.query("Action")).unwrap_or_default()
}

/// The region whose endpoint the call was meant for, as far as it tells.
pub(super) fn region(call: &Call) -> Option<String> {
    if let Some(region) = Params::of(call).get("RegionId") {
        return Some(region.to_owned());
    }
    let host = call.header("host")?.strip_prefix("onsmqtt.")?;
    Some(host.split_once('.')?.0.to_owned())
}

/// Answers any request of the vendor's API. `shape` may refuse the caller's token, or move the clock.
pub(super) fn answer(world: &mut World, call: &Call, shape: &JobShape) -> Reply {
    let request_id = world.new_request_id();
    let host = call.header("host").unwrap_or_default();
    let credentials = world.credentials.clone();
    let now = clock::wall_ms().saturating_add(shape.skew_ms);
    let caller = match world.gateway.check(&credentials, call, now, shape.expired) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.reply(call, &request_id),
    };
    let refused =
        |refusal: &Refusal| error_reply(refusal.status, &refusal.code, &refusal.message, &request_id, host);
    let found = OPERATIONS.iter().find(|operation| operation.name == caller.action);
    let Some(operation) = found.filter(|_| caller.version == VERSION && call.raw_path == "/") else {
        return refused(&no_operation());
    };
    let params = Params::of(call);
    let outcome = place(world, call, &params, operation).and_then(|()| (operation.handler)(world, &params));
    match outcome {
        Ok(fields) => {
            if operation.is_billed {
                world.billed += 1;
            }
            enveloped(operation.envelope, fields, &request_id)
        }
        Err(refusal) if operation.envelope == Envelope::Typed && world.settings.soft_failures => {
            Reply::ok(&json!({
                "RequestId": request_id,
                "Code": refusal.status,
                "Success": false,
                "Message": format!("{}: {}", refusal.code, refusal.message),
            }))
        }
        Err(refusal) => refused(&refusal),
    }
}

/// Instances answer at the endpoint of their region. Switches are for the time when one cannot.
fn place(world: &mut World, call: &Call, params: &Params, operation: &Operation) -> Result<(), Refusal> {
    let region = region(call);
    let is_switch = matches!(operation.name, "DisasterDowngrade" | "DisasterRecovery");
    for name in ["InstanceId", "MqttInstanceId", "DowngradeInstanceId", "RecoveryInstanceId", "ResourceId.1"]
    {
        let Some(iid) = params.get(name) else { continue };
        world.imagine(iid, region.as_deref());
        let elsewhere = world
            .members()
            .get(iid)
            .zip(region.as_ref())
            .is_some_and(|(member, region)| member.instance.region != *region);
        if elsewhere && world.settings.regional && !is_switch {
            return Err(foreign_instance());
        }
    }
    Ok(())
}

fn enveloped(envelope: Envelope, fields: Value, request_id: &str) -> Reply {
    let mut body = match envelope {
        Envelope::Plain => json!({}),
        Envelope::Typed => json!({ "Code": 200, "Success": true, "Message": "operation success." }),
        Envelope::Text => json!({ "Code": "200", "Success": "true", "Message": "operation success." }),
    };
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.insert("RequestId".to_owned(), Value::String(request_id.to_owned()));
        body.extend(fields);
    }
    Reply::ok(&body)
}
