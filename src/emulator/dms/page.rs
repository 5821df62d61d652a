//! Paging by `limit` and `offset` as the service checks it.

use super::errors::Refusal;
use crate::emulator::exchange::Call;

/// A window of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

impl Page {
    /// Reads `limit` (1 to 50, default 10) and `offset` (default 0).
    pub(crate) fn read(call: &Call) -> Result<Self, Refusal> {
        let limit = number(call, "limit")?.unwrap_or(10);
        if !(1..=50).contains(&limit) {
            return Err(Refusal::bad(
                "DMS.10240042",
                "The number of records on each page for pagination query exceeds the upper limit.",
            ));
        }
        let offset = number(call, "offset")?.unwrap_or(0);
        Ok(Self {
            limit: usize::try_from(limit).unwrap_or(10),
            offset: usize::try_from(offset).unwrap_or(usize::MAX),
        })
    }

    /// Cuts the window out of a list.
    pub(crate) fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.offset).take(self.limit).collect()
    }

    /// The offset of the next page, −1 at the end.
    pub(crate) fn next(self, total: usize) -> i64 {
        let next = self.offset.saturating_add(self.limit);
        if next < total { i64::try_from(next).unwrap_or(-1) } else { -1 }
    }

    /// The offset of the page before, −1 at the start.
    pub(crate) fn previous(self) -> i64 {
        if self.offset == 0 {
            -1
        } else {
            i64::try_from(self.offset.saturating_sub(self.limit)).unwrap_or(-1)
        }
    }
}

/// Reads a number of the query; text and negative numbers are refused.
pub(crate) fn number(call: &Call, name: &str) -> Result<Option<u64>, Refusal> {
    match call.query(name) {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_not_a_number| {
            if name == "offset" {
                Refusal::bad(
                    "DMS.10240043",
                    "The number of skipped records for pagination query exceeds the upper limit.",
                )
            } else {
                Refusal::bad("DMS.00400062", "Invalid request parameter.")
            }
        }),
    }
}
