//! The attributes of one object: JSON that is decoded only when asked for; with secrets only where it is encrypted.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::addr::Step;
use crate::addr::ValuePath;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

use super::json;
use super::seal::Digest;

/// Why attributes cannot be stored or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if path.0.is_empty() { String::new() } else { format!("`{path}`: ") })]
pub struct AttributeError {
    /// The part.
    pub path: ValuePath,
    /// What is wrong with it.
    pub message: String,
}

impl AttributeError {
    pub(crate) fn new(path: &[Step], message: String) -> Self {
        Self { path: ValuePath(path.to_vec()), message }
    }
}

impl From<super::seal::DigestError> for AttributeError {
    fn from(error: super::seal::DigestError) -> Self {
        Self { path: ValuePath::default(), message: error.to_string() }
    }
}

/// A sensitive leaf: null in the stored attributes, with a digest that tells whether it changed; or in clear, without
/// one, where everything is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SensitiveLeaf {
    /// The leaf.
    #[serde(with = "super::forms::path")]
    pub path: ValuePath,
    /// The digest of its value; none if the value is null or was never known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// In records of the past, in place of the digest: another one if the value was another one. It is too short a
    /// digest of the salted one to lead back to anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<u32>,
}

/// The attributes of an object. Cheap to clone.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attributes {
    /// The attributes as a JSON object; write-only and unknown leaves are null, and so are sensitive ones unless the
    /// place is encrypted.
    #[serde(rename = "values")]
    raw: Arc<RawValue>,
    /// The sensitive leaves, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sensitive: Vec<SensitiveLeaf>,
    /// The leaves that are known only after apply; only in planned objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "super::forms::paths")]
    unknown: Vec<ValuePath>,
}

impl Attributes {
    /// Encodes the object `value` of the schema type `ty` (whose dynamic places are [`Type::Any`]).
    ///
    /// Parts marked ephemeral are written as null without a trace. Parts marked sensitive are written as null
    /// and digested; a digest of `prior` is kept where the value is still the same. Unknown parts are written
    /// as null and listed by [`Self::unknown`]; what is stored in state must have none.
    ///
    /// # Errors
    /// If the value does not have the type.
    pub fn encode(value: &Value, ty: &Type, prior: Option<&Self>) -> Result<Self, AttributeError> {
        Self::encode_for(value, ty, prior, None)
    }

    /// Encodes like [`Self::encode`], for a place that is encrypted: sensitive parts are written in clear, but for the
    /// attributes of the given names.
    ///
    /// # Errors
    /// If the value does not have the type.
    pub fn encode_kept(
        value: &Value,
        ty: &Type,
        prior: Option<&Self>,
        digested: &[Arc<str>],
    ) -> Result<Self, AttributeError> {
        Self::encode_for(value, ty, prior, Some(digested))
    }

    fn encode_for(
        value: &Value,
        ty: &Type,
        prior: Option<&Self>,
        kept: Option<&[Arc<str>]>,
    ) -> Result<Self, AttributeError> {
        let mut sensitive: Vec<SensitiveLeaf> = Vec::new();
        let mut unknown = Vec::new();
        let raw = json::encode_with(value, ty, &mut |path, part| {
            let marks = part.marks();
            if marks.is_ephemeral() {
                return Ok(true);
            }
            if !part.is_known() {
                unknown.push(ValuePath(path.to_vec()));
            }
            let is_part_of_kept = sensitive.last().is_some_and(|leaf| path.starts_with(&leaf.path.0));
            if marks.is_sensitive() && !is_part_of_kept {
                let is_kept = kept
                    .is_some_and(|digested| !path.first().is_some_and(|step| is_named(step, digested)))
                    && part.is_wholly_known()
                    && !part.is_null();
                let path = ValuePath(path.to_vec());
                let digest =
                    if is_kept { None } else { digest(part, prior.and_then(|prior| prior.leaf(&path)))? };
                sensitive.push(SensitiveLeaf { path, digest, tag: None });
                return Ok(!is_kept);
            }
            Ok(!part.is_known())
        })?;
        Ok(Self { raw, sensitive, unknown })
    }

    /// Takes stored JSON as it is.
    #[must_use]
    pub(crate) fn stored(raw: Arc<RawValue>, sensitive: Vec<SensitiveLeaf>) -> Self {
        Self { raw, sensitive, unknown: Vec::new() }
    }

    /// Decodes the attributes as a value of the schema type `ty`. Sensitive leaves are marked sensitive, and null
    /// unless they are held in clear; planned unknowns are unknown.
    ///
    /// # Errors
    /// If the attributes do not have the type.
    pub fn value(&self, ty: &Type) -> Result<Value, AttributeError> {
        let mut value = json::decode(&self.raw, ty)?;
        for path in &self.unknown {
            value = change_at(value, &path.0, &|part| Value::unknown(part.ty()));
        }
        for leaf in &self.sensitive {
            value = change_at(value, &leaf.path.0, &|part| part.mark(Marks::SENSITIVE));
        }
        Ok(value)
    }

