//! The planner: one run over everything, in the order of the dependency graph.

mod actions;
mod calls;
mod capacity;
mod checks;
mod chosen;
mod conditions;
mod created;
mod data;
mod destroy;
mod draft;
mod finish;
mod guards;
mod held;
mod imports;
mod limits;
mod managed;
mod moved;
mod numbering;
mod outputs;
mod providers;
mod put_off;
mod refresh;
mod renamed;
mod replace;
mod rounds;
mod scope;
mod steps;
mod undoing;
mod visible;
mod withheld;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::Standin;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::graph::Item;
use crate::graph::Node;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::Answers;
use super::CheckResult;
use super::Drift;
use super::OutputChange;
use super::PlanInput;
use super::PlanMode;
use super::PlanOptions;
use super::Planning;
use super::Query;
use super::QueryKey;
use super::Refresh;
use super::Target;
use super::input::shared;
use super::mocking::mocked_schema;
use super::moves;
use super::moves::Moves;
use super::query::ObjectKey;
use super::scope::Touched;
use super::scope::World;

pub use checks::Checked;
pub use checks::grouped;
pub use checks::run_checks;
pub use conditions::Held;
pub use conditions::Outcome;
pub use conditions::check_conditions;
pub use conditions::evaluate_condition;
pub use managed::Arguments;
pub use managed::evaluate_arguments;
pub use replace::created_first;

use draft::Draft;
use draft::Prior;

/// Makes a plan, or says what must be answered first.
#[must_use]
pub fn plan(input: PlanInput<'_>, options: &PlanOptions, answers: &Answers) -> Planning {
    let moves = moves::follow(input.config, input.state);
    let input = PlanInput { state: moves.state.as_ref().unwrap_or(input.state), ..input };
    if options.refresh == Refresh::Touched {
        return touched(input, options, answers, &moves);
    }
    Planner::new(input, options, answers, &moves).run()
}

/// What is refreshed if not everything is.
#[derive(Debug, Default)]
struct Only {
    /// Objects that change.
    changed: BTreeSet<InstanceAddr>,
    /// Resources that they need.
    behind: BTreeSet<ResourceAddr>,
}

impl Only {
    fn contains(&self, addr: &InstanceAddr) -> bool {
        self.changed.contains(addr) || self.behind.contains(&addr.resource.declared())
    }
}

/// `--refresh=touched`: plans on the stored state first, then refreshes only what that plan would change and what
/// that needs.
fn touched(input: PlanInput<'_>, options: &PlanOptions, answers: &Answers, moves: &Moves) -> Planning {
    let stored = PlanOptions { refresh: Refresh::None, ..options.clone() };
    let first = match Planner::new(input, &stored, answers, moves).run() {
        Planning::Done(plan) => plan,
        needs @ Planning::Needs(_) => return needs,
    };
    let mut only = Only::default();
    for change in first.changes.iter().filter(|change| change.is_effective()) {
        if only.changed.insert(change.addr.clone()) {
            only.behind.extend(input.graph.managed_behind(&change.addr.resource));
        }
    }
    let mut planner = Planner::new(input, options, answers, moves);
    planner.refresh_only_these = Some(only);
    planner.run()
}

/// The work in progress.
struct Planner<'p> {
    input: PlanInput<'p>,
    options: &'p PlanOptions,
    answers: &'p Answers,
    /// Objects that have other addresses than in the state.
    moves: &'p Moves,
    world: World<'p>,
    diagnostics: Diagnostics,
    /// Questions without an answer so far.
    needs: BTreeMap<QueryKey, Query>,
    targets: BTreeMap<ProviderAddr, Target>,
    /// The arguments of provider configurations as schema expressions see them.
    provider_values: BTreeMap<ProviderAddr, Value>,
    /// Objects of the state as they are now.
    prior: BTreeMap<ObjectKey, Prior>,
    drafts: BTreeMap<ObjectKey, Draft>,
    drift: Vec<Drift>,
    outputs: BTreeMap<Name, OutputChange>,
    checks: Vec<CheckResult>,
    /// What the number of instances of a called module was computed from, by its path with the keys of its callers.
    call_touched: BTreeMap<ModuleInstance, Touched>,
    /// Resources, as declared, that must be created before they are destroyed, by themselves or because a dependent
    /// must.
    create_first: BTreeMap<ResourceAddr, Option<ResourceAddr>>,
    /// Declarations within the targets; none if everything is planned.
    within: Option<BTreeSet<Node>>,
    /// Declarations of which all instances are within the targets.
    whole: BTreeSet<Node>,
    /// What is excluded, with everything behind it.
    left_out: chosen::LeftOut,
    /// Objects that are imported, by provider configuration, type and id.
    imported: BTreeMap<(ProviderAddr, Name, Arc<str>), InstanceAddr>,
    /// Ephemeral resources that providers need, planned before everything else.
    opened: BTreeSet<ResourceAddr>,
    /// Rooms that the plan takes more of.
    rooms: Vec<capacity::Room>,
    /// `--refresh=touched`: the only objects to refresh.
    refresh_only_these: Option<Only>,
    /// What is left to the next round.
    rounds: rounds::Rounds,
    /// Declarations whose planning failed.
    failed: BTreeSet<Node>,
    /// Data sources of checks that could not be read.
    failed_scoped: BTreeSet<Node>,
    /// A guard, limit or protection forbids the plan.
    denied: bool,
    refreshed: u64,
    /// Which attributes expressions refer to, once somebody asks.
    mentions: OnceCell<withheld::Mentions>,
    /// How many causes are noted.
    causes: usize,
}

