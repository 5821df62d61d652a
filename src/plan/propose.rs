//! What an object should be: its arguments merged with what is known of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::Step;
use crate::addr::ValuePath;
use crate::config::IgnoreChanges;
use crate::schema::Attribute;
use crate::schema::Change as OnChange;
use crate::schema::Mode;
use crate::schema::Readback;
use crate::schema::ResourceSchema;
use crate::schema::scope;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;

use super::shape::differences;
use super::shape::fill_secrets;
use super::shape::mark_sensitive;
use super::shape::with_attributes;

/// What is known of an object before the plan.
pub(super) struct Prior<'p> {
    /// The object as it was found (or as stored, if it was not refreshed). Secrets that are not stored are null.
    pub value: Value,
    /// Tells whether a secret that is not stored equals a value.
    pub same_secret: &'p dyn Fn(&ValuePath, &Value) -> bool,
    /// The object as the state has it: what was secret when it was written.
    pub stored: &'p Value,
    /// Whether the object is taken over as it was found: what the service never returns may have any value.
    pub is_imported: bool,
    /// Whether what the service never returns is sent again: it has then no value before.
    pub asserted: &'p dyn Fn(&Name) -> bool,
}

/// What an object should be, compared with what it is.
#[derive(Debug)]
pub(super) struct Proposal {
    /// The object as it should be, with unknown parts, sensitive parts marked.
    pub planned: Value,
    /// Where it differs from what it is; empty for a new object.
    pub changed: Vec<ValuePath>,
    /// The attributes that cannot be changed in place, among those that changed.
    pub replaces: Vec<ValuePath>,
    /// Attributes that the service never returns and that are not known to be as configured.
    pub unverified: Vec<ValuePath>,
    /// Attributes that `ignore_changes` leaves as they are, with what is configured.
    pub ignored: Vec<(Name, Value)>,
    /// Attributes among those that changed whose value is the same: only what is secret of it differs.
    resealed: Vec<ValuePath>,
}

impl Proposal {
    /// Returns what is known of the object together with what is only assumed: unverified attributes are as
    /// configured.
    pub(super) fn assumed(&self, known: &Value) -> Value {
        let roots = self.unverified.iter().filter_map(|path| match path.0.first() {
            Some(Step::Attr(name)) => Some((Arc::clone(name), self.planned.get(name)?.clone())),
            _ => None,
        });
        with_attributes(known, roots)
    }
}

/// Returns a new object: arguments, defaults, and unknown for what the provider decides.
#[must_use]
pub fn create(schema: &ResourceSchema, arguments: &BTreeMap<Name, Value>, provider: &Value) -> Value {
    let fields = schema.attributes.iter().map(|attribute| {
        let value = match given(attribute, arguments) {
            Some(value) => scope::with_open_leaves(attribute, &value, &Value::null()),
            None if attribute.mode.is_computed() && !attribute.readback.is_never() => {
                let unknown = Value::unknown(attribute.ty.clone());
                // Whatever it will be, an object has an id.
                if &*attribute.name == "id" { unknown.refine_not_null() } else { unknown }
            }
            None => Value::null_of(attribute.ty.clone()),
        };
        (Arc::clone(&attribute.name), mark_sensitive(value, attribute))
    });
    with_identity(schema, scope::derive(schema, &Value::object(fields), provider))
}

/// Returns an existing object as its arguments would have it, where nothing is ignored, imported or asserted.
#[must_use]
pub fn change(
    schema: &ResourceSchema,
    arguments: &BTreeMap<Name, Value>,
    prior: &Value,
    provider: &Value,
) -> Value {
    let known = Prior {
        value: prior.clone(),
        same_secret: &|_, _| false,
        stored: prior,
        is_imported: false,
        asserted: &|_| false,
    };
    let proposal = update(schema, arguments, &known, &IgnoreChanges::None, provider);
    recompute(&proposal.planned, schema, &proposal.changed)
}

