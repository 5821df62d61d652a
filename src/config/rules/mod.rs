//! Rules that hold without asking a provider, one file each.

mod arguments;
mod conditions;
mod cycles;
mod imports;
mod lifecycle;
mod literals;
mod modules;
mod moves;
mod outputs;
mod providers;
mod references;
mod version;

use std::collections::BTreeSet;

use crate::diag::Diagnostics;
use crate::schema::Registry;

pub(crate) use providers::unknown_type;

use super::Config;
use super::Module;

/// The rules that say nothing against the configuration as such, but keep plans from being made.
const LATE: [Rule; 1] = [moves::check];

/// A rule: looks at a whole module and reports what is wrong with it.
type Rule = fn(&Config, &Module, &Registry, &mut Diagnostics);

/// All rules.
const RULES: [Rule; 10] = [
    version::check,
    providers::check,
    arguments::check,
    modules::check,
    references::check,
    lifecycle::check,
    imports::check,
    conditions::check,
    outputs::check,
    cycles::check,
];

/// Applies every rule to every module. What is wrong in a directory that is called several times is told once.
pub(super) fn check(config: &Config, registry: &Registry, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for module in config.all_modules() {
        if !module.path.is_root() && !seen.insert(&module.directory) {
            continue;
        }
        for rule in RULES {
            rule(config, module, registry, diagnostics);
        }
        for rule in LATE {
            let mut found = Diagnostics::new();
            rule(config, module, registry, &mut found);
            diagnostics.extend(found.late());
        }
    }
}
