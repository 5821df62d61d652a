//! Reads one block by its [`BlockType`]: unknown words, missing words and wrong forms are reported here, so
//! that the code above only says what it wants.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval::functions;
use crate::schema::Field;
use crate::schema::Pattern;
use crate::schema::vocabulary::BlockType;
use crate::schema::vocabulary::Form;
use crate::source::Span;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Block;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Name;
use crate::syntax::ast::ObjectItem;
use crate::syntax::ast::Reference;
use crate::syntax::ast::TemplatePart;
use crate::syntax::ast::UnaryOp;
use crate::syntax::parse::called;
use crate::syntax::parse::references;
use crate::value::Number;
use crate::value::Value;

/// What was found while reading a file.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Mistakes.
    pub(super) diagnostics: Diagnostics,
    /// References in expressions, for checks that need the whole file.
    pub(super) references: Vec<Reference>,
    /// Bare names with what they must name, for the same checks.
    pub(super) names: Vec<(Ident, Named)>,
    /// Patterns and where they stand, for the same checks.
    pub(super) patterns: Vec<(Pattern, Span)>,
    /// Every word used: block type and keyword.
    pub(super) used: BTreeSet<(&'static str, &'static str)>,
}

/// What a bare name must name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) enum Named {
    /// An attribute of the resource.
    Attribute,
    /// A nested attribute, which is checked where it stands.
    Leaf,
    /// A waiter of the resource.
    Waiter,
    /// A paging style of the provider.
    Paging,
    /// A service of the provider.
    Service,
    /// An argument of the provider.
    Argument,
    /// An authentication method of the provider.
    Auth,
}

impl Found {
    /// Reports a mistake in the schema.
    pub(super) fn error(&mut self, summary: impl Into<String>, span: Span) {
        self.report(summary, span, None);
    }

    /// Reports a mistake with a hint.
    pub(super) fn report(&mut self, summary: impl Into<String>, span: Span, hint: Option<String>) {
        self.diagnostics.push(Diagnostic::error(Code::InvalidSchema, summary).at(span, "").maybe_hint(hint));
    }
}

/// One block being read.
#[derive(Debug)]
pub(super) struct Reader<'b> {
    /// The block.
    pub(super) block: &'b Block,
    kind: &'static BlockType,
}

impl<'b> Reader<'b> {
    /// Checks the words of a block and returns a reader of it.
    pub(super) fn open(block: &'b Block, kind: &'static BlockType, found: &mut Found) -> Self {
        let reader = Self { block, kind };
        reader.check_label(found);
        reader.check_words(found);
        reader.check_blocks(found);
        reader
    }

    fn check_label(&self, found: &mut Found) {
        match (self.kind.label, self.block.labels.as_slice()) {
            (None, []) | (Some(_), [_]) => {}
            (None, [first, ..]) | (Some(_), [_, first, ..]) => {
                found.error(format!("`{}` has a label too many", self.kind.name), first.span);
            }
            (Some(label), []) => {
                found.error(format!("`{}` needs a label: {label}", self.kind.name), self.block.header);
            }
        }
    }

    fn check_words(&self, found: &mut Found) {
        let words = || self.kind.keywords.iter().map(|keyword| keyword.name);
        for attribute in &self.block.body.attributes {
            let name = &*attribute.name.value;
            if let Some(keyword) = self.kind.keyword(name) {
                found.used.insert((self.kind.name, keyword.name));
                continue;
            }
            let hint = if self.kind.child(name).is_some() {
                Some(format!("write it as a block: `{name} {{ … }}`"))
            } else {
                did_you_mean(name, words())
            };
            let summary = format!("`{}` has no keyword `{name}`", self.kind.name);
            found.report(summary, attribute.name.span, hint);
        }
        if self.block.body.partial {
            return;
        }
        for keyword in self.kind.keywords.iter().filter(|keyword| keyword.required) {
            if self.block.body.attribute(keyword.name).is_none() {
                let hint = format!("add `{} = …`: {}", keyword.name, keyword.form.describe());
                let summary = format!("`{}` is missing `{}`", self.kind.name, keyword.name);
                found.report(summary, self.block.header, Some(hint));
            }
        }
    }

