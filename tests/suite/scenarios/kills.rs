//! Updates in several steps whose run ends at any boundary of the journal: a plain apply finishes them, without a
//! step that is lost and without a resize that is made twice.

use queueform::emulator::System;
use queueform::emulator::dms::Instance;

use super::instances::CLUSTER;
use super::instances::CLUSTER_CHANGED;
use super::instances::PUBLIC;
use super::instances::SINGLE;
use super::instances::changed_public;
use super::instances::public_single;
use super::script::PREAMBLE;
use crate::engine::Lab;
use crate::engine::apply_dying;
use crate::engine::settle;

/// Applies the first configuration and then, dying after so many writes, the second one; for every number.
async fn killed_everywhere(first: &str, second: &str, resizes: usize, check: impl Fn(&Instance)) {
    let (first, second) = (format!("{PREAMBLE}{first}"), format!("{PREAMBLE}{second}"));
    let mut writes = 0;
    loop {
        let lab = Lab::new(&first);
        lab.converge().await;
        let before = lab.dms().instances().remove(0);
        lab.write(&second);
        let whole = apply_dying(&lab, writes).await;
        settle(&lab, &format!("{writes} writes")).await;
        let mut all = lab.dms().instances();
        assert_eq!(all.len(), 1, "{writes} writes");
        let after = all.remove(0);
        assert_eq!(after.id, before.id, "{writes} writes");
        check(&after);
        let calls = lab.calls();
        let extends = calls.iter().filter(|call| call.method == "POST" && call.path.ends_with("/extend"));
        assert_eq!(extends.filter(|call| call.committed).count(), resizes, "{writes} writes");
        let creates = lab.emulator.store().creates(System::Dms);
        assert!(creates.values().all(|count| *count == 1), "{writes} writes: {creates:?}");
        if whole {
            break;
        }
        writes += 1;
        assert!(writes < 200, "it never gets through");
    }
    assert!(writes > 4, "{writes} writes are too few to be all of them");
}

#[tokio::test]
async fn everything_about_a_cluster_changes_whenever_the_run_dies() {
    killed_everywhere(CLUSTER, CLUSTER_CHANGED, 3, |instance| {
        assert_eq!((instance.name.as_str(), instance.enable_acl), ("tf-s1-renamed", false));
        assert_eq!((instance.product_id.as_str(), instance.broker_num), ("c6.8u16g.cluster", 2));
        assert_eq!((instance.total_storage_space, instance.tls_mode.as_str()), (1200, "PLAINTEXT"));
        assert_eq!(instance.tags.len(), 3);
        assert!(instance.tags.values().all(|value| value.ends_with("_update")), "{:?}", instance.tags);
        assert_eq!(instance.configs["fileReservedTime"], "72");
    })
    .await;
}

#[tokio::test]
async fn public_addresses_are_bound_again_whenever_the_run_dies() {
    killed_everywhere(PUBLIC, &changed_public(), 2, |instance| {
        assert_eq!((instance.name.as_str(), instance.enable_acl), ("tf-s3-renamed", false));
        assert_eq!((instance.broker_num, instance.total_storage_space), (2, 800));
        assert_eq!(instance.publicip_ids.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_public_address_is_bound_whenever_the_run_dies() {
    killed_everywhere(SINGLE, &public_single(), 0, |instance| {
        assert_eq!((instance.name.as_str(), instance.publicip_ids.len()), ("tf-s4-renamed", 1));
    })
    .await;
}
