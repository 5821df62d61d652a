//! States of Terraform, version 4, as ours.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::Step;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::SensitiveLeaf;
use crate::state::Status;
use crate::state::document;
use crate::value::Type;
use crate::value::to_json;
use crate::value::type_to_json;

use super::foreign::ForeignName;
use super::table::Change;
use super::table::Form;
use super::table::Nested;
use super::table::Shape;
use super::table::Tables;
use super::table::Type as Table;

/// A state of Terraform.
#[derive(Debug, Clone)]
pub struct TerraformState {
    outputs: BTreeMap<String, Output>,
    resources: Vec<Resource>,
}

#[derive(Debug, Clone)]
struct Output {
    value: Json,
    ty: Json,
    sensitive: bool,
}

/// A resource with its instances.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    addr: ResourceAddr,
    provider: ProviderAddr,
    pub(super) instances: Vec<Instance>,
}

/// One instance.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) index_key: Option<Json>,
    is_tainted: bool,
    pub(super) is_deposed: bool,
    pub(super) attributes: Map<String, Json>,
    /// The attributes that are secrets, as a whole or in part.
    sensitive: BTreeSet<String>,
    dependencies: Vec<ResourceAddr>,
    create_before_destroy: bool,
}

impl Instance {
    fn of(target: &ObjectRef, object: &Object) -> Self {
        let first = |leaf: &SensitiveLeaf| match leaf.path.0.first() {
            Some(Step::Attr(name) | Step::Key(name)) => Some(name.to_string()),
            Some(Step::Index(_)) | None => None,
        };
        Self {
            index_key: target.addr.key.as_ref().map(|key| match key {
                InstanceKey::Int(index) => (*index).into(),
                InstanceKey::Str(key) => Json::String(key.to_string()),
            }),
            is_tainted: object.status == Status::Tainted,
            is_deposed: target.deposed.is_some(),
            attributes: serde_json::from_str(object.attributes.raw()).unwrap_or_default(),
            sensitive: object.attributes.sensitive().iter().filter_map(first).collect(),
            dependencies: object.dependencies.clone(),
            create_before_destroy: object.create_before_destroy,
        }
    }
}

impl Resource {
    /// Whether the state says that an attribute is a secret.
    pub(super) fn is_sensitive(&self, attribute: &str) -> bool {
        self.instances.iter().any(|instance| instance.sensitive.contains(attribute))
    }

    fn is_data(&self) -> bool {
        self.addr.mode == Mode::Data
    }

    /// The module's address as documents have it; nothing for the root module.
    fn module(&self) -> Option<String> {
        (!self.addr.module.is_root()).then(|| self.addr.module.to_string())
    }

    /// The module's address without keys.
    fn declared_in(&self) -> String {
        let names = self.addr.module.0.iter().map(|(name, _)| format!("module.{name}"));
        names.collect::<Vec<_>>().join(".")
    }
}

/// The keys of blocks that became resources of their own, by module, type, name and block; nothing if they are computed.
pub type Companions = BTreeMap<(String, String, String, String), Option<BTreeSet<String>>>;

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
        let state = document::read(text.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        let mut resources: BTreeMap<ResourceAddr, Resource> = BTreeMap::new();
        for (target, instance, object) in state.objects() {
            let addr = target.addr.resource.clone();
            let resource = resources.entry(addr.clone()).or_insert_with(|| Resource {
                addr,
                provider: instance.provider.clone(),
                instances: Vec::new(),
            });
            resource.instances.push(Instance::of(&target, object));
        }
        let outputs = state.outputs.iter().map(|(name, output)| {
            let value = output.value(name).ok().and_then(|value| to_json(&value).ok());
            let value = value.unwrap_or(Json::Null);
            (name.to_string(), Output { value, ty: type_to_json(&output.ty), sensitive: output.sensitive })
        });
        Ok(Self { outputs: outputs.collect(), resources: resources.into_values().collect() })
    }

    /// Returns what a module has under a name: one for each of its instances.
    pub(super) fn found(&self, addresses: &[String], name: &ForeignName) -> Vec<&Resource> {
        let of = |resource: &&Resource| {
            resource.is_data() == name.is_data
                && *resource.addr.kind == *name.kind
                && *resource.addr.name == *name.name
                && addresses.contains(&resource.declared_in())
        };
        self.resources.iter().filter(of).collect()
    }
}

