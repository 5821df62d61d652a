//! Whole modules: their files one after the other, with what they refer to.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::Span;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::fmt::format_valid;
use crate::syntax::parse::parse_file;

use super::block;
use super::chain::Chain;
use super::chain::Scope;
use super::chain::chains;
use super::chain::scoped;
use super::edits::Edits;
use super::foreign::Foreign;
use super::foreign::ForeignName;
use super::foreign::Standin;
use super::state::TerraformState;
use super::table::Tables;

/// The files of one directory.
#[derive(Debug, Clone)]
pub struct Module {
    /// The addresses of the module, without keys: `module.queues`; empty for the root module.
    pub addresses: Vec<String>,
    /// Its files: where they stand in the sources, and their texts.
    pub files: Vec<(SourceId, String)>,
}

/// Converts modules.
#[derive(Debug)]
pub struct Converter<'c> {
    /// How things are called.
    pub tables: &'c Tables,
    /// What Terraform knows.
    pub state: Option<&'c TerraformState>,
}

/// What is converted of a module.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The texts, in the order of the files; none for one that cannot be parsed.
    pub texts: Vec<Option<String>>,
    /// A further file, with what stands for objects of other providers.
    pub standins: Option<String>,
    /// How many resources and data sources were converted.
    pub converted: usize,
    /// How many blocks stay as comments.
    pub left: usize,
    /// The providers that converted resources belong to, as they are called there.
    pub providers: BTreeSet<String>,
    /// Those with a block of their own.
    pub configured: BTreeSet<String>,
    /// Resources that were made of blocks of others.
    pub companions: Vec<Companion>,
}

/// A resource that was made of blocks of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// The type of the other one, as it is called there.
    pub kind: String,
    /// The name of both.
    pub name: String,
    /// The name of the blocks.
    pub block: String,
    /// Their keys; nothing if they are computed.
    pub keys: Option<BTreeSet<String>>,
}

impl Converter<'_> {
    /// Converts a module. What is left to somebody is a warning with its place.
    pub fn module(&self, module: &Module, notes: &mut Diagnostics) -> Files {
        let mut parsed: Vec<Option<Body>> = Vec::new();
        for (source, text) in &module.files {
            let found = parse_file(*source, text);
            let is_sound = !found.diagnostics.has_errors();
            notes.extend(found.diagnostics);
            parsed.push(found.output.filter(|_| is_sound));
        }
        let mut work = Work {
            tables: self.tables,
            declared: declared(parsed.iter().flatten()),
            foreign: Foreign::new(self.state, &module.addresses),
            notes: Diagnostics::new(),
            files: Files::default(),
            is_root: module.addresses.iter().any(String::is_empty),
            each: None,
            locals: BTreeMap::new(),
        };
        work.learn_locals(&parsed);
        for ((_, text), body) in module.files.iter().zip(&parsed) {
            let text = body.as_ref().map(|body| work.file(text, body));
            work.files.texts.push(text);
        }
        for (name, is_secret) in work.foreign.variables() {
            let what = if is_secret { "is a secret" } else { "is not in the state" };
            work.notes.push(
                Diagnostic::warning(
                    Code::NotMigrated,
                    format!("`{}` {what}: it became the variable `{}`", name.written(), name.flat()),
                )
                .hint("give it a value, or put another expression in its place"),
            );
        }
        work.files.standins = work.foreign.file().map(|text| format_valid(&text));
        notes.extend(work.notes);
        work.files
    }
}

/// Returns the resources and data sources that a module declares.
fn declared<'b>(bodies: impl Iterator<Item = &'b Body>) -> BTreeSet<ForeignName> {
    let blocks = bodies.flat_map(|body| &body.blocks);
    blocks
        .filter_map(|block| {
            let is_data = match &*block.kind.value {
                "resource" => false,
                "data" => true,
                _ => return None,
            };
            let [kind, name] = block.labels.as_slice() else { return None };
            Some(ForeignName { is_data, kind: kind.value.to_string(), name: name.value.to_string() })
        })
        .collect()
}

/// The work on one module.
pub(super) struct Work<'w> {
    pub(super) tables: &'w Tables,
    declared: BTreeSet<ForeignName>,
    foreign: Foreign<'w>,
    pub(super) notes: Diagnostics,
    pub(super) files: Files,
    pub(super) is_root: bool,
    /// The resource whose instances `each.value` stands for in the block at hand.
    pub(super) each: Option<ForeignName>,
    /// Local values that are objects.
    pub(super) locals: BTreeMap<String, ForeignName>,
}

