//! What there is: the objects of a type within a scope, for those who know none of them yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::addr::ProviderAddr;
use crate::api;
use crate::plan::Answer;
use crate::schema::ListOp;
use crate::schema::Mode;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::from_identity;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::ProviderError;
use super::bulk::texts;
use super::connection::About;
use super::connection::Connection;
use super::item::adopt;
use super::item::without_unknowns;
use super::listing::Listing;
use super::listing::is_system;
use super::providers::Providers;
use super::read;
use super::read::Seen;
use super::stats::Purpose;

/// An object that is there.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// Its id.
    pub id: Arc<str>,
    /// The object, as an import would find it.
    pub value: Value,
    /// It exists but never became usable.
    pub is_broken: bool,
    /// It belongs to the service itself: nobody can manage it.
    pub is_system: bool,
}

/// What there is of a type.
#[derive(Debug, Clone)]
pub enum Survey {
    /// All objects within the scope.
    Complete {
        /// The objects.
        found: Vec<Surveyed>,
        /// How many more there are whose id the list does not tell.
        nameless: usize,
    },
    /// The service lists no such objects, and which they are does not follow from what is given: these parts of their
    /// identity, or of the scope of the list, are missing.
    Needs(Vec<Name>),
}

impl Providers {
    /// Finds all objects of a type within a scope: by the list of the type, or, if it has none and the scope names single
    /// objects, by reading them.
    ///
    /// # Errors
    /// If the objects cannot be listed or read. A list of a parent that is gone is empty.
    pub async fn survey(
        &self,
        provider: &ProviderAddr,
        kind: &Name,
        scope: &BTreeMap<Name, Arc<str>>,
        stop: &api::Stop,
    ) -> Result<Survey, ProviderError> {
        let connection = self.connection(provider)?;
        let schema = self.schema(ResourceKind::Managed, kind)?;
        let given: Vec<(Name, Value)> = scope
            .iter()
            .filter(|(name, _)| schema.attribute(name).is_some())
            .map(|(name, text)| (Arc::clone(name), Value::string(Arc::clone(text))))
            .collect();
        let is_given = |name: &Name| scope.contains_key(name);
        if schema.identity.iter().all(is_given) && !schema.identity.is_empty() {
            let parts: Vec<&str> =
                schema.identity.iter().filter_map(|name| Some(&**scope.get(name)?)).collect();
            let found = one(&connection, &schema, &parts.join(&schema.separator), stop).await?;
            return Ok(Survey::Complete { found: found.into_iter().collect(), nameless: 0 });
        }
        let Some(list) = &schema.list else {
            return Ok(Survey::Needs(
                schema.identity.iter().filter(|name| !is_given(name)).cloned().collect(),
            ));
        };
        let must = |name: &&Name| {
            schema.attribute(name).is_none_or(|attribute| attribute.mode == Mode::Required) && !is_given(name)
        };
        let missing: Vec<Name> = list.scope.iter().filter(must).cloned().collect();
        if !missing.is_empty() {
            return Ok(Survey::Needs(missing));
        }
        listed(&connection, &schema, list, &given, stop).await
    }
}

/// Reads an object whose id is known.
async fn one(
    connection: &Connection,
    schema: &ResourceSchema,
    id: &str,
    stop: &api::Stop,
) -> Result<Option<Surveyed>, ProviderError> {
    let Some(known) = from_identity(schema, id) else { return Ok(None) };
    let seen = match read::object(connection, schema, &known, None, Purpose::Read, stop).await {
        Err(error) if error.is_gone() => return Ok(None),
        seen => seen?,
    };
    settled(connection, schema, id, &known, seen, stop).await
}

async fn settled(
    connection: &Connection,
    schema: &ResourceSchema,
    id: &str,
    known: &Value,
    seen: Seen,
    stop: &api::Stop,
) -> Result<Option<Surveyed>, ProviderError> {
    Ok(match read::settled(connection, schema, known, None, seen, stop).await? {
        Answer::Found { value, broken } => {
            let is_system = is_system(schema, &value, connection.root());
            Some(Surveyed { id: id.into(), value, is_broken: broken, is_system })
        }
        _ => None,
    })
}

/// Lists the objects of a scope. What the list lacks is read of each of them.
async fn listed(
    connection: &Connection,
    schema: &ResourceSchema,
    list: &ListOp,
    given: &[(Name, Value)],
    stop: &api::Stop,
) -> Result<Survey, ProviderError> {
    let listing = Listing::of(connection, schema, list, given, stop).await?;
    let Listing { this, frame, about, items } = &listing;
    let lacks = !list.lacks.is_empty()
        || schema.read.iter().flat_map(|read| &read.steps).any(|step| !step.set.is_empty());
    let mut wanted: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    let mut nameless = 0;
    for item in items {
        match id_of(schema, item, this, frame, about)? {
            Some(id) => {
                wanted.insert(id, item.clone());
            }
            None => nameless += 1,
        }
    }
    let found = join_all(wanted.into_iter().map(|(id, item)| async move {
        let Some(known) = from_identity(schema, &id) else { return Ok(None) };
        if lacks {
            return one(connection, schema, &id, stop).await;
        }
        let value = without_unknowns(&adopt(schema, &item, &known, frame, about)?);
        settled(connection, schema, &id, &known, Seen::Found { value, item }, stop).await
    }))
    .await;
    let found: Result<Vec<Option<Surveyed>>, ProviderError> = found.into_iter().collect();
    Ok(Survey::Complete { found: found?.into_iter().flatten().collect(), nameless })
}

/// The id of an item.
fn id_of(
    schema: &ResourceSchema,
    item: &Value,
    this: &Value,
    frame: &Frame<'_>,
    about: &About,
) -> Result<Option<Arc<str>>, ProviderError> {
    let mut parts = Vec::with_capacity(schema.identity.len());
    let frame = frame.clone().with(Root::Item, item.clone());
    for name in &schema.identity {
        let from = schema.attribute(name).and_then(|attribute| attribute.from.as_ref());
        let told = match from {
            Some(expr) => frame.found(expr).map_err(|findings| about.after(findings))?,
            None => item.get(name).cloned(),
        };
        let told = told.filter(|value| !value.is_null()).or_else(|| this.get(name).cloned());
        match told.and_then(|value| texts(&Value::object([(Arc::clone(name), value)]), &[Arc::clone(name)])) {
            Some(text) => parts.extend(text),
            None => return Ok(None),
        }
    }
    Ok(Some(parts.join(&schema.separator).into()))
}
