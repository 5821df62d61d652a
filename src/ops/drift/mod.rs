//! `drift`: what is not as the state says, and what the configuration asks for beside that.
//!
//! Read-only by construction: the state is read without a lock and never opened, and of the providers only what
//! answers questions is used. What earlier runs left in doubt is looked into in memory.

mod unmanaged;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::Pattern;
use crate::api::Stop;
use crate::apply::RecoverInput;
use crate::apply::recover;
use crate::config::Config;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan;
use crate::plan::Answer;
use crate::plan::Answers;
use crate::plan::DriftReport;
use crate::plan::Last;
use crate::plan::Plan;
use crate::plan::PlanInput;
use crate::plan::PlanMode;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::plan::Planning;
use crate::plan::Query;
use crate::plan::QueryKey;
use crate::plan::Refresh;
use crate::provider::Providers;
use crate::refresh;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::state::State;
use crate::state::journal::Fold;
use crate::value::Value;

use super::plan::close_ephemeral;
use super::project::Project;

/// Most rounds of questions of one plan.
const ROUNDS: usize = 200;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct DriftRequest {
    /// Only these and what they need; empty means everything.
    pub targets: Vec<Pattern>,
    /// Patterns of what is not told, beside those of the configuration.
    pub ignore: Vec<Arc<str>>,
    /// Whether objects that nobody manages are listed.
    pub unmanaged: bool,
}

/// A report, with what it was made from.
#[derive(Debug, Clone)]
pub struct Drifted {
    /// The report.
    pub report: DriftReport,
    /// The state it compares with.
    pub state: State,
    /// The state in a few words: `local, serial 4`.
    pub state_text: String,
    /// The instant of the report, RFC 3339.
    pub time: Arc<str>,
    /// Whether earlier runs left something in doubt that could not be settled.
    pub has_doubts: bool,
}

/// Compares the state of a project with what there is, and the configuration with both.
///
/// # Errors
/// If there is no state to be read, no provider to be asked, or the run is interrupted. What was answered by a service
/// stands in the report.
pub async fn drift(
    project: &Project,
    request: &DriftRequest,
    time: &str,
    stop: &Stop,
) -> Result<Drifted, Diagnostics> {
    let view = project.place.view()?;
    let mut course = Course {
        project,
        providers: project.providers()?,
        state: view.recovered.state,
        answers: Answers::new(),
        data: Vec::new(),
        has_settled: false,
        time,
        stop,
    };
    let found = course.report(request).await;
    let closed = close_ephemeral(project).await;
    let mut report = found?;
    report.found.diagnostics.extend(closed);
    if let Some(holder) = view.writer {
        report.found.diagnostics.push(
            Diagnostic::warning(Code::StateLocked, "another run is changing the state right now")
                .detail(format!("The report shows it as it was a moment ago. Held by {holder}."))
                .hint("look again when that run has ended"),
        );
    }
    let has_doubts = !course.state.doubts().is_empty();
    let state_text = project.place.describe(&course.state);
    Ok(Drifted { report, state: course.state, state_text, time: Arc::from(time), has_doubts })
}

/// Returns the patterns of the configuration and of the command line.
fn patterns(config: &Config, request: &DriftRequest) -> Vec<Arc<str>> {
    let written = &config.root.settings.drift_ignore;
    written
        .iter()
        .map(|pattern| Arc::from(pattern.value.as_str()))
        .chain(request.ignore.iter().cloned())
        .collect()
}

/// The plans that a report is made of, one after the other, on the same answers.
struct Course<'c> {
    project: &'c Project,
    providers: &'c Providers,
    state: State,
    /// Where configurations point, and how objects are: as true for one plan as for the next.
    answers: Answers,
    /// What data sources said, with what they were asked: one plan may ask something else than another.
    data: Vec<(QueryKey, Value, Answer)>,
    has_settled: bool,
    time: &'c str,
    stop: &'c Stop,
}

