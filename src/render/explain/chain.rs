//! The causes of a change, down to the first ones.

use serde_json::Value as Json;

use super::Kind;
use super::Link;
use super::document;
use super::document::Document;
use super::document::list;
use super::document::side;

/// Longest chain.
const DEEPEST: usize = 12;

/// Finds causes.
pub(super) struct Chains<'d> {
    pub(super) document: &'d Document<'d>,
}

impl Chains<'_> {
    /// Returns the causes of a change. Objects that were told are not told again.
    pub(super) fn of(&self, change: &Json, seen: &mut Vec<String>) -> Vec<Link> {
        let address = document::address(change).to_owned();
        if seen.contains(&address) {
            return vec![Link::new(Kind::Above, "as above".to_owned())];
        }
        seen.push(address.clone());
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
        let mut told: Vec<&str> = Vec::new();
        for cause in change.get("queueform").into_iter().flat_map(|ours| list(ours, "causes")) {
            let attribute = cause.get("attribute").and_then(Json::as_str);
            told.extend(attribute.map(|name| name.split(['.', '[']).next().unwrap_or(name)));
            let link = self.cause(cause, attribute, seen);
            let place = document::place(change).filter(|_| link.kind == Kind::Configuration);
            links.push(Link { place, ..link });
        }
        links.extend(self.own(change, &address, &told));
        links.extend(self.order(change, &address, seen));
        links
    }

    /// A cause as the planner noted it, with what is behind it.
    fn cause(&self, cause: &Json, attribute: Option<&str>, seen: &mut Vec<String>) -> Link {
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
        let behind = from.and_then(|from| self.document.change(from));
        let because = behind.filter(|_| seen.len() < DEEPEST).map(|change| self.of(change, seen));
        Link {
            kind,
            text: told,
            place: None,
            address: from.map(str::to_owned),
            because: because.unwrap_or_default(),
        }
    }

    /// What is changed by the object's own block, by somebody else, or by what is not there.
    fn own(&self, change: &Json, address: &str, told: &[&str]) -> Vec<Link> {
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
                    if told.contains(&name) || name == last {
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
    fn order(&self, change: &Json, address: &str, seen: &mut Vec<String>) -> Vec<Link> {
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
                because: self.of(other, seen),
                ..Link::new(Kind::Order, format!("`depends_on` names {name}: {known} {told}"))
            });
        }
        links
    }
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
