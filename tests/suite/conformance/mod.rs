//! What was recorded from Terraform, and where Queueform goes another way on purpose.
//!
//! The recorded cases are data in `tests/conformance`. Every case that goes another way on purpose is listed in
//! `differences.jsonl` there with the result that is expected instead: a harness compares it, and so a listed case
//! that changes, or goes as recorded after all, fails like any other. The page
//! `docs/reference/compatibility.md` is made from the same file.

mod differences;
mod page;
mod validate;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value as Json;

pub(crate) use differences::Differences;

/// The directory of the recorded cases.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// The recorded cases of one file, in their order.
pub(crate) fn cases(file: &str) -> Vec<Json> {
    parsed(&unpacked(file))
}

/// The recorded cases of one file with the built-in types called as they are here.
pub(crate) fn renamed_cases(file: &str) -> Vec<Json> {
    parsed(&unpacked(file).replace("terraform_", "queueform_"))
}

fn unpacked(file: &str) -> String {
    let packed = fs::read(directory().join(file)).unwrap();
    let mut text = String::new();
    GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    text
}

fn parsed(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How many cases of each group agree.
#[derive(Debug, Default)]
struct Shares(BTreeMap<String, (usize, usize)>);

impl Shares {
    fn count(&mut self, group: &str, agrees: bool) {
        let share = self.0.entry(group.to_owned()).or_default();
        share.1 += 1;
        share.0 += usize::from(agrees);
    }

    /// The groups in the form of the pins.
    fn lines(&self) -> String {
        let mut text = String::new();
        for (group, (same, all)) in &self.0 {
            writeln!(text, "{group} {same}/{all}").unwrap();
        }
        text
    }

    /// Returns the groups of which fewer cases agree than are pinned in a file.
    fn fallen(&self, pins: &str) -> String {
        let mut fallen = String::new();
        for line in fs::read_to_string(directory().join(pins)).unwrap().lines() {
            if line.starts_with('#') {
                continue;
            }
            let (group, share) = line.split_once(' ').unwrap();
            let pinned: usize = share.split('/').next().unwrap().parse().unwrap();
            let same = self.0.get(group).map_or(0, |share| share.0);
            if same < pinned {
                writeln!(fallen, "{group}: {same} cases agree, {pinned} did before").unwrap();
            }
        }
        fallen
    }
}
