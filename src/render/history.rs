//! The runs of the past, for people and as JSON.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value as Json;
use serde_json::json;

use crate::addr::Mode;
use crate::addr::Step;
use crate::state::Action;
use crate::state::Attributes;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::journal::CallEnd;
use crate::state::journal::CallFailure;
use crate::state::journal::Effect;
use crate::state::journal::PastCall;
use crate::state::journal::PastRun;
use crate::state::journal::Record;

/// What a run did, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Objects made.
    pub added: usize,
    /// Objects changed in place.
    pub changed: usize,
    /// Objects deleted or forgotten.
    pub destroyed: usize,
    /// Actions run.
    pub invoked: usize,
    /// Objects that got another address.
    pub moved: usize,
    /// Objects that are managed no longer.
    pub forgotten: usize,
    /// Objects that were there before and are managed since.
    pub imported: usize,
    /// Objects of which a call failed.
    pub failed: usize,
    /// Objects of which it was not known whether a call took effect.
    pub in_doubt: usize,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    Made,
    Changed,
    Replaced,
    Gone,
    Imported,
    Invoked,
    Noted,
    Failed,
    InDoubt,
    Same,
}

impl Became {
    fn of(effect: &Effect) -> Self {
        let is_action = effect.target.addr.resource.mode == Mode::Action;
        match (&effect.before, &effect.after) {
            _ if effect.is_open => Self::InDoubt,
            (_, Some(_)) if is_action => Self::Invoked,
            (None, Some(_)) if effect.is_change || !has_calls(effect) => Self::Made,
            (None, Some(_)) => Self::Imported,
            (Some(_), None) => Self::Gone,
            (Some(before), Some(after)) if id(before) != id(after) => Self::Replaced,
            (Some(before), Some(after)) if before.attributes != after.attributes => {
                if effect.is_change || !has_calls(effect) { Self::Changed } else { Self::Noted }
            }
            (Some(before), Some(after)) if before != after && !effect.is_change => Self::Noted,
            _ if effect.failure.is_some() => Self::Failed,
            _ => Self::Same,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Made => "created",
            Self::Changed => "changed",
            Self::Replaced => "replaced",
            Self::Gone => "deleted",
            Self::Imported => "imported",
            Self::Invoked => "run",
            Self::Noted => "written down",
            Self::Failed => "failed",
            Self::InDoubt => "in doubt",
            Self::Same => "unchanged",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Made | Self::Imported => "+",
            Self::Changed => "~",
            Self::Replaced => "±",
            Self::Gone => "-",
            Self::Invoked => "!",
            Self::Failed => "x",
            Self::InDoubt => "?",
            Self::Noted | Self::Same => " ",
        }
    }
}

/// Objects that live in the state alone are made without calls.
fn has_calls(effect: &Effect) -> bool {
    &*effect.like.provider.name != "queueform"
}

fn id(object: &Object) -> Option<String> {
    object.attributes.text("id")
}

/// Returns what a run did, in numbers.
#[must_use]
pub fn tally(run: &PastRun) -> Tally {
    let mut tally = Tally::default();
    for effect in run.effects() {
        match Became::of(&effect) {
            Became::Made => tally.added += 1,
            Became::Changed => tally.changed += 1,
            Became::Replaced => {
                tally.added += 1;
                tally.destroyed += 1;
            }
            Became::Gone => tally.destroyed += 1,
            Became::Invoked => tally.invoked += 1,
            Became::Failed => tally.failed += 1,
            Became::InDoubt => tally.in_doubt += 1,
            Became::Imported => tally.imported += 1,
            Became::Noted | Became::Same => {}
        }
    }
    let known: BTreeSet<ObjectRef> = run.effects().into_iter().map(|effect| effect.target).collect();
    for (_, record) in &run.records {
        match record {
            Record::Moved { .. } => tally.moved += 1,
            Record::Moves(pairs) => tally.moved += pairs.len(),
            Record::Forget(target) if !known.contains(target) => tally.forgotten += 1,
            _ => {}
        }
    }
    tally
}

impl Tally {
    fn text(self) -> String {
        let all = [
            (self.added, "added"),
            (self.changed, "changed"),
            (self.destroyed, "destroyed"),
            (self.imported, "imported"),
            (self.moved, "moved"),
            (self.forgotten, "forgotten"),
            (self.invoked, "run"),
            (self.failed, "failed"),
            (self.in_doubt, "in doubt"),
        ];
        let some: Vec<String> = all
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        if some.is_empty() { "nothing changed".to_owned() } else { some.join(", ") }
    }
}

