//! A case as it is planned and drawn.

#![expect(clippy::indexing_slicing, reason = "JSON answers null to what is not there")]

use std::sync::Arc;

use queueform::addr::InstanceAddr;
use queueform::addr::Target as Selector;
use queueform::config::LoadOptions;
use queueform::config::Loaded;
use queueform::config::VariableInput;
use queueform::config::load;
use queueform::graph;
use queueform::plan::Answers;
use queueform::plan::Plan;
use queueform::plan::PlanInput;
use queueform::plan::PlanMode;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;
use queueform::plan::Planning;
use queueform::plan::plan;
use queueform::render::Look;
use queueform::render::diag;
use queueform::render::plan::PlanView;
use queueform::render::plan::human;
use queueform::render::state::state as draw_state;
use queueform::schema::Registry;
use queueform::source::SourceMap;
use queueform::state::State;
use serde_json::Value as Json;

use super::case::Case;
use super::world;

/// A case that was planned.
pub(super) struct Scene {
    pub(super) plan: Plan,
    pub(super) loaded: Loaded,
    pub(super) registry: Arc<Registry>,
    pub(super) sources: SourceMap,
    pub(super) state: State,
}

impl Scene {
    /// Plans a case: first what was applied before, if anything was, and then what it is about.
    pub(super) fn set(case: &Case) -> Self {
        let facts = case.facts();
        let state = case.section("before.qf.hcl").map(|text| {
            let before = Self::of(case, text, State::empty(), &PlanOptions::normal(), &Json::Null);
            assert_ne!(before.plan.status, PlanStatus::Errored, "{}: {}", case.name, before.findings());
            world::applied(&before.plan, &before.registry, &facts)
        });
        let text = case.section("main.qf.hcl").unwrap_or_default();
        let mut scene = Self::of(case, text, state.unwrap_or_else(State::empty), &options(&facts), &facts);
        if let Some(reads) = facts["reads"].as_u64() {
            scene.plan.effort.reads = reads;
        }
        scene
    }

    fn of(case: &Case, text: &str, state: State, options: &PlanOptions, facts: &Json) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("main.qf.hcl"), text).unwrap();
        let registry = Arc::new(Registry::embedded());
        let mut sources = SourceMap::new();
        let arguments = case.facts()["variables"].as_object().cloned().unwrap_or_default();
        let arguments = arguments.into_iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            VariableInput::Text { name, text }
        });
        let load_options = LoadOptions {
            directory: directory.path().to_owned(),
            arguments: arguments.collect(),
            ..LoadOptions::default()
        };
        let checked = load(&load_options, &mut registry.as_ref().clone(), &mut sources);
        let mut told = String::new();
        diag::human(&mut told, &checked.diagnostics, &sources, Look::plain()).unwrap();
        assert!(!checked.diagnostics.has_errors(), "{}: {told}", case.name);
        let loaded = checked.output.unwrap();
        // Views name files as a user sees them.
        let prefix = format!("{}/", directory.path().display());
        let mut named = SourceMap::new();
        for (_, file) in sources.iter() {
            named.add(file.name().replace(&prefix, ""), file.text().to_string());
        }
        let sources = named;
        let graph = graph::build(&loaded.config).output.unwrap();
        let input = PlanInput {
            config: &loaded.config,
            variables: &loaded.variables,
            graph: &graph,
            state: &state,
            registry: &registry,
            files: None,
            time: world::TIME,
            workspace: "default",
            watched: false,
        };
        let mut answers = Answers::new();
        let planned = loop {
            match plan(input, options, &answers) {
                Planning::Done(plan) => break *plan,
                Planning::Needs(queries) => {
                    for query in queries {
                        assert!(answers.get(&query.key()).is_none(), "{}: asked again", case.name);
                        answers.insert(query.key(), world::answer(&query, &registry, facts));
                    }
                }
            }
        };
        Self { plan: planned, loaded, registry, sources, state }
    }

    fn findings(&self) -> String {
        let mut text = String::new();
        diag::human(&mut text, &self.plan.diagnostics, &self.sources, Look::plain()).unwrap();
        text
    }

    /// Draws a view by its name: `plan` or `state` (the one before), and behind it the words `full`, `calls`, `colour` or a width.
    pub(super) fn view(&self, name: &str) -> (Look, String) {
        let mut look = Look { colour: false, width: 100 };
        let (mut full, mut calls, mut findings) = (false, false, false);
        for word in name.split(' ').skip(1) {
            match word {
                "full" => full = true,
                "calls" => calls = true,
                "colour" => look.colour = true,
                "findings" => findings = true,
                width => look.width = width.parse().unwrap(),
            }
        }
        let mut text = if name.starts_with("state") {
            draw_state(&self.state, &self.registry, look)
        } else {
            self.draw(look, full, calls)
        };
        if findings {
            text.push('\n');
            text.push_str(&self.findings());
        }
        let text: String = text
            .lines()
            .map(|line| format!("{}\n", if line.trim().is_empty() { "" } else { line }))
            .collect();
        (look, text)
    }

    /// Draws the plan.
    pub(super) fn draw(&self, look: Look, full: bool, calls: bool) -> String {
        let state = if self.state.is_empty() { "local, empty" } else { "local, serial 4" };
        let view = PlanView {
            plan: &self.plan,
            registry: &self.registry,
            sources: &self.sources,
            state,
            full,
            calls,
        };
        let mut text = String::new();
        human(&mut text, &view, look).unwrap();
        text
    }
}

fn options(facts: &Json) -> PlanOptions {
    let texts = |name: &str| -> Vec<String> {
        let list = facts[name].as_array().cloned().unwrap_or_default();
        list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    PlanOptions {
        mode: match facts["mode"].as_str() {
            None => PlanMode::Normal,
            Some("destroy") => PlanMode::Destroy,
            Some("refresh-only") => PlanMode::RefreshOnly,
            Some(other) => panic!("no mode {other}"),
        },
        targets: texts("targets").iter().map(|text| text.parse().unwrap()).collect(),
        replace: texts("replace").iter().map(|text| text.parse::<InstanceAddr>().unwrap()).collect(),
        allow_data_loss: facts["allow_data_loss"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(addr, most)| (addr.parse::<Selector>().unwrap(), most.as_u64().unwrap()))
            .collect(),
        allow_deletes: facts["allow_deletes"].as_u64(),
        ..PlanOptions::normal()
    }
}
