//! `ApsaraMQ` for `RocketMQ`, API 2022-08-01: the management API and what brokers and clients do behind it.
//!
//! [`route`] turns a request into an operation and its arguments, the operation modules answer it
//! from the [`world`], and [`Handle`] gives tests the same world without HTTP.

mod accounts;
mod acls;
mod adopt;
mod brokers;
mod checkpoints;
mod control;
mod errors;
mod fields;
mod groups;
mod handle;
mod instance_view;
mod instances;
mod items;
mod members;
mod messages;
mod model;
mod page;
mod plans;
mod records;
mod regions;
mod route;
mod runtime;
mod seed;
mod service;
mod settings;
mod settle;
mod tags;
mod topics;
mod whitelist;
mod world;

pub use adopt::Memory;
pub use handle::Handle;
pub use model::Account;
pub use model::Acl;
pub use model::Broker;
pub use model::Checkpoint;
pub use model::Client;
pub use model::Group;
pub use model::Instance;
pub use model::Item;
pub use model::Member;
pub use model::Message;
pub use model::Plan;
pub use model::Property;
pub use model::RetryPolicy;
pub use model::Subscription;
pub use model::Topic;
pub use model::TopicMapping;
pub use seed::InstanceSeed;
pub(crate) use service::detached;
pub(crate) use service::open;
pub use settings::Echo;
pub use settings::Settings;
