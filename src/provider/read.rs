//! Reading one object, and waiting until it can be worked with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;

use crate::api;
use crate::plan::Answer;
use crate::schema::ResourceSchema;
use crate::schema::Step;
use crate::schema::scope::Root;
use crate::schema::scope::identity;
use crate::schema::scope::lookups_in;
use crate::schema::scope::mark_sensitive;
use crate::syntax::ast::Name;
use crate::value::Fields;
use crate::value::Value;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::item::adopt;
use super::item::fit;
use super::item::without_unknowns;
use super::stats::Purpose;
use super::steps::ask;
use super::steps::lookups_of;
use super::steps::merge;
use super::steps::turns;

/// What was found of an object.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// The object as typed, and as the API returned it.
    Found {
        value: Value,
        item: Value,
    },
    Gone,
}

/// Returns what the object is called in messages.
pub(super) fn subject(schema: &ResourceSchema, object: &Value) -> String {
    identity(schema, object).unwrap_or_default()
}

/// Reads an object by the `read` steps. Steps that alone fetch attributes nobody needs are left out; `needed`
/// is none if all are needed.
pub(super) async fn object(
    connection: &Connection,
    schema: &ResourceSchema,
    known: &Value,
    needed: Option<&BTreeSet<Name>>,
    purpose: Purpose,
    stop: &api::Stop,
) -> Result<Seen, ProviderError> {
    let Some(read) = &schema.read else {
        return Ok(Seen::Found { value: known.clone(), item: Value::null() });
    };
    let about = About::reading("read", schema, &subject(schema, known), purpose);
    let mut value = known.clone();
    let mut seen = Value::null();
    for step in &read.steps {
        let wanted = step.on.is_empty()
            || needed.is_none_or(|needed| step.on.iter().any(|name| needed.contains(name)));
        if !wanted {
            continue;
        }
        let frame = connection.frame(schema).with(Root::This, value.clone()).with(Root::Prior, known.clone());
        let mut names = lookups_of(step);
        if step.item.is_some() {
            names.extend(attribute_lookups(schema));
        }
        let frame = connection.with_lookups(schema, frame, names, stop).await?;
        if let Some(when) = &step.when
            && frame.holds(when).map_err(|findings| about.before(findings))? != Some(true)
        {
            continue;
        }
        if step.for_each.is_some() {
            value = walked(connection, schema, step, &frame, value, &about, stop).await?;
            continue;
        }
        match item_or_frame(connection, schema, step, &frame, &about, stop).await? {
            Asked::Gone => return Ok(Seen::Gone),
            Asked::Nothing => {}
            Asked::Answered(frame, item) => {
                if let Some(item) = item {
                    value = adopt(schema, &item, &value, &frame, &about)?;
                    seen = item;
                }
                value = set(schema, step, &frame, value, &about)?;
            }
        }
    }
    Ok(Seen::Found { value: without_unknowns(&value), item: seen })
}

/// Returns the lookups that attributes refer to.
pub(super) fn attribute_lookups(schema: &ResourceSchema) -> Vec<Name> {
    let exprs: Vec<_> = schema.attributes.iter().filter_map(|attribute| attribute.from.as_ref()).collect();
    lookups_in(&exprs).into_iter().collect()
}

enum Asked<'s> {
    Gone,
    /// The error was tolerated.
    Nothing,
    Answered(crate::schema::scope::Frame<'s>, Option<Value>),
}

