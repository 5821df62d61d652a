//! Room that objects share: what a plan adds, what it takes away before, and what is left.
//!
//! Each object by itself may fit where all of them together do not. Deletions that make room are put before the
//! creations that need it; what cannot go first counts while both exist.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Capacity;
use crate::schema::Parent;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::grouped;

use super::super::Action;
use super::super::Answer;
use super::super::Query;
use super::super::ReplaceOrder;
use super::super::Step;
use super::super::StepId;
use super::super::StepKind;
use super::super::query::ObjectKey;
use super::super::query::RoomKey;
use super::Planner;
use super::draft::Draft;
use super::steps::Chain;

/// How many objects a finding names.
const NAMED: usize = 10;

/// A room of which the plan takes more.
#[derive(Debug)]
pub(super) struct Room {
    schema: Arc<ResourceSchema>,
    capacity: Name,
    /// Where it is, as shown.
    place: String,
    limit: u64,
    used: u64,
    /// What takes room, by how much.
    adds: Vec<(ObjectKey, u64)>,
    /// What makes room.
    frees: Vec<Freed>,
}

/// Room that becomes free.
#[derive(Debug)]
struct Freed {
    key: ObjectKey,
    amount: u64,
    /// When the object is deleted; when it is changed otherwise.
    by_deletion: bool,
}

/// A room while what happens in it is gathered.
#[derive(Debug)]
struct Gathered {
    schema: Arc<ResourceSchema>,
    scope: Value,
    /// The object that the room is in.
    parent: Option<ObjectKey>,
    adds: Vec<(ObjectKey, u64)>,
    frees: Vec<Freed>,
}

/// Objects by type and id.
type Places = BTreeMap<(Name, Arc<str>), ObjectKey>;

