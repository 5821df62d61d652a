//! Where we differ from Terraform's documents on purpose, with the reasons.

/// Returns true if a difference is meant. `what` is the case, its step and the document.
pub(super) fn is_meant(what: &str, difference: &str) -> bool {
    let (at, told) = difference.split_once(": ").unwrap();
    let last = at.rsplit('/').next().unwrap();
    let (only_ours, only_theirs) = (told.strip_prefix("only ours: "), told.strip_prefix("only theirs: "));
    let dependencies = last == "depends_on" && is_part(told);
    dependencies
        || always(at, last, only_ours, only_theirs)
        || secrets(at, last, told)
        || sometimes(what, at, last, told)
}

/// Only what an object is made from is remembered of it; there, it is all of a module that it takes one output of.
fn is_part(told: &str) -> bool {
    let Some((theirs, ours)) = told.strip_prefix("theirs ").and_then(|told| told.split_once(", ours "))
    else {
        return false;
    };
    let names = |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap_or_default();
    let theirs = names(theirs);
    names(ours).iter().all(|name| theirs.contains(name))
}

fn always(at: &str, last: &str, only_ours: Option<&str>, only_theirs: Option<&str>) -> bool {
    // Lists and tables that are empty are there: readers need no second path.
    let empty = matches!(only_ours, Some("[]" | "{}"));
    let top = at.matches('/').count() == 1;
    (empty && (top || last == "values"))
        // Resources of modules say so in values, too, as they do among the changes.
        || (last == "module_address" && only_ours.is_some())
        // The state before the plan, not with the outputs that the configuration makes of it.
        || at.starts_with("/prior_state/values/outputs")
        || (at == "/prior_state" && only_theirs.is_some_and(|text| !text.contains("resources")))
        // Data sources are read by every plan and kept in no state.
        || (at.contains("/data.") || at.contains(".data.")) && !at.starts_with("/resource_changes") && only_theirs.is_some()
        || (last == "depends_on" && only_theirs.is_some())
        // The whole attribute there, the part of it that differs here.
        || at.contains("/replace_paths/")
}

fn secrets(at: &str, last: &str, told: &str) -> bool {
    // Which variables and constants are secrets is said beside their hidden values.
    (last == "sensitive" && told == "only ours: true")
        // The copy of a secret is a secret too.
        || at.contains("sensitive_values/output") || at.contains("_sensitive/output")
        // A secret is hidden with all its parts.
        || told.ends_with("ours null") && told.starts_with("theirs {\"a\":null}")
        // An output that is no secret any more can be read; there it is one until it is applied.
        || told == "theirs true, ours false" && at.contains("no_secret_any_more")
}

fn sometimes(what: &str, at: &str, last: &str, told: &str) -> bool {
    match what {
        // Messages of conditions are in the order of the conditions.
        "checks 1 plan" | "checks 1 state" => at.contains("/problems/"),
        // A data source in a `check` is read when the plan is made, and again when it is applied.
        "data 1 plan" | "data 2 plan" => at == "/resource_changes/data.queueform_remote_state.scoped",
        "data 2 state" | "data 1 state" => {
            last == "depends_on" && told.contains("data.queueform_remote_state")
        }
        // What stays as it is belongs to what will be, also when only states are refreshed.
        "destroyed 2 plan" => at.starts_with("/planned_values/root_module/"),
        // What the last run left, not what the configuration makes of it before everything goes.
        "destroyed 3 plan" => at == "/output_changes/a/before",
        // An output that cannot be told is not known.
        "errored 2 plan" => at == "/output_changes/bad" || at == "/planned_values/outputs/bad",
        // Templates are not computed, even if all their parts are constants.
        "expressions 1 plan" => at.ends_with("triggers_replace/constant_value"),
        // What is forgotten will not be there.
        "removed 2 plan" => {
            at.contains("/planned_values/root_module/resources/queueform_data.forgotten")
                // The whole module is gone, not only the block of the resource.
                || told == "theirs \"delete_because_no_resource_config\", ours \"delete_because_no_module\""
        }
        // A secret is hidden, also while it is not known.
        "shapes 1 plan" => last == "both" && told == "only ours: null",
        // Sets are sorted; the identifiers in them are random. So is what is computed from identifiers.
        "shapes 1 state" | "shapes 2 plan" | "shapes 2 state" | "shapes 3 plan" => {
            at.contains("/set/") || last == "calls" || is_secret_copy(at, told)
        }
        // A variable without quotes is a number.
        "second.json" => at == "/variables/size/value" || at.starts_with("/checks"),
        // Conditions of objects that are deleted are not evaluated; those of the last run are not kept.
        "destroy.json" => at.starts_with("/checks"),
        _ => false,
    }
}

/// The state keeps only the fingerprint of a secret, so that its copy is made again when it becomes readable.
fn is_secret_copy(at: &str, told: &str) -> bool {
    at.contains("queueform_data.hidden") && (at.ends_with("/output") || told.starts_with("only ours: {}"))
}
