//! What is tried, and the laws that must hold whatever the input is. None of them may panic.

use std::fmt::Debug;
use std::hash::DefaultHasher;
use std::hash::Hasher as _;
use std::hint::black_box;
use std::sync::Arc;

use queueform::diag::Diagnostics;
use queueform::eval;
use queueform::eval::Referent;
use queueform::eval::Scope;
use queueform::ops::planfile::PlanFile;
use queueform::render::Look;
use queueform::render::console;
use queueform::render::diag;
use queueform::render::schema as schema_view;
use queueform::render::state as state_view;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::source::SourceId;
use queueform::source::SourceMap;
use queueform::source::Span;
use queueform::state::State;
use queueform::state::document;
use queueform::state::envelope;
use queueform::state::journal;
use queueform::state::journal::Fold;
use queueform::state::journal::Record;
use queueform::syntax::fmt::format;
use queueform::syntax::fmt::format_valid;
use queueform::syntax::lex::TokenKind;
use queueform::syntax::lex::lex;
use queueform::syntax::parse;
use queueform::value::Marks;
use queueform::value::Type;
use queueform::value::Value;
use queueform::value::convert;

use super::files;
use super::served;

/// Something that takes any input.
pub(super) struct Target {
    /// Its name on the command line.
    pub(super) name: &'static str,
    /// Tries an input: a number for what it led to, or the law that is broken.
    pub(super) run: fn(&[u8]) -> Result<u64, String>,
    /// What inputs mostly are.
    pub(super) form: Form,
    /// Whether an input comes further than the first thing that reads it.
    pub(super) reads: fn(&[u8]) -> bool,
    /// Where more inputs are that are worth beginning with: directories and ends of names.
    pub(super) seeds: &'static [(&'static str, &'static [&'static str])],
}

/// What the inputs of a target mostly are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Expressions.
    Expression,
    /// Configurations and schemas.
    File,
    /// JSON documents.
    Json,
}

/// All targets.
pub(super) const ALL: &[Target] = &[
    Target { name: "parse", run: parse, form: Form::File, reads: is_file, seeds: TEXTS },
    Target { name: "eval", run: evaluate, form: Form::Expression, reads: is_expression, seeds: &[] },
    Target { name: "fmt", run: formatted, form: Form::File, reads: is_file, seeds: TEXTS },
    Target {
        name: "json",
        run: files::json,
        form: Form::Json,
        reads: is_json,
        seeds: &[("tests/conformance/fixtures", &[".json"])],
    },
    Target {
        name: "variables",
        run: files::variables,
        form: Form::File,
        reads: is_file,
        seeds: &[("examples", &[".qfvars.hcl"])],
    },
    Target { name: "lock", run: files::lock, form: Form::File, reads: is_file, seeds: &[] },
    Target { name: "state", run: state, form: Form::Json, reads: is_state, seeds: &[] },
    Target { name: "journal", run: journal, form: Form::Json, reads: is_journal, seeds: &[] },
    Target { name: "plan", run: plan, form: Form::Json, reads: is_plan, seeds: &[] },
    Target {
        name: "schema",
        run: schema,
        form: Form::File,
        reads: is_file,
        seeds: &[("schemas", &[".hcl"]), ("tests/fixtures/schema", &[".hcl"])],
    },
    Target { name: "answers", run: served::answers, form: Form::Json, reads: is_json, seeds: &[] },
    Target { name: "engines", run: served::engines, form: Form::Json, reads: is_json, seeds: &[] },
];

const TEXTS: &[(&str, &[&str])] = &[
    ("tests/conformance/broken", &[".hcl"]),
    ("tests/conformance/fmt", &[".jsonl"]),
    ("tests/conformance/fixtures", &[".hcl"]),
    ("examples", &[".hcl"]),
    ("schemas/queueform", &[".hcl"]),
];

fn is_file(input: &[u8]) -> bool {
    text_of(input, |source, text| !parse::parse_file(source, text).diagnostics.has_errors())
}

fn is_expression(input: &[u8]) -> bool {
    text_of(input, |source, text| !parse::parse_expression(source, 0, text).diagnostics.has_errors())
}

fn text_of(input: &[u8], reads: impl Fn(SourceId, &str) -> bool) -> bool {
    std::str::from_utf8(input).is_ok_and(|text| reads(SourceMap::new().add("input", text), text))
}

fn is_json(input: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(input).is_ok_and(|value| value.is_object())
}

fn is_state(input: &[u8]) -> bool {
    document::read(input).is_ok()
}

