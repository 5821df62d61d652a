//! A report in the form that `JUnit` writes and most pipelines read.

use std::fmt::Write as _;

use crate::diag::Diagnostics;
use crate::render::Look;
use crate::render::diag;
use crate::testing::FileReport;
use crate::testing::RunReport;
use crate::testing::RunStatus;
use crate::testing::Texts;

/// Returns the report: a suite for each file, a case for each run.
#[must_use]
pub fn junit(files: &[FileReport]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for file in files {
        suite(&mut out, file);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, file: &FileReport) {
    let of = |status| file.runs.iter().filter(|run| run.status == status).count();
    let cleanup = usize::from(!file.cleanup.is_empty());
    out.push_str(&format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\" timestamp=\"{}\">\n",
        escape(&file.name),
        file.runs.len() + cleanup,
        of(RunStatus::Fail),
        of(RunStatus::Error) + cleanup,
        of(RunStatus::Skip),
        file.elapsed.as_secs_f64(),
        escape(&file.started),
    ));
    for run in &file.runs {
        case(out, &file.name, run);
    }
    if cleanup > 0 {
        let text: String = file.cleanup.iter().map(|(found, texts)| drawn(found, texts, true)).collect();
        out.push_str(&format!(
            "    <testcase name=\"(clean-up)\" classname=\"{}\">\n      <error message=\"what the tests made was not destroyed\">{}</error>\n    </testcase>\n",
            escape(&file.name),
            escape(&text),
        ));
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, file: &str, run: &RunReport) {
    out.push_str(&format!(
        "    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3}\" timestamp=\"{}\">\n",
        escape(&run.name),
        escape(file),
        run.elapsed.as_secs_f64(),
        escape(&run.started),
    ));
    let errors = drawn(&run.diagnostics, &run.texts, true);
    match run.status {
        RunStatus::Pass => {}
        RunStatus::Skip => {
            out.push_str("      <skipped message=\"something before it went wrong, or the tests were interrupted\"/>\n");
        }
        RunStatus::Fail => found(out, "failure", "the run failed", &errors),
        RunStatus::Error => found(out, "error", "the run could not be carried out", &errors),
    }
    let warnings = drawn(&run.diagnostics, &run.texts, false);
    if !warnings.is_empty() {
        out.push_str(&format!("      <system-err>{}</system-err>\n", escape(&warnings)));
    }
    out.push_str("    </testcase>\n");
}

fn found(out: &mut String, kind: &str, message: &str, text: &str) {
    out.push_str(&format!("      <{kind} message=\"{message}\">{}</{kind}>\n", escape(text)));
}

/// Draws errors, or warnings.
fn drawn(found: &Diagnostics, texts: &Texts, errors: bool) -> String {
    let chosen: Diagnostics = found.iter().filter(|item| item.is_error() == errors).cloned().collect();
    let mut text = String::new();
    let sources = (&*texts.sources, &*texts.registry);
    if diag::human(&mut text, &chosen, &sources, Look::plain()).is_err() {
        // Writing to a string does not fail.
        text.clear();
    }
    text
}

/// Writes text into XML. Characters that XML cannot hold become the replacement character.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let written = match c {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '\n' | '\t' => out.write_char(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.write_char('\u{fffd}'),
            c => out.write_char(c),
        };
        // Writing to a string does not fail.
        debug_assert!(written.is_ok());
    }
    out
}
