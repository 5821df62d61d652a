//! How much room there is for what objects share.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api;
use crate::plan::Answer;
use crate::schema::Capacity;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::names_in;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::item::without_unknowns;
use super::stats::Purpose;

/// The room that is asked about.
#[derive(Debug, Clone)]
pub(super) struct Room<'r> {
    /// An object with only the attributes of the scope.
    pub(super) scope: &'r Value,
    /// The parent as planned.
    pub(super) parent: Option<&'r Value>,
    /// The plan makes the parent.
    pub(super) fresh: bool,
}

/// Asks how much there is in all, and how much of it is taken.
pub(super) async fn left(
    connection: &Connection,
    schema: &ResourceSchema,
    capacity: &Capacity,
    room: &Room<'_>,
    stop: &api::Stop,
) -> Result<Answer, ProviderError> {
    let about = About::reading(&format!("see the room for {} of", capacity.name), schema, "", Purpose::Read);
    let frame = connection
        .frame(schema)
        .with(Root::This, room.scope.clone())
        .with(Root::Parent, room.parent.map_or_else(Value::null, without_unknowns));
    let can_ask = |name: &&Name| {
        schema.lookup(name).is_some_and(|lookup| {
            let names: BTreeSet<Name> =
                lookup.call.inputs().flat_map(|expr| names_in(expr, Root::This)).collect();
            names.iter().all(|name| room.scope.get(name).is_some_and(|value| !value.is_null()))
        })
    };
    let (asked, others): (Vec<&Name>, Vec<&Name>) = capacity.lookups.iter().partition(can_ask);
    let none = others.into_iter().map(|name| (Arc::clone(name), Value::null()));
    let mut frame = frame.with(Root::Lookup, Value::object(none));
    // What the figures do not depend on is not asked for.
    let mut asked = asked.into_iter();
    loop {
        let limit = figure(&frame, &capacity.limit, &about)?;
        let used = if room.fresh { Figure::Known(0) } else { figure(&frame, &capacity.used, &about)? };
        let is_open = limit == Figure::Open || used == Figure::Open;
        match asked.next().filter(|_| is_open && limit != Figure::None && used != Figure::None) {
            Some(name) => frame = connection.with_lookups(schema, frame, [Arc::clone(name)], stop).await?,
            None => return Ok(Answer::Room { limit: limit.known(), used: used.known() }),
        }
    }
}

/// A figure of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Known(u64),
    /// There is none.
    None,
    /// A lookup is missing.
    Open,
}

impl Figure {
    fn known(self) -> Option<u64> {
        match self {
            Self::Known(figure) => Some(figure),
            Self::None | Self::Open => None,
        }
    }
}

fn figure(frame: &Frame<'_>, expr: &Expr, about: &About) -> Result<Figure, ProviderError> {
    let (value, _) = frame.value(expr).map_err(|findings| about.after(findings))?.unmark_deep();
    if !value.is_known() {
        return Ok(Figure::Open);
    }
    if value.is_null() {
        return Ok(Figure::None);
    }
    match convert(&value, &Type::Number).ok().as_ref().map(Value::data) {
        Some(Data::Number(number)) if number.is_negative() => Ok(Figure::Known(0)),
        Some(Data::Number(number)) => Ok(number.floor().to_u64().map_or(Figure::None, Figure::Known)),
        _ => Err(about.answer("a figure of the room is no number")),
    }
}
