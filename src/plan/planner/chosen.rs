//! What is planned at all: the targets and what they need, without what is excluded and what depends on it.

use std::collections::BTreeSet;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::Pattern;
use crate::addr::ResourceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::graph::Item;
use crate::graph::Node;

use super::super::PlanMode;
use super::super::query::ObjectKey;
use super::Planner;
use super::draft::Draft;
use super::finish;

/// Most objects that are listed.
const LISTED: usize = 8;

/// What is excluded, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Declarations that are left out with all their instances.
    nodes: BTreeSet<Node>,
    /// Resources of which single instances are excluded.
    parts: BTreeSet<ResourceAddr>,
    /// Objects that are left out because of others.
    objects: BTreeSet<InstanceAddr>,
}

impl Planner<'_> {
    /// Works out which declarations the targets need, and which are excluded.
    pub(super) fn find_targets(&mut self) {
        self.find_replaced();
        if self.invokes() {
            self.find_invoked();
            return;
        }
        if !self.options.targets.is_empty() {
            self.find_within();
        }
        if !self.options.excludes.is_empty() {
            self.find_left_out();
        }
    }

    fn find_within(&mut self) {
        let config = self.input.config;
        let mut wanted: BTreeSet<Node> = BTreeSet::new();
        // What is needed by single instances is needed as a whole, unlike the instances beside them.
        let mut whole: BTreeSet<Node> = BTreeSet::new();
        for target in &self.options.targets {
            let mut matched = false;
            for (addr, _) in config.all_resources() {
                if !target.is_about(&addr) {
                    continue;
                }
                matched = true;
                let node = Node::resource(&addr);
                if target.is_whole() {
                    whole.insert(node.clone());
                } else {
                    whole.extend(self.input.graph.dependencies(&node).into_iter().cloned());
                }
                wanted.insert(node);
            }
            matched |= self.input.state.resources.keys().any(|addr| target.contains(addr));
            if !matched && self.options.imports.is_empty() {
                self.diagnostics.push(finish::unmatched_target(target, config));
            }
        }
        let mut within: BTreeSet<Node> = self.input.graph.closure(&wanted).into_iter().cloned().collect();
        self.whole = self.input.graph.closure(&whole).into_iter().cloned().collect();
        // What is named by single instances stays that, also if other instances named need it.
        self.whole.retain(|node| {
            let Some(addr) = node.resource_addr() else { return true };
            let mut about = self.options.targets.iter().filter(|target| target.is_about(&addr)).peekable();
            about.peek().is_none() || about.any(Pattern::is_whole)
        });
        // Outputs are planned if everything they need is.
        for node in self.input.graph.order() {
            let Item::Output(_) = node.item else { continue };
            let needed = self.input.graph.resources_behind(node);
            if !needed.is_empty() && needed.iter().all(|addr| within.contains(&Node::resource(addr))) {
                within.extend(self.input.graph.closure([node]).into_iter().cloned());
            }
        }
        self.within = Some(within);
        if self.options.imports.is_empty() && self.options.undo.is_none() && !self.diagnostics.has_errors() {
            self.diagnostics.push(finish::targeting(&self.options.targets));
        }
    }

    /// Works out what is excluded: declarations with everything that needs them. What needs single instances turns
    /// out when its arguments are evaluated.
    fn find_left_out(&mut self) {
        let (config, graph) = (self.input.config, self.input.graph);
        let mut open: Vec<Node> = Vec::new();
        for exclude in &self.options.excludes {
            let mut matched = false;
            for (addr, _) in config.all_resources().filter(|(addr, _)| exclude.is_about(addr)) {
                matched = true;
                if exclude.is_whole() {
                    open.push(Node::resource(&addr));
                } else {
                    self.left_out.parts.insert(addr);
                }
            }
            matched |= self.input.state.resources.keys().any(|addr| exclude.contains(addr));
            if !matched {
                let text = exclude.to_string();
                let found = finish::unmatched(&format!("the excluded `{text}`"), &text, config, []);
                self.diagnostics.push(found);
            }
        }
        if self.options.mode == PlanMode::Destroy {
            // What is kept keeps what it needs, and not what needs it: `keep_what_is_needed`.
            self.left_out.nodes.extend(open);
            return;
        }
        // Values of what is only read, run or opened are not kept from one plan to the next: a part of what they
        // need is not enough.
        let parts: Vec<Node> = self.left_out.parts.iter().map(Node::resource).collect();
        let mut behind: BTreeSet<Node> = BTreeSet::new();
        let mut near: Vec<Node> = parts.clone();
        while let Some(node) = near.pop() {
            for next in graph.dependents(&node) {
                match &next.item {
                    Item::Resource(id) if id.mode == Mode::Managed => {}
                    Item::Resource(_) | Item::Provider(_) => open.push(next.clone()),
                    _ if behind.insert(next.clone()) => near.push(next.clone()),
                    _ => {}
                }
            }
        }
        while let Some(node) = open.pop() {
            if self.left_out.nodes.insert(node.clone()) {
                open.extend(graph.dependents(&node).into_iter().cloned());
            }
        }
        let mut within: BTreeSet<Node> =
            self.within.take().unwrap_or_else(|| graph.order().cloned().collect());
        within.retain(|node| !self.left_out.nodes.contains(node));
        // Outputs that need a part would show what is half done.
        let mut partly: BTreeSet<&Node> = parts.iter().collect();
        for node in graph.order() {
            if graph.dependencies(node).into_iter().any(|needed| partly.contains(needed)) {
                partly.insert(node);
            }
        }
        within.retain(|node| {
            !(matches!(node.item, Item::Output(_)) && node.module.is_root() && partly.contains(node))
        });
        self.within = Some(within);
        self.refuse_excluded_targets();
    }

    /// A target of which nothing is left contradicts what is excluded.
    fn refuse_excluded_targets(&mut self) {
        for target in &self.options.targets {
            let declared: Vec<ResourceAddr> = self
                .input
                .config
                .all_resources()
                .map(|(addr, _)| addr)
                .filter(|addr| target.is_about(addr))
                .collect();
            let gone = |addr: &ResourceAddr| self.left_out.nodes.contains(&Node::resource(addr));
            if declared.is_empty() || !declared.iter().all(gone) {
                continue;
            }
            let by = self.options.excludes.iter().map(|exclude| format!("`{exclude}`"));
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidTarget,
                    format!("nothing is left of the target `{target}`: it is excluded, or needs what is"),
                )
                .detail(format!("Excluded are {}.", by.collect::<Vec<_>>().join(", ")))
                .hint("leave out one of `--target` and `--exclude`"),
            );
        }
    }

    /// Returns whether an object of the state is part of what is planned.
    pub(super) fn is_within(&self, addr: &InstanceAddr) -> bool {
        if self.is_left_out(addr) {
            return false;
        }
        if self.options.targets.is_empty() {
            return true;
        }
        if self.options.targets.iter().any(|target| target.contains(addr)) {
            return true;
        }
        match self.options.mode {
            // What a target needs is planned too.
            PlanMode::Normal | PlanMode::RefreshOnly => self.whole.contains(&Node::resource(&addr.resource)),
            // What needs a target is deleted with it.
            PlanMode::Destroy => self.needs_a_target(addr),
        }
    }

    fn needs_a_target(&self, addr: &InstanceAddr) -> bool {
        let mut open = vec![addr.resource.clone()];
        let mut seen = BTreeSet::new();
        while let Some(resource) = open.pop() {
            if !seen.insert(resource.clone()) {
                continue;
            }
            for (addr, instance) in &self.input.state.resources {
                if !resource.covers(&addr.resource) {
                    continue;
                }
                for (_, object) in instance.objects() {
                    for dependency in &object.dependencies {
                        let dependency = dependency.nearest(&addr.resource.module);
                        if self.options.targets.iter().any(|target| target.meets(&dependency)) {
                            return true;
                        }
                        open.push(dependency);
                    }
                }
            }
        }
        false
    }

    /// Whether an object is excluded, or left out because of one that is.
    pub(super) fn is_left_out(&self, addr: &InstanceAddr) -> bool {
        !self.options.excludes.is_empty()
            && (self.options.excludes.iter().any(|exclude| exclude.contains(addr))
                || self.left_out.objects.contains(addr)
                || self.left_out.nodes.contains(&Node::resource(&addr.resource)))
    }

    /// Leaves an object out, because another one needs it or it needs another one.
    pub(super) fn leave_out(&mut self, addr: &InstanceAddr) {
        self.left_out.objects.insert(addr.clone());
        self.left_out.parts.insert(addr.resource.declared());
    }

    /// Whether an object needs one that is left out.
    pub(super) fn needs_left_out(&self, draft: &Draft) -> bool {
        if self.left_out.parts.is_empty() {
            return false;
        }
        let is_part = |of: &ResourceAddr| self.left_out.parts.contains(&of.declared());
        draft.touched.instances.iter().any(|addr| self.is_left_out(addr))
            || draft.touched.whole.iter().chain(&draft.depends_on).any(is_part)
    }

    /// Makes sure that every instance is there that is a target or excluded.
    pub(super) fn check_chosen(&mut self) {
        for exclude in &self.options.excludes {
            if !self.is_anywhere(exclude) {
                let found = self.nowhere(&format!("the excluded `{exclude}`"), exclude);
                self.diagnostics.push(found);
            }
        }
        // What is to be deleted may be gone; what is to be imported need not be declared.
        if self.options.mode != PlanMode::Normal || self.options.undo.is_some() || self.invokes() {
            return;
        }
        for target in &self.options.targets {
            if !self.is_anywhere(target) {
                let found = self.nowhere(&format!("the target `{target}`"), target);
                self.diagnostics.push(found);
            }
        }
    }

    /// Whether the state or the configuration has something of a pattern.
    fn is_anywhere(&self, pattern: &Pattern) -> bool {
        self.prior.keys().any(|key| pattern.contains(&key.addr))
            || self.input.config.all_resources().any(|(declared, _)| {
                pattern.is_about(&declared)
                    && (pattern.is_whole()
                        || self
                            .declared(&declared)
                            .is_none_or(|all| all.iter().any(|addr| pattern.contains(addr))))
            })
    }

    /// The instances that the configuration has of a resource; none if they are not known yet.
    fn declared(&self, resource: &ResourceAddr) -> Option<Vec<InstanceAddr>> {
        let mut found = Vec::new();
        for module in self.world.modules_of(&resource.module.path()) {
            let of = ResourceAddr { module: module.clone(), ..resource.clone() };
            let keys = self.world.instances(&of)?.keys()?;
            found.extend(keys.into_iter().map(|key| of.instance(key)));
        }
        Some(found)
    }

    fn nowhere(&self, what: &str, pattern: &Pattern) -> Diagnostic {
        let resources = self.input.config.all_resources().map(|(addr, _)| addr);
        let declared = resources.filter(|addr| pattern.is_about(addr));
        let declared =
            declared.filter_map(|addr| self.declared(&addr)).flatten().map(|addr| addr.to_string());
        let there = self.prior.keys().map(|key| key.addr.to_string()).chain(declared);
        finish::unmatched(what, &pattern.to_string(), self.input.config, there)
    }

    /// Says what is left out, also because of others.
    pub(super) fn tell_left_out(&mut self) {
        if self.options.excludes.is_empty() || self.diagnostics.has_errors() {
            return;
        }
        let names = |texts: Vec<String>| {
            let more = texts.len().saturating_sub(LISTED);
            let mut text = texts.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
            if more > 0 {
                text.push_str(&format!(" and {more} more"));
            }
            text
        };
        let excluded = names(self.options.excludes.iter().map(|one| format!("`{one}`")).collect());
        let is_named = |addr: &ResourceAddr| {
            self.options.excludes.iter().any(|exclude| exclude.is_whole() && exclude.is_about(addr))
        };
        let behind =
            self.left_out.nodes.iter().filter_map(Node::resource_addr).filter(|addr| !is_named(addr));
        let mut others: Vec<String> = behind.map(|addr| format!("`{addr}`")).collect();
        others.extend(self.left_out.objects.iter().map(|addr| format!("`{addr}`")));
        let is_one = self.options.excludes.len() == 1;
        let (text, what) = match (self.options.mode, is_one) {
            (PlanMode::Destroy, true) => (
                format!("not everything is deleted: {excluded} and what it needs stay"),
                "Kept because of it",
            ),
            (PlanMode::Destroy, false) => (
                format!("not everything is deleted: {excluded} and what they need stay"),
                "Kept because of them",
            ),
            (_, true) => (
                format!("only a part is planned: {excluded} and what depends on it are left out"),
                "Left out because of it",
            ),
            (_, false) => (
                format!("only a part is planned: {excluded} and what depends on them are left out"),
                "Left out because of them",
            ),
        };
        let mut found = Diagnostic::warning(Code::TargetingInEffect, text);
        if !others.is_empty() {
            found = found.detail(format!("{what}: {}.", names(others)));
        }
        self.diagnostics.push(
            found.hint("plan without `--exclude` afterwards, to be sure that everything is as configured"),
        );
    }

    /// Objects that are left out and still there: what they need must stay.
    pub(super) fn left_out_objects(&self) -> Vec<ObjectKey> {
        let keys = self.prior.keys().filter(|key| key.deposed.is_none() && self.is_left_out(&key.addr));
        keys.cloned().collect()
    }
}
