//! What expressions refer to, as format 1.2 writes it.

use std::collections::BTreeSet;

use crate::addr::ModulePath;
use crate::config::Config;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;
use crate::syntax::parse::references;

/// A reference, taken apart into what it is about and the steps behind that.
struct Parts<'r> {
    /// What it is about, without a key: `var.size`, `dms_rocketmq_topic.a`.
    subject: String,
    /// The key of an instance, as written: `["a"]`.
    key: Option<String>,
    /// The steps behind.
    rest: &'r [crate::source::Spanned<RefStep>],
    /// Whether it is about a resource or data source.
    resource: bool,
    /// Whether it is about a module: the declaration is not named beside an instance of it.
    module: bool,
}

fn parts(reference: &Reference) -> Parts<'_> {
    let root = &*reference.root.value;
    let names: usize = match root {
        "self" => 0,
        "data" => 2,
        _ => 1,
    };
    let resource = !matches!(
        root,
        "self" | "var" | "local" | "module" | "each" | "count" | "path" | "queueform" | "terraform"
    );
    let module = root == "module";
    let mut subject = root.to_owned();
    let mut taken = 0;
    for step in reference.steps.iter().take(names) {
        let RefStep::Attr(name) = &step.value else { break };
        subject.push('.');
        subject.push_str(name);
        taken += 1;
    }
    let mut rest = reference.steps.get(taken..).unwrap_or_default();
    let mut key = None;
    if (resource || module)
        && let [first, behind @ ..] = rest
        && let Some(text) = step_text(&first.value).filter(|text| text.starts_with('['))
    {
        key = Some(text);
        rest = behind;
    }
    // What a splat or a computed key leads to cannot be named.
    let known = rest.iter().take_while(|step| step.value != RefStep::Dynamic).count();
    Parts { subject, key, rest: rest.get(..known).unwrap_or_default(), resource, module }
}

fn step_text(step: &RefStep) -> Option<String> {
    match step {
        RefStep::Attr(name) => Some(format!(".{name}")),
        RefStep::Key(key) => Some(format!("[{}]", crate::render::value::quoted(key))),
        RefStep::Index(index) => Some(format!("[{index}]")),
        RefStep::Dynamic => None,
    }
}

/// Returns every reference of an expression, each followed by what it is a part of, down to the declaration.
pub(super) fn of_expression(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    references(expr, &mut |reference| found.extend(of_reference(&reference)));
    found
}

/// Returns a reference, followed by what it is a part of.
pub(super) fn of_reference(reference: &Reference) -> Vec<String> {
    let parts = parts(reference);
    let mut texts = vec![parts.subject.clone()];
    let mut whole = parts.subject;
    if let Some(key) = &parts.key {
        whole.push_str(key);
        if parts.module {
            texts.clear();
        }
        texts.push(whole.clone());
    }
    for step in parts.rest {
        whole.push_str(&step_text(&step.value).unwrap_or_default());
        texts.push(whole.clone());
    }
    texts.reverse();
    texts
}

/// Gathers the attributes of resources that expressions are computed from, also through locals and modules.
pub(super) struct Relevant<'c> {
    config: &'c Config,
    /// What was gone through, so that everything is told once.
    seen: BTreeSet<(ModulePath, &'static str, Name)>,
    /// A resource, or an instance of one, and the attribute of it that is read.
    pub found: Vec<(ModulePath, String, Vec<RefStep>)>,
}

impl<'c> Relevant<'c> {
    pub(super) fn new(config: &'c Config) -> Self {
        Self { config, seen: BTreeSet::new(), found: Vec::new() }
    }

    /// Adds what an expression in a module is computed from.
    pub(super) fn expression(&mut self, module: &ModulePath, expr: &Expr) {
        let mut names: Vec<(ModulePath, &'static str, Name)> = Vec::new();
        references(expr, &mut |reference| {
            let first = reference.steps.first().map(|step| &step.value);
            match (&*reference.root.value, first) {
                ("local", Some(RefStep::Attr(name))) => {
                    names.push((module.clone(), "local", Name::clone(name)));
                }
                ("var", Some(RefStep::Attr(name))) => names.push((module.clone(), "var", Name::clone(name))),
                ("module", Some(RefStep::Attr(call))) => {
                    let behind = reference.steps.iter().skip(1);
                    let output = behind.filter_map(|step| match &step.value {
                        RefStep::Attr(name) => Some(Name::clone(name)),
                        _ => None,
                    });
                    names.extend(output.take(1).map(|name| (module.child(call), "output", name)));
                }
                _ => self.reference(module, &reference),
            }
        });
        for (module, root, name) in names {
            self.name(&module, root, &name);
        }
    }

    fn reference(&mut self, module: &ModulePath, reference: &Reference) {
        let parts = parts(reference);
        if !parts.resource {
            return;
        }
        let addr = format!("{}{}", parts.subject, parts.key.unwrap_or_default());
        let path = parts.rest.iter().map(|step| step.value.clone()).collect();
        if !self.found.iter().any(|(place, known, steps)| place == module && *known == addr && *steps == path)
        {
            self.found.push((module.clone(), addr, path));
        }
    }

    fn name(&mut self, path: &ModulePath, root: &'static str, name: &Name) {
        let config = self.config;
        let Some(module) = config.module(path) else { return };
        if !self.seen.insert((path.clone(), root, Name::clone(name))) {
            return;
        }
        match root {
            "local" => {
                if let Some(local) = module.locals.get(name) {
                    self.expression(path, &local.expr);
                }
            }
            "output" => {
                if let Some(output) = module.outputs.get(name) {
                    self.expression(path, &output.value);
                }
            }
            _ => {
                let argument = config.call(path).and_then(|call| call.arguments.get(name));
                if let (Some(argument), Some((parent, _))) = (argument, path.parent()) {
                    self.expression(&parent, &argument.expr);
                }
            }
        }
    }
}
