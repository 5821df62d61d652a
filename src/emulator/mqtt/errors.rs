//! The vendor's errors: status, code and text. Texts are part of the contract: clients match them.

use serde_json::Value;
use serde_json::json;

use crate::emulator::exchange::Reply;

/// A refused call.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

/// What an operation returns: the fields of its answer beside the request id.
pub(super) type Outcome = Result<Value, Refusal>;

impl Refusal {
    pub(super) fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: code.to_owned(), message: message.to_owned() }
    }

    pub(super) fn bad(code: &str, message: &str) -> Self {
        Self::new(400, code, message)
    }
}

/// The envelope of errors.
pub(super) fn error_reply(status: u16, code: &str, message: &str, request_id: &str, host: &str) -> Reply {
    Reply::json(status, &json!({ "RequestId": request_id, "HostId": host, "Code": code, "Message": message }))
}

pub(super) fn no_operation() -> Refusal {
    Refusal::new(404, "ApiNotSupport", "The specified API is not supported.")
}

pub(super) fn foreign_instance() -> Refusal {
    Refusal::bad(
        "InstancePermissionCheckFailed",
        "An error occurred while validating the permissions of the instance. Please verify the account that \
         created the instance and its permissions settings.",
    )
}

pub(super) fn no_permission() -> Refusal {
    Refusal::bad(
        "PermissionCheckFailed",
        "An error occurred while validating the resource permissions. Please check the account that created the \
         instance, topic, and GroupId, and check their permission settings.",
    )
}

pub(super) fn bad_parameters() -> Refusal {
    Refusal::bad(
        "ParameterCheckFailed",
        "An error occurred while validating the parameters. The parameters may be missing or invalid.",
    )
}

pub(super) fn bad_fields() -> Refusal {
    Refusal::bad(
        "ParameterFieldCheckFailed",
        "Failed to validate the parameters. The parameters may be missing or invalid.",
    )
}

/// A parameter is missing or cannot be read.
pub(super) fn invalid(name: &str) -> Refusal {
    Refusal::bad(
        &format!("InvalidParameter.{name}"),
        "An error occurred while validating the parameter. The parameter may be missing or invalid.",
    )
}

pub(super) fn over_capacity() -> Refusal {
    Refusal::bad(
        "Customauth.over.capacity",
        "The number of custom authentication records exceeds the capacity.",
    )
}

pub(super) fn no_certificate_instance() -> Refusal {
    Refusal::bad("MqttInstanceNotFound", "Specified instance is not found.")
}

pub(super) fn no_authority() -> Refusal {
    Refusal::bad("FindCaBySnError", "Failed to find the CA by the SN. Please check sn is valid.")
}

pub(super) fn no_device() -> Refusal {
    Refusal::bad(
        "FindDeviceBySnError",
        "Failed to find the device certificate by the SN. Please check sn is valid.",
    )
}
