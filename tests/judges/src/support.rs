//! The program in a world of its own, as the other tests run it.

#![allow(dead_code, reason = "shared with tests that use all of it")]

#[path = "../../suite/support/output.rs"]
mod output;
#[path = "../../suite/support/place.rs"]
mod place;

pub(crate) use place::Place;
