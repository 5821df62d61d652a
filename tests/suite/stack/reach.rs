//! How the platform is reached without emulation: address, keys, region; and rehearsals of its estates.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use queueform::api::Stop;
use queueform::api::SystemClock;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::Fault;
use queueform::emulator::FaultRule;
use queueform::emulator::System;
use queueform::ops;
use queueform::ops::project::Emulate;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;
use queueform::plan::PlanOptions;

use super::course::Course;
use super::course::SHOP;
use crate::engine::actions;
use crate::engine::listed;

/// What a plan of a data source says or finds.
pub(super) async fn asked(
    course: &Course,
    provider: &str,
    environment: &[(&str, &str)],
) -> Result<String, String> {
    course.lab.write(&format!(
        "{provider}\ndata \"apsarastack_mq_instances\" \"all\" {{}}\noutput \"all\" {{\n  value = data.apsarastack_mq_instances.all.ids\n}}\n"
    ));
    let environment: BTreeMap<String, String> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let options = ProjectOptions {
        directory: course.lab.path().to_path_buf(),
        environment: Arc::new(environment),
        clock: Some(Arc::new(SystemClock::scaled(0.001))),
        ..ProjectOptions::default()
    };
    let opened = Project::open(options);
    let project = opened.output.ok_or_else(|| listed(&opened.diagnostics))?;
    let planned = ops::plan::plan(&project, &PlanOptions::normal(), &ops::plan::now(), &Stop::never()).await;
    let planned = planned.map_err(|found| listed(&found))?;
    if planned.plan.diagnostics.has_errors() {
        return Err(format!("{:?}", planned.plan.diagnostics));
    }
    Ok(format!("{:?}", planned.plan.outputs))
}

#[tokio::test]
async fn keys_come_from_the_variables_of_the_vendors_providers() {
    let course = Course::seeded(queueform::emulator::apsarastack::InstanceSeed::new("main"));
    let url = course.lab.emulator.endpoint(System::ApsaraStack).to_owned();
    let block = format!("provider \"apsarastack\" {{\n  endpoint = \"{url}\"\n}}\n");
    for prefix in ["ALIBABACLOUDSTACK", "APSARASTACK"] {
        let (key, secret) = (format!("{prefix}_ACCESS_KEY"), format!("{prefix}_SECRET_KEY"));
        let keys = [(&*key, DEMO_ACCESS_KEY), (&*secret, DEMO_SECRET_KEY)];
        assert!(asked(&course, &block, &keys).await.unwrap().contains("BXmain"));
        let wrong = [(&*key, DEMO_ACCESS_KEY), (&*secret, "another-secret-key")];
        let text = asked(&course, &block, &wrong).await.unwrap_err();
        assert!(text.contains("AUTH_SIGNATURE_CHECK_ERROR") && text.contains("belong together"), "{text}");
        assert!(!text.contains("another-secret-key") && !text.contains("_signature="), "{text}");
        // Nothing is said twice with different words.
        let region = format!("{prefix}_REGION");
        let elsewhere = [keys[0], keys[1], (&*region, "cn-nowhere")];
        let text = asked(&course, &block, &elsewhere).await.unwrap_err();
        assert!(text.contains("BIZ_REGION_NOT_FOUND") && text.contains("apsarastack_mq_regions"), "{text}");
    }
    let keys = [("ALIBABACLOUDSTACK_ACCESS_KEY", "k"), ("ALIBABACLOUDSTACK_SECRET_KEY", "secret-of-k")];
    let text = asked(&course, "provider \"apsarastack\" {}\n", &keys).await.unwrap_err();
    assert!(text.contains("endpoint"), "{text}");
    let elsewhere = format!(
        "provider \"apsarastack\" {{\n  endpoint = \"{url}\"\n  region = \"two\"\n  allowed_regions = [\"one\"]\n}}\n"
    );
    let text = asked(&course, &elsewhere, &keys).await.unwrap_err();
    assert!(text.contains("not one of `allowed_regions`"), "{text}");
}

#[tokio::test]
async fn failures_under_status_200_are_failures() {
    let course = Course::seeded(queueform::emulator::apsarastack::InstanceSeed::new("main"));
    let url = course.lab.emulator.endpoint(System::ApsaraStack).to_owned();
    let block = format!("provider \"apsarastack\" {{\n  endpoint = \"{url}\"\n}}\n");
    let keys = [
        ("ALIBABACLOUDSTACK_ACCESS_KEY", DEMO_ACCESS_KEY),
        ("ALIBABACLOUDSTACK_SECRET_KEY", DEMO_SECRET_KEY),
    ];
    let store = course.lab.emulator.store();
    // Flow control and a busy service are asked again, whatever their status.
    for (status, code) in [(200, "Throttling.User"), (200, "ONS_SYSTEM_ERROR"), (503, "ONS_INVOKE_ERROR")] {
        let fault = Fault::Status { status, code: Some(code.to_owned()) };
        store.add_fault(System::ApsaraStack, FaultRule::new(fault).on("GET", "instance/list").times(1));
        assert!(asked(&course, &block, &keys).await.unwrap().contains("BXmain"), "{code}");
    }
    let page = FaultRule::new(Fault::Html { status: 404 }).on("GET", "instance/list").times(1);
    store.add_fault(System::ApsaraStack, page);
    let text = asked(&course, &block, &keys).await.unwrap_err();
    assert!(text.contains("not the message queue console"), "{text}");
}

#[tokio::test]
async fn an_estate_is_rehearsed_from_its_state_alone() {
    let mut course = Course::new();
    course.apply(SHOP).await;
    let state = course.lab.path().join("queueform.state.json");
    fs::copy(course.lab.path().join(".queueform/emulator/queueform.state.json"), state).unwrap();
    let rehearsal = || ProjectOptions {
        directory: course.lab.path().to_path_buf(),
        emulate: Emulate::State,
        ..ProjectOptions::default()
    };
    for (configuration, expected) in [
        (SHOP.to_owned(), &[][..]),
        (SHOP.replace("\"publish\"", "\"both\""), &["update apsarastack_mq_topic_authorization.partner"]),
    ] {
        course.write(&configuration);
        let opened = Project::open(rehearsal());
        assert!(opened.diagnostics.is_empty(), "{}", listed(&opened.diagnostics));
        let project = opened.output.unwrap();
        let planned =
            ops::plan::plan(&project, &PlanOptions::normal(), &ops::plan::now(), &Stop::never()).await;
        assert_eq!(actions(&planned.unwrap_or_else(|found| panic!("{}", listed(&found)))), expected);
    }
}