/// Converts a state. What does not fit is told.
pub fn convert(
    state: &TerraformState,
    tables: &Tables,
    registry: &Registry,
    lineage: &str,
    companions: &Companions,
    notes: &mut Diagnostics,
) -> Converted {
    let mut left = Vec::new();
    let mut resources = Vec::new();
    let mut objects = 0;
    for resource in &state.resources {
        let address = resource.addr.to_string();
        let count = resource.instances.len();
        let table = tables.resource(&resource.addr.kind).filter(|_| !resource.is_data());
        let schema = table.and_then(|table| registry.resource(ResourceKind::Managed, &table.to));
        let (Some(table), Some(schema)) = (table, schema) else {
            let is_known = resource.is_data() && tables.data(&resource.addr.kind).is_some();
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
            if instance.is_deposed {
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
        for document in beside(resource, table, &provider, companions, registry) {
            objects += document.get("instances").and_then(Json::as_array).map_or(0, Vec::len);
            resources.push(document);
        }
        let mut document = json!({
            "mode": "managed",
            "type": table.to,
            "name": &*resource.addr.name,
            "provider": provider,
            "instances": instances,
        });
        if let (Some(module), Some(fields)) = (resource.module(), document.as_object_mut()) {
            fields.insert("module".to_owned(), module.into());
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

/// Returns the resources that are made of blocks of a resource, with what the configuration says of them.
fn beside(
    resource: &Resource,
    table: &Table,
    provider: &str,
    companions: &Companions,
    registry: &Registry,
) -> Vec<Json> {
    let module = resource.declared_in();
    let prefix = if module.is_empty() { String::new() } else { format!("{module}.") };
    let mut found = Vec::new();
    for (block, nested) in &table.shape.blocks {
        let Form::Resource(rule) = &nested.form else { continue };
        let place =
            (module.clone(), resource.addr.kind.to_string(), resource.addr.name.to_string(), block.clone());
        let (Some(Some(keys)), Some(schema)) =
            (companions.get(&place), registry.resource(ResourceKind::Managed, &nested.to))
        else {
            continue;
        };
        let current = resource.instances.iter().filter(|instance| !instance.is_deposed);
        let instances: Vec<Json> = current
            .filter_map(|instance| {
                let id = instance.attributes.get("id")?;
                let parts = instance.attributes.get(block)?.as_array()?;
                let pairs = parts.iter().filter_map(|part| {
                    let key = part.get(&rule.key)?.as_str()?;
                    keys.contains(key).then(|| Some((key.to_owned(), part.get(&rule.value)?.clone())))?
                });
                let pairs: Map<String, Json> = pairs.collect();
                let mut attributes: Map<String, Json> =
                    schema.attributes.iter().map(|known| (known.name.to_string(), Json::Null)).collect();
                attributes.insert("id".to_owned(), id.clone());
                attributes.insert(rule.by.clone(), id.clone());
                attributes.insert(rule.attribute.clone(), pairs.into());
                let mut entry = json!({
                    "schema_version": schema.version,
                    "attributes": attributes,
                    "dependencies": [format!("{prefix}{}.{}", table.to, resource.addr.name)],
                });
                if let (Some(key), Some(entry)) = (&instance.index_key, entry.as_object_mut()) {
                    entry.insert("index_key".to_owned(), key.clone());
                }
                Some(entry)
            })
            .collect();
        if instances.is_empty() {
            continue;
        }
        let mut document = json!({
            "mode": "managed",
            "type": nested.to,
            "name": &*resource.addr.name,
            "provider": provider,
            "instances": instances,
        });
        if let (Some(module), Some(fields)) = (resource.module(), document.as_object_mut()) {
            fields.insert("module".to_owned(), module.into());
        }
        found.push(document);
    }
    found
}

/// Returns a provider configuration as documents name it.
fn provider(written: &ProviderAddr, tables: &Tables) -> Option<String> {
    let to = &tables.provider(&written.name)?.to;
    let alias = written.alias.as_ref().map(|alias| format!(".{alias}")).unwrap_or_default();
    Some(format!("provider[\"queueform.io/builtin/{to}\"]{alias}"))
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
        if instance.is_tainted {
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
fn dependency(address: &ResourceAddr, tables: &Tables) -> Option<String> {
    if address.mode != Mode::Managed {
        return None;
    }
    let kind = tables.resource(&address.kind)?.to.as_str().into();
    Some(ResourceAddr { kind, ..address.clone() }.to_string())
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
        Form::Computed | Form::Drop(_) | Form::Resource(_) => return,
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
