//! What an expression refers to, as far as it can be told without evaluating it.

use crate::source::Span;
use crate::source::Spanned;
use crate::value::Data;

use super::super::ast::Expr;
use super::super::ast::ExprKind;
use super::super::ast::Ident;
use super::super::ast::Name;
use super::super::ast::RefStep;
use super::super::ast::Reference;
use super::super::ast::TemplatePart;

/// Calls `visit` for every reference in an expression (not for variables bound by an enclosing `for`), in source order.
pub fn references(expr: &Expr, visit: &mut dyn FnMut(Reference)) {
    references_within(expr, &mut |reference, _| visit(reference));
}

/// Does the same, and tells `visit` the names that `for` expressions bind where the reference stands.
pub fn references_within(expr: &Expr, visit: &mut dyn FnMut(Reference, &[Name])) {
    Walk { bound: Vec::new(), visit, called: &mut |_| {} }.expr(expr);
}

/// Calls `visit` for the name of every function that an expression calls.
pub fn called(expr: &Expr, visit: &mut dyn FnMut(&Ident)) {
    Walk { bound: Vec::new(), visit: &mut |_, _| {}, called: visit }.expr(expr);
}

/// Reads an expression as a plain reference: a name with attributes and literal keys behind it, and nothing
/// else. This is what `depends_on`, `ignore_changes` and `provider` hold.
#[must_use]
pub fn traversal(expr: &Expr) -> Option<Reference> {
    let mut reversed: Vec<Spanned<RefStep>> = Vec::new();
    let mut next = expr;
    loop {
        match &next.kind {
            ExprKind::Variable(name) => {
                reversed.reverse();
                let root = Ident::new(Name::clone(name), next.span);
                return Some(plain(Reference { root, steps: reversed, span: expr.span }));
            }
            ExprKind::GetAttr(step) => {
                reversed.push(attribute(&step.name));
                next = &step.of;
            }
            ExprKind::Index(step) => {
                let key = match key(&step.key) {
                    RefStep::Dynamic => return None,
                    key => key,
                };
                reversed.push(Spanned::new(key, behind(&step.of, next)));
                next = &step.of;
            }
            _ => return None,
        }
    }
}

/// `resource.TYPE.NAME` is another way to write `TYPE.NAME`, for types that are called like something else.
fn plain(mut reference: Reference) -> Reference {
    if &*reference.root.value == "resource"
        && let Some(Spanned { value: RefStep::Attr(name), span }) = reference.steps.first()
    {
        reference.root = Ident::new(Name::clone(name), reference.root.span.to(*span));
        reference.steps.remove(0);
    }
    reference
}

fn attribute(name: &Ident) -> Spanned<RefStep> {
    Spanned::new(RefStep::Attr(Name::clone(&name.value)), name.span)
}

/// The text of `whole` behind `of`.
fn behind(of: &Expr, whole: &Expr) -> Span {
    Span { start: of.span.end.min(whole.span.end), ..whole.span }
}

fn key(key: &Expr) -> RefStep {
    let ExprKind::Literal(value) = &key.kind else { return RefStep::Dynamic };
    match value.data() {
        Data::String(name) => RefStep::Key(Name::clone(name)),
        Data::Number(number) => number
            .to_i64()
            .and_then(|index| u64::try_from(index).ok())
            .map_or(RefStep::Dynamic, RefStep::Index),
        _ => RefStep::Dynamic,
    }
}

/// Adds a step to the reference under construction; a dynamic one is its last.
fn add_step(steps: &mut Option<Reference>, open: &mut bool, step: RefStep, span: Span, whole: Option<Span>) {
    if let Some(reference) = steps.as_mut().filter(|_| *open) {
        *open = step != RefStep::Dynamic;
        reference.steps.push(Spanned::new(step, span));
        if let Some(whole) = whole.filter(|_| *open) {
            reference.span = whole;
        }
    }
}

struct Walk<'v> {
    /// Names bound by the `for` expressions around.
    bound: Vec<Name>,
    visit: &'v mut dyn FnMut(Reference, &[Name]),
    called: &'v mut dyn FnMut(&Ident),
}

