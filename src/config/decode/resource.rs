//! `resource`, `data` and `ephemeral` blocks with their meta-arguments.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::Mode;
use crate::addr::ProviderAddr;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Spanned;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::traversal;

use super::super::IgnoreChanges;
use super::super::Lifecycle;
use super::super::Module;
use super::super::Repetition;
use super::super::Resource;
use super::super::ResourceId;
use super::super::Trigger;
use super::action;
use super::block;
use super::literal;
use super::provider;
use super::variable;

/// Arguments with a meaning of their own in every resource.
pub(in crate::config) const META: [&str; 4] = ["count", "for_each", "provider", "depends_on"];

/// Blocks with a meaning of their own in every resource.
pub(in crate::config) const META_BLOCKS: [&str; 2] = ["lifecycle", "timeouts"];

/// Adds one `resource`, `data`, `action` or `ephemeral` block.
pub(super) fn decode(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    let Some([kind, name]) = block::labels(block, &["type", "name"], diagnostics) else { return };
    let mode = match &*block.kind.value {
        "data" => Mode::Data,
        "action" => Mode::Action,
        "ephemeral" => Mode::Ephemeral,
        _ => Mode::Managed,
    };
    let id = ResourceId { mode, kind: Arc::clone(&kind.value), name: Arc::clone(&name.value) };
    let body = &block.body;
    if mode == Mode::Action {
        action::blocks(body, &META, diagnostics);
    } else {
        nested_blocks(body, &id, diagnostics);
    }
    let config = if mode == Mode::Action { action::config(body) } else { Some(body) };
    let repetition = repetition(body, diagnostics);
    let provider = match body.attribute("provider") {
        Some(attribute) => provider::keyed(&attribute.expr, diagnostics),
        None => None,
    };
    let (provider, provider_key) = provider.map_or((None, None), |(addr, key)| (Some(addr), key));
    let implied = kind.value.split('_').next().unwrap_or(&kind.value);
    let provider = provider.unwrap_or_else(|| Spanned::new(ProviderAddr::default_of(implied), kind.span));
    let mut arguments = BTreeMap::new();
    for attribute in config.into_iter().flat_map(|config| &config.attributes) {
        if mode == Mode::Action || !META.contains(&&*attribute.name.value) {
            arguments.insert(Arc::clone(&attribute.name.value), attribute.clone());
        }
    }
    let depends_on = variable::depends_on(body, diagnostics);
    let mut lifecycle = Lifecycle::default();
    let mut timeouts = BTreeMap::new();
    let mut seen: BTreeMap<&str, crate::source::Span> = BTreeMap::new();
    for nested in &body.blocks {
        let kind = &*nested.kind.value;
        if !matches!(kind, "lifecycle" | "timeouts") {
            continue;
        }
        if let Some(first) = seen.insert(kind, nested.header) {
            diagnostics.push(block::duplicate("block", kind, nested.header, first));
            continue;
        }
        block::labels(nested, &[], diagnostics);
        match kind {
            "lifecycle" => lifecycle = decode_lifecycle(&nested.body, mode, diagnostics),
            _ => timeouts = decode_timeouts(&nested.body, diagnostics),
        }
    }
    let resource = Resource {
        id: id.clone(),
        kind_span: kind.span,
        name_span: name.span,
        repetition,
        provider,
        provider_key,
        arguments,
        depends_on,
        lifecycle,
        timeouts,
        header: block.header,
        span: block.span,
        partial: body.partial || config.is_some_and(|config| config.partial),
        is_placeholder: false,
    };
    if let Some(first) = module.resources.get(&id) {
        let what = mode.noun();
        let shown = format!("{}.{}", id.kind, id.name);
        diagnostics.push(block::duplicate(what, &shown, block.header, first.header));
        return;
    }
    module.resources.insert(id, resource);
}

