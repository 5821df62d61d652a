//! States of Terraform, version 4, as ours.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::value::Type;
use crate::value::to_json;

use super::foreign::ForeignName;
use super::table::Change;
use super::table::Form;
use super::table::Nested;
use super::table::Shape;
use super::table::Tables;
use super::table::Type as Table;

/// A state of Terraform.
#[derive(Debug, Clone, Deserialize)]
pub struct TerraformState {
    version: u64,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    encryption: Option<Json>,
}

#[derive(Debug, Clone, Deserialize)]
struct Output {
    #[serde(default)]
    value: Json,
    #[serde(rename = "type", default)]
    ty: Json,
    #[serde(default)]
    sensitive: bool,
}

/// A resource with its instances.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Resource {
    #[serde(default)]
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    pub(super) instances: Vec<Instance>,
}

/// One instance.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Instance {
    #[serde(default)]
    pub(super) index_key: Option<Json>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    pub(super) deposed: Option<String>,
    #[serde(default)]
    pub(super) attributes: Map<String, Json>,
    #[serde(default)]
    sensitive_attributes: Vec<Json>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    create_before_destroy: bool,
}

impl Resource {
    /// Whether the state says that an attribute is a secret.
    pub(super) fn is_sensitive(&self, attribute: &str) -> bool {
        let paths = self.instances.iter().flat_map(|instance| &instance.sensitive_attributes);
        let mut first = paths.filter_map(|path| path.as_array()?.first()?.get("value")?.as_str());
        first.any(|name| name == attribute)
    }

    fn is_data(&self) -> bool {
        self.mode == "data"
    }
}

/// What does not become a part of our state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The address.
    pub address: String,
    /// How many objects.
    pub objects: usize,
    /// Why.
    pub why: &'static str,
}

/// A state as ours.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The document, version 4.
    pub document: Json,
    /// How many objects are in it.
    pub objects: usize,
    /// How many outputs are in it.
    pub outputs: usize,
    /// What is not in it.
    pub left: Vec<Left>,
}

impl TerraformState {
    /// Reads a state.
    ///
    /// # Errors
    /// If it is none, of another version, or encrypted.
    pub fn read(name: &str, text: &str) -> Result<Self, Diagnostic> {
        let wrong = |why: String| {
            Diagnostic::error(Code::StateCorrupt, format!("`{name}` cannot be read: {why}"))
                .hint("give a state of Terraform 0.12 or newer, as `terraform state pull` prints it")
        };
        let found: Self = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if found.encryption.is_some() {
            return Err(wrong("it is encrypted".to_owned()));
        }
        if found.version != 4 {
            return Err(wrong(format!("it has version {}, not 4", found.version)));
        }
        Ok(found)
    }

    /// Returns what a module has under a name: one for each of its instances.
    pub(super) fn found(&self, addresses: &[String], name: &ForeignName) -> Vec<&Resource> {
        let of = |resource: &&Resource| {
            let module = unkeyed(resource.module.as_deref().unwrap_or(""));
            resource.is_data() == name.is_data
                && resource.kind == name.kind
                && resource.name == name.name
                && addresses.contains(&module)
        };
        self.resources.iter().filter(of).collect()
    }
}

/// Returns a module's address without keys.
fn unkeyed(module: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for letter in module.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            other if depth == 0 => out.push(other),
            _ => {}
        }
    }
    out
}