impl Planner<'_> {
    /// Works out which rooms the plan takes more of, and asks how much is left.
    pub(super) fn look_for_room(&mut self) {
        let places = self.places();
        let mut gathered: BTreeMap<RoomKey, Gathered> = BTreeMap::new();
        let mut findings = Diagnostics::new();
        for (key, draft) in &self.drafts {
            if draft.schema.kind != ResourceKind::Managed || draft.with_parent.is_some() {
                continue;
            }
            for capacity in &draft.schema.capacities {
                if let Err(found) = self.gather(key, draft, capacity, &places, &mut gathered) {
                    findings.extend(found.into_iter().map(|item| item.about(key.addr.clone())));
                }
            }
        }
        self.diagnostics.extend(findings);
        for (key, room) in gathered {
            if room.adds.is_empty() {
                continue;
            }
            let parent = room.parent.as_ref().and_then(|parent| self.drafts.get(parent));
            let made = matches!(parent.map(|draft| draft.action), Some(Action::Create | Action::Replace(_)));
            let changed = made || parent.is_some_and(|draft| draft.action == Action::Update);
            let query = Query::Room {
                room: key.clone(),
                scope: room.scope,
                parent: parent.filter(|_| changed).and_then(|draft| draft.after.clone()),
                fresh: made,
            };
            match self.answer(query) {
                Some(Answer::Room { limit: Some(limit), used: Some(used) }) => {
                    let place = match &room.parent {
                        Some(parent) => parent.addr.to_string(),
                        None if key.place.is_empty() => key.provider.to_string(),
                        None => key.place.to_string(),
                    };
                    self.rooms.push(Room {
                        schema: room.schema,
                        capacity: key.capacity,
                        place,
                        limit: *limit,
                        used: *used,
                        adds: room.adds,
                        frees: room.frees,
                    });
                }
                Some(Answer::Failed(found)) => {
                    let about = room.adds.first().map(|(key, _)| key.addr.clone());
                    for item in found.iter().cloned() {
                        self.diagnostics.push(match &about {
                            Some(addr) => item.about(addr.clone()),
                            None => item,
                        });
                    }
                }
                // Where nobody tells, the service decides.
                Some(_) | None => {}
            }
        }
    }

    /// Where the objects are that rooms may be in.
    fn places(&self) -> Places {
        let parents: BTreeSet<&Name> = self
            .drafts
            .values()
            .filter(|draft| !draft.schema.capacities.is_empty())
            .filter_map(|draft| draft.schema.parent.as_ref())
            .map(|parent| &parent.type_name)
            .collect();
        let mut found = Places::new();
        for (key, draft) in self.drafts.iter().filter(|(key, _)| key.deposed.is_none()) {
            if !parents.contains(&draft.schema.type_name) {
                continue;
            }
            for object in [&draft.after, &draft.before].into_iter().flatten() {
                if let Some(id) = object.get("id").and_then(Value::as_str) {
                    let place = (Arc::clone(&draft.schema.type_name), Arc::clone(id));
                    found.entry(place).or_insert_with(|| key.clone());
                }
            }
        }
        found
    }

    /// Notes what one object takes and gives back.
    fn gather(
        &self,
        key: &ObjectKey,
        draft: &Draft,
        capacity: &Capacity,
        places: &Places,
        gathered: &mut BTreeMap<RoomKey, Gathered>,
    ) -> Result<(), Diagnostics> {
        // An unfinished creation takes its room already.
        let (before, after, first) = match draft.action {
            Action::Create if draft.before.is_none() => (None, draft.after.as_ref(), false),
            Action::Update | Action::Replace(ReplaceOrder::DeleteFirst) => {
                (draft.before.as_ref(), draft.after.as_ref(), true)
            }
            Action::Replace(ReplaceOrder::CreateFirst) => {
                (draft.before.as_ref(), draft.after.as_ref(), false)
            }
            Action::Delete => (draft.before.as_ref(), None, false),
            Action::NoOp | Action::Create | Action::Read | Action::Forget | Action::Invoke => return Ok(()),
        };
        let provider = self.provider_value(draft);
        let amount = |object: Option<&Value>| match object {
            Some(object) => taken(&draft.schema, capacity, object, &provider),
            None => Ok(0),
        };
        let (mut frees, mut adds) = (amount(before)?, amount(after)?);
        let of = |object: Option<&Value>| room_of(key, draft, capacity, object?, places, self);
        let (from, to) = (of(before), of(after));
        let same = from.as_ref().map(|(key, ..)| key) == to.as_ref().map(|(key, ..)| key);
        if same && first {
            // It makes the room for itself.
            (frees, adds) = (frees.saturating_sub(adds), adds.saturating_sub(frees));
        }
        if frees > 0
            && let Some(place) = from
        {
            let by_deletion = draft.action != Action::Update;
            let freed = Freed { key: key.clone(), amount: frees, by_deletion };
            enter(gathered, place, &draft.schema).frees.push(freed);
        }
        if adds > 0
            && let Some(place) = to
        {
            enter(gathered, place, &draft.schema).adds.push((key.clone(), adds));
        }
        Ok(())
    }

    /// Puts deletions that make room before what needs it, and says where there is too little all the same.
    pub(super) fn make_room(
        &self,
        steps: &mut Vec<Step>,
        (making, deleting): (&BTreeMap<ObjectKey, Chain>, &BTreeMap<ObjectKey, Chain>),
    ) -> Diagnostics {
        let mut findings = Diagnostics::new();
        for room in &self.rooms {
            let left = room.limit.saturating_sub(room.used);
            let adds: u64 = room.adds.iter().map(|(_, amount)| amount).sum();
            if adds <= left {
                continue;
            }
            let starts: Vec<usize> =
                room.adds.iter().filter_map(|(key, _)| Some(making.get(key)?.first)).collect();
            let later = behind(steps, &starts);
            let end_of = |freed: &Freed| {
                let chains = if freed.by_deletion { deleting } else { making };
                Some(chains.get(&freed.key)?.last)
            };
            let (sooner, late): (Vec<&Freed>, Vec<&Freed>) =
                room.frees.iter().partition(|freed| end_of(freed).is_some_and(|end| !later.contains(&end)));
            let freed: u64 = sooner.iter().map(|freed| freed.amount).sum();
            if adds > left.saturating_add(freed) {
                findings.push(self.too_little(room, (left, adds, freed), &late));
                continue;
            }
            let ends: Vec<usize> = sooner.into_iter().filter_map(end_of).collect();
            let join = push_join(steps, &ends);
            for start in starts {
                if let Some(step) = steps.get_mut(start) {
                    step.after.push(join);
                }
            }
        }
        findings
    }

    fn too_little(&self, room: &Room, (left, adds, freed): (u64, u64, u64), late: &[&Freed]) -> Diagnostic {
        let capacity = room.schema.capacities.iter().find(|capacity| capacity.name == room.capacity);
        let code = capacity.map(|capacity| format!(" ({})", capacity.code)).unwrap_or_default();
        let before = match freed {
            0 => String::new(),
            _ => format!(", and room for {} that goes before", grouped(freed)),
        };
        let summary = format!(
            "not enough room for {} in `{}`: the plan adds {}, and {} of {} are left{before}{code}",
            room.capacity,
            room.place,
            grouped(adds),
            grouped(left),
            grouped(room.limit),
        );
        let mut detail = format!("Added: {}.", listed(room.adds.iter().map(|(key, _)| &key.addr)));
        if !late.is_empty() {
            let late = listed(late.iter().map(|freed| &freed.key.addr));
            detail.push_str(&format!(" Deleted only afterwards: {late}."));
        }
        let mut found = Diagnostic::error(Code::NoRoom, summary).detail(detail);
        if let Some((first, _)) = room.adds.first() {
            found = found.about(first.addr.clone());
            if let Some(place) = self.drafts.get(first).and_then(|draft| draft.place) {
                found = found.at(place, "");
            }
        }
        let hint = capacity.and_then(|capacity| capacity.hint.as_ref());
        found.maybe_hint(hint.map(ToString::to_string))
    }
}