async fn item_or_frame<'s>(
    connection: &Connection,
    schema: &'s ResourceSchema,
    step: &Step,
    frame: &crate::schema::scope::Frame<'s>,
    about: &About,
    stop: &api::Stop,
) -> Result<Asked<'s>, ProviderError> {
    let answer = match ask(connection, schema, step, frame.clone(), None, about, stop).await {
        Ok(Some(answer)) => answer,
        Ok(None) => return Ok(Asked::Nothing),
        // An object is gone if the call that gives it says so; a part of it may be missing for other reasons.
        Err(error) if error.is_gone() && step.item.is_some() => return Ok(Asked::Gone),
        Err(error) => return Err(error),
    };
    let Some(expr) = &step.item else { return Ok(Asked::Answered(answer, None)) };
    if answer.get(Root::Response).is_some_and(Value::is_null) {
        // A service that says nothing at all does not say that the object is gone.
        return Err(about.answer("the answer is empty"));
    }
    match answer.found(expr).map_err(|findings| about.after(findings))? {
        Some(item) if item.is_null() => Ok(Asked::Gone),
        Some(item) if is_tombstone(schema, &answer, &item, about)? => Ok(Asked::Gone),
        Some(item) if item.fields().is_some() => Ok(Asked::Answered(answer, Some(item))),
        _ => Err(about.answer("the answer holds no object")),
    }
}

/// Makes the calls of a step that runs once per element; the maps that it sets are joined.
async fn walked(
    connection: &Connection,
    schema: &ResourceSchema,
    step: &Step,
    frame: &crate::schema::scope::Frame<'_>,
    value: Value,
    about: &About,
    stop: &api::Stop,
) -> Result<Value, ProviderError> {
    let empty = |field: &crate::schema::Field| (Arc::clone(&field.name), Value::object(Fields::new()));
    let mut joined: Fields = step.set.iter().map(empty).collect();
    let turns = turns(step, frame, about)?;
    let answers =
        turns.into_iter().map(|turn| ask(connection, schema, step, frame.clone(), turn, about, stop));
    for answer in try_join_all(answers).await?.into_iter().flatten() {
        for field in &step.set {
            if let Some(found) = answer.found(&field.value).map_err(|findings| about.after(findings))? {
                merge(&mut joined, &field.name, &found);
            }
        }
    }
    put(schema, joined, &value, about)
}

/// Returns whether what the API returned is only the record of an object that is gone.
pub(super) fn is_tombstone(
    schema: &ResourceSchema,
    frame: &crate::schema::scope::Frame<'_>,
    item: &Value,
    about: &About,
) -> Result<bool, ProviderError> {
    let Some(expr) = &schema.gone_when else { return Ok(false) };
    let frame = frame.clone().with(Root::Item, item.clone());
    frame.holds_found(expr).map_err(|findings| about.after(findings))
}

/// Sets attributes from an answer.
fn set(
    schema: &ResourceSchema,
    step: &Step,
    frame: &crate::schema::scope::Frame<'_>,
    value: Value,
    about: &About,
) -> Result<Value, ProviderError> {
    if step.set.is_empty() {
        return Ok(value);
    }
    let frame = frame.clone().with(Root::This, value.clone());
    let mut found = Fields::new();
    for field in &step.set {
        if let Some(value) = frame.found(&field.value).map_err(|findings| about.after(findings))? {
            found.insert(Arc::clone(&field.name), value);
        }
    }
    put(schema, found, &value, about)
}

/// Puts what was found into an object.
fn put(schema: &ResourceSchema, found: Fields, value: &Value, about: &About) -> Result<Value, ProviderError> {
    let mut fields = value.fields().cloned().unwrap_or_default();
    for (name, found) in found {
        let Some(attribute) = schema.attribute(&name) else { continue };
        let ty = attribute.ty.without_optional();
        let before = fields.get(&name).filter(|value| value.is_wholly_known()).cloned();
        let fitted = fit(attribute, &found, &before.unwrap_or_else(|| Value::null_of(ty)), about)?;
        fields.insert(name, mark_sensitive(attribute, fitted));
    }
    Ok(Value::of_fields(fields))
}