/// Compares an existing object with its arguments.
pub(super) fn update(
    schema: &ResourceSchema,
    arguments: &BTreeMap<Name, Value>,
    prior: &Prior<'_>,
    ignore: &IgnoreChanges,
    provider: &Value,
) -> Proposal {
    let mut proposal = Proposal {
        planned: Value::null(),
        changed: Vec::new(),
        replaces: Vec::new(),
        unverified: Vec::new(),
        ignored: Vec::new(),
        resealed: Vec::new(),
    };
    let mut fields: BTreeMap<Name, Value> = BTreeMap::new();
    let ignore = &with_stand_ins(schema, ignore);
    for attribute in schema.attributes.iter().filter(|attribute| attribute.derived.is_none()) {
        let null = || Value::null_of(attribute.ty.clone());
        let before =
            mark_sensitive(prior.value.get(&attribute.name).cloned().unwrap_or_else(null), attribute);
        let wanted = given(attribute, arguments);
        let wanted = wanted.map(|value| {
            let kept = ignored(value.clone(), &before, attribute, ignore);
            let normal = |value: &Value| scope::normalised(attribute, value);
            if !kept.same_as(&value) && !normal(&kept).same_as(&normal(&value)) {
                proposal.ignored.push((Arc::clone(&attribute.name), mark_sensitive(value, attribute)));
            }
            kept
        });
        let wanted = wanted.map(|value| scope::with_open_leaves(attribute, &value, &before));
        let after = match wanted {
            Some(value) => mark_sensitive(value, attribute),
            None if attribute.mode.is_computed() => before.clone(),
            None if all_ignored(&attribute.name, ignore) => before.clone(),
            None => mark_sensitive(null(), attribute),
        };
        let kept = compare(attribute, &before, after, prior, &mut proposal);
        fields.insert(Arc::clone(&attribute.name), kept);
    }
    let whole = scope::derive(schema, &Value::object(fields.clone()), provider);
    for attribute in schema.attributes.iter().filter(|attribute| attribute.derived.is_some()) {
        let null = || Value::null_of(attribute.ty.clone());
        let before =
            mark_sensitive(prior.value.get(&attribute.name).cloned().unwrap_or_else(null), attribute);
        let after = whole.get(&attribute.name).cloned().unwrap_or_else(null);
        // What the provider configuration adds to it may be unknown; then it counts as it is.
        let after = if provider.is_known() { after } else { before.clone() };
        let after = mark_sensitive(ignored(after, &before, attribute, ignore), attribute);
        let kept = compare(attribute, &before, after, prior, &mut proposal);
        fields.insert(Arc::clone(&attribute.name), kept);
    }
    reveal_followers(schema, prior, &proposal.changed, &mut fields);
    proposal.planned = with_identity(schema, Value::object(fields));
    for attribute in &schema.attributes {
        let root = ValuePath::attr(Arc::clone(&attribute.name));
        let mine = |path: &&ValuePath| path.starts_with(&root);
        if !proposal.changed.iter().any(|path| mine(&path)) {
            continue;
        }
        let whole = attribute.change == OnChange::Replace
            || replaced_by_rule(schema, attribute, &proposal.planned, &prior.value);
        let paths: Vec<ValuePath> = proposal
            .changed
            .iter()
            .filter(mine)
            .filter(|path| whole || nested_replaces(attribute, path))
            .filter(|path| !proposal.resealed.contains(path))
            .cloned()
            .collect();
        proposal.replaces.extend(paths);
    }
    proposal
}

/// Whether `replace_when` holds. A rule that cannot be evaluated counts as holding: replacing is shown, while an
/// update that should have been a replacement is not.
fn replaced_by_rule(schema: &ResourceSchema, attribute: &Attribute, planned: &Value, prior: &Value) -> bool {
    !matches!(scope::replace_when(schema, attribute, planned, prior), Ok(Some(false)))
}

/// Returns what the configuration wants for an attribute: the argument or the default.
fn given(attribute: &Attribute, arguments: &BTreeMap<Name, Value>) -> Option<Value> {
    if attribute.write_only {
        // Never part of an object; its argument is evaluated again when it is sent.
        return None;
    }
    match arguments.get(&attribute.name) {
        Some(value) if !value.is_null() => Some(value.clone()),
        _ if attribute.mode.is_computed() => None,
        _ => attribute.default.clone(),
    }
}

