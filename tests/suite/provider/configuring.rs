//! Provider configurations: presets, credentials, projects, and what is said when something is missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use queueform::addr::ProviderAddr;
use queueform::api::Stop;
use queueform::api::SystemClock;
use queueform::diag::Diagnostics;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_DOMAIN;
use queueform::emulator::DEMO_PASSWORD;
use queueform::emulator::DEMO_PROJECT_ID;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::DEMO_USER;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::plan::Answer;
use queueform::plan::Target;
use queueform::provider::ProviderOptions;
use queueform::provider::Providers;
use queueform::schema::Registry;
use queueform::schema::scope;
use queueform::value::Type;
use queueform::value::Value;

use super::rig::object;
use super::rig::text;

fn providers(variables: &[(&str, &str)]) -> Providers {
    let environment: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let options = ProviderOptions {
        environment: Arc::new(environment),
        clock: Arc::new(SystemClock::scaled(0.001)),
        ..ProviderOptions::default()
    };
    Providers::new(Arc::new(Registry::embedded()), options)
}

async fn configure(variables: &[(&str, &str)], arguments: &[(&str, Value)]) -> Result<Target, Diagnostics> {
    let addr = ProviderAddr::default_of("dms");
    providers(variables).configure(&addr, &object(arguments), &Stop::never()).await
}

fn block<'b>(more: &[(&'b str, Value)]) -> Vec<(&'b str, Value)> {
    let mut arguments = vec![
        ("cloud", text("sbercloud")),
        ("region", text("ru-moscow-1")),
        ("project_id", text(DEMO_PROJECT_ID)),
    ];
    arguments.extend_from_slice(more);
    arguments
}

fn summary(result: Result<Target, Diagnostics>) -> (&'static str, String, Vec<String>) {
    let findings = result.unwrap_err();
    let first = findings.iter().next().unwrap();
    (first.code.name(), format!("{} {}", first.summary, first.detail), first.hints.clone())
}

const KEYS: [(&str, &str); 2] = [("SBC_ACCESS_KEY", "AK1"), ("SBC_SECRET_KEY", "SK1-secret")];

#[tokio::test]
async fn the_cloud_gives_the_endpoint() {
    let target = configure(&KEYS, &block(&[])).await.unwrap();
    let pin: Vec<(&str, &str)> = target.pin.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(
        pin,
        [
            ("cloud", "sbercloud"),
            ("region", "ru-moscow-1"),
            ("endpoint", "https://dms.ru-moscow-1.hc.sbercloud.ru"),
            ("project_id", DEMO_PROJECT_ID),
        ]
    );
    assert_eq!(target.credentials, "environment, SBC_ACCESS_KEY");
    assert!(!target.emulated);
    // The European cloud has a domain of its own.
    for (region, endpoint) in [
        ("cn-north-4", "https://dms.cn-north-4.myhuaweicloud.com"),
        ("eu-west-101", "https://dms.eu-west-101.myhuaweicloud.eu"),
    ] {
        let there = [("cloud", text("huawei")), ("region", text(region))];
        let target = configure(&KEYS, &block(&there)).await.unwrap();
        assert_eq!(target.pin[2].1, endpoint);
    }
    // What the block says wins.
    let target = configure(&KEYS, &block(&[("endpoint", text("https://dms.example.com"))])).await.unwrap();
    assert_eq!(target.pin[2].1, "https://dms.example.com");
    let keys = [("access_key", text("AK2")), ("secret_key", text("SK2-secret"))];
    let target = configure(&KEYS, &block(&keys)).await.unwrap();
    assert_eq!(target.credentials, "the provider block");
}

#[tokio::test]
async fn missing_credentials_say_what_to_set() {
    let (code, said, hints) = summary(configure(&[("SBC_ACCESS_KEY", "AK1")], &block(&[])).await);
    assert_eq!(code, "missing-credentials");
    assert!(said.contains("`SBC_ACCESS_KEY` is set, but `SBC_SECRET_KEY` is not"), "{said}");
    let all = hints.join("\n");
    for name in ["SBC_SECRET_KEY", "HW_SECRET_KEY", "HW_AUTH_TOKEN", "SBC_PASSWORD", "credential_command"] {
        assert!(all.contains(name), "{name} in {all}");
    }
}

#[tokio::test]
async fn different_credentials_conflict_and_equal_ones_do_not() {
    let other = [KEYS.as_slice(), &[("HW_ACCESS_KEY", "AK2"), ("HW_SECRET_KEY", "SK2-secret")]].concat();
    let (code, said, _) = summary(configure(&other, &block(&[])).await);
    assert_eq!(code, "conflicting-credentials");
    assert!(
        said.contains("SBC_ACCESS_KEY") && said.contains("HW_ACCESS_KEY") && !said.contains("secret"),
        "{said}"
    );
    let same = [KEYS.as_slice(), &[("HW_ACCESS_KEY", "AK1"), ("HW_SECRET_KEY", "SK1-secret")]].concat();
    configure(&same, &block(&[])).await.unwrap();
}

