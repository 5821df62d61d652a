//! Rules that hold without asking a provider, one file each.

mod arguments;
mod conditions;
mod cycles;
mod imports;
mod lifecycle;
mod moves;
mod providers;
mod references;
mod version;

use crate::diag::Diagnostics;
use crate::schema::Registry;

use super::Module;

/// The rules that say nothing against the configuration as such, but keep plans from being made.
const LATE: [Rule; 1] = [moves::check];

/// A rule: looks at a whole module and reports what is wrong with it.
type Rule = fn(&Module, &Registry, &mut Diagnostics);

/// All rules.
const RULES: [Rule; 8] = [
    version::check,
    providers::check,
    arguments::check,
    references::check,
    lifecycle::check,
    imports::check,
    conditions::check,
    cycles::check,
];

/// Applies every rule.
pub(super) fn check(module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    for rule in RULES {
        rule(module, registry, diagnostics);
    }
    for rule in LATE {
        let mut found = Diagnostics::new();
        rule(module, registry, &mut found);
        diagnostics.extend(found.late());
    }
}
