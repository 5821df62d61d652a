//! The two ways in which answers come in pages: numbered ones, and ones that carry a token for the next.

use super::errors::Refusal;
use super::errors::invalid;
use super::params::Params;

/// A page of a list that is asked for by number, from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbered {
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Numbered {
    pub(super) fn read(params: &Params, number: &str, size: &str) -> Result<Self, Refusal> {
        let page = match params.get(number) {
            None => 1,
            Some(text) => text.parse().ok().filter(|page| *page > 0).ok_or_else(|| invalid(number))?,
        };
        Ok(Self { number: page, size: params.size(size)? })
    }

    pub(super) fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip((self.number - 1).saturating_mul(self.size)).take(self.size).collect()
    }
}

/// Cuts a page out of a sorted list: what comes behind the token, and the token of the rest, empty at the end.
pub(super) fn after<T>(
    all: Vec<(String, T)>,
    params: &Params,
    size: usize,
) -> Result<(Vec<T>, String), Refusal> {
    let behind = params.get("NextToken").map(open).transpose()?;
    let rest: Vec<(String, T)> =
        all.into_iter().filter(|(key, _)| behind.as_ref().is_none_or(|behind| key > behind)).collect();
    let more = rest.len() > size;
    let mut last = String::new();
    let mut page = Vec::new();
    for (key, value) in rest.into_iter().take(size) {
        last = key;
        page.push(value);
    }
    Ok((page, if more { seal(&last) } else { String::new() }))
}

/// Tokens are opaque to callers.
fn seal(key: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key)
}

fn open(token: &str) -> Result<String, Refusal> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token);
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| invalid("NextToken"))
}
