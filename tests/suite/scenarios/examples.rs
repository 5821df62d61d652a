//! The examples of the reference pages are applied, one and all.

use queueform::emulator::dms::InstanceSeed;
use queueform::plan::PlanOptions;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;

use crate::engine::Lab;
use crate::engine::listed;

/// The variables that examples use.
fn variables(iid: &str, more: &[(&str, &str)]) -> String {
    let known = [
        ("instance_id", iid),
        ("vpc_id", "vpc-demo"),
        ("subnet_id", "subnet-demo"),
        ("security_group_id", "sg-demo"),
        ("billing_secret", "Secret-Billing-1"),
    ];
    let all = known.iter().chain(more);
    all.map(|(name, value)| format!("variable \"{name}\" {{\n  default = \"{value}\"\n}}\n")).collect()
}

/// The examples of a kind, by type.
fn examples(kind: ResourceKind) -> Vec<(String, String)> {
    let registry = Registry::embedded();
    let names = registry.type_names(kind).filter(|name| name.starts_with("dms_"));
    names.map(|name| (name.to_string(), registry.resource(kind, name).unwrap().example.to_string())).collect()
}

#[tokio::test]
async fn every_example_of_a_resource_is_applied_and_destroyed() {
    let lab = Lab::new("");
    let iid = lab.dms().seed_instance(&InstanceSeed::new("unused"));
    let all = examples(ResourceKind::Managed);
    assert!(all.len() >= 8, "{}", all.len());
    let text: String = all.iter().map(|(_, example)| format!("{example}\n")).collect();
    lab.write(&format!("provider \"dms\" {{}}\n{}{text}", variables(&iid, &[])));
    lab.converge().await;
    lab.settled().await;
    for (name, _) in &all {
        let state = lab.state();
        assert!(state.objects().any(|(addr, ..)| addr.to_string().contains(&**name)), "{name}");
    }
    // The topics that the migration made are nobody's.
    let allow_data_loss = vec![("dms_rocketmq_instance.main".parse().unwrap(), 10)];
    lab.apply_with(PlanOptions { allow_data_loss, ..PlanOptions::destroy() }).await;
    assert!(lab.state().is_empty());
    assert_eq!(lab.dms().count(), 1);
}

#[tokio::test]
async fn every_example_of_a_data_source_is_read() {
    let lab = Lab::new("");
    let seed = InstanceSeed::new("shared")
        .acl(true)
        .topic("orders", 4)
        .group("billing")
        .user("billing-worker", "Secret-Billing-1")
        .messages("orders", 3)
        .lag("billing", "orders", 2)
        .client("billing", "billing-1", &["orders"])
        .dead_letters("billing", 2);
    let iid = lab.dms().seed_instance(&seed);
    let report = lab.dms().diagnose(&iid, "billing").unwrap();
    let job = lab.dms().restart(&iid).unwrap();
    let more = [("report_id", report.as_str()), ("job_id", job.as_str())];
    for (name, example) in examples(ResourceKind::Data) {
        let example = example.replace("dms_rocketmq_instance.main.id", "var.instance_id");
        lab.write(&format!("provider \"dms\" {{}}\n{}{example}\n", variables(&iid, &more)));
        let planned = lab.plan().await;
        assert!(planned.is_applicable(), "{name}: {}", listed(&planned.plan.diagnostics));
    }
}