    /// The attributes as JSON text.
    #[must_use]
    pub fn raw(&self) -> &str {
        self.raw.get()
    }

    pub(crate) fn raw_value(&self) -> &Arc<RawValue> {
        &self.raw
    }

    /// Returns one top-level string attribute (such as `id`) without decoding the others into values.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        let fields: std::collections::BTreeMap<std::borrow::Cow<'_, str>, &RawValue> =
            serde_json::from_str(self.raw.get()).ok()?;
        serde_json::from_str(fields.get(name)?.get()).ok()
    }

    /// The sensitive leaves.
    #[must_use]
    pub fn sensitive(&self) -> &[SensitiveLeaf] {
        &self.sensitive
    }

    /// The leaves that were unknown when the object was planned.
    #[must_use]
    pub fn unknown(&self) -> &[ValuePath] {
        &self.unknown
    }

    fn leaf(&self, path: &ValuePath) -> Option<&SensitiveLeaf> {
        self.sensitive.iter().find(|leaf| leaf.path == *path)
    }

    /// Returns whether the sensitive leaf at a path had this value when it was stored. The first comparison
    /// of a leaf costs a slow digest, later ones do not. False if there is no such leaf, if it was never
    /// known, or if the value is unknown.
    #[must_use]
    pub fn sensitive_matches(&self, path: &ValuePath, value: &Value) -> bool {
        let Some(leaf) = self.leaf(path) else { return false };
        let (plain, _) = value.clone().unmark_deep();
        match (&leaf.digest, self.clear(path)) {
            (Some(digest), _) => json::canonical(&plain).is_ok_and(|text| digest.matches(&text)),
            (None, None) => plain.is_null(),
            (None, Some(clear)) => json::canonical(&plain).is_ok_and(|text| clear == text),
        }
    }

    /// Returns whether the sensitive leaf at a path is known in some form.
    #[must_use]
    pub fn knows(&self, path: &ValuePath) -> bool {
        self.leaf(path).is_some_and(|leaf| leaf.digest.is_some() || self.clear(path).is_some())
    }

    /// Returns whether no more than the digest of the sensitive leaf at a path is known.
    #[must_use]
    pub fn withholds(&self, path: &ValuePath) -> bool {
        self.leaf(path).is_some_and(|leaf| leaf.digest.is_some()) && self.clear(path).is_none()
    }

    /// Returns a sensitive leaf that is held in clear.
    fn clear(&self, path: &ValuePath) -> Option<Json> {
        let mut json = serde_json::from_str::<Json>(self.raw.get()).ok()?;
        let place = json::place(&mut json, path)?;
        (!place.is_null()).then(|| without_type(std::mem::take(place)))
    }

    /// Returns planned attributes as they stand in the state: what is not known yet is null.
    #[must_use]
    pub(crate) fn without_unknown(mut self) -> Self {
        self.unknown.clear();
        self
    }

    /// Returns the attributes with what `prior` has of secrets whose value is not at hand.
    #[must_use]
    pub(crate) fn or_secrets_of(mut self, prior: &Self) -> Self {
        if self.sensitive.iter().all(|leaf| leaf.digest.is_some()) {
            return self;
        }
        let Ok(mut json) = serde_json::from_str::<Json>(self.raw.get()) else { return self };
        let mut prior_json = serde_json::from_str::<Json>(prior.raw.get()).unwrap_or_default();
        let mut changed = false;
        for leaf in self.sensitive.iter_mut().filter(|leaf| leaf.digest.is_none()) {
            let Some(known) = prior.leaf(&leaf.path) else { continue };
            let Some(place) = json::place(&mut json, &leaf.path).filter(|place| place.is_null()) else {
                continue;
            };
            leaf.digest.clone_from(&known.digest);
            if leaf.digest.is_none()
                && let Some(clear) = json::place(&mut prior_json, &leaf.path).filter(|clear| !clear.is_null())
            {
                *place = std::mem::take(clear);
                changed = true;
            }
        }
        if changed && let Ok(raw) = json::raw(json.to_string()) {
            self.raw = raw;
        }
        self
    }

    /// Takes over the secrets of another version of the object wherever a digest says that they are the same.
    pub(crate) fn reveal_from(&mut self, known: &Self) {
        let Ok(mut json) = serde_json::from_str::<Json>(self.raw.get()) else { return };
        let Ok(mut known_json) = serde_json::from_str::<Json>(known.raw.get()) else { return };
        let mut changed = false;
        for leaf in &mut self.sensitive {
            let Some(digest) = &leaf.digest else { continue };
            let Some(clear) = json::place(&mut known_json, &leaf.path).filter(|clear| !clear.is_null())
            else {
                continue;
            };
            let Some(place) = json::place(&mut json, &leaf.path).filter(|place| place.is_null()) else {
                continue;
            };
            if digest.matches(&without_type(clear.clone()).to_string()) {
                *place = std::mem::take(clear);
                leaf.digest = None;
                changed = true;
            }
        }
        if changed && let Ok(raw) = json::raw(json.to_string()) {
            self.raw = raw;
        }
    }

    /// Returns the attributes without the digests of their sensitive leaves, for records of the past: tags tell which
    /// were the same.
    #[must_use]
    pub(crate) fn without_digests(mut self) -> Self {
        for leaf in &mut self.sensitive {
            if let Some(digest) = leaf.digest.take() {
                leaf.tag = Some(crc32fast::hash(digest.to_string().as_bytes()));
            }
        }
        self
    }

    /// Returns whether no sensitive leaf is held in clear.
    pub(crate) fn is_sealed(&self) -> bool {
        if self.sensitive.iter().all(|leaf| leaf.digest.is_some()) {
            return true;
        }
        let Ok(mut json) = serde_json::from_str::<Json>(self.raw.get()) else { return true };
        self.sensitive
            .iter()
            .all(|leaf| json::place(&mut json, &leaf.path).is_none_or(|place| place.is_null()))
    }

    /// Replaces secrets that are held in clear by their digests.
    pub(crate) fn seal(&mut self) -> Result<(), AttributeError> {
        if self.sensitive.iter().all(|leaf| leaf.digest.is_some()) {
            return Ok(());
        }
        let mut json: Json = serde_json::from_str(self.raw.get())
            .map_err(|error| AttributeError::new(&[], format!("it is not JSON: {error}")))?;
        let mut changed = false;
        for leaf in &mut self.sensitive {
            let Some(place) = json::place(&mut json, &leaf.path) else { continue };
            if place.is_null() {
                continue;
            }
            let clear = without_type(std::mem::take(place));
            leaf.digest = Some(Digest::of(&clear.to_string())?);
            changed = true;
        }
        if changed {
            self.raw = json::raw(json.to_string())?;
        }
        Ok(())
    }
}