/// How much of a room an object takes; nothing if that is not known yet.
fn taken(
    schema: &ResourceSchema,
    capacity: &Capacity,
    object: &Value,
    provider: &Value,
) -> Result<u64, Diagnostics> {
    let Some(takes) = &capacity.takes else { return Ok(1) };
    let frame = Frame::of(schema).with(Root::This, object.clone()).with(Root::Provider, provider.clone());
    let (value, _) = frame.value(takes)?.unmark_deep();
    if value.is_null() || !value.is_known() {
        return Ok(0);
    }
    match convert(&value, &Type::Number).ok().as_ref().map(Value::data) {
        Some(Data::Number(number)) if number.is_negative() => Ok(0),
        Some(Data::Number(number)) => Ok(number.ceil().to_u64().unwrap_or(u64::MAX)),
        _ => Err(Diagnostic::error(Code::InvalidSchema, "what an object takes is a number")
            .at(takes.span, "")
            .into()),
    }
}

/// A room that an object is in: its scope, and the object around it.
type Placed = (RoomKey, Value, Option<ObjectKey>);

fn enter<'g>(
    gathered: &'g mut BTreeMap<RoomKey, Gathered>,
    (room, scope, parent): Placed,
    schema: &Arc<ResourceSchema>,
) -> &'g mut Gathered {
    gathered.entry(room).or_insert_with(|| Gathered {
        schema: Arc::clone(schema),
        scope,
        parent,
        adds: Vec::new(),
        frees: Vec::new(),
    })
}

/// The room that an object is in; nothing if that is not known.
fn room_of(
    key: &ObjectKey,
    draft: &Draft,
    capacity: &Capacity,
    object: &Value,
    places: &Places,
    planner: &Planner<'_>,
) -> Option<Placed> {
    let schema = &draft.schema;
    let named = schema.parent.as_ref().filter(|parent| capacity.scope.contains(&parent.by));
    let mut parent: Option<ObjectKey> = None;
    let mut names: Vec<String> = Vec::new();
    let mut scope: BTreeMap<Name, Value> = BTreeMap::new();
    for name in &capacity.scope {
        let value = object.get(name)?;
        let of_parent = named.filter(|parent| parent.by == *name);
        match of_parent {
            Some(named) if !value.is_wholly_known() => {
                let around = made_around(key, draft, named, planner)?;
                names.push(around.addr.to_string());
                parent = Some(around);
            }
            _ => {
                let (known, _) = value.clone().unmark_deep();
                let text = convert(&known, &Type::String).ok()?.as_str().cloned()?;
                if let Some(named) = of_parent {
                    parent = places.get(&(Arc::clone(&named.type_name), Arc::clone(&text))).cloned();
                }
                names.push(text.to_string());
                scope.insert(Arc::clone(name), known);
            }
        }
    }
    let provider = draft.provider.clone();
    let room = RoomKey {
        provider,
        kind: Arc::clone(&schema.type_name),
        capacity: Arc::clone(&capacity.name),
        place: names.join("/").into(),
    };
    let null = || Value::null_of(Type::Any);
    let scope = Value::object(schema.attributes.iter().map(|attribute| {
        (Arc::clone(&attribute.name), scope.get(&attribute.name).cloned().unwrap_or_else(null))
    }));
    Some((room, scope, parent))
}

/// The object that the plan makes and whose id the object takes, if there is no doubt which.
fn made_around(key: &ObjectKey, draft: &Draft, parent: &Parent, planner: &Planner<'_>) -> Option<ObjectKey> {
    let single = draft
        .touched
        .instances
        .iter()
        .filter(|addr| addr.resource.mode == Mode::Managed && addr.resource.kind == parent.type_name)
        .cloned();
    let mut found = single.map(|addr| ObjectKey { addr, deposed: None }).filter(|other| other != key);
    let first = found.next()?;
    let is_made = |draft: &Draft| matches!(draft.action, Action::Create | Action::Replace(_));
    (found.next().is_none() && planner.drafts.get(&first).is_some_and(is_made)).then_some(first)
}

/// The steps that come after any of these, with themselves.
fn behind(steps: &[Step], starts: &[usize]) -> BTreeSet<usize> {
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (index, step) in steps.iter().enumerate() {
        for after in &step.after {
            if let Some(list) = followers.get_mut(after.0 as usize) {
                list.push(index);
            }
        }
    }
    let mut open: Vec<usize> = starts.to_vec();
    let mut found: BTreeSet<usize> = BTreeSet::new();
    while let Some(index) = open.pop() {
        if found.insert(index) {
            open.extend(followers.get(index).into_iter().flatten());
        }
    }
    found
}

/// A step behind all of these.
fn push_join(steps: &mut Vec<Step>, behind: &[usize]) -> StepId {
    let number = |index: usize| StepId(u32::try_from(index).unwrap_or(u32::MAX));
    let id = number(steps.len());
    let after = behind.iter().copied().map(number).collect();
    steps.push(Step { id, addr: None, deposed: None, kind: StepKind::Join, after });
    id
}

/// The first of many addresses.
fn listed<'a>(addresses: impl Iterator<Item = &'a InstanceAddr>) -> String {
    let all: Vec<String> = addresses.map(|addr| format!("`{addr}`")).collect();
    let mut text = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > NAMED {
        let more = u64::try_from(all.len() - NAMED).unwrap_or(u64::MAX);
        text.push_str(&format!(" and {} more", grouped(more)));
    }
    text
}