/// Compares one attribute and returns its planned value: the prior one where nothing changed, so that
/// spelling differences that mean the same do not appear.
fn compare(
    attribute: &Attribute,
    before: &Value,
    after: Value,
    prior: &Prior<'_>,
    proposal: &mut Proposal,
) -> Value {
    let path = ValuePath::attr(Arc::clone(&attribute.name));
    let undecided = attribute.change == OnChange::None && attribute.mode == Mode::Computed;
    if attribute.volatile || attribute.through.is_some() || undecided {
        return after;
    }
    let unreadable = attribute.readback.is_never()
        || prior.is_imported && matches!(attribute.readback, Readback::Masked(_));
    let is_open = prior.is_imported || attribute.mode.is_computed();
    if is_open && !(prior.asserted)(&attribute.name) && unreadable && before.is_null() && !after.is_null() {
        // The service has it from elsewhere or decided it: nothing is known, so nothing can be said to differ.
        proposal.unverified.push(path);
        return after;
    }
    let unread = prior.is_imported && !(prior.asserted)(&attribute.name);
    let stored_order = before;
    let before = &scope::in_order_of(attribute, before, &after);
    let before = &scope::assumed(attribute, before, &after, unread);
    let same_secret = |path: &ValuePath, value: &Value| {
        let mut steps = path.0.clone();
        // Digests are kept under the places of the state.
        if let Some(Step::Index(place)) = steps.get_mut(1) {
            let now = usize::try_from(*place).unwrap_or(usize::MAX);
            *place = scope::former_place(attribute, stored_order, &after, now) as u64;
        }
        (prior.same_secret)(&ValuePath(steps), value)
    };
    let mut found = Vec::new();
    let secret = before.marks_deep().is_sensitive() || after.marks_deep().is_sensitive();
    // Secrets are compared as they are, by their digest.
    let normal = |value: &Value| if secret { value.clone() } else { scope::normalised(attribute, value) };
    differences(&normal(before), &normal(&after), &path, &same_secret, &mut found);
    let stored = prior.stored.get(&attribute.name);
    if found.is_empty()
        && !attribute.sensitive
        && attribute.nested.is_none()
        && stored.is_some_and(|stored| !same_secrecy(stored, &after))
    {
        // What is secret is kept in another way, so it must be written anew.
        proposal.resealed.push(path.clone());
        proposal.changed.push(path);
        return after;
    }
    if found.is_empty() {
        // References to a secret use the configuration's value; it is not in the state.
        let unknown_before = before.is_null() && !after.is_null();
        return if unknown_before { after } else { fill_secrets(before, &after) };
    }
    if attribute.nested.is_none() && !matches!(before.data(), Data::Map(..) | Data::Object(_)) {
        found = vec![path];
    }
    proposal.changed.extend(found);
    after
}

/// Fills in secrets of computed attributes that the state keeps only as digests: where the digest is that of an attribute
/// which they follow and which does not change, its value is theirs.
fn reveal_followers(
    schema: &ResourceSchema,
    prior: &Prior<'_>,
    changed: &[ValuePath],
    fields: &mut BTreeMap<Name, Value>,
) {
    let following =
        |attribute: &&Attribute| attribute.mode == Mode::Computed && !attribute.follows.is_empty();
    for attribute in schema.attributes.iter().filter(following) {
        let Some(kept) = fields.get(&attribute.name).filter(|value| value.marks_deep().is_sensitive()) else {
            continue;
        };
        let path = ValuePath::attr(Arc::clone(&attribute.name));
        let unchanged = |name: &&Name| {
            let root = ValuePath::attr(Arc::clone(name));
            !changed.iter().any(|path| path.starts_with(&root))
        };
        let followed = attribute.follows.iter().filter(unchanged).filter_map(|name| fields.get(name));
        let mut same = followed.filter(|value| {
            let mut found = Vec::new();
            differences(kept, value, &path, prior.same_secret, &mut found);
            found.is_empty()
        });
        if let Some(value) = same.next() {
            let filled = fill_secrets(kept, value);
            fields.insert(Arc::clone(&attribute.name), filled);
        }
    }
}

