//! `mock_provider` and `override_…` blocks of test files, and files of mocks.

use std::sync::Arc;

use crate::addr::Mode;
use crate::addr::ProviderAddr;
use crate::addr::Target;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Spanned;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;

use super::super::mocks::MockProvider;
use super::super::mocks::MockType;
use super::super::mocks::Override;
use super::address;
use super::block;
use super::literal;
use super::test_file::word;

/// Blocks that stand in for single objects or for modules.
pub(super) const OVERRIDES: [&str; 3] = ["override_resource", "override_data", "override_module"];

/// Blocks of a provider that is mocked.
const MOCKS: [&str; 4] = ["mock_resource", "mock_data", "override_resource", "override_data"];

/// What stands in for what, in one body.
#[derive(Debug, Default)]
pub(in super::super) struct Mocked {
    /// Values by type.
    pub types: Vec<MockType>,
    /// Values of objects.
    pub overrides: Vec<Override>,
}

/// Reads a `mock_provider` block.
pub(super) fn provider(nested: &Block, diagnostics: &mut Diagnostics) -> Option<MockProvider> {
    let [name] = block::labels(nested, &["name"], diagnostics)? else { return None };
    let body = &nested.body;
    let of = "`mock_provider`";
    block::only(body, of, &["alias", "source", "override_during"], &MOCKS, diagnostics);
    let mut text = |argument: &str| {
        let expr = &body.attribute(argument)?.expr;
        literal::string(expr, &format!("`{argument}`"), diagnostics)
    };
    let alias = text("alias");
    let source = text("source");
    if let Some(alias) = alias.as_ref().filter(|alias| !block::is_identifier(&alias.value)) {
        let summary = format!("`{}` is not a valid alias", alias.value);
        diagnostics.push(
            Diagnostic::error(Code::InvalidName, summary)
                .at(alias.span, "")
                .hint("use letters, digits, underscores and dashes, starting with a letter"),
        );
        return None;
    }
    let Mocked { types, overrides } = blocks(body, diagnostics);
    Some(MockProvider {
        addr: ProviderAddr {
            alias: alias.map(|alias| Arc::from(alias.value)),
            ..ProviderAddr::default_of(Arc::clone(&name.value))
        },
        types,
        overrides,
        source,
        while_planning: during(body, diagnostics),
        header: nested.header,
    })
}

/// Reads a file of mocks.
pub(in super::super) fn file(body: &Body, diagnostics: &mut Diagnostics) -> Mocked {
    block::only(body, "a file of mocks", &[], &MOCKS, diagnostics);
    blocks(body, diagnostics)
}

fn blocks(body: &Body, diagnostics: &mut Diagnostics) -> Mocked {
    let mut mocked = Mocked::default();
    for nested in &body.blocks {
        match &*nested.kind.value {
            "mock_resource" | "mock_data" => {
                let Some(found) = of_type(nested, diagnostics) else { continue };
                let same =
                    |known: &&MockType| known.mode == found.mode && known.kind.value == found.kind.value;
                match mocked.types.iter().find(same) {
                    Some(first) => diagnostics.push(block::duplicate(
                        &nested.kind.value,
                        &found.kind.value,
                        found.header,
                        first.header,
                    )),
                    None => mocked.types.push(found),
                }
            }
            kind if OVERRIDES.contains(&kind) && kind != "override_module" => {
                overriding(nested, &mut mocked.overrides, diagnostics);
            }
            _ => {}
        }
    }
    mocked
}

fn of_type(nested: &Block, diagnostics: &mut Diagnostics) -> Option<MockType> {
    let [kind] = block::labels(nested, &["type"], diagnostics)? else { return None };
    let of = format!("`{}`", nested.kind.value);
    block::only(&nested.body, &of, &["defaults", "override_during"], &[], diagnostics);
    Some(MockType {
        mode: if &*nested.kind.value == "mock_data" { Mode::Data } else { Mode::Managed },
        kind: Spanned::new(Arc::clone(&kind.value), kind.span),
        defaults: nested.body.attribute("defaults").map(|attribute| attribute.expr.clone()),
        while_planning: during(&nested.body, diagnostics),
        header: nested.header,
    })
}

/// Reads an `override_…` block. Two about the same thing are a mistake.
pub(super) fn overriding(nested: &Block, into: &mut Vec<Override>, diagnostics: &mut Diagnostics) {
    block::labels(nested, &[], diagnostics);
    let kind = &*nested.kind.value;
    let values = if kind == "override_module" { "outputs" } else { "values" };
    let body = &nested.body;
    block::only(body, &format!("`{kind}`"), &["target", values, "override_during"], &[], diagnostics);
    let while_planning = during(body, diagnostics);
    let Some(expr) = block::required(body, &format!("`{kind}`"), "target", nested.header, diagnostics) else {
        return;
    };
    let Some(target) = target(expr, kind, diagnostics) else { return };
    if let Some(first) = into.iter().find(|known| known.target.value == target) {
        let name = target.to_string();
        diagnostics.push(block::duplicate(kind, &name, nested.header, first.header));
        return;
    }
    into.push(Override {
        target: Spanned::new(target, expr.span),
        values: body.attribute(values).map(|attribute| attribute.expr.clone()),
        while_planning,
        header: nested.header,
    });
}

fn target(expr: &Expr, kind: &str, diagnostics: &mut Diagnostics) -> Option<Target> {
    let found = address::any_target(expr);
    let mode = match &found {
        Some(Target::Resource(addr)) => Some(addr.mode),
        Some(Target::Instance(addr)) => Some(addr.resource.mode),
        Some(Target::Module(_)) | None => None,
    };
    let (fits, what, example) = match kind {
        "override_resource" => (mode == Some(Mode::Managed), "a resource", "dms_rocketmq_topic.orders"),
        "override_data" => (mode == Some(Mode::Data), "a data source", "data.dms_rocketmq_flavors.all"),
        _ => (matches!(found, Some(Target::Module(_))), "a module", "module.orders"),
    };
    if fits {
        return found;
    }
    diagnostics.push(
        Diagnostic::error(Code::InvalidTarget, format!("the target of `{kind}` must be {what}"))
            .at(expr.span, "")
            .hint(format!("write for example `target = {example}`, without quotes")),
    );
    None
}

/// Whether values are known while planning.
fn during(body: &Body, diagnostics: &mut Diagnostics) -> Option<bool> {
    let expr = &body.attribute("override_during")?.expr;
    match word(expr).as_deref() {
        Some("plan") => Some(true),
        Some("apply") => Some(false),
        near => {
            let hint = near.and_then(|near| did_you_mean(near, ["plan", "apply"]));
            diagnostics.push(
                Diagnostic::error(Code::InvalidValue, "`override_during` is `plan` or `apply`")
                    .at(expr.span, "")
                    .hint(
                        hint.unwrap_or_else(|| "write `override_during = plan`, without quotes".to_owned()),
                    ),
            );
            None
        }
    }
}
