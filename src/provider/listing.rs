//! All objects of one type in one place, whether anybody manages them or not.

use crate::addr::ProviderAddr;
use crate::api;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::check;
use crate::schema::scope::identity;
use crate::schema::scope::null_object;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::ProviderError;
use super::Providers;
use super::connection::About;
use super::item::adopt;
use super::item::without_unknowns;
use super::pages::List;
use super::read;
use super::stats::Purpose;

/// How the names of checks begin that say which names the service keeps for itself.
const RESERVED: &str = "reserved name";

/// An object that a list shows.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// The object as far as the list tells.
    pub value: Value,
    /// The service keeps its name for itself: nobody can manage it.
    pub is_reserved: bool,
}

impl Providers {
    /// Lists the objects of a type; `scope` has the attributes that its list is limited to. A type without a list, and a
    /// place that is gone, have none.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub async fn list(
        &self,
        provider: &ProviderAddr,
        kind: &Name,
        scope: &[(Name, Value)],
        stop: &api::Stop,
    ) -> Result<Vec<Listed>, ProviderError> {
        let connection = self.connection(provider)?;
        let schema = self.schema(ResourceKind::Managed, kind)?;
        let Some(list) = &schema.list else { return Ok(Vec::new()) };
        let this = null_object(&schema, scope);
        let place: Vec<String> = scope
            .iter()
            .filter_map(|(_, value)| value.as_str().map(ToString::to_string))
            .filter(|text| !text.is_empty())
            .collect();
        let about = About::reading("list", &schema, &place.join("/"), Purpose::Read);
        let frame = connection.frame(&schema).with(Root::This, this.clone());
        let frame = connection.with_lookups(&schema, frame, read::attribute_lookups(&schema), stop).await?;
        let pages = List {
            connection: &connection,
            schema: &schema,
            call: &list.call,
            frame: &frame,
            about: &about,
            stop,
        };
        let items = match pages.all().await {
            Ok((_, items)) => items,
            Err(error) if error.is_gone() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            if read::is_tombstone(&schema, &frame, &item, &about)? {
                continue;
            }
            let value = without_unknowns(&adopt(&schema, &item, &this, &frame, &about)?);
            let Some(id) = identity(&schema, &value) else { continue };
            let is_reserved = is_reserved(&schema, &value, connection.root());
            found.push(Listed { id, value, is_reserved });
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup_by(|a, b| a.id == b.id);
        Ok(found)
    }
}

/// Whether the rules of a type say that nobody can have an object of this name.
fn is_reserved(schema: &ResourceSchema, value: &Value, provider: &Value) -> bool {
    let frame = Frame::new()
        .with(Root::This, value.clone())
        .with(Root::Config, value.clone())
        .with(Root::Prior, Value::null())
        .with(Root::Provider, provider.clone());
    let rules = schema.checks.iter().filter(|rule| rule.name.starts_with(RESERVED));
    rules
        .filter(|rule| rule.severity == crate::diag::Severity::Error)
        .any(|rule| !check(rule, &frame).is_empty())
}
