//! Whole objects that go somewhere else: into local values, modules and outputs. What is read of them there has other names.

use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;

use super::chain::Chain;
use super::chain::chains;
use super::file::Work;
use super::foreign::ForeignName;

/// Functions whose result is an element of what they are given, or all of them.
const ELEMENTS: [&str; 3] = ["values", "one", "element"];
/// Functions whose result holds what they are given.
const PARTS: [&str; 9] =
    ["merge", "concat", "flatten", "zipmap", "try", "coalesce", "lookup", "tolist", "tomap"];

impl Work<'_> {
    /// Learns which local values are objects, so that what is read of them is renamed.
    pub(super) fn learn_locals(&mut self, bodies: &[Option<Body>]) {
        let mut known = usize::MAX;
        // A local value may be another one.
        while known != self.locals.len() {
            known = self.locals.len();
            for block in bodies.iter().flatten().flat_map(|body| body.blocks_of("locals")) {
                for attribute in &block.body.attributes {
                    if let Some(name) = self.object(&attribute.expr) {
                        self.locals.insert(attribute.name.value.to_string(), name);
                    }
                }
            }
        }
    }

    /// Tells of objects that a block gives away, and that cannot be followed.
    pub(super) fn given_away(&mut self, block: &Block) {
        let kind = &*block.kind.value;
        let label = block.labels.first().map_or("", |label| &*label.value).to_owned();
        for attribute in &block.body.attributes {
            let name = &*attribute.name.value;
            let to = match kind {
                "locals" if self.locals.contains_key(name) => continue,
                "locals" => format!("`local.{name}`"),
                "output" if name == "value" && !self.is_root => format!("the output `{label}`"),
                "module"
                    if !matches!(
                        name,
                        "source" | "version" | "providers" | "depends_on" | "for_each" | "count"
                    ) =>
                {
                    format!("`{name}` of module `{label}`")
                }
                _ => continue,
            };
            let mut held = Vec::new();
            self.held(&attribute.expr, &mut held);
            held.sort();
            held.dedup();
            for of in held {
                let text = format!("{to} holds `{}`, whose attributes have other names here", of.written());
                self.note(attribute.span, text, "look at what is read of it");
            }
        }
    }

    /// Returns the object that an expression is, or whose instances it is.
    fn object(&self, expr: &Expr) -> Option<ForeignName> {
        match &expr.kind {
            ExprKind::Parens(inner) => self.object(inner),
            ExprKind::Call(call) if ELEMENTS.contains(&&*call.name.value) => {
                self.object(call.arguments.first()?)
            }
            ExprKind::For(found) => {
                let is_element =
                    matches!(&found.result.kind, ExprKind::Variable(name) if *name == found.value.value);
                self.object(&found.collection).filter(|_| is_element)
            }
            ExprKind::Variable(_) | ExprKind::GetAttr(_) | ExprKind::Index(_) | ExprKind::Splat(_) => {
                let mut found = None;
                // The outermost reference comes first; those within its keys do not matter.
                chains(expr, &mut |chain| {
                    found.get_or_insert_with(|| self.whole(chain));
                });
                found.flatten()
            }
            _ => None,
        }
    }

    /// Returns the object that a reference leads to, if it reads no attribute of it.
    pub(super) fn whole(&self, chain: &Chain<'_>) -> Option<ForeignName> {
        let (name, behind) = match chain.attr(0) {
            Some(local) if &**chain.root == "local" => (self.locals.get(&*local.value)?.clone(), 1),
            _ => self.object_of(chain)?,
        };
        (chain.next_attr(behind).is_none()).then_some(name)
    }

    /// Lists the objects with other names here that are a part of what an expression gives.
    fn held(&self, expr: &Expr, found: &mut Vec<ForeignName>) {
        if let Some(name) = self.object(expr) {
            let table = self.tables.of(name.is_data, &name.kind);
            if table.is_some_and(|table| table.shape.differs()) {
                found.push(name);
            }
            return;
        }
        match &expr.kind {
            ExprKind::Parens(inner) | ExprKind::TemplateWrap(inner) => self.held(inner, found),
            ExprKind::Tuple(parts) => parts.iter().for_each(|part| self.held(part, found)),
            ExprKind::Object(items) => items.iter().for_each(|item| self.held(&item.value, found)),
            ExprKind::Conditional(conditional) => {
                self.held(&conditional.yes, found);
                self.held(&conditional.no, found);
            }
            ExprKind::Call(call) if PARTS.contains(&&*call.name.value) => {
                call.arguments.iter().for_each(|argument| self.held(argument, found));
            }
            _ => {}
        }
    }
}
