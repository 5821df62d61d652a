//! The provider runtime with the embedded schemas, against the emulator over loopback.

mod configuring;
mod looking;
mod reading;
mod rig;
mod waiting;
mod writing;
