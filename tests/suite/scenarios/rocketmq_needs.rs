//! What each kind of instance in a disaster recovery plan needs is said by the plan, with the place.

use super::rocketmq::Course;
use super::rocketmq::MAIN;
use super::rocketmq::STANDBY;
use super::rocketmq::block;
use super::rocketmq::external;
use super::rocketmq::own;
use super::rocketmq::plan;
use crate::engine::listed;

#[tokio::test]
async fn a_plan_says_what_each_instance_needs() {
    let mut course = Course::new();
    let active = own(MAIN, "ACTIVE", "");
    let base = external("p", 1);
    let cases = [
        (base.replace("vpc_id = \"vpc-1\", ", ""), "`instances[1].vpc_id` is needed"),
        (base.replace("vswitch_id = \"vsw-1\", ", ""), "`instances[1].vswitch_id` is needed"),
        (base.replace("security_group_id = \"sg-1\", ", ""), "`instances[1].security_group_id` is needed"),
        (base.replace("TCP_VPC", "TCP_INTERNET"), "`instances[1].vpc_id` is for `EXTERNAL_ROCKETMQ` with"),
        (base.replace("network_type = \"TCP_VPC\", ", ""), "`instances[1].network_type` is needed"),
        (
            base.replace("endpoint_url = \"ns.example.com:9876\", ", ""),
            "`instances[1].endpoint_url` is needed",
        ),
        (base.replace("username = \"u\", ", ""), "`instances[1].username` is needed"),
        (base.replace("password = \"p\", ", ""), "`instances[1].password` is needed"),
        (base.replace("ACL_AUTH", "NO_AUTH"), "`instances[1].username` goes with"),
        (base.replace("auth_type = \"ACL_AUTH\", ", ""), "`instances[1].auth_type` is needed"),
        (
            base.replace(", consumer_group_id = \"replicator\"", ""),
            "`instances[1].consumer_group_id` is needed",
        ),
        (
            base.replace("username =", "instance_id = \"x\", username ="),
            "`instances[1].instance_id` is made by the service",
        ),
        (
            own(STANDBY, "PASSIVE", ", endpoint_url = \"x\""),
            "`instances[1].endpoint_url` is for `EXTERNAL_ROCKETMQ` only",
        ),
        (own(STANDBY, "PASSIVE", ", password = \"x\""), "`instances[1].password` is for"),
        (
            own(STANDBY, "PASSIVE", "").replace(&format!("instance_id = \"{STANDBY}\", "), ""),
            "`instances[1].instance_id` is needed for `ALIYUN_ROCKETMQ` (MissingParameter)",
        ),
        (
            own(STANDBY, "PASSIVE", "").replace(&format!("\"{STANDBY}\""), "null"),
            "`instances[1].instance_id` is needed for `ALIYUN_ROCKETMQ` (MissingParameter)",
        ),
        (
            own(STANDBY, "PASSIVE", "").replace(", auth_type = \"NO_AUTH\"", ""),
            "`instances[1].auth_type` is needed for instances of version 5.x",
        ),
        (own(STANDBY, "passive", ""), "`instances[1].role` must be one of"),
        (own(STANDBY, "ACTIVE", ""), "one `ACTIVE` and one `PASSIVE`"),
        (own(MAIN, "PASSIVE", ""), "in the plan twice"),
    ];
    for (member, said) in cases {
        let found = course.refused(&plan("", &[&active, &member])).await;
        assert!(found.contains(said), "{said}: {found}");
    }
    // An existing plan is no excuse, and an id that is known later is one.
    let (passive, other) = (own(STANDBY, "PASSIVE", ""), own("rmq-cn-none", "PASSIVE", ""));
    let mut course = Course::new();
    course
        .step(
            &plan("", &[&active, &passive]),
            &["create apsaramq_rocketmq_disaster_recovery_plan.x"],
            &["POST disaster_recovery"],
        )
        .await;
    let nameless = other.replace("instance_id = \"rmq-cn-none\", ", "");
    let found = course.refused(&plan("description = \"d\"", &[&active, &nameless])).await;
    assert!(found.contains("`instances[1].instance_id` is needed"), "{found}");
    let later = other.replace("\"rmq-cn-none\"", "apsaramq_rocketmq_instance.x.id");
    let order = block(
        "instance",
        "series = \"standard\"\nsub_series = \"cluster_ha\"\npayment_type = \"PayAsYouGo\"\nvpc_id = \"vpc-1\"\n\
         vswitch_ids = [\"vsw-1\"]\nspec = \"rmq.s2.2xlarge\"\ninternet = { enabled = false }",
    );
    course.write(&format!("{order}{}", plan("", &[&active, &later])));
    let planned = course.lab.plan().await;
    assert!(planned.is_applicable(), "{}", listed(&planned.plan.diagnostics));
    let found = course.refused(&plan("auto_sync_checkpoint = true", &[&active, &base])).await;
    assert!(found.contains("needs `sync_checkpoint_enabled = true`"), "{found}");
}
