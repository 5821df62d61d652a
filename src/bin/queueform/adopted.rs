//! What `adopt` has found, in words and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::ops::adopt::Adopted;
use queueform::ops::adopt::LeftOut;
use queueform::render::diag::Sources;
use queueform::render::diag::diagnostic_json;
use serde_json::Value as Json;
use serde_json::json;

/// The version of the document.
const FORMAT: &str = "1.0";

/// What was found, in words.
pub(crate) fn told(adopted: &Adopted, is_dry: bool) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string cannot fail.
        writeln!(text, "{words}").unwrap_or_default();
    };
    let reads = format!("{} {}", adopted.reads, if adopted.reads == 1 { "call" } else { "calls" });
    if adopted.objects.is_empty() {
        line(format!("Nothing to adopt was found, with {reads}."));
    } else {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for object in &adopted.objects {
            *kinds.entry(&object.addr.resource.kind).or_default() += 1;
        }
        let count = adopted.objects.len();
        line(format!(
            "Found {count} {} to adopt, with {reads}:",
            if count == 1 { "object" } else { "objects" }
        ));
        for (kind, count) in kinds {
            line(format!("{count:>7} {kind}"));
        }
    }
    if !adopted.left_out.is_empty() {
        line("Left out:".to_owned());
        for ((kind, reason), count) in &adopted.left_out {
            line(format!("{count:>7} {kind}: {}", why(*reason)));
        }
    }
    let hidden: Vec<&str> = adopted
        .unlisted
        .iter()
        .filter(|(_, missing)| has_server_id(missing))
        .map(|(kind, _)| &**kind)
        .collect();
    if !hidden.is_empty() {
        line(format!("Not listed by the service, so not looked for: {}.", hidden.join(", ")));
    }
    if !adopted.files.is_empty() {
        let names: Vec<&str> = adopted.files.iter().map(|file| file.name.as_str()).collect();
        line(format!("{} {}.", if is_dry { "Would write" } else { "Wrote" }, names.join(", ")));
    }
    if !adopted.files.is_empty() && !is_dry {
        line("Look through what was written, then run `queueform plan`: it imports the objects and changes nothing.".to_owned());
    }
    text
}

fn why(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::Managed => "managed by the state already",
        LeftOut::System => "made by the service for itself",
        LeftOut::NotOwned => "not within `owns`",
        LeftOut::Broken => "never became usable",
        LeftOut::Nameless => "the service does not tell the whole id",
        LeftOut::Unset => "always there, and nothing of it is set",
    }
}

/// Names a reason in the document.
fn name(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::Managed => "managed",
        LeftOut::System => "system",
        LeftOut::NotOwned => "not_owned",
        LeftOut::Broken => "broken",
        LeftOut::Nameless => "nameless",
        LeftOut::Unset => "unset",
    }
}

/// What somebody should look at, or can help with.
pub(crate) fn warnings(adopted: &Adopted) -> Diagnostics {
    let mut found = Diagnostics::new();
    for note in &adopted.notes {
        found.push(Diagnostic::warning(Code::MissingArgument, note.clone()));
    }
    for (kind, missing) in adopted.unlisted.iter().filter(|(_, missing)| !has_server_id(missing)) {
        let names: Vec<String> = missing.iter().map(|name| format!("`--in {name}=…`")).collect();
        let text = format!("the service does not list objects of `{kind}`: none was looked for");
        let hint = format!("say which are meant, with {}", names.join(" and "));
        found.push(Diagnostic::warning(Code::NotListed, text).hint(hint));
    }
    found
}

/// Whether only the service knows which objects there are.
fn has_server_id(missing: &[Arc<str>]) -> bool {
    missing.iter().any(|name| **name == *"id")
}

/// What was found, for programs.
pub(crate) fn json(adopted: &Adopted, is_dry: bool, sources: &dyn Sources) -> Json {
    let objects = adopted.objects.iter().map(|object| {
        json!({ "address": object.addr.to_string(), "type": &*object.addr.resource.kind, "id": &*object.id })
    });
    let left_out = adopted
        .left_out
        .iter()
        .map(|((kind, reason), count)| json!({ "type": &**kind, "reason": name(*reason), "count": count }));
    let files = adopted.files.iter().map(|file| {
        let mut shown = json!({ "path": file.name, "objects": file.objects });
        if let Some(fields) = shown.as_object_mut().filter(|_| is_dry) {
            fields.insert("text".to_owned(), json!(file.text));
        }
        shown
    });
    let unlisted = adopted.unlisted.iter().map(|(kind, missing)| {
        json!({ "type": &**kind, "needs": missing.iter().map(|name| &**name).collect::<Vec<_>>() })
    });
    json!({
        "format_version": FORMAT,
        "queueform_version": env!("CARGO_PKG_VERSION"),
        "dry_run": is_dry,
        "calls": adopted.reads,
        "objects": objects.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "not_listed": unlisted.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "diagnostics": diagnostics(&warnings(adopted), sources),
    })
}

/// Why nothing was adopted, for programs.
pub(crate) fn failed(found: &Diagnostics, is_dry: bool, sources: &dyn Sources) -> Json {
    json!({
        "format_version": FORMAT,
        "queueform_version": env!("CARGO_PKG_VERSION"),
        "dry_run": is_dry,
        "diagnostics": diagnostics(found, sources),
    })
}

fn diagnostics(found: &Diagnostics, sources: &dyn Sources) -> Vec<Json> {
    found.iter().map(|one| diagnostic_json(one, sources)).collect()
}