fn nested_blocks(body: &Body, id: &ResourceId, diagnostics: &mut Diagnostics) {
    for nested in &body.blocks {
        let kind = &*nested.kind.value;
        let found = match kind {
            "lifecycle" | "timeouts" => continue,
            "provisioner" | "connection" => {
                Diagnostic::error(Code::TerraformHabit, format!("Queueform has no `{kind}` blocks"))
                    .hint("remove the block: Queueform manages queues, it runs no commands")
            }
            "dynamic" => Diagnostic::error(
                Code::NestedBlock,
                "resources have no nested blocks, so `dynamic` is not needed",
            )
            .hint(format!(
                "write the attribute as a value: `{} = [for x in … : {{ … }}]`",
                nested.labels.first().map_or("name", |label| &*label.value)
            )),
            _ => Diagnostic::error(
                Code::NestedBlock,
                format!("`{}` has no block `{kind}`; resources have no nested blocks", id.kind),
            )
            .hint(did_you_mean(kind, META_BLOCKS).unwrap_or_else(|| {
                format!("write it as a value with `=`: `{kind} = {{ … }}` or `{kind} = [{{ … }}]`")
            })),
        };
        diagnostics.push(found.at(nested.header, ""));
    }
}

/// Reads `count`, `for_each` and `enabled` of `lifecycle`.
pub(super) fn repetition(body: &Body, diagnostics: &mut Diagnostics) -> Repetition {
    let counted = counted(body, diagnostics);
    let Some(enabled) = body.blocks_of("lifecycle").find_map(|block| block.body.attribute("enabled")) else {
        return counted;
    };
    if let Repetition::Count(other) | Repetition::ForEach(other) = &counted {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                "`enabled` cannot stand beside `count` or `for_each`",
            )
            .at(enabled.name.span, "")
            .at(other.span, "says how many there are")
            .hint(
                "remove `enabled`, and give `count` 0 or `for_each` an empty map where there is to be none",
            ),
        );
        return counted;
    }
    Repetition::Enabled(enabled.expr.clone())
}

fn counted(body: &Body, diagnostics: &mut Diagnostics) -> Repetition {
    match (body.attribute("count"), body.attribute("for_each")) {
        (None, None) => Repetition::One,
        (Some(count), None) => Repetition::Count(count.expr.clone()),
        (None, Some(each)) => Repetition::ForEach(each.expr.clone()),
        (Some(count), Some(each)) => {
            diagnostics.push(
                Diagnostic::error(Code::InvalidMetaArgument, "`count` and `for_each` exclude each other")
                    .at(each.name.span, "")
                    .at(count.name.span, "`count` is set here")
                    .hint("keep one of them; `for_each` keeps addresses stable when elements are added or removed"),
            );
            Repetition::ForEach(each.expr.clone())
        }
    }
}

fn decode_lifecycle(body: &Body, mode: Mode, diagnostics: &mut Diagnostics) -> Lifecycle {
    let managed = [
        "create_before_destroy",
        "prevent_destroy",
        "adopt",
        "ignore_changes",
        "replace_triggered_by",
        "allow_data_loss",
        "enabled",
    ];
    let arguments: &[&str] = match mode {
        Mode::Managed => &managed,
        Mode::Data | Mode::Ephemeral => &["enabled"],
        Mode::Action => &["allow_data_loss", "enabled"],
    };
    let blocks: &[&str] = match mode {
        Mode::Managed => &["precondition", "postcondition", "action_trigger"],
        Mode::Data | Mode::Ephemeral => &["precondition", "postcondition"],
        Mode::Action => &["precondition"],
    };
    block::only(body, "a `lifecycle` block", arguments, blocks, diagnostics);
    let mut lifecycle = Lifecycle::default();
    let flag = |name: &str, diagnostics: &mut Diagnostics| {
        let attribute = body.attribute(name)?;
        literal::bool(&attribute.expr, &format!("`{name}`"), diagnostics)
    };
    lifecycle.allow_data_loss = body
        .attribute("allow_data_loss")
        .and_then(|attribute| literal::count(&attribute.expr, "`allow_data_loss`", diagnostics));
    if mode == Mode::Managed {
        lifecycle.create_before_destroy = flag("create_before_destroy", diagnostics);
        lifecycle.prevent_destroy = flag("prevent_destroy", diagnostics);
        lifecycle.adopt = flag("adopt", diagnostics);
        if let Some(attribute) = body.attribute("ignore_changes") {
            lifecycle.ignore_changes = ignore_changes(&attribute.expr, diagnostics);
        }
        if let Some(attribute) = body.attribute("replace_triggered_by") {
            lifecycle.replace_triggered_by = triggers(&attribute.expr, diagnostics);
        }
    }
    for nested in &body.blocks {
        match &*nested.kind.value {
            "precondition" => lifecycle.preconditions.extend(variable::condition(nested, diagnostics)),
            "action_trigger" => lifecycle.action_triggers.extend(action::trigger(nested, diagnostics)),
            "postcondition" => lifecycle.postconditions.extend(variable::condition(nested, diagnostics)),
            _ => {}
        }
    }
    lifecycle
}

