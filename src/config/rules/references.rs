//! References must name something that is declared, with attributes that exist.

use std::sync::Arc;

use crate::addr::Mode;
use crate::config::Repetition;
use crate::config::ResourceId;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::schema::Registry;
use crate::source::Spanned;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;
use crate::syntax::parse::references_within;

use super::super::Config;
use super::super::Module;
use super::providers::kind_of;

/// Roots that are not resource types.
const ROOTS: [&str; 11] =
    ["var", "local", "data", "ephemeral", "action", "module", "each", "count", "self", "path", "queueform"];

/// Where an expression stands decides which of `each`, `count` and `self` it may use.
#[derive(Clone, Copy)]
struct Place {
    each: bool,
    count: bool,
    own: bool,
}

impl Place {
    const PLAIN: Self = Self { each: false, count: false, own: false };
}

/// Checks every reference of a module.
pub(super) fn check(config: &Config, module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    let mut checker = Checker { config, module, registry, inside: None, bound: Vec::new(), diagnostics };
    for variable in module.variables.values() {
        for condition in &variable.validations {
            checker.expr(&condition.condition, Place::PLAIN);
            checker.expr(&condition.message, Place::PLAIN);
        }
    }
    for local in module.locals.values() {
        checker.expr(&local.expr, Place::PLAIN);
    }
    for provider in module.providers.values() {
        let place = Place { each: provider.for_each.is_some(), ..Place::PLAIN };
        for attribute in provider.arguments.values() {
            checker.expr(&attribute.expr, place);
        }
    }
    for output in module.outputs.values() {
        checker.expr(&output.value, Place::PLAIN);
        for condition in &output.preconditions {
            checker.expr(&condition.condition, Place::PLAIN);
            checker.expr(&condition.message, Place::PLAIN);
        }
        for reference in &output.depends_on {
            checker.reference(reference, Place::PLAIN);
        }
    }
    for call in module.calls.values() {
        let place = checker.repetition(&call.repetition);
        for attribute in call.arguments.values() {
            checker.expr(&attribute.expr, place);
        }
        for reference in &call.depends_on {
            checker.reference(reference, Place::PLAIN);
        }
    }
    for resource in module.resources.values() {
        let place = checker.repetition(&resource.repetition);
        if let Some(key) = &resource.provider_key {
            checker.expr(key, place);
        }
        for attribute in resource.arguments.values() {
            checker.expr(&attribute.expr, place);
        }
        for reference in &resource.depends_on {
            checker.reference(reference, Place::PLAIN);
        }
        for trigger in &resource.lifecycle.replace_triggered_by {
            checker.late(|checker| checker.expr(&trigger.expr, place));
        }
        for trigger in &resource.lifecycle.action_triggers {
            for expr in trigger.actions.iter().map(|action| &action.expr) {
                checker.expr(expr, place);
            }
            if let Some(condition) = &trigger.condition {
                checker.expr(condition, Place { own: true, ..place });
            }
        }
        for condition in &resource.lifecycle.preconditions {
            checker.expr(&condition.condition, place);
            checker.expr(&condition.message, place);
        }
        for condition in &resource.lifecycle.postconditions {
            checker.expr(&condition.condition, Place { own: true, ..place });
            checker.expr(&condition.message, Place { own: true, ..place });
        }
    }
    for check in module.checks.values() {
        checker.inside = Some(&check.name.value);
        for assert in &check.asserts {
            checker.expr(&assert.condition, Place::PLAIN);
            checker.expr(&assert.message, Place::PLAIN);
        }
    }
    checker.inside = None;
    for import in &module.imports {
        let place = Place { each: import.for_each.is_some(), ..Place::PLAIN };
        if let Some(expr) = &import.for_each {
            checker.expr(expr, Place::PLAIN);
        }
        for expr in [Some(import.identity.expr()), import.key.as_ref()].into_iter().flatten() {
            checker.expr(expr, place);
        }
    }
}

/// Returns the resource or data source that a reference names.
pub(super) fn resource_of(reference: &Reference) -> Option<ResourceId> {
    let name = |index: usize| match reference.steps.get(index).map(|step| &step.value) {
        Some(RefStep::Attr(name) | RefStep::Key(name)) => Some(Arc::clone(name)),
        _ => None,
    };
    match &*reference.root.value {
        "data" => Some(ResourceId { mode: Mode::Data, kind: name(0)?, name: name(1)? }),
        "action" => Some(ResourceId { mode: Mode::Action, kind: name(0)?, name: name(1)? }),
        "ephemeral" => Some(ResourceId { mode: Mode::Ephemeral, kind: name(0)?, name: name(1)? }),
        root if ROOTS.contains(&root) || root == "terraform" => None,
        kind => match reference.steps.first().map(|step| &step.value) {
            Some(RefStep::Attr(name)) => {
                Some(ResourceId { mode: Mode::Managed, kind: kind.into(), name: Arc::clone(name) })
            }
            _ => None,
        },
    }
}

