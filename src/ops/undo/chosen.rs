//! Which of the objects that a run changed are undone: those that are named with what they need, without those that are
//! left out and what needs them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::Pattern;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::plan::PlanOptions;
use crate::state::Object;
use crate::state::journal::Effect;
use crate::state::journal::PastRun;
use crate::state::journal::Record;

use super::find::name_of;

/// What is chosen of a run.
#[derive(Debug)]
pub(super) struct Chosen<'o> {
    options: &'o PlanOptions,
    /// Objects that are chosen because of others.
    needed: BTreeSet<InstanceAddr>,
    /// Objects that are left out because of others.
    without: BTreeSet<InstanceAddr>,
}

impl<'o> Chosen<'o> {
    /// Works out what of the effects of a run is meant.
    ///
    /// # Errors
    /// All addresses that the run did nothing to.
    pub(super) fn of(
        run: &PastRun,
        effects: &[Effect],
        options: &'o PlanOptions,
    ) -> Result<Self, Diagnostics> {
        check(run, effects, options)?;
        let needs = needs(effects);
        let is_named = |patterns: &[Pattern], addr| patterns.iter().any(|pattern| pattern.contains(addr));
        let all = || effects.iter().map(|effect| &effect.target.addr);
        let named: BTreeSet<&InstanceAddr> = all().filter(|addr| is_named(&options.targets, addr)).collect();
        let needed = closure(named, |addr| needs.get(addr).into_iter().flatten().copied().collect());
        let named: BTreeSet<&InstanceAddr> = all().filter(|addr| is_named(&options.excludes, addr)).collect();
        let without = closure(named, |addr| {
            let needing = needs.iter().filter(|(_, needed)| needed.contains(addr));
            needing.map(|(needing, _)| *needing).collect()
        });
        Ok(Self { options, needed, without })
    }

    /// Returns whether an object is to be undone.
    pub(super) fn contains(&self, addr: &InstanceAddr) -> bool {
        let PlanOptions { targets, excludes, .. } = self.options;
        let is_named = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.contains(addr));
        (targets.is_empty() || is_named(targets) || self.needed.contains(addr))
            && !is_named(excludes)
            && !self.without.contains(addr)
    }
}

/// What is reached from some addresses, these included.
fn closure<'a>(
    from: BTreeSet<&'a InstanceAddr>,
    next: impl Fn(&InstanceAddr) -> Vec<&'a InstanceAddr>,
) -> BTreeSet<InstanceAddr> {
    let mut found: BTreeSet<InstanceAddr> = BTreeSet::new();
    let mut open: Vec<&InstanceAddr> = from.into_iter().collect();
    while let Some(addr) = open.pop() {
        if found.insert(addr.clone()) {
            open.extend(next(addr));
        }
    }
    found
}

/// The objects that objects were set up with, of those that the run deleted: one is not made again without the other.
fn needs(effects: &[Effect]) -> BTreeMap<&InstanceAddr, BTreeSet<&InstanceAddr>> {
    let gone: BTreeMap<String, &InstanceAddr> = effects
        .iter()
        .filter(|effect| effect.after.is_none())
        .filter_map(|effect| Some((effect.before.as_ref()?.attributes.text("id")?, &effect.target.addr)))
        .collect();
    let of = |effect: &Effect| -> BTreeSet<&InstanceAddr> {
        let texts = effect.before.iter().flat_map(texts);
        texts
            .filter_map(|text| gone.get(&text).copied())
            .filter(|addr| **addr != effect.target.addr)
            .collect()
    };
    effects.iter().map(|effect| (&effect.target.addr, of(effect))).collect()
}

/// The attributes of an object that are texts.
fn texts(object: &Object) -> Vec<String> {
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(object.attributes.raw()).unwrap_or_default();
    fields.into_iter().filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}

/// Refuses addresses that the run did nothing to.
fn check(run: &PastRun, effects: &[Effect], options: &PlanOptions) -> Result<(), Diagnostics> {
    let mut known: BTreeSet<InstanceAddr> = effects.iter().map(|effect| effect.target.addr.clone()).collect();
    for effect in run.effects() {
        if effect.target.addr.resource.mode == Mode::Action && effect.is_change {
            known.insert(effect.target.addr);
        }
    }
    for (_, record) in &run.records {
        match record {
            Record::Moved { to, .. } => {
                known.insert(to.clone());
            }
            Record::Moves(pairs) => known.extend(pairs.iter().map(|pair| pair.to.clone())),
            Record::Forget(target) => {
                known.insert(target.addr.clone());
            }
            _ => {}
        }
    }
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let mut wrong = Diagnostics::new();
    let targets = options.targets.iter().map(|target| ("the target", target));
    let excludes = options.excludes.iter().map(|exclude| ("the excluded", exclude));
    for (what, pattern) in targets.chain(excludes) {
        if known.iter().any(|addr| pattern.contains(addr)) {
            continue;
        }
        let (name, text) = (name_of(run), pattern.to_string());
        let summary = format!("{what} `{text}` names nothing that run {name} changed");
        let hint = did_you_mean(&text, names.iter().map(String::as_str));
        let hint = hint.unwrap_or_else(|| format!("`queueform state log {name}` tells what it changed"));
        wrong.push(Diagnostic::error(Code::InvalidTarget, summary).hint(hint));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
