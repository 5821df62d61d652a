//! The whole engine against the built-in emulator: plan, apply, faults, crashes.

mod adopting;
mod basics;
mod capacity;
mod changes;
mod crashes;
mod drift;
mod faults;
mod guards;
mod imports;
mod invoking;
mod lab;
mod migrate;
mod modules;
mod rehearsal;
mod scale;
mod targets;
mod undoing;

pub(crate) use crashes::apply_dying;
pub(crate) use crashes::apply_dying_with;
pub(crate) use crashes::settle;
pub(crate) use invoking::Ran;
pub(crate) use invoking::again;
pub(crate) use invoking::changes;
pub(crate) use invoking::invoke;
pub(crate) use invoking::once;
pub(crate) use invoking::record;
pub(crate) use invoking::refusal;
pub(crate) use lab::Lab;
pub(crate) use lab::actions;
pub(crate) use lab::listed;
pub(crate) use lab::told;
