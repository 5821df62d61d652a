//! One scenario: a directory whose configuration changes from step to step while its state is kept.

#![expect(clippy::indexing_slicing, reason = "recorded scenarios have a known form")]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;

use queueform::addr::Step as PathStep;
use queueform::api::Stop;
use queueform::apply::Applied;
use queueform::apply::Event;
use queueform::config::VariableInput;
use queueform::diag::Diagnostics;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::ApplyRequest;
use queueform::ops::plan::Planned;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::Operation;
use queueform::plan::Plan;
use queueform::plan::PlanMode;
use queueform::plan::PlanOptions;
use queueform::plan::Record;
use queueform::plan::Refresh;
use queueform::plan::StepKind;
use queueform::plan::object_type;
use queueform::render::json::PlanDocument;
use queueform::render::json::plan_json;
use queueform::render::json::shown;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::state::Object;
use queueform::state::State;
use queueform::value::from_implied_json;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use super::compare::Bindings;
use super::compare::flags;
use super::compare::hidden;

/// One scenario.
pub(super) struct Scene {
    directory: tempfile::TempDir,
    bindings: Bindings,
    differences: Vec<String>,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            bindings: Bindings::default(),
            differences: Vec::new(),
        }
    }

    /// Plays all steps and returns where they differ from what was recorded.
    pub(super) async fn play(mut self, scenario: &Json) -> Vec<String> {
        for (index, step) in scenario["steps"].as_array().unwrap().iter().enumerate() {
            self.step(&format!("step {}", index + 1), step).await;
            if !self.differences.is_empty() {
                break;
            }
        }
        self.differences
    }

    async fn step(&mut self, name: &str, step: &Json) {
        for entry in fs::read_dir(self.directory.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.ends_with("m") {
                fs::remove_dir_all(path).unwrap();
            } else if path.to_string_lossy().ends_with(".qf.hcl") {
                fs::remove_file(path).unwrap();
            }
        }
        let fixtures = self.directory.path().join("fixtures");
        if step["files"].to_string().contains("fixtures/") && !fixtures.exists() {
            std::os::unix::fs::symlink(crate::conformance::directory().join("fixtures"), fixtures).unwrap();
        }
        for (file, text) in step["files"].as_object().unwrap() {
            let path = self.directory.path().join(file.replace(".tf", ".qf.hcl"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.as_str().unwrap()).unwrap();
        }
        let expect = &step["expect"];
        for command in step["pre_commands"].as_array().into_iter().flatten() {
            if let Err(found) = self.prepare(command, step).await {
                self.differences.push(format!("{name}: {command} failed: {}", listed(&found)));
            }
        }
        let options = options(step);
        let (planned, findings) = match self.plan(step, &options).await {
            Ok((project, planned)) => {
                let findings = listed(&planned.plan.diagnostics);
                (Some((project, planned)), findings)
            }
            Err(found) => (None, listed(&found)),
        };
        let ok = planned.as_ref().is_some_and(|(_, planned)| !planned.plan.diagnostics.has_errors());
        self.check(&format!("{name} plan.ok"), &expect["plan"]["ok"], &json!(ok));
        if !self.differences.is_empty() {
            self.differences.push(findings);
            return;
        }
        if let Some(planned) = &planned {
            self.compare_plan(&format!("{name} plan"), &expect["plan"], planned);
        }
        if ok && self.differences.is_empty() {
            let mut events = Vec::new();
            let applied = self.apply(step, options, &mut events).await;
            self.compare_apply(&format!("{name} apply"), &expect["apply"], &applied, &events);
            if let Some((_, planned)) = &planned {
                self.compare_order(&format!("{name} order"), &expect["apply"]["order"], &planned.plan);
            }
        }
        self.compare_state(&format!("{name} state"), expect);
    }

    fn check(&mut self, what: &str, expected: &Json, found: &Json) {
        self.bindings.compare(what, expected, found, &mut self.differences);
    }

    fn open(&self, step: &Json) -> Result<Project, Diagnostics> {
        let vars = step["vars"].as_object().into_iter().flatten();
        let arguments = vars
            .map(|(name, text)| VariableInput::Text {
                name: name.clone(),
                text: text.as_str().unwrap().to_owned(),
            })
            .collect();
        let options = ProjectOptions {
            directory: self.directory.path().to_path_buf(),
            arguments,
            ..ProjectOptions::default()
        };
        let opened = Project::open(options);
        if opened.diagnostics.has_errors() { Err(opened.diagnostics) } else { Ok(opened.output.unwrap()) }
    }

    /// Runs a command that comes before the plan.
    async fn prepare(&self, command: &Json, step: &Json) -> Result<(), Diagnostics> {
        let words: Vec<&str> =
            command.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        let project = self.open(step)?;
        match words.as_slice() {
            ["taint", addr] => {
                ops::state::taint(&project.place, &addr.parse().unwrap(), true, &Stop::never()).map(drop)
            }
            ["untaint", addr] => {
                ops::state::taint(&project.place, &addr.parse().unwrap(), false, &Stop::never()).map(drop)
            }
            ["import", addr, id] => {
                ops::import::import(&project, addr.parse().unwrap(), id, &Stop::never()).await.map(drop)
            }
            other => panic!("unknown command {other:?}"),
        }
    }

    async fn plan(&self, step: &Json, options: &PlanOptions) -> Result<(Project, Planned), Diagnostics> {
        let project = self.open(step)?;
        let planned = ops::plan::plan(&project, options, "2026-01-02T03:04:05Z", &Stop::never()).await?;
        Ok((project, planned))
    }

    async fn apply(
        &self,
        step: &Json,
        options: PlanOptions,
        events: &mut Vec<Event>,
    ) -> Result<Option<Applied>, Diagnostics> {
        let project = self.open(step)?;
        let ports = ApplyPorts {
            approve: &mut |_planned| true,
            events: &mut |event| events.push(event),
            stop: &Stop::never(),
            abort: &Stop::never(),
        };
        let request = ApplyRequest { options, expect: None, command: "apply".to_owned() };
        match ops::apply::apply(&project, &request, ports).await? {
            ApplyOutcome::Applied(_, applied) => Ok(Some(*applied)),
            ApplyOutcome::Unchanged(_) => Ok(None),
            ApplyOutcome::Refused(planned) => Err(planned.plan.diagnostics),
            ApplyOutcome::Declined(_) => Err(Diagnostics::new()),
        }
    }

    fn compare_plan(&mut self, name: &str, expected: &Json, (project, planned): &(Project, Planned)) {
        let found = plan_json(PlanDocument {
            plan: &planned.plan,
            config: &project.config,
            variables: &project.variables,
            registry: &project.registry,
            sources: &project.sources,
            time: &planned.time,
            prior: &planned.state,
        });
        for flag in ["applyable", "complete", "errored"] {
            if !expected[flag].is_null() {
                self.check(&format!("{name}.{flag}"), &expected[flag], &found[flag]);
            }
        }
        if let Some(changes) = expected["resource_changes"].as_array() {
            let key = |change: &Json| {
                (change["address"].as_str().unwrap().to_owned(), change["deposed"].as_str().is_some())
            };
            let expected: BTreeMap<_, &Json> = changes.iter().map(|change| (key(change), change)).collect();
            let found: BTreeMap<_, &Json> = found["resource_changes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|change| (key(change), change))
                .collect();
            let (there, here): (Vec<_>, Vec<_>) = (expected.keys().collect(), found.keys().collect());
            if there != here {
                self.differences.push(format!("{name}: recorded changes of {there:?}, found {here:?}"));
                return;
            }
            for ((addr, _), expected) in &expected {
                let found = found[&(addr.clone(), expected["deposed"].is_string())];
                self.compare_change(&format!("{name} {addr}"), expected, found);
            }
        }
        if let Some(outputs) = expected["output_changes"].as_object() {
            for (output, expected) in outputs {
                let found = &found["output_changes"][output];
                let what = format!("{name} output.{output}");
                self.check(&format!("{what} actions"), &expected["actions"], &found["actions"]);
                self.compare_value(&what, expected, found);
            }
            let found = found["output_changes"].as_object().unwrap();
            let more: Vec<&String> = found.keys().filter(|output| !outputs.contains_key(*output)).collect();
            if !more.is_empty() {
                self.differences.push(format!("{name}: more outputs: {more:?}"));
            }
        }
    }

    fn compare_change(&mut self, what: &str, expected: &Json, found: &Json) {
        for part in ["action_reason", "previous_address"] {
            self.check(&format!("{what} {part}"), &expected[part], &found[part]);
        }
        let found = &found["change"];
        for part in ["actions", "importing", "replace_paths"] {
            self.check(&format!("{what} {part}"), &expected[part], &found[part]);
        }
        self.compare_value(what, expected, found);
    }

    fn compare_value(&mut self, what: &str, expected: &Json, found: &Json) {
        for part in ["after_unknown", "after_sensitive"] {
            self.check(&format!("{what} {part}"), &flags(&expected[part]), &flags(&found[part]));
        }
        let known = hidden(&expected["after"], &expected["after_sensitive"]);
        self.check(&format!("{what} after"), &known, &found["after"]);
    }

    fn compare_apply(
        &mut self,
        name: &str,
        expected: &Json,
        applied: &Result<Option<Applied>, Diagnostics>,
        events: &[Event],
    ) {
        let (ok, counts, findings) = match applied {
            Ok(Some(applied)) => (applied.complete, applied.counts(), listed(&applied.diagnostics)),
            Ok(None) => (true, queueform::apply::Counts::default(), String::new()),
            Err(found) => (false, queueform::apply::Counts::default(), listed(found)),
        };
        self.check(&format!("{name}.ok"), &expected["ok"], &json!(ok));
        if ok != expected["ok"] {
            self.differences.push(findings);
        }
        if expected["summary"].is_object() {
            let summary = &expected["summary"];
            for (part, found) in
                [("add", counts.created), ("change", counts.changed), ("remove", counts.destroyed)]
            {
                self.check(&format!("{name} {part}"), &summary[part], &json!(found));
            }
        }
        let told: BTreeSet<String> = events
            .iter()
            .filter_map(|event| {
                let subject = event.subject()?;
                let name = event.name();
                (name != "apply_progress")
                    .then(|| format!("{name} {} {}", subject.verb.as_str(), subject.addr))
            })
            .collect();
        let recorded: BTreeSet<String> = expected["events"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|event| event.as_str().unwrap().to_owned())
            .collect();
        if told != recorded {
            let missing: Vec<_> = recorded.difference(&told).collect();
            let more: Vec<_> = told.difference(&recorded).collect();
            self.differences.push(format!("{name} events: missing {missing:?}, more {more:?}"));
        }
    }

    /// The steps of the plan keep to the recorded order, whatever runs beside each other.
    fn compare_order(&mut self, name: &str, expected: &Json, plan: &Plan) {
        for pair in expected.as_array().into_iter().flatten() {
            let (first, second) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
            let (first_steps, second_steps) = (steps_of(plan, first), steps_of(plan, second));
            let (Some(last), Some(start)) = (first_steps.last(), second_steps.first()) else {
                self.differences.push(format!("{name}: no steps for `{first}` or `{second}`"));
                continue;
            };
            if !reaches(plan, *start, *last) {
                self.differences.push(format!("{name}: `{second}` does not come after `{first}`"));
            }
        }
    }

    fn compare_state(&mut self, name: &str, expect: &Json) {
        let place =
            ops::place::PlaceOptions { directory: self.directory.path().to_path_buf(), ..Default::default() };
        let state = ops::place::Place::find(place).unwrap().view().unwrap().recovered.state;
        let found = state_of(&state);
        let mut recorded: BTreeMap<(String, bool), &Json> = BTreeMap::new();
        for object in expect["state"].as_array().into_iter().flatten() {
            recorded.insert(
                (object["address"].as_str().unwrap().to_owned(), !object["deposed"].is_null()),
                object,
            );
        }
        let (there, here): (Vec<_>, Vec<_>) = (recorded.keys().collect(), found.keys().collect());
        if there != here {
            self.differences.push(format!("{name}: recorded {there:?}, found {here:?}"));
            return;
        }
        for (key, expected) in recorded {
            let (entry, object) = &found[&key];
            for part in ["tainted", "depends_on"] {
                self.check(&format!("{name} {} {part}", key.0), &expected[part], &entry[part]);
            }
            let values = without_secrets(&expected["values"], object);
            self.check(&format!("{name} {} values", key.0), &values, &entry["values"]);
        }
        let outputs: Map<String, Json> = state
            .outputs
            .iter()
            .map(|(name, output)| {
                let value = output.value(name).map_or(Json::Null, |value| shown(&value));
                (name.to_string(), json!({ "value": value, "sensitive": output.sensitive }))
            })
            .collect();
        let mut expected = expect["outputs"].clone();
        for output in expected.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let output = output.as_object_mut().unwrap();
            output.remove("type");
            if output["sensitive"] == true {
                output.insert("value".to_owned(), Json::Null);
            }
        }
        self.check(&format!("{name} outputs"), &expected, &Json::Object(outputs));
    }
}

