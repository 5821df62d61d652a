//! The stream of `test --json`: one object a line, named as Terraform names them.

use serde_json::Value as Json;
use serde_json::json;

use crate::diag::Diagnostics;
use crate::render::Look;
use crate::render::events::PlanLines;
use crate::render::events::Stream;
use crate::render::events::entry;
use crate::render::json::state_json;
use crate::testing::Counts;
use crate::testing::Event;
use crate::testing::FileReport;
use crate::testing::RunReport;
use crate::testing::RunStatus;
use crate::testing::Shown;
use crate::testing::Texts;

use super::human;

/// Makes the lines of a stream.
#[derive(Debug, Clone, Copy)]
pub struct TestStream {
    /// Makes the lines that other commands have too.
    pub common: Stream,
}

impl TestStream {
    /// Returns the lines of an event.
    #[must_use]
    pub fn event(self, event: &Event<'_>, time: &str) -> Vec<Json> {
        match event {
            Event::Found(files) => {
                let runs: usize = files.iter().map(|(_, runs)| runs.len()).sum();
                let message =
                    format!("Found {} and {}", count(files.len(), "file"), count(runs, "run block"));
                let all: serde_json::Map<String, Json> = files
                    .iter()
                    .map(|(file, runs)| {
                        let names: Vec<&str> = runs.iter().map(|run| &**run).collect();
                        (file.to_string(), names.into())
                    })
                    .collect();
                vec![entry(time, "info", "test_abstract", &message, [("test_abstract", all.into())])]
            }
            Event::FileStarted(file) => {
                vec![file_line(time, file, "in progress", json!({ "path": file, "progress": "starting" }))]
            }
            Event::TearingDown(file) => {
                vec![file_line(time, file, "tearing down", json!({ "path": file, "progress": "teardown" }))]
            }
            Event::RunStarted(file, run) => {
                let told = json!({ "path": file, "run": run, "progress": "starting", "elapsed": 0 });
                let message = format!("  \"{run}\"... in progress");
                vec![named(entry(time, "info", "test_run", &message, [("test_run", told)]), file, Some(run))]
            }
            Event::RunEnded(file, run) => self.run_ended(time, file, run),
            Event::FileEnded(file) => self.file_ended(time, file),
            Event::Interrupted => {
                let message = human::line(event, Look::plain()).unwrap_or_default();
                let told = json!({ "state": [] });
                vec![entry(time, "warn", "test_interrupt", &message, [("test_interrupt", told)])]
            }
        }
    }

    fn run_ended(self, time: &str, file: &str, run: &RunReport) -> Vec<Json> {
        let told = json!({
            "path": file,
            "run": run.name,
            "progress": "complete",
            "status": run.status.as_str(),
            "elapsed": u64::try_from(run.elapsed.as_millis()).unwrap_or(u64::MAX),
        });
        let message = format!("  \"{}\"... {}", run.name, run.status.as_str());
        let name = Some(&*run.name);
        let mut lines =
            vec![named(entry(time, "info", "test_run", &message, [("test_run", told)]), file, name)];
        match &run.shown {
            Some(Shown::Plan(plan)) => {
                let shown = PlanLines { plan, sources: &run.texts.sources, hash: "" };
                lines.extend(self.common.plan(shown, time).into_iter().map(|line| named(line, file, name)));
            }
            Some(Shown::State(state)) => {
                let document = state_json(state, &run.texts.registry);
                let line = entry(
                    time,
                    "info",
                    "test_state",
                    "-verbose flag enabled, printing state",
                    [("test_state", document)],
                );
                lines.push(named(line, file, name));
            }
            None => {}
        }
        lines.extend(self.findings(time, &run.diagnostics, &run.texts, file, name));
        lines
    }

    fn file_ended(self, time: &str, file: &FileReport) -> Vec<Json> {
        let mut lines = Vec::new();
        for (found, texts) in &file.cleanup {
            lines.extend(self.findings(time, found, texts, &file.name, None));
        }
        if !file.leftovers.is_empty() {
            let left: Vec<Json> = file
                .leftovers
                .iter()
                .map(|left| {
                    let mut out = serde_json::Map::new();
                    out.insert("instance".to_owned(), left.addr.to_string().into());
                    if let Some(key) = &left.deposed {
                        out.insert("deposed_key".to_owned(), key.to_string().into());
                    }
                    if let Some(id) = &left.id {
                        out.insert("id".to_owned(), id.as_str().into());
                    }
                    if let Some(state) = &left.state {
                        out.insert("state".to_owned(), state.as_str().into());
                    }
                    out.into()
                })
                .collect();
            let message = format!("Objects that {} made could not be destroyed", file.name);
            let told = json!({ "failed_resources": left });
            let line = entry(time, "error", "test_cleanup", &message, [("test_cleanup", told)]);
            lines.push(named(line, &file.name, None));
        }
        let status = file.status.as_str();
        let told = json!({ "path": file.name, "progress": "complete", "status": status });
        lines.push(file_line(time, &file.name, status, told));
        lines
    }

    fn findings(
        self,
        time: &str,
        found: &Diagnostics,
        texts: &Texts,
        file: &str,
        run: Option<&str>,
    ) -> Vec<Json> {
        let sources = (&*texts.sources, &*texts.registry);
        found.iter().map(|item| named(self.common.diagnostic(item, &sources, time), file, run)).collect()
    }

    /// Returns the last line.
    #[must_use]
    pub fn summary(self, counts: Counts, status: RunStatus, time: &str) -> Json {
        let message = human::summary(counts, status <= RunStatus::Pass, Look::plain());
        let told = json!({
            "status": status.as_str(),
            "passed": counts.passed,
            "failed": counts.failed,
            "errored": counts.errored,
            "skipped": counts.skipped,
        });
        entry(time, "info", "test_summary", &message, [("test_summary", told)])
    }
}

fn file_line(time: &str, file: &str, what: &str, told: Json) -> Json {
    named(entry(time, "info", "test_file", &format!("{file}... {what}"), [("test_file", told)]), file, None)
}

/// Adds what a line is about.
fn named(mut line: Json, file: &str, run: Option<&str>) -> Json {
    if let Some(fields) = line.as_object_mut() {
        fields.insert("@testfile".to_owned(), file.into());
        if let Some(run) = run {
            fields.insert("@testrun".to_owned(), run.into());
        }
    }
    line
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