fn is_journal(input: &[u8]) -> bool {
    serde_json::from_slice::<Vec<Record>>(input).is_ok()
}

fn is_plan(input: &[u8]) -> bool {
    let body = serde_json::from_slice::<Box<serde_json::value::RawValue>>(input);
    let sealed = body.ok().and_then(|body| envelope::wrap("plan", 1, &body).ok());
    sealed.is_some_and(|sealed| PlanFile::parse(&sealed).is_ok())
}

/// Returns the target of a name.
pub(super) fn find(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}

/// Returns all names.
pub(super) fn names() -> String {
    ALL.iter().map(|target| target.name).collect::<Vec<_>>().join(", ")
}

pub(super) fn law(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}

pub(super) fn hash(parts: impl IntoIterator<Item = impl std::hash::Hash>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.hash(&mut hasher);
    }
    hasher.finish()
}

/// What findings are about; their places must lie in the text, and they can be drawn.
pub(super) fn findings(
    found: &Diagnostics,
    sources: &SourceMap,
    text: &str,
) -> Result<Vec<&'static str>, String> {
    for item in found {
        law(!item.summary.is_empty(), "a finding says nothing")?;
        for label in &item.labels {
            if sources.get(label.span.source).is_some_and(|file| **file.text() == *text) {
                let range = label.span.range();
                law(
                    text.get(range.clone()).is_some(),
                    format!("{} at {range:?} is not in the text", item.code.name()),
                )?;
            }
        }
    }
    let mut out = String::new();
    let few: Diagnostics = found.iter().take(20).cloned().collect();
    diag::human(&mut out, &few, sources, Look::plain()).map_err(|_error| "cannot be drawn".to_owned())?;
    for item in &few {
        black_box(diag::diagnostic_json(item, sources));
    }
    Ok(found.iter().map(|item| item.code.name()).collect())
}

/// A tree as text, without places.
fn shape(tree: &impl Debug) -> String {
    let text = format!("{tree:?}");
    let mut out = String::with_capacity(text.len() / 2);
    let mut parts = text.split("Span { ");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    out
}

/// Configurations, expressions and templates: twice the same tree, places inside, and the same tree again for the text
/// that the formatter makes of it.
fn parse(input: &[u8]) -> Result<u64, String> {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(0) };
    let mut sources = SourceMap::new();
    let source = sources.add("input", text);
    let file = parse::parse_file(source, text);
    let mut signature = findings(&file.diagnostics, &sources, text)?;
    let again = parse::parse_file(source, text);
    law(file.diagnostics == again.diagnostics, "two readings have different findings")?;
    if let Some(body) = &file.output {
        let tree = shape(body);
        law(tree == shape(&again.output), "two readings have different trees").or_else(|_| {
            // `again.output` is an option.
            law(format!("Some({tree})") == shape(&again.output), "two readings have different trees")
        })?;
        drop(body.clone());
    }
    let expression = parse::parse_expression(source, 0, text);
    signature.extend(findings(&expression.diagnostics, &sources, text)?);
    if let Some(expr) = &expression.output {
        let mut count = 0_usize;
        parse::references(expr, &mut |reference| {
            count += reference.steps.len() + 1;
        });
        signature.push(if count > 3 { "many" } else { ["0", "1", "2", "3"][count] });
    }
    let template = parse::parse_template(source, 0, text);
    signature.extend(findings(&template.diagnostics, &sources, text)?);
    signature.sort_unstable();
    signature.dedup();
    let kinds = kinds(text);
    Ok(hash(signature) ^ kinds)
}

