//! What stands on the right of an argument.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::render::value::key;
use crate::render::value::quoted;
use crate::schema::Nested;
use crate::schema::NestedKind;
use crate::value::Data;
use crate::value::Value;

/// Values that are longer on one line are written on several.
const LONGEST: usize = 90;

/// Names that mean something else at the start of an object.
const WORDS: [&str; 5] = ["for", "if", "null", "true", "false"];

/// A reference to an attribute of another object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// The resource: `dms_rocketmq_instance.shop`.
    pub resource: String,
    /// The instance, if the resource has `for_each`.
    pub key: Option<Arc<str>>,
    /// The attribute.
    pub attribute: Arc<str>,
    /// The value that it stands for.
    pub plain: Arc<str>,
}

impl Reference {
    fn text(&self) -> String {
        match &self.key {
            Some(name) => format!("{}[{}].{}", self.resource, quoted(name), self.attribute),
            None => format!("{}.{}", self.resource, self.attribute),
        }
    }
}

/// What stands on the right of an argument.
#[derive(Debug, Clone)]
pub(super) enum Term {
    /// A value as it is.
    Plain(Value),
    /// What another object has.
    Of(Reference),
    /// Elements.
    List(Vec<Self>),
    /// Names with their values.
    Map(BTreeMap<Arc<str>, Self>),
}

impl Term {
    /// Writes a value down. Texts for which there is a reference become that.
    pub(super) fn of(value: &Value, refer: &dyn Fn(&Arc<str>) -> Option<Reference>) -> Self {
        if let Some(text) = value.as_str() {
            return refer(text).map_or_else(|| Self::Plain(value.clone()), Self::Of);
        }
        if let Some(parts) = value.elements() {
            return Self::List(parts.iter().map(|part| Self::of(part, refer)).collect());
        }
        match value.fields() {
            Some(fields) => Self::Map(
                fields
                    .iter()
                    .filter(|(_, part)| !(part.is_null() && matches!(value.data(), Data::Object(_))))
                    .map(|(name, part)| (Arc::clone(name), Self::of(part, refer)))
                    .collect(),
            ),
            None => Self::Plain(value.clone()),
        }
    }

    /// Writes the objects of a nested attribute down: only what a configuration sets, and no secrets.
    pub(super) fn nested(
        nested: &Nested,
        value: &Value,
        refer: &dyn Fn(&Arc<str>) -> Option<Reference>,
    ) -> Self {
        let object = |value: &Value| {
            let fields = nested.attributes.iter().filter_map(|leaf| {
                let part = value.get(&leaf.name).filter(|part| !part.is_null())?;
                let is_default = leaf.default.as_ref().is_some_and(|default| part.same_as(default));
                if !leaf.mode.is_settable() || leaf.write_only || leaf.sensitive || is_default {
                    return None;
                }
                let term = match &leaf.nested {
                    Some(inner) => Self::nested(inner, part, refer),
                    None => Self::of(part, refer),
                };
                Some((Arc::clone(&leaf.name), term))
            });
            Self::Map(fields.collect())
        };
        match nested.kind {
            NestedKind::Object => object(value),
            NestedKind::List | NestedKind::Set => {
                Self::List(value.elements().unwrap_or_default().iter().map(object).collect())
            }
            NestedKind::Map => Self::Map(
                value
                    .fields()
                    .into_iter()
                    .flatten()
                    .map(|(name, part)| (Arc::clone(name), object(part)))
                    .collect(),
            ),
        }
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Plain(value) => value.as_str().is_some_and(|text| text.is_empty()),
            Self::Of(_) => false,
            Self::List(parts) => parts.is_empty(),
            Self::Map(parts) => parts.is_empty(),
        }
    }

    /// Returns it without the reference: the value that it stands for.
    pub(super) fn plain(&self) -> Self {
        match self {
            Self::Of(reference) => Self::Plain(Value::string(Arc::clone(&reference.plain))),
            other => other.clone(),
        }
    }

    /// Returns it on one line.
    pub(super) fn inline(&self) -> String {
        match self {
            Self::Plain(value) => literal(value),
            Self::Of(reference) => reference.text(),
            Self::List(parts) => {
                let parts: Vec<String> = parts.iter().map(Self::inline).collect();
                format!("[{}]", parts.join(", "))
            }
            Self::Map(parts) if parts.is_empty() => "{}".to_owned(),
            Self::Map(parts) => {
                let parts = parts.iter().map(|(name, part)| format!("{} = {}", name_of(name), part.inline()));
                format!("{{ {} }}", parts.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Returns it as an argument has it: on several lines if it is long.
    pub(super) fn block(&self) -> String {
        let line = self.inline();
        if line.len() <= LONGEST {
            return line;
        }
        match self {
            Self::Plain(value) => value.as_str().and_then(|text| heredoc(text)).unwrap_or(line),
            Self::Of(_) => line,
            Self::List(parts) => {
                let parts = parts.iter().map(|part| format!("{},\n", part.block()));
                format!("[\n{}]", parts.collect::<String>())
            }
            Self::Map(parts) => {
                let parts =
                    parts.iter().map(|(name, part)| format!("{} = {}\n", name_of(name), part.block()));
                format!("{{\n{}}}", parts.collect::<String>())
            }
        }
    }
}

/// Returns a name as a key of an object.
pub(super) fn name_of(name: &str) -> String {
    if WORDS.contains(&name) { quoted(name) } else { key(name) }
}

fn literal(value: &Value) -> String {
    match value.data() {
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => quoted(text),
        _ => "null".to_owned(),
    }
}

/// A text of several whole lines, such as a certificate.
fn heredoc(text: &str) -> Option<String> {
    let fits = text.ends_with('\n')
        && !text.contains(['\r', '\\'])
        && !text.contains("${")
        && !text.contains("%{")
        && text.chars().all(|c| c == '\n' || !c.is_control())
        && text.lines().all(|line| line.trim() != "EOT");
    fits.then(|| format!("<<EOT\n{text}EOT"))
}
