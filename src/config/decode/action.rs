//! What is special about `action` blocks, and the blocks that trigger them.

use std::sync::Arc;

use crate::config::ActionTrigger;
use crate::config::Trigger;
use crate::config::TriggerEvent;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::parse::references;

use super::block;

/// Checks what stands in an `action` block: its arguments stand in `config`.
pub(super) fn blocks(body: &Body, meta: &[&str], diagnostics: &mut Diagnostics) {
    for attribute in &body.attributes {
        let name = &attribute.name.value;
        if !meta.contains(&&**name) {
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownArgument,
                    format!("an `action` block has no argument `{name}`"),
                )
                .at(attribute.name.span, "")
                .hint(format!("arguments of the action stand in its config: `config {{ {name} = … }}`")),
            );
        }
    }
    let mut first = None;
    for nested in &body.blocks {
        match &*nested.kind.value {
            "config" => {
                block::labels(nested, &[], diagnostics);
                block::no_blocks(nested, diagnostics);
                if let Some(first) = first {
                    diagnostics.push(block::duplicate("block", "config", nested.header, first));
                }
                first.get_or_insert(nested.header);
            }
            "lifecycle" => {}
            other => diagnostics.push(
                Diagnostic::error(Code::UnknownBlock, format!("an `action` block has no block `{other}`"))
                    .at(nested.header, "")
                    .hint("it has `config { … }` and `lifecycle { … }`"),
            ),
        }
    }
}

/// Returns the body with the arguments of an action.
pub(super) fn config(body: &Body) -> Option<&Body> {
    body.blocks.iter().find(|nested| &*nested.kind.value == "config").map(|nested| &nested.body)
}

/// Reads `action_trigger`.
pub(super) fn trigger(nested: &Block, diagnostics: &mut Diagnostics) -> Option<ActionTrigger> {
    let of = "an `action_trigger` block";
    block::labels(nested, &[], diagnostics);
    block::only(&nested.body, of, &["events", "condition", "actions"], &[], diagnostics);
    let events = block::required(&nested.body, of, "events", nested.header, diagnostics).cloned();
    let actions = block::required(&nested.body, of, "actions", nested.header, diagnostics).cloned();
    let condition = nested.body.attribute("condition").map(|attribute| attribute.expr.clone());
    let events = list(&events?, "events", diagnostics)?;
    let events = events.iter().filter_map(|event| event_of(event, diagnostics)).collect();
    let actions = list(&actions?, "actions", diagnostics)?;
    let actions = actions.iter().filter_map(|action| action_of(action, diagnostics)).collect();
    Some(ActionTrigger { events, condition, actions, span: nested.span })
}

fn list(expr: &Expr, name: &str, diagnostics: &mut Diagnostics) -> Option<Vec<Expr>> {
    match &expr.kind {
        ExprKind::Tuple(items) => Some(items.to_vec()),
        _ => {
            let found = Diagnostic::error(Code::InvalidMetaArgument, format!("`{name}` must be a list"));
            diagnostics.push(found.at(expr.span, ""));
            None
        }
    }
}

fn event_of(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<TriggerEvent> {
    let word = match &expr.kind {
        ExprKind::Variable(name) => Some(Arc::clone(name)),
        ExprKind::Literal(value) => value.as_str().cloned(),
        _ => None,
    };
    let found =
        word.as_ref().and_then(|word| TriggerEvent::ALL.into_iter().find(|event| event.name() == &**word));
    if found.is_none() {
        let names = TriggerEvent::ALL.map(TriggerEvent::name);
        let word = word.as_deref().unwrap_or("this");
        let hint = did_you_mean(word, names).unwrap_or_else(|| format!("events are {}", names.join(", ")));
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                format!("`{word}` is no event that triggers actions"),
            )
            .at(expr.span, "")
            .hint(hint),
        );
    }
    found
}

fn action_of(expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Trigger> {
    let mut first = None;
    references(expr, &mut |reference| {
        first.get_or_insert(reference);
    });
    match first {
        Some(reference) if &*reference.root.value == "action" && reference.steps.len() >= 2 => {
            Some(Trigger { expr: expr.clone(), reference })
        }
        _ => {
            diagnostics.push(
                Diagnostic::error(Code::InvalidMetaArgument, "`actions` holds only references to actions")
                    .at(expr.span, "not an action")
                    .hint("write `actions = [action.TYPE.NAME]`"),
            );
            None
        }
    }
}
