//! How the gateway refuses: before the service has seen the call, in its own spelling.

use serde_json::json;

use crate::emulator::exchange::Call;
use crate::emulator::exchange::Reply;

/// A call that the gateway refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GatewayRefusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl GatewayRefusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The answer, with the keys in the gateway's own capitals.
    pub(crate) fn reply(&self, call: &Call, request_id: &str) -> Reply {
        let body = json!({
            "RequestId": request_id,
            "HostId": call.header("host").unwrap_or_default(),
            "Code": self.code,
            "Message": self.message,
            "Recommend": format!("https://api.alibabacloud.com/troubleshoot?q={}", self.code),
        });
        Reply::json(self.status, &body)
    }
}
