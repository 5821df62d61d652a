//! Reading many objects: by one list where that takes fewer calls, otherwise one by one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::api;
use crate::plan::Answer;
use crate::plan::ObjectKey;
use crate::schema::ListOp;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::null_object;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::item::adopt;
use super::item::without_unknowns;
use super::pages::List;
use super::read;
use super::read::Seen;
use super::stats::Purpose;

/// An object to be read.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) key: ObjectKey,
    pub(super) prior: Value,
    /// Attributes that are needed even if they cost a call; none if all are.
    pub(super) needed: Option<BTreeSet<Name>>,
}

type Read = (ObjectKey, Result<Answer, ProviderError>);

/// Reads objects of one type of one provider configuration.
pub(super) async fn objects(
    connection: &Connection,
    schema: &ResourceSchema,
    wanted: Vec<Wanted>,
    stop: &api::Stop,
) -> Vec<Read> {
    let Some(list) = &schema.list else { return singly(connection, schema, wanted, stop).await };
    let mut scopes: BTreeMap<Vec<String>, Vec<Wanted>> = BTreeMap::new();
    let mut alone = Vec::new();
    let apart = schema.read.iter().flat_map(|read| &read.steps).flat_map(|step| &step.set);
    let lacks: BTreeSet<&Name> = list.lacks.iter().chain(apart.map(|field| &field.name)).collect();
    for object in wanted {
        let lacking =
            lacks.iter().any(|name| object.needed.as_ref().is_none_or(|needed| needed.contains(*name)));
        match texts(&object.prior, &list.scope) {
            Some(scope) if !lacking => scopes.entry(scope).or_default().push(object),
            _ => alone.push(object),
        }
    }
    let groups = scopes.into_values().map(|group| scope(connection, schema, list, group, stop));
    let (mut read, others) =
        futures_util::future::join(join_all(groups), singly(connection, schema, alone, stop)).await;
    read.push(others);
    read.into_iter().flatten().collect()
}

/// Returns which of the objects exist, by lists alone: an object that a list does not show counts as absent.
pub(super) async fn existing(
    connection: &Connection,
    schema: &ResourceSchema,
    wanted: Vec<Wanted>,
    stop: &api::Stop,
) -> Result<Vec<ObjectKey>, ProviderError> {
    let mut scopes: BTreeMap<Vec<String>, Vec<Wanted>> = BTreeMap::new();
    let mut alone = Vec::new();
    for object in wanted {
        match schema.list.as_ref().and_then(|list| texts(&object.prior, &list.scope)) {
            Some(scope) => scopes.entry(scope).or_default().push(object),
            None => alone.push(object),
        }
    }
    let mut found = Vec::new();
    for group in scopes.into_values() {
        let (Some(list), Some(first)) = (&schema.list, group.first()) else { continue };
        if group.len() == 1 && schema.read.is_some() {
            alone.extend(group);
            continue;
        }
        let scope = list.scope.iter();
        let scope: Vec<(Name, Value)> =
            scope.filter_map(|name| Some((Arc::clone(name), first.prior.get(name)?.clone()))).collect();
        let this = null_object(schema, &scope);
        let place = texts(&this, &list.scope).unwrap_or_default().join("/");
        let about = About::reading("list", schema, &place, Purpose::Read);
        let frame = connection.frame(schema).with(Root::This, this);
        let frame = connection.with_lookups(schema, frame, read::attribute_lookups(schema), stop).await?;
        let pages = List { connection, schema, call: &list.call, frame: &frame, about: &about, stop };
        let items = match pages.all().await {
            Ok((_, items)) => items,
            Err(error) if error.is_gone() => continue,
            Err(error) => return Err(error),
        };
        let keyed = Keyed { schema, list, frame: &frame, about: &about };
        let (listed, _missing) = keyed.take(&items, group).map_err(|(_, error)| error)?;
        found.extend(listed.into_iter().map(|(object, _)| object.key));
    }
    for object in alone {
        let needed = BTreeSet::new();
        match read::object(connection, schema, &object.prior, Some(&needed), Purpose::Read, stop).await? {
            Seen::Found { .. } => found.push(object.key),
            Seen::Gone => {}
        }
    }
    Ok(found)
}