struct Checker<'c> {
    config: &'c Config,
    module: &'c Module,
    registry: &'c Registry,
    /// The check that is looked at.
    inside: Option<&'c Name>,
    /// What the `for` expressions around the reference call their elements.
    bound: Vec<Name>,
    diagnostics: &'c mut Diagnostics,
}

impl Checker<'_> {
    /// What is found only keeps plans from being made.
    fn late(&mut self, check: impl FnOnce(&mut Checker<'_>)) {
        let mut found = Diagnostics::new();
        check(&mut Checker { diagnostics: &mut found, bound: Vec::new(), ..*self });
        self.diagnostics.extend(found.late());
    }

    /// Checks `count` or `for_each`; returns what the rest of the block may use.
    fn repetition(&mut self, repetition: &Repetition) -> Place {
        match repetition {
            Repetition::One => Place::PLAIN,
            Repetition::Enabled(expr) => {
                self.expr(expr, Place::PLAIN);
                Place::PLAIN
            }
            Repetition::Count(expr) => {
                self.expr(expr, Place::PLAIN);
                Place { count: true, ..Place::PLAIN }
            }
            Repetition::ForEach(expr) => {
                self.expr(expr, Place::PLAIN);
                Place { each: true, ..Place::PLAIN }
            }
        }
    }

    fn expr(&mut self, expr: &Expr, place: Place) {
        let mut found = Vec::new();
        references_within(expr, &mut |reference, bound| found.push((reference, bound.to_vec())));
        for (reference, bound) in found {
            self.bound = bound;
            self.reference(&reference, place);
        }
        self.bound.clear();
    }

    fn reference(&mut self, reference: &Reference, place: Place) {
        let root = &*reference.root.value;
        match root {
            "var" => {
                let all = &self.module.variables;
                self.named(reference, "variable", (&|name| all.contains_key(name), all.keys()), |name| {
                    format!("declare it: `variable \"{name}\" {{ … }}`")
                });
            }
            "local" => {
                let all = &self.module.locals;
                self.named(reference, "local value", (&|name| all.contains_key(name), all.keys()), |name| {
                    format!("declare it: `locals {{ {name} = … }}`")
                });
            }
            "each" => self.per_instance(reference, place.each, "each", "for_each", &["key", "value"]),
            "count" => self.per_instance(reference, place.count, "count", "count", &["index"]),
            "self" if !place.own => self.diagnostics.push(
                Diagnostic::error(Code::InvalidReference, "`self` is not available here")
                    .at(reference.span, "")
                    .hint("`self` stands for the object in postconditions only; elsewhere write the address"),
            ),
            "self" => {}
            "path" => self.fixed(reference, "path", &["module", "root", "cwd"]),
            "queueform" => self.fixed(reference, "queueform", &["workspace"]),
            "terraform" => self.diagnostics.push(
                Diagnostic::error(Code::TerraformHabit, "there is no `terraform` object")
                    .at(reference.span, "")
                    .hint("write `queueform.workspace`"),
            ),
            "module" => self.call(reference),
            _ => self.resource(reference),
        }
    }

    /// `var.name` and `local.name`.
    fn named<'n>(
        &mut self,
        reference: &Reference,
        what: &str,
        (has, names): (&dyn Fn(&Name) -> bool, impl Iterator<Item = &'n Name>),
        declare: impl Fn(&str) -> String,
    ) {
        let Some(Spanned { value: RefStep::Attr(name), span }) = reference.steps.first() else {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidReference,
                    format!("`{}` needs the name of a {what}", reference.root.value),
                )
                .at(reference.span, "")
                .hint(format!("write `{}.NAME`", reference.root.value)),
            );
            return;
        };
        if has(name) || self.module.partial {
            return;
        }
        self.diagnostics.push(
            Diagnostic::error(Code::UndeclaredReference, format!("there is no {what} `{name}`"))
                .at(reference.root.span.to(*span), "not declared")
                .hint(did_you_mean(name, names.map(|name| &**name)).unwrap_or_else(|| declare(name))),
        );
    }

    fn per_instance(&mut self, reference: &Reference, allowed: bool, root: &str, meta: &str, names: &[&str]) {
        if allowed {
            self.fixed(reference, root, names);
        } else {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidReference,
                    format!("`{root}` is available only in blocks with `{meta}`"),
                )
                .at(reference.span, "")
                .hint(format!("add `{meta}` to the block, or use a plain value")),
            );
        }
    }

    fn fixed(&mut self, reference: &Reference, root: &str, names: &[&str]) {
        let found = match reference.steps.first().map(|step| &step.value) {
            Some(RefStep::Attr(name) | RefStep::Key(name)) => Some(&**name),
            _ => None,
        };
        if found.is_some_and(|name| names.contains(&name)) {
            return;
        }
        let known: Vec<String> = names.iter().map(|name| format!("{root}.{name}")).collect();
        let near =
            found.and_then(|name| did_you_mean(&format!("{root}.{name}"), known.iter().map(String::as_str)));
        let listed = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        self.diagnostics.push(
            Diagnostic::error(
                Code::InvalidReference,
                found.map_or_else(
                    || format!("`{root}` alone is not a value"),
                    |name| format!("`{root}` has no `{name}`"),
                ),
            )
            .at(reference.span, "")
            .hint(near.unwrap_or_else(|| format!("there is {listed}"))),
        );
    }

    /// `module.name.output`.
    fn call(&mut self, reference: &Reference) {
        let all = &self.module.calls;
        self.named(reference, "module", (&|name| all.contains_key(name), all.keys()), |name| {
            format!("call it: `module \"{name}\" {{ source = … }}`")
        });
        let mut steps = reference.steps.iter();
        let Some(RefStep::Attr(name) | RefStep::Key(name)) = steps.next().map(|step| &step.value) else {
            return;
        };
        let Some(call) = self.module.calls.get(name) else { return };
        let mut step = steps.next();
        let keyed = matches!(
            step.map(|step| &step.value),
            Some(RefStep::Key(_) | RefStep::Index(_) | RefStep::Dynamic)
        );
        let single = call.repetition.is_keyless();
        let of_key = step.is_some_and(|step| matches!(step.value, RefStep::Key(_) | RefStep::Index(_)));
        if single && of_key {
            let span = step.map_or(reference.span, |step| step.span);
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidReference,
                    format!("`module.{name}` has neither `count` nor `for_each`"),
                )
                .at(span, "no instances to choose from")
                .at(call.header, "called here")
                .hint(format!("write `module.{name}` without a key"))
                .late(),
            );
            return;
        }
        if single && keyed {
            return;
        }
        if keyed {
            step = steps.next();
        } else if let (false, Some(Spanned { value: RefStep::Attr(output), span })) = (single, step) {
            // Behind `for_each`, a key that is a name may stand there as an attribute.
            let child = self.config.module(&self.module.path.child(name));
            let is_output = child.is_none_or(|child| child.outputs.contains_key(output));
            if matches!(call.repetition, Repetition::ForEach(_)) && !is_output {
                return;
            }
            let (meta, key) = match call.repetition {
                Repetition::Count(_) => ("count", "[0]"),
                _ => ("for_each", "[each.key]"),
            };
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidReference,
                    format!("`module.{name}` has `{meta}`, so an instance must be named"),
                )
                .at(*span, format!("output `{output}` of which instance?"))
                .hint(format!(
                    "write `module.{name}{key}.{output}`, or `[for x in module.{name} : x.{output}]` for all of them"
                ))
                .late(),
            );
            return;
        }
        let Some(Spanned { value: RefStep::Attr(output), span }) = step else { return };
        let Some(child) = self.config.module(&self.module.path.child(name)) else { return };
        if !child.outputs.contains_key(output) && !child.partial {
            let hint = did_you_mean(output, child.outputs.keys().map(|name| &**name)).unwrap_or_else(|| {
                format!("declare it in `{}`: `output \"{output}\" {{ value = … }}`", child.directory)
            });
            self.diagnostics.push(
                Diagnostic::error(
                    Code::UnsupportedAttribute,
                    format!("`module.{name}` has no output `{output}`"),
                )
                .at(*span, "unknown output")
                .hint(hint),
            );
        }
    }

    fn resource(&mut self, reference: &Reference) {
        let Some(id) = resource_of(reference) else {
            return self.bare_root(reference);
        };
        let Some(resource) = self.module.resources.get(&id) else {
            if !self.module.partial {
                self.undeclared(reference, &id);
            }
            return;
        };
        if let Some(owner) = self.module.scoped.get(&id)
            && self.inside != Some(owner)
        {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidReference,
                    format!("`{id}` belongs to check `{owner}` and cannot be used outside of it"),
                )
                .at(reference.span, "")
                .at(resource.header, "declared in the check")
                .hint("move the data source out of the check"),
            );
            return;
        }
        // The step after the name, and after an instance key if there is one, is an attribute.
        let mut steps = reference.steps.iter().skip(if id.mode == Mode::Managed { 1 } else { 2 });
        let mut step = steps.next();
        let keyed = matches!(step.map(|step| &step.value), Some(RefStep::Key(_) | RefStep::Index(_)));
        match (&resource.repetition, keyed) {
            (Repetition::One | Repetition::Enabled(_), true) => {
                let span = step.map_or(reference.span, |step| step.span);
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidReference,
                        format!("`{id}` has neither `count` nor `for_each`"),
                    )
                    .at(span, "no instances to choose from")
                    .at(resource.header, "declared here")
                    .hint(format!("write `{id}` without a key")),
                );
                return;
            }
            (Repetition::Count(_) | Repetition::ForEach(_), true) => step = steps.next(),
            (Repetition::Count(_) | Repetition::ForEach(_), false) => {
                if let Some(Spanned { value: RefStep::Attr(name), span }) = step {
                    let (meta, key) = match resource.repetition {
                        Repetition::Count(_) => ("count", "[0]"),
                        _ => ("for_each", "[each.key]"),
                    };
                    self.diagnostics.push(
                        Diagnostic::error(
                            Code::InvalidReference,
                            format!("`{id}` has `{meta}`, so an instance must be named"),
                        )
                        .at(*span, format!("attribute `{name}` of which instance?"))
                        .hint(format!(
                            "write `{id}{key}.{name}`, or `[for x in {id} : x.{name}]` for all of them"
                        )),
                    );
                }
                return;
            }
            (Repetition::One | Repetition::Enabled(_), false) => {}
        }
        let Some(Spanned { value: RefStep::Attr(name), span }) = step else { return };
        let Some(schema) = self.registry.resource(kind_of(id.mode), &id.kind) else { return };
        if schema.attribute(name).is_none() {
            let names = schema.attributes.iter().map(|attribute| &*attribute.name);
            self.diagnostics.push(
                Diagnostic::error(
                    Code::UnsupportedAttribute,
                    format!("`{}` has no attribute `{name}`", id.kind),
                )
                .at(*span, "unknown attribute")
                .maybe_hint(did_you_mean(name, names)),
            );
        }
    }

    /// A root that is followed by nothing that could be a resource's name.
    fn bare_root(&mut self, reference: &Reference) {
        let root = &*reference.root.value;
        let kinds = self.module.resources.keys().filter(|id| id.mode == Mode::Managed).map(|id| &*id.kind);
        let kinds = kinds.chain(self.bound.iter().map(|name| &**name));
        let found = if matches!(root, "action" | "ephemeral") {
            Diagnostic::error(Code::InvalidReference, format!("`{root}` needs a type and a name"))
                .hint(format!("write `{root}.TYPE.NAME`"))
        } else if root == "data" {
            Diagnostic::error(Code::InvalidReference, "`data` needs a type and a name")
                .hint("write `data.TYPE.NAME`, such as `data.dms_rocketmq_brokers.all`")
        } else {
            Diagnostic::error(Code::InvalidReference, format!("`{root}` is not a value"))
                .hint(did_you_mean(root, kinds.chain(ROOTS)).unwrap_or_else(|| {
                    format!("for text write `\"{root}\"`; references look like `TYPE.NAME`, `var.NAME` or `local.NAME`")
                }))
        };
        self.diagnostics.push(found.at(reference.span, ""));
    }

    fn undeclared(&mut self, reference: &Reference, id: &ResourceId) {
        let resources = &self.module.resources;
        let what = id.mode.noun();
        let of_mode = || resources.keys().filter(|other| other.mode == id.mode);
        let same_kind = of_mode().filter(|other| other.kind == id.kind).map(|other| &*other.name);
        let hint = suggestion(&id.name, same_kind)
            .map(|name| ResourceId { name: name.into(), ..id.clone() }.to_string())
            .or_else(|| {
                // The type may be wrong, and the name be right.
                let same_name = of_mode().filter(|other| other.name == id.name).map(|other| &*other.kind);
                let kind = suggestion(&id.kind, same_name)?;
                Some(ResourceId { kind: kind.into(), ..id.clone() }.to_string())
            })
            .or_else(|| {
                let roots = if id.mode == Mode::Managed { &ROOTS[..] } else { &[] };
                let bound = self.bound.iter().map(|name| &**name);
                let kinds = of_mode().map(|other| &*other.kind);
                suggestion(&id.kind, kinds.chain(bound).chain(roots.iter().copied())).map(str::to_owned)
            })
            .map(|name| format!("did you mean `{name}`?"))
            .or_else(|| {
                let other = ResourceId { mode: Mode::Data, ..id.clone() };
                (id.mode == Mode::Managed && resources.contains_key(&other))
                    .then(|| format!("there is a data source of that name: write `{other}`"))
            })
            .unwrap_or_else(|| {
                format!("declare it: `{} \"{}\" \"{}\" {{ … }}`", kind_of(id.mode).block(), id.kind, id.name)
            });
        self.diagnostics.push(
            Diagnostic::error(Code::UndeclaredReference, format!("there is no {what} `{id}`"))
                .at(reference.span, "not declared")
                .hint(hint),
        );
    }
}
