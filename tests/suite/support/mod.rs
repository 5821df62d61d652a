//! The real binary in a world of its own: own directory, own environment, fixed width, paths made neutral.

mod output;
mod place;

pub(crate) use output::Output;
pub(crate) use place::Place;
