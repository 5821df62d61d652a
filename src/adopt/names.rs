//! Names of what is generated: from those of the objects, and none twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::Mode;
use crate::config::Module;

/// Names that are taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    locals: BTreeSet<String>,
    variables: BTreeSet<String>,
    resources: BTreeSet<(String, String)>,
}

impl Names {
    /// Those of a module, but for the blocks that are still to be generated.
    pub(super) fn of(module: &Module) -> Self {
        let managed = module.resources.values().filter(|resource| resource.id.mode == Mode::Managed);
        let text = |name: &Arc<str>| name.to_string();
        Self {
            locals: module.locals.keys().map(text).collect(),
            variables: module.variables.keys().map(text).collect(),
            resources: managed
                .filter(|resource| !resource.is_placeholder)
                .map(|resource| (text(&resource.id.kind), text(&resource.id.name)))
                .collect(),
        }
    }

    pub(super) fn local(&mut self, wish: &str) -> String {
        free(wish, |name| self.locals.insert(name.to_owned()))
    }

    pub(super) fn variable(&mut self, wish: &str) -> String {
        free(wish, |name| self.variables.insert(name.to_owned()))
    }

    pub(super) fn resource(&mut self, kind: &str, wish: &str) -> String {
        free(wish, |name| self.resources.insert((kind.to_owned(), name.to_owned())))
    }
}

/// The first free one of `name`, `name_2`, `name_3` …
fn free(wish: &str, mut take: impl FnMut(&str) -> bool) -> String {
    let mut name = wish.to_owned();
    let mut number = 1_u64;
    while !take(&name) {
        number += 1;
        name = format!("{wish}_{number}");
    }
    name
}

/// Returns a text as a name: lower case, with `_` for everything that names do not hold.
pub(super) fn slug(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "adopted".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("_{name}"),
        Some(_) => name.to_owned(),
    }
}

/// Returns the short name of a type: `consumer_group` for `dms_rocketmq_consumer_group`.
pub(super) fn short(kind: &str) -> &str {
    let mut rest = kind.splitn(3, '_').skip(2);
    rest.next()
        .filter(|rest| !rest.is_empty())
        .unwrap_or_else(|| kind.split_once('_').map_or(kind, |(_, rest)| rest))
}

/// Returns the plural of a short name.
pub(super) fn plural(name: &str) -> String {
    if let Some(stem) = name.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        return format!("{stem}ies");
    }
    if name.ends_with("ss") || name.ends_with('x') || name.ends_with("ch") || name.ends_with("sh") {
        return format!("{name}es");
    }
    if name.ends_with('s') {
        return name.to_owned();
    }
    format!("{name}s")
}
