//! Calls of schemas become requests.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::api;
use crate::schema::Body;
use crate::schema::BodyShape;
use crate::schema::Call;
use crate::schema::Field;
use crate::schema::Method;
use crate::schema::ResourceSchema;
use crate::schema::Segment;
use crate::schema::Service;
use crate::schema::scope::Frame;
use crate::schema::scope::OperationKind;
use crate::schema::scope::Root;
use crate::schema::scope::field_is_sent;
use crate::value::Fields;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::to_json;

use super::ProviderError;
use super::configure::resource_rules;
use super::connection::About;
use super::connection::Connection;
use super::places::with_region;
use super::stats::Purpose;

impl Connection {
    /// Makes the request of a call. Nothing if an `only_changed` body has nothing left.
    pub(super) fn request(
        &self,
        schema: &ResourceSchema,
        call: &Call,
        frame: &Frame<'_>,
        about: &About,
    ) -> Result<Option<api::Request>, ProviderError> {
        let service = schema.service.as_ref().and_then(|name| self.schema.service(name));
        let endpoint = self.endpoint_of(service, call, frame, about)?;
        let mut request = api::Request::new(method(call.method), &endpoint, about.doing.clone());
        request.kind.clone_from(&about.kind);
        for segment in &call.path {
            request.path.push(match segment {
                Segment::Literal(text) => text.to_string(),
                Segment::Value(expr) => {
                    let text = frame.text(expr).map_err(|findings| about.before(findings))?;
                    if text.is_empty() {
                        return Err(about.unsent("a part of the path is empty"));
                    }
                    text
                }
            });
        }
        let mut pairs = Pairs { about, secrets: Vec::new() };
        request.query = pairs.of_fields(&call.query, frame)?;
        if let Some(map) = &call.query_map {
            let map = frame.value(map).map_err(|findings| about.before(findings))?;
            request.query.extend(pairs.of_map(&map)?);
        }
        if let Some(service) = service {
            let there = self.in_region(call, frame, about)?;
            let usual = pairs.of_fields(&service.query, there.as_ref().unwrap_or(frame))?;
            let own = |name: &str| {
                call.query.iter().any(|field| &*field.name == name)
                    || request.query.iter().any(|(other, _)| other == name)
            };
            let usual: Vec<_> = usual.into_iter().filter(|(name, _)| !own(name)).collect();
            request.query.extend(usual);
            request.headers = pairs.of_fields(&service.headers, there.as_ref().unwrap_or(frame))?;
        }
        if !call.form.is_empty() {
            request.body = api::Body::Form(pairs.of_fields(&call.form, frame)?);
        }
        request.secrets = pairs.secrets;
        if let Some(body) = &call.body {
            let Some((json, secrets)) = json_body(body, frame, about)? else { return Ok(None) };
            request.secrets.extend(secrets);
            request.body = api::Body::Json(json);
        }
        request.rules = resource_rules(schema);
        request.reads = about.purpose != Purpose::Write;
        request.idempotent |= about.idempotent;
        request.fence.clone_from(&about.fence);
        if let Some(service) = service {
            as_service_wants(&mut request, service, call, frame, about)?;
        }
        Ok(Some(request))
    }

    fn endpoint_of(
        &self,
        service: Option<&Service>,
        call: &Call,
        frame: &Frame<'_>,
        about: &About,
    ) -> Result<api::Endpoint, ProviderError> {
        let Some(service) = service else {
            let plain = self.places().plain();
            return plain.cloned().ok_or_else(|| ProviderError::NotConfigured(self.addr.clone()));
        };
        let region = region(call, frame, about)?;
        let found = self.places().of_service(service, region.as_deref(), self.root());
        found.map_err(|findings| about.before(findings))
    }

    /// What expressions of the service see if the call goes to another region than the configuration's.
    fn in_region<'f>(
        &self,
        call: &Call,
        frame: &Frame<'f>,
        about: &About,
    ) -> Result<Option<Frame<'f>>, ProviderError> {
        let region = region(call, frame, about)?;
        Ok(region.map(|region| frame.clone().with(Root::Provider, with_region(self.root(), &region))))
    }
}

/// The region that a call goes to, if it says one.
fn region(call: &Call, frame: &Frame<'_>, about: &About) -> Result<Option<Arc<str>>, ProviderError> {
    let Some(expr) = &call.region else { return Ok(None) };
    let value = frame.value(expr).map_err(|findings| about.before(findings))?;
    Ok(value.as_str().filter(|region| !region.is_empty()).cloned())
}