impl Work<'_> {
    fn file(&mut self, text: &str, body: &Body) -> String {
        let mut edits = Edits::new(text);
        for block in &body.blocks {
            let for_each = block.body.attribute("for_each");
            self.each = for_each.and_then(|attribute| self.elements_of(&attribute.expr));
            block::convert(self, block, &mut edits);
        }
        format_valid(&edits.all())
    }

    /// Tells what is left to somebody.
    pub(super) fn note(&mut self, span: Span, summary: String, hint: &str) {
        let found = Diagnostic::warning(Code::NotMigrated, summary).at(span, "");
        self.notes.push(if hint.is_empty() { found } else { found.hint(hint.to_owned()) });
    }

    /// Leaves a block as a comment.
    pub(super) fn leave(&mut self, block: &Block, edits: &mut Edits<'_>, summary: String, hint: &str) {
        edits.comment_out(block.span, &summary.replace('`', ""));
        self.files.left += 1;
        self.note(block.header, summary, hint);
    }

    /// Renames what the expressions of a body refer to, nested blocks included.
    pub(super) fn references(&mut self, body: &Body, edits: &mut Edits<'_>) {
        for attribute in &body.attributes {
            self.expression(&attribute.expr, edits);
        }
        for block in &body.blocks {
            self.references(&block.body, edits);
        }
    }

    /// Renames what an expression refers to.
    pub(super) fn expression(&mut self, expr: &Expr, edits: &mut Edits<'_>) {
        scoped(expr, None, &mut |chain, scope| self.reference(chain, scope, edits));
    }

    fn reference(&mut self, chain: &Chain<'_>, scope: Option<&Scope<'_, '_>>, edits: &mut Edits<'_>) {
        // An element of a resource, by the name that a `for` or `for_each` gives it.
        if let Some(over) = scope.and_then(|scope| scope.over(chain.root)) {
            if let Some(name) = self.elements_of(over) {
                self.attribute(chain, 0, &name, edits);
            }
            return;
        }
        if &**chain.root == "each" && chain.attr(0).is_some_and(|part| &*part.value == "value") {
            if let Some(name) = self.each.clone() {
                self.attribute(chain, 1, &name, edits);
            }
            return;
        }
        if let Some(local) = chain.attr(0).filter(|_| &**chain.root == "local") {
            if let Some(name) = self.locals.get(&*local.value).cloned() {
                self.attribute(chain, 1, &name, edits);
            }
            return;
        }
        if &**chain.root == "terraform" {
            edits.replace(chain.root_span, "queueform");
            return;
        }
        let Some((name, behind)) = self.object_of(chain) else { return };
        let Some(found) = self.tables.of(name.is_data, &name.kind) else {
            if self.declared.contains(&name) {
                self.stand_in(chain, &name, behind, edits);
            }
            return;
        };
        let kind_span =
            if name.is_data { chain.attr(0).map(|kind| kind.span) } else { Some(chain.root_span) };
        if let Some(span) = kind_span {
            edits.replace(span, found.to.clone());
        }
        self.attribute(chain, behind, &name, edits);
    }

    /// Renames the attribute that a reference reads of an object.
    fn attribute(&mut self, chain: &Chain<'_>, from: usize, name: &ForeignName, edits: &mut Edits<'_>) {
        let Some(found) = self.tables.of(name.is_data, &name.kind) else { return };
        let Some(attribute) = chain.next_attr(from) else { return };
        let written = format!("`{}` of `{}`", attribute.value, name.written());
        if let Some(known) = found.shape.attributes.get(&*attribute.value) {
            if known.to != *attribute.value {
                edits.replace(attribute.span, known.to.clone());
            }
            if known.change != super::table::Change::None {
                self.note(
                    attribute.span,
                    format!("{written} has another form here"),
                    "look at the expression",
                );
            }
        } else if let Some(nested) = found.shape.blocks.get(&*attribute.value)
            && let super::table::Form::Resource(companions) = &nested.form
        {
            let hint = format!("read `{}.{}.{}`", nested.to, name.name, companions.attribute);
            self.note(attribute.span, format!("{written} stands in a resource of its own here"), &hint);
        } else if found.shape.blocks.contains_key(&*attribute.value) {
            self.note(attribute.span, format!("{written} has another form here"), "look at the expression");
        } else if let Some(instead) = found.shape.drop.get(&*attribute.value) {
            self.note(attribute.span, format!("there is no {written} here"), instead);
        } else if let Some(version) = found.versions.get(&*attribute.value) {
            let hint = format!("it is write-only; `{version}` says when it is sent again");
            self.note(attribute.span, format!("{written} cannot be read here"), &hint);
        }
    }

    /// Returns the resource whose instances an expression is, if it is one with several.
    pub(super) fn elements_of(&self, expr: &Expr) -> Option<ForeignName> {
        let mut found = None;
        let mut count = 0;
        chains(expr, &mut |chain| {
            count += 1;
            found = self.whole(chain);
        });
        found.filter(|_| count == 1)
    }

    /// Returns the resource or data source that a reference leads to, and how many of its steps that takes.
    pub(super) fn object_of(&self, chain: &Chain<'_>) -> Option<(ForeignName, usize)> {
        let (is_data, at) = (&**chain.root == "data", usize::from(&**chain.root == "data"));
        let kind = if is_data { chain.attr(0)?.value.to_string() } else { chain.root.to_string() };
        let name = ForeignName { is_data, kind, name: chain.attr(at)?.value.to_string() };
        let is_known = self.tables.of(is_data, &name.kind).is_some() || self.declared.contains(&name);
        is_known.then_some((name, at + 1))
    }

    /// Returns the object of another provider that a reference leads to.
    pub(super) fn foreign_of(&self, expr: &Expr) -> Option<ForeignName> {
        let mut found = None;
        chains(expr, &mut |chain| {
            if let Some((name, _)) = self.object_of(chain)
                && self.tables.of(name.is_data, &name.kind).is_none()
            {
                found = Some(name);
            }
        });
        found
    }

    /// Puts a local value or a variable in the place of an object that is not converted.
    fn stand_in(&mut self, chain: &Chain<'_>, name: &ForeignName, behind: usize, edits: &mut Edits<'_>) {
        let attribute = chain.next_attr(behind).map(|attribute| attribute.value.to_string());
        let (Standin::Local(text) | Standin::Variable(text)) =
            self.foreign.standin(name, attribute.as_deref());
        if let Some(last) = chain.attr(behind - 1) {
            edits.replace(chain.root_span.to(last.span), text);
        }
    }
}
