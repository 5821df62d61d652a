//! Names of the objects that belong to one state.

use std::sync::Arc;

/// The objects of the state of one workspace.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    bucket: Arc<str>,
    state: String,
}

/// The number of digits of epochs and of numbers of segments: names sort as numbers do.
const DIGITS: usize = 12;

const HISTORY: &str = ".journal";

impl Keys {
    pub(super) fn new(bucket: &Arc<str>, state: String) -> Self {
        Self { bucket: Arc::clone(bucket), state }
    }

    /// The snapshot.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// Who may write, and which segments count.
    pub(super) fn lock(&self) -> String {
        format!("{}.lock", self.state)
    }

    /// The lock of Terraform.
    pub(super) fn terraform(&self) -> String {
        format!("{}.tflock", self.state)
    }

    /// The last good snapshot before this one.
    pub(super) fn backup(&self) -> String {
        format!("{}.backup", self.state)
    }

    /// What the segments of the journal are below.
    pub(super) fn journal(&self) -> String {
        format!("{}.journal", self.state)
    }

    /// What the journals of earlier runs are below.
    pub(super) fn history(&self) -> String {
        format!("{}.history", self.state)
    }

    /// The journal of an earlier run.
    pub(super) fn history_entry(&self, name: &str) -> String {
        format!("{}.history/{name}{HISTORY}", self.state)
    }

    /// Returns the name of a journal of an earlier run.
    pub(super) fn history_name<'k>(&self, key: &'k str) -> Option<&'k str> {
        let name = key.strip_prefix(&self.state)?.strip_prefix(".history/")?.strip_suffix(HISTORY)?;
        (!name.contains('/')).then_some(name)
    }

    /// An object that only shows what the service does with conditions.
    pub(super) fn probe(&self, id: &str) -> String {
        format!("{}.probe-{id}", self.state)
    }

    /// A segment of the journal.
    pub(super) fn segment(&self, epoch: u64, number: u64) -> String {
        format!("{}.journal/{epoch:0DIGITS$}-{number:0DIGITS$}", self.state)
    }

    /// Returns epoch and number of a segment; none for what is not a segment of this state.
    pub(super) fn parse_segment(&self, key: &str) -> Option<(u64, u64)> {
        let name = key.strip_prefix(&self.state)?.strip_prefix(".journal/")?;
        let (epoch, number) = name.split_once('-')?;
        let digits = |text: &str| {
            (text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.parse().ok())
                .flatten()
        };
        Some((digits(epoch)?, digits(number)?))
    }

    /// Returns whether an object belongs to this state; the snapshot does.
    pub(super) fn owns(&self, key: &str) -> bool {
        let Some(rest) = key.strip_prefix(&self.state) else { return false };
        rest.is_empty()
            || [".lock", ".tflock", ".backup"].contains(&rest)
            || rest.starts_with(".probe-")
            || rest.starts_with(".journal/")
            || rest.starts_with(".history/")
    }

    /// Returns how an object is shown to people.
    pub(super) fn place(&self, key: &str) -> Arc<str> {
        format!("s3://{}/{key}", self.bucket).into()
    }
}
