//! Apsara Stack Message Queue for Apache `RocketMQ`, the console's `/json/…` API.
//!
//! [`route`] turns a path into an operation, the operation modules answer it from the [`world`], and [`Handle`] gives
//! tests the same world without HTTP. What the vendor's document leaves open is a switch in [`Settings`].

mod adopt;
mod brokers;
mod consumers;
mod control;
mod dead_letters;
mod envelope;
mod grants;
mod groups;
mod handle;
mod instances;
mod messages;
mod model;
mod params;
mod places;
mod route;
mod seed;
mod service;
mod settings;
mod signature;
mod topics;
mod trends;
mod world;

pub use adopt::Memory;
pub use handle::Handle;
pub use model::Client;
pub use model::Grant;
pub use model::Grantee;
pub use model::Group;
pub use model::Instance;
pub use model::Message;
pub use model::Progress;
pub use model::Space;
pub use model::Topic;
pub use model::Tunnel;
pub use seed::InstanceSeed;
pub(crate) use service::detached;
pub(crate) use service::open;
pub use settings::BaseInfoPlace;
pub use settings::CreatedData;
pub use settings::DataEncoding;
pub use settings::KeyCase;
pub use settings::NamingKeys;
pub use settings::Settings;
pub use settings::TopicShape;
