//! Addresses written in `moved`, `removed` and `import` blocks.

use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ResourceAddr;
use crate::addr::Target;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::traversal;

/// Reads the address of a managed resource, of one of its instances, or of a module.
pub(super) fn target(expr: &Expr) -> Option<Target> {
    let found = any_target(expr)?;
    let mode = match &found {
        Target::Module(_) => Mode::Managed,
        Target::Resource(addr) => addr.mode,
        Target::Instance(addr) => addr.resource.mode,
    };
    (mode == Mode::Managed).then_some(found)
}

/// Reads the same, or the address of a data source or of one of its instances.
pub(super) fn any_target(expr: &Expr) -> Option<Target> {
    let reference = traversal(expr)?;
    let mut steps = reference.steps.iter().map(|step| &step.value).peekable();
    let mut module = ModuleInstance::root();
    let mut word = Arc::clone(&reference.root.value);
    while &*word == "module" {
        let name = attribute(steps.next()?)?;
        let key = steps.peek().and_then(|step| key(step));
        if key.is_some() {
            steps.next();
        }
        module.0.push((name, key));
        match steps.next() {
            Some(step) => word = attribute(step)?,
            None => return Some(Target::Module(module)),
        }
    }
    let mut mode = Mode::Managed;
    if &*word == "data" {
        mode = Mode::Data;
        word = attribute(steps.next()?)?;
    }
    if matches!(&*word, "data" | "var" | "local" | "each" | "count" | "self" | "path") {
        return None;
    }
    let name = attribute(steps.next()?)?;
    let resource = ResourceAddr { module, mode, kind: word, name };
    let target = match steps.next() {
        Some(step) => Target::Instance(resource.instance(Some(key(step)?))),
        None => Target::Resource(resource),
    };
    steps.next().is_none().then_some(target)
}

fn attribute(step: &RefStep) -> Option<Name> {
    match step {
        RefStep::Attr(name) => Some(Arc::clone(name)),
        RefStep::Key(_) | RefStep::Index(_) | RefStep::Dynamic => None,
    }
}

fn key(step: &RefStep) -> Option<InstanceKey> {
    match step {
        RefStep::Key(key) => Some(InstanceKey::Str(Arc::clone(key))),
        RefStep::Index(index) => Some(InstanceKey::Int(*index)),
        RefStep::Attr(_) | RefStep::Dynamic => None,
    }
}
