//! The state is looked at every 2 ms while a large apply writes it: it parses at every moment.
//!
//! `QUEUEFORM_CHAOS_OBJECTS` is the number of objects.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use queueform::api::Stop;
use queueform::emulator::dms::InstanceSeed;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::place::OpenState;
use queueform::plan::PlanOptions;
use queueform::state::document;
use queueform::state::store::Holder;
use queueform::state::store::Layout;
use queueform::state::store::Ledger;
use queueform::state::store::LocalStore;
use queueform::state::store::Request;
use queueform::state::store::Store as _;
use queueform::state::store::SystemClock;
use queueform::state::store::view;

use crate::engine::Lab;
use crate::engine::listed;
use crate::engine::told;

use super::figures::record;
use super::process::TICK;

const INSTANCE: &str = "11111111-2222-4333-8444-555555555555";

/// The journal is folded into the snapshot whenever it is larger than this: as often as possible.
const FOLD_FROM: u64 = 4 * 1024;

fn estate(objects: u64) -> String {
    format!(
        r#"
        provider "dms" {{}}
        resource "dms_rocketmq_consumer_group" "group" {{
          for_each    = toset([for i in range({objects}) : format("group-%04d", i)])
          instance_id = "{INSTANCE}"
          name        = each.key
        }}
        "#
    )
}

#[tokio::test]
async fn the_state_parses_at_every_moment_of_a_large_apply() {
    let objects = std::env::var("QUEUEFORM_CHAOS_OBJECTS").map_or(150, |text| text.parse().unwrap());
    let lab = Lab::new(&estate(objects));
    lab.dms().seed_instance(&InstanceSeed::new("main").id(INSTANCE));
    lab.dms().set_quotas(10_000, 10_000);
    let store = LocalStore::new(Layout::new(lab.path(), Layout::DEFAULT, true).unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let sampler = std::thread::spawn({
        let (store, over) = (store.clone(), Arc::clone(&over));
        move || {
            let (mut samples, mut snapshots, mut broken, mut seen) = (0_u64, 0_u64, 0_u64, Vec::new());
            while !over.load(Ordering::Relaxed) {
                if let Ok(bytes) = std::fs::read(store.layout().state())
                    && bytes != seen
                {
                    snapshots += 1;
                    broken += u64::from(document::read(&bytes).is_err());
                    seen = bytes;
                }
                samples += 1;
                if samples % 100 == 1 {
                    view(&store).unwrap();
                }
                std::thread::sleep(TICK);
            }
            (samples, snapshots, broken)
        }
    });
    let project = lab.open();
    let holder = Holder::this_process("apply", &SystemClock::default());
    let request = Request { holder: holder.clone(), lock: true, wait: Duration::from_secs(30) };
    let (ledger, recovered) = Ledger::open(&store, &request).unwrap();
    ledger.fold_journal_from(FOLD_FROM);
    let open = OpenState { ledger: Arc::new(ledger), recovered, holder };
    let never = Stop::never();
    let state = open.ledger.state(Clone::clone);
    let now = ops::plan::now();
    let options = PlanOptions::normal();
    let planned = ops::plan::plan_on(&project, state, Some(&open.ledger), &options, &now, &never);
    let planned = planned.await.unwrap_or_else(|found| panic!("{}", listed(&found)));
    let ports = ApplyPorts { approve: &mut |_| true, events: &mut |_| {}, stop: &never, abort: &never };
    let outcome =
        ops::apply::carry_out(&project, planned, &ops::apply::new_id(), &open, ports).await.unwrap();
    assert!(matches!(&outcome, ApplyOutcome::Applied(_, applied) if applied.complete), "{}", told(&outcome));
    drop(open);
    over.store(true, Ordering::Relaxed);
    let (samples, snapshots, broken) = sampler.join().unwrap();
    assert_eq!(lab.state().objects().count() as u64, objects);
    assert!(store.holder().unwrap().is_none());
    let figures =
        format!("{objects} objects, {samples} looks, {snapshots} snapshots seen, {broken} unparsable");
    if std::env::var_os("QUEUEFORM_CHAOS_OBJECTS").is_some() {
        record("state during a large apply", &figures);
    } else {
        println!("state during a large apply: {figures}");
    }
    assert_eq!(broken, 0);
    assert!(snapshots > 1, "the state was written once only");
}
