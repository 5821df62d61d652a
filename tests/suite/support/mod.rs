//! The real binary in a world of its own: own directory, own environment, fixed width, paths made neutral.

mod output;
mod place;
mod postgres;
mod proposal;
mod proxy;
mod repository;
mod service;
mod terminal;

pub(crate) use output::Output;
pub(crate) use place::Place;
pub(crate) use place::Run;
pub(crate) use postgres::PASSWORD;
pub(crate) use postgres::Pooler;
pub(crate) use postgres::Postgres;
pub(crate) use proposal::proposed;
pub(crate) use proxy::Proxy;
pub(crate) use repository::ENVIRONMENT;
pub(crate) use repository::Repository;
pub(crate) use repository::has_git;
pub(crate) use service::Service;
pub(crate) use service::Trouble;
