//! The parameters of a call: query and form together, read with their types.

use super::envelope::Refusal;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::query_pairs;

/// All parameters as decoded texts, in the order in which they came.
#[derive(Clone, Debug)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    pub(crate) fn of(call: &Call) -> Self {
        let mut pairs = call.query.clone();
        let is_form = call
            .header("content-type")
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
        if is_form {
            pairs.extend(query_pairs(&String::from_utf8_lossy(&call.body)));
        }
        Self { pairs }
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The value, unless it is absent or empty. Dead-letter operations spell names with a capital; both are accepted.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let capital = |key: &str| {
            let (mut ours, mut theirs) = (name.chars(), key.chars());
            ours.next().map(|first| first.to_ascii_uppercase()) == theirs.next()
                && ours.as_str() == theirs.as_str()
        };
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .or_else(|| self.pairs.iter().find(|(key, _)| capital(key)))
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::field(name, "is required"))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.get(name)
            .map(|text| text.parse().map_err(|_bad| Refusal::field(name, "is not a whole number")))
            .transpose()
    }

    pub(crate) fn required_number(&self, name: &str) -> Result<i64, Refusal> {
        self.number(name)?.ok_or_else(|| Refusal::field(name, "is required"))
    }

    /// One of a few numbers.
    pub(crate) fn choice(&self, name: &str, allowed: &[i64]) -> Result<i64, Refusal> {
        let number = self.required_number(name)?;
        if allowed.contains(&number) { Ok(number) } else { Err(Refusal::field(name, "has no such value")) }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.get(name)
            .map(|text| match text {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(Refusal::field(name, "is neither true nor false")),
            })
            .transpose()
    }

    /// A page of a list: its number from 1 and its length.
    pub(crate) fn page(
        &self,
        numbers: std::ops::RangeInclusive<i64>,
        lengths: std::ops::RangeInclusive<i64>,
    ) -> Result<Page, Refusal> {
        let number = self.number("currentPage")?.unwrap_or(1);
        if !numbers.contains(&number) {
            return Err(Refusal::field("currentPage", "is out of range"));
        }
        let size = self.number("pageSize")?.unwrap_or(20);
        if !lengths.contains(&size) {
            return Err(Refusal::field("pageSize", "is out of range"));
        }
        Ok(Page { number: number.unsigned_abs(), size: size.unsigned_abs() })
    }

    /// A span of time: `beginTime` up to, but not with, `endTime`.
    pub(crate) fn span(&self) -> Result<std::ops::Range<i64>, Refusal> {
        let begin = self.required_number("beginTime")?;
        let end = self.required_number("endTime")?;
        if begin < 0 || end < begin {
            return Err(Refusal::field("endTime", "is before beginTime"));
        }
        Ok(begin..end)
    }
}

/// A window of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) number: u64,
    pub(crate) size: u64,
}

impl Page {
    pub(crate) fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        let skipped = usize::try_from((self.number - 1).saturating_mul(self.size)).unwrap_or(usize::MAX);
        all.into_iter().skip(skipped).take(usize::try_from(self.size).unwrap_or(usize::MAX)).collect()
    }
}
