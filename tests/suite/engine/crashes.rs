//! A run may die at any instant: the next one converges, without duplicates and without orphans.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use queueform::api::Stop;
use queueform::diag::Code;
use queueform::emulator::System;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::apply::carry_out;
use queueform::ops::apply::new_id;
use queueform::ops::place::OpenState;
use queueform::ops::plan::now;
use queueform::ops::plan::plan_on;
use queueform::plan::PlanOptions;
use queueform::state::store::Disk;
use queueform::state::store::DiskFile;
use queueform::state::store::Holder;
use queueform::state::store::Layout;
use queueform::state::store::Ledger;
use queueform::state::store::LocalDisk;
use queueform::state::store::LocalStore;
use queueform::state::store::Request;
use queueform::state::store::Stamp;
use queueform::state::store::SystemClock;

use super::lab::INSTANCE;
use super::lab::Lab;
use super::lab::listed;
use super::lab::told;

/// A disk that takes nothing any more after so many writes, as if the process had died there.
#[derive(Debug, Clone)]
struct Dying {
    disk: LocalDisk,
    left: Arc<AtomicU64>,
}

impl Dying {
    fn spend(left: &AtomicU64) -> io::Result<()> {
        let spent = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        spent.map(|_| ()).map_err(|_| io::Error::other("the process is dead"))
    }
}

#[derive(Debug)]
struct DyingFile {
    file: Box<dyn DiskFile>,
    left: Arc<AtomicU64>,
}

impl DiskFile for DyingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        Dying::spend(&self.left)?;
        self.file.write(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    fn cut(&mut self, size: u64) -> io::Result<()> {
        self.file.cut(size)
    }
}

impl Disk for Dying {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(path)
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        self.disk.stamp(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Self::spend(&self.left)?;
        Ok(Box::new(DyingFile { file: self.disk.create(path)?, left: Arc::clone(&self.left) }))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(DyingFile { file: self.disk.append(path)?, left: Arc::clone(&self.left) }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Self::spend(&self.left)?;
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        Self::spend(&self.left)?;
        self.disk.remove(path)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.disk.create_directory(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.disk.sync_directory(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.disk.list(path)
    }
}

const FIRST: &str = r#"
    provider "dms" {}
    resource "dms_rocketmq_topic" "orders" {
      instance_id     = "INSTANCE"
      name            = "orders"
      read_queue_num  = 8
      write_queue_num = 4
    }
    resource "dms_rocketmq_consumer_group" "billing" {
      instance_id = "INSTANCE"
      name        = "billing"
    }
    resource "queueform_data" "note" { input = dms_rocketmq_topic.orders.id }
"#;

const SECOND: &str = r#"
    provider "dms" {}
    resource "dms_rocketmq_topic" "orders" {
      instance_id     = "INSTANCE"
      name            = "orders"
      read_queue_num  = 12
      write_queue_num = 12
    }
    resource "dms_rocketmq_topic" "audit" {
      instance_id     = "INSTANCE"
      name            = "audit"
      read_queue_num  = 2
      write_queue_num = 2
    }
"#;

/// Applies on a disk that dies after so many writes; returns whether all of it was done.
pub(crate) async fn apply_dying(lab: &Lab, writes: u64) -> bool {
    apply_dying_with(lab, PlanOptions::normal(), writes).await
}

/// The same with other options.
pub(crate) async fn apply_dying_with(lab: &Lab, options: PlanOptions, writes: u64) -> bool {
    let project = lab.open();
    let disk = Dying { disk: LocalDisk, left: Arc::new(AtomicU64::new(writes)) };
    let store = LocalStore::new(Layout::new(&project.options.directory, Layout::DEFAULT, true).unwrap())
        .with_disk(Arc::new(disk));
    let holder = Holder::this_process("apply", &SystemClock::default());
    let request = Request { holder: holder.clone(), lock: true, wait: Duration::ZERO };
    let Ok((ledger, recovered)) = Ledger::open(&store, &request) else { return false };
    let open = OpenState { ledger: Arc::new(ledger), recovered, holder };
    let never = Stop::never();
    let state = open.ledger.state(Clone::clone);
    let planned = plan_on(&project, state, Some(&open.ledger), &options, &now(), &never).await;
    let Ok(planned) = planned else { return false };
    let ports = ApplyPorts { approve: &mut |_| true, events: &mut |_| {}, stop: &never, abort: &never };
    match carry_out(&project, planned, &new_id(), &open, ports).await {
        Ok(ApplyOutcome::Applied(_, applied)) => applied.complete,
        Ok(ApplyOutcome::Unchanged(_)) => true,
        _ => false,
    }
}

/// Goes on with a healthy disk until nothing is left to do.
pub(crate) async fn settle(lab: &Lab, context: &str) {
    for _ in 0..2 {
        match lab.apply().await {
            ApplyOutcome::Unchanged(planned) => {
                let findings = &planned.plan.diagnostics;
                assert!(!findings.has_errors(), "{context}: {}", listed(findings));
                return;
            }
            ApplyOutcome::Applied(planned, applied) if applied.complete => {
                // What was waited for is settled, not given up.
                let findings = &planned.plan.diagnostics;
                let open = |code: Code| matches!(code, Code::Pending | Code::InDoubt);
                assert!(!findings.iter().any(|found| open(found.code)), "{context}: {}", listed(findings));
            }
            other => panic!("{context}: {}", told(&other)),
        }
    }
    lab.settled().await;
}

#[tokio::test]
async fn every_boundary_of_the_journal_can_be_the_last() {
    let mut writes = 0;
    loop {
        let lab = Lab::new(&FIRST.replace("INSTANCE", INSTANCE));
        lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
        let whole_first = apply_dying(&lab, writes).await;
        settle(&lab, &format!("creating, {writes} writes")).await;
        assert_eq!(lab.dms().topics(INSTANCE).len(), 1, "{writes} writes");
        assert_eq!(lab.dms().groups(INSTANCE).len(), 1, "{writes} writes");
        assert_eq!(lab.state().resources.len(), 3, "{writes} writes");

        lab.write(&SECOND.replace("INSTANCE", INSTANCE));
        let whole_second = apply_dying(&lab, writes).await;
        settle(&lab, &format!("changing, {writes} writes")).await;
        let creates = lab.emulator.store().creates(System::Dms);
        assert!(creates.values().all(|count| *count == 1), "{writes} writes: {creates:?}");
        let topics = lab.dms().topics(INSTANCE);
        let orders = topics.iter().find(|topic| topic.name == "orders").unwrap();
        assert_eq!((orders.read_queues(), orders.write_queues()), (12, 12), "{writes} writes");
        assert!(lab.dms().groups(INSTANCE).is_empty(), "{writes} writes");
        let state = lab.state();
        let left: Vec<String> =
            state.objects().map(|(target, _, object)| format!("{target}: {:?}", object.status)).collect();
        assert_eq!(left.len(), 2, "{writes} writes: {left:#?}");
        if whole_first && whole_second {
            break;
        }
        writes += 1;
        assert!(writes < 200, "it never gets through");
    }
    assert!(writes > 10, "{writes} writes are too few to be all of them");
}