async fn singly(
    connection: &Connection,
    schema: &ResourceSchema,
    wanted: Vec<Wanted>,
    stop: &api::Stop,
) -> Vec<Read> {
    join_all(wanted.into_iter().map(|object| single(connection, schema, object, stop))).await
}

async fn single(connection: &Connection, schema: &ResourceSchema, object: Wanted, stop: &api::Stop) -> Read {
    let needed = object.needed.as_ref();
    let answer = match read::object(connection, schema, &object.prior, needed, Purpose::Read, stop).await {
        Ok(seen) => read::settled(connection, schema, &object.prior, needed, seen, stop).await,
        Err(error) => Err(error),
    };
    (object.key, answer)
}

/// Returns the texts of attributes; nothing if one is missing.
pub(super) fn texts(object: &Value, names: &[Name]) -> Option<Vec<String>> {
    names.iter().map(|name| text(object.get(name)?)).collect()
}

fn text(value: &Value) -> Option<String> {
    let (value, _) = value.clone().unmark_deep();
    let text = convert(&value, &Type::String).ok()?;
    text.as_str().filter(|text| !text.is_empty()).map(ToString::to_string)
}

/// Returns how many calls reading one object takes.
fn calls_of_read(schema: &ResourceSchema, needed: Option<&BTreeSet<Name>>) -> u64 {
    let steps = schema.read.iter().flat_map(|read| &read.steps);
    let taken = steps.filter(|step| {
        step.call.is_some()
            && (step.on.is_empty()
                || needed.is_none_or(|needed| step.on.iter().any(|name| needed.contains(name))))
    });
    taken.count() as u64
}

/// Reads the objects of one scope.
async fn scope(
    connection: &Connection,
    schema: &ResourceSchema,
    list: &ListOp,
    group: Vec<Wanted>,
    stop: &api::Stop,
) -> Vec<Read> {
    let single_calls: u64 = group.iter().map(|object| calls_of_read(schema, object.needed.as_ref())).sum();
    if schema.read.is_some() && single_calls <= 1 {
        return singly(connection, schema, group, stop).await;
    }
    let Some(first) = group.first() else { return Vec::new() };
    let scope: Vec<(Name, Value)> = list
        .scope
        .iter()
        .filter_map(|name| Some((Arc::clone(name), first.prior.get(name)?.clone())))
        .collect();
    let this = null_object(schema, &scope);
    let place = texts(&this, &list.scope).unwrap_or_default().join("/");
    let about = About::reading("list", schema, &place, Purpose::Read);
    let frame = connection.frame(schema).with(Root::This, this);
    let frame = match connection.with_lookups(schema, frame, read::attribute_lookups(schema), stop).await {
        Ok(frame) => frame,
        Err(error) => return failed(group, &error),
    };
    let pages = List { connection, schema, call: &list.call, frame: &frame, about: &about, stop };
    let page = match pages.first().await {
        Ok(page) => page,
        // The parent is gone: each object is confirmed by itself.
        Err(error) if error.is_gone() => return singly(connection, schema, group, stop).await,
        Err(error) => return failed(group, &error),
    };
    let keyed = Keyed { schema, list, frame: &frame, about: &about };
    let (listed, missing) = match keyed.take(&page.items, group) {
        Ok(parts) => parts,
        Err((group, error)) => return failed(group, &error),
    };
    let missing_calls: u64 = missing.iter().map(|object| calls_of_read(schema, object.needed.as_ref())).sum();
    let worth_it = missing_calls > 0 || schema.read.is_none();
    let more = pages.more_calls(&page);
    if missing.is_empty()
        || (schema.read.is_some() && (!worth_it || more.is_some_and(|more| more >= missing_calls)))
    {
        return join(keyed.settle(connection, listed, stop), singly(connection, schema, missing, stop)).await;
    }
    let behind = page.items.len();
    match pages.rest(page).await {
        Ok(items) => {
            // A list that was read again may begin with others.
            let (more, missing) = match keyed.take(&items, missing) {
                Ok(parts) => parts,
                Err((group, error)) => {
                    let mut read = failed(group, &error);
                    read.extend(keyed.settle(connection, listed, stop).await);
                    return read;
                }
            };
            tracing::debug!(first = behind, all = items.len(), missing = missing.len(), "listed");
            let mut listed = listed;
            listed.extend(more);
            // What a complete list lacks is confirmed by one direct read.
            join(keyed.settle(connection, listed, stop), singly(connection, schema, missing, stop)).await
        }
        Err(error) => {
            let mut read = failed(missing, &error);
            read.extend(keyed.settle(connection, listed, stop).await);
            read
        }
    }
}

