//! Steps that only look: of `read`, guards, waiters and data sources.

use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::api;
use crate::schema::Call;
use crate::schema::ErrorClass;
use crate::schema::ResourceSchema;
use crate::schema::Step;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::lookups_in;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Fields;
use crate::value::Value;

use super::ProviderError;
use super::configure::class;
use super::connection::About;
use super::connection::Connection;
use super::pages;

/// One `key` and `value` of `for_each`.
pub(super) type Turn = Value;

/// Returns the turns of a step: one without `for_each`.
pub(super) fn turns(
    step: &Step,
    frame: &Frame<'_>,
    about: &About,
) -> Result<Vec<Option<Turn>>, ProviderError> {
    let Some(for_each) = &step.for_each else { return Ok(vec![None]) };
    let (over, _) = frame.value(for_each).map_err(|findings| about.before(findings))?.unmark();
    let turn = |key: Value, value: &Value| Some(Value::object([("key", key), ("value", value.clone())]));
    let turns = match over.data() {
        Data::Null(_) => Vec::new(),
        Data::Set(_, parts) => parts.iter().map(|part| turn(part.clone(), part)).collect(),
        Data::List(_, parts) | Data::Tuple(parts) => {
            let keys = (0_i64..).map(Value::int);
            keys.zip(parts.iter()).map(|(key, part)| turn(key, part)).collect()
        }
        Data::Map(_, parts) | Data::Object(parts) => {
            parts.iter().map(|(key, part)| turn(Value::string(Arc::clone(key)), part)).collect()
        }
        _ => return Err(about.answer(format!("`for_each` of step `{}` is no collection", step.name))),
    };
    Ok(turns)
}

/// Returns the expressions of a step that are evaluated before its answer is there.
fn asking(step: &Step) -> Vec<&Expr> {
    let mut exprs: Vec<&Expr> = step.when.iter().chain(&step.for_each).collect();
    let calls = step.call.iter().chain(step.otherwise.iter().map(|other| &other.call));
    exprs.extend(calls.flat_map(Call::inputs));
    exprs
}

/// Returns the lookups that a step needs.
pub(super) fn lookups_of(step: &Step) -> Vec<Name> {
    let mut exprs = asking(step);
    exprs.extend(step.set.iter().map(|field| &field.value));
    exprs.extend(&step.item);
    lookups_in(&exprs).into_iter().collect()
}

/// The answer of one turn of a step, as a frame that sees it. Nothing if its error is tolerated.
pub(super) async fn ask<'s>(
    connection: &Connection,
    schema: &'s ResourceSchema,
    step: &Step,
    mut frame: Frame<'s>,
    turn: Option<Turn>,
    about: &About,
    stop: &api::Stop,
) -> Result<Option<Frame<'s>>, ProviderError> {
    if let Some(turn) = turn {
        frame.set(Root::Each, turn);
    }
    let Some(call) = &step.call else { return Ok(Some(frame)) };
    let mut answer = pages::answer(connection, schema, call, &frame, about, stop).await;
    if let Err(error) = &answer
        && let Some(other) = other_form(step, error)
    {
        let second = pages::answer(connection, schema, other, &frame, about, stop).await;
        answer = later(answer, second, step);
    }
    match answer {
        Ok((response, items)) => {
            frame.set(Root::Response, response);
            frame.set(Root::Items, items.unwrap_or_else(Value::null));
            Ok(Some(frame))
        }
        Err(error) if is_tolerated(step, &error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the form of a step's call in the other dialect, if this refusal means that there is one.
pub(super) fn other_form<'s>(step: &'s Step, error: &ProviderError) -> Option<&'s Call> {
    let other = step.otherwise.as_ref()?;
    let refused = error.class().is_some_and(|found| other.on.iter().any(|on| class(*on) == found));
    (refused && !error.may_have_changed()).then_some(&other.call)
}

/// Of the answers to both forms of a call, the one that counts.
pub(super) fn later<T>(
    first: Result<T, ProviderError>,
    second: Result<T, ProviderError>,
    step: &Step,
) -> Result<T, ProviderError> {
    match &second {
        Err(error) if other_form(step, error).is_some() => first,
        _ => second,
    }
}

/// Returns true if a step takes this error for success.
pub(super) fn is_tolerated(step: &Step, error: &ProviderError) -> bool {
    is_one_of(error, &step.tolerate)
}

/// Returns true if an error is of one of these classes.
pub(super) fn is_one_of(error: &ProviderError, classes: &[ErrorClass]) -> bool {
    error.class().is_some_and(|found| classes.iter().any(|tolerated| class(*tolerated) == found))
}

/// What an absent value of `set` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// What there was is kept.
    Keeps,
    /// What was to be observed cannot be told.
    Fails,
}

/// Runs steps that fill `observed` and returns it.
pub(super) async fn observe(
    connection: &Connection,
    schema: &ResourceSchema,
    steps: &[Step],
    frame: &Frame<'_>,
    about: &About,
    absent: Absent,
    stop: &api::Stop,
) -> Result<Value, ProviderError> {
    // What a step that is left out or tolerated would have set is null.
    let mut observed: Fields = steps
        .iter()
        .flat_map(|step| &step.set)
        .map(|field| (Arc::clone(&field.name), Value::null()))
        .collect();
    for step in steps {
        let frame = frame.clone().with(Root::Observed, Value::of_fields(observed.clone()));
        let frame = connection.with_lookups(schema, frame, lookups_of(step), stop).await?;
        if let Some(when) = &step.when
            && frame.holds(when).map_err(|findings| about.before(findings))? != Some(true)
        {
            continue;
        }
        let turns = turns(step, &frame, about)?;
        if step.for_each.is_some() {
            for field in &step.set {
                observed.insert(Arc::clone(&field.name), Value::object(Fields::new()));
            }
        }
        let answers =
            turns.into_iter().map(|turn| ask(connection, schema, step, frame.clone(), turn, about, stop));
        for answer in try_join_all(answers).await?.into_iter().flatten() {
            for field in &step.set {
                let found = answer.found(&field.value).map_err(|findings| about.after(findings))?;
                let Some(value) = found else {
                    if absent == Absent::Fails {
                        return Err(about.answer(format!("the answer lacks `{}`", field.name)));
                    }
                    continue;
                };
                if step.for_each.is_some() {
                    merge(&mut observed, &field.name, &value);
                } else {
                    observed.insert(Arc::clone(&field.name), value);
                }
            }
        }
    }
    Ok(Value::of_fields(observed))
}

/// Joins the maps of all turns.
pub(super) fn merge(observed: &mut Fields, name: &Name, value: &Value) {
    let mut joined: Fields = observed.get(name).and_then(Value::fields).cloned().unwrap_or_default();
    joined.extend(value.fields().cloned().unwrap_or_default());
    observed.insert(Arc::clone(name), Value::object(joined));
}
