//! Chains: expressions that start with another expression, which starts with another one, and so on.
//!
//! `1 + 1 + 1` and `a.b[0].c` are nested on their left side as deep as they are long. Nothing may call itself
//! once for each of their parts: a generated condition of 100,000 terms would need more stack than there is.

use std::mem;

use super::ast::Binary;
use super::ast::Conditional;
use super::ast::Expr;
use super::ast::ExprKind;
use super::ast::GetAttr;
use super::ast::Index;
use super::ast::Splat;

impl Expr {
    /// Returns the first part of an expression that starts with another one: the left operand, the condition,
    /// what a step is taken of. Chains of these can be as long as the text: follow them in a loop.
    #[must_use]
    pub fn left(&self) -> Option<&Self> {
        match &self.kind {
            ExprKind::GetAttr(step) => Some(&step.of),
            ExprKind::Index(step) => Some(&step.of),
            ExprKind::Splat(step) => Some(&step.of),
            ExprKind::Binary(binary) => Some(&binary.left),
            ExprKind::Conditional(conditional) => Some(&conditional.condition),
            _ => None,
        }
    }
}

impl Clone for Expr {
    fn clone(&self) -> Self {
        let mut chain: Vec<&Self> = Vec::new();
        let mut bottom = self;
        while let Some(left) = bottom.left() {
            chain.push(bottom);
            bottom = left;
        }
        let mut copy = Self { kind: bottom.kind.clone(), span: bottom.span };
        while let Some(expr) = chain.pop() {
            copy = Self { kind: on_top_of(copy, &expr.kind), span: expr.span };
        }
        copy
    }
}

/// Copies all of an expression but its left part, which is given.
fn on_top_of(left: Expr, kind: &ExprKind) -> ExprKind {
    match kind {
        ExprKind::GetAttr(step) => ExprKind::GetAttr(Box::new(GetAttr { of: left, name: step.name.clone() })),
        ExprKind::Index(step) => {
            ExprKind::Index(Box::new(Index { of: left, key: step.key.clone(), legacy: step.legacy }))
        }
        ExprKind::Splat(step) => ExprKind::Splat(Box::new(Splat {
            of: left,
            each: step.each.clone(),
            attribute_only: step.attribute_only,
            marker: step.marker,
        })),
        ExprKind::Binary(binary) => ExprKind::Binary(Box::new(Binary {
            operator: binary.operator.clone(),
            left,
            right: binary.right.clone(),
        })),
        ExprKind::Conditional(conditional) => ExprKind::Conditional(Box::new(Conditional {
            condition: left,
            yes: conditional.yes.clone(),
            no: conditional.no.clone(),
        })),
        other => other.clone(),
    }
}

fn left_mut(kind: &mut ExprKind) -> Option<&mut Expr> {
    match kind {
        ExprKind::GetAttr(step) => Some(&mut step.of),
        ExprKind::Index(step) => Some(&mut step.of),
        ExprKind::Splat(step) => Some(&mut step.of),
        ExprKind::Binary(binary) => Some(&mut binary.left),
        ExprKind::Conditional(conditional) => Some(&mut conditional.condition),
        _ => None,
    }
}

/// Takes a chain apart from the top, so that each part is dropped when nothing hangs below it any more.
fn take_apart(left: &mut Expr) {
    if left.left().is_none() {
        return;
    }
    let mut part = mem::replace(&mut left.kind, ExprKind::Invalid);
    while let Some(below) = left_mut(&mut part) {
        part = mem::replace(&mut below.kind, ExprKind::Invalid);
    }
}

impl Drop for GetAttr {
    fn drop(&mut self) {
        take_apart(&mut self.of);
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        take_apart(&mut self.of);
    }
}

impl Drop for Splat {
    fn drop(&mut self) {
        take_apart(&mut self.of);
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        take_apart(&mut self.left);
    }
}

impl Drop for Conditional {
    fn drop(&mut self) {
        take_apart(&mut self.condition);
    }
}
