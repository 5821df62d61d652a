//! The document of a saved plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value as Json;

use crate::addr::InstanceAddr;
use crate::addr::Pattern;
use crate::addr::ResourceAddr;
use crate::addr::Target;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::PlanMode;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::plan::Refresh;
use crate::plan::Undo;
use crate::render::Look;
use crate::source::read_at_most;
use crate::state::Digest;
use crate::state::Lineage;
use crate::state::envelope;

use super::super::place::PlaceOptions;
use super::decide::Decisions;
use super::decide::short_hash;

/// What the envelope says it holds.
pub(super) const KIND: &str = "plan";
/// The newest format known here.
pub(super) const FORMAT: u64 = 1;

/// A saved plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanFile {
    /// Names this file among all plans, also those that decide the same.
    pub(super) id: Arc<str>,
    pub(super) hash: String,
    pub(super) time: Arc<str>,
    /// The instant from which on it is not applied any more, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<Arc<str>>,
    pub(super) workspace: String,
    pub(super) emulated: bool,
    pub(super) status: String,
    pub(super) options: SavedOptions,
    pub(super) lineage: Lineage,
    pub(super) serial: u64,
    pub(super) sources: Vec<SavedSource>,
    /// The directories of modules that are not local, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) modules: BTreeMap<String, String>,
    /// Files that expressions read, by path; digests are slow ones, for a file may be a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) files: BTreeMap<String, Digest>,
    /// Digests of the schemas of providers that users wrote.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) schemas: BTreeMap<String, String>,
    pub(super) variables: BTreeMap<String, SavedVariable>,
    /// Variables that apply needs again, because their values are secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) secrets: BTreeMap<String, SavedSecret>,
    pub(super) decisions: Decisions,
    /// The objects that the plan changes, as they were: what each change relies on.
    pub(super) relied_on: BTreeMap<String, Json>,
    pub(super) view: SavedView,
    /// The plan as `show --json` gives it.
    pub(super) json: Json,
}

/// The options of a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedOptions {
    pub(super) mode: String,
    pub(super) refresh: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) targets: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) excludes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) replace: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) assert: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) allow_data_loss: Vec<(String, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) allow_deletes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wait_drain_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) confirm: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) invoke: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) again: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) undo: Option<SavedUndo>,
}

/// The run that a plan undoes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedUndo {
    pub(super) run: Arc<str>,
    pub(super) told: Arc<str>,
    pub(super) lost: Vec<Arc<str>>,
    pub(super) without_secrets: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) dependencies: BTreeMap<String, Vec<String>>,
}

fn unknown(what: &str) -> Diagnostic {
    Diagnostic::error(Code::PlanFile, format!("the saved plan cannot be used: unknown {what}"))
        .hint("apply it with the version that saved it, or plan again with this one")
}

impl SavedUndo {
    fn dependencies(&self) -> Result<BTreeMap<InstanceAddr, Vec<ResourceAddr>>, Diagnostic> {
        let addr = |text: &String| InstanceAddr::from_str(text).map_err(|_| unknown("address"));
        let all = self.dependencies.iter().map(|(text, on)| {
            let on = on.iter().map(|one| addr(one).map(|one| one.resource));
            Ok((addr(text)?, on.collect::<Result<_, _>>()?))
        });
        all.collect()
    }
}

/// One file of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedSource {
    pub(super) name: String,
    /// Its text; none if it holds a secret in clear. It is read from the directory again then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// Tells whether a text that is not stored is still the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<Digest>,
}

/// The value of a variable that is no secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedVariable {
    pub(super) value: Json,
    #[serde(rename = "type")]
    pub(super) ty: Json,
    /// Who gave it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) given: Option<String>,
}

/// A variable whose value is secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedSecret {
    /// Tells whether the value is still the same; none for ephemeral variables, whose values may differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<Digest>,
}

/// The plan as people see it, with colours. It is drawn when the plan is saved, so that whoever shows the file
/// needs nothing else.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedView {
    pub(super) findings: String,
    /// For terminals of different widths, the narrowest first.
    pub(super) short: Vec<SavedDrawing>,
    pub(super) short_calls: String,
    pub(super) full: String,
    pub(super) full_calls: String,
}

/// A plan as it is drawn for a width.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SavedDrawing {
    pub(super) width: usize,
    pub(super) text: String,
}

/// Larger files are no saved plans.
const LIMIT: u64 = 1024 * 1024 * 1024;

