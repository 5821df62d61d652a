//! Why a plan changes an object, or does not: the chain of causes down to the first ones.
//!
//! Reads nothing but the JSON of the plan, so that saved plans are explained as they are, without their directory.

mod chain;
mod document;
mod still;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::Pattern;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::did_you_mean;

use super::Look;

use chain::Chains;
use document::Document;

/// Most objects that are explained at once.
const MOST: usize = 20;

/// Why something happens to one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Its address.
    address: String,
    /// What is done, as `update` or `replace`; `no-op` for nothing.
    action: &'static str,
    /// The same as a sentence without its subject: `is changed in place`.
    told: String,
    /// Why it is this action and not a lesser one.
    rule: Option<String>,
    /// The causes, the nearest first, each with what is behind it.
    why: Vec<Link>,
    /// Why nothing is done, or not all of it.
    why_not: Vec<String>,
    /// The whole change as the plan has it; null if it is not in the plan.
    change: Json,
}

/// One link of a chain of causes.
#[derive(Debug, Clone, PartialEq)]
struct Link {
    /// What kind of cause it is.
    kind: Kind,
    /// In words.
    text: String,
    /// Where in the configuration.
    place: Option<String>,
    /// The object that the cause lies in, if it is another one.
    address: Option<String>,
    /// What is behind it.
    because: Vec<Self>,
}

/// The kinds of causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The configuration says something else than before.
    Configuration,
    /// A value comes from another object that changes.
    Reference,
    /// `replace_triggered_by`.
    Trigger,
    /// `depends_on`.
    Order,
    /// It is a part of another object.
    Parent,
    /// It got another address.
    Moved,
    /// It becomes managed.
    Imported,
    /// It was changed outside of Queueform.
    Drift,
    /// An option asks for it.
    Request,
    /// What is known of it from earlier runs.
    State,
    /// Its provider decides a value, which is known only after apply.
    Provider,
    /// It was told already.
    Above,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Reference => "reference",
            Self::Trigger => "replace_triggered_by",
            Self::Order => "depends_on",
            Self::Parent => "parent",
            Self::Moved => "moved",
            Self::Imported => "import",
            Self::Drift => "drift",
            Self::Request => "request",
            Self::State => "state",
            Self::Provider => "provider",
            Self::Above => "above",
        }
    }
}

/// Explains what a plan does to the objects that an address stands for: those that change, or if none does, why not.
///
/// # Errors
/// If the plan knows of no such object.
pub fn explain(plan: &Json, pattern: &Pattern) -> Result<Vec<Explanation>, Diagnostic> {
    let document = Document::new(plan);
    let chains = Chains { document: &document };
    let meant: Vec<&Json> = document.changes().filter(|change| document::is_meant(pattern, change)).collect();
    let mut found: Vec<Explanation> = meant
        .iter()
        .filter(|change| document::is_effective(change))
        .map(|change| explained(&chains, change))
        .collect();
    if found.is_empty() {
        found.extend(meant.iter().map(|change| explained(&chains, change)));
    }
    if found.is_empty() {
        found.extend(still::absent(&document, pattern));
    }
    if found.is_empty() {
        let known = document.addresses();
        let hint = did_you_mean(&pattern.to_string(), known.iter().map(String::as_str));
        return Err(Diagnostic::error(
            Code::InvalidTarget,
            format!("`{pattern}` is neither in the plan nor in its configuration"),
        )
        .hint(hint.unwrap_or_else(|| "`queueform plan` shows what changes".to_owned())));
    }
    Ok(found)
}

fn explained(chains: &Chains<'_>, change: &Json) -> Explanation {
    let action = document::action(change);
    let is_still = !document::is_effective(change);
    Explanation {
        address: document::address(change).to_owned(),
        action,
        told: document::told(change, action),
        rule: document::rule(change),
        why: if is_still { Vec::new() } else { chains.of(change) },
        why_not: still::reasons(chains.document, change),
        change: change.clone(),
    }
}

/// Draws explanations, one behind the other.
#[must_use]
pub fn human(found: &[Explanation], look: Look) -> String {
    let mut out = String::new();
    for (position, one) in found.iter().take(MOST).enumerate() {
        if position > 0 {
            out.push('\n');
        }
        // Writing to a string cannot fail.
        text::write(&mut out, one, look).unwrap_or_default();
    }
    if let Some(more) = found.len().checked_sub(MOST).filter(|more| *more > 0) {
        out.push_str(&format!("\n… and {more} more: name fewer objects, or use `--json`\n"));
    }
    out
}

/// Returns explanations for programs.
#[must_use]
pub fn json(found: &[Explanation]) -> Json {
    json!({
        "format_version": "1.0",
        "queueform_version": env!("CARGO_PKG_VERSION"),
        "explanations": found.iter().map(of_one).collect::<Vec<_>>(),
    })
}

fn of_one(one: &Explanation) -> Json {
    let ours = one.change.get("queueform");
    let part = |name: &str| ours.and_then(|ours| ours.get(name)).cloned().unwrap_or_else(|| json!([]));
    json!({
        "address": one.address,
        "action": one.action,
        "summary": one.told,
        "rule": one.rule,
        "why": one.why.iter().map(link).collect::<Vec<_>>(),
        "why_not": one.why_not,
        "attributes": part("attributes"),
        "sends": part("sends"),
        "guards": part("guards"),
        "notes": part("notes"),
        "calls": part("calls"),
        "risk": ours.and_then(|ours| ours.get("risk")),
    })
}

fn link(link: &Link) -> Json {
    let mut out = Map::new();
    out.insert("kind".to_owned(), link.kind.name().into());
    out.insert("text".to_owned(), link.text.clone().into());
    out.insert("place".to_owned(), link.place.clone().into());
    out.insert("address".to_owned(), link.address.clone().into());
    out.insert("because".to_owned(), link.because.iter().map(self::link).collect());
    out.into()
}
