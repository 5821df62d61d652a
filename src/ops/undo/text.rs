//! The past as a configuration: blocks that describe objects as they were.
//!
//! Objects of one resource make one block with `for_each` or `count`, whose values stand in a table: in a local of the root
//! module, and in a variable of the others. An id that the service gives anew is looked up, wherever it is used.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::ProviderAddr;
use crate::addr::Step;
use crate::plan::object_type;
use crate::render::value::quoted;
use crate::schema::Attribute;
use crate::schema::Mode;
use crate::value::Type;
use crate::value::Value;

use super::find::Undoable;
use super::find::Wanted;
use super::ids::Handed;
use super::literal::literal;

/// A configuration, and what it leaves out.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Names of files and their texts.
    pub texts: Vec<(String, String)>,
    /// The objects that are described.
    pub described: BTreeSet<InstanceAddr>,
    /// Objects whose secrets are not known: they must not be made again with what stands in their place.
    pub without_secrets: BTreeSet<InstanceAddr>,
    /// What does not return, and why.
    pub lost: Vec<String>,
}

/// One object, ready to be written.
struct Entry {
    addr: InstanceAddr,
    provider: ProviderAddr,
    /// Its arguments as expressions.
    arguments: BTreeMap<Arc<str>, String>,
    /// Attributes that stay as they are.
    ignored: BTreeSet<Arc<str>>,
    /// Arguments whose text is the id of an object that is made again: its old id, and the object.
    renewed: BTreeMap<Arc<str>, (String, InstanceAddr)>,
    prevent_destroy: bool,
    create_before_destroy: bool,
}

/// Describes objects as they were. Files of other modules lie in directories below `undo`.
pub(super) fn write(of: &Undoable) -> Written {
    let mut written = Written::default();
    // Objects that are made again, by the ids they had.
    let again: BTreeMap<String, InstanceAddr> = of
        .wanted
        .iter()
        .filter(|wanted| wanted.now.is_none())
        .filter_map(|wanted| Some((wanted.before.attributes.text("id")?, wanted.addr.clone())))
        .collect();
    let mut entries: Vec<Entry> = Vec::new();
    for wanted in &of.wanted {
        match entry(wanted, (&again, &of.renewed), &mut written) {
            Ok(entry) => entries.push(entry),
            Err(why) => written.lost.push(format!("{}: {why}", wanted.addr)),
        }
    }
    drop_without_parents(&mut entries, &mut written);
    written.described = entries.iter().map(|entry| entry.addr.clone()).collect();
    let mut tree = Tree::default();
    for entry in entries {
        tree.add(entry);
    }
    let mut handed = Handed::default();
    tree.hand_on(&mut handed);
    tree.write(&handed, &ModulePath::root(), "undo.qf.hcl".to_owned(), &mut written.texts);
    let mut forget = String::new();
    for addr in &of.imported {
        forget.push_str(&format!(
            "removed {{\n  from = {addr}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n\n"
        ));
    }
    if let Some((_, text)) = written.texts.iter_mut().find(|(name, _)| name == "undo.qf.hcl") {
        text.push_str(&forget);
    }
    written
}

/// An object whose parent cannot be made again cannot be either.
fn drop_without_parents(entries: &mut Vec<Entry>, written: &mut Written) {
    loop {
        let there: BTreeSet<InstanceAddr> = entries.iter().map(|entry| entry.addr.clone()).collect();
        let orphan = |entry: &Entry| {
            entry.renewed.values().map(|(_, parent)| parent).find(|parent| !there.contains(parent)).cloned()
        };
        let before = entries.len();
        entries.retain(|entry| match orphan(entry) {
            Some(parent) => {
                written
                    .lost
                    .push(format!("{}: `{parent}`, which it belongs to, is not made again", entry.addr));
                false
            }
            None => true,
        });
        if entries.len() == before {
            return;
        }
    }
}

