//! The gateway that the services of Alibaba Cloud share: who is calling, and how it refuses.
//!
//! [`Gateway::check`] accepts `ACS3-HMAC-SHA256`, the older ROA form (`acs key:signature`) and the
//! RPC form whose signature is a query parameter. What a request is for, its operation and version,
//! comes out of the check, because each form says it in another place.

mod acs3;
mod encode;
mod errors;
mod gateway;
mod roa;
mod rpc;
#[cfg(test)]
mod tests;

pub(crate) use errors::GatewayRefusal;
pub(crate) use gateway::Gateway;
pub(crate) use gateway::Style;
