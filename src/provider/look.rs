//! Guards, checks, data sources: what is asked for besides objects.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::api;
use crate::diag::Diagnostics;
use crate::eval::functions::unix_millis;
use crate::plan::Answer;
use crate::plan::Last;
use crate::schema::Check;
use crate::schema::Guard;
use crate::schema::ResourceSchema;
use crate::schema::scope::Root;
use crate::schema::scope::check as judge;
use crate::schema::scope::lookups_in;
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
use super::read;
use super::read::Seen;
use super::stats::Purpose;
use super::steps::Absent;
use super::steps::observe;

/// What a guard is asked about.
#[derive(Debug, Clone)]
pub(super) struct Watched<'w> {
    pub(super) prior: &'w Value,
    pub(super) planned: Option<&'w Value>,
    /// Names of the children that the state manages, by type.
    pub(super) managed: &'w BTreeMap<Name, BTreeSet<Arc<str>>>,
}

/// Observes what a guard asks for.
pub(super) async fn guard(
    connection: &Connection,
    schema: &ResourceSchema,
    guard: &Guard,
    watched: &Watched<'_>,
    stop: &api::Stop,
) -> Answer {
    match observed(connection, schema, guard, watched, stop).await {
        Ok((count, message, last)) => Answer::Observed { count, message, last },
        Err(error) => {
            let reasons: Vec<String> =
                error.diagnostics().iter().map(|found| found.summary.clone()).collect();
            Answer::Unobserved { reason: reasons.join("; ") }
        }
    }
}

async fn observed(
    connection: &Connection,
    schema: &ResourceSchema,
    guard: &Guard,
    watched: &Watched<'_>,
    stop: &api::Stop,
) -> Result<(u64, String, Last), ProviderError> {
    let subject = read::subject(schema, watched.prior);
    let about = About::reading(&format!("observe {} of", guard.name), schema, &subject, Purpose::Observe);
    let frame = connection
        .frame(schema)
        .with(Root::This, watched.prior.clone())
        .with(Root::Planned, watched.planned.map_or_else(Value::null, without_unknowns));
    if let Some(when) = &guard.when
        && frame.holds(when).map_err(|findings| about.before(findings))? == Some(false)
    {
        return Ok((0, String::new(), Last::default()));
    }
    let seen = observe(connection, schema, &guard.steps, &frame, &about, Absent::Fails, stop).await?;
    let mut frame = frame.with(Root::Observed, seen);
    let mut unmanaged = BTreeMap::new();
    for field in &guard.children {
        let names = frame.value(&field.value).map_err(|findings| about.after(findings))?;
        let managed = watched.managed.get(&field.name);
        let Some(names) = names.elements() else {
            return Err(about.answer(format!("the names of `{}` are no list", field.name)));
        };
        let others = names.iter().filter(|name| {
            name.as_str().is_none_or(|name| managed.is_none_or(|managed| !managed.contains(name)))
        });
        unmanaged.insert(Arc::clone(&field.name), Value::tuple(others.cloned()));
    }
    frame.set(Root::Unmanaged, Value::object(unmanaged));
    let (figure, _) = frame.value(&guard.count).map_err(|findings| about.after(findings))?.unmark_deep();
    let count = match convert(&figure, &Type::Number).ok().as_ref().map(Value::data) {
        Some(Data::Number(number)) if number.is_negative() => 0,
        Some(Data::Number(number)) => number.ceil().to_u64().unwrap_or(u64::MAX),
        _ => return Err(about.answer("the figure of the guard is not known")),
    };
    frame.set(Root::Count, Value::int(i64::try_from(count).unwrap_or(i64::MAX)));
    let instant = |expr: &Option<Expr>| match expr {
        Some(expr) => frame.value(expr).map(|value| instant_of(&value)).map_err(|found| about.after(found)),
        None => Ok(None),
    };
    let last = Last { written: instant(&guard.last_written)?, read: instant(&guard.last_read)? };
    let message = frame.telling().text(&guard.message).map_err(|findings| about.after(findings))?;
    Ok((count, message, last))
}

/// Milliseconds since 1970 of a number of them, or of a text in RFC 3339.
fn instant_of(value: &Value) -> Option<i64> {
    let (value, _) = value.clone().unmark_deep();
    if let Some(text) = value.as_str() {
        return unix_millis(text).or_else(|| text.parse().ok());
    }
    i64::try_from(value.as_number()?.to_u64()?).ok()
}

/// Judges a rule that needs lookups.
pub(super) async fn check(
    connection: &Connection,
    schema: &ResourceSchema,
    rule: &Check,
    addr: &InstanceAddr,
    planned: &Value,
    prior: Option<&Value>,
    stop: &api::Stop,
) -> Result<Diagnostics, ProviderError> {
    let frame = connection
        .frame(schema)
        .with(Root::This, planned.clone())
        .with(Root::Prior, prior.cloned().unwrap_or_else(Value::null));
    let about = About::reading(&format!("check {} of", rule.name), schema, "", Purpose::Read);
    if let Some(when) = &rule.when
        && lookups_in(&[when]).is_empty()
        && frame.holds(when).map_err(|findings| about.before(findings))? == Some(false)
    {
        return Ok(Diagnostics::new());
    }
    let frame = connection.with_lookups(schema, frame, rule.lookups.iter().cloned(), stop).await?;
    Ok(judge(rule, &frame).into_iter().map(|finding| finding.diagnostic().about(addr.clone())).collect())
}

/// Reads a data source.
pub(super) async fn data(
    connection: &Connection,
    schema: &ResourceSchema,
    arguments: &Value,
    stop: &api::Stop,
) -> Result<Answer, ProviderError> {
    match read::object(connection, schema, arguments, None, Purpose::Read, stop).await? {
        Seen::Found { value, .. } => Ok(Answer::Data(value)),
        Seen::Gone => Err(ProviderError::NoObject {
            kind: Arc::clone(&schema.type_name),
            asked: asked_for(schema, arguments),
        }),
    }
}

/// The arguments of a data source that fit into a message: texts, numbers and bools that are no secrets.
fn asked_for(schema: &ResourceSchema, arguments: &Value) -> String {
    let settable = schema.attributes.iter().filter(|attribute| attribute.mode.is_settable());
    let parts: Vec<String> = settable
        .filter_map(|attribute| {
            let value = arguments.get(&attribute.name)?;
            let is_shown = !attribute.sensitive && !value.marks_deep().is_sensitive() && value.is_known();
            let text = match value.data() {
                Data::String(text) if is_shown => format!("{text:?}"),
                Data::Number(number) if is_shown => number.to_string(),
                Data::Bool(flag) if is_shown => flag.to_string(),
                _ => return None,
            };
            Some(format!("{} = {text}", attribute.name))
        })
        .collect();
    if parts.is_empty() { String::new() } else { format!(" with {}", parts.join(", ")) }
}