impl PlanFile {
    /// Reads a saved plan.
    ///
    /// # Errors
    /// If the file cannot be read, is something else, was changed, or is of a newer version.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        Self::parse_file(path, &Self::text(path)?)
    }

    /// Reads a saved plan that may be encrypted, with the keys that the configuration of a directory names: a plan
    /// cannot bring its own.
    ///
    /// # Errors
    /// As [`PlanFile::read`], or if no key opens it, or it is not encrypted and must be.
    pub fn read_with(path: &Path, options: &PlaceOptions) -> Result<Self, Diagnostics> {
        let text = Self::text(path)?;
        let opened = options.plan_keys()?.open_plan(text);
        let text =
            opened.map_err(|problem| problem.about(&format!("the saved plan `{}`", path.display())))?;
        Ok(Self::parse_file(path, &text)?)
    }

    fn parse_file(path: &Path, text: &str) -> Result<Self, Diagnostic> {
        Self::parse(text).map_err(|found| found.detail(format!("The file is `{}`.", path.display())))
    }

    fn text(path: &Path) -> Result<String, Diagnostic> {
        let shown = path.display();
        let bytes = read_at_most(path, LIMIT).map_err(|error| {
            Diagnostic::error(Code::PlanFile, format!("cannot read the saved plan `{shown}`: {error}"))
                .hint("give the file that `queueform plan --out FILE` wrote")
        })?;
        String::from_utf8(bytes).map_err(|_| {
            Diagnostic::from(envelope::EnvelopeError::NotOurs { kind: KIND })
                .detail(format!("`{shown}` is not a text."))
        })
    }

    /// Reads a saved plan from its text.
    ///
    /// # Errors
    /// As [`PlanFile::read`].
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let (_, body) = envelope::open(KIND, FORMAT, text)?;
        serde_json::from_str(body.get()).map_err(|error| {
            Diagnostic::error(Code::PlanFile, format!("the saved plan cannot be used: {error}"))
                .hint("plan again: `queueform plan --out FILE`")
        })
    }

    /// Returns the id under which finished steps are recorded in the state.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Returns the fingerprint of the plan; see [`super::plan_hash`].
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns the fingerprint as it is shown to people.
    #[must_use]
    pub fn short_hash(&self) -> &str {
        short_hash(&self.hash)
    }

    /// Returns the instant of the plan, RFC 3339.
    #[must_use]
    pub fn time(&self) -> &Arc<str> {
        &self.time
    }

    /// Returns the instant from which on it is not applied any more, RFC 3339.
    #[must_use]
    pub fn expires(&self) -> Option<&Arc<str>> {
        self.expires.as_ref()
    }

    /// Returns the workspace it was made in.
    #[must_use]
    pub fn workspace(&self) -> &str {
        &self.workspace
    }

    /// Returns whether it was made with emulators.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.emulated
    }

    /// Returns whether it can be applied, if things are still as they were.
    #[must_use]
    pub fn is_applicable(&self) -> bool {
        matches!(self.status.as_str(), "complete" | "incomplete")
    }

    /// Returns `complete`, `incomplete`, `denied` or `errored`.
    #[must_use]
    pub fn status(&self) -> &str {
        &self.status
    }

    /// Returns the names of the variables that apply needs again.
    pub fn secret_variables(&self) -> impl Iterator<Item = &str> {
        self.secrets.keys().map(String::as_str)
    }

    /// Returns the plan as JSON, format 1.2 of `show -json`; secrets are null.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// Returns the plan as it was drawn for people, with every object by itself (`full`) and its calls if
    /// asked for.
    #[must_use]
    pub fn human(&self, full: bool, calls: bool, look: Look) -> String {
        let plan = match (full, calls) {
            (false, false) => self.view.short_of(look.width),
            (false, true) => self.view.short_calls.as_str(),
            (true, false) => &self.view.full,
            (true, true) => &self.view.full_calls,
        };
        let mut text = format!("{}{plan}", self.view.findings);
        if !self.is_applicable() {
            text.push_str("\nThis saved plan cannot be applied.\n");
        } else if let Some(expires) = &self.expires {
            text.push_str(&format!("\nThis saved plan can be applied until {expires}.\n"));
        }
        if look.colour { text } else { plain(&text) }
    }

    /// Returns the options of the plan.
    ///
    /// # Errors
    /// If one of them is not known here.
    pub fn options(&self) -> Result<PlanOptions, Diagnostic> {
        let saved = &self.options;
        let pattern = |text: &String| Pattern::from_str(text).map_err(|_| unknown("target address"));
        let target = |text: &String| Target::from_str(text).map_err(|_| unknown("target address"));
        Ok(PlanOptions {
            mode: match saved.mode.as_str() {
                "normal" => PlanMode::Normal,
                "destroy" => PlanMode::Destroy,
                "refresh-only" => PlanMode::RefreshOnly,
                _ => return Err(unknown("mode")),
            },
            refresh: match saved.refresh.as_str() {
                "all" => Refresh::All,
                "touched" => Refresh::Touched,
                "none" => Refresh::None,
                _ => return Err(unknown("way to refresh")),
            },
            imports: Vec::new(),
            configure: std::collections::BTreeSet::new(),
            targets: saved.targets.iter().map(pattern).collect::<Result<_, _>>()?,
            excludes: saved.excludes.iter().map(pattern).collect::<Result<_, _>>()?,
            replace: saved
                .replace
                .iter()
                .map(|text| InstanceAddr::from_str(text).map_err(|_| unknown("address")))
                .collect::<Result<_, _>>()?,
            assert: saved.assert.iter().map(target).collect::<Result<_, _>>()?,
            allow_data_loss: saved
                .allow_data_loss
                .iter()
                .map(|(text, most)| Ok((target(text)?, *most)))
                .collect::<Result<_, Diagnostic>>()?,
            allow_deletes: saved.allow_deletes,
            wait_drain: saved.wait_drain_seconds.map(std::time::Duration::from_secs),
            confirm: saved.confirm.iter().map(target).collect::<Result<_, _>>()?,
            invoke: saved.invoke.iter().map(target).collect::<Result<_, _>>()?,
            again: saved.again,
            undo: match &saved.undo {
                None => None,
                Some(undo) => Some(Arc::new(Undo {
                    run: Arc::clone(&undo.run),
                    told: Arc::clone(&undo.told),
                    lost: undo.lost.clone(),
                    without_secrets: undo
                        .without_secrets
                        .iter()
                        .map(|text| InstanceAddr::from_str(text).map_err(|_| unknown("address")))
                        .collect::<Result<_, _>>()?,
                    dependencies: undo.dependencies()?,
                })),
            },
        })
    }
}

