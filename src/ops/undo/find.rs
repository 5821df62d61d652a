//! What a run did that can be undone, and what cannot.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::PlanOptions;
use crate::schema;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::state::Instance;
use crate::state::Object;
use crate::state::State;
use crate::state::Status;
use crate::state::journal::Effect;
use crate::state::journal::PastRun;
use crate::state::journal::Record;

use super::super::history::History;
use super::chosen::Chosen;

/// An object that is to be as it was.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub addr: InstanceAddr,
    pub schema: Arc<ResourceSchema>,
    /// The provider configuration and the schema it followed.
    pub like: Instance,
    /// What it was.
    pub before: Object,
    /// What it is; none if it is to be made again.
    pub now: Option<Object>,
}

/// What is to be undone.
#[derive(Debug, Default)]
pub(super) struct Undoable {
    /// Objects that are to be as they were.
    pub wanted: Vec<Wanted>,
    /// Objects that the run made.
    pub made: Vec<InstanceAddr>,
    /// Objects that the run imported: they are forgotten.
    pub imported: Vec<InstanceAddr>,
    /// The ids of objects that the run deleted and that are there again, with the ids that they have now.
    pub renewed: BTreeMap<String, String>,
    /// What does not return, and why.
    pub lost: Vec<String>,
}

impl Undoable {
    /// What the objects that are made again depended on. They were not all written down by one run, so what they say
    /// together may go round in circles: what would close one is left out.
    pub(super) fn dependencies(&self) -> BTreeMap<InstanceAddr, Vec<ResourceAddr>> {
        let mut found: BTreeMap<InstanceAddr, Vec<ResourceAddr>> = BTreeMap::new();
        let mut edges: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>> = BTreeMap::new();
        for wanted in self.wanted.iter().filter(|wanted| wanted.now.is_none()) {
            let own = wanted.addr.resource.declared();
            for needed in &wanted.before.dependencies {
                let on = needed.declared();
                let mut open = vec![&on];
                let mut seen: BTreeSet<&ResourceAddr> = BTreeSet::new();
                while let Some(next) = open.pop() {
                    if seen.insert(next) {
                        open.extend(edges.get(next).into_iter().flatten());
                    }
                }
                if !seen.contains(&own) {
                    edges.entry(own.clone()).or_default().insert(on);
                    found.entry(wanted.addr.clone()).or_default().push(needed.clone());
                }
            }
        }
        found
    }
}

/// Returns the run that is meant: the one whose id begins with a text, or else the last one that changed objects.
pub(super) fn run<'h>(
    history: &'h History,
    registry: &Registry,
    id: Option<&str>,
) -> Result<&'h PastRun, Diagnostic> {
    if let Some(id) = id {
        return history.find(id);
    }
    let found = history.runs.iter().rev().find(|run| changes(run, registry).next().is_some());
    found.ok_or_else(|| {
        Diagnostic::error(Code::NotFound, "there is no run that could be undone")
            .detail("No journal that is kept says of a change of an object.")
            .hint("`queueform state log` lists the runs that are known")
    })
}

/// Whether a type is made without calls, in the state alone.
fn is_without_calls(schema: &ResourceSchema) -> bool {
    let steps = [&schema.create, &schema.update, &schema.delete];
    !steps.into_iter().flatten().flat_map(|operation| &operation.steps).any(|step| step.call.is_some())
}

fn schema_of(registry: &Registry, addr: &InstanceAddr) -> Option<Arc<ResourceSchema>> {
    registry.resource(ResourceKind::of(addr.resource.mode), &addr.resource.kind)
}

/// The effects of a run on objects of the remote systems that were more than looked at.
fn changes<'r>(run: &'r PastRun, registry: &'r Registry) -> impl Iterator<Item = Effect> + 'r {
    let effects = run.effects();
    // Objects may go with what they belong to, without a call of their own.
    let gone: BTreeSet<String> = effects
        .iter()
        .filter(|effect| effect.is_change && effect.after.is_none())
        .filter_map(|effect| effect.before.as_ref()?.attributes.text("id"))
        .collect();
    effects.into_iter().filter(move |effect| {
        let Some(schema) = schema_of(registry, &effect.target.addr) else { return false };
        let before = effect.before.as_ref().map(|object| &object.attributes);
        let went_along = || {
            let parent = schema.parent.as_ref().filter(|parent| parent.deleted_with)?;
            before?.text(&parent.by).filter(|id| gone.contains(id))
        };
        effect.target.addr.resource.mode == Mode::Managed
            && (effect.is_change
                || effect.before.is_none()
                || is_without_calls(&schema)
                || effect.after.is_none() && went_along().is_some())
            && before != effect.after.as_ref().map(|object| &object.attributes)
    })
}