    fn check_blocks(&self, found: &mut Found) {
        for (index, block) in self.block.body.blocks.iter().enumerate() {
            let name = &*block.kind.value;
            let Some(child) = self.kind.child(name) else {
                let hint = if self.kind.keyword(name).is_some() {
                    Some(format!("write it as an argument: `{name} = …`"))
                } else {
                    did_you_mean(name, self.kind.blocks.iter().map(|child| child.block.name))
                };
                found.report(format!("`{}` has no block `{name}`", self.kind.name), block.kind.span, hint);
                continue;
            };
            let before = self.block.body.blocks.get(..index).unwrap_or(&[]);
            let same = |other: &&Block| {
                other.kind.value == block.kind.value
                    && (!child.many || (!block.labels.is_empty() && label(other) == label(block)))
            };
            if let Some(first) = before.iter().find(same) {
                let what = label(block).map_or_else(String::new, |label| format!(" \"{label}\""));
                found.diagnostics.push(
                    Diagnostic::error(Code::InvalidSchema, format!("`{name}`{what} is declared twice"))
                        .at(block.header, "")
                        .at(first.header, "first declared here"),
                );
            }
        }
    }

    /// Returns the label, or an empty name if it is missing (which was reported).
    pub(super) fn label(&self) -> Name {
        self.block.labels.first().map_or_else(|| Name::from(""), |label| Arc::clone(&label.value))
    }

    /// Returns the inner blocks of a type, each checked and with its own reader.
    pub(super) fn children(&self, name: &str, found: &mut Found) -> Vec<Self> {
        let Some(child) = self.kind.child(name) else { return Vec::new() };
        let blocks = self.block.body.blocks.iter().filter(|block| &*block.kind.value == name);
        blocks.map(|block| Self::open(block, child.block, found)).collect()
    }

    /// Returns the inner block of a type that may stand once.
    pub(super) fn child(&self, name: &str, found: &mut Found) -> Option<Self> {
        let children = self.children(name, found);
        children.into_iter().next()
    }

