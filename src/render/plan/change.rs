//! One change, or a table of siblings.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::plan::Action;
use crate::plan::ActionReason;
use crate::plan::Change;
use crate::plan::Verdict;
use crate::value::Fields;
use crate::value::Value;

use super::super::Look;
use super::super::diff;
use super::super::diff::Difference;
use super::super::paint::Paint;
use super::super::paint::Tone;
use super::super::value;
use super::PlanView;
use super::fold::Group;
use super::label;
use super::sign;
use super::tone;

/// Width of the column with the risk.
const LABEL: usize = 11;

/// Longest one-line value before it is cut in folded views.
const LONGEST: usize = 120;

/// Most unknown attributes that are named one by one.
const UNKNOWNS: usize = 6;

/// Draws a group.
pub(super) fn write(
    out: &mut dyn fmt::Write,
    group: &Group<'_>,
    view: &PlanView<'_>,
    labelled: bool,
    look: Look,
) -> fmt::Result {
    let paint = Paint::of(look);
    let Some(first) = group.changes.first() else { return Ok(()) };
    let lead = if labelled {
        let (word, tone) = label(first);
        format!("  {} ", paint.tone(tone, &format!("{word:LABEL$}")))
    } else {
        "  ".to_owned()
    };
    let indent = if labelled { LABEL + 7 } else { 6 };
    let mark = paint.tone(tone(first.action), sign(first.action));
    if let [only] = group.changes.as_slice() {
        let place = place(only, view);
        let heading = heading(only, &place);
        writeln!(out, "{lead}{mark} {}{}", paint.tone(Tone::Strong, &name(only)), spaced(&heading, paint))?;
        body(out, only, indent, view, look)
    } else {
        let number = group.changes.len();
        writeln!(
            out,
            "{lead}{mark} {}   {number}{}",
            paint.tone(Tone::Strong, &first.addr.resource.to_string()),
            spaced(&heading(first, &place(first, view)), paint)
        )?;
        table(out, group, indent, look)
    }
}

fn name(change: &Change) -> String {
    match &change.deposed {
        Some(key) => format!("{} (deposed {key})", change.addr),
        None => change.addr.to_string(),
    }
}

fn spaced(text: &str, paint: Paint) -> String {
    if text.is_empty() { String::new() } else { format!("   {}", paint.tone(Tone::Faint, text)) }
}

/// Why this happens, and where it is written.
fn heading(change: &Change, place: &str) -> String {
    let mut parts = Vec::new();
    match change.reason {
        Some(ActionReason::ReplaceBecauseTainted) => {
            parts.push("is tainted, so it must be replaced".to_owned())
        }
        Some(ActionReason::ReplaceByRequest) => parts.push("replaced as requested".to_owned()),
        Some(ActionReason::ReadBecauseConfigUnknown) => {
            parts.push("read during apply: arguments are not known yet".to_owned())
        }
        Some(ActionReason::ReadBecauseDependencyPending) => {
            parts.push("read during apply: something it depends on changes".to_owned());
        }
        _ => {}
    }
    if change.action == Action::Forget {
        parts.push("no longer managed, left as it is".to_owned());
    }
    parts.extend(change.causes.iter().map(|cause| match &cause.path {
        Some(path) => format!("{path} follows {}", cause.text),
        None => cause.text.clone(),
    }));
    if matches!(change.action, Action::Create | Action::Replace(_)) {
        parts.extend(change.notes.iter().cloned());
    }
    let mut text = parts.join("; ");
    if matches!(change.action, Action::Delete | Action::Forget) && !place.is_empty() {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(place);
    }
    text
}

fn place(change: &Change, view: &PlanView<'_>) -> String {
    let Some(span) = change.place else { return String::new() };
    let Some(file) = view.sources.get(span.source) else { return String::new() };
    format!("{}:{}", file.name(), file.position(span.start).line)
}

fn body(
    out: &mut dyn fmt::Write,
    change: &Change,
    indent: usize,
    view: &PlanView<'_>,
    look: Look,
) -> fmt::Result {
    let paint = Paint::of(look);
    match (&change.before, &change.after, change.action) {
        (_, Some(after), Action::Create | Action::Read) => {
            attributes(out, after, '+', indent, view.full, look)?
        }
        (Some(before), _, Action::Delete) if view.full => attributes(out, before, '-', indent, true, look)?,
        (Some(before), Some(after), Action::Update | Action::Replace(_)) => {
            changes(out, change, (before, after), indent, look)?
        }
        _ => {}
    }
    for path in &change.unverified {
        writeln!(
            out,
            "{:indent$}  {path} {}",
            "",
            paint.tone(Tone::Faint, "(unverified: the service never returns it)")
        )?;
    }
    if matches!(change.action, Action::Delete) {
        for note in &change.notes {
            writeln!(out, "{:indent$}{note}", "")?;
        }
    }
    guards(out, change, indent, paint)
}

