//! Calls of modules must give every variable that needs a value, and only those; what belongs to the root module must
//! not stand in a called one.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::suggestion;
use crate::schema::Registry;

use super::super::Config;
use super::super::Module;
use super::super::ModuleCall;
use super::super::decode::MODULE_META;
use super::literals;

/// Checks the calls of a module, and what stands in it.
pub(super) fn check(config: &Config, module: &Module, _registry: &Registry, diagnostics: &mut Diagnostics) {
    for (name, call) in &module.calls {
        if let Some(child) = config.module(&module.path.child(name)) {
            check_call(call, child, diagnostics);
        }
    }
    if !module.path.is_root() {
        check_place(module, diagnostics);
    }
}

fn check_call(call: &ModuleCall, child: &Module, diagnostics: &mut Diagnostics) {
    let of = &call.name.value;
    // Arguments that are there under a wrong name: it would help nobody to miss them, too.
    let mut misspelled: Vec<&str> = Vec::new();
    for (name, argument) in &call.arguments {
        if let Some(variable) = child.variables.get(name) {
            let finding = |inner: &str| {
                Diagnostic::warning(
                    Code::UnknownAttribute,
                    format!("the type of variable `{name}` has no attribute `{inner}`, so it is left out"),
                )
            };
            literals::surplus(&argument.expr, &variable.ty, &mut |found| diagnostics.push(found), &finding);
        }
        if child.variables.contains_key(name) || child.partial {
            continue;
        }
        let names = child.variables.keys().map(|name| &**name);
        let near = suggestion(name, names.chain(MODULE_META));
        misspelled.extend(near);
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if child.variables.is_empty() => "the module has no variables".to_owned(),
            None => {
                let names: Vec<String> = child.variables.keys().map(|name| format!("`{name}`")).collect();
                format!("its variables are {}", names.join(", "))
            }
        };
        diagnostics.push(
            Diagnostic::error(Code::UnknownArgument, format!("module `{of}` has no variable `{name}`"))
                .at(argument.name.span, "unknown argument")
                .hint(hint),
        );
    }
    if call.partial || child.partial {
        return;
    }
    for (name, variable) in &child.variables {
        let is_given = call.arguments.contains_key(name) || misspelled.contains(&&**name);
        if variable.default.is_none() && !is_given {
            let mut found = Diagnostic::error(
                Code::MissingArgument,
                format!("module `{of}` needs the argument `{name}`"),
            )
            .at(call.header, format!("`{name}` is not set"))
            .at(variable.header, "has no default");
            if let Some(description) = &variable.description {
                found = found.detail(description.clone());
            }
            let ty = if variable.typed { variable.ty.to_string() } else { "of any type".to_owned() };
            diagnostics.push(found.hint(format!("add `{name} = …`: it is {ty}")));
        }
    }
}

/// What only the root module can say.
fn check_place(module: &Module, diagnostics: &mut Diagnostics) {
    for provider in module.providers.values() {
        let summary = "provider configurations stand in the root module, this is a called one";
        // A block that says nothing was once needed in modules.
        let is_empty = provider.arguments.is_empty() && provider.addr.alias.is_none();
        let found = if is_empty {
            Diagnostic::warning(Code::InvalidMetaArgument, summary).hint("remove the block: it says nothing")
        } else {
            Diagnostic::error(Code::InvalidMetaArgument, summary).hint(
                "move the block to the root module; modules get it from there, or by `providers` of the `module` block",
            )
        };
        diagnostics.push(found.at(provider.header, ""));
    }
    for import in &module.imports {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidImport,
                "`import` blocks stand in the root module, this is a called one",
            )
            .at(import.header, "")
            .hint("move it there, with the module in its address: `to = module.NAME.TYPE.NAME`"),
        );
    }
    let settings = &module.settings;
    let spans = settings
        .owns
        .iter()
        .map(|pattern| ("owns", pattern.span))
        .chain(settings.drift_ignore.iter().map(|pattern| ("drift", pattern.span)))
        .chain(settings.limits.deletes.iter().map(|limit| ("limits", limit.span)))
        .chain(settings.limits.delete_percent.iter().map(|limit| ("limits", limit.span)));
    for (name, span) in spans {
        diagnostics.push(
            Diagnostic::error(Code::InvalidMetaArgument, format!("`{name}` holds for a whole configuration"))
                .at(span, "this is a called module")
                .hint("write it in the root module"),
        );
    }
    if let Some(encryption) = &settings.encryption {
        diagnostics.push(
            Diagnostic::warning(Code::InvalidMetaArgument, "the encryption of a called module means nothing")
                .at(encryption.header, "")
                .hint("remove the block: the root module says how the state is encrypted"),
        );
    }
    if let Some(backend) = &settings.backend {
        diagnostics.push(
            Diagnostic::warning(Code::InvalidMetaArgument, "the backend of a called module means nothing")
                .at(backend.span, "")
                .hint("remove the block: the root module says where the state is"),
        );
    }
}