/// Converts a state. What does not fit is told.
pub fn convert(
    state: &TerraformState,
    tables: &Tables,
    registry: &Registry,
    lineage: &str,
    notes: &mut Diagnostics,
) -> Converted {
    let mut left = Vec::new();
    let mut resources = Vec::new();
    let mut objects = 0;
    for resource in &state.resources {
        let module = resource.module.as_ref().map(|module| format!("{module}.")).unwrap_or_default();
        let data = if resource.is_data() { "data." } else { "" };
        let address = format!("{module}{data}{}.{}", resource.kind, resource.name);
        let count = resource.instances.len();
        let table = tables.resource(&resource.kind).filter(|_| !resource.is_data());
        let schema = table.and_then(|table| registry.resource(ResourceKind::Managed, &table.to));
        let (Some(table), Some(schema)) = (table, schema) else {
            let is_known = resource.is_data() && tables.data(&resource.kind).is_some();
            let why = if is_known { "it is read anew" } else { "it stays with Terraform" };
            left.push(Left { address, objects: count, why });
            continue;
        };
        let Some(provider) = provider(&resource.provider, tables) else {
            left.push(Left { address, objects: count, why: "its provider is not known" });
            continue;
        };
        let mut instances = Vec::new();
        for instance in &resource.instances {
            if instance.deposed.is_some() {
                notes.push(
                    Diagnostic::warning(
                        Code::NotMigrated,
                        format!("`{address}` has an object that its replacement left over, which is not taken over"),
                    )
                    .hint("delete it with `terraform apply` before, or in the vendor's console"),
                );
                continue;
            }
            match object(instance, table, &schema, tables) {
                Ok(document) => instances.push(document),
                Err(why) => notes.push(
                    Diagnostic::warning(
                        Code::NotMigrated,
                        format!("an object of `{address}` is not taken over: {why}"),
                    )
                    .hint("import it: `queueform import ADDR ID`"),
                ),
            }
        }
        objects += instances.len();
        if instances.is_empty() {
            continue;
        }
        let mut document = json!({
            "mode": "managed",
            "type": table.to,
            "name": resource.name,
            "provider": provider,
            "instances": instances,
        });
        if let (Some(module), Some(fields)) = (&resource.module, document.as_object_mut()) {
            fields.insert("module".to_owned(), module.clone().into());
        }
        resources.push(document);
    }
    let outputs: Map<String, Json> = state
        .outputs
        .iter()
        .map(|(name, output)| {
            let mut entry = json!({ "value": output.value, "type": output.ty });
            if let (true, Some(fields)) = (output.sensitive, entry.as_object_mut()) {
                fields.insert("sensitive".to_owned(), true.into());
            }
            (name.clone(), entry)
        })
        .collect();
    let number = outputs.len();
    let document = json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": lineage,
        "outputs": outputs,
        "resources": resources,
    });
    Converted { document, objects, outputs: number, left }
}

/// Returns a provider configuration as documents name it.
fn provider(written: &str, tables: &Tables) -> Option<String> {
    // `module.a.provider["registry.terraform.io/huaweicloud/huaweicloud"].north`
    let (_, rest) = written.split_once("provider[\"")?;
    let (source, rest) = rest.split_once("\"]")?;
    let name = source.rsplit('/').next()?;
    let to = &tables.provider(name)?.to;
    Some(format!("provider[\"queueform.io/builtin/{to}\"]{rest}"))
}

fn object(
    instance: &Instance,
    table: &Table,
    schema: &ResourceSchema,
    tables: &Tables,
) -> Result<Json, String> {
    let mut found: BTreeMap<String, Json> = BTreeMap::new();
    fields(&instance.attributes, &table.shape, &mut found);
    for (to, from) in &table.copy {
        if let Some(value) = instance.attributes.get(from) {
            found.insert(to.clone(), value.clone());
        }
    }
    for (name, version) in &table.versions {
        let is_set = instance.attributes.get(name).is_some_and(|value| !is_nothing(value));
        found.insert(version.clone(), if is_set { json!(1) } else { Json::Null });
    }
    let mut attributes = Map::new();
    for attribute in &schema.attributes {
        let ty = attribute.ty.without_optional();
        let given = found.get(&*attribute.name).filter(|_| !attribute.write_only);
        let decided = attribute.mode.is_computed();
        // Terraform's older providers cannot tell nothing from an empty text.
        let given = given.filter(|value| !(value.is_null() || (decided && is_nothing(value))));
        let value = match (given, &attribute.default) {
            (Some(value), _) => {
                fit(value, &ty).ok_or_else(|| format!("`{}` is no {}", attribute.name, ty.friendly_name()))?
            }
            (None, Some(default)) => to_json(default).unwrap_or(Json::Null),
            (None, None) => Json::Null,
        };
        attributes.insert(attribute.name.to_string(), value);
    }
    let text = |name: &str| attributes.get(name).and_then(Json::as_str).map(str::to_owned);
    let theirs = |name: &String| instance.attributes.get(name).and_then(Json::as_str).map(str::to_owned);
    let id: Option<Vec<String>> = if table.id.is_empty() && schema.has_server_id() {
        Some(vec![instance.attributes.get("id").and_then(Json::as_str).unwrap_or_default().to_owned()])
    } else if table.id.is_empty() {
        schema.identity.iter().map(|name| text(name)).collect()
    } else {
        table.id.iter().map(theirs).collect()
    };
    let id = id.map(|parts| parts.join(&schema.separator)).filter(|id| !id.is_empty());
    if schema.attribute("id").is_some() {
        attributes.insert("id".to_owned(), id.ok_or("its id is not known")?.into());
    }
    let mut document = json!({ "schema_version": schema.version, "attributes": attributes });
    if let Some(entry) = document.as_object_mut() {
        if let Some(key) = &instance.index_key {
            entry.insert("index_key".to_owned(), key.clone());
        }
        if instance.status.as_deref() == Some("tainted") {
            entry.insert("status".to_owned(), "tainted".into());
        }
        if instance.create_before_destroy {
            entry.insert("create_before_destroy".to_owned(), true.into());
        }
        let dependencies = instance.dependencies.iter().filter_map(|address| dependency(address, tables));
        let dependencies: BTreeSet<String> = dependencies.collect();
        if !dependencies.is_empty() {
            entry.insert("dependencies".to_owned(), dependencies.into_iter().collect());
        }
    }
    Ok(document)
}

