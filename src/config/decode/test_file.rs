//! `*.qftest.hcl`: `run` blocks with what they hold, `variables` and `provider` blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::addr::Target;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Spanned;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::Reference;
use crate::syntax::parse::traversal;

use super::super::Module;
use super::super::test_file::TestCommand;
use super::super::test_file::TestFile;
use super::super::test_file::TestPlanOptions;
use super::super::test_file::TestRun;
use super::address;
use super::block;
use super::literal;
use super::mocks;
use super::mocks::OVERRIDES;
use super::provider;
use super::variable;

/// Blocks of a test file.
const BLOCKS: [&str; 8] = [
    "test",
    "variables",
    "provider",
    "mock_provider",
    "override_resource",
    "override_data",
    "override_module",
    "run",
];

/// Blocks of a configuration, whose names are like others here.
const DECLARED: [&str; 4] = ["resource", "data", "module", "variable"];

/// Reads the content of a test file.
pub(in super::super) fn decode_test_file(
    name: &Arc<str>,
    body: &Body,
    diagnostics: &mut Diagnostics,
) -> TestFile {
    let mut file = TestFile {
        name: Arc::clone(name),
        variables: Vec::new(),
        providers: BTreeMap::new(),
        mocks: BTreeMap::new(),
        overrides: Vec::new(),
        runs: Vec::new(),
    };
    for attribute in &body.attributes {
        diagnostics.push(
            Diagnostic::error(
                Code::UnknownArgument,
                format!("`{}` cannot stand outside of a block", attribute.name.value),
            )
            .at(attribute.name.span, "an argument at the top level")
            .hint("values of variables belong into `variables { … }`"),
        );
    }
    let mut parallel = false;
    let mut providers = Module::default();
    for nested in &body.blocks {
        match &*nested.kind.value {
            "test" => {
                block::labels(nested, &[], diagnostics);
                block::only(&nested.body, "the `test` block", &["parallel"], &[], diagnostics);
                parallel = flag(&nested.body, "parallel", diagnostics).unwrap_or(parallel);
            }
            "variables" => variables(nested, &mut file.variables, diagnostics),
            "provider" => provider::decode(nested, &mut providers, diagnostics),
            "run" => {}
            "mock_provider" => {
                let Some(found) = mocks::provider(nested, diagnostics) else { continue };
                match file.mocks.get(&found.addr) {
                    Some(first) => {
                        let name = found.addr.to_string();
                        diagnostics.push(block::duplicate("provider", &name, found.header, first.header));
                    }
                    None => {
                        file.mocks.insert(found.addr.clone(), found);
                    }
                }
            }
            kind if OVERRIDES.contains(&kind) => {
                mocks::overriding(nested, &mut file.overrides, diagnostics);
            }
            "variable" => diagnostics.push(
                Diagnostic::error(Code::UnknownBlock, "a test file has no block `variable`")
                    .at(nested.header, "unknown block type")
                    .hint("set values in `variables { … }`; the configuration declares them"),
            ),
            other => diagnostics.push(
                Diagnostic::error(Code::UnknownBlock, format!("a test file has no block `{other}`"))
                    .at(nested.kind.span, "unknown block type")
                    .hint(did_you_mean(other, BLOCKS).filter(|_| !DECLARED.contains(&other)).unwrap_or_else(|| {
                        "resources, outputs and the like belong into `.qf.hcl` files; known here are `run`, `variables`, `provider`, `mock_provider`, `override_…` and `test`".to_owned()
                    })),
            ),
        }
    }
    file.providers = providers.providers;
    for (addr, mock) in &file.mocks {
        if let Some(first) = file.providers.get(addr) {
            diagnostics.push(block::duplicate("provider", &addr.to_string(), mock.header, first.header));
        }
    }
    for nested in body.blocks_of("run") {
        if let Some(found) = run(nested, parallel, diagnostics) {
            if let Some(first) = file.runs.iter().find(|known| known.name.value == found.name.value) {
                diagnostics.push(block::duplicate("run", &found.name.value, found.header, first.header));
            } else {
                file.runs.push(found);
            }
        }
    }
    file
}

fn flag(body: &Body, argument: &str, diagnostics: &mut Diagnostics) -> Option<bool> {
    let attribute = body.attribute(argument)?;
    literal::bool(&attribute.expr, &format!("`{argument}`"), diagnostics).map(|flag| flag.value)
}