/// What the flags of a step ask for.
fn options(step: &Json) -> PlanOptions {
    let mut options = PlanOptions::normal();
    for flag in step["flags"].as_array().into_iter().flatten() {
        match flag.as_str().unwrap().split_once('=').unwrap_or((flag.as_str().unwrap(), "")) {
            ("-destroy", _) => options.mode = PlanMode::Destroy,
            ("-refresh-only", _) => options.mode = PlanMode::RefreshOnly,
            ("-refresh", "false") => options.refresh = Refresh::None,
            ("-target", addr) => options.targets.push(addr.parse().unwrap()),
            ("-replace", addr) => {
                options.replace.insert(addr.parse().unwrap());
            }
            other => panic!("unknown flag {other:?}"),
        }
    }
    options
}

/// The steps of one half of a change, such as `create ADDR` or `delete ADDR`.
fn steps_of(plan: &Plan, half: &str) -> Vec<u32> {
    let (verb, addr) = half.split_once(' ').unwrap();
    let steps = plan.steps.iter().filter(|step| {
        step.addr.as_ref().is_some_and(|found| found.to_string() == addr)
            && match &step.kind {
                StepKind::Call { operation: Operation::Delete, .. } | StepKind::Record(Record::Drop) => {
                    verb == "delete"
                }
                StepKind::Record(_) => false,
                _ => verb != "delete",
            }
    });
    steps.map(|step| step.id.0).collect()
}

