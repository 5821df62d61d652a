//! Queueform: Terraform for message queues.

mod api;
#[cfg(feature = "emulator")]
pub mod emulator;