/// Whether the same parts of two values are secret.
fn same_secrecy(a: &Value, b: &Value) -> bool {
    if a.marks().is_sensitive() || b.marks().is_sensitive() {
        return a.marks_deep().is_sensitive() == b.marks_deep().is_sensitive();
    }
    if let (Some(a), Some(b)) = (a.fields(), b.fields()) {
        return a.iter().all(|(name, part)| b.get(name).is_none_or(|other| same_secrecy(part, other)));
    }
    match (a.elements(), b.elements()) {
        (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| same_secrecy(a, b)),
        _ => true,
    }
}

fn nested_replaces(attribute: &Attribute, path: &ValuePath) -> bool {
    let Some(nested) = &attribute.nested else { return false };
    let leaf = path.0.iter().skip(1).find_map(|step| match step {
        Step::Attr(name) => nested.attribute(name),
        Step::Key(_) | Step::Index(_) => None,
    });
    leaf.is_some_and(|leaf| leaf.change == OnChange::Replace)
}

/// What is ignored of an attribute is ignored of the one that stands for it.
fn with_stand_ins(schema: &ResourceSchema, ignore: &IgnoreChanges) -> IgnoreChanges {
    let IgnoreChanges::Paths(paths) = ignore else { return ignore.clone() };
    let mut paths = paths.clone();
    for attribute in &schema.attributes {
        let Some(through) = &attribute.through else { continue };
        let root = ValuePath::attr(Arc::clone(&attribute.name));
        let own = paths.iter().filter(|path| path.value.starts_with(&root)).cloned();
        let moved = own.map(|mut path| {
            path.value = path
                .value
                .0
                .iter()
                .skip(1)
                .cloned()
                .fold(ValuePath::attr(Arc::clone(through)), |path, step| path.join(step));
            path
        });
        let moved: Vec<_> = moved.collect();
        paths.extend(moved);
    }
    IgnoreChanges::Paths(paths)
}

fn all_ignored(name: &Name, ignore: &IgnoreChanges) -> bool {
    match ignore {
        IgnoreChanges::None => false,
        IgnoreChanges::All(_) => true,
        IgnoreChanges::Paths(paths) => {
            let root = ValuePath::attr(Arc::clone(name));
            paths.iter().any(|path| path.value == root)
        }
    }
}

/// Puts the prior value in the place of what `ignore_changes` names.
fn ignored(value: Value, before: &Value, attribute: &Attribute, ignore: &IgnoreChanges) -> Value {
    if all_ignored(&attribute.name, ignore) {
        return before.clone();
    }
    let IgnoreChanges::Paths(paths) = ignore else { return value };
    let root = ValuePath::attr(Arc::clone(&attribute.name));
    let mut value = value;
    for path in paths.iter().filter(|path| path.value.starts_with(&root)) {
        value = transplant(value, before, path.value.0.get(1..).unwrap_or_default());
    }
    value
}

/// Copies the part at `path` from `from` into `value`; a part that is missing in `from` is removed.
fn transplant(value: Value, from: &Value, path: &[Step]) -> Value {
    let Some((step, rest)) = path.split_first() else { return from.clone() };
    let marks = value.marks();
    let (Step::Attr(name) | Step::Key(name)) = step else {
        let Step::Index(index) = step else { return value };
        let (Some(parts), Ok(index)) = (value.elements(), usize::try_from(*index)) else { return value };
        let (Some(part), Some(old)) = (parts.get(index), from.elements().and_then(|parts| parts.get(index)))
        else {
            return value;
        };
        let part = transplant(part.clone(), old, rest);
        let mut at = 0;
        return value.map_parts(&mut |old| {
            at += 1;
            if at == index + 1 { part.clone() } else { old }
        });
    };
    let Some(fields) = value.fields() else { return value };
    let mut fields = fields.clone();
    match (fields.get(name), from.get(name)) {
        (Some(part), Some(old)) => {
            let part = transplant(part.clone(), old, rest);
            fields.insert(Arc::clone(name), part);
        }
        (None, Some(old)) if rest.is_empty() => {
            fields.insert(Arc::clone(name), old.clone());
        }
        (Some(_), None) if rest.is_empty() => {
            fields.remove(name);
        }
        _ => {}
    }
    match value.data() {
        Data::Map(element, _) => Value::map(element.clone(), fields).mark(marks),
        _ => Value::of_fields(fields).mark(marks),
    }
}

