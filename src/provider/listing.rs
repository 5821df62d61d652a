//! All objects of one type in one place, whether anybody manages them or not.

use crate::addr::ProviderAddr;
use crate::api;
use crate::schema::ListOp;
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
use super::connection::Connection;
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
    /// It belongs to the service itself, or has a name that the service keeps for itself: nobody can manage it.
    pub is_system: bool,
}

/// What a list shows at one place: items as the service gives them, without those that stand for deleted objects.
pub(super) struct Listing<'l> {
    /// The attributes that say where, and nulls.
    pub(super) this: Value,
    /// What expressions about items see.
    pub(super) frame: Frame<'l>,
    pub(super) about: About,
    pub(super) items: Vec<Value>,
}

impl<'l> Listing<'l> {
    /// Lists all pages. A place that is gone has nothing.
    pub(super) async fn of(
        connection: &'l Connection,
        schema: &'l ResourceSchema,
        list: &ListOp,
        given: &[(Name, Value)],
        stop: &api::Stop,
    ) -> Result<Self, ProviderError> {
        let this = null_object(schema, given);
        let place: Vec<String> = given
            .iter()
            .filter_map(|(_, value)| value.as_str().map(ToString::to_string))
            .filter(|text| !text.is_empty())
            .collect();
        let about = About::reading("list", schema, &place.join("/"), Purpose::Read);
        let frame = connection.frame(schema).with(Root::This, this.clone());
        let frame = connection.with_lookups(schema, frame, read::attribute_lookups(schema), stop).await?;
        let pages = List { connection, schema, call: &list.call, frame: &frame, about: &about, stop };
        let all = match pages.all().await {
            Ok((_, items)) => items,
            Err(error) if error.is_gone() => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut items = Vec::with_capacity(all.len());
        for item in all {
            if !read::is_tombstone(schema, &frame, &item, &about)? {
                items.push(item);
            }
        }
        Ok(Self { this, frame, about, items })
    }
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
        let listing = Listing::of(&connection, &schema, list, scope, stop).await?;
        let mut found = Vec::with_capacity(listing.items.len());
        for item in &listing.items {
            let value = adopt(&schema, item, &listing.this, &listing.frame, &listing.about)?;
            let value = without_unknowns(&value);
            let Some(id) = identity(&schema, &value) else { continue };
            let is_system = is_system(&schema, &value, connection.root());
            found.push(Listed { id, value, is_system });
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup_by(|a, b| a.id == b.id);
        Ok(found)
    }
}

/// Whether an object belongs to the service itself, or the rules of its type say that nobody can have one of its name.
/// What cannot be told does not.
pub(super) fn is_system(schema: &ResourceSchema, value: &Value, provider: &Value) -> bool {
    let frame = Frame::of(schema).with(Root::This, value.clone().unmark_deep().0);
    if schema.system_when.as_ref().is_some_and(|expr| matches!(frame.holds(expr), Ok(Some(true)))) {
        return true;
    }
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