fn guards(out: &mut dyn fmt::Write, change: &Change, indent: usize, paint: Paint) -> fmt::Result {
    for finding in &change.guards {
        let text = match finding.verdict {
            Verdict::Clear => continue,
            Verdict::Allowed => {
                let by = finding
                    .allowed
                    .as_ref()
                    .map(|(limit, by)| format!(" (up to {limit} allowed by {by})"))
                    .unwrap_or_default();
                format!("{}{by}", finding.message)
            }
            Verdict::Unobserved => format!(
                "{} could not be observed, which counts as not safe: {}",
                finding.guard, finding.message
            ),
            Verdict::Denied | Verdict::Interrupts => finding.message.clone(),
        };
        writeln!(out, "{:indent$}{text}", "")?;
        if finding.verdict == Verdict::Denied
            && let Some((limit, by)) = &finding.allowed
        {
            writeln!(out, "{:indent$}only {limit} allowed by {by}", "")?;
        }
        if let Some(consent) = &finding.consent {
            writeln!(out, "{:indent$}{} to accept the loss:", "", paint.tone(Tone::Warn, "hint:"))?;
            for line in consent.lines() {
                writeln!(out, "{:indent$}      {line}", "")?;
            }
        }
    }
    Ok(())
}

/// The attributes of a whole object, as many on a line as fit.
fn attributes(
    out: &mut dyn fmt::Write,
    object: &Value,
    sign: char,
    indent: usize,
    full: bool,
    look: Look,
) -> fmt::Result {
    let Some(fields) = object.fields() else { return Ok(()) };
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for (name, part) in fields {
        if part.is_null() && !part.marks().is_sensitive() {
            continue;
        }
        if part.is_known() || part.marks().is_sensitive() {
            if part.is_null() || (!full && is_empty(part)) {
                continue;
            }
            known.push(format!("{} = {}", value::key(name), value::inline(part)));
        } else {
            unknown.push(name.to_string());
        }
    }
    flow(out, &known, sign, indent, look)?;
    if !unknown.is_empty() {
        let paint = Paint::of(look);
        let list = if full || unknown.len() <= UNKNOWNS {
            format!("{} {}", unknown.join(", "), value::UNKNOWN)
        } else {
            format!("{} more attributes {}", unknown.len(), value::UNKNOWN)
        };
        for (index, line) in wrapped(&list, look.width.saturating_sub(indent + 2)).into_iter().enumerate() {
            let lead = if index == 0 { sign } else { ' ' };
            writeln!(out, "{:indent$}{lead} {}", "", paint.tone(Tone::Faint, &line))?;
        }
    }
    Ok(())
}

/// Whether a value is an empty text or collection, which is not worth a place in a short view.
fn is_empty(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.is_empty())
        || value.elements().is_some_and(<[Value]>::is_empty)
        || value.fields().is_some_and(Fields::is_empty)
}

/// Puts items on lines, three spaces apart.
fn flow(out: &mut dyn fmt::Write, items: &[String], sign: char, indent: usize, look: Look) -> fmt::Result {
    let room = look.width.max(40).saturating_sub(indent + 2);
    let mut line = String::new();
    for item in items {
        if !line.is_empty() && line.chars().count() + 3 + item.chars().count() > room {
            writeln!(out, "{:indent$}{sign} {line}", "")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push_str("   ");
        }
        line.push_str(item);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "{:indent$}{sign} {line}", "") }
}

fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room.max(20) {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// What differs, attribute by attribute.
fn changes(
    out: &mut dyn fmt::Write,
    change: &Change,
    (before, after): (&Value, &Value),
    indent: usize,
    look: Look,
) -> fmt::Result {
    let paint = Paint::of(look);
    let (Some(old), Some(new)) = (before.fields(), after.fields()) else { return Ok(()) };
    let mut recomputed = Vec::new();
    for (name, part) in new {
        let null = Value::null();
        let was = old.get(name).unwrap_or(&null);
        if !part.is_known() && !part.marks().is_sensitive() {
            let forced = forces(change, name);
            if !forced && !was.is_null() {
                recomputed.push(name.to_string());
                continue;
            }
        }
        let found = diff::values(ValuePath::attr(Arc::clone(name)), was, part);
        if found.is_empty() {
            continue;
        }
        let forces = if forces(change, name) {
            paint.tone(Tone::Remove, "   # forces replacement")
        } else {
            String::new()
        };
        if let [only] = found.as_slice()
            && only.label.is_empty()
        {
            if multiline(was) || multiline(part) {
                writeln!(out, "{:indent$}{} {name}:{forces}", "", signed('~', paint))?;
                text_diff(out, was, part, indent + 4, paint)?;
                continue;
            }
            let text = one(only);
            writeln!(out, "{:indent$}{} {name}: {text}{forces}", "", signed(only.sign.symbol(), paint))?;
            continue;
        }
        let texts: Vec<String> = found.iter().map(|difference| part_text(difference, paint)).collect();
        let line = texts.join("  ");
        let plain: usize = found
            .iter()
            .map(|difference| {
                part_text(difference, Paint::of(Look { colour: false, ..look })).chars().count() + 2
            })
            .sum();
        if indent + name.len() + 4 + plain <= look.width {
            writeln!(out, "{:indent$}{} {name}: {line}{forces}", "", signed('~', paint))?;
        } else {
            writeln!(out, "{:indent$}{} {name}:{forces}", "", signed('~', paint))?;
            for text in texts {
                writeln!(out, "{:indent$}    {text}", "")?;
            }
        }
    }
    if !recomputed.is_empty() {
        let list = format!("{} {}", recomputed.join(", "), value::UNKNOWN);
        for line in wrapped(&list, look.width.saturating_sub(indent + 2)) {
            writeln!(out, "{:indent$}  {}", "", paint.tone(Tone::Faint, &line))?;
        }
    }
    Ok(())
}

fn forces(change: &Change, name: &Arc<str>) -> bool {
    let root = ValuePath(vec![Step::Attr(Arc::clone(name))]);
    change.replace_paths.iter().any(|path| path.starts_with(&root))
}

fn signed(sign: char, paint: Paint) -> String {
    let tone = match sign {
        '+' => Tone::Add,
        '-' => Tone::Remove,
        _ => Tone::Change,
    };
    paint.tone(tone, &sign.to_string())
}

fn one(difference: &Difference) -> String {
    let text = |side: &Option<Value>| side.as_ref().filter(|value| !value.is_null()).map(value::inline);
    match (text(&difference.before), text(&difference.after)) {
        (Some(before), Some(after)) if before == after => format!("{after} (changed)"),
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(after)) => after,
        (Some(before), None) => format!("{before} -> null"),
        (None, None) => String::new(),
    }
}

fn part_text(difference: &Difference, paint: Paint) -> String {
    let sign = signed(difference.sign.symbol(), paint);
    if difference.label.is_empty() {
        return format!("{sign} {}", one(difference));
    }
    let text = |side: &Option<Value>| side.as_ref().map(value::inline).unwrap_or_default();
    match difference.sign {
        diff::Sign::Change => format!("{sign} {}: {}", difference.label, one(difference)),
        diff::Sign::Remove => format!("{sign} {} = {}", difference.label, text(&difference.before)),
        diff::Sign::Add => format!("{sign} {} = {}", difference.label, text(&difference.after)),
    }
}

fn multiline(value: &Value) -> bool {
    !value.marks().is_sensitive()
        && value.as_str().is_some_and(|text| text.trim_end_matches('\n').contains('\n'))
}

fn text_diff(
    out: &mut dyn fmt::Write,
    before: &Value,
    after: &Value,
    indent: usize,
    paint: Paint,
) -> fmt::Result {
    let text = |value: &Value| value.as_str().map(ToString::to_string).unwrap_or_default();
    let (old, new) = (text(before), text(after));
    for line in similar::TextDiff::from_lines(&old, &new).iter_all_changes() {
        let sign = match line.tag() {
            similar::ChangeTag::Equal => ' ',
            similar::ChangeTag::Delete => '-',
            similar::ChangeTag::Insert => '+',
        };
        let shown: String =
            line.value().trim_end_matches('\n').chars().filter(|c| *c == '\t' || !c.is_control()).collect();
        writeln!(
            out,
            "{:indent$}{} {shown}",
            "",
            if sign == ' ' { " ".to_owned() } else { signed(sign, paint) }
        )?;
    }
    Ok(())
}

