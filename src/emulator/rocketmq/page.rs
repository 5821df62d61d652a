//! Paging by number, from 1.

use serde_json::Value;
use serde_json::json;

use super::errors::Refusal;
use super::errors::invalid;
use crate::emulator::exchange::Call;

/// A window of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// Reads `pageNumber` and `pageSize`; sizes are forced into what the operation allows.
    pub(crate) fn read(call: &Call, least: usize, most: usize) -> Result<Self, Refusal> {
        let number = |name: &str| -> Result<Option<usize>, Refusal> {
            match call.query(name) {
                None | Some("") => Ok(None),
                Some(text) => {
                    text.parse().map(Some).map_err(|_not_a_number| invalid(name, "it is not an integer"))
                }
            }
        };
        let page = number("pageNumber")?.unwrap_or(1);
        if page == 0 {
            return Err(invalid("pageNumber", "pages are counted from 1"));
        }
        Ok(Self { number: page, size: number("pageSize")?.unwrap_or(10).clamp(least, most) })
    }

    /// Cuts the window out of a list and says how long the whole is.
    pub(crate) fn cut(self, all: Vec<Value>) -> Value {
        let total = all.len();
        let skipped = (self.number - 1).saturating_mul(self.size);
        let list: Vec<Value> = all.into_iter().skip(skipped).take(self.size).collect();
        json!({ "list": list, "pageNumber": self.number, "pageSize": self.size, "totalCount": total })
    }
}