/// Works out what a run did, as far as the state is still what the run made of it.
///
/// # Errors
/// All objects that are not what the run left behind, with what changed them; or a run that says too little.
pub(super) fn undoable(
    run: &PastRun,
    later: &[&PastRun],
    state: &State,
    registry: &Registry,
    options: &PlanOptions,
) -> Result<Undoable, Diagnostics> {
    if !run.header.keeps_prior {
        return Err(Diagnostic::error(
            Code::NotFound,
            format!("the journal of run {} does not say what objects were before it", name_of(run)),
        )
        .detail("It was written by an older version.")
        .hint("change the configuration back, and apply that")
        .into());
    }
    let effects: Vec<Effect> = changes(run, registry).collect();
    let chosen = Chosen::of(run, &effects, options)?;
    let mut found = Undoable { renewed: renewed(&effects, state), ..Undoable::default() };
    let mut wrong = Diagnostics::new();
    let changed_later = later_changes(later, registry);
    for effect in effects.into_iter().filter(|effect| chosen.contains(&effect.target.addr)) {
        let addr = effect.target.addr.clone();
        if let Some(key) = &effect.target.deposed {
            found.lost.push(format!("{addr}: what was left of a replacement ({key}) stays as it is"));
            continue;
        }
        if effect.is_open {
            wrong.push(
                Diagnostic::error(Code::Pending, format!("what the run did to `{addr}` is not finished"))
                    .about(addr)
                    .hint("run `queueform apply`, which takes it up"),
            );
            continue;
        }
        let now = state.instance(&addr).and_then(|instance| instance.current.clone());
        let Some(schema) = schema_of(registry, &addr) else { continue };
        // An undo that stopped half-way has done this part.
        let is_undone = match (&effect.before, &now) {
            (None, None) => true,
            (Some(before), Some(now)) => {
                is_settled(now) && is_same(&schema, before, now, Some(&found.renewed))
            }
            (Some(_), None) | (None, Some(_)) => false,
        };
        if is_undone {
            if let (Some(before), Some(after)) = (&effect.before, &effect.after)
                && is_same(&schema, before, after, None)
            {
                let what = "only secrets of it changed; those before are kept nowhere";
                found.lost.push(format!("{addr}: {what}"));
            }
            continue;
        }
        if let Some(by) = changed_later.get(&addr) {
            wrong.push(
                Diagnostic::error(Code::StateMoved, format!("`{addr}` was changed again since"))
                    .about(addr)
                    .detail(format!("By run {by}."))
                    .hint("undo that run first, or leave the object out: `--target` names those that are undone"),
            );
            continue;
        }
        if let Some(found) = differs(&addr, &schema, effect.after.as_ref(), now.as_ref()) {
            wrong.push(found);
            continue;
        }
        match (effect.before, now) {
            (None, Some(_)) if effect.is_change || is_without_calls(&schema) => found.made.push(addr),
            (None, Some(_)) => found.imported.push(addr),
            (Some(before), now) => {
                found.wanted.push(Wanted { addr, schema, like: effect.like, before, now });
            }
            (None, None) => {}
        }
    }
    found.lost.extend(not_objects(run, &|addr| chosen.contains(addr)));
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// The ids of objects that a run deleted and that were made again since, with their new ones.
fn renewed(effects: &[Effect], state: &State) -> BTreeMap<String, String> {
    let gone = effects.iter().filter(|effect| effect.after.is_none());
    gone.filter_map(|effect| {
        let was = effect.before.as_ref()?.attributes.text("id")?;
        let is = state.instance(&effect.target.addr)?.current.as_ref()?.attributes.text("id")?;
        (was != is).then_some((was, is))
    })
    .collect()
}

/// Whether nothing is left to be done for an object.
fn is_settled(object: &Object) -> bool {
    matches!(object.status, Status::Ready | Status::Tainted)
}

/// What later runs did, by address.
fn later_changes(later: &[&PastRun], registry: &Registry) -> BTreeMap<InstanceAddr, String> {
    let mut found = BTreeMap::new();
    for run in later {
        let header = &run.header;
        let by = format!(
            "{} (`{}` of {}@{}, {})",
            name_of(run),
            header.command,
            header.who,
            header.host,
            header.at
        );
        let mut touched: BTreeSet<InstanceAddr> =
            changes(run, registry).map(|effect| effect.target.addr).collect();
        for (_, record) in &run.records {
            match record {
                Record::Moved { from, to } => touched.extend([from.clone(), to.clone()]),
                Record::Moves(pairs) => {
                    touched.extend(pairs.iter().flat_map(|pair| [pair.from.clone(), pair.to.clone()]));
                }
                Record::Forget(target) => {
                    touched.insert(target.addr.clone());
                }
                _ => {}
            }
        }
        for addr in touched {
            found.entry(addr).or_insert_with(|| by.clone());
        }
    }
    found
}

/// What is wrong with an object that is not what the run made of it.
fn differs(
    addr: &InstanceAddr,
    of: &ResourceSchema,
    left: Option<&Object>,
    now: Option<&Object>,
) -> Option<Diagnostic> {
    let what = match (left, now) {
        (None, None) => return None,
        (_, Some(now)) if !is_settled(now) => {
            let summary = format!("an earlier operation on `{addr}` is not finished");
            return Some(
                Diagnostic::error(Code::Pending, summary)
                    .about(addr.clone())
                    .hint("run `queueform apply`, which takes it up"),
            );
        }
        (Some(left), Some(now)) if is_same(of, left, now, None) => return None,
        (Some(_), Some(_)) => "is not what the run made of it",
        (Some(_), None) => "is not managed any more",
        (None, Some(_)) => "is there again",
    };
    Some(
        Diagnostic::error(Code::StateMoved, format!("`{addr}` {what}"))
            .about(addr.clone())
            .hint("leave the object out: `--target` names those that are undone"),
    )
}

/// Whether two versions of an object agree in all that a configuration says; what the service decides may have gone on.
/// With ids that are new since the first of them, they must agree in all that a configuration can say.
fn is_same(
    of: &ResourceSchema,
    one: &Object,
    other: &Object,
    renewed: Option<&BTreeMap<String, String>>,
) -> bool {
    let fields = |object: &Object| -> serde_json::Map<String, serde_json::Value> {
        serde_json::from_str(object.attributes.raw()).unwrap_or_default()
    };
    let (mut one, other) = (fields(one), fields(other));
    for value in one.values_mut() {
        if let Some(new) = value.as_str().and_then(|old| renewed?.get(old)) {
            *value = new.clone().into();
        }
    }
    let mut settable = of.attributes.iter().filter(|attribute| match attribute.mode {
        schema::Mode::Required | schema::Mode::Optional => true,
        schema::Mode::OptionalComputed => renewed.is_some(),
        schema::Mode::Computed => false,
    });
    settable.all(|attribute| one.get(&*attribute.name) == other.get(&*attribute.name))
        && one.get("id") == other.get("id")
}

/// What a run did beside changing objects, none of which returns.
fn not_objects(run: &PastRun, is_meant: &dyn Fn(&InstanceAddr) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for effect in run.effects() {
        let addr = &effect.target.addr;
        if addr.resource.mode == Mode::Action && effect.is_change && is_meant(addr) {
            found.push(format!("{addr}: it was run, and what it did stays"));
        }
    }
    for (_, record) in &run.records {
        match record {
            Record::Moved { from, to } if is_meant(to) => {
                found.push(format!(
                    "{to}: it keeps this address; `queueform state mv '{to}' '{from}'` gives back the old one"
                ));
            }
            Record::Moves(pairs) => {
                for pair in pairs.iter().filter(|pair| is_meant(&pair.to)) {
                    let (from, to) = (&pair.from, &pair.to);
                    found.push(format!("{to}: it keeps this address; `queueform state mv '{to}' '{from}'` gives back the old one"));
                }
            }
            Record::Forget(target) if is_meant(&target.addr) => {
                found.push(format!("{}: it stays forgotten; import it to manage it again", target.addr));
            }
            _ => {}
        }
    }
    found
}

/// The first characters of the id of a run, by which it is named.
pub(super) fn name_of(run: &PastRun) -> &str {
    run.header.id.get(..8).unwrap_or(&run.header.id)
}
