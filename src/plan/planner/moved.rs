//! Moves that cannot be followed, or were not.

use crate::addr::InstanceAddr;
use crate::config::MovedAddresses;
use crate::diag::Code;
use crate::diag::Diagnostic;

use super::super::PlanMode;
use super::Planner;

impl Planner<'_> {
    /// Reports moves that contradict the configuration or the targets, and objects that could not move.
    pub(super) fn check_moves(&mut self) {
        let declared: Vec<_> = if self.options.mode == PlanMode::Normal {
            self.input.config.all_modules().flat_map(|module| &module.moved).collect()
        } else {
            Vec::new()
        };
        for moved in declared {
            let MovedAddresses::Instance { from, to } = &moved.addresses else { continue };
            if !self.is_declared(from) {
                continue;
            }
            let block = self.input.config.resource(&from.resource);
            let mut found =
                Diagnostic::error(Code::InvalidMove, format!("`{from}` moves away but is still declared"))
                    .at(moved.header, "moves it away");
            if let Some(block) = block {
                found = found.at(block.header, "still stands for it");
            }
            self.diagnostics.push(
                found.hint(format!(
                    "make the configuration declare `{to}` instead, or remove the `moved` block"
                )),
            );
        }
        let outside: Vec<&InstanceAddr> = self.moves.done.keys().filter(|to| !self.is_within(to)).collect();
        if !outside.is_empty() && self.options.imports.is_empty() {
            let hints = outside.iter().map(|to| format!("--target='{to}'")).collect::<Vec<_>>().join(" ");
            self.diagnostics.push(
                Diagnostic::error(Code::InvalidTarget, "objects have moved that are outside of the targets")
                    .detail(listed(outside.iter().map(|to| match self.moves.done.get(*to) {
                        Some(from) => format!("`{from}` is `{to}` now"),
                        None => format!("`{to}`"),
                    })))
                    .hint(if self.options.excludes.is_empty() {
                        format!("plan without targets, or add {hints}")
                    } else {
                        "plan without `--exclude` first".to_owned()
                    }),
            );
        }
        if !self.moves.blocked.is_empty() {
            self.diagnostics.push(
                Diagnostic::warning(Code::MoveBlocked, "objects could not move, because others are at their new addresses")
                    .detail(listed(self.moves.blocked.iter().map(|(from, to)| format!("`{from}` to `{to}`"))))
                    .hint("they are planned under their old addresses; to resolve it, use `queueform state mv` or `queueform state rm`"),
            );
        }
    }

    /// Whether the configuration stands for an instance.
    fn is_declared(&self, addr: &InstanceAddr) -> bool {
        let instances = self.world.instances(&addr.resource);
        instances.is_some_and(|instances| instances.get(addr.key.as_ref()).is_some())
    }
}

fn listed(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}
