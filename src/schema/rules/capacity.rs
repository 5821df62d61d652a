//! Rooms are named by what their figures ask with.

use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Capacity;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::load::File;
use crate::schema::load::Loaded;
use crate::schema::scope::Root;
use crate::schema::scope::names_in;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;

use super::report;

/// `self` has only the attributes of the scope, and `parent` is a parent that the scope names.
pub(super) fn capacities(schema: &ResourceSchema, files: &[File], found: &mut Diagnostics) {
    for capacity in &schema.capacities {
        if schema.kind != ResourceKind::Managed {
            report(found, "only resources take room", capacity.span);
        }
        let figures = [&capacity.limit, &capacity.used];
        let lookups = capacity.lookups.iter().filter_map(|name| schema.lookup(name));
        let asked = lookups.flat_map(|lookup| lookup.call.inputs());
        let used: BTreeSet<Name> =
            figures.into_iter().chain(asked).flat_map(|expr| names_in(expr, Root::This)).collect();
        for name in used.iter().filter(|name| !capacity.scope.contains(name)) {
            let summary = format!("`self.{name}` is not part of the `scope` of `{}`", capacity.name);
            report(found, summary, capacity.span);
        }
        for figure in figures {
            parent(schema, capacity, figure, files, found);
        }
    }
}

fn parent(
    schema: &ResourceSchema,
    capacity: &Capacity,
    figure: &Expr,
    files: &[File],
    found: &mut Diagnostics,
) {
    let names = names_in(figure, Root::Parent);
    if names.is_empty() {
        return;
    }
    let Some(parent) = schema.parent.as_ref().filter(|parent| capacity.scope.contains(&parent.by)) else {
        let summary = format!("the `scope` of `{}` does not name a parent", capacity.name);
        return report(found, summary, figure.span);
    };
    let known = files.iter().find_map(|file| match &file.loaded {
        Loaded::Type(other) if other.type_name == parent.type_name => Some(&other.attributes),
        Loaded::Type(_) | Loaded::Provider(_) => None,
    });
    let Some(known) = known else { return };
    for name in names {
        if !known.iter().any(|attribute| attribute.name == name) {
            let summary = format!("`{}` has no attribute `{name}`", parent.type_name);
            let hint = did_you_mean(&name, known.iter().map(|attribute| &*attribute.name));
            found.push(Diagnostic::error(Code::InvalidSchema, summary).at(figure.span, "").maybe_hint(hint));
        }
    }
}