fn variables(nested: &Block, into: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) {
    block::labels(nested, &[], diagnostics);
    block::no_blocks(nested, diagnostics);
    for attribute in &nested.body.attributes {
        if let Some(first) = into.iter().find(|known| known.name.value == attribute.name.value) {
            diagnostics.push(block::duplicate(
                "the value of",
                &attribute.name.value,
                attribute.name.span,
                first.name.span,
            ));
        } else {
            into.push(attribute.clone());
        }
    }
}

fn run(nested: &Block, parallel: bool, diagnostics: &mut Diagnostics) -> Option<TestRun> {
    let [name] = block::labels(nested, &["name"], diagnostics)? else { return None };
    let of = format!("run `{}`", name.value);
    let body = &nested.body;
    block::only(
        body,
        &of,
        &["command", "providers", "expect_failures", "state_key", "parallel"],
        &[
            "assert",
            "variables",
            "module",
            "plan_options",
            "override_resource",
            "override_data",
            "override_module",
        ],
        diagnostics,
    );
    let mut overrides = Vec::new();
    for inner in body.blocks.iter().filter(|inner| OVERRIDES.contains(&&*inner.kind.value)) {
        mocks::overriding(inner, &mut overrides, diagnostics);
    }
    let mut own = Vec::new();
    for inner in body.blocks_of("variables") {
        variables(inner, &mut own, diagnostics);
    }
    for kind in ["module", "plan_options", "variables"] {
        if let [first, second, ..] = body.blocks_of(kind).collect::<Vec<_>>().as_slice() {
            diagnostics.push(
                Diagnostic::error(Code::DuplicateDeclaration, format!("{of} has two `{kind}` blocks"))
                    .at(second.header, "declared again here")
                    .at(first.header, "first declared here")
                    .hint("merge them"),
            );
        }
    }
    let command = match body.attribute("command") {
        Some(attribute) => command(&attribute.expr, diagnostics),
        None => TestCommand::Apply,
    };
    let state_key = body
        .attribute("state_key")
        .and_then(|attribute| literal::string(&attribute.expr, "`state_key`", diagnostics));
    Some(TestRun {
        name: name.clone(),
        command,
        plan_options: plan_options(body.blocks_of("plan_options").next(), diagnostics),
        variables: own,
        source: body.blocks_of("module").next().and_then(|inner| source(inner, diagnostics)),
        providers: body.attribute("providers").map(|attribute| providers(&attribute.expr, diagnostics)),
        assertions: body
            .blocks_of("assert")
            .filter_map(|inner| variable::condition(inner, diagnostics))
            .collect(),
        expect_failures: expect_failures(body, diagnostics),
        overrides,
        state_key,
        parallel: flag(body, "parallel", diagnostics).unwrap_or(parallel),
        header: nested.header,
    })
}

fn command(expr: &Expr, diagnostics: &mut Diagnostics) -> TestCommand {
    match word(expr).as_deref() {
        Some("plan") => TestCommand::Plan,
        Some("apply") => TestCommand::Apply,
        _ => {
            diagnostics.push(
                Diagnostic::error(Code::InvalidValue, "`command` is `plan` or `apply`")
                    .at(expr.span, "")
                    .hint("write `command = plan`, without quotes"),
            );
            TestCommand::Apply
        }
    }
}

/// A bare word.
pub(super) fn word(expr: &Expr) -> Option<Arc<str>> {
    let reference = traversal(expr)?;
    reference.steps.is_empty().then_some(reference.root.value)
}

fn plan_options(nested: Option<&Block>, diagnostics: &mut Diagnostics) -> TestPlanOptions {
    let mut options = TestPlanOptions::default();
    let Some(nested) = nested else { return options };
    block::labels(nested, &[], diagnostics);
    let body = &nested.body;
    block::only(body, "`plan_options`", &["mode", "refresh", "replace", "target"], &[], diagnostics);
    if let Some(attribute) = body.attribute("mode") {
        match word(&attribute.expr).as_deref() {
            Some("normal") => {}
            Some("refresh-only") => options.refresh_only = true,
            _ => diagnostics.push(
                Diagnostic::error(Code::InvalidValue, "`mode` is `normal` or `refresh-only`")
                    .at(attribute.expr.span, "")
                    .hint("everything is destroyed at the end by itself"),
            ),
        }
    }
    options.refresh = flag(body, "refresh", diagnostics).unwrap_or(true);
    for target in addresses(body, "target", diagnostics) {
        options.targets.push(target.value);
    }
    for target in addresses(body, "replace", diagnostics) {
        match instance(&target.value) {
            Some(addr) => options.replace.push(addr),
            None => diagnostics.push(
                Diagnostic::error(Code::InvalidTarget, "`replace` names single objects")
                    .at(target.span, "")
                    .hint("name a resource, with its key if it has `count` or `for_each`"),
            ),
        }
    }
    options
}