/// Reads only what the API returns of the object itself, for conditions of waiters.
pub(super) async fn item(
    connection: &Connection,
    schema: &ResourceSchema,
    known: &Value,
    stop: &api::Stop,
) -> Result<Option<Value>, ProviderError> {
    let about = About::reading("read", schema, &subject(schema, known), Purpose::Poll);
    let steps = schema.read.iter().flat_map(|read| &read.steps).filter(|step| step.item.is_some());
    let mut seen = Value::null();
    for step in steps {
        let frame = connection.frame(schema).with(Root::This, known.clone()).with(Root::Prior, known.clone());
        let frame = connection.with_lookups(schema, frame, lookups_of(step), stop).await?;
        match item_or_frame(connection, schema, step, &frame, &about, stop).await? {
            Asked::Gone => return Ok(None),
            Asked::Answered(_, Some(item)) => seen = item,
            Asked::Nothing | Asked::Answered(_, None) => {}
        }
    }
    Ok(Some(seen))
}

/// Pauses between polls: from 200 ms, half as long again each time, up to a limit.
#[derive(Debug, Clone)]
pub(super) struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest: longest.max(first) }
    }
}

impl Default for Pauses {
    fn default() -> Self {
        Self::new(Duration::from_millis(200), Duration::from_secs(10))
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = pause.saturating_mul(3).checked_div(2).unwrap_or(pause).min(self.longest);
        Some(pause)
    }
}

/// How long something has been waited for. A scaled clock makes calls themselves seem to last long, so that at
/// most twice the pauses count.
#[derive(Debug)]
pub(super) struct Patience {
    begin: Duration,
    paused: Duration,
}

impl Patience {
    pub(super) fn new(clock: &dyn api::Clock) -> Self {
        Self { begin: clock.elapsed(), paused: Duration::ZERO }
    }

    pub(super) fn pause(&mut self, pause: Duration) {
        self.paused = self.paused.saturating_add(pause);
    }

    pub(super) fn passed(&self, clock: &dyn api::Clock) -> Duration {
        clock.elapsed().saturating_sub(self.begin).min(self.paused.saturating_mul(2))
    }
}

/// Judges what was found: an object that is being changed is waited for, one that never became usable is broken.
pub(super) async fn settled(
    connection: &Connection,
    schema: &ResourceSchema,
    known: &Value,
    needed: Option<&BTreeSet<Name>>,
    mut seen: Seen,
    stop: &api::Stop,
) -> Result<Answer, ProviderError> {
    let about = About::reading("read", schema, &subject(schema, known), Purpose::Poll);
    let clock = connection.clock();
    let mut patience = Patience::new(&*clock);
    let longest = schema.timeouts.update;
    let mut pauses = Pauses::default();
    loop {
        let (value, item) = match seen {
            Seen::Gone => return Ok(Answer::Gone),
            Seen::Found { value, item } => (value, item),
        };
        let Some(ready) = schema.ready.as_ref().filter(|_| !item.is_null()) else {
            return Ok(Answer::Found { value, broken: false });
        };
        let frame = connection.frame(schema).with(Root::Item, item).with(Root::This, value.clone());
        let holds = |expr| frame.holds_found(expr).map_err(|findings| about.after(findings));
        if let Some(broken) = &ready.broken
            && holds(broken)?
        {
            return Ok(Answer::Found { value, broken: true });
        }
        match &ready.busy {
            Some(busy) if holds(busy)? => {}
            _ => return Ok(Answer::Found { value, broken: false }),
        }
        if patience.passed(&*clock) > longest {
            return Err(ProviderError::Busy {
                subject: format!("`{}` `{}`", schema.type_name, subject(schema, known)),
                after: longest,
            });
        }
        let pause = pauses.next().unwrap_or_default();
        patience.pause(pause);
        connection.sleep(pause, stop).await.map_err(|_| stopped(schema, known))?;
        seen = object(connection, schema, known, needed, Purpose::Poll, stop).await?;
    }
}

fn stopped(schema: &ResourceSchema, known: &Value) -> ProviderError {
    ProviderError::Stopped {
        subject: format!("`{}` `{}`", schema.type_name, subject(schema, known)),
        pending: false,
    }
}
