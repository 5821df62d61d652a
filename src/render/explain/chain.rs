//! The causes of a change, down to the first ones.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::addr::InstanceAddr;
use crate::addr::Mode;

use super::Kind;
use super::Link;
use super::document;
use super::document::Document;
use super::document::list;
use super::document::side;

/// Longest chain.
const DEEPEST: usize = 30;
/// Most attributes that are named in one link.
const NAMES: usize = 6;

/// Finds causes.
pub(super) struct Chains<'d> {
    pub(super) document: &'d Document<'d>,
}

impl Chains<'_> {
    /// Returns the causes of a change.
    pub(super) fn of(&self, change: &Json) -> Vec<Link> {
        self.behind(change, 0, &mut BTreeSet::new())
    }

    /// Returns the causes of a change that is so many links behind the one that is explained. Objects that were told are
    /// not told again.
    fn behind(&self, change: &Json, depth: usize, seen: &mut BTreeSet<String>) -> Vec<Link> {
        let address = document::address(change).to_owned();
        if !seen.insert(address.clone()) {
            return vec![Link::new(Kind::Above, "as above".to_owned())];
        }
        let mut links = Vec::new();
        if let Some(previous) = change.get("previous_address").and_then(Json::as_str) {
            links.push(Link::new(
                Kind::Moved,
                format!("it was {previous}: a `moved` block gives it this address"),
            ));
        }
        if let Some(id) = change.pointer("/change/importing/id").and_then(Json::as_str) {
            links.push(Link::new(Kind::Imported, format!("an `import` block makes the object {id} managed")));
        }
        links.extend(requests(change));
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for cause in change.get("queueform").into_iter().flat_map(|ours| list(ours, "causes")) {
            let attribute = cause.get("attribute").and_then(Json::as_str);
            told.extend(attribute.map(root_of));
            let mut link = self.cause(cause, attribute, &address);
            if let Some(behind) = link.address.as_deref().and_then(|from| self.document.change(from))
                && depth < DEEPEST
            {
                link.because.extend(self.behind(behind, depth + 1, seen));
            }
            let place = document::place(change).filter(|_| link.kind == Kind::Configuration);
            links.push(Link { place, ..link });
        }
        if let Some(more) = change.pointer("/queueform/more_causes").and_then(Json::as_u64) {
            links.push(Link::new(Kind::Reference, format!("{more} more causes of the same kind")));
        }
        links.extend(self.own(change, &address, &told));
        if depth == 0 && matches!(document::action(change), "update" | "replace") {
            // Behind others, what is read of an object is told where it is read.
            let decided = unknown(self.document, &address);
            let decided: Vec<&str> = decided.into_iter().filter(|name| !told.contains(name)).collect();
            if !decided.is_empty() {
                links.push(Link::new(Kind::Provider, by_provider(&decided, "")));
            }
        }
        links.extend(self.order(change, &address, depth, seen));
        links
    }

    /// A cause of a change of an object as the planner noted it.
    fn cause(&self, cause: &Json, attribute: Option<&str>, address: &str) -> Link {
        let text = cause.get("text").and_then(Json::as_str).unwrap_or_default();
        let from = cause.get("address").and_then(Json::as_str);
        let kind = match (attribute, from) {
            _ if text.starts_with("`replace_triggered_by`") => Kind::Trigger,
            (Some(_), _) => Kind::Reference,
            (None, Some(_)) => Kind::Parent,
            (None, None) if text.starts_with("left over") => Kind::State,
            (None, None) => Kind::Configuration,
        };
        let told = match (attribute, from) {
            (Some(attribute), Some(from)) => match text.strip_prefix(from).map(str::trim) {
                Some(rest) => format!("`{attribute}` follows {from}, which {rest}"),
                None => format!("`{attribute}` follows {text}"),
            },
            (Some(attribute), None) => format!("`{attribute}` follows {text}"),
            (None, _) => text.to_owned(),
        };
        let decided =
            attribute.zip(from).and_then(|(attribute, from)| self.decided(address, attribute, from));
        Link {
            address: from.map(str::to_owned),
            because: decided.into_iter().collect(),
            ..Link::new(kind, told)
        }
    }

    /// Which attributes that an argument reads of another object its provider decides anew.
    fn decided(&self, address: &str, attribute: &str, from: &str) -> Option<Link> {
        let expression = self.document.block(address)?.get("expressions")?.get(root_of(attribute))?;
        let resource = from.parse::<InstanceAddr>().ok()?.resource;
        let mode = if resource.mode == Mode::Data { "data." } else { "" };
        let local = format!("{mode}{}.{}", resource.kind, resource.name);
        let unknown = unknown(self.document, from);
        let names: BTreeSet<&str> = list(expression, "references")
            .filter_map(Json::as_str)
            .filter_map(|reference| reference.strip_prefix(local.as_str()))
            // A key may stand between the resource and its attribute.
            .filter_map(|rest| rest.rsplit_once(']').map_or(rest, |(_, rest)| rest).strip_prefix('.'))
            .map(root_of)
            .filter(|name| unknown.contains(name))
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        (!names.is_empty()).then(|| Link::new(Kind::Provider, by_provider(&names, &format!(" of {from}"))))
    }

    /// What is changed by the object's own block, by somebody else, or by what is not there.
    fn own(&self, change: &Json, address: &str, told: &BTreeSet<&str>) -> Vec<Link> {
        let place = document::place(change);
        let at = |kind, text| Link { place: place.clone(), ..Link::new(kind, text) };
        match document::action(change) {
            "create" if self.document.drift(address).is_some() => vec![at(
                Kind::Drift,
                "the state knows it, but it is gone: it was deleted outside of Queueform".to_owned(),
            )],
            "create" => {
                let key = if address.ends_with(']') { ", with this key," } else { "" };
                vec![at(
                    Kind::Configuration,
                    format!("its block{key} stands for an object that is not in the state"),
                )]
            }
            "delete" if self.document.mode() == "destroy" => {
                vec![Link::new(Kind::Request, "everything is deleted, as requested".to_owned())]
            }
            "update" | "replace" => {
                let block = self.document.block(address);
                let mut found: Vec<Link> = Vec::new();
                let mut last = "";
                for difference in document::attributes(change) {
                    let name = document::root_name(difference);
                    if told.contains(name) || name == last {
                        continue;
                    }
                    last = name;
                    if let Some((kind, text)) = self.difference(difference, name, address, block) {
                        found.push(at(kind, text));
                    }
                }
                found
            }
            _ => Vec::new(),
        }
    }

    /// Why one attribute differs; nothing if that only follows from the rest.
    fn difference(
        &self,
        found: &Json,
        name: &str,
        address: &str,
        block: Option<&Json>,
    ) -> Option<(Kind, String)> {
        let label = found.get("name").and_then(Json::as_str).unwrap_or(name);
        let (before, after) = (side(found, "before"), side(found, "after"));
        if let Some(drift) = self.document.drift_of(address, name) {
            let stored = side(drift, "before");
            return Some((
                Kind::Drift,
                format!(
                    "`{label}` was changed outside of Queueform, from {stored} to {before}; the configuration has {after}"
                ),
            ));
        }
        let expression = block.and_then(|block| block.get("expressions")).and_then(|all| all.get(name));
        let Some(expression) = expression else {
            // What the service decides follows from the rest; what was set before is a change of the configuration.
            let is_decided = found.get("unknown").and_then(Json::as_bool) == Some(true);
            return (!is_decided && block.is_some()).then(|| {
                (
                    Kind::Configuration,
                    format!("the configuration does not set `{label}`: {before} -> {after}"),
                )
            });
        };
        let names: Vec<String> = list(expression, "references")
            .filter_map(Json::as_str)
            .filter(|name| {
                ["var.", "local.", "module.", "each.", "count."].iter().any(|root| name.starts_with(root))
            })
            .map(|name| format!("`{name}`"))
            .collect();
        let through = match names.as_slice() {
            [] => String::new(),
            names => format!(", by {}", names.join(", ")),
        };
        Some((
            Kind::Configuration,
            format!("the configuration has another `{label}` than before{through}: {before} -> {after}"),
        ))
    }

    /// What a data source waits for.
    fn order(&self, change: &Json, address: &str, depth: usize, seen: &mut BTreeSet<String>) -> Vec<Link> {
        if change.get("action_reason").and_then(Json::as_str) != Some("read_because_dependency_pending") {
            return Vec::new();
        }
        let Some(block) = self.document.block(address) else { return Vec::new() };
        let names: Vec<&str> = list(block, "depends_on").filter_map(Json::as_str).collect();
        let mut links = Vec::new();
        for other in self.document.changes().filter(|other| document::is_effective(other)) {
            let known = document::address(other);
            let is_named = |name: &&&str| {
                known.strip_prefix(**name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
            };
            let Some(name) = names.iter().find(is_named) else { continue };
            let told = document::told(other, document::action(other));
            links.push(Link {
                address: Some(known.to_owned()),
                because: if depth < DEEPEST { self.behind(other, depth + 1, seen) } else { Vec::new() },
                ..Link::new(Kind::Order, format!("`depends_on` names {name}: {known} {told}"))
            });
        }
        links
    }
}

