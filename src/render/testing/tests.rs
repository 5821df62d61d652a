use std::sync::Arc;
use std::time::Duration;

use super::junit;
use super::summary;
use crate::config::TestCommand;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::render::Look;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::testing::Counts;
use crate::testing::FileReport;
use crate::testing::RunReport;
use crate::testing::RunStatus;
use crate::testing::Texts;

fn report() -> FileReport {
    let texts = Texts { sources: Arc::new(SourceMap::new()), registry: Arc::new(Registry::embedded()) };
    let found = Diagnostic::error(Code::TestAssertion, "a < b & \"c\"").detail("\u{1b}[31m]]>\u{7}");
    let run = RunReport {
        name: "<first>".into(),
        command: TestCommand::Apply,
        status: RunStatus::Fail,
        diagnostics: Diagnostics::from(found),
        texts: texts.clone(),
        started: "2026-01-01T00:00:00Z".into(),
        elapsed: Duration::from_millis(1_234),
        shown: None,
    };
    let left = Diagnostic::error(Code::TestLeftovers, "1 object was not destroyed");
    FileReport {
        name: "tests/a&b.qftest.hcl".into(),
        status: RunStatus::Error,
        runs: vec![run],
        cleanup: vec![(left.into(), texts)],
        leftovers: Vec::new(),
        elapsed: Duration::from_secs(2),
        started: "2026-01-01T00:00:00Z".into(),
    }
}

#[test]
fn reports_are_sound_xml_whatever_was_found() {
    insta::assert_snapshot!(junit(&[report()]));
}

#[test]
fn the_last_line_counts_what_went_wrong_together() {
    let counts = Counts::of(&[report()]);
    assert_eq!(counts, Counts { failed: 1, ..Counts::default() });
    assert_eq!(summary(counts, false, Look::plain()), "Failure! 0 passed, 1 failed.");
    let counts = Counts { passed: 2, errored: 1, failed: 1, skipped: 3 };
    assert_eq!(summary(counts, false, Look::plain()), "Failure! 2 passed, 2 failed, 3 skipped.");
    let counts = Counts { passed: 2, ..Counts::default() };
    assert_eq!(summary(counts, true, Look::plain()), "Success! 2 passed, 0 failed.");
}
