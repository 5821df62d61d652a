//! `moved` blocks must be clear: each address goes to one place, and none comes back.

use std::collections::BTreeMap;

use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::config::Moved;
use crate::config::MovedAddresses;
use crate::config::ResourceId;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::source::Span;

use super::super::Config;
use super::super::Module;
use super::providers::unknown_type;

/// Checks what can be told of moves without instances and state.
pub(super) fn check(config: &Config, module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    let before = diagnostics.len();
    for moved in &module.moved {
        check_one(config, module, registry, moved, diagnostics);
    }
    let mut from: BTreeMap<String, &Moved> = BTreeMap::new();
    let mut to: BTreeMap<String, &Moved> = BTreeMap::new();
    for moved in &module.moved {
        let (old, new) = moved.addresses.texts();
        if let Some(first) = from.get(&old) {
            let other = first.addresses.texts().1;
            if other != new {
                diagnostics.push(
                    ambiguous(format!("`{old}` has two new addresses, `{other}` and `{new}`"))
                        .at(moved.header, "moved again here")
                        .at(first.header, "moved here"),
                );
            }
            continue;
        }
        from.insert(old.clone(), moved);
        if let Some(first) = to.get(&new) {
            let other = first.addresses.texts().0;
            diagnostics.push(
                ambiguous(format!("two objects move to `{new}`: `{other}` and `{old}`"))
                    .at(moved.header, "moves there too")
                    .at(first.header, "moves there"),
            );
            continue;
        }
        to.insert(new, moved);
    }
    if diagnostics.len() == before {
        circles(&from, diagnostics);
    }
}

fn check_one(
    config: &Config,
    module: &Module,
    registry: &Registry,
    moved: &Moved,
    diagnostics: &mut Diagnostics,
) {
    let (old, new) = moved.addresses.texts();
    if old == new {
        diagnostics.push(
            Diagnostic::error(Code::InvalidMove, format!("`{old}` moves to itself"))
                .at(moved.header, "")
                .hint("remove the block, or correct one of its addresses"),
        );
        return;
    }
    let within =
        |addr: &ModuleInstance| ModulePath(module.path.0.iter().cloned().chain(addr.path().0).collect());
    let still = |header: Span| {
        Diagnostic::error(Code::InvalidMove, format!("`{old}` moves away but is still declared"))
            .at(header, "still declared here")
            .at(moved.from, "moves away here")
            .hint(format!("rename the block to `{new}`, or remove the `moved` block"))
    };
    let Some((from, to)) = moved.addresses.resources() else {
        let MovedAddresses::Module { from, .. } = &moved.addresses else { return };
        if let Some(call) = config.call(&within(from)) {
            diagnostics.push(still(call.header));
        }
        return;
    };
    if registry.resource(ResourceKind::Managed, &to.kind).is_none() {
        diagnostics.push(unknown_type(Mode::Managed, &to.kind, registry).at(moved.to, "unknown type"));
        return;
    }
    if from.kind != to.kind {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidMove,
                format!("`{old}` cannot become `{new}`: they are of different types"),
            )
            .at(moved.header, "")
            .hint("an object keeps its type; forget the old address with a `removed` block and import the object under the new one"),
        );
        return;
    }
    let declared =
        config.module(&within(&from.module)).and_then(|of| of.resources.get(&ResourceId::of(from)));
    if matches!(moved.addresses, MovedAddresses::Resource { .. })
        && let Some(resource) = declared
    {
        diagnostics.push(still(resource.header));
    }
}

fn ambiguous(summary: String) -> Diagnostic {
    Diagnostic::error(Code::InvalidMove, summary).hint("keep the one that is right and remove the other")
}

/// Follows every move to its end; one that comes back where it started has none.
fn circles(from: &BTreeMap<String, &Moved>, diagnostics: &mut Diagnostics) {
    let mut told: Vec<String> = Vec::new();
    for start in from.keys() {
        let mut path = vec![start.clone()];
        let mut at = start.clone();
        while let Some(moved) = from.get(&at) {
            at = moved.addresses.texts().1;
            path.push(at.clone());
            if at == *start || path.len() > from.len() + 1 {
                break;
            }
        }
        if path.len() > 1 && at == *start && !told.contains(start) {
            told.extend(path.iter().cloned());
            let mut found = Diagnostic::error(Code::InvalidMove, "these moves lead back to where they start")
                .detail(path.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> "));
            for name in path.iter().skip(1) {
                if let Some(moved) = from.get(name) {
                    found = found.at(moved.header, "");
                }
            }
            diagnostics.push(found.hint("remove the move that is wrong"));
        }
    }
}
