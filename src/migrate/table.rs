//! The tables: how providers, types and attributes of Terraform are called here.

use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval::constant;
use crate::source::SourceMap;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::parse::parse_file;
use crate::value::Value;
use crate::value::matches_wildcard;

/// The tables that come with the program.
const FILES: &[(&str, &str)] = &[
    ("huaweicloud.hcl", include_str!("huaweicloud.hcl")),
    ("alicloud.hcl", include_str!("alicloud.hcl")),
    ("terraform.hcl", include_str!("terraform.hcl")),
];

/// What all providers of Terraform that are known are called here.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    providers: BTreeMap<String, Provider>,
    resources: BTreeMap<String, Type>,
    data: BTreeMap<String, Type>,
    /// What to do with types that there are not.
    instead: BTreeMap<String, String>,
}

/// A provider.
#[derive(Debug, Clone, Default)]
pub(super) struct Provider {
    /// Its name here.
    pub(super) to: String,
    /// Arguments that it has beside those that are written, as HCL.
    pub(super) set: BTreeMap<String, String>,
    /// What its arguments are called.
    pub(super) shape: Shape,
}

/// A type of resources or data sources.
#[derive(Debug, Clone, Default)]
pub(super) struct Type {
    /// Its name here.
    pub(super) to: String,
    /// What stands between the parts of an id there, if that is another character.
    pub(super) separator: Option<String>,
    /// The attributes there that make the id here; without them, it is made of our identity.
    pub(super) id: Vec<String>,
    /// Attributes here, by those there that have the value in the state too.
    pub(super) copy: BTreeMap<String, String>,
    /// Write-only attributes, with the attribute that says when they are sent again.
    pub(super) versions: BTreeMap<String, String>,
    /// What its attributes are called.
    pub(super) shape: Shape,
}

/// The attributes and blocks of something.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    /// Attributes by their name there.
    pub(super) attributes: BTreeMap<String, Attribute>,
    /// Attributes that there are not, with what to do instead.
    pub(super) drop: BTreeMap<String, String>,
    /// Nested blocks.
    pub(super) blocks: BTreeMap<String, Nested>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// Its name here.
    pub(super) to: String,
    /// How its value becomes ours.
    pub(super) change: Change,
}

/// How a value becomes another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// It stays as it is.
    None,
    /// A text with a separator becomes a list.
    Split(String),
    /// It becomes the only element of a list.
    Wrap,
    /// It is true if it is this text.
    Is(String),
}

/// Blocks that become an attribute.
#[derive(Debug, Clone)]
pub(super) struct Nested {
    /// The attribute.
    pub(super) to: String,
    /// Its form.
    pub(super) form: Form,
    /// What the arguments of the blocks are called.
    pub(super) shape: Shape,
}

/// What blocks become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// A list of the values of one argument.
    Values(String),
    /// A map of one argument by another one.
    Map { key: String, value: String },
    /// A list of objects.
    Objects,
    /// The only block is an object.
    Object,
    /// The arguments of the only block stand where it stood.
    Inline,
    /// A resource of its own.
    Resource(Companions),
    /// Only the provider sets it.
    Computed,
    /// There is nothing of the kind: what to do instead.
    Drop(String),
}

/// A resource that blocks of another one become: one, with a map of one argument by another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Companions {
    /// The attribute with the id of the other resource.
    pub(super) by: String,
    /// The attribute with the map.
    pub(super) attribute: String,
    /// The argument of the blocks that is the key.
    pub(super) key: String,
    /// The argument of the blocks that is the value.
    pub(super) value: String,
}

impl Companions {
    /// Returns what the blocks become there.
    pub(super) fn nested(&self) -> Nested {
        let form = Form::Map { key: self.key.clone(), value: self.value.clone() };
        Nested { to: self.attribute.clone(), form, shape: Shape::default() }
    }
}

