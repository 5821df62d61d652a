//! Names lead to what they must name.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::ProviderSchema;
use crate::schema::ResourceSchema;
use crate::schema::load::File;
use crate::schema::load::Named;
use crate::source::Span;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;

use super::arguments;

/// Checks the names in a provider file.
pub(super) fn provider(file: &File, provider: &ProviderSchema, found: &mut Diagnostics) {
    let methods: Vec<&str> = provider.auth.iter().map(|method| &*method.name).collect();
    let known: Vec<&str> = arguments(provider).collect();
    for (ident, named) in &file.names {
        match named {
            Named::Argument => expect(&ident.value, "argument", ident.span, &known, found),
            Named::Auth => expect(&ident.value, "authentication method", ident.span, &methods, found),
            Named::Attribute | Named::Leaf | Named::Waiter | Named::Paging | Named::Service => {}
        }
    }
    for reference in &file.references {
        if &*reference.root.value == "provider" {
            step(reference, "argument", &known, found);
        }
    }
}

/// Checks the names in a resource or data source file.
pub(super) fn resource(
    file: &File,
    schema: &ResourceSchema,
    provider: Option<&ProviderSchema>,
    found: &mut Diagnostics,
) {
    let attributes: Vec<&str> = schema.attributes.iter().map(|attribute| &*attribute.name).collect();
    let waiters: Vec<&str> = schema.waiters.iter().map(|waiter| &*waiter.name).collect();
    let lookups: Vec<&str> = schema.lookups.iter().map(|lookup| &*lookup.name).collect();
    for (ident, named) in &file.names {
        match (named, provider) {
            (Named::Attribute, _) => expect(&ident.value, "attribute", ident.span, &attributes, found),
            (Named::Waiter, _) => expect(&ident.value, "waiter", ident.span, &waiters, found),
            (Named::Paging, Some(provider)) => {
                let known: Vec<&str> = provider.paging.iter().map(|paging| &*paging.name).collect();
                expect(&ident.value, "paging style", ident.span, &known, found);
            }
            (Named::Service, Some(provider)) => {
                let known: Vec<&str> = provider.services.iter().map(|service| &*service.name).collect();
                expect(&ident.value, "service", ident.span, &known, found);
            }
            (Named::Paging | Named::Service, None) | (Named::Argument | Named::Auth | Named::Leaf, _) => {}
        }
    }
    for reference in &file.references {
        match &*reference.root.value {
            "self" | "config" | "prior" | "planned" | "current" | "changed" => {
                step(reference, "attribute", &attributes, found);
            }
            "lookup" => step(reference, "lookup", &lookups, found),
            "provider" => {
                if let Some(provider) = provider {
                    let known: Vec<&str> = arguments(provider).collect();
                    step(reference, "argument", &known, found);
                }
            }
            _ => {}
        }
    }
    for (what, fields) in sets(schema) {
        for field in fields {
            expect(&field.name, what, field.name_span, &attributes, found);
        }
    }
}

/// Returns the fields of `set` in operations, which name attributes.
fn sets(schema: &ResourceSchema) -> impl Iterator<Item = (&'static str, &[crate::schema::Field])> {
    let operations = [&schema.create, &schema.read, &schema.update, &schema.delete];
    let run = schema.invocation.as_ref().map(|invocation| &invocation.run);
    let steps = operations.into_iter().flatten().chain(run).flat_map(|operation| &operation.steps);
    steps.map(|step| ("attribute", step.set.as_slice()))
}

/// The first step of a reference must name something that exists.
fn step(reference: &Reference, what: &str, known: &[&str], found: &mut Diagnostics) {
    if let Some(step) = reference.steps.first()
        && let RefStep::Attr(name) | RefStep::Key(name) = &step.value
    {
        expect(name, what, step.span, known, found);
    }
}

fn expect(name: &str, what: &str, span: Span, known: &[&str], found: &mut Diagnostics) {
    if known.contains(&name) {
        return;
    }
    let summary = format!("there is no {what} `{name}`");
    let hint = did_you_mean(name, known.iter().copied());
    found.push(Diagnostic::error(Code::InvalidSchema, summary).at(span, "").maybe_hint(hint));
}