/// The arguments of an object as it was, or why it cannot be described. Ids of other objects may be new: those that are
/// made again get one, and those that were made again since have one.
fn entry(
    wanted: &Wanted,
    (again, renewed): (&BTreeMap<String, InstanceAddr>, &BTreeMap<String, String>),
    written: &mut Written,
) -> Result<Entry, String> {
    let Wanted { addr, schema, like, before, now } = wanted;
    let ty = object_type(schema);
    let value = before.value(&ty).map_err(|error| format!("its attributes cannot be read: {error}"))?;
    let current = now.as_ref().and_then(|object| object.value(&ty).ok());
    let secret: BTreeSet<&str> = before
        .attributes
        .sensitive()
        .iter()
        .filter_map(|leaf| match leaf.path.0.first() {
            Some(Step::Attr(name) | Step::Key(name)) => Some(&**name),
            _ => None,
        })
        .collect();
    let mut entry = Entry {
        addr: addr.clone(),
        provider: like.provider.clone(),
        arguments: BTreeMap::new(),
        ignored: BTreeSet::new(),
        renewed: BTreeMap::new(),
        prevent_destroy: before.prevent_destroy,
        create_before_destroy: before.create_before_destroy,
    };
    let is_again = current.is_none();
    let mut kept = Vec::new();
    for attribute in schema.attributes.iter().filter(|attribute| attribute.mode.is_settable()) {
        let name = &attribute.name;
        let part = value.get(name).cloned().unwrap_or_else(Value::null);
        let is_secret = attribute.write_only || attribute.sensitive || secret.contains(&**name);
        if !is_secret {
            if part.is_null() {
                continue;
            }
            // What the provider decided stays, unless the run changed it.
            let is_same =
                current.as_ref().and_then(|current| current.get(name)).is_some_and(|now| now.same_as(&part));
            // Of an object that is made again, so does what it says when nobody decides it.
            if attribute.mode == Mode::OptionalComputed && (is_same || is_again && is_nothing(&part)) {
                continue;
            }
            if let Some(id) = part.as_str() {
                if let Some(parent) = again.get(&**id).filter(|parent| *parent != addr) {
                    check_reach(addr, parent)?;
                    entry.renewed.insert(Arc::clone(name), (id.to_string(), parent.clone()));
                } else if let Some(new) = renewed.get(&**id) {
                    entry.arguments.insert(Arc::clone(name), quoted(new));
                    continue;
                }
            }
            let text = literal(&part).ok_or_else(|| format!("`{name}` cannot be written down"))?;
            entry.arguments.insert(Arc::clone(name), text);
            continue;
        }
        if is_again {
            if attribute.mode == Mode::Required {
                return Err(format!(
                    "it cannot be made again: its `{name}` is not kept anywhere; put its block back and apply"
                ));
            }
            if attribute.write_only || !part.is_null() || secret.contains(&**name) {
                kept.push(format!("`{name}` is not set"));
            }
            continue;
        }
        entry.ignored.insert(Arc::clone(name));
        entry.ignored.extend(attribute.version.clone());
        if attribute.mode == Mode::Required {
            written.without_secrets.insert(addr.clone());
            entry.arguments.insert(Arc::clone(name), stand_in(attribute)?);
        }
        // Unless its version says that the run did not set it.
        let version = |of: Option<&Value>| of?.get(attribute.version.as_ref()?).cloned();
        let is_untouched = version(Some(&value))
            .zip(version(current.as_ref()))
            .is_some_and(|(before, now)| before.same_as(&now));
        if !is_untouched && (attribute.write_only || secret.contains(&**name)) {
            kept.push(format!("`{name}` stays as it is now, the one before is not kept"));
        }
    }
    if is_again {
        let mut text = "made again".to_owned();
        if !schema.guards.is_empty() {
            text.push_str(", without what it held");
        }
        if schema.has_server_id() {
            text.push_str(", under a new id");
        }
        kept.insert(0, text);
    }
    if !kept.is_empty() {
        written.lost.push(format!("{addr}: {}", kept.join(", ")));
    }
    Ok(entry)
}