impl Tables {
    /// Reads the tables that come with the program.
    ///
    /// # Errors
    /// If one is malformed.
    pub fn embedded() -> Result<Self, Diagnostics> {
        let mut tables = Self::default();
        let mut sources = SourceMap::new();
        for (name, text) in FILES {
            let parsed = parse_file(sources.add(*name, *text), text);
            if parsed.diagnostics.has_errors() {
                return Err(parsed.diagnostics);
            }
            if let Some(body) = parsed.output {
                tables.add(&body)?;
            }
        }
        Ok(tables)
    }

    fn add(&mut self, body: &Body) -> Result<(), Diagnostics> {
        for block in &body.blocks {
            let name = label(block);
            match &*block.kind.value {
                "provider" => {
                    let mut provider = match string(&block.body, "like")? {
                        Some(like) => self.providers.get(&like).cloned().unwrap_or_default(),
                        None => Provider::default(),
                    };
                    if let Some(to) = string(&block.body, "to")? {
                        provider.to = to;
                    }
                    let set = strings(&block.body, "set")?;
                    provider.set.extend(set.into_iter().map(|(name, text)| (name, format!("{text:?}"))));
                    let own = shape(&block.body)?;
                    provider.shape.attributes.extend(own.attributes);
                    provider.shape.drop.extend(own.drop);
                    self.providers.insert(name, provider);
                }
                "without" => {
                    let instead = string(&block.body, "instead")?.unwrap_or_default();
                    for also in list(&block.body, "also")? {
                        self.instead.insert(also, instead.clone());
                    }
                    self.instead.insert(name, instead);
                }
                kind => {
                    let table = if kind == "data" { &mut self.data } else { &mut self.resources };
                    let found = Type {
                        to: string(&block.body, "to")?.unwrap_or_default(),
                        separator: string(&block.body, "separator")?,
                        id: list(&block.body, "id")?,
                        copy: strings(&block.body, "copy")?,
                        versions: strings(&block.body, "versions")?,
                        shape: shape(&block.body)?,
                    };
                    for also in list(&block.body, "also")? {
                        table.insert(also, found.clone());
                    }
                    table.insert(name, found);
                }
            }
        }
        Ok(())
    }

    pub(super) fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.get(name)
    }

    pub(super) fn resource(&self, kind: &str) -> Option<&Type> {
        self.resources.get(kind)
    }

    pub(super) fn data(&self, kind: &str) -> Option<&Type> {
        self.data.get(kind)
    }

    /// Returns what to do with objects of a type that there is not, if that is known.
    pub(super) fn instead(&self, kind: &str) -> Option<&str> {
        let known = self.instead.iter().find(|(pattern, _)| matches_wildcard(pattern, kind));
        known.map(|(_, instead)| instead.as_str())
    }

    /// Returns the type of a resource or data source.
    pub(super) fn of(&self, is_data: bool, kind: &str) -> Option<&Type> {
        if is_data { self.data(kind) } else { self.resource(kind) }
    }

    /// Returns every type with its name there, for tests of the tables.
    #[cfg(test)]
    pub(super) fn types(&self) -> impl Iterator<Item = (&String, &Type)> {
        self.resources.iter()
    }

    /// Returns the name of a provider configuration here: `huaweicloud.north` is `dms.north`.
    pub(super) fn provider_name(&self, written: &str) -> Option<String> {
        let (name, alias) =
            written.split_once('.').map_or((written, None), |(name, alias)| (name, Some(alias)));
        let to = &self.provider(name)?.to;
        Some(alias.map_or_else(|| to.clone(), |alias| format!("{to}.{alias}")))
    }
}

fn label(block: &Block) -> String {
    block.labels.first().map(|label| label.value.to_string()).unwrap_or_default()
}

fn value(body: &Body, name: &str) -> Result<Option<Value>, Diagnostics> {
    body.attribute(name).map(|attribute| constant(&attribute.expr)).transpose()
}

fn string(body: &Body, name: &str) -> Result<Option<String>, Diagnostics> {
    Ok(value(body, name)?.and_then(|value| value.as_str().map(ToString::to_string)))
}