/// Siblings: what they share on one line, what differs as a table.
fn table(out: &mut dyn fmt::Write, group: &Group<'_>, indent: usize, look: Look) -> fmt::Result {
    let paint = Paint::of(look);
    let side = |change: &Change| match change.action {
        Action::Delete | Action::Forget => change.before.clone(),
        _ => change.after.clone(),
    };
    let rows: Vec<(String, BTreeMap<String, String>)> = group
        .changes
        .iter()
        .map(|change| {
            let key = change.addr.key.as_ref().map(ToString::to_string).unwrap_or_default();
            let cells = side(change)
                .and_then(|value| value.fields().cloned())
                .unwrap_or_default()
                .iter()
                .filter(|(_, part)| !part.is_null() && (part.is_known() || part.marks().is_sensitive()))
                .filter(|(_, part)| !repeats_key(part, change.addr.key.as_ref()))
                .filter(|(_, part)| !is_empty(part))
                .map(|(name, part)| (name.to_string(), cut(&value::inline(part))))
                .collect();
            (key, cells)
        })
        .collect();
    let sign_text = paint.tone(
        tone(group.changes.first().map_or(Action::NoOp, |change| change.action)),
        sign(group.changes.first().map_or(Action::NoOp, |change| change.action)),
    );
    let deleting =
        group.changes.first().is_some_and(|change| matches!(change.action, Action::Delete | Action::Forget));
    let mut names: Vec<&String> = rows.iter().flat_map(|(_, cells)| cells.keys()).collect();
    names.sort();
    names.dedup();
    let shared: Vec<String> = names
        .iter()
        .filter_map(|name| {
            let value = rows.first()?.1.get(*name)?;
            rows.iter().all(|(_, cells)| cells.get(*name) == Some(value)).then(|| format!("{name} = {value}"))
        })
        .collect();
    let differing: Vec<&String> = names
        .into_iter()
        .filter(|name| {
            let value = rows.first().and_then(|(_, cells)| cells.get(*name));
            value.is_none() || rows.iter().any(|(_, cells)| cells.get(*name) != value)
        })
        .collect();
    if deleting || differing.is_empty() {
        if !deleting {
            flow(out, &shared, ' ', indent, look)?;
        }
        let keys: Vec<String> = rows.into_iter().map(|(key, _)| key).collect();
        return flow(
            out,
            &keys,
            sign(group.changes.first().map_or(Action::NoOp, |change| change.action))
                .chars()
                .next()
                .unwrap_or(' '),
            indent,
            look,
        );
    }
    flow(out, &shared, ' ', indent, look)?;
    let key_width = rows.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = differing
        .iter()
        .map(|name| {
            rows.iter()
                .map(|(_, cells)| cells.get(*name).map_or(0, |cell| cell.chars().count()))
                .chain([name.chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let total = indent + 2 + key_width + widths.iter().map(|width| width + 3).sum::<usize>();
    if total <= look.width {
        // Numbers stand to the right, everything else to the left.
        let numeric: Vec<bool> = differing
            .iter()
            .map(|name| {
                rows.iter().filter_map(|(_, cells)| cells.get(*name)).all(|cell| cell.parse::<f64>().is_ok())
            })
            .collect();
        let cell = |text: &str, width: usize, right: bool| {
            if right { format!("{text:>width$}") } else { format!("{text:width$}") }
        };
        let head: Vec<String> = differing
            .iter()
            .zip(&widths)
            .zip(&numeric)
            .map(|((name, width), right)| cell(name, *width, *right))
            .collect();
        writeln!(
            out,
            "{:indent$}  {:key_width$}   {}",
            "",
            "",
            paint.tone(Tone::Faint, head.join("   ").trim_end())
        )?;
        for (key, cells) in &rows {
            let line: Vec<String> = differing
                .iter()
                .zip(&widths)
                .zip(&numeric)
                .map(|((name, width), right)| {
                    cell(cells.get(*name).map_or("", String::as_str), *width, *right)
                })
                .collect();
            writeln!(out, "{:indent$}{sign_text} {key:key_width$}   {}", "", line.join("   ").trim_end())?;
        }
        return Ok(());
    }
    for (key, cells) in &rows {
        let items: Vec<String> = differing
            .iter()
            .filter_map(|name| cells.get(*name).map(|cell| format!("{name} = {cell}")))
            .collect();
        writeln!(out, "{:indent$}{sign_text} {key:key_width$}   {}", "", items.join("   "))?;
    }
    Ok(())
}

/// Whether an attribute only says what the key says already.
fn repeats_key(value: &Value, key: Option<&InstanceKey>) -> bool {
    match (value.as_str(), key) {
        (Some(text), Some(InstanceKey::Str(key))) => text == key,
        _ => false,
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}
