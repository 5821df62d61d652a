//! Schema files to the model, with every mistake reported where it stands.

mod attribute;
mod call;
mod operation;
mod place;
mod provider;
mod reader;
mod resource;
mod types;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::Digest as _;

use crate::diag::Checked;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::Span;
use crate::syntax::ast::Block;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Name;
use crate::syntax::ast::Reference;
use crate::syntax::parse::parse_file;

pub(super) use place::Place;
pub(super) use place::place;

use super::Digest;
use super::Pattern;
use super::ProviderSchema;
use super::ResourceKind;
use super::ResourceSchema;
use super::SchemaFile;
use super::rules;
use super::vocabulary;
use super::vocabulary::BlockType;
use reader::Found;
pub(crate) use reader::duration;

pub(super) use reader::Named;
use reader::Reader;

/// What a file declares.
#[derive(Debug)]
pub(super) enum Loaded {
    /// A provider.
    Provider(Box<ProviderSchema>),
    /// A resource type or data source.
    Type(Box<ResourceSchema>),
}

/// A file with all that the rules need to know about it.
#[derive(Debug)]
pub(super) struct File {
    /// What it declares.
    pub(super) loaded: Loaded,
    /// References in its expressions.
    pub(super) references: Vec<Reference>,
    /// Bare names and what they must name.
    pub(super) names: Vec<(Ident, Named)>,
    /// Patterns and where they stand.
    pub(super) patterns: Vec<(Pattern, Span)>,
    /// Every word used: block type and keyword.
    pub(super) used: BTreeSet<(&'static str, &'static str)>,
}

/// Loads a provider file.
pub(super) fn provider(source: SourceId, name: &Name, text: &str) -> Checked<ProviderSchema> {
    let place = Place::Provider(Arc::clone(name));
    let checked = file(source, &place, text);
    let output = checked.output.and_then(|file| match file.loaded {
        Loaded::Provider(schema) => Some(*schema),
        Loaded::Type(_) => None,
    });
    Checked { output, diagnostics: checked.diagnostics }
}

/// Loads a resource or data source file.
pub(super) fn resource(
    source: SourceId,
    kind: ResourceKind,
    provider: &Name,
    name: &Name,
    text: &str,
) -> Checked<ResourceSchema> {
    let place = Place::Type { provider: Arc::clone(provider), kind, name: Arc::clone(name) };
    let checked = file(source, &place, text);
    let output = checked.output.and_then(|file| match file.loaded {
        Loaded::Type(schema) => Some(*schema),
        Loaded::Provider(_) => None,
    });
    Checked { output, diagnostics: checked.diagnostics }
}

/// Loads a file of which the path is known.
pub(super) fn file(source: SourceId, place: &Place, text: &str) -> Checked<File> {
    let mut found = Found::default();
    let Some(body) = parse_file(source, text).collect_into(&mut found.diagnostics) else {
        return Checked::failed(found.diagnostics);
    };
    if let Some(attribute) = body.attributes.first() {
        found.error("a schema file holds only blocks", attribute.span);
    }
    let (kind, name) = match place {
        Place::Provider(name) => ("provider", name),
        Place::Type { kind, name, .. } => (kind.block(), name),
    };
    let mut chosen: Option<(&Block, &'static BlockType)> = None;
    for block in &body.blocks {
        match vocabulary::FILE.iter().find(|known| known.name == &*block.kind.value) {
            Some(known) if known.name == kind && chosen.is_none() => chosen = Some((block, known)),
            _ => {
                let hint =
                    format!("a file declares one thing; by its path this one declares `{kind} \"{name}\"`");
                let summary = format!("`{}` does not belong here", block.kind.value);
                found.report(summary, block.header, Some(hint));
            }
        }
    }
    let Some((block, known)) = chosen else {
        if !body.partial {
            let summary = format!("the file does not declare `{kind} \"{name}\"`");
            found.error(summary, Span::new(source, 0, 0));
        }
        return Checked::failed(found.diagnostics);
    };
    let reader = Reader::open(block, known, &mut found);
    if let Some(label) = block.labels.first()
        && label.value != *name
    {
        let hint = "the path of the file says so".to_owned();
        found.report(format!("the label must be `{name}`"), label.span, Some(hint));
    }
    let digest = digest(text);
    let loaded = match place {
        Place::Provider(_) => Loaded::Provider(Box::new(provider::provider(&reader, digest, &mut found))),
        Place::Type { provider, kind, .. } => {
            let schema = resource::resource(&reader, *kind, provider, digest, &mut found);
            Loaded::Type(Box::new(schema))
        }
    };
    let Found { diagnostics, references, names, patterns, used } = found;
    Checked::with(File { loaded, references, names, patterns, used }, diagnostics)
}

/// Checks schema files against all rules, across files too. Spans lie in the source that stands beside each.
pub fn check(files: &[(SourceId, SchemaFile)]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut loaded = Vec::new();
    for (source, SchemaFile { path, text }) in files {
        let Some(place) = place(path) else {
            let summary = format!("`{path}` is not the path of a schema file");
            let hint = "schemas are `PROVIDER/provider.hcl`, `PROVIDER/TYPE.hcl`, `PROVIDER/data/TYPE.hcl` and `PROVIDER/action/TYPE.hcl`";
            diagnostics.push(
                Diagnostic::error(Code::InvalidSchema, summary).at(Span::new(*source, 0, 0), "").hint(hint),
            );
            continue;
        };
        loaded.extend(file(*source, &place, text).collect_into(&mut diagnostics));
    }
    rules::check(&loaded, &mut diagnostics);
    diagnostics.sort();
    diagnostics
}

/// Returns every word that files use, as block type and keyword.
pub fn words(files: &[(SourceId, SchemaFile)]) -> BTreeSet<(&'static str, &'static str)> {
    let load =
        |(source, schema): &(SourceId, SchemaFile)| file(*source, &place(&schema.path)?, &schema.text).output;
    files.iter().filter_map(load).flat_map(|file| file.used).collect()
}

/// Returns the digest of a text.
pub(super) fn digest(text: &str) -> Digest {
    let mut hex = String::with_capacity(16);
    for byte in sha2::Sha256::digest(text.as_bytes()).iter().take(8) {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").ok();
    }
    Digest(Arc::from(hex))
}