/// Which pairs of tokens a text has.
fn kinds(text: &str) -> u64 {
    let tokens = lex(text);
    let mut pairs: Vec<(TokenKind, TokenKind)> =
        tokens.windows(2).map(|pair| (pair[0].kind, pair[1].kind)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    hash(pairs)
}

/// What a text says, without layout, quotes that may go and comments' ends.
fn words(text: &str) -> String {
    let silent = [
        TokenKind::Newline,
        TokenKind::Eof,
        TokenKind::OQuote,
        TokenKind::CQuote,
        TokenKind::TemplateInterp,
        TokenKind::TemplateSeqEnd,
        TokenKind::Bom,
    ];
    let spoken = lex(text).into_iter().filter(|token| !silent.contains(&token.kind));
    let words: String = spoken.map(|token| token.text(text)).collect();
    words.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The layout of any text: twice is the same as once, and no word is lost.
fn formatted(input: &[u8]) -> Result<u64, String> {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(0) };
    let mut sources = SourceMap::new();
    let source = sources.add("input", text);
    let result = format(source, text);
    let Some(once) = result.output else {
        // What cannot be parsed is only laid out by those who know that it can be.
        black_box(format_valid(text));
        return Ok(hash(findings(&result.diagnostics, &sources, text)?) ^ kinds(text));
    };
    let mut sources = SourceMap::new();
    let source = sources.add("again", once.as_str());
    let again = format(source, &once);
    let twice =
        again.output.ok_or_else(|| format!("the layout cannot be parsed: {:?}", again.diagnostics))?;
    law(once == twice, "a second run changes something")?;
    // Types of old are written anew: `"list"` becomes `list(string)`.
    let old = text.contains("type") && ["list", "map", "set"].iter().any(|name| text.contains(name));
    // A template that is nothing but an expression over several lines gets parentheses for its quotes.
    let bare = |text: &str| words(text).replace(['(', ')'], "");
    let wraps = text.contains("\"${") && bare(text) == bare(&once);
    law(old || wraps || words(text) == words(&once), "words are lost or made")?;
    Ok(kinds(text))
}

/// A scope with a value of each kind.
struct Names;

impl Scope for Names {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        let text = |text: &str| Value::string(Arc::<str>::from(text));
        Ok(Referent::Value(match name {
            "var" | "local" => Value::object([
                ("x", text("text")),
                ("y", Value::int(5)),
                ("list", Value::tuple([Value::int(1), text("a"), Value::bool(true)])),
                ("map", Value::object([("a", Value::int(1)), ("b", Value::null_of(Type::String))])),
                ("unknown", Value::unknown(Type::String)),
                ("any", Value::unknown(Type::Any)),
                ("secret", text("hidden").mark(Marks::SENSITIVE)),
            ]),
            "path" => Value::object([("module", text(".")), ("root", text(".")), ("cwd", text("/"))]),
            "self" => Value::null_of(Type::Any),
            _ => return eval::Constants { functions: true }.root(name, span),
        }))
    }
}

/// Expressions: a value twice the same, which can be drawn, converted to its own type, and shows no secret.
fn evaluate(input: &[u8]) -> Result<u64, String> {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(0) };
    let mut sources = SourceMap::new();
    let source = sources.add("input", text);
    let parsed = parse::parse_expression(source, 0, text);
    let Some(expr) = parsed.output.filter(|_| !parsed.diagnostics.has_errors()) else { return Ok(0) };
    let value = match eval::evaluate(&expr, &Names) {
        Ok(value) => value,
        Err(found) => return Ok(hash(findings(&found, &sources, text)?)),
    };
    let ty = value.ty();
    let drawn = console::value_text(&value);
    // Some functions are not the same twice.
    if !["uuid", "bcrypt", "timestamp"].iter().any(|name| text.contains(name)) {
        let again =
            eval::evaluate(&expr, &Names).map_err(|found| format!("fails the second time: {found:?}"))?;
        law(drawn == console::value_text(&again), "another value the second time")?;
    }
    law(
        !drawn.contains("hidden") || text.contains("hidden") || !value.marks_deep().is_sensitive(),
        "a secret is shown",
    )?;
    console::value_json(&value).ok();
    black_box(console::type_text(&ty));
    black_box(eval::show(&value));
    let own =
        convert(&value, &ty).map_err(|error| format!("does not convert to its own type {ty}: {error}"))?;
    law(console::value_text(&own) == drawn, "another value in its own type")?;
    Ok(hash([console::type_text(&ty).chars().take(200).collect::<String>()]) ^ kinds(text))
}

/// State documents: what was read can be written, and what was written is read the same.
fn state(input: &[u8]) -> Result<u64, String> {
    let first = match document::read(input) {
        Ok(state) => state,
        Err(error) => {
            return Ok(hash([error
                .to_string()
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .take(60)
                .collect::<String>()]));
        }
    };
    black_box(document::head(input));
    let bytes =
        document::write(&first).map_err(|error| format!("what was read cannot be written: {error}"))?;
    let second =
        document::read(&bytes).map_err(|error| format!("what was written cannot be read: {error}"))?;
    let addresses = |state: &State| state.resources.keys().cloned().collect::<Vec<_>>();
    law(addresses(&first) == addresses(&second), "other objects than were read")?;
    law((first.serial, &first.lineage) == (second.serial, &second.lineage), "another state than was read")?;
    // Secrets of other tools are digested and the version is ours from the first time on.
    let bytes = document::write(&second).map_err(|error| format!("not written again: {error}"))?;
    let third = document::read(&bytes).map_err(|error| format!("not read again: {error}"))?;
    law(second == third, "written and read again it is another state")?;
    black_box(state_view::state(&first, &Registry::embedded(), Look::plain()));
    Ok(hash([shape(&first).chars().filter(|c| !c.is_alphanumeric()).take(2_000).collect::<String>()]))
}