/// Whether a value is what services say where nothing was set.
fn is_nothing(value: &Value) -> bool {
    let is_empty = value.elements().is_some_and(<[Value]>::is_empty)
        || value.fields().is_some_and(|fields| fields.iter().next().is_none());
    is_empty || matches!(literal(value).as_deref(), Some("false" | "0" | "\"\""))
}

/// What stands for a secret that is not sent.
fn stand_in(attribute: &Attribute) -> Result<String, String> {
    match attribute.ty {
        // It is never sent; rules for passwords hold for it nevertheless.
        Type::String => Ok(quoted("Not-known-0")),
        _ => Err(format!("its `{}` is not kept anywhere", attribute.name)),
    }
}

/// Blocks cannot refer to themselves.
fn check_reach(addr: &InstanceAddr, parent: &InstanceAddr) -> Result<(), String> {
    if addr.resource.declared() == parent.resource.declared() {
        return Err(format!("`{parent}`, which it belongs to, is of the same block"));
    }
    Ok(())
}

/// The resources of a module in all its instances, and the modules below it.
#[derive(Default)]
struct Tree {
    resources: BTreeMap<(Arc<str>, Arc<str>), Block>,
    modules: BTreeMap<Arc<str>, Self>,
}

/// The objects of one resource.
#[derive(Default)]
struct Block {
    entries: Vec<Entry>,
    /// By attribute: ids that are not valid any more, and the expressions of those in their place.
    references: BTreeMap<Arc<str>, BTreeMap<String, String>>,
}

impl Tree {
    fn add(&mut self, entry: Entry) {
        let mut place = self;
        for (name, _) in &entry.addr.resource.module.0 {
            place = place.modules.entry(Arc::clone(name)).or_default();
        }
        let resource = &entry.addr.resource;
        let id = (Arc::clone(&resource.kind), Arc::clone(&resource.name));
        place.resources.entry(id).or_default().entries.push(entry);
    }

    /// Finds the ways of new ids to the blocks that refer to them.
    fn hand_on(&mut self, handed: &mut Handed) {
        for Block { entries, references } in self.resources.values_mut() {
            let mut needed: BTreeMap<(&Arc<str>, &String), (&InstanceAddr, Vec<&InstanceAddr>)> =
                BTreeMap::new();
            for entry in entries.iter() {
                for (attribute, (old, parent)) in &entry.renewed {
                    let children = needed.entry((attribute, old)).or_insert_with(|| (parent, Vec::new()));
                    children.1.push(&entry.addr);
                }
            }
            for ((attribute, old), (parent, children)) in needed {
                let expression = handed.reference(old, parent, &children);
                references.entry(Arc::clone(attribute)).or_default().insert(old.clone(), expression);
            }
        }
        self.modules.values_mut().for_each(|module| module.hand_on(handed));
    }

    /// All objects in it.
    fn entries(&self) -> Vec<&Entry> {
        let own = self.resources.values().flat_map(|block| &block.entries);
        own.chain(self.modules.values().flat_map(Self::entries)).collect()
    }