/// Derives the id where it follows from attributes that are known.
fn with_identity(schema: &ResourceSchema, object: Value) -> Value {
    if schema.has_server_id() || schema.attribute("id").is_none() {
        return object;
    }
    match scope::identity(schema, &object) {
        Some(id) => with_attributes(&object, [(Arc::from("id"), Value::string(id))]),
        None => object,
    }
}

/// Makes the computed attributes unknown that follow from attributes that changed.
pub(super) fn recompute(planned: &Value, schema: &ResourceSchema, changed: &[ValuePath]) -> Value {
    let has_changed = |name: &Name| {
        let root = ValuePath::attr(Arc::clone(name));
        changed.iter().any(|path| path.starts_with(&root))
    };
    let unknown = schema
        .attributes
        .iter()
        // What the configuration decides stays decided.
        .filter(|attribute| attribute.mode.is_computed() && !has_changed(&attribute.name))
        .filter(|attribute| attribute.follows.iter().any(has_changed))
        .map(|attribute| {
            (Arc::clone(&attribute.name), mark_sensitive(Value::unknown(attribute.ty.clone()), attribute))
        });
    with_attributes(planned, unknown)
}

/// Returns the object with its write-only attributes as the configuration has them: what calls and checks see.
#[must_use]
pub fn with_written(planned: &Value, schema: &ResourceSchema, arguments: &BTreeMap<Name, Value>) -> Value {
    let written = schema.attributes.iter().filter(|attribute| attribute.write_only).filter_map(|attribute| {
        let value = arguments.get(&attribute.name)?;
        Some((Arc::clone(&attribute.name), mark_sensitive(value.clone(), attribute)))
    });
    with_attributes(planned, written)
}

/// Converts an argument to the type of its attribute.
pub fn convert_argument(value: &Value, attribute: &Attribute) -> Result<Value, crate::value::ConvertError> {
    if value.is_null() {
        return Ok(Value::null_of(attribute.ty.clone()).mark(value.marks()));
    }
    if attribute.ty == Type::Any {
        return Ok(value.clone());
    }
    crate::value::convert(value, &attribute.ty)
}

/// Returns the object without what the service never returns and the arguments set, as far as it can be changed and
/// is asked for: it is then sent again.
pub(super) fn without_unreadable(
    object: &Value,
    schema: &ResourceSchema,
    arguments: &BTreeMap<Name, Value>,
    asserted: &dyn Fn(&Name) -> bool,
) -> Value {
    let unreadable = schema
        .attributes
        .iter()
        .filter(|attribute| attribute.readback.is_never() && attribute.change == OnChange::Update)
        .filter(|attribute| arguments.get(&attribute.name).is_some_and(|value| !value.is_null()))
        .filter(|attribute| asserted(&attribute.name))
        .map(|attribute| {
            (Arc::clone(&attribute.name), mark_sensitive(Value::null_of(attribute.ty.clone()), attribute))
        });
    with_attributes(object, unreadable)
}

/// Returns the arguments of a data source as its schema's calls see them: null for what the provider decides.
#[must_use]
pub fn for_reading(schema: &ResourceSchema, arguments: &BTreeMap<Name, Value>) -> Value {
    Value::object(schema.attributes.iter().map(|attribute| {
        let value = given(attribute, arguments).unwrap_or_else(|| Value::null_of(attribute.ty.clone()));
        (Arc::clone(&attribute.name), value)
    }))
}
