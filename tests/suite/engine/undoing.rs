//! Undoing runs: what was changed is as it was, what was made is gone, what was deleted is there again.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use std::collections::BTreeMap;

use fastrand::Rng;
use queueform::api::Stop;
use queueform::api::Stopper;
use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
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
    let mut users = String::new();
    for name in NAMES.iter().filter(|_| rng.bool()).collect::<Vec<_>>() {
        let (version, admin) = (rng.usize(1..3), rng.bool());
        let perm = ["PUB", "SUB", "DENY"][rng.usize(..3)];
        users.push_str(&format!(
            "    {name} = {{ version = {version}, admin = {admin}, perms = {{ orders = {perm:?} }} }}\n"
        ));
    }
    text.push_str(&format!(
        "resource \"dms_rocketmq_user\" \"user\" {{\n  for_each = {{\n{users}  }}\n  instance_id = \"{INSTANCE}\"\n  access_key = \"${{each.key}}-user\"\n  secret_key = \"Secret-key-${{each.value.version}}\"\n  secret_key_version = each.value.version\n  admin = each.value.admin\n  topic_perms = each.value.perms\n}}\n"
    ));
    text.push_str(&format!(
        "locals {{\n  groups = {{\n{groups}  }}\n}}\nresource \"dms_rocketmq_consumer_group\" \"group\" {{\n  for_each = local.groups\n  instance_id = \"{INSTANCE}\"\n  name = each.key\n  retry_max_times = each.value.retries\n  enabled = each.value.enabled\n  broadcast = each.value.broadcast\n  description = each.value.description\n}}\n"
    ));
    text
}

/// The versions of the secrets of users, by address.
fn secrets(lab: &Lab) -> BTreeMap<String, u64> {
    let state = lab.state();
    let users = state.resources.iter().filter(|(addr, _)| &*addr.resource.kind == "dms_rocketmq_user");
    users
        .map(|(addr, instance)| {
            let attributes = &instance.current.as_ref().unwrap().attributes;
            let fields: serde_json::Value = serde_json::from_str(attributes.raw()).unwrap();
            (addr.to_string(), fields["secret_key_version"].as_u64().unwrap())
        })
        .collect()
}

/// Undoes the last run, and returns what is told of users that do not return as they were; none if the run did nothing
/// that returns.
async fn undone_but_for(lab: &Lab) -> Option<BTreeMap<String, String>> {
    let told = |lines: &mut dyn Iterator<Item = String>| -> BTreeMap<String, String> {
        let users = lines.filter(|line| line.starts_with("dms_rocketmq_user"));
        let parts = |line: String| {
            let (addr, why) = line.split_once(": ").unwrap();
            (addr.to_owned(), why.to_owned())
        };
        users.map(parts).collect()
    };
    match ops::undo::prepare(&lab.open(), None, &PlanOptions::normal()) {
        Ok(past) => {
            let lost = past.options.undo.unwrap();
            undone(lab).await;
            Some(told(&mut lost.lost.iter().map(ToString::to_string)))
        }
        Err(found) => {
            let first = found.iter().next().unwrap();
            assert!(first.summary.contains("nothing of run"), "{}", listed(&found));
            None
        }
    }
}

const GONE: &str =
    "it cannot be made again: its `secret_key` is not kept anywhere; put its block back and apply";
const KEPT: &str = "`secret_key` stays as it is now, the one before is not kept";

/// What differs from how it was when a run is undone: users that were deleted, and secrets that were changed.
fn losses(was: &BTreeMap<String, u64>, is: &BTreeMap<String, u64>) -> BTreeMap<String, String> {
    let lost = was.iter().filter_map(|(addr, version)| match is.get(addr) {
        None => Some((addr.clone(), GONE.to_owned())),
        Some(now) if now != version => Some((addr.clone(), KEPT.to_owned())),
        Some(_) => None,
    });
    lost.collect()
}

/// What the configuration before a run changes after it was undone.
fn left(losses: &BTreeMap<String, String>) -> Vec<String> {
    let verb = |why: &str| if why == GONE { "create" } else { "update" };
    losses.iter().map(|(addr, why)| format!("{} {addr}", verb(why))).collect()
}