    /// Returns true if an argument is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.block.body.attribute(name).is_some()
    }

    /// Returns the span of an argument, or of the header without it.
    pub(super) fn span_of(&self, name: &str) -> Span {
        self.block.body.attribute(name).map_or(self.block.header, |attribute| attribute.span)
    }

    fn argument(&self, name: &str) -> Option<&'b Attribute> {
        self.block.body.attribute(name)
    }

    fn wrong_form(&self, name: &str, span: Span, found: &mut Found) {
        let form = self.kind.keyword(name).map(|keyword| keyword.form.describe());
        let form = form.unwrap_or_else(|| "something else".to_owned());
        found.error(format!("`{name}` needs {form}"), span);
    }

    /// Reads the argument with `read`, reporting the wrong form where it returns nothing.
    fn read<T>(&self, name: &str, found: &mut Found, read: impl Fn(&Expr) -> Option<T>) -> Option<T> {
        let expr = &self.argument(name)?.expr;
        let value = read(expr);
        if value.is_none() && !matches!(expr.kind, ExprKind::Invalid) {
            self.wrong_form(name, expr.span, found);
        }
        value
    }

    /// A string without interpolation.
    pub(super) fn text(&self, name: &str, found: &mut Found) -> Option<Arc<str>> {
        self.read(name, found, text)
    }

    /// `true` or `false`; false if left out.
    pub(super) fn flag(&self, name: &str, found: &mut Found) -> bool {
        let value = self.read(name, found, |expr| match &expr.kind {
            ExprKind::Literal(value) => value.as_bool(),
            _ => None,
        });
        value.unwrap_or(false)
    }

    /// A whole number.
    pub(super) fn count(&self, name: &str, found: &mut Found) -> Option<u32> {
        self.read(name, found, count)
    }

    /// A duration.
    pub(super) fn duration(&self, name: &str, found: &mut Found) -> Option<Duration> {
        self.read(name, found, |expr| duration(&text(expr)?))
    }

    /// A list of strings; empty if left out.
    pub(super) fn texts(&self, name: &str, found: &mut Found) -> Vec<Arc<str>> {
        self.read(name, found, |expr| list(expr, text)).unwrap_or_default()
    }

    /// A list of whole numbers below 65,536; empty if left out.
    pub(super) fn counts(&self, name: &str, found: &mut Found) -> Vec<u16> {
        self.read(name, found, |expr| list(expr, |item| u16::try_from(count(item)?).ok())).unwrap_or_default()
    }

    /// A bare name of something declared elsewhere.
    pub(super) fn name(&self, name: &str, named: Named, found: &mut Found) -> Option<Name> {
        let ident = self.read(name, found, bare)?;
        found.names.push((ident.clone(), named));
        Some(ident.value)
    }

    /// A list of bare names of things declared elsewhere; empty if left out.
    pub(super) fn names(&self, name: &str, named: Named, found: &mut Found) -> Vec<Name> {
        let idents = self.read(name, found, |expr| list(expr, bare)).unwrap_or_default();
        found.names.extend(idents.iter().map(|ident| (ident.clone(), named)));
        idents.into_iter().map(|ident| ident.value).collect()
    }

    /// One of the words of the keyword's form.
    pub(super) fn word(&self, name: &str, found: &mut Found) -> Option<&'static str> {
        let ident = self.read(name, found, bare)?;
        self.allowed(name, &ident, found)
    }

    /// A list of words of the keyword's form; empty if left out.
    pub(super) fn words(&self, name: &str, found: &mut Found) -> Vec<&'static str> {
        let idents = self.read(name, found, |expr| list(expr, bare)).unwrap_or_default();
        idents.iter().filter_map(|ident| self.allowed(name, ident, found)).collect()
    }

    fn allowed(&self, name: &str, ident: &Ident, found: &mut Found) -> Option<&'static str> {
        let keyword = self.kind.keyword(name)?;
        let (Form::Word(words) | Form::Words(words)) = keyword.form else { return None };
        let hit = words.iter().copied().find(|word| *word == &*ident.value);
        if hit.is_none() {
            let hint = did_you_mean(&ident.value, words.iter().copied())
                .unwrap_or_else(|| format!("write {}", keyword.form.describe()));
            found.report(format!("`{}` is not a word of `{name}`", ident.value), ident.span, Some(hint));
        }
        hit
    }

    /// Two numbers.
    pub(super) fn range(&self, name: &str, found: &mut Found) -> Option<(Number, Number)> {
        self.read(name, found, |expr| {
            let ends = list(expr, |item| constant(item)?.as_number().cloned())?;
            let [least, greatest] = <[Number; 2]>::try_from(ends).ok()?;
            let ordered = !greatest.subtract(&least)?.is_negative();
            ordered.then_some((least, greatest))
        })
    }

    /// A value without references.
    pub(super) fn constant(&self, name: &str, found: &mut Found) -> Option<Value> {
        self.read(name, found, constant)
    }

    /// An expression, its names checked.
    pub(super) fn expr(&self, name: &str, found: &mut Found) -> Option<Expr> {
        let expr = self.argument(name)?.expr.clone();
        self.check_roots(name, &expr, found);
        Some(expr)
    }

    /// An object with bare keys, each value's names checked; empty if left out.
    pub(super) fn fields(&self, name: &str, found: &mut Found) -> Vec<Field> {
        let fields = self.read(name, found, fields).unwrap_or_default();
        // Without any names to use the values are plain texts, which the caller checks.
        if self.kind.keyword(name).is_some_and(|keyword| !keyword.form.roots().is_empty()) {
            for field in &fields {
                self.check_roots(name, &field.value, found);
            }
        }
        fields
    }

    /// Checks that an expression uses only the names of the keyword's form.
    pub(super) fn check_roots(&self, name: &str, expr: &Expr, found: &mut Found) {
        let Some(keyword) = self.kind.keyword(name) else { return };
        let roots = keyword.form.roots();
        references(expr, &mut |reference| {
            if roots.contains(&&*reference.root.value) {
                found.references.push(reference);
                return;
            }
            let hint = did_you_mean(&reference.root.value, roots.iter().copied()).unwrap_or_else(|| {
                if roots.is_empty() {
                    format!("`{name}` takes no references")
                } else {
                    let list: Vec<String> = roots.iter().map(|root| format!("`{root}`")).collect();
                    format!("`{name}` can use {}", list.join(", "))
                }
            });
            let summary = format!("`{name}` cannot use `{}`", reference.root.value);
            found.report(summary, reference.root.span, Some(hint));
        });
        called(expr, &mut |function| {
            // What marks a body is no function of the language.
            if &*function.value != "only_changed" && !functions::is_known(&function.value) {
                let hint = functions::near(&function.value).map(|near| format!("did you mean `{near}`?"));
                found.report(format!("there is no function `{}`", function.value), function.span, hint);
            }
        });
    }
}

