//! References with all their steps, also those behind an index that is computed.

use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Name;
use crate::syntax::ast::TemplatePart;

/// A name with the steps written after it.
#[derive(Debug)]
pub(super) struct Chain<'e> {
    pub(super) root: &'e Name,
    pub(super) root_span: Span,
    pub(super) steps: Vec<Link<'e>>,
}

/// One step.
#[derive(Debug)]
pub(super) enum Link<'e> {
    Attr(&'e Ident),
    Index,
    Splat,
}

impl<'e> Chain<'e> {
    /// Returns the attribute at a position, if that is one.
    pub(super) fn attr(&self, at: usize) -> Option<&'e Ident> {
        match self.steps.get(at)? {
            Link::Attr(name) => Some(name),
            Link::Index | Link::Splat => None,
        }
    }

    /// Returns the first attribute from a position on, past indexes.
    pub(super) fn next_attr(&self, from: usize) -> Option<&'e Ident> {
        self.steps.iter().skip(from).find_map(|step| match step {
            Link::Attr(name) => Some(*name),
            Link::Index | Link::Splat => None,
        })
    }
}

/// A name that a `for` binds to the elements of something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s, 'e> {
    name: &'e Name,
    over: &'e Expr,
    around: Option<&'s Self>,
}

impl<'e> Scope<'_, 'e> {
    /// Returns what the elements are of that a name stands for.
    pub(super) fn over(&self, name: &str) -> Option<&'e Expr> {
        if **self.name == *name { Some(self.over) } else { self.around?.over(name) }
    }
}

type Visit<'v, 'e> = dyn FnMut(&Chain<'e>, Option<&Scope<'_, 'e>>) + 'v;

/// Visits every reference of an expression.
pub(super) fn chains<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&Chain<'e>)) {
    scoped(expr, None, &mut |chain, _scope| visit(chain));
}

/// Visits every reference of an expression, with the names that are bound there.
pub(super) fn scoped<'e>(expr: &'e Expr, scope: Option<&Scope<'_, 'e>>, visit: &mut Visit<'_, 'e>) {
    let mut steps: Vec<Link<'e>> = Vec::new();
    let mut inner: Vec<&'e Expr> = Vec::new();
    let mut bottom = expr;
    loop {
        match &bottom.kind {
            ExprKind::GetAttr(step) => {
                steps.push(Link::Attr(&step.name));
                bottom = &step.of;
            }
            ExprKind::Index(step) => {
                steps.push(Link::Index);
                inner.push(&step.key);
                bottom = &step.of;
            }
            ExprKind::Splat(splat) => {
                let mut each = &splat.each;
                loop {
                    match &each.kind {
                        ExprKind::GetAttr(step) => {
                            steps.push(Link::Attr(&step.name));
                            each = &step.of;
                        }
                        ExprKind::Index(step) => {
                            steps.push(Link::Index);
                            inner.push(&step.key);
                            each = &step.of;
                        }
                        _ => break,
                    }
                }
                steps.push(Link::Splat);
                bottom = &splat.of;
            }
            _ => break,
        }
    }
    if let ExprKind::Variable(root) = &bottom.kind {
        steps.reverse();
        visit(&Chain { root, root_span: bottom.span, steps }, scope);
    } else {
        children(bottom, scope, visit);
    }
    for key in inner {
        scoped(key, scope, visit);
    }
}

fn children<'e>(expr: &'e Expr, scope: Option<&Scope<'_, 'e>>, visit: &mut Visit<'_, 'e>) {
    match &expr.kind {
        ExprKind::Template(parts) => template(parts, scope, visit),
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => scoped(inner, scope, visit),
        ExprKind::Call(call) => call.arguments.iter().for_each(|argument| scoped(argument, scope, visit)),
        ExprKind::Conditional(conditional) => {
            for part in [&conditional.condition, &conditional.yes, &conditional.no] {
                scoped(part, scope, visit);
            }
        }
        ExprKind::Binary(binary) => {
            // Long sums are nested on their left side.
            let mut left = binary;
            let mut rights = vec![&left.right];
            while let ExprKind::Binary(next) = &left.left.kind {
                left = next;
                rights.push(&left.right);
            }
            scoped(&left.left, scope, visit);
            rights.into_iter().rev().for_each(|right| scoped(right, scope, visit));
        }
        ExprKind::Unary(unary) => scoped(&unary.operand, scope, visit),
        ExprKind::Tuple(parts) => parts.iter().for_each(|part| scoped(part, scope, visit)),
        ExprKind::Object(items) => {
            for item in items {
                if !item.bare {
                    scoped(&item.key, scope, visit);
                }
                scoped(&item.value, scope, visit);
            }
        }
        ExprKind::For(found) => {
            scoped(&found.collection, scope, visit);
            let inner = Scope { name: &found.value.value, over: &found.collection, around: scope };
            let parts = [found.result_key.as_ref(), Some(&found.result), found.condition.as_ref()];
            parts.into_iter().flatten().for_each(|part| scoped(part, Some(&inner), visit));
        }
        ExprKind::Literal(_)
        | ExprKind::Variable(_)
        | ExprKind::SplatItem
        | ExprKind::Invalid
        | ExprKind::GetAttr(_)
        | ExprKind::Index(_)
        | ExprKind::Splat(_) => {}
    }
}

fn template<'e>(parts: &'e [TemplatePart], scope: Option<&Scope<'_, 'e>>, visit: &mut Visit<'_, 'e>) {
    for part in parts {
        match part {
            TemplatePart::Text(_) => {}
            TemplatePart::Interpolation(inner) => scoped(inner, scope, visit),
            TemplatePart::If(found) => {
                scoped(&found.condition, scope, visit);
                template(&found.yes, scope, visit);
                template(&found.no, scope, visit);
            }
            TemplatePart::For(found) => {
                scoped(&found.collection, scope, visit);
                let inner = Scope { name: &found.value.value, over: &found.collection, around: scope };
                template(&found.body, Some(&inner), visit);
            }
        }
    }
}
