//! DMS for `RocketMQ`, API v2, with the part of IAM that its clients call.
//!
//! [`route`] turns a request into an operation and its arguments, the operation modules answer it
//! from the [`world`], and [`Handle`] gives tests the same world without HTTP.

mod adopt;
mod auth;
mod brokers;
mod catalog;
mod configs;
mod control;
mod diagnosis;
mod dialect;
mod errors;
mod extend;
mod fields;
mod groups;
mod handle;
mod iam;
mod instance_view;
mod instances;
mod jobs;
mod lag;
mod messages;
mod metadata;
mod misc;
mod model;
mod network;
mod page;
mod publicip;
mod recycle;
mod route;
mod seed;
mod service;
mod signature;
mod tags;
mod topics;
mod users;
mod world;

pub use adopt::Memory;
pub use dialect::Dialect;
pub use handle::Handle;
pub use model::Broker;
pub use model::Client;
pub use model::Effect;
pub use model::Group;
pub use model::Instance;
pub use model::Message;
pub use model::Migration;
pub use model::Queue;
pub use model::Report;
pub use model::Status;
pub use model::Task;
pub use model::TaskStatus;
pub use model::Topic;
pub use model::TopicBroker;
pub use model::User;
pub use seed::InstanceSeed;
pub(crate) use service::detached;
pub(crate) use service::open;