fn label(block: &Block) -> Option<&Name> {
    block.labels.first().map(|label| &label.value)
}

/// A string literal, or a heredoc without interpolation.
pub(super) fn text(expr: &Expr) -> Option<Arc<str>> {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str().cloned(),
        ExprKind::Template(parts) => {
            let mut whole = String::new();
            for part in parts {
                let TemplatePart::Text(text) = part else { return None };
                whole.push_str(text);
            }
            Some(whole.into())
        }
        _ => None,
    }
}

fn count(expr: &Expr) -> Option<u32> {
    let ExprKind::Literal(value) = &expr.kind else { return None };
    value.as_number()?.to_u64()?.try_into().ok()
}

/// A name standing alone.
pub(super) fn bare(expr: &Expr) -> Option<Ident> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(Ident::new(Arc::clone(name), expr.span)),
        _ => None,
    }
}

fn list<T>(expr: &Expr, read: impl Fn(&Expr) -> Option<T>) -> Option<Vec<T>> {
    match &expr.kind {
        ExprKind::Tuple(elements) => elements.iter().map(read).collect(),
        _ => None,
    }
}

/// The keys and values of an object written with bare or quoted keys.
pub(super) fn fields(expr: &Expr) -> Option<Vec<Field>> {
    let ExprKind::Object(items) = &expr.kind else { return None };
    let field = |item: &ObjectItem| {
        let name = text(&item.key).or_else(|| bare(&item.key).map(|ident| ident.value))?;
        Some(Field { name, name_span: item.key.span, value: item.value.clone() })
    };
    items.iter().map(field).collect()
}

/// A literal value.
pub(super) fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Template(_) => text(expr).map(Value::string),
        ExprKind::Parens(inner) => constant(inner),
        ExprKind::Unary(unary) if unary.operator.value == UnaryOp::Negate => {
            Some(Value::number(constant(&unary.operand)?.as_number()?.negate()))
        }
        ExprKind::Tuple(elements) => {
            Some(Value::tuple(elements.iter().map(constant).collect::<Option<Vec<_>>>()?))
        }
        ExprKind::Object(_) => {
            let fields = fields(expr)?;
            let values = fields.into_iter().map(|field| Some((field.name, constant(&field.value)?)));
            Some(Value::object(values.collect::<Option<Vec<_>>>()?))
        }
        _ => None,
    }
}

/// `200ms`, `10s`, `5m`, `1h`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    }
}
