//! The emulators over real HTTP, with a client and a signer that know nothing of either side.

mod auth;
mod client;
mod durability;
mod faults;
mod mqtt;
mod paging;
mod recycle;
mod rocketmq;
mod runtime;
mod stack;
mod states;
mod validation;