/// Records of a journal: written and read the same; whatever they say, they are followed or refused.
fn journal(input: &[u8]) -> Result<u64, String> {
    // Lines that nobody wrote.
    let raw = journal::parse(input).is_ok();
    let Ok(records) = serde_json::from_slice::<Vec<Record>>(input) else { return Ok(u64::from(raw)) };
    let mut text = String::new();
    for (index, record) in records.iter().enumerate() {
        let line = journal::encode(index as u64 + 1, record)
            .map_err(|error| format!("cannot be written: {error}"))?;
        text.push_str(&line);
    }
    let read =
        journal::parse(text.as_bytes()).map_err(|damage| format!("what was written is damaged: {damage}"))?;
    // Line ends between the parts of attributes become spaces, so records are compared as they are written.
    let again: Result<String, _> =
        read.records.iter().map(|(number, record)| journal::encode(*number, record)).collect();
    law(again.is_ok_and(|again| again == text), "other records than were written")?;
    let mut fold = Fold::new(State::default());
    let mut told = Vec::new();
    for (sequence, record) in read.records {
        told.push(match fold.apply(sequence, record) {
            Ok(()) => "followed".to_owned(),
            Err(error) => error.to_string().chars().filter(|c| !c.is_ascii_digit()).take(40).collect(),
        });
    }
    let state = fold.into_state();
    document::write(&state).map_err(|error| format!("the state cannot be written: {error}"))?;
    told.sort_unstable();
    told.dedup();
    Ok(hash(told))
}

/// Saved plans: the body of an envelope that is whole, and any text in place of it.
fn plan(input: &[u8]) -> Result<u64, String> {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(0) };
    PlanFile::parse(text).ok();
    let Ok(body) = serde_json::from_str::<Box<serde_json::value::RawValue>>(text) else { return Ok(1) };
    let sealed = envelope::wrap("plan", 1, &body).map_err(|error| format!("cannot be sealed: {error}"))?;
    let file = match PlanFile::parse(&sealed) {
        Ok(file) => file,
        Err(found) => {
            let said: String = found.summary.chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
            return Ok(hash([said]));
        }
    };
    black_box(file.human(true, true, Look::plain()));
    black_box(file.human(false, false, Look { colour: true, width: 40 }));
    black_box(file.short_hash());
    let told = file.options().is_ok();
    file.check_start(&State::default(), "2026-01-01T00:00:00Z").ok();
    black_box(file.is_begun(&State::default()));
    let opened = file.project(queueform::ops::project::ProjectOptions {
        directory: "/nonexistent".into(),
        emulate: queueform::ops::project::Emulate::Fresh,
        ..Default::default()
    });
    let codes: Vec<&str> = opened.diagnostics.iter().map(|item| item.code.name()).collect();
    Ok(hash(codes) ^ u64::from(told))
}

/// Schema files that users write: findings with places, and types that can be looked at.
fn schema(input: &[u8]) -> Result<u64, String> {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(0) };
    let provider = include_str!("../../examples/custom-provider/schemas/inbox/provider.hcl");
    let queue = include_str!("../../examples/custom-provider/schemas/inbox/queue.hcl");
    let files = if text.contains("provider \"") {
        [("provider.hcl", text), ("queue.hcl", queue)]
    } else {
        [("provider.hcl", provider), ("queue.hcl", text)]
    };
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let mut registry = Registry::default();
    let found = registry.add_provider_files(&"inbox".into(), "schemas/inbox", &files);
    let mut out = String::new();
    let few: Diagnostics = found.iter().take(20).cloned().collect();
    diag::human(&mut out, &few, &registry, Look::plain()).map_err(|_error| "cannot be drawn".to_owned())?;
    for kind in ResourceKind::ALL.iter().copied() {
        let names: Vec<_> = registry.type_names(kind).cloned().collect();
        for name in names {
            if let Some(known) = registry.resource(kind, &name) {
                black_box(schema_view::type_page(&known));
                black_box(schema_view::type_json(&known));
            }
        }
    }
    black_box(registry.provider("inbox"));
    let mut codes: Vec<String> = found
        .iter()
        .map(|item| item.summary.chars().filter(|c| c.is_alphabetic()).take(24).collect())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    Ok(hash(codes))
}