impl Walk<'_> {
    fn expr(&mut self, expr: &Expr) {
        // The left side of chains is walked without recursion: they can be as long as the text.
        let mut chain: Vec<&Expr> = Vec::new();
        let mut bottom = expr;
        while let Some(left) = bottom.left() {
            chain.push(bottom);
            bottom = left;
        }
        let mut steps = match &bottom.kind {
            ExprKind::Variable(name) if !self.bound.contains(name) => Some(Reference {
                root: Ident::new(Name::clone(name), bottom.span),
                steps: Vec::new(),
                span: bottom.span,
            }),
            _ => {
                self.bottom(bottom);
                None
            }
        };
        let mut open = true;
        for expr in chain.into_iter().rev() {
            match &expr.kind {
                ExprKind::GetAttr(step) => {
                    if let Some(reference) = steps.as_mut().filter(|_| open) {
                        reference.steps.push(attribute(&step.name));
                        reference.span = expr.span;
                    }
                }
                ExprKind::Index(step) => {
                    let found = key(&step.key);
                    if found == RefStep::Dynamic && !matches!(step.key.kind, ExprKind::Literal(_)) {
                        add_step(&mut steps, &mut open, RefStep::Dynamic, behind(&step.of, expr), None);
                        self.give(&mut steps);
                        self.expr(&step.key);
                    } else {
                        add_step(&mut steps, &mut open, found, behind(&step.of, expr), Some(expr.span));
                    }
                }
                ExprKind::Splat(step) => {
                    add_step(&mut steps, &mut open, RefStep::Dynamic, step.marker, None);
                    self.give(&mut steps);
                    self.expr(&step.each);
                }
                ExprKind::Binary(binary) => {
                    self.give(&mut steps);
                    self.expr(&binary.right);
                }
                ExprKind::Conditional(conditional) => {
                    self.give(&mut steps);
                    self.expr(&conditional.yes);
                    self.expr(&conditional.no);
                }
                _ => {}
            }
        }
        self.give(&mut steps);
    }

    fn give(&mut self, steps: &mut Option<Reference>) {
        if let Some(reference) = steps.take() {
            (self.visit)(plain(reference), &self.bound);
        }
    }

    /// An expression that is not the left side of anything.
    fn bottom(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Template(parts) => self.parts(parts),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => self.expr(inner),
            ExprKind::Call(call) => {
                (self.called)(&call.name);
                call.arguments.iter().for_each(|argument| self.expr(argument));
            }
            ExprKind::Unary(unary) => self.expr(&unary.operand),
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Object(items) => {
                for item in items {
                    self.expr(&item.key);
                    self.expr(&item.value);
                }
            }
            ExprKind::For(each) => {
                self.expr(&each.collection);
                let names = self.bound.len();
                self.bind(each.key.as_ref(), &each.value);
                if let Some(key) = &each.result_key {
                    self.expr(key);
                }
                self.expr(&each.result);
                if let Some(condition) = &each.condition {
                    self.expr(condition);
                }
                self.bound.truncate(names);
            }
            ExprKind::Literal(_)
            | ExprKind::Variable(_)
            | ExprKind::GetAttr(_)
            | ExprKind::Index(_)
            | ExprKind::Splat(_)
            | ExprKind::SplatItem
            | ExprKind::Conditional(_)
            | ExprKind::Binary(_)
            | ExprKind::Invalid => {}
        }
    }

    fn bind(&mut self, key: Option<&Ident>, value: &Ident) {
        self.bound.extend(key.map(|key| Name::clone(&key.value)));
        self.bound.push(Name::clone(&value.value));
    }

    fn parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr),
                TemplatePart::If(directive) => {
                    self.expr(&directive.condition);
                    self.parts(&directive.yes);
                    self.parts(&directive.no);
                }
                TemplatePart::For(directive) => {
                    self.expr(&directive.collection);
                    let names = self.bound.len();
                    self.bind(directive.key.as_ref(), &directive.value);
                    self.parts(&directive.body);
                    self.bound.truncate(names);
                }
            }
        }
    }
}
