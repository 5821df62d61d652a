//! Apply settles; every edit of one argument is planned as documented, and settles too.

use std::collections::BTreeMap;

use proptest::test_runner::Config;
use proptest::test_runner::TestCaseError;
use proptest::test_runner::TestRunner;

use queueform::plan::Action;
use queueform::schema::Registry;

use super::bench::Bench;
use super::thing::Edit;
use super::thing::Expected;
use super::thing::edits;

async fn check(edits: &[Edit]) -> Result<(), String> {
    let registry = Registry::embedded();
    let bench = Bench::new();
    bench.write(&edits.iter().map(|edit| edit.before.block()).collect::<String>());
    bench.apply().await?;
    bench.settled().await?;

    bench.write(&edits.iter().map(|edit| edit.after.block()).collect::<String>());
    let planned = bench.plan().await?;
    let mut wrong = BTreeMap::new();
    for edit in edits {
        let expected = edit.expected(&registry);
        let found = match planned.get(&edit.after.addr()) {
            None => Some(Expected::Nothing),
            Some(Action::Update) => Some(Expected::Update),
            Some(Action::Replace(_)) => Some(Expected::Replace),
            Some(_) => None,
        };
        if found != Some(expected) {
            wrong.insert(edit.after.addr(), (expected, found));
        }
    }
    if !wrong.is_empty() {
        return Err(format!("expected and found: {wrong:#?}"));
    }
    bench.apply().await?;
    bench.settled().await?;
    secrets(&bench, edits, &registry)
}

/// Every user shows the secret that was last to be sent.
fn secrets(bench: &Bench, edits: &[Edit], registry: &Registry) -> Result<(), String> {
    for edit in edits {
        let Some([instance, user, new]) = edit.after.login() else { continue };
        let old = edit.before.login().map_or("", |[_, _, secret]| secret);
        let wanted = if edit.sends_secret(registry) { new } else { old };
        let users = bench.dms().users(instance);
        let known =
            users.iter().find(|found| found.access_key == user).map(|found| found.secret_key.as_str());
        if known != Some(wanted) {
            return Err(format!("{user} has the secret {known:?}, not {wanted:?}"));
        }
    }
    Ok(())
}

#[test]
fn what_was_applied_is_settled_and_every_edit_does_what_the_schema_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases: 12, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    TestRunner::new(config)
        .run(&edits(4..9), |edits| runtime.block_on(check(&edits)).map_err(TestCaseError::fail))
        .unwrap_or_else(|error| panic!("{error}"));
}
