//! The service's answers: one envelope for what went well and what did not.

use serde_json::Value;
use serde_json::json;

use super::settings::Settings;
use crate::emulator::exchange::Reply;

/// A refused call.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What an operation returns: the `data` of the answer.
pub(crate) type Outcome = Result<Value, Refusal>;

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    pub(crate) fn bad(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn reply(&self, request_id: &str, settings: &Settings) -> Reply {
        let status = if settings.failures_with_200 { 200 } else { self.status };
        error_reply(status, self.status, &self.code, &self.message, request_id)
    }
}

/// An error of the service, with the status it means and the one it is sent with.
pub(crate) fn error_reply(sent: u16, status: u16, code: &str, message: &str, request_id: &str) -> Reply {
    let mut body = json!({
        "requestId": request_id,
        "success": false,
        "code": code,
        "message": message,
        "httpStatusCode": status,
        "dynamicCode": Value::Null,
        "dynamicMessage": Value::Null,
    });
    if status == 403
        && let Some(map) = body.as_object_mut()
    {
        map.insert(
            "accessDeniedDetail".to_owned(),
            json!({ "NoPermissionType": "ImplicitDeny" }).to_string().into(),
        );
    }
    Reply::json(sent, &body)
}

/// The envelope of an answer.
pub(crate) fn ok_reply(data: &Value, request_id: &str, settings: &Settings) -> Reply {
    let code = if settings.numeric_codes { json!(200) } else { json!("200") };
    Reply::ok(&json!({
        "requestId": request_id,
        "success": true,
        "code": code,
        "message": "Success",
        "httpStatusCode": 200,
        "dynamicCode": Value::Null,
        "dynamicMessage": Value::Null,
        "data": data,
    }))
}

pub(crate) fn no_url() -> Refusal {
    Refusal::new(
        404,
        "InvalidAction.NotFound",
        "Specified api is not found, please check your url and method.",
    )
}

pub(crate) fn no_method() -> Refusal {
    Refusal::new(405, "UnsupportedHTTPMethod", "This http method is not supported.")
}

pub(crate) fn missing(parameter: &str) -> Refusal {
    Refusal::bad("MissingParameter", format!("Parameter {parameter} is mandatory for this action."))
}

pub(crate) fn invalid(parameter: &str, detail: &str) -> Refusal {
    Refusal::bad("InvalidParameter", format!("Parameter {parameter} is invalid: {detail}."))
}

pub(crate) fn no_instance() -> Refusal {
    Refusal::new(404, "Instance.NotFound", "The instance cannot be found.")
}

pub(crate) fn no_topic() -> Refusal {
    Refusal::new(404, "Topic.NotFound", "The topic cannot be found.")
}

pub(crate) fn no_group() -> Refusal {
    Refusal::new(404, "ConsumerGroup.NotFound", "The consumer group cannot be found.")
}

pub(crate) fn no_account() -> Refusal {
    Refusal::new(404, "InstanceAccount.NotExisted", "The account does not exist.")
}

pub(crate) fn no_acl() -> Refusal {
    Refusal::new(404, "InstanceAcl.NotExisted", "The access rule does not exist.")
}

pub(crate) fn no_address() -> Refusal {
    Refusal::new(404, "InstanceIpOrCidr.NotExisted", "The address is not in the whitelist.")
}

pub(crate) fn no_plan() -> Refusal {
    Refusal::new(404, "DisasterRecoveryPlan.NotFound", "The disaster recovery plan cannot be found.")
}

pub(crate) fn no_item() -> Refusal {
    Refusal::new(404, "DisasterRecoveryItem.NotFound", "The disaster recovery item cannot be found.")
}

pub(crate) fn no_message() -> Refusal {
    Refusal::new(404, "Message.NotFound", "The message cannot be found.")
}

/// Another change of the instance is running.
pub(crate) fn in_order() -> Refusal {
    Refusal::bad("AsyncTask.InOrder", "An asynchronous task of the instance is in progress. Try again later.")
}

pub(crate) fn plan_status() -> Refusal {
    Refusal::bad(
        "DisasterRecoveryPlanStatus.Error",
        "The current status of the disaster recovery plan does not support this operation.",
    )
}

pub(crate) fn item_status() -> Refusal {
    Refusal::bad(
        "DisasterRecoveryItemStatus.Error",
        "The current status of the disaster recovery item does not support this operation.",
    )
}
