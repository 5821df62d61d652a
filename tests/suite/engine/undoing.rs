//! Undoing runs: what was changed is as it was, what was made is gone, what was deleted is there again.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use fastrand::Rng;
use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::plan::PlanOptions;
use queueform::plan::PlanStatus;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::applied;
use super::lab::listed;

/// Undoes a run of a lab.
async fn undo(lab: &Lab, run: Option<&str>, options: PlanOptions) -> Result<ApplyOutcome, Diagnostics> {
    let past = ops::undo::prepare(&lab.open(), run, &options)?;
    assert!(!past.project.diagnostics.has_errors(), "{}", listed(&past.project.diagnostics));
    let project = past.project.output.unwrap();
    Ok(applied(&project, past.options, &Stopper::default(), &mut |_event| {}).await)
}

async fn undone(lab: &Lab) {
    match undo(lab, None, PlanOptions::normal()).await.unwrap_or_else(|found| panic!("{}", listed(&found))) {
        ApplyOutcome::Applied(planned, applied) => assert!(
            applied.complete,
            "{}\n{}",
            listed(&planned.plan.diagnostics),
            listed(&applied.diagnostics)
        ),
        ApplyOutcome::Refused(planned) => panic!("{}", listed(&planned.plan.diagnostics)),
        other => panic!("{other:?}"),
    }
}

fn lab(configuration: &str) -> Lab {
    let lab = Lab::new(configuration);
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab
}

const NAMES: [&str; 5] = ["orders", "refunds", "bills", "audits", "events"];

/// A configuration of topics and groups, with any of their settings.
fn estate(rng: &mut Rng) -> String {
    let mut text = "provider \"dms\" {}\n".to_owned();
    let mut topics = String::new();
    for name in NAMES {
        if rng.bool() {
            let queues = [4, 8, 16][rng.usize(..3)];
            let permission = ["all", "pub", "sub"][rng.usize(..3)];
            topics.push_str(&format!("    {name} = {{ queues = {queues}, permission = {permission:?} }}\n"));
        }
    }
    text.push_str(&format!(
        "resource \"dms_rocketmq_topic\" \"topic\" {{\n  for_each = {{\n{topics}  }}\n  instance_id = \"{INSTANCE}\"\n  name = each.key\n  read_queue_num = each.value.queues\n  write_queue_num = each.value.queues\n  permission = each.value.permission\n}}\n"
    ));
    let mut groups = String::new();
    for name in NAMES.iter().filter(|_| rng.bool()).collect::<Vec<_>>() {
        let description = ["null", "\"\"", "\"a ${1}\"", "\"zwei\""][rng.usize(..4)].replace("${", "$${");
        groups.push_str(&format!(
            "    {name} = {{ retries = {}, enabled = {}, broadcast = {}, description = {description} }}\n",
            rng.usize(1..16),
            rng.bool(),
            rng.bool()
        ));
    }
    text.push_str(&format!(
        "locals {{\n  groups = {{\n{groups}  }}\n}}\nresource \"dms_rocketmq_consumer_group\" \"group\" {{\n  for_each = local.groups\n  instance_id = \"{INSTANCE}\"\n  name = each.key\n  retry_max_times = each.value.retries\n  enabled = each.value.enabled\n  broadcast = each.value.broadcast\n  description = each.value.description\n}}\n"
    ));
    text
}