#[tokio::test]
async fn wrong_arguments() {
    let (code, said, _) = summary(configure(&KEYS, &[]).await);
    assert_eq!(code, "invalid-provider-configuration");
    assert!(said.contains("`cloud`"), "{said}");
    let projects = Value::list(Type::String, [text("another")]);
    let (code, said, _) = summary(configure(&KEYS, &block(&[("allowed_projects", projects)])).await);
    assert_eq!(code, "invalid-provider-configuration");
    assert!(said.contains("allowed_projects"), "{said}");
    let (_, said, _) = summary(configure(&KEYS, &block(&[("endpoint", text("ftp://x"))])).await);
    assert!(said.contains("endpoint"), "{said}");
    let (_, said, _) = summary(configure(&KEYS, &block(&[("region", Value::unknown(Type::String))])).await);
    assert!(said.contains("known only after apply"), "{said}");
}

async fn emulator() -> Running {
    Emulator::start(Options::default()).await.unwrap()
}

fn local<'b>(emulator: &Running, more: &[(&'b str, Value)]) -> Vec<(&'b str, Value)> {
    let url = emulator.endpoint(System::Dms);
    let mut arguments = vec![
        ("cloud", text("sbercloud")),
        ("region", text("ru-moscow-1")),
        ("endpoint", text(url)),
        ("auth_url", text(url)),
    ];
    arguments.extend_from_slice(more);
    arguments
}

#[tokio::test]
async fn the_project_is_looked_up() {
    let emulator = emulator().await;
    let keys = [("SBC_ACCESS_KEY", DEMO_ACCESS_KEY), ("SBC_SECRET_KEY", DEMO_SECRET_KEY)];
    let target = configure(&keys, &local(&emulator, &[])).await.unwrap();
    assert_eq!(target.pin[3], ("project_id".to_owned(), DEMO_PROJECT_ID.to_owned()));
    // The vendors' own tools take the address of IAM with its version.
    let iam = format!("{}/v3/", emulator.endpoint(System::Dms));
    let target = configure(&keys, &local(&emulator, &[("auth_url", text(&iam))])).await.unwrap();
    assert_eq!(target.pin[3].1, DEMO_PROJECT_ID);
    let user =
        [("SBC_ACCOUNT_NAME", DEMO_DOMAIN), ("SBC_USERNAME", DEMO_USER), ("SBC_PASSWORD", DEMO_PASSWORD)];
    let target = configure(&user, &local(&emulator, &[])).await.unwrap();
    assert_eq!(target.credentials, "environment, SBC_USERNAME");
    assert_eq!(target.pin[3].1, DEMO_PROJECT_ID);
}

#[tokio::test]
async fn wrong_credentials_are_named_as_such() {
    let emulator = emulator().await;
    let keys = [("SBC_ACCESS_KEY", DEMO_ACCESS_KEY), ("SBC_SECRET_KEY", "wrong-secret-key")];
    let (code, said, _) = summary(configure(&keys, &local(&emulator, &[])).await);
    assert_eq!(code, "credentials-rejected");
    assert!(!said.contains("wrong-secret-key"), "{said}");

    let providers = providers(&keys);
    let addr = ProviderAddr::default_of("dms");
    let arguments = object(&local(&emulator, &[("project_id", text(DEMO_PROJECT_ID))]));
    providers.configure(&addr, &arguments, &Stop::never()).await.unwrap();
    let zones: Arc<str> = Arc::from("dms_rocketmq_availability_zones");
    let error = providers.read_data(&addr, &zones, &object(&[]), &Stop::never()).await.unwrap_err();
    assert_eq!(error.diagnostics().iter().next().unwrap().code.name(), "credentials-rejected");
}

#[tokio::test]
async fn the_built_in_provider_makes_no_calls() {
    let providers = providers(&[]);
    let addr = ProviderAddr::default_of("queueform");
    let stop = Stop::never();
    let target = providers.configure(&addr, &object(&[]), &stop).await.unwrap();
    assert_eq!(target.pin, []);
    let schema =
        providers.registry().resource(queueform::schema::ResourceKind::Managed, "queueform_data").unwrap();
    let arguments = providers.arguments(&addr).unwrap();
    let planned = crate::support::proposed(&schema, &object(&[("input", text("x"))]), None, &arguments);
    let kind = scope::OperationKind::Create;
    let steps = scope::settle(kind, &schema, &planned.sent, None, &arguments).unwrap();
    assert_eq!(steps.len(), 2);
    let mut object = planned.value;
    for step in steps {
        let null = Value::null();
        let request = queueform::provider::StepRequest {
            provider: &addr,
            schema: &schema,
            subject: "queueform_data.x",
            operation: kind,
            index: step.index,
            planned: &object,
            prior: None,
            current: &null,
            timeout: std::time::Duration::from_secs(5),
            fence: None,
        };
        let mut on_answer = |_| -> queueform::provider::Recorded { Box::pin(async { Ok(()) }) };
        object = providers.run_step(&request, &stop, &mut on_answer).await.unwrap().planned;
    }
    assert_eq!(object.get("output").unwrap().as_str().map(|text| &**text), Some("x"));
    assert_eq!(object.get("id").unwrap().as_str().unwrap().len(), 36);
    // It is refreshed without asking anybody.
    let query = queueform::plan::Query::Refresh {
        key: super::rig::key("queueform_data", "x"),
        provider: addr,
        kind: Arc::from("queueform_data"),
        prior: object.clone(),
        needed: std::collections::BTreeSet::new(),
    };
    let read = providers.refresh(vec![query], &stop).await;
    let Answer::Found { value, .. } = &read[0].1 else { panic!("{read:?}") };
    assert!(value.same_as(&object));
}
