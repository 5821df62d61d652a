//! Schemas: the pages written from them, mistakes in them, what they say about errors of the service.

mod behaviour;
mod broken;
mod coverage;
mod errors;
mod reference;