    /// Writes the file of a module and those of the modules below it.
    fn write(&self, handed: &Handed, path: &ModulePath, file: String, texts: &mut Vec<(String, String)>) {
        let depth = path.0.len();
        let is_root = depth == 0;
        let mut text = String::new();
        if !is_root {
            text.push_str("variable \"undo\" {}\n\n");
        }
        text.push_str(&handed.declarations(path));
        for ((kind, name), block) in &self.resources {
            let entries = &block.entries;
            let label = format!("{kind}.{name}");
            let table = if is_root {
                let local = format!("undo_{kind}_{name}");
                text.push_str(&format!("locals {{\n  {local} = {}\n}}\n\n", of_resource(entries)));
                format!("local.{local}")
            } else {
                format!("var.undo[{}]", quoted(&label))
            };
            text.push_str(&resource(kind, name, block, &table));
        }
        for (name, module) in &self.modules {
            let entries = module.entries();
            let label = format!("module.{name}");
            let table = if is_root {
                let local = format!("undo_module_{name}");
                text.push_str(&format!(
                    "locals {{\n  {local} = {}\n}}\n\n",
                    of_module(module, &entries, depth, name)
                ));
                format!("local.{local}")
            } else {
                format!("var.undo[{}]", quoted(&label))
            };
            let key = entries.iter().find_map(|entry| entry.addr.resource.module.0.get(depth)?.1.clone());
            let (repetition, given) = match key {
                None => (String::new(), table),
                Some(InstanceKey::Str(_)) => (format!("  for_each = {table}\n"), "each.value".to_owned()),
                Some(InstanceKey::Int(_)) => {
                    (format!("  count = length({table})\n"), format!("{table}[count.index]"))
                }
            };
            let directory = format!("undo_{name}");
            let below = path.child(name);
            text.push_str(&format!(
                "module {} {{\n  source = {}\n{repetition}  undo = {given}\n{}{}}}\n\n",
                quoted(name),
                quoted(&format!("./{directory}")),
                handed.arguments(&below),
                providers(&entries)
            ));
            let around = file.rsplit_once('/').map_or(String::new(), |(around, _)| format!("{around}/"));
            module.write(handed, &below, format!("{around}{directory}/undo.qf.hcl"), texts);
        }
        texts.push((file, text));
    }
}

/// The configurations with aliases that a module is given.
fn providers(entries: &[&Entry]) -> String {
    let used: BTreeSet<&ProviderAddr> =
        entries.iter().map(|entry| &entry.provider).filter(|provider| provider.alias.is_some()).collect();
    if used.is_empty() {
        return String::new();
    }
    let all: Vec<String> = used.into_iter().map(|addr| format!("{addr} = {addr}")).collect();
    format!("  providers = {{ {} }}\n", all.join(", "))
}

/// The values of an object, as they stand in a table.
fn of_object(entry: &Entry, names: &BTreeSet<&Arc<str>>) -> String {
    let parts: Vec<String> = names
        .iter()
        .map(|name| {
            let text = entry.arguments.get(*name).map_or("null", String::as_str);
            format!("{} = {text}", quoted(name))
        })
        .collect();
    format!("{{ {} }}", parts.join(", "))
}

fn names(entries: &[Entry]) -> BTreeSet<&Arc<str>> {
    entries.iter().flat_map(|entry| entry.arguments.keys()).collect()
}

/// What stands at a key: things by names, by numbers, or one thing.
fn table(parts: &[(Option<InstanceKey>, String)]) -> String {
    let last = parts.iter().filter_map(|(key, _)| match key {
        Some(InstanceKey::Int(index)) => Some(*index),
        _ => None,
    });
    if let Some(last) = last.max() {
        let by_index: BTreeMap<_, &String> = parts
            .iter()
            .filter_map(|(key, text)| match key {
                Some(InstanceKey::Int(index)) => Some((*index, text)),
                _ => None,
            })
            .collect();
        let all: Vec<&str> =
            (0..=last).map(|index| by_index.get(&index).map_or("null", |text| text.as_str())).collect();
        return format!("[{}]", all.join(", "));
    }
    let keyed: Vec<String> = parts
        .iter()
        .filter_map(|(key, text)| match key {
            Some(InstanceKey::Str(key)) => Some(format!("    {} = {text}\n", quoted(key))),
            _ => None,
        })
        .collect();
    match parts.first() {
        Some((None, text)) => text.clone(),
        _ => format!("{{\n{}  }}", keyed.concat()),
    }
}

fn of_resource(entries: &[Entry]) -> String {
    let names = names(entries);
    let parts: Vec<_> =
        entries.iter().map(|entry| (entry.addr.key.clone(), of_object(entry, &names))).collect();
    table(&parts)
}