/// Takes the value out of `{"value": …, "type": …}`.
fn without_type(json: Json) -> Json {
    match json {
        Json::Object(mut fields)
            if fields.len() == 2 && fields.contains_key("value") && fields.contains_key("type") =>
        {
            fields.remove("value").unwrap_or_default()
        }
        plain => plain,
    }
}

fn is_named(step: &Step, names: &[Arc<str>]) -> bool {
    matches!(step, Step::Attr(name) | Step::Key(name) if names.contains(name))
}

fn digest(part: &Value, prior: Option<&SensitiveLeaf>) -> Result<Option<Digest>, AttributeError> {
    let (plain, marks) = part.clone().unmark_deep();
    if plain.is_null() || !plain.is_wholly_known() || marks.is_ephemeral() {
        return Ok(None);
    }
    let text = json::canonical(&plain)?;
    let prior = prior.and_then(|leaf| leaf.digest.as_ref()).filter(|digest| digest.matches(&text));
    Ok(Some(prior.cloned().map_or_else(|| Digest::of(&text), Ok)?))
}

/// Changes the part at a path; nothing if the path leads nowhere.
fn change_at(value: Value, path: &[Step], change: &dyn Fn(Value) -> Value) -> Value {
    let Some((step, rest)) = path.split_first() else { return change(value) };
    let marks = value.marks();
    let data = match (value.data().clone(), step) {
        (Data::Object(fields), Step::Attr(name) | Step::Key(name)) => {
            let mut fields = (*fields).clone();
            if let Some(part) = fields.get_mut(name) {
                *part = change_at(part.clone(), rest, change);
            }
            Data::Object(Arc::new(fields))
        }
        (Data::Map(ty, fields), Step::Attr(name) | Step::Key(name)) => {
            let mut fields = (*fields).clone();
            if let Some(part) = fields.get_mut(name) {
                *part = change_at(part.clone(), rest, change);
            }
            Data::Map(ty, Arc::new(fields))
        }
        (Data::List(ty, parts), Step::Index(at)) => Data::List(ty, change_nth(&parts, *at, rest, change)),
        (Data::Tuple(parts), Step::Index(at)) => Data::Tuple(change_nth(&parts, *at, rest, change)),
        (data, _) => data,
    };
    Value::new(data, marks)
}

fn change_nth(parts: &[Value], at: u64, rest: &[Step], change: &dyn Fn(Value) -> Value) -> Arc<[Value]> {
    let changed = |(position, part): (usize, &Value)| {
        if position as u64 == at { change_at(part.clone(), rest, change) } else { part.clone() }
    };
    parts.iter().enumerate().map(changed).collect()
}

impl Default for Attributes {
    fn default() -> Self {
        Self { raw: Arc::from(RawValue::NULL.to_owned()), sensitive: Vec::new(), unknown: Vec::new() }
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        self.raw.get() == other.raw.get()
            && self.sensitive == other.sensitive
            && self.unknown == other.unknown
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is encrypted where it is kept must not be seen in a log.
        f.write_str(if self.is_sealed() { self.raw.get() } else { "(attributes with secrets)" })
    }
}
