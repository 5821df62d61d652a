//! A directory with an applied state, and what is found when it is given something bad.

use std::sync::Arc;

use queueform::api::Stop;
use queueform::api::SystemClock;
use queueform::diag::Diagnostics;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;
use queueform::render::Look;
use queueform::render::diag::human;
use queueform::source::SourceMap;

use crate::support::Place;

pub(super) const STATE: &str = "queueform.state.json";

/// A sound configuration; [`Room::new`] has it applied.
pub(super) const SOUND: &str = "resource \"queueform_data\" \"a\" {\n  input = \"kept\"\n}\n";

/// A directory with an applied state.
pub(super) struct Room {
    pub(super) place: Place,
    pub(super) state: String,
    environment: Vec<(&'static str, String)>,
}

impl Room {
    pub(super) async fn new() -> Self {
        let place = Place::with(&[("main.qf.hcl", SOUND)]);
        let mut room = Self { place, state: String::new(), environment: Vec::new() };
        assert_eq!(room.apply().await, "");
        room.state = room.place.read(STATE);
        room
    }

    /// Sets a variable of the environment.
    pub(super) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub(super) fn options(&self) -> ProjectOptions {
        let environment: std::collections::BTreeMap<String, String> =
            self.environment.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        ProjectOptions {
            directory: self.place.path().to_owned(),
            environment: Arc::new(environment),
            clock: Some(Arc::new(SystemClock::scaled(0.0001))),
            ..ProjectOptions::default()
        }
    }

    /// Applies what the directory says, and returns the findings as people see them: nothing if all is well.
    pub(super) async fn apply(&self) -> String {
        let opened = Project::open(self.options());
        let project = opened.output.unwrap();
        if opened.diagnostics.has_errors() {
            return self.drawn(&opened.diagnostics, &project.sources);
        }
        let ports = ApplyPorts {
            approve: &mut |_planned| true,
            events: &mut |_event| {},
            stop: &Stop::never(),
            abort: &Stop::never(),
        };
        let request =
            ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
        match ops::apply::apply(&project, &request, ports).await {
            Ok(ApplyOutcome::Unchanged(_)) => String::new(),
            Ok(ApplyOutcome::Applied(_, applied)) => self.drawn(&applied.diagnostics, &project.sources),
            Ok(ApplyOutcome::Refused(planned) | ApplyOutcome::Declined(planned)) => {
                self.drawn(&planned.plan.diagnostics, &project.sources)
            }
            Err(found) => self.drawn(&found, &project.sources),
        }
    }

    /// Findings as people see them, without what differs from run to run.
    pub(super) fn drawn(&self, found: &Diagnostics, sources: &SourceMap) -> String {
        let mut text = String::new();
        human(&mut text, found, sources, Look::plain()).unwrap();
        let base = self.place.path().parent().unwrap().display().to_string();
        text.replace(&base, "$PLACE")
    }

    /// Asserts that the state is what it was, byte for byte, and that no other run would trip over anything.
    #[track_caller]
    pub(super) fn is_unharmed(&self) {
        assert_eq!(self.place.read(STATE), self.state);
        let view = Project::open(ProjectOptions {
            directory: self.place.path().to_owned(),
            ..ProjectOptions::default()
        });
        let recovered = view.output.unwrap().place.view().unwrap().recovered;
        assert!(recovered.is_settled(), "{recovered:?}");
    }
}