/// Whether one step comes after another.
fn reaches(plan: &Plan, from: u32, to: u32) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            open.extend(plan.steps[at as usize].after.iter().map(|id| id.0));
        }
    }
    false
}

/// The objects of a state in the recorded form.
fn state_of(state: &State) -> BTreeMap<(String, bool), (Json, Object)> {
    let registry = Registry::embedded();
    let mut found = BTreeMap::new();
    for (target, _, object) in state.objects() {
        let schema = registry.resource(ResourceKind::Managed, &target.addr.resource.kind).unwrap();
        let value = object.value(&object_type(&schema)).unwrap();
        let mut entry = Map::new();
        entry.insert("values".to_owned(), shown(&value));
        if object.status == queueform::state::Status::Tainted {
            entry.insert("tainted".to_owned(), json!(true));
        }
        if !object.dependencies.is_empty() {
            let names: BTreeSet<String> = object.dependencies.iter().map(ToString::to_string).collect();
            entry.insert("depends_on".to_owned(), json!(names));
        }
        found.insert(
            (target.addr.to_string(), target.deposed.is_some()),
            (Json::Object(entry), object.clone()),
        );
    }
    found
}

/// Recorded values without what we keep only as a digest, which must be of the same value.
fn without_secrets(values: &Json, object: &Object) -> Json {
    let mut values = values.clone();
    for leaf in object.attributes.sensitive() {
        let mut at = &mut values;
        for step in &leaf.path.0 {
            at = match step {
                PathStep::Attr(name) | PathStep::Key(name) => &mut at[&**name],
                PathStep::Index(index) => &mut at[usize::try_from(*index).unwrap()],
            };
        }
        if object.sensitive_matches(&leaf.path, &from_implied_json(at).unwrap()) {
            *at = Json::Null;
        }
    }
    values
}

fn listed(found: &Diagnostics) -> String {
    let line = |item: &queueform::diag::Diagnostic| {
        format!("{}: {} {}", item.code.name(), item.summary, item.detail)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}
