//! What `refers` names is there: another type, a part of its identity, and everything else that tells which object is meant.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Refers;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::load::File;
use crate::schema::load::Loaded;
use crate::syntax::ast::Name;

/// Checks what the attributes of a type refer to.
pub(super) fn targets(schema: &ResourceSchema, files: &[File], found: &mut Diagnostics) {
    // A file alone does not know the others.
    if files.len() > 1 {
        let all = schema.attributes.iter().filter_map(|attribute| attribute.refers.as_ref());
        found.extend(all.filter_map(|refers| target(refers, schema, files)));
    }
}

fn target(refers: &Refers, schema: &ResourceSchema, files: &[File]) -> Option<Diagnostic> {
    let types = || {
        files.iter().filter_map(|file| match &file.loaded {
            Loaded::Type(other) if other.kind == ResourceKind::Managed => Some(other),
            Loaded::Type(_) | Loaded::Provider(_) => None,
        })
    };
    let wrong = |summary: String, hint: Option<String>| {
        Some(Diagnostic::error(Code::InvalidSchema, summary).at(refers.span, "").maybe_hint(hint))
    };
    let (kind, name) = (&refers.type_name, &refers.attribute);
    let Some(other) = types().find(|other| other.type_name == *kind) else {
        let near = did_you_mean(kind, types().map(|other| &*other.type_name));
        return wrong(format!("`refers` names `{kind}`, which is not a resource type"), near);
    };
    if !other.identity.contains(name) {
        let near = did_you_mean(name, other.identity.iter().map(|part| &**part));
        let parts: Vec<String> = other.identity.iter().map(|part| format!("`{part}`")).collect();
        let hint = near.unwrap_or_else(|| format!("name one of {}", parts.join(", ")));
        return wrong(format!("`{name}` is no part of the identity of `{kind}`"), Some(hint));
    }
    let is_here = |part: &&Name| **part != *name && schema.attribute(part).is_none();
    let missing = other.identity.iter().find(is_here)?;
    let summary = format!("which `{kind}` is meant cannot be told: there is no attribute `{missing}` here");
    wrong(
        summary,
        Some(format!("`{missing}` is part of the identity of `{kind}`, and has the same value here")),
    )
}