/// Whatever a run changed, made and deleted: when it is undone, the configuration before it has nothing to do.
#[tokio::test]
async fn a_run_that_is_undone_has_never_been() {
    for seed in 0..12 {
        let mut rng = Rng::with_seed(seed);
        let (before, after) = (estate(&mut rng), estate(&mut rng));
        let lab = lab(&before);
        lab.converge().await;
        let was = lab.state();
        lab.write(&after);
        match lab.apply_with(PlanOptions { allow_deletes: Some(u64::MAX), ..PlanOptions::normal() }).await {
            ApplyOutcome::Applied(planned, applied) => {
                assert!(applied.complete, "{}", listed(&planned.plan.diagnostics));
            }
            ApplyOutcome::Unchanged(_) => continue,
            other => panic!("seed {seed}: {other:?}"),
        }
        undone(&lab).await;
        let is = lab.state();
        assert_eq!(
            is.resources.keys().collect::<Vec<_>>(),
            was.resources.keys().collect::<Vec<_>>(),
            "seed {seed}"
        );
        lab.write(&before);
        let planned = lab.plan().await;
        let changes = super::lab::actions(&planned);
        assert!(changes.is_empty(), "seed {seed}: {changes:?}\n{}", listed(&planned.plan.diagnostics));
        // What is undone can be undone.
        undone(&lab).await;
        lab.write(&after);
        let planned = lab.plan().await;
        let changes = super::lab::actions(&planned);
        assert!(changes.is_empty(), "seed {seed}, again: {changes:?}");
    }
}

fn one(queues: u32) -> String {
    format!(
        "provider \"dms\" {{}}\nresource \"dms_rocketmq_topic\" \"a\" {{\n  instance_id = \"{INSTANCE}\"\n  name = \"orders\"\n  read_queue_num = {queues}\n  write_queue_num = {queues}\n}}\n"
    )
}

#[tokio::test]
async fn objects_that_changed_since_are_refused() {
    let lab = lab(&one(8));
    lab.converge().await;
    lab.write(&one(16));
    lab.converge().await;
    let runs = ops::history::read(&lab.open().place).unwrap().runs;
    let second = runs.last().unwrap().header.id.to_string();
    lab.write(&one(4));
    lab.converge().await;
    let refused = undo(&lab, Some(&second), PlanOptions::normal()).await.unwrap_err();
    let first = refused.iter().next().unwrap();
    assert_eq!(first.code, Code::StateMoved);
    assert!(first.summary.contains("was changed again since"), "{}", listed(&refused));
    // The last one can be undone, and then the one before it.
    undone(&lab).await;
    lab.write(&one(16));
    lab.settled().await;
    let unknown = undo(&lab, Some("zzz"), PlanOptions::normal()).await.unwrap_err();
    assert_eq!(unknown.iter().next().unwrap().code, Code::NotFound);
}

#[tokio::test]
async fn what_was_changed_elsewhere_is_not_overwritten() {
    let lab = lab(&one(8));
    lab.converge().await;
    lab.write(&one(16));
    lab.converge().await;
    let project = lab.open();
    let past = ops::undo::prepare(&project, None, &PlanOptions::normal()).unwrap();
    let place = past.project.output.unwrap();
    assert!(lab.dms().edit_topic(INSTANCE, "orders", |topic| topic.permission = "pub".to_owned()));
    let planned = ops::plan::plan(&place, &past.options, &ops::plan::now(), &Stop::never()).await.unwrap();
    assert_eq!(planned.plan.status, PlanStatus::Errored);
    assert!(
        listed(&planned.plan.diagnostics).contains("was changed elsewhere since"),
        "{}",
        listed(&planned.plan.diagnostics)
    );
}

/// An object whose secret is not kept is not made again without it; everything else is undone.
#[tokio::test]
async fn secrets_do_not_return() {
    let user = format!(
        "resource \"dms_rocketmq_user\" \"app\" {{\n  instance_id = \"{INSTANCE}\"\n  access_key = \"application\"\n  secret_key = \"Secret-key-1\"\n  secret_key_version = 1\n}}\n"
    );
    let lab = lab(&format!("{}{user}", one(8)));
    lab.converge().await;
    lab.write(&one(16));
    lab.converge().await;
    let past = ops::undo::prepare(&lab.open(), None, &PlanOptions::normal()).unwrap();
    let lost: Vec<String> =
        past.options.undo.as_ref().unwrap().lost.iter().map(ToString::to_string).collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost.iter().all(|line| line.contains("its `secret_key` is not kept anywhere")), "{lost:?}");
    undone(&lab).await;
    lab.write(&one(8));
    lab.settled().await;
}
