//! Finding an object of which it is not known whether it was created.

use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::api;
use crate::schema::ResourceSchema;
use crate::schema::scope::Root;
use crate::schema::scope::identity;
use crate::value::Value;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::item::adopt;
use super::item::without_unknowns;
use super::pages::List;
use super::read;
use super::read::Seen;
use super::stats::Purpose;

/// An object in doubt.
#[derive(Debug, Clone)]
pub struct FindRequest<'r> {
    /// The provider configuration.
    pub provider: &'r ProviderAddr,
    /// The resource type.
    pub schema: &'r ResourceSchema,
    /// The object as it was planned.
    pub planned: &'r Value,
}

/// An object that may be the one in doubt.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// The object as it is.
    pub value: Value,
}

/// Returns the objects that exist under the natural key of a planned object.
pub(super) async fn find(
    connection: &Connection,
    request: &FindRequest<'_>,
    stop: &api::Stop,
) -> Result<Vec<Candidate>, ProviderError> {
    let (schema, planned) = (request.schema, request.planned);
    // Ids made by the server are not known; everything readable is read anew.
    let known = without_unknowns(planned);
    // A part of the id may be made by the server too.
    let is_known = if schema.has_server_id() {
        planned.get("id").is_some_and(|id| id.as_str().is_some())
    } else {
        schema.find.is_none() || identity(schema, &known).is_some()
    };
    if is_known {
        let seen = read::object(connection, schema, &known, None, Purpose::Read, stop).await?;
        return Ok(match seen {
            Seen::Found { value, .. } => {
                identity(schema, &value).map(|id| Candidate { id, value }).into_iter().collect()
            }
            Seen::Gone => Vec::new(),
        });
    }
    let Some(find) = &schema.find else {
        return Err(ProviderError::Unsupported {
            kind: Arc::clone(&schema.type_name),
            lacks: "has no `find`: look for the object in the vendor's console".to_owned(),
        });
    };
    let about = About::reading("look for", schema, "", Purpose::Read);
    let frame = connection.frame(schema).with(Root::This, known.clone());
    let frame = connection.with_lookups(schema, frame, read::attribute_lookups(schema), stop).await?;
    let list = List { connection, schema, call: &find.call, frame: &frame, about: &about, stop };
    let (_, items) = list.all().await?;
    let mut candidates = Vec::new();
    for item in items {
        if read::is_tombstone(schema, &frame, &item, &about)? {
            continue;
        }
        let seen = frame.clone().with(Root::Item, item.clone());
        if !seen.holds_found(&find.matches).map_err(|findings| about.after(findings))? {
            continue;
        }
        let value = without_unknowns(&adopt(schema, &item, &known, &frame, &about)?);
        let Some(id) = identity(schema, &value) else { continue };
        // The list may not hold everything that the comparison with the plan needs.
        match read::object(connection, schema, &value, None, Purpose::Read, stop).await? {
            Seen::Found { value, .. } => candidates.push(Candidate { id, value }),
            Seen::Gone => {}
        }
    }
    Ok(candidates)
}