/// The attribute that a path begins with.
fn root_of(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// The attributes of an object that its block does not set and that are known only after apply: its provider decides them.
fn unknown<'d>(document: &Document<'d>, address: &str) -> BTreeSet<&'d str> {
    let Some(change) = document.change(address) else { return BTreeSet::new() };
    let set = document.block(address).and_then(|block| block.get("expressions"));
    document::attributes(change)
        .filter(|found| found.get("unknown").and_then(Json::as_bool) == Some(true))
        .map(document::root_name)
        .filter(|name| set.is_none_or(|set| set.get(name).is_none()))
        .collect()
}

/// Names what a provider decides.
fn by_provider(names: &[&str], of: &str) -> String {
    let shown: Vec<String> = names.iter().take(NAMES).map(|name| format!("`{name}`")).collect();
    let more = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{}{more}{of} {verb} decided by the provider, and known after apply", shown.join(", "))
}

/// What options and earlier runs ask for.
fn requests(change: &Json) -> Option<Link> {
    let reason = change.get("action_reason").and_then(Json::as_str)?;
    let (kind, text) = match reason {
        "replace_because_tainted" => (Kind::State, "it is tainted"),
        "replace_by_request" => (Kind::Request, "`--replace` names it"),
        _ => return None,
    };
    Some(Link::new(kind, text.to_owned()))
}

impl Link {
    pub(super) fn new(kind: Kind, text: String) -> Self {
        Self { kind, text, place: None, address: None, because: Vec::new() }
    }
}
