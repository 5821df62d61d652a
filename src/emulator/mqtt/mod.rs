//! `ApsaraMQ` for MQTT, API version 2020-04-20: what its control plane answers, and what brokers, devices and name
//! service do behind it.
//!
//! [`route`] turns a request into an operation and its parameters, the operation modules answer it from the
//! [`world`], and [`Handle`] gives tests the same world without HTTP.

mod adopt;
mod blacklist;
mod certificate;
mod certificates;
mod control;
mod credentials;
mod devices;
mod errors;
mod groups;
mod handle;
mod identities;
mod instances;
mod member;
mod model;
mod page;
mod params;
mod permissions;
mod recovery;
mod route;
mod runtime;
mod seed;
mod service;
mod settings;
mod tags;
mod tokens;
mod traces;
mod world;

pub use adopt::Memory;
pub use handle::Handle;
pub use member::Blocked;
pub use member::Member;
pub use model::CaCertificate;
pub use model::Credential;
pub use model::DeviceCertificate;
pub use model::Event;
pub use model::Group;
pub use model::Identity;
pub use model::Instance;
pub use model::Message;
pub use model::Permission;
pub use model::Session;
pub use model::Sni;
pub use model::Token;
pub use seed::InstanceSeed;
pub(crate) use service::detached;
pub(crate) use service::open;
pub use settings::Convention;
pub use settings::Repeated;
pub use settings::SecretEcho;
pub use settings::Settings;