impl Course<'_> {
    async fn report(&mut self, request: &DriftRequest) -> Result<DriftReport, Diagnostics> {
        let before = self.providers.stats();
        let options = |mode: PlanMode, refresh: Refresh| PlanOptions {
            mode,
            refresh,
            targets: request.targets.clone(),
            ..PlanOptions::normal()
        };
        let mut found = self.plan(&options(PlanMode::RefreshOnly, Refresh::All)).await?;
        let stored = self.plan(&options(PlanMode::Normal, Refresh::None)).await?;
        // What somebody has done by hand already is not pending.
        let is_pending = stored.changes.iter().any(plan::Change::is_effective);
        let now = if is_pending && !found.drift.is_empty() {
            Some(self.plan(&options(PlanMode::Normal, Refresh::All)).await?)
        } else {
            None
        };
        let mut unmanaged = None;
        if request.unmanaged && found.status != PlanStatus::Errored {
            let (all, warnings) =
                unmanaged::unmanaged(self.project, self.providers, (&found, &self.state), self.stop).await;
            unmanaged = Some(all);
            found.diagnostics.extend(warnings);
        }
        let after = self.providers.stats();
        found.effort.reads = after.reads.saturating_sub(before.reads);
        found.effort.observations = 0;
        if stored.status == PlanStatus::Errored {
            let known: BTreeSet<String> =
                found.diagnostics.iter().map(|item| format!("{:?} {}", item.labels, item.summary)).collect();
            let new = stored.diagnostics.iter().filter(|item| {
                item.is_error() && !known.contains(&format!("{:?} {}", item.labels, item.summary))
            });
            let new: Vec<Diagnostic> = new.cloned().collect();
            found.diagnostics.extend(new);
        }
        let patterns = patterns(&self.project.config, request);
        Ok(DriftReport { unmanaged, ..DriftReport::new(found, stored, now.as_ref(), &patterns) })
    }

    /// Makes one plan; what is unfinished is settled in memory as soon as the providers are set up.
    async fn plan(&mut self, options: &PlanOptions) -> Result<Plan, Diagnostics> {
        let project = self.project;
        let mut answers = self.answers.clone();
        let mut unsettled = Diagnostics::new();
        for _ in 0..ROUNDS {
            let input = PlanInput {
                config: &project.config,
                variables: &project.variables,
                graph: &project.graph,
                state: &self.state,
                registry: &project.registry,
                files: project.files(),
                time: self.time,
                workspace: project.place.workspace(),
                watched: false,
            };
            let planning = plan::plan(input, options, &answers);
            let is_ready = match &planning {
                Planning::Needs(queries) => {
                    !queries.iter().any(|query| matches!(query, Query::Configure { .. }))
                }
                Planning::Done(plan) => plan.status != PlanStatus::Errored,
            };
            if is_ready && !self.has_settled {
                self.has_settled = true;
                let (found, has_changed) = self.settle().await?;
                unsettled.extend(found);
                if has_changed {
                    continue;
                }
            }
            let queries = match planning {
                Planning::Needs(queries) => queries,
                Planning::Done(mut plan) => {
                    plan.diagnostics.extend(unsettled);
                    return Ok(*plan);
                }
            };
            if queries.iter().all(|query| answers.get(&query.key()).is_some()) {
                break;
            }
            self.answer(queries, &mut answers).await?;
        }
        Err(Diagnostic::error(Code::Internal, "looking for drift does not come to an end").into())
    }

    /// Finds out how calls of earlier runs ended: only reads, and nothing is written down.
    async fn settle(&mut self) -> Result<(Diagnostics, bool), Diagnostics> {
        let found = recover(RecoverInput {
            state: &self.state,
            registry: &self.project.registry,
            providers: self.providers,
            keeps_secrets: true,
            stop: self.stop,
        })
        .await;
        let has_changed = !found.records.is_empty();
        if has_changed {
            let mut fold = Fold::new(self.state.clone());
            for record in found.records {
                fold.apply_unsaved(record).map_err(|error| {
                    Diagnostic::error(Code::Internal, format!("an outcome does not fit the state: {error}"))
                })?;
            }
            self.state = fold.into_state();
        }
        Ok((found.diagnostics, has_changed))
    }

    /// Answers the questions of a round: by what is known already, by what needs no call, and by the services.
    async fn answer(&mut self, queries: Vec<Query>, answers: &mut Answers) -> Result<(), Diagnostics> {
        let mut asked = Vec::new();
        let mut data = Vec::new();
        for query in queries {
            let key = query.key();
            if answers.get(&key).is_some() {
                continue;
            }
            if let Some(answer) = without_call(&query, &self.project.registry) {
                answers.insert(key, answer);
                continue;
            }
            if let Query::Data { arguments, .. } = &query {
                let known =
                    self.data.iter().find(|(other, with, _)| *other == key && with.same_as(arguments));
                if let Some((_, _, answer)) = known {
                    answers.insert(key, answer.clone());
                    continue;
                }
                data.push((key, arguments.clone()));
            }
            asked.push(query);
        }
        let told = self.project.watcher.asked(&asked);
        let found = refresh::answer(asked, self.providers, self.stop).await;
        self.project.watcher.answered(&told);
        if self.stop.is_stopped() {
            return Err(Diagnostic::error(Code::Interrupted, "looking for drift was interrupted")
                .detail("Nothing was changed.")
                .into());
        }
        for (key, answer) in found.iter() {
            answers.insert(key.clone(), answer.clone());
            if matches!(key, QueryKey::Configure(_) | QueryKey::Refresh(_) | QueryKey::Import(..)) {
                self.answers.insert(key.clone(), answer.clone());
            }
        }
        for (key, arguments) in data {
            if let Some(answer) = found.get(&key) {
                self.data.push((key, arguments, answer.clone()));
            }
        }
        Ok(())
    }
}

/// Answers what a report does not judge, and what could only be answered by changing something.
fn without_call(query: &Query, registry: &Registry) -> Option<Answer> {
    match query {
        // `plan` says what a change would lose.
        Query::Guard { .. } => {
            Some(Answer::Observed { count: 0, message: String::new(), last: Last::default() })
        }
        Query::Room { .. } => Some(Answer::Room { limit: None, used: None }),
        Query::Check { .. } => Some(Answer::Checked(Diagnostics::new())),
        // Opening one makes something: its value stays unknown.
        Query::Ephemeral { addr, arguments, .. } => {
            let schema = registry.resource(ResourceKind::Ephemeral, &addr.resource.kind)?;
            let steps = schema.create.iter().flat_map(|create| &create.steps);
            let calls = steps.filter(|step| step.call.is_some()).count();
            (calls > 0).then(|| Answer::Data(arguments.clone()))
        }
        Query::Configure { .. } | Query::Refresh { .. } | Query::Import { .. } | Query::Data { .. } => None,
    }
}
