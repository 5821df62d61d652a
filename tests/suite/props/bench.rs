//! A directory and an emulator with two instances.

use std::collections::BTreeMap;
use std::fs;

use queueform::api::Stop;
use queueform::diag::Diagnostics;
use queueform::emulator::Credentials;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::dms::Handle;
use queueform::emulator::dms::InstanceSeed;
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

/// Two instances of version 4.8.0 with two brokers each.
pub(super) const V4: [&str; 2] =
    ["44444444-0000-4000-8000-000000000001", "44444444-0000-4000-8000-000000000002"];

/// Two instances of version 5.x.
pub(super) const V5: [&str; 2] =
    ["55555555-0000-4000-8000-000000000001", "55555555-0000-4000-8000-000000000002"];

/// What is to be done with each object that is not left alone.
pub(super) type Actions = BTreeMap<String, Action>;

/// A directory and an emulator.
pub(super) struct Bench {
    directory: tempfile::TempDir,
    emulator: Running,
}

impl Bench {
    pub(super) fn new() -> Self {
        let bench = Self {
            directory: tempfile::tempdir().unwrap(),
            emulator: Emulator::spawn(Options::default()).unwrap(),
        };
        for id in V4 {
            bench.dms().seed_instance(&InstanceSeed::new("four").brokers(2).id(id));
        }
        for id in V5 {
            bench.dms().seed_instance(&InstanceSeed::new("five").v5().id(id));
        }
        bench
    }

    pub(super) fn dms(&self) -> &Handle {
        self.emulator.store().dms()
    }

    pub(super) fn write(&self, configuration: &str) {
        let text = format!("provider \"dms\" {{}}\n{configuration}");
        fs::write(self.directory.path().join("main.qf.hcl"), text).unwrap();
    }

    fn open(&self) -> Result<Project, String> {
        let opened = Project::open(ProjectOptions {
            directory: self.directory.path().to_path_buf(),
            emulate: Emulate::Fresh,
            endpoints: Some(ops::emulated_endpoints(&self.emulator, &Credentials::default())),
            ..ProjectOptions::default()
        });
        if opened.diagnostics.has_errors() {
            return Err(format!("not loaded: {}", listed(&opened.diagnostics)));
        }
        opened.output.ok_or_else(|| "not loaded".to_owned())
    }

    /// Plans, and returns what is to be done.
    pub(super) async fn plan(&self) -> Result<Actions, String> {
        let project = self.open()?;
        let planned = ops::plan::plan(&project, &PlanOptions::normal(), &ops::plan::now(), &Stop::never())
            .await
            .map_err(|found| format!("not planned: {}", listed(&found)))?;
        Self::judge(&planned)
    }

    fn judge(planned: &Planned) -> Result<Actions, String> {
        if !planned.is_applicable() || planned.plan.diagnostics.has_errors() {
            return Err(format!("not applicable: {}", listed(&planned.plan.diagnostics)));
        }
        if !planned.plan.drift.is_empty() {
            let differs = planned.plan.drift.iter().map(|drift| {
                let found = drift.after.as_ref();
                let fields = drift.before.fields().into_iter().flatten();
                let parts = fields.filter_map(|(name, before)| {
                    let after = found?.get(name)?;
                    (!before.same_as(after)).then(|| {
                        format!("{name}: {before:?} ({:?}) is {after:?} ({:?})", before.ty(), after.ty())
                    })
                });
                format!("{}: {}", drift.addr, parts.collect::<Vec<_>>().join(", "))
            });
            return Err(format!("drift without a cause: {}", differs.collect::<Vec<_>>().join("\n")));
        }
        let changes = planned.plan.changes.iter().filter(|change| change.action != Action::NoOp);
        Ok(changes.map(|change| (change.addr.to_string(), change.action)).collect())
    }

    /// Applies all of it.
    pub(super) async fn apply(&self) -> Result<(), String> {
        let project = self.open()?;
        let ports = ApplyPorts {
            approve: &mut |_planned| true,
            events: &mut |_event| {},
            stop: &Stop::never(),
            abort: &Stop::never(),
        };
        let request =
            ApplyRequest { options: PlanOptions::normal(), expect: None, command: "apply".to_owned() };
        match ops::apply::apply(&project, &request, ports).await {
            Ok(ApplyOutcome::Unchanged(_)) => Ok(()),
            Ok(ApplyOutcome::Applied(_, applied)) if applied.complete => Ok(()),
            Ok(ApplyOutcome::Applied(_, applied)) => {
                Err(format!("not applied: {}\n{:#?}", listed(&applied.diagnostics), applied.ends))
            }
            Ok(ApplyOutcome::Refused(planned) | ApplyOutcome::Declined(planned)) => {
                Err(format!("refused: {}", listed(&planned.plan.diagnostics)))
            }
            Err(found) => Err(format!("not applied: {}", listed(&found))),
        }
    }

    /// Plans and expects that there is nothing to do, and that nothing seems to have changed by itself.
    pub(super) async fn settled(&self) -> Result<(), String> {
        let todo = self.plan().await?;
        if todo.is_empty() { Ok(()) } else { Err(format!("still to be done: {todo:#?}")) }
    }
}

/// Findings as text.
fn listed(found: &Diagnostics) -> String {
    let line = |item: &queueform::diag::Diagnostic| {
        format!("{}: {} {} {:?}", item.code.name(), item.summary, item.detail, item.values)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}