async fn join(a: impl Future<Output = Vec<Read>>, b: impl Future<Output = Vec<Read>>) -> Vec<Read> {
    let (mut a, b) = futures_util::future::join(a, b).await;
    a.extend(b);
    a
}

fn failed(group: Vec<Wanted>, error: &ProviderError) -> Vec<Read> {
    let found = error.diagnostics();
    group.into_iter().map(|object| (object.key, Ok(Answer::Failed(found.clone())))).collect()
}

/// Items of a list by the identity attributes outside the scope.
struct Keyed<'k> {
    schema: &'k ResourceSchema,
    list: &'k ListOp,
    frame: &'k Frame<'k>,
    about: &'k About,
}

type Taken = (Vec<(Wanted, Value)>, Vec<Wanted>);

impl Keyed<'_> {
    fn names(&self) -> Vec<Name> {
        self.schema.identity.iter().filter(|name| !self.list.scope.contains(name)).cloned().collect()
    }

    /// Returns the objects with their items, and those that are not among the items.
    fn take(&self, items: &[Value], group: Vec<Wanted>) -> Result<Taken, (Vec<Wanted>, ProviderError)> {
        let names = self.names();
        let mut by_key: BTreeMap<Vec<String>, &Value> = BTreeMap::new();
        for item in items {
            match read::is_tombstone(self.schema, self.frame, item, self.about) {
                Ok(false) => {}
                Ok(true) => continue,
                Err(error) => return Err((group, error)),
            }
            match self.key(item, &names) {
                Ok(Some(key)) => {
                    by_key.insert(key, item);
                }
                Ok(None) => {}
                Err(error) => return Err((group, error)),
            }
        }
        let (mut listed, mut missing) = (Vec::new(), Vec::new());
        for object in group {
            match texts(&object.prior, &names).and_then(|key| by_key.get(&key)) {
                Some(item) => listed.push((object, (*item).clone())),
                None => missing.push(object),
            }
        }
        Ok((listed, missing))
    }

    fn key(&self, item: &Value, names: &[Name]) -> Result<Option<Vec<String>>, ProviderError> {
        let mut key = Vec::with_capacity(names.len());
        for name in names {
            let from = self.schema.attribute(name).and_then(|attribute| attribute.from.as_ref());
            let value = match from {
                Some(expr) => {
                    let frame = self.frame.clone().with(Root::Item, item.clone());
                    frame.found(expr).map_err(|findings| self.about.after(findings))?
                }
                None => item.get(name).cloned(),
            };
            match value.as_ref().and_then(text) {
                Some(text) => key.push(text),
                None => return Ok(None),
            }
        }
        Ok(Some(key))
    }

    /// Types listed objects, and waits for those that are being changed.
    async fn settle(
        &self,
        connection: &Connection,
        listed: Vec<(Wanted, Value)>,
        stop: &api::Stop,
    ) -> Vec<Read> {
        join_all(listed.into_iter().map(|(object, item)| async move {
            let answer = match adopt(self.schema, &item, &object.prior, self.frame, self.about) {
                Ok(value) => {
                    let seen = Seen::Found { value: without_unknowns(&value), item };
                    read::settled(connection, self.schema, &object.prior, object.needed.as_ref(), seen, stop)
                        .await
                }
                Err(error) => Err(error),
            };
            (object.key, answer)
        }))
        .await
    }
}
