//! A directory with a configuration, and an emulator that outlives every run.

use std::fs;
use std::path::Path;

use queueform::addr::ValuePath;
use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::apply::Applied;
use queueform::apply::Event;
use queueform::apply::departures;
use queueform::diag::Diagnostics;
use queueform::emulator;
use queueform::emulator::Emulator;
use queueform::emulator::LoggedCall;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::emulator::dms::Handle;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::plan::Planned;
use queueform::ops::project::Emulate;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::Action;
use queueform::plan::PlanOptions;
use queueform::state::State;

/// The id of the instance that tests seed.
pub(crate) const INSTANCE: &str = "11111111-2222-4333-8444-555555555555";

/// A configuration of topics in the seeded instance.
pub(crate) fn topics(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    format!(
        r#"
        provider "dms" {{}}
        resource "dms_rocketmq_topic" "topic" {{
          for_each        = toset([{}])
          instance_id     = "{INSTANCE}"
          name            = each.key
          read_queue_num  = 8
          write_queue_num = 8
        }}
        "#,
        names.join(", ")
    )
}

/// A configuration, its state, and an emulator.
pub(crate) struct Lab {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) emulator: Running,
    credentials: emulator::Credentials,
}

impl Lab {
    pub(crate) fn new(configuration: &str) -> Self {
        Self::with(configuration, Options::default())
    }

    pub(crate) fn with(configuration: &str, options: Options) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let credentials = options.credentials.clone();
        let emulator = Emulator::spawn(options).unwrap();
        let lab = Self { directory, emulator, credentials };
        lab.write(configuration);
        lab
    }

    /// Goes on with another emulator.
    pub(crate) fn move_to(&mut self, options: Options) {
        self.credentials = options.credentials.clone();
        self.emulator = Emulator::spawn(options).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, configuration: &str) {
        fs::write(self.path().join("main.qf.hcl"), configuration).unwrap();
    }

    pub(crate) fn dms(&self) -> &Handle {
        self.emulator.store().dms()
    }

    pub(crate) fn calls(&self) -> Vec<LoggedCall> {
        self.emulator.store().calls(System::Dms)
    }

    pub(crate) fn options(&self) -> ProjectOptions {
        let endpoints = ops::emulated_endpoints(&self.emulator, &self.credentials);
        ProjectOptions {
            directory: self.path().to_path_buf(),
            emulate: Emulate::Fresh,
            endpoints: Some(endpoints),
            ..ProjectOptions::default()
        }
    }

    pub(crate) fn open(&self) -> Project {
        let opened = Project::open(self.options());
        assert!(!opened.diagnostics.has_errors(), "{}", listed(&opened.diagnostics));
        opened.output.unwrap()
    }

    pub(crate) async fn plan(&self) -> Planned {
        self.plan_with(&PlanOptions::normal()).await
    }

    pub(crate) async fn plan_with(&self, options: &PlanOptions) -> Planned {
        planned(&self.open(), options).await
    }

    pub(crate) async fn apply(&self) -> ApplyOutcome {
        self.apply_with(PlanOptions::normal()).await
    }

    pub(crate) async fn apply_with(&self, options: PlanOptions) -> ApplyOutcome {
        self.run(options, &Stopper::default(), &mut |_event| {}).await
    }

    /// Applies, and may stop.
    pub(crate) async fn run(
        &self,
        options: PlanOptions,
        stopper: &Stopper,
        events: &mut dyn FnMut(Event),
    ) -> ApplyOutcome {
        applied(&self.open(), options, stopper, events).await
    }

    /// Applies and expects that all of it is done.
    pub(crate) async fn converge(&self) -> Box<Applied> {
        match self.apply().await {
            ApplyOutcome::Applied(planned, applied) => {
                assert!(
                    applied.complete,
                    "{}\n{}\n{:#?}",
                    listed(&planned.plan.diagnostics),
                    listed(&applied.diagnostics),
                    applied.ends
                );
                applied
            }
            other => panic!("{}", told(&other)),
        }
    }

    /// Plans and expects that there is nothing to do.
    pub(crate) async fn settled(&self) -> Planned {
        let planned = self.plan().await;
        assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
        assert!(!planned.has_changes(), "{}\n{}", actions(&planned).join("\n"), differences(&planned));
        let drift: Vec<String> = planned.plan.drift.iter().map(drifted).collect();
        assert!(planned.plan.steps.is_empty(), "{:#?}\n{}", planned.plan.steps, drift.join("\n"));
        planned
    }

    pub(crate) fn state(&self) -> State {
        self.open().place.view().unwrap().recovered.state
    }
}

