//! Whole estates: which blocks stand for the objects that were found, in which files.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::Module;
use crate::render::value::quoted;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::syntax::fmt::format_valid;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::block::Block;
use super::block::Member;
use super::block::Written;
use super::generate::in_locals;
use super::names::Names;
use super::names::plural;
use super::names::short;
use super::names::slug;
use super::references::References;

/// An object that is to be managed.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its type.
    pub schema: Arc<ResourceSchema>,
    /// The provider configuration that manages it.
    pub provider: ProviderAddr,
    /// Its id.
    pub id: Arc<str>,
    /// The object.
    pub value: Value,
    /// What it lies in, directly or not: the position in [`Estate::homes`].
    pub home: usize,
    /// How far it is from there.
    pub depth: usize,
}

/// What objects lie in: an instance, for all systems but those whose objects lie in nothing.
#[derive(Debug, Clone)]
pub struct Home {
    /// What it is called, by people.
    pub name: String,
    /// What it is, for the head of its file: `dms_rocketmq_instance 8e4c…`.
    pub about: String,
    /// Its id.
    pub id: Arc<str>,
}

/// Objects that were found, and what they lie in.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    /// What they lie in.
    pub homes: Vec<Home>,
    /// The objects, in the order they were found.
    pub kept: Vec<Kept>,
    /// Types that others are part of.
    pub parents: BTreeSet<Name>,
    /// Names of files that somebody else has written.
    pub files: BTreeSet<String>,
}

/// How files begin that were written by `adopt`.
pub const HEAD: &str = "# Written by `queueform adopt`.";

/// How objects are put into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupBy {
    /// One file for each instance.
    #[default]
    Instance,
    /// One file for each instance, and one for each prefix that names of it share.
    Prefix,
    /// One file for everything.
    None,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its text, in the canonical layout.
    pub text: String,
    /// How many objects its blocks stand for, or it imports.
    pub objects: usize,
}

/// What is to be written.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The files, by name.
    pub files: Vec<File>,
    /// The addresses of the objects, in the order of [`Estate::kept`]; none for those that are always there and say
    /// nothing.
    pub addresses: Vec<Option<InstanceAddr>>,
    /// What somebody should look at.
    pub notes: Vec<String>,
}

/// The objects of one block.
struct Group {
    schema: Arc<ResourceSchema>,
    provider: ProviderAddr,
    home: usize,
    /// The prefix that their names share, if files are made by them.
    prefix: Option<String>,
    is_table: bool,
    depth: usize,
    /// Positions in [`Estate::kept`], with their keys.
    members: Vec<(usize, Option<Arc<str>>)>,
    name: String,
}

