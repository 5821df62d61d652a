//! Parameters of instances.

use queueform::emulator::dms::InstanceSeed;

use super::script::Expected;
use super::script::Script;
use crate::engine::listed;

const PUT: &str = "PUT /instances/{id}/configs";

fn config(id: &str, settings: &str) -> String {
    format!(
        "resource \"dms_rocketmq_instance_config\" \"main\" {{\ninstance_id = \"{id}\"\nsettings = {settings}\n}}\n"
    )
}

fn kept(script: &Script, id: &str) -> Option<String> {
    script.lab.dms().broker(id).unwrap().instance.configs.get("fileReservedTime").cloned()
}

#[tokio::test]
async fn parameters_are_set_changed_and_reset() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("main"));
    let created = Expected {
        actions: &["create dms_rocketmq_instance_config.main"],
        steps: &["create settings"],
        calls: &[PUT],
    };
    script.step(&config(&id, "{ fileReservedTime = 72 }"), created).await;
    assert_eq!(kept(&script, &id).as_deref(), Some("72"));
    let changed = Expected {
        actions: &["update dms_rocketmq_instance_config.main"],
        steps: &["update settings"],
        calls: &[PUT],
    };
    script.step(&config(&id, "{ fileReservedTime = \"24\" }"), changed).await;
    assert_eq!(kept(&script, &id).as_deref(), Some("24"));
    // Somebody else's change is a difference.
    script.lab.dms().edit_instance(&id, |instance| {
        instance.configs.insert("fileReservedTime".to_owned(), "99".to_owned());
    });
    assert!(script.lab.plan().await.has_changes());
    script.lab.converge().await;
    script.settled().await;
    assert_eq!(kept(&script, &id).as_deref(), Some("24"));
    let changed = config(&id, "{ fileReservedTime = \"24\" }");
    script.import(&changed, &[("dms_rocketmq_instance_config.main", id.clone())]).await;
    let gone = Expected {
        actions: &["delete dms_rocketmq_instance_config.main"],
        steps: &["delete defaults"],
        calls: &[PUT],
    };
    script.step("", gone).await;
    assert_eq!(kept(&script, &id).as_deref(), Some("48"));
}

#[tokio::test]
async fn a_parameter_must_exist_and_be_within_its_range() {
    let mut script = Script::new();
    let id = script.seed(&InstanceSeed::new("main"));
    for (settings, said) in [
        ("{ fileReservedTimes = 72 }", "the instance has no parameter `fileReservedTimes`"),
        ("{ fileReservedTime = 721 }", "`fileReservedTime` is 721, not 0-720"),
        ("{ fileReservedTime = \"long\" }", "`fileReservedTime` is long, not 0-720"),
        ("{}", "`settings` must have 1 to 100 elements"),
    ] {
        script.lab.write(&format!("provider \"dms\" {{}}\n{}", config(&id, settings)));
        let planned = script.lab.plan().await;
        let found = listed(&planned.plan.diagnostics);
        assert!(!planned.is_applicable() && found.contains(said), "{settings}: {found}");
    }
}
