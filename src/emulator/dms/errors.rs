//! The vendor's errors: status, code and text. Texts are part of the contract: clients match them.

use serde_json::json;

use crate::emulator::exchange::Reply;

/// A refused call.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What an operation returns.
pub(crate) type Outcome = Result<Reply, Refusal>;

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn reply(&self) -> Reply {
        error_reply(self.status, self.code, &self.message)
    }
}

pub(crate) fn error_reply(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({ "error_code": code, "error_msg": message }))
}

pub(crate) fn no_instance() -> Refusal {
    Refusal::new(404, "DMS.00404022", "This DMS instance does not exist.")
}

pub(crate) fn bad_instance_id() -> Refusal {
    Refusal::bad("DMS.00400030", "Invalid DMS instance id. The id must be a uuid.")
}

pub(crate) fn no_url() -> Refusal {
    Refusal::new(404, "DMS.00404001", "The requested URL does not exist.")
}

pub(crate) fn no_method() -> Refusal {
    Refusal::new(405, "DMS.00405001", "This request method is not allowed.")
}

pub(crate) fn wrong_state() -> Refusal {
    Refusal::bad("DMS.00400026", "This operation is not allowed due to the instance status.")
}

pub(crate) fn job_running() -> Refusal {
    Refusal::bad("DMS.00400017", "This DMS instance job task is still running.")
}

pub(crate) fn empty_body() -> Refusal {
    Refusal::bad("DMS.00400004", "The request body is empty.")
}

pub(crate) fn not_json() -> Refusal {
    Refusal::bad("DMS.00400005", "The message body is not in JSON format or contains invalid characters.")
}

/// A field of the body has the wrong type.
pub(crate) fn wrong_type(key: &str) -> Refusal {
    Refusal::bad(
        "DMS.00400085",
        format!(
            "The message body contains invalid characters or is not in JSON format. \
             The error key is <{key}>."
        ),
    )
}

pub(crate) fn bad_parameter(detail: &str) -> Refusal {
    Refusal::bad("DMS.00400800", format!("Invalid request parameter. Check the request parameter. {detail}"))
}

pub(crate) fn no_topic() -> Refusal {
    Refusal::new(404, "DMS.10240401", "Topic does not exist.")
}

pub(crate) fn no_group() -> Refusal {
    Refusal::new(
        404,
        "DMS.10240405",
        "The consumption group ID is incorrect or not found. Group does not exist.",
    )
}

pub(crate) fn no_user() -> Refusal {
    Refusal::bad("DMS.00500972", "The user does not exist.")
}

pub(crate) fn group_offline() -> Refusal {
    Refusal::bad("DMS.50050004", "The consumer group is offline.")
}