/// Writes the blocks of an estate. `given` are the arguments of provider configurations, `references` the objects that have
/// addresses already.
#[must_use]
pub fn document(
    module: &Module,
    estate: &Estate,
    given: &BTreeMap<ProviderAddr, Value>,
    mut references: References,
    group_by: GroupBy,
) -> Document {
    let mut names = Names::of(module);
    let mut slugs = BTreeSet::new();
    let homes: Vec<String> =
        estate.homes.iter().map(|home| distinct(&slug(&home.name), &mut slugs)).collect();
    let is_taken = |stem: &str| {
        ["", "-imports"].iter().any(|ending| estate.files.contains(&format!("{stem}{ending}.qf.hcl")))
    };
    let stem = |stem: &str| if is_taken(stem) { format!("{stem}_adopted") } else { stem.to_owned() };
    let stems: Vec<String> = homes.iter().map(|home| stem(home)).collect();
    let nothing = Value::null();
    let says = |kept: &Kept| {
        let given = given.get(&kept.provider).unwrap_or(&nothing);
        let arguments =
            super::arguments::Arguments::of(&kept.schema, &kept.value, given, &References::default());
        !kept.schema.always_exists || !arguments.says_nothing(&kept.schema)
    };
    let mut groups = grouped(estate, &homes, group_by, &says);
    let mut document = Document { addresses: vec![None; estate.kept.len()], ..Document::default() };
    for group in &mut groups {
        group.name = names.resource(&group.schema.type_name, &group.name);
        let addr = ResourceAddr::managed(Arc::clone(&group.schema.type_name), group.name.as_str());
        for (position, key) in &group.members {
            let Some(kept) = estate.kept.get(*position) else { continue };
            let addr = addr.instance(key.clone().map(InstanceKey::Str));
            references.add(&kept.schema, &addr, &kept.id);
            if let Some(place) = document.addresses.get_mut(*position) {
                *place = Some(addr);
            }
        }
    }
    let mut files: BTreeMap<String, Parts> = BTreeMap::new();
    let file_of = |group: &Group, ending: &str| match (group_by, &group.prefix, stems.get(group.home)) {
        (GroupBy::None, _, _) | (_, _, None) => format!("adopted{ending}.qf.hcl"),
        (_, Some(prefix), Some(home)) if ending.is_empty() => format!("{home}-{prefix}.qf.hcl"),
        (_, _, Some(home)) => format!("{home}{ending}.qf.hcl"),
    };
    // Ids of what has no block stand in one place.
    for (index, home) in estate.homes.iter().enumerate() {
        let in_it: Vec<&Group> = groups.iter().filter(|group| group.home == index).collect();
        let is_known = references.has_server_id(&home.id);
        let is_used = in_it.iter().any(|group| uses(estate, group, &home.id));
        if let Some(first) = in_it.first().filter(|_| is_used && !is_known) {
            let slug = homes.get(index).map_or("adopted", String::as_str);
            let name = names.local(&format!("{slug}_id"));
            references.add_local(&home.id, &name);
            let mut file = file_of(first, "");
            if first.prefix.is_some() {
                file = format!("{}.qf.hcl", stems.get(index).map_or("adopted", String::as_str));
            }
            let parts = files.entry(file).or_default();
            parts.about.insert(home.about.clone());
            parts.locals.extend([name.as_str(), " = ", &quoted(&home.id), "\n"]);
        }
    }
    groups.sort_by_key(|group| (group.home, group.depth));
    for group in &groups {
        let table = group
            .is_table
            .then(|| names.local(&format!("{}_{}", group.name, plural(short(&group.schema.type_name)))));
        let members = group.members.iter().filter_map(|(position, key)| {
            let kept = estate.kept.get(*position)?;
            Some(Member { key: key.clone(), id: Arc::clone(&kept.id), value: &kept.value })
        });
        let block = Block {
            schema: &group.schema,
            name: group.name.clone(),
            table,
            provider: &group.provider,
            given: given.get(&group.provider).unwrap_or(&nothing),
            members: members.collect(),
            is_protected: group.schema.has_server_id()
                && group.schema.loses.is_some()
                && estate.parents.contains(&group.schema.type_name),
        };
        let count = block.members.len();
        let written = block.write(&references, &mut names);
        let about = estate.homes.get(group.home).map(|home| home.about.clone());
        document.notes.extend(written.notes.iter().cloned());
        let imports = files.entry(file_of(group, "-imports")).or_default();
        imports.add_import(&written, count);
        let parts = files.entry(file_of(group, "")).or_default();
        parts.about.extend(about);
        parts.add(written, count);
    }
    document.files = files.into_iter().map(|(name, parts)| parts.file(name)).collect();
    document
}

/// The parts of a file.
#[derive(Debug, Default)]
struct Parts {
    about: BTreeSet<String>,
    locals: String,
    blocks: Vec<String>,
    objects: usize,
}

impl Parts {
    fn add(&mut self, written: Written, count: usize) {
        let mut block = written.variables;
        block.push_str(&in_locals(&written.table));
        if !block.is_empty() {
            block.push_str("\n\n");
        }
        block.push_str(&written.resource);
        self.blocks.push(block);
        self.objects += count;
    }

    fn add_import(&mut self, written: &Written, count: usize) {
        self.blocks.push(written.import.clone());
        self.objects += count;
    }

    fn file(self, name: String) -> File {
        let mut text = String::new();
        if self.about.is_empty() {
            text.push_str(HEAD);
            text.push_str(" Once these objects are in the state, this file can go.\n");
        } else {
            text.push_str(HEAD);
            text.push_str(" Look through it: from now on it is yours.\n");
            for about in &self.about {
                text.extend(["# ", about, "\n"]);
            }
        }
        let locals = in_locals(&self.locals);
        for part in [locals.as_str()].into_iter().chain(self.blocks.iter().map(String::as_str)) {
            if !part.is_empty() {
                text.push('\n');
                text.push_str(part.trim_end());
                text.push('\n');
            }
        }
        File { name, text: format_valid(&text), objects: self.objects }
    }
}