/// The name of the operation for signatures, and the method of calls that change something.
fn as_service_wants(
    request: &mut api::Request,
    service: &Service,
    call: &Call,
    frame: &Frame<'_>,
    about: &About,
) -> Result<(), ProviderError> {
    if let (Some(operation), Some(version)) = (&call.operation, &service.api_version) {
        request.action = Some(api::Action {
            name: operation.to_string(),
            version: version.to_string(),
            style: if service.rpc { api::Style::Rpc } else { api::Style::Roa },
        });
    }
    if let Some(expr) = &service.write_method
        && call.method == Method::Post
        && !request.reads
    {
        let value = frame.value(expr).map_err(|findings| about.before(findings))?;
        let Some(method) = value.as_str().and_then(|name| api::Method::from_name(name)) else {
            return Err(about.unsent("the method of writing calls is unknown"));
        };
        request.method = method;
    }
    Ok(())
}

/// Makes pairs of texts and collects the sensitive ones.
struct Pairs<'p> {
    about: &'p About,
    secrets: Vec<api::Secret>,
}

impl Pairs<'_> {
    fn of_fields(
        &mut self,
        fields: &[Field],
        frame: &Frame<'_>,
    ) -> Result<Vec<(String, String)>, ProviderError> {
        let mut pairs = Vec::with_capacity(fields.len());
        for field in fields {
            let value = frame.value(&field.value).map_err(|findings| self.about.before(findings))?;
            if value.is_null() {
                continue;
            }
            let text = frame.text(&field.value).map_err(|findings| self.about.before(findings))?;
            if value.marks_deep().is_sensitive() {
                self.secrets.push(api::Secret::new(text.as_str()));
            }
            pairs.push((field.name.to_string(), text));
        }
        Ok(pairs)
    }

    fn of_map(&mut self, map: &Value) -> Result<Vec<(String, String)>, ProviderError> {
        let sensitive = map.marks_deep().is_sensitive();
        let (map, _) = map.clone().unmark_deep();
        let mut pairs = Vec::new();
        for (name, value) in map.fields().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            let value = convert(value, &Type::String).ok();
            let Some(text) = value.as_ref().and_then(Value::as_str) else {
                return Err(self.about.unsent(format!("the parameter `{name}` is no text")));
            };
            if sensitive {
                self.secrets.push(api::Secret::new(&**text));
            }
            pairs.push((name.to_string(), text.to_string()));
        }
        Ok(pairs)
    }
}

fn method(method: Method) -> api::Method {
    match method {
        Method::Get => api::Method::Get,
        Method::Post => api::Method::Post,
        Method::Put => api::Method::Put,
        Method::Patch => api::Method::Patch,
        Method::Delete => api::Method::Delete,
    }
}

type JsonBody = Option<(Json, Vec<api::Secret>)>;

fn json_body(body: &Body, frame: &Frame<'_>, about: &About) -> Result<JsonBody, ProviderError> {
    let mut secrets = Vec::new();
    let json = match &body.shape {
        BodyShape::Whole(expr) => {
            let value = frame.value(expr).map_err(|findings| about.before(findings))?;
            json_value(&value, about, &mut secrets)?
        }
        BodyShape::Fields(fields) => {
            let kind = about.operation.unwrap_or(OperationKind::Create);
            let mut object = serde_json::Map::new();
            for field in fields {
                if body.only_changed
                    && field_is_sent(kind, &field.value, frame).map_err(|findings| about.before(findings))?
                        == Some(false)
                {
                    continue;
                }
                let value = frame.value(&field.value).map_err(|findings| about.before(findings))?;
                if value.is_null() {
                    continue;
                }
                object.insert(field.name.to_string(), json_value(&value, about, &mut secrets)?);
            }
            if body.only_changed && object.is_empty() {
                return Ok(None);
            }
            Json::Object(object)
        }
    };
    Ok(Some((json, secrets)))
}

/// Leaves null keys out on every level and collects the sensitive texts.
fn json_value(value: &Value, about: &About, secrets: &mut Vec<api::Secret>) -> Result<Json, ProviderError> {
    collect_secrets(value, false, secrets);
    let (plain, _) = value.clone().unmark_deep();
    let json =
        to_json(&plain).map_err(|error| about.unsent(format!("the request body: {}", error.message)))?;
    Ok(without_nulls(json))
}

fn collect_secrets(value: &Value, inside: bool, secrets: &mut Vec<api::Secret>) {
    let secret = inside || value.marks().is_sensitive();
    if let Some(text) = value.as_str().filter(|_| secret) {
        secrets.push(api::Secret::new(Arc::clone(text)));
    }
    for part in value.elements().unwrap_or_default() {
        collect_secrets(part, secret, secrets);
    }
    for part in value.fields().into_iter().flat_map(Fields::values) {
        collect_secrets(part, secret, secrets);
    }
}

fn without_nulls(json: Json) -> Json {
    match json {
        Json::Object(map) => Json::Object(
            map.into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