fn list(body: &Body, name: &str) -> Result<Vec<String>, Diagnostics> {
    let value = value(body, name)?;
    let parts = value.as_ref().and_then(Value::elements).unwrap_or_default();
    Ok(parts.iter().filter_map(|part| part.as_str().map(ToString::to_string)).collect())
}

fn strings(body: &Body, name: &str) -> Result<BTreeMap<String, String>, Diagnostics> {
    let value = value(body, name)?;
    let fields = value.as_ref().and_then(Value::fields);
    let texts = fields.into_iter().flat_map(|fields| fields.iter());
    Ok(texts.filter_map(|(name, text)| Some((name.to_string(), text.as_str()?.to_string()))).collect())
}

/// Reads what attributes and blocks are called.
fn shape(body: &Body) -> Result<Shape, Diagnostics> {
    let mut shape = Shape { drop: strings(body, "drop")?, ..Shape::default() };
    let plain = |to: &str| Attribute { to: to.to_owned(), change: Change::None };
    for name in list(body, "keep")? {
        shape.attributes.insert(name.clone(), plain(&name));
    }
    for (name, to) in strings(body, "rename")? {
        shape.attributes.insert(name, plain(&to));
    }
    for block in body.blocks_of("attribute") {
        let name = label(block);
        let to = string(&block.body, "to")?.unwrap_or_else(|| name.clone());
        let is_wrapped = value(&block.body, "wrap")?.and_then(|value| value.as_bool()).unwrap_or(false);
        let change = match (string(&block.body, "split")?, string(&block.body, "is")?) {
            (Some(separator), _) => Change::Split(separator),
            (None, Some(text)) => Change::Is(text),
            (None, None) if is_wrapped => Change::Wrap,
            (None, None) => Change::None,
        };
        shape.attributes.insert(name, Attribute { to, change });
    }
    for block in body.blocks_of("block") {
        let name = label(block);
        let form = match (string(&block.body, "drop")?, string(&block.body, "as")?.as_deref()) {
            (Some(instead), _) => Form::Drop(instead),
            (None, Some("values")) => Form::Values(string(&block.body, "value")?.unwrap_or_default()),
            (None, Some("map")) => Form::Map {
                key: string(&block.body, "key")?.unwrap_or_default(),
                value: string(&block.body, "value")?.unwrap_or_default(),
            },
            (None, Some("objects")) => Form::Objects,
            (None, Some("object")) => Form::Object,
            (None, Some("inline")) => Form::Inline,
            (None, Some("computed")) => Form::Computed,
            (None, Some("resource")) => {
                let text = |name| string(&block.body, name).map(Option::unwrap_or_default);
                Form::Resource(Companions {
                    by: text("by")?,
                    attribute: text("attribute")?,
                    key: text("key")?,
                    value: text("value")?,
                })
            }
            (None, form) => {
                let text = format!("`{name}` has the unknown form {form:?}");
                return Err(Diagnostic::error(Code::Internal, text).at(block.header, "").into());
            }
        };
        let to = string(&block.body, "to")?.unwrap_or_else(|| name.clone());
        let inner = if matches!(form, Form::Drop(_)) { Shape::default() } else { self::shape(&block.body)? };
        shape.blocks.insert(name, Nested { to, form, shape: inner });
    }
    Ok(shape)
}

impl Shape {
    /// Whether something of it is called otherwise here, or has another form.
    pub(super) fn differs(&self) -> bool {
        let is_other =
            |(name, known): (&String, &Attribute)| *name != known.to || known.change != Change::None;
        !self.blocks.is_empty() || self.attributes.iter().any(is_other)
    }

    /// Returns the names of attributes that may be written here.
    #[cfg(test)]
    pub(super) fn targets(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.attributes.values().map(|attribute| attribute.to.as_str()).collect();
        for nested in self.blocks.values() {
            match nested.form {
                Form::Inline => all.extend(nested.shape.targets()),
                Form::Drop(_) | Form::Resource(_) => {}
                _ => all.push(&nested.to),
            }
        }
        all
    }
}
