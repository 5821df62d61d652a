//! Built-in emulators of the remote systems: real HTTP on loopback, the vendors' own answers.
//!
//! Owns everything behind [`Emulator::start`]. It shares no code with the engine, not even request
//! signing, and knows nothing of `schemas/`: a wrong schema must not be able to pass its own test.
//!
//! The parts every system shares (server, faults, clock, commit log, call log, control routes) sit
//! beside this file; each system has its own directory and meets them through [`service::Service`].

mod adjust;
mod alibaba;
pub mod apsarastack;
mod calls;
mod clock;
mod commit_log;
mod connection;
mod control;
pub mod dms;
mod exchange;
mod faults;
mod garble;
mod host;
mod kept;
pub mod mqtt;
mod options;
pub mod rocketmq;
mod server;
mod service;
mod systems;

pub use calls::LoggedCall;
pub use clock::ClockMode;
pub use faults::Fault;
pub use faults::FaultRule;
pub use options::Credentials;
pub use options::DEMO_ACCESS_KEY;
pub use options::DEMO_DOMAIN;
pub use options::DEMO_DOMAIN_ID;
pub use options::DEMO_PASSWORD;
pub use options::DEMO_PROJECT_ID;
pub use options::DEMO_PROJECT_NAME;
pub use options::DEMO_REGION;
pub use options::DEMO_SECRET_KEY;
pub use options::DEMO_SECURITY_TOKEN;
pub use options::DEMO_TEMPORARY_ACCESS_KEY;
pub use options::DEMO_TEMPORARY_SECRET_KEY;
pub use options::DEMO_USER;
pub use options::Options;
pub use server::Emulator;
pub use server::EmulatorError;
pub use server::Running;
pub use server::Store;
pub use systems::System;
