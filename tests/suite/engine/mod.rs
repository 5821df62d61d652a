//! The whole engine against the built-in emulator: plan, apply, faults, crashes.

mod basics;
mod lab;
