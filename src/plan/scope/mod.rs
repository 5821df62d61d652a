//! What expressions can see while it is validated, planned or applied.
//!
//! [`World`] holds the values known so far; [`View`] is what one expression sees of it: the world, `each`,
//! `count` and `self`, and a record of every object the expression touched. That record gives dependencies
//! between single objects, so that one failure stops only what really needs the object.

mod calls;
mod instances;
mod module;
mod names;
mod touched;
mod view;
mod world;

pub use instances::Instances;
pub use module::CalledInstances;
pub(in crate::plan) use module::ephemeral_output;
pub use touched::Touched;
pub use view::Each;
pub use view::View;
pub use world::World;
