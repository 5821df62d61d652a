//! Loads a configuration from texts, and plans it against an emulator.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use queueform::api::Stop;
use queueform::api::SystemClock;
use queueform::config::LoadOptions;
use queueform::config::Loaded;
use queueform::config::load;
use queueform::emulator;
use queueform::emulator::Emulator;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::graph;
use queueform::graph::DependencyGraph;
use queueform::plan::Answers;
use queueform::plan::Plan;
use queueform::plan::PlanInput;
use queueform::plan::PlanOptions;
use queueform::plan::Planning;
use queueform::plan::plan;
use queueform::provider::EmulatedEndpoint;
use queueform::provider::ProviderOptions;
use queueform::provider::Providers;
use queueform::refresh;
use queueform::render::Look;
use queueform::render::diag::human as draw_findings;
use queueform::render::plan::PlanView;
use queueform::render::plan::human as draw_plan;
use queueform::schema::Registry;
use queueform::source::SourceMap;
use queueform::state::State;

/// A configuration that was loaded without errors.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) loaded: Loaded,
    pub(super) graph: DependencyGraph,
    pub(super) registry: Arc<Registry>,
    pub(super) sources: SourceMap,
}

impl Stack {
    /// Loads a directory.
    pub(super) fn load(directory: &Path) -> Self {
        let registry = Arc::new(Registry::embedded());
        let mut sources = SourceMap::new();
        let options =
            LoadOptions { directory: directory.to_owned(), emulate: true, ..LoadOptions::default() };
        let checked = load(&options, &mut registry.as_ref().clone(), &mut sources);
        let mut text = String::new();
        draw_findings(&mut text, &checked.diagnostics, &sources, Look::plain()).unwrap();
        assert!(!checked.diagnostics.has_errors(), "{text}");
        let loaded = checked.output.unwrap();
        let graph = graph::build(&loaded.config).output.unwrap();
        Self { loaded, graph, registry, sources }
    }

    /// Plans against an emulator.
    pub(super) async fn plan(&self, running: &Running, state: &State, options: &PlanOptions) -> Plan {
        let providers = Providers::new(
            Arc::clone(&self.registry),
            ProviderOptions {
                emulated: BTreeMap::from([("dms".to_owned(), endpoint(running))]),
                clock: Arc::new(SystemClock::scaled(0.001)),
                ..ProviderOptions::default()
            },
        );
        let input = PlanInput {
            config: &self.loaded.config,
            variables: &self.loaded.variables,
            graph: &self.graph,
            state,
            registry: &self.registry,
            files: None,
            time: "2026-01-02T03:04:05Z",
            workspace: "default",
            watched: false,
        };
        let mut answers = Answers::new();
        for _ in 0..10 {
            match plan(input, options, &answers) {
                Planning::Done(plan) => return *plan,
                Planning::Needs(queries) => {
                    let found = refresh::answer(queries, &providers, &Stop::never()).await;
                    for (key, answer) in found.iter() {
                        answers.insert(key.clone(), answer.clone());
                    }
                }
            }
        }
        panic!("planning did not come to an end");
    }

    /// Draws a plan and what was found while making it.
    pub(super) fn draw(&self, plan: &Plan) -> String {
        let mut text = String::new();
        draw_findings(&mut text, &plan.diagnostics, &self.sources, Look::plain()).unwrap();
        let view = PlanView {
            plan,
            registry: &self.registry,
            sources: &self.sources,
            state: "local, empty",
            full: false,
            calls: false,
        };
        draw_plan(&mut text, &view, Look::plain()).unwrap();
        text
    }
}

fn endpoint(running: &Running) -> EmulatedEndpoint {
    let url = running.endpoint(System::Dms).to_owned();
    let credentials = emulator::Credentials::default();
    EmulatedEndpoint {
        arguments: BTreeMap::from([
            ("endpoint".to_owned(), url.clone()),
            ("auth_url".to_owned(), url),
            ("access_key".to_owned(), credentials.access_key),
            ("secret_key".to_owned(), credentials.secret_key),
            ("project_id".to_owned(), credentials.project_id),
        ]),
        defaults: BTreeMap::from([
            ("cloud".to_owned(), "sbercloud".to_owned()),
            ("region".to_owned(), credentials.region),
        ]),
    }
}

/// Starts an emulator in memory.
pub(super) async fn emulator() -> Running {
    Emulator::start(emulator::Options::default()).await.unwrap()
}