/// The first characters of the id of a run, by which it is named.
#[must_use]
pub fn short(run: &PastRun) -> &str {
    run.header.id.get(..8).unwrap_or(&run.header.id)
}

fn result(run: &PastRun) -> &str {
    run.end.as_ref().map_or("cut off", |(result, _)| result)
}

/// An instant to the second.
fn to_second(at: &str) -> String {
    match at.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => at.to_owned(),
    }
}

/// Returns runs as a list, one on each line, with why and where below.
#[must_use]
pub fn list(runs: &[&PastRun]) -> String {
    let rows: Vec<[String; 6]> = runs
        .iter()
        .map(|run| {
            let header = &run.header;
            let command = header.command.strip_prefix("queueform ").unwrap_or(&header.command);
            [
                short(run).to_owned(),
                to_second(&header.at),
                command.to_owned(),
                result(run).to_owned(),
                tally(run).text(),
                format!("{}@{}", header.who, header.host),
            ]
        })
        .collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut text = String::new();
    for (row, run) in rows.iter().zip(runs) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let width = *width;
            line.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
        let notes: Vec<&str> = run.header.reason.iter().chain(&run.header.job).map(|note| &**note).collect();
        if !notes.is_empty() {
            text.push_str(&format!("          {}\n", notes.join(" · ")));
        }
    }
    text
}

/// Returns all that is known of a run.
#[must_use]
pub fn detail(run: &PastRun) -> String {
    let header = &run.header;
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        writeln!(text, "{name:9}{value}").ok();
    };
    line("run", &header.id);
    line("command", &header.command);
    line("who", &format!("{}@{} (process {})", header.who, header.host, header.pid));
    if let Some(reason) = &header.reason {
        line("why", reason);
    }
    if let Some(job) = &header.job {
        line("job", job);
    }
    if let Some(hash) = &header.plan_hash {
        line("plan", hash.get(..8).unwrap_or(hash));
    }
    line("started", &header.at);
    match &run.end {
        Some((result, at)) => line("ended", &format!("{at} ({result})")),
        None => line("ended", "it was cut off, or goes on"),
    }
    line("version", &header.version);
    line("objects", &tally(run).text());
    let effects: Vec<(Effect, Became)> = run
        .effects()
        .into_iter()
        .map(|effect| {
            let became = Became::of(&effect);
            (effect, became)
        })
        .filter(|(_, became)| *became != Became::Same)
        .collect();
    let moves = moved(run);
    if !effects.is_empty() || !moves.is_empty() {
        text.push('\n');
    }
    for (effect, became) in &effects {
        text.push_str(&format!("  {} {}: {}", became.sign(), effect.target, became.word()));
        if let (Became::Made | Became::Imported, Some(after)) = (became, &effect.after)
            && let Some(id) = id(after)
        {
            text.push_str(&format!(", id {id}"));
        }
        text.push('\n');
        if let (Became::Changed | Became::Replaced | Became::Noted, Some(before), Some(after)) =
            (became, &effect.before, &effect.after)
        {
            for difference in differences(&before.attributes, &after.attributes) {
                text.push_str(&format!("      {difference}\n"));
            }
        }
        if let Some(failure) = &effect.failure {
            text.push_str(&format!("      {}\n", failed(failure)));
        }
    }
    for note in moves {
        text.push_str(&format!("    {note}\n"));
    }
    let calls = run.calls();
    if !calls.is_empty() {
        text.push_str("\ncalls\n");
    }
    for call in calls {
        text.push_str(&format!("  {}\n", call_text(&call)));
    }
    text
}

/// What a run did to the state alone.
fn moved(run: &PastRun) -> Vec<String> {
    let known: BTreeSet<ObjectRef> = run.effects().into_iter().map(|effect| effect.target).collect();
    let mut notes = Vec::new();
    for (_, record) in &run.records {
        match record {
            Record::Moved { from, to } => notes.push(format!("{from} moved to {to}")),
            Record::Moves(pairs) => {
                notes.extend(pairs.iter().map(|pair| format!("{} moved to {}", pair.from, pair.to)));
            }
            Record::Forget(target) if !known.contains(target) => notes.push(format!("{target} forgotten")),
            _ => {}
        }
    }
    notes
}

fn failed(failure: &CallFailure) -> String {
    let mut text = failure.message.to_string();
    for (name, part) in [("code", &failure.code), ("request id", &failure.request_id)] {
        if let Some(part) = part
            && !text.contains(&**part)
        {
            text.push_str(&format!(", {name} {part}"));
        }
    }
    text
}

fn verb(action: Action) -> &'static str {
    action.as_str()
}