impl<'p> Planner<'p> {
    fn new(input: PlanInput<'p>, options: &'p PlanOptions, answers: &'p Answers, moves: &'p Moves) -> Self {
        let variables: BTreeMap<Name, Value> = input
            .variables
            .values
            .iter()
            .map(|(name, value)| (Arc::clone(name), value.value.clone()))
            .collect();
        let mut world = World::new(input.config, variables)
            .with_plan_time(shared(input.time))
            .with_workspace(shared(input.workspace));
        if let Some(files) = input.files {
            world = world.with_files(files);
        }
        Self {
            input,
            options,
            answers,
            moves,
            world,
            diagnostics: Diagnostics::new(),
            needs: BTreeMap::new(),
            targets: BTreeMap::new(),
            provider_values: BTreeMap::new(),
            prior: BTreeMap::new(),
            drafts: BTreeMap::new(),
            drift: Vec::new(),
            outputs: BTreeMap::new(),
            checks: Vec::new(),
            call_touched: BTreeMap::new(),
            create_first: BTreeMap::new(),
            within: None,
            whole: BTreeSet::new(),
            left_out: chosen::LeftOut::default(),
            imported: BTreeMap::new(),
            opened: BTreeSet::new(),
            rooms: Vec::new(),
            refresh_only_these: None,
            rounds: rounds::Rounds::default(),
            failed: BTreeSet::new(),
            failed_scoped: BTreeSet::new(),
            denied: false,
            refreshed: 0,
            mentions: OnceCell::new(),
            causes: 0,
        }
    }

    /// Goes through the phases; each must be answered before the next can ask.
    fn run(mut self) -> Planning {
        self.find_targets();
        self.missing_variables();
        self.open_for_providers();
        self.configure_providers();
        if self.must_ask() {
            return self.ask();
        }
        if self.diagnostics.has_errors() {
            return self.finish();
        }
        self.refresh_state();
        if self.must_ask() {
            return self.ask();
        }
        if self.diagnostics.has_errors() {
            return self.finish();
        }
        self.find_create_first();
        self.walk();
        if self.must_ask() {
            return self.ask();
        }
        self.check_chosen();
        self.run_checks();
        self.check_moves();
        if !self.failed.is_empty() {
            self.drop_behind_failures();
        }
        if self.options.mode == PlanMode::RefreshOnly {
            self.take_over();
            self.take_imports();
            if self.must_ask() {
                return self.ask();
            }
        } else {
            if !self.invokes() {
                self.plan_orphans();
            }
            if !self.invokes() {
                self.plan_deposed();
            }
            self.keep_what_is_needed();
            self.hold_deletions();
            self.follow_parents();
            self.observe_guards();
            self.look_for_room();
            if self.must_ask() {
                return self.ask();
            }
            self.check_limits();
            self.check_scope();
            self.tell_renamed();
            self.check_undo();
        }
        self.finish()
    }

    /// Plans every declaration behind what it needs.
    fn walk(&mut self) {
        let order: Vec<Node> = self.input.graph.order().cloned().collect();
        for node in order {
            if self.within.as_ref().is_some_and(|within| !within.contains(&node)) {
                continue;
            }
            if self.waits_for_round(&node) {
                continue;
            }
            let before = self.diagnostics.len();
            self.visit(&node);
            if self.diagnostics.iter().skip(before).any(Diagnostic::is_error) {
                if self.is_scoped(&node) {
                    self.diagnostics.warn_from(before);
                    self.failed_scoped.insert(node);
                } else {
                    self.failed.insert(node);
                }
            }
        }
    }

    /// Plans one declaration, in every instance of its module.
    fn visit(&mut self, node: &Node) {
        for module in self.world.modules_of(&node.module) {
            // A module that a test overrides has outputs, which are computed where they are asked for.
            if !self.input.config.mocks.hides(&module) {
                self.visit_in(&module, node);
            }
        }
    }