/// Returns the address of what an object depends on here; nothing for what is not taken over.
fn dependency(address: &str, tables: &Tables) -> Option<String> {
    let (module, resource) = match address.rfind("module.") {
        Some(at) => {
            let behind = address.get(at + "module.".len()..)?;
            let end = at + "module.".len() + behind.find('.')?;
            (address.get(..=end)?, address.get(end + 1..)?)
        }
        None => ("", address),
    };
    let (kind, name) = resource.split_once('.')?;
    Some(format!("{module}{}.{name}", tables.resource(kind)?.to))
}

/// Takes attributes over, under their names here.
fn fields(from: &Map<String, Json>, shape: &Shape, out: &mut BTreeMap<String, Json>) {
    for (name, value) in from {
        if let Some(known) = shape.attributes.get(name) {
            let value = match &known.change {
                Change::None => value.clone(),
                Change::Split(separator) => {
                    let text = value.as_str().unwrap_or_default();
                    text.split(separator.as_str()).filter(|part| !part.is_empty()).collect()
                }
                Change::Wrap if is_nothing(value) => continue,
                Change::Wrap => json!([value]),
                Change::Is(wanted) => json!(value.as_str() == Some(wanted)),
            };
            out.insert(known.to.clone(), value);
        } else if let Some(nested) = shape.blocks.get(name) {
            blocks(value, nested, out);
        }
    }
}

/// Takes nested blocks over.
fn blocks(value: &Json, nested: &Nested, out: &mut BTreeMap<String, Json>) {
    let objects: Vec<&Map<String, Json>> =
        value.as_array().into_iter().flatten().filter_map(Json::as_object).collect();
    let converted = |object: &Map<String, Json>| {
        let mut inner = BTreeMap::new();
        fields(object, &nested.shape, &mut inner);
        Json::Object(inner.into_iter().collect())
    };
    let value: Json = match &nested.form {
        Form::Computed | Form::Drop(_) => return,
        Form::Inline => return objects.into_iter().for_each(|object| fields(object, &nested.shape, out)),
        // Nothing is said by it: another argument may say it.
        _ if objects.is_empty() && out.contains_key(&nested.to) => return,
        Form::Values(name) => objects.iter().filter_map(|object| object.get(name).cloned()).collect(),
        Form::Map { key, value } => {
            let pairs = objects.iter().filter_map(|object| {
                Some((object.get(key)?.as_str()?.to_owned(), object.get(value)?.clone()))
            });
            Json::Object(pairs.collect())
        }
        Form::Objects => objects.iter().map(|object| converted(object)).collect(),
        Form::Object => match objects.first() {
            Some(object) => converted(object),
            None => Json::Null,
        },
    };
    out.insert(nested.to.clone(), value);
}

/// Whether a value stands for one that was never set.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::Array(parts) => parts.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) => false,
    }
}

/// Returns a value in the form of a type; nothing if it has none.
fn fit(value: &Json, ty: &Type) -> Option<Json> {
    Some(match (ty, value) {
        (Type::Any, value) => value.clone(),
        (_, Json::Null) => Json::Null,
        (Type::Bool, Json::String(text)) => Json::Bool(text.parse().ok()?),
        (Type::Number, Json::String(text)) => serde_json::from_str(text).ok()?,
        (Type::String, Json::Number(_) | Json::Bool(_)) => Json::String(value.to_string()),
        (Type::Bool, Json::Bool(_)) | (Type::Number, Json::Number(_)) | (Type::String, Json::String(_)) => {
            value.clone()
        }
        (Type::List(element) | Type::Set(element), Json::Array(parts)) => {
            Json::Array(parts.iter().map(|part| fit(part, element)).collect::<Option<_>>()?)
        }
        (Type::Map(element), Json::Object(fields)) => {
            let fields = fields.iter().map(|(name, part)| Some((name.clone(), fit(part, element)?)));
            Json::Object(fields.collect::<Option<_>>()?)
        }
        (Type::Object(attributes), Json::Object(fields)) => {
            let fields = attributes.iter().map(|(name, attribute)| {
                let part = fields.get(&**name).unwrap_or(&Json::Null);
                Some((Arc::clone(name).to_string(), fit(part, &attribute.ty)?))
            });
            Json::Object(fields.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