/// The tables of a module, for each of its instances.
fn of_module(tree: &Tree, entries: &[&Entry], depth: usize, name: &Arc<str>) -> String {
    let mut instances: BTreeMap<ModuleInstance, Option<InstanceKey>> = BTreeMap::new();
    for entry in entries {
        let path: Vec<_> = entry.addr.resource.module.0.iter().take(depth + 1).cloned().collect();
        if let Some((found, key)) = path.last().cloned()
            && found == *name
        {
            instances.insert(ModuleInstance(path), key);
        }
    }
    let parts: Vec<_> =
        instances.into_iter().map(|(instance, key)| (key, of_instance(tree, &instance))).collect();
    table(&parts)
}

fn of_instance(tree: &Tree, instance: &ModuleInstance) -> String {
    let mut parts = Vec::new();
    for ((kind, name), Block { entries, .. }) in &tree.resources {
        let names = names(entries);
        let own: Vec<(Option<InstanceKey>, String)> = entries
            .iter()
            .filter(|entry| entry.addr.resource.module == *instance)
            .map(|entry| (entry.addr.key.clone(), of_object(entry, &names)))
            .collect();
        let is_keyless = entries.iter().any(|entry| entry.addr.key.is_none());
        let text = if own.is_empty() && is_keyless {
            let nothing: Vec<String> = names.iter().map(|name| format!("{} = null", quoted(name))).collect();
            format!("{{ {} }}", nothing.join(", "))
        } else {
            table(&own)
        };
        parts.push(format!("{} = {text}", quoted(&format!("{kind}.{name}"))));
    }
    for (name, module) in &tree.modules {
        let entries: Vec<&Entry> = module
            .entries()
            .into_iter()
            .filter(|entry| entry.addr.resource.module.0.starts_with(&instance.0))
            .collect();
        let text = of_module(module, &entries, instance.0.len(), name);
        parts.push(format!("{} = {text}", quoted(&format!("module.{name}"))));
    }
    format!("{{ {} }}", parts.join(", "))
}

/// The block of a resource, whose values stand in a table.
fn resource(kind: &str, name: &str, block: &Block, table: &str) -> String {
    let Block { entries, references } = block;
    let mut text = format!("resource {} {} {{\n", quoted(kind), quoted(name));
    let key = entries.iter().find_map(|entry| entry.addr.key.clone());
    let values = match key {
        None => table.to_owned(),
        Some(InstanceKey::Str(_)) => {
            text.push_str(&format!("  for_each = {table}\n"));
            "each.value".to_owned()
        }
        Some(InstanceKey::Int(_)) => {
            text.push_str(&format!("  count = length({table})\n"));
            format!("{table}[count.index]")
        }
    };
    if let Some(entry) = entries.iter().find(|entry| entry.provider.alias.is_some()) {
        text.push_str(&format!("  provider = {}\n", entry.provider));
    }
    for name in names(entries) {
        let value = format!("{values}[{}]", quoted(name));
        let Some(ids) = references.get(name) else {
            text.push_str(&format!("  {name} = {value}\n"));
            continue;
        };
        let ids: Vec<String> = ids.iter().map(|(old, new)| format!("{} = {new}", quoted(old))).collect();
        let ids = ids.join(", ");
        text.push_str(&format!(
            "  {name} = {value} == null ? null : lookup({{ {ids} }}, {value}, {value})\n"
        ));
    }
    text.push_str(&lifecycle(entries));
    text.push_str("}\n\n");
    text
}

fn lifecycle(entries: &[Entry]) -> String {
    let mut text = String::new();
    let ignored: BTreeSet<&str> =
        entries.iter().flat_map(|entry| &entry.ignored).map(|name| &**name).collect();
    if !ignored.is_empty() {
        let ignored: Vec<&str> = ignored.into_iter().collect();
        text.push_str(&format!("    ignore_changes = [{}]\n", ignored.join(", ")));
    }
    if entries.iter().any(|entry| entry.prevent_destroy) {
        text.push_str("    prevent_destroy = true\n");
    }
    if entries.iter().any(|entry| entry.create_before_destroy) {
        text.push_str("    create_before_destroy = true\n");
    }
    if text.is_empty() { text } else { format!("  lifecycle {{\n{text}  }}\n") }
}