impl SavedView {
    /// Returns the widest drawing that fits.
    fn short_of(&self, width: usize) -> &str {
        let fitting = self.short.iter().rev().find(|drawing| drawing.width <= width);
        fitting.or(self.short.first()).map_or("", |drawing| drawing.text.as_str())
    }
}

impl SavedOptions {
    pub(super) fn of(options: &PlanOptions) -> Self {
        Self {
            mode: match options.mode {
                PlanMode::Normal => "normal",
                PlanMode::Destroy => "destroy",
                PlanMode::RefreshOnly => "refresh-only",
            }
            .to_owned(),
            refresh: match options.refresh {
                Refresh::All => "all",
                Refresh::Touched => "touched",
                Refresh::None => "none",
            }
            .to_owned(),
            targets: options.targets.iter().map(ToString::to_string).collect(),
            excludes: options.excludes.iter().map(ToString::to_string).collect(),
            replace: options.replace.iter().map(ToString::to_string).collect(),
            assert: options.assert.iter().map(ToString::to_string).collect(),
            allow_data_loss: options
                .allow_data_loss
                .iter()
                .map(|(target, most)| (target.to_string(), *most))
                .collect(),
            allow_deletes: options.allow_deletes,
            wait_drain_seconds: options.wait_drain.map(|wait| wait.as_secs()),
            confirm: options.confirm.iter().map(ToString::to_string).collect(),
            invoke: options.invoke.iter().map(ToString::to_string).collect(),
            again: options.again,
            undo: options.undo.as_ref().map(|undo| SavedUndo {
                run: Arc::clone(&undo.run),
                told: Arc::clone(&undo.told),
                lost: undo.lost.clone(),
                without_secrets: undo.without_secrets.iter().map(ToString::to_string).collect(),
                dependencies: undo
                    .dependencies
                    .iter()
                    .map(|(addr, on)| (addr.to_string(), on.iter().map(ToString::to_string).collect()))
                    .collect(),
            }),
        }
    }
}

/// Names a status as it is saved.
pub(super) fn status_name(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::Complete => "complete",
        PlanStatus::Incomplete => "incomplete",
        PlanStatus::Denied => "denied",
        PlanStatus::Errored => "errored",
    }
}

/// Takes the colours out of a text.
fn plain(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        result.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    result.push_str(rest);
    result
}