fn call_text(call: &PastCall) -> String {
    let mut text = format!("{}  {} {}: {}", call.at, verb(call.action), call.target, call.step);
    if let Some(made) = &call.call {
        text.push_str(&format!(", {made}"));
    }
    if let Some(id) = &call.request_id {
        text.push_str(&format!(", request id {id}"));
    }
    match &call.end {
        CallEnd::Done => text.push_str(", done"),
        CallEnd::Failed(_) => text.push_str(", failed"),
        CallEnd::Open => text.push_str(", in doubt"),
    }
    text
}

/// The attributes that differ, with their values if these are short and no secrets.
fn differences(before: &Attributes, after: &Attributes) -> Vec<String> {
    let fields = |of: &Attributes| -> serde_json::Map<String, Json> {
        serde_json::from_str(of.raw()).unwrap_or_default()
    };
    let secret: BTreeSet<String> = before
        .sensitive()
        .iter()
        .chain(after.sensitive())
        .filter_map(|leaf| match leaf.path.0.first() {
            Some(Step::Attr(name) | Step::Key(name)) => Some(name.to_string()),
            _ => None,
        })
        .collect();
    let (before, after) = (fields(before), fields(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let (old, new) = (before.get(name).unwrap_or(&Json::Null), after.get(name).unwrap_or(&Json::Null));
        if old == new {
            continue;
        }
        if secret.contains(name) {
            found.push(format!("{name}: (sensitive value)"));
            continue;
        }
        let shown = |value: &Json| {
            let text = plain(value).to_string();
            if text.chars().count() > 48 { "…".to_owned() } else { text }
        };
        found.push(format!("{name}: {} -> {}", shown(old), shown(new)));
    }
    found
}

/// Values of any type carry it with them.
fn plain(value: &Json) -> &Json {
    match value {
        Json::Object(fields) if fields.len() == 2 && fields.contains_key("type") => {
            fields.get("value").unwrap_or(value)
        }
        _ => value,
    }
}

/// Returns runs as JSON; with their objects and calls if they are asked for.
#[must_use]
pub fn runs_json(runs: &[&PastRun], in_detail: bool) -> Json {
    let all: Vec<Json> = runs.iter().map(|run| run_json(run, in_detail)).collect();
    json!({ "format_version": "1.0", "runs": all })
}

fn run_json(run: &PastRun, in_detail: bool) -> Json {
    let header = &run.header;
    let Tally { added, changed, destroyed, invoked, moved: moves, forgotten, imported, failed, in_doubt } =
        tally(run);
    let mut document = json!({
        "run": header.id,
        "command": header.command,
        "who": header.who,
        "host": header.host,
        "pid": header.pid,
        "reason": header.reason,
        "job": header.job,
        "plan": header.plan,
        "plan_hash": header.plan_hash,
        "version": header.version,
        "started": header.at,
        "ended": run.end.as_ref().map(|(_, at)| at),
        "result": run.end.as_ref().map(|(result, _)| result),
        "counts": {
            "added": added, "changed": changed, "destroyed": destroyed,
            "imported": imported, "moved": moves, "forgotten": forgotten,
            "invoked": invoked, "failed": failed, "in_doubt": in_doubt,
        },
    });
    if in_detail && let Some(fields) = document.as_object_mut() {
        let objects: Vec<Json> = run
            .effects()
            .iter()
            .map(|effect| {
                let became = Became::of(effect);
                json!({
                    "address": effect.target.addr.to_string(),
                    "deposed_key": effect.target.deposed.as_ref().map(crate::state::DeposedKey::as_str),
                    "outcome": became.word().replace(' ', "_"),
                    "id": effect.after.as_ref().or(effect.before.as_ref()).and_then(id),
                    "error": effect.failure,
                })
            })
            .collect();
        let calls: Vec<Json> = run
            .calls()
            .iter()
            .map(|call| {
                let (end, error) = match &call.end {
                    CallEnd::Done => ("done", None),
                    CallEnd::Failed(failure) => ("failed", failure.as_ref()),
                    CallEnd::Open => ("in_doubt", None),
                };
                json!({
                    "address": call.target.addr.to_string(),
                    "action": verb(call.action),
                    "step": call.step,
                    "call": call.call,
                    "request_id": call.request_id,
                    "started": call.at,
                    "ended": call.until,
                    "outcome": end,
                    "error": error,
                })
            })
            .collect();
        let moves: Vec<Json> = moved(run).into_iter().map(Json::String).collect();
        fields.insert("objects".to_owned(), objects.into());
        fields.insert("calls".to_owned(), calls.into());
        fields.insert("notes".to_owned(), moves.into());
    }
    document
}