/// Whether objects of a group lie in a home directly.
fn uses(estate: &Estate, group: &Group, id: &Arc<str>) -> bool {
    group.members.iter().filter_map(|(position, _)| estate.kept.get(*position)).any(|kept| {
        kept.schema.identity.iter().any(|name| {
            !kept.schema.has_server_id() && kept.value.get(name).and_then(Value::as_str) == Some(id)
        }) || kept
            .schema
            .list
            .iter()
            .flat_map(|list| &list.scope)
            .any(|name| kept.value.get(name).and_then(Value::as_str) == Some(id))
    })
}

/// Puts objects of the same type, home and prefix together.
fn grouped(estate: &Estate, homes: &[String], group_by: GroupBy, says: &dyn Fn(&Kept) -> bool) -> Vec<Group> {
    let shared = shared_prefixes(estate, group_by);
    let mut tables: BTreeMap<(usize, ProviderAddr, Name, Option<String>), Group> = BTreeMap::new();
    let mut groups = Vec::new();
    for (position, kept) in estate.kept.iter().enumerate().filter(|(_, kept)| says(kept)) {
        let home = homes.get(kept.home).map_or("adopted", String::as_str);
        let parts = key_parts(estate, kept);
        let is_single = parts.is_empty()
            || kept.schema.has_server_id() && estate.parents.contains(&kept.schema.type_name);
        let mut group = Group {
            schema: Arc::clone(&kept.schema),
            provider: kept.provider.clone(),
            home: kept.home,
            prefix: None,
            is_table: !is_single,
            depth: kept.depth,
            members: vec![(position, None)],
            name: home.to_owned(),
        };
        if is_single {
            groups.push(group);
            continue;
        }
        let prefix = parts
            .first()
            .and_then(|name| prefix(name))
            .filter(|prefix| shared.contains(&(kept.home, (*prefix).to_owned())));
        let prefix = prefix.map(slug);
        if let Some(prefix) = &prefix {
            group.name = format!("{home}_{prefix}");
        }
        let place = (kept.home, kept.provider.clone(), Arc::clone(&kept.schema.type_name), prefix.clone());
        group.prefix = prefix;
        group.members.clear();
        let group = tables.entry(place).or_insert(group);
        group.members.push((position, Some(parts.join("/").into())));
    }
    for mut group in tables.into_values() {
        group.members.sort_by(|(_, a), (_, b)| a.cmp(b));
        let mut seen = BTreeSet::new();
        for (position, key) in &mut group.members {
            let again = key.as_ref().is_some_and(|key| !seen.insert(Arc::clone(key)));
            if let Some(kept) = estate.kept.get(*position).filter(|_| again) {
                *key = Some(Arc::clone(&kept.id));
            }
        }
        groups.push(group);
    }
    groups
}

/// Prefixes that names of several objects of a home share.
fn shared_prefixes(estate: &Estate, group_by: GroupBy) -> BTreeSet<(usize, String)> {
    if group_by != GroupBy::Prefix {
        return BTreeSet::new();
    }
    let mut names: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for kept in &estate.kept {
        if let Some(prefix) = key_parts(estate, kept).first().and_then(|name| prefix(name)) {
            *names.entry((kept.home, prefix.to_owned())).or_default() += 1;
        }
    }
    names.into_iter().filter(|(_, count)| *count > 1).map(|(prefix, _)| prefix).collect()
}

fn prefix(name: &str) -> Option<&str> {
    let end = name.find(['.', '-', '_', '/', '%'])?;
    name.get(..end).filter(|prefix| !prefix.is_empty())
}

/// What tells an object from the others of its type in the same home: its name if the service makes ids, otherwise the parts
/// of its identity that are not the home.
fn key_parts(estate: &Estate, kept: &Kept) -> Vec<String> {
    let home = estate.homes.get(kept.home).map(|home| &home.id);
    let text = |name: &str| {
        let value = kept.value.get(name)?.clone().unmark_deep().0;
        let text = convert(&value, &Type::String).ok()?;
        text.as_str().filter(|text| !text.is_empty()).map(ToString::to_string)
    };
    if kept.schema.has_server_id() {
        return vec![text("name").unwrap_or_else(|| kept.id.to_string())];
    }
    let parts = kept.schema.identity.iter();
    parts.filter_map(|name| text(name)).filter(|part| home.is_none_or(|home| **home != **part)).collect()
}

fn distinct(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut wish = name.to_owned();
    let mut number = 1_u64;
    while !taken.insert(wish.clone()) {
        number += 1;
        wish = format!("{name}_{number}");
    }
    wish
}