fn ignore_changes(expr: &Expr, diagnostics: &mut Diagnostics) -> IgnoreChanges {
    if matches!(&expr.kind, ExprKind::Variable(name) if &**name == "all") {
        return IgnoreChanges::All(expr.span);
    }
    let ExprKind::Tuple(items) = &expr.kind else {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                "`ignore_changes` must be a list of attributes, or `all`",
            )
            .at(expr.span, "")
            .hint("write `ignore_changes = [description]` or `ignore_changes = all`"),
        );
        return IgnoreChanges::None;
    };
    let mut paths = Vec::new();
    for item in items {
        let unquoted = literal::unquoted(item, diagnostics);
        match traversal(unquoted.as_ref().unwrap_or(item))
            .and_then(|reference| path(&reference.root.value, &reference.steps))
        {
            Some(path) => paths.push(Spanned::new(path, item.span)),
            None => diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMetaArgument,
                    "`ignore_changes` holds only attribute names and paths",
                )
                .at(item.span, "not a static path")
                .hint("write a path such as `tags[\"owner\"]`, without quotes around it"),
            ),
        }
    }
    IgnoreChanges::Paths(paths)
}

fn path(root: &Name, steps: &[Spanned<RefStep>]) -> Option<ValuePath> {
    let mut path = ValuePath::attr(Arc::clone(root));
    for step in steps {
        path = path.join(match &step.value {
            RefStep::Attr(name) => Step::Attr(Arc::clone(name)),
            RefStep::Key(key) => Step::Key(Arc::clone(key)),
            RefStep::Index(index) => Step::Index(*index),
            RefStep::Dynamic => return None,
        });
    }
    Some(path)
}

fn triggers(expr: &Expr, diagnostics: &mut Diagnostics) -> Vec<Trigger> {
    let ExprKind::Tuple(items) = &expr.kind else {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                "`replace_triggered_by` must be a list of references",
            )
            .at(expr.span, "")
            .hint("write `replace_triggered_by = [dms_rocketmq_instance.main.flavor_id]`"),
        );
        return Vec::new();
    };
    let mut triggers = Vec::new();
    for item in items {
        let mut first = None;
        crate::syntax::parse::references(item, &mut |reference| {
            first.get_or_insert(reference);
        });
        match first {
            Some(reference)
                if !matches!(
                    &*reference.root.value,
                    "var" | "local" | "data" | "each" | "count" | "path" | "self"
                ) && !reference.steps.is_empty() =>
            {
                triggers.push(Trigger { expr: item.clone(), reference });
            }
            _ => diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMetaArgument,
                    "`replace_triggered_by` holds only references to managed resources",
                )
                .at(item.span, "not a managed resource")
                .hint("to react to a plain value, keep it in a `queueform_data` resource and refer to that"),
            ),
        }
    }
    triggers
}

fn decode_timeouts(body: &Body, diagnostics: &mut Diagnostics) -> BTreeMap<Name, Spanned<u64>> {
    block::only(body, "a `timeouts` block", &["create", "read", "update", "delete"], &[], diagnostics);
    let mut timeouts = BTreeMap::new();
    for attribute in &body.attributes {
        let name = &attribute.name.value;
        let Some(text) = literal::string(&attribute.expr, &format!("`{name}`"), diagnostics) else {
            continue;
        };
        match seconds(&text.value) {
            Some(seconds) => {
                timeouts.insert(Arc::clone(name), Spanned::new(seconds, text.span));
            }
            None => diagnostics.push(
                Diagnostic::error(Code::InvalidValue, format!("`{}` is not a duration", text.value))
                    .at(text.span, "")
                    .hint("write hours, minutes and seconds, such as `\"50m\"` or `\"1h30m\"`"),
            ),
        }
    }
    timeouts
}

/// Reads durations such as `1h30m` or `90s`; returns whole seconds.
fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let factor = match c {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(factor)?)?;
        digits.clear();
    }
    (digits.is_empty() && total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations() {
        assert_eq!(seconds("50m"), Some(3000));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("90"), None);
        assert_eq!(seconds("m"), None);
        assert_eq!(seconds(""), None);
    }
}