fn instance(target: &Target) -> Option<InstanceAddr> {
    match target {
        Target::Instance(addr) => Some(addr.clone()),
        Target::Resource(resource) => Some(resource.instance(None)),
        Target::Module(_) => None,
    }
}

fn addresses(body: &Body, argument: &str, diagnostics: &mut Diagnostics) -> Vec<Spanned<Target>> {
    let Some(attribute) = body.attribute(argument) else { return Vec::new() };
    let mut found = Vec::new();
    for item in list(&attribute.expr, argument, diagnostics) {
        match address::any_target(item) {
            Some(target) => found.push(Spanned::new(target, item.span)),
            None => diagnostics.push(
                Diagnostic::error(
                    Code::InvalidTarget,
                    format!("`{argument}` holds only addresses of resources"),
                )
                .at(item.span, "not an address")
                .hint("write for example `dms_rocketmq_topic.orders[\"a\"]`, without quotes around it"),
            ),
        }
    }
    found
}

fn list<'e>(expr: &'e Expr, argument: &str, diagnostics: &mut Diagnostics) -> &'e [Expr] {
    if let ExprKind::Tuple(items) = &expr.kind {
        return items;
    }
    diagnostics.push(
        Diagnostic::error(Code::InvalidValue, format!("`{argument}` must be a list of references"))
            .at(expr.span, "")
            .hint(format!("write `{argument} = […]`")),
    );
    &[]
}

fn expect_failures(body: &Body, diagnostics: &mut Diagnostics) -> Vec<Reference> {
    let Some(attribute) = body.attribute("expect_failures") else { return Vec::new() };
    let mut found = Vec::new();
    for item in list(&attribute.expr, "expect_failures", diagnostics) {
        match traversal(item) {
            Some(reference) if !matches!(&*reference.root.value, "local" | "module" | "provider" | "run") => {
                found.push(reference);
            }
            _ => diagnostics.push(
                Diagnostic::error(Code::InvalidReference, "this cannot be expected to fail")
                    .at(item.span, "has no conditions")
                    .hint("name a variable, an output, a resource, a data source or a check of the configuration under test"),
            ),
        }
    }
    found
}

fn source(nested: &Block, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
    block::labels(nested, &[], diagnostics);
    block::only(&nested.body, "`module`", &["source", "version"], &[], diagnostics);
    if let Some(version) = nested.body.attribute("version") {
        diagnostics.push(
            Diagnostic::error(Code::InvalidMetaArgument, "modules have no `version` argument")
                .at(version.name.span, "")
                .hint("remove it"),
        );
    }
    let expr = block::required(&nested.body, "`module`", "source", nested.header, diagnostics)?;
    let text = literal::string(expr, "`source`", diagnostics)?;
    if text.value.starts_with("./") || text.value.starts_with("../") || text.value.starts_with('/') {
        return Some(text);
    }
    diagnostics.push(
        Diagnostic::error(Code::NotSupportedYet, "a run can only take a configuration from a directory")
            .at(text.span, "")
            .hint("write a path that begins with `./` or `../`, relative to the configuration"),
    );
    None
}

fn providers(expr: &Expr, diagnostics: &mut Diagnostics) -> BTreeMap<ProviderAddr, Spanned<ProviderAddr>> {
    let mut found = BTreeMap::new();
    let ExprKind::Object(items) = &expr.kind else {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMetaArgument,
                "`providers` must be a map of provider configurations",
            )
            .at(expr.span, "")
            .hint("write `providers = { dms = dms.west }`"),
        );
        return found;
    };
    for item in items {
        let key = match (&item.key.kind, item.bare) {
            (ExprKind::Literal(value), true) => {
                value.as_str().map(|name| ProviderAddr { name: Arc::clone(name), alias: None })
            }
            (ExprKind::Parens(inner), _) => provider::reference(inner, diagnostics).map(|addr| addr.value),
            _ => provider::reference(&item.key, diagnostics).map(|addr| addr.value),
        };
        if let (Some(key), Some(value)) = (key, provider::reference(&item.value, diagnostics)) {
            found.insert(key, value);
        }
    }
    found
}