/// Whatever a run changed, made and deleted: when it is undone, the configuration before it has nothing to do, but for
/// what cannot return, which is told.
#[tokio::test]
async fn a_run_that_is_undone_has_never_been() {
    for seed in 0..12 {
        let mut rng = Rng::with_seed(seed);
        let (before, after) = (estate(&mut rng), estate(&mut rng));
        let lab = lab(&before);
        lab.converge().await;
        let was = lab.state();
        let users = secrets(&lab);
        lab.write(&after);
        match lab.apply_with(PlanOptions { allow_deletes: Some(u64::MAX), ..PlanOptions::normal() }).await {
            ApplyOutcome::Applied(planned, applied) => {
                assert!(applied.complete, "{}", listed(&planned.plan.diagnostics));
            }
            ApplyOutcome::Unchanged(_) => continue,
            other => panic!("seed {seed}: {other:?}"),
        }
        let users_after = secrets(&lab);
        let lost = losses(&users, &users_after);
        assert_eq!(Box::pin(undone_but_for(&lab)).await.unwrap(), lost, "seed {seed}");
        let is = lab.state();
        let wanted =
            was.resources.keys().filter(|addr| lost.get(&addr.to_string()).is_none_or(|why| why != GONE));
        assert_eq!(is.resources.keys().collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "seed {seed}");
        // What depended on what is remembered.
        for (addr, instance) in &is.resources {
            let known = was.resources[addr].current.as_ref().map(|object| &object.dependencies);
            assert_eq!(
                instance.current.as_ref().map(|object| &object.dependencies),
                known,
                "seed {seed} {addr}"
            );
        }
        lab.write(&before);
        let planned = lab.plan().await;
        let mut changes = super::lab::actions(&planned);
        changes.sort();
        assert_eq!(changes, sorted(left(&lost)), "seed {seed}\n{}", listed(&planned.plan.diagnostics));
        // What is undone can be undone.
        let lost_again = losses(&users_after, &secrets(&lab));
        assert_eq!(Box::pin(undone_but_for(&lab)).await.unwrap(), lost_again, "seed {seed}, again");
        lab.write(&after);
        let planned = lab.plan().await;
        let mut changes = super::lab::actions(&planned);
        changes.sort();
        assert_eq!(changes, sorted(left(&lost_again)), "seed {seed}, again");
    }
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
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
/// An instance that is made again has another id; what belongs to it follows.
#[tokio::test]
async fn what_belongs_to_an_object_that_is_made_again_follows() {
    let instance = "provider \"dms\" {}\nresource \"dms_rocketmq_instance\" \"main\" {\n  name = \"main\"\n  engine_version = \"4.8.0\"\n  flavor_id = \"c6.4u8g.cluster.small\"\n  storage_spec_code = \"dms.physical.storage.high.v2\"\n  storage_space = 300\n  vpc_id = \"vpc-demo\"\n  subnet_id = \"subnet-demo\"\n  security_group_id = \"sg-demo\"\n  availability_zones = [\"ru-moscow-1a\"]\n}\nresource \"dms_rocketmq_topic\" \"topic\" {\n  for_each = toset([\"orders\", \"refunds\"])\n  instance_id = dms_rocketmq_instance.main.id\n  name = each.key\n  read_queue_num = 8\n  write_queue_num = 8\n}\n";
    let lab = Lab::new(instance);
    lab.converge().await;
    let id = |lab: &Lab| {
        let state = lab.state();
        let addr = "dms_rocketmq_instance.main".parse().unwrap();
        state.instance(&addr).and_then(|found| found.current.as_ref()?.attributes.text("id"))
    };
    let first = id(&lab).unwrap();
    lab.write("provider \"dms\" {}\n");
    let all = PlanOptions { allow_deletes: Some(100), ..PlanOptions::normal() };
    assert!(matches!(lab.apply_with(all).await, ApplyOutcome::Applied(..)));
    assert_eq!(id(&lab), None);
    undone(&lab).await;
    // The instance comes first, and the topics are in it.
    let calls = lab.calls();
    let made: Vec<&str> =
        calls.iter().rev().filter(|call| call.method == "POST").map(|call| &*call.path).collect();
    assert!(
        made[0].ends_with("/topics") && made[1].ends_with("/topics") && made[2].ends_with("/instances"),
        "{made:?}"
    );
    assert_ne!(id(&lab).unwrap(), first);
    lab.write(instance);
    lab.settled().await;
}

const CLUSTER: &str = "variable \"name\" {}\nresource \"dms_rocketmq_instance\" \"main\" {\n  name = var.name\n  engine_version = \"4.8.0\"\n  flavor_id = \"c6.4u8g.cluster.small\"\n  storage_spec_code = \"dms.physical.storage.high.v2\"\n  storage_space = 300\n  vpc_id = \"vpc-demo\"\n  subnet_id = \"subnet-demo\"\n  security_group_id = \"sg-demo\"\n  availability_zones = [\"ru-moscow-1a\"]\n}\nmodule \"own\" {\n  source = \"../queues\"\n  instance_id = dms_rocketmq_instance.main.id\n  names = [\"own\"]\n}\noutput \"id\" {\n  value = dms_rocketmq_instance.main.id\n}\n";

const QUEUES: &str = "variable \"instance_id\" {}\nvariable \"names\" {}\nresource \"dms_rocketmq_topic\" \"topic\" {\n  for_each = toset(var.names)\n  instance_id = var.instance_id\n  name = each.key\n}\n";

const ACROSS: &str = "provider \"dms\" {}\nmodule \"cluster\" {\n  source = \"./cluster\"\n  for_each = toset([\"west\", \"east\"])\n  name = each.key\n}\nmodule \"queues\" {\n  source = \"./queues\"\n  count = 2\n  instance_id = module.cluster[[\"west\", \"east\"][count.index]].id\n  names = [\"orders\", \"refunds\"]\n}\nresource \"dms_rocketmq_topic\" \"direct\" {\n  instance_id = module.cluster[\"west\"].id\n  name = \"direct\"\n}\n";

/// A lab with modules beside its configuration.
fn with_modules(configuration: &str) -> Lab {
    let lab = Lab::new(configuration);
    for (name, text) in [("cluster", CLUSTER), ("queues", QUEUES)] {
        std::fs::create_dir(lab.path().join(name)).unwrap();
        std::fs::write(lab.path().join(name).join("main.qf.hcl"), text).unwrap();
    }
    lab
}

/// The new id of an instance gets to what refers to it in modules beside, around and within its own.
#[tokio::test]
async fn new_ids_get_from_module_to_module() {
    let lab = with_modules(ACROSS);
    lab.converge().await;
    let ids = |lab: &Lab| -> BTreeMap<String, String> {
        let state = lab.state();
        let all = state.resources.iter().filter_map(|(addr, instance)| {
            let attributes = &instance.current.as_ref()?.attributes;
            let id = attributes.text("instance_id").or_else(|| attributes.text("id"))?;
            Some((addr.to_string(), id))
        });
        all.collect()
    };
    let before = ids(&lab);
    assert_eq!(before.len(), 9, "{before:?}");
    lab.write("provider \"dms\" {}\n");
    let all = PlanOptions { allow_deletes: Some(100), ..PlanOptions::normal() };
    assert!(matches!(lab.apply_with(all).await, ApplyOutcome::Applied(..)));
    assert!(ids(&lab).is_empty());
    undone(&lab).await;
    let after = ids(&lab);
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for (addr, id) in &before {
        assert_ne!(after[addr], *id, "{addr}");
        let name =
            before.iter().find(|(known, known_id)| known.contains("instance") && *known_id == id).unwrap().0;
        assert_eq!(after[addr], after[name], "{addr} is in another instance");
    }
    lab.write(ACROSS);
    lab.settled().await;
}

/// Of what is named, what it needs is made again too; without what is left out, nothing that needs it is.
#[tokio::test]
async fn what_is_chosen_is_whole() {
    let topics = "provider \"dms\" {}\nmodule \"cluster\" {\n  source = \"./cluster\"\n  name = \"main\"\n}\nresource \"dms_rocketmq_topic\" \"orders\" {\n  instance_id = module.cluster.id\n  name = \"orders\"\n}\nresource \"queueform_data\" \"apart\" {}\n";
    let lab = with_modules(topics);
    lab.converge().await;
    lab.write("provider \"dms\" {}\n");
    let all = PlanOptions { allow_deletes: Some(100), ..PlanOptions::normal() };
    assert!(matches!(lab.apply_with(all).await, ApplyOutcome::Applied(..)));
    let planned = async |options: PlanOptions| {
        let past = ops::undo::prepare(&lab.open(), None, &options)
            .unwrap_or_else(|found| panic!("{}", listed(&found)));
        let project = past.project.output.unwrap();
        let planned =
            ops::plan::plan(&project, &past.options, &ops::plan::now(), &Stop::never()).await.unwrap();
        sorted(super::lab::actions(&planned))
    };
    let named = |addr: &str| vec![addr.parse().unwrap()];
    let targets = PlanOptions { targets: named("dms_rocketmq_topic.orders"), ..PlanOptions::normal() };
    assert_eq!(
        planned(targets).await,
        ["create dms_rocketmq_topic.orders", "create module.cluster.dms_rocketmq_instance.main"]
    );
    let excludes =
        PlanOptions { excludes: named("module.cluster.dms_rocketmq_instance.main"), ..PlanOptions::normal() };
    assert_eq!(planned(excludes).await, ["create queueform_data.apart"]);
}

/// An undo that stopped half-way goes on where it stopped, also when ids are new by then.
#[tokio::test]
async fn an_undo_that_failed_goes_on() {
    let text = "provider \"dms\" {}\nmodule \"cluster\" {\n  source = \"./cluster\"\n  name = \"main\"\n}\n";
    let lab = with_modules(text);
    lab.converge().await;
    lab.write("provider \"dms\" {}\n");
    let all = PlanOptions { allow_deletes: Some(100), ..PlanOptions::normal() };
    assert!(matches!(lab.apply_with(all).await, ApplyOutcome::Applied(..)));
    let run = ops::history::read(&lab.open().place).unwrap().runs.last().unwrap().header.id.to_string();
    let refuse = FaultRule::new(Fault::Status { status: 400, code: Some("DMS.00400002".to_owned()) });
    lab.emulator.store().add_fault(System::Dms, refuse.on("POST", "/topics").times(1));
    let Ok(ApplyOutcome::Applied(_, applied)) = undo(&lab, Some(&run), PlanOptions::normal()).await else {
        panic!()
    };
    assert!(!applied.complete);
    let Ok(ApplyOutcome::Applied(_, applied)) = undo(&lab, Some(&run), PlanOptions::normal()).await else {
        panic!()
    };
    assert!(applied.complete, "{}", listed(&applied.diagnostics));
    lab.write(text);
    lab.settled().await;
    // There is nothing left of it.
    let found = undo(&lab, Some(&run), PlanOptions::normal()).await.unwrap_err();
    assert!(listed(&found).contains("nothing of run"), "{}", listed(&found));
}

/// What was made before something, because it was said so and for no other reason, comes first again, also over modules.
#[tokio::test]
async fn what_is_made_again_keeps_its_order() {
    let topic = |label: &str, more: &str| {
        format!(
            "resource \"dms_rocketmq_topic\" \"{label}\" {{\n  instance_id = \"{INSTANCE}\"\n  name = \"{label}\"\n{more}}}\n"
        )
    };
    let text = format!(
        "provider \"dms\" {{}}\n{}{}module \"a\" {{\n  source = \"./queues\"\n  instance_id = \"{INSTANCE}\"\n  names = [\"inner\"]\n  depends_on = [dms_rocketmq_topic.zzz]\n}}\n",
        topic("zzz", ""),
        topic("bbb", "  depends_on = [dms_rocketmq_topic.zzz]\n"),
    );
    let lab = with_modules(&text);
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.converge().await;
    let was = lab.state();
    lab.write("provider \"dms\" {}\n");
    let all = PlanOptions { allow_deletes: Some(100), ..PlanOptions::normal() };
    assert!(matches!(lab.apply_with(all).await, ApplyOutcome::Applied(..)));
    let run = ops::history::read(&lab.open().place).unwrap().runs.last().unwrap().header.id.to_string();
    let refuse = FaultRule::new(Fault::Status { status: 400, code: Some("DMS.00400002".to_owned()) });
    lab.emulator.store().add_fault(System::Dms, refuse.on("POST", "/topics").times(1));
    let Ok(ApplyOutcome::Applied(_, applied)) = undo(&lab, Some(&run), PlanOptions::normal()).await else {
        panic!()
    };
    assert!(!applied.complete);
    // What depends on the topic that could not be made is not made.
    assert!(lab.state().resources.is_empty(), "{:?}", lab.state().resources.keys());
    let Ok(ApplyOutcome::Applied(_, applied)) = undo(&lab, Some(&run), PlanOptions::normal()).await else {
        panic!()
    };
    assert!(applied.complete, "{}", listed(&applied.diagnostics));
    let is = lab.state();
    for (addr, instance) in &was.resources {
        let of =
            |instance: &queueform::state::Instance| instance.current.as_ref().unwrap().dependencies.clone();
        assert_eq!(of(&is.resources[addr]), of(instance), "{addr}");
    }
    lab.write(&text);
    lab.settled().await;
}