    fn visit_in(&mut self, module: &ModuleInstance, node: &Node) {
        match &node.item {
            Item::Variable(name) => self.plan_variable(module, name),
            Item::Local(name) => {
                if let Err(found) = self.world.local(module, name) {
                    self.diagnostics.extend(found);
                }
            }
            Item::Provider(_) | Item::Outputs(_) | Item::Within(_) => {}
            Item::Call(name) => self.plan_call(module, name),
            Item::Resource(id) => {
                let addr = id.within(module);
                match (id.mode, self.options.mode) {
                    (Mode::Ephemeral, _) if self.opened.contains(&addr) => {}
                    (Mode::Data | Mode::Ephemeral, _) => self.plan_data(&addr),
                    (Mode::Action, _) => self.plan_action(&addr),
                    (Mode::Managed, PlanMode::Normal) if self.invokes() => self.show_resource(&addr),
                    (Mode::Managed, PlanMode::Normal) => self.plan_resource(&addr),
                    (Mode::Managed, PlanMode::Destroy | PlanMode::RefreshOnly) => self.show_resource(&addr),
                }
            }
            Item::Output(name) if !module.is_root() => self.plan_inner_output(module, name),
            // An import by command leaves outputs to the next plan.
            Item::Output(_) if !self.options.imports.is_empty() => {}
            Item::Output(_) if self.invokes() && !self.is_behind_action(node) => {}
            Item::Output(name) => self.plan_output(name),
        }
    }

    /// Takes back what was planned behind something that failed: it was planned on values that will not come.
    fn drop_behind_failures(&mut self) {
        let mut behind: BTreeSet<&Node> = BTreeSet::new();
        for node in self.input.graph.order() {
            let needs = self.input.graph.dependencies(node);
            if needs.into_iter().any(|needed| self.failed.contains(needed) || behind.contains(needed)) {
                behind.insert(node);
            }
        }
        let failed: BTreeSet<ResourceAddr> = behind.iter().filter_map(|node| node.resource_addr()).collect();
        self.drafts.retain(|key, _| !failed.contains(&key.addr.resource.declared()));
    }

    fn must_ask(&self) -> bool {
        !self.needs.is_empty()
    }

    fn ask(self) -> Planning {
        Planning::Needs(self.needs.into_values().collect())
    }

    /// Returns the answer to a question, or notes that it must be asked.
    fn answer(&mut self, query: Query) -> Option<&'p super::Answer> {
        let key = query.key();
        let found = self.answers.get(&key);
        if found.is_none() && !(query.judges() && self.needs.values().any(Query::informs)) {
            self.needs.insert(key, query);
        }
        found
    }

    fn registry(&self) -> &'p Registry {
        self.input.registry
    }

    fn schema(&self, mode: Mode, kind: &str) -> Option<Arc<ResourceSchema>> {
        let kind_of = ResourceKind::of(mode);
        self.registry().resource(kind_of, kind)
    }

    /// What is to be replaced must be somewhere.
    fn find_replaced(&mut self) {
        let (config, state) = (self.input.config, self.input.state);
        for addr in &self.options.replace {
            let is_there = config.resource(&addr.resource).is_some()
                || state.resources.keys().any(|known| known.resource == addr.resource);
            if !is_there {
                let found = finish::unmatched(
                    &format!("`{addr}`, which is to be replaced,"),
                    &addr.to_string(),
                    config,
                    [],
                );
                // As with Terraform, the rest is planned.
                self.diagnostics.extend(Diagnostics::from(found).into_warnings());
            }
        }
    }

    /// Returns what a test puts in place of what the provider would do with an object.
    fn standin(&self, addr: &InstanceAddr, provider: &ProviderAddr) -> Option<&'p Standin> {
        self.input.config.mocks.object(addr, provider)
    }

    /// Returns the schema that an object follows: without calls if a test puts something in its place.
    fn schema_of(
        &self,
        schema: &Arc<ResourceSchema>,
        addr: &InstanceAddr,
        provider: &ProviderAddr,
    ) -> Arc<ResourceSchema> {
        match self.standin(addr, provider) {
            Some(standin) => mocked_schema(schema, standin),
            None => Arc::clone(schema),
        }
    }

    /// Whether this plan looks at an object of the state at all.
    fn is_looked_at(&self, addr: &InstanceAddr) -> bool {
        let needed = Node::resource(&addr.resource);
        self.is_within(addr)
            && (!self.invokes() || self.within.as_ref().is_some_and(|within| within.contains(&needed)))
    }

    /// Whether an object that is looked at is to be refreshed.
    fn wants_refresh(&self, addr: &InstanceAddr) -> bool {
        match self.options.refresh {
            Refresh::None => false,
            Refresh::All | Refresh::Touched => {
                self.refresh_only_these.as_ref().is_none_or(|only| only.contains(addr))
            }
        }
    }
}