/// What is to be done: `create dms_rocketmq_topic.a`.
/// Plans a project.
pub(crate) async fn planned(project: &Project, options: &PlanOptions) -> Planned {
    ops::plan::plan(project, options, &ops::plan::now(), &Stop::never())
        .await
        .unwrap_or_else(|found| panic!("{}", listed(&found)))
}

/// Applies a project.
pub(crate) async fn applied(
    project: &Project,
    options: PlanOptions,
    stopper: &Stopper,
    events: &mut dyn FnMut(Event),
) -> ApplyOutcome {
    let ports =
        ApplyPorts { approve: &mut |_planned| true, events, stop: &stopper.signal(), abort: &Stop::never() };
    let request = ApplyRequest { options, expect: None, command: "apply".to_owned() };
    ops::apply::apply(project, &request, ports).await.unwrap_or_else(|found| panic!("{}", listed(&found)))
}

pub(crate) fn actions(planned: &Planned) -> Vec<String> {
    let verb = |action: Action| match action {
        Action::NoOp => None,
        Action::Create => Some("create"),
        Action::Read => Some("read"),
        Action::Update => Some("update"),
        Action::Replace(_) => Some("replace"),
        Action::Delete => Some("delete"),
        Action::Forget => Some("forget"),
        Action::Invoke => Some("invoke"),
    };
    let changes = &planned.plan.changes;
    changes.iter().filter_map(|change| Some(format!("{} {}", verb(change.action)?, change.addr))).collect()
}

/// Where objects are not as they would be.
fn differences(planned: &Planned) -> String {
    let mut found = Vec::new();
    for change in &planned.plan.changes {
        let (Some(before), Some(after)) = (&change.before, &change.after) else { continue };
        departures(before, after, &ValuePath::default(), &mut found);
    }
    found.iter().map(|one| format!("{one:?}\n")).collect()
}

/// Where an object is not as the state has it.
fn drifted(drift: &queueform::plan::Drift) -> String {
    let mut found = Vec::new();
    if let Some(after) = &drift.after {
        departures(&drift.before, after, &ValuePath::default(), &mut found);
    }
    let mut parts: Vec<String> = found.iter().map(|one| format!("{one:?}")).collect();
    for (name, before) in drift.before.fields().unwrap() {
        let after = drift.after.as_ref().and_then(|after| after.get(name));
        if !after.is_some_and(|after| after.same_as(before)) {
            parts.push(format!("{name}: {before:?} {after:?}"));
        }
    }
    format!("{}: {}", drift.addr, parts.join("; "))
}

/// Findings as text.
pub(crate) fn listed(found: &Diagnostics) -> String {
    let line = |item: &queueform::diag::Diagnostic| {
        format!("{:?} {}: {} {}", item.severity, item.code.name(), item.summary, item.detail)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// How an apply went, as text.
pub(crate) fn told(outcome: &ApplyOutcome) -> String {
    match outcome {
        ApplyOutcome::Unchanged(_) => "nothing to change".to_owned(),
        ApplyOutcome::Refused(planned) => format!("refused: {}", listed(&planned.plan.diagnostics)),
        ApplyOutcome::Declined(_) => "declined".to_owned(),
        ApplyOutcome::Applied(_, applied) => {
            format!("applied: {:#?}\n{}", applied.ends, listed(&applied.diagnostics))
        }
    }
}
