//! Lists that come in pages. A short list is an error, never a smaller list.

use futures_util::future::try_join_all;

use crate::api;
use crate::schema::Call;
use crate::schema::Paging;
use crate::schema::PagingStyle;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::syntax::ast::Expr;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::connection::whole_number;

/// Lists that change while they are read are read again this often.
const TRIES: u32 = 3;

/// Most pages and items of one list: far beyond what any service has.
const MOST_PAGES: u64 = 10_000;
const MOST_ITEMS: usize = 1_000_000;

/// What the calls of one list have in common.
pub(super) struct List<'l> {
    pub(super) connection: &'l Connection,
    pub(super) schema: &'l ResourceSchema,
    pub(super) call: &'l Call,
    pub(super) frame: &'l Frame<'l>,
    pub(super) about: &'l About,
    pub(super) stop: &'l api::Stop,
}

/// One answer.
pub(super) struct Page {
    pub(super) response: Value,
    pub(super) items: Vec<Value>,
    pub(super) total: Option<u64>,
    /// What the next page is asked for by, where the style is `token`; empty after the last page.
    next: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Clone)]
enum Start {
    First,
    /// After so many items, in pages of so many.
    After(u64, u64),
    /// The page of this number, counted from 0.
    Number(u64),
    Token(String),
}

impl List<'_> {
    fn paging(&self) -> Option<&Paging> {
        self.call.pages.as_ref().and_then(|name| self.connection.schema.paging(name))
    }

    /// Fetches the first page.
    pub(super) async fn first(&self) -> Result<Page, ProviderError> {
        self.page(Start::First).await
    }

    async fn page(&self, start: Start) -> Result<Page, ProviderError> {
        let request = self.connection.request(self.schema, self.call, self.frame, self.about)?;
        let Some(mut request) = request else {
            return Ok(Page { response: Value::null(), items: Vec::new(), total: None, next: None });
        };
        if let Some(paging) = self.paging() {
            let first = u64::from(paging.first);
            let begin = match (paging.style, start) {
                (PagingStyle::Token, Start::Token(token)) => Some(token),
                (PagingStyle::Token, _) => None,
                (PagingStyle::Offset, Start::After(items, _)) => {
                    Some(items.saturating_add(first).to_string())
                }
                (PagingStyle::Offset, _) => Some(first.to_string()),
                (PagingStyle::Page, Start::After(items, step)) => Some((items / step.max(1) + 1).to_string()),
                (PagingStyle::Page, Start::Number(number)) => Some((number + 1).to_string()),
                (PagingStyle::Page, _) => Some("1".to_owned()),
            };
            let begin = begin.map(|begin| (paging.start.to_string(), begin));
            let more = begin.into_iter().chain([(paging.limit.to_string(), paging.size.to_string())]);
            request.query.extend(more);
        }
        let response = self.connection.send(&request, self.about, self.stop).await?;
        let frame = self.frame.clone().with(Root::Response, response.clone());
        let found = |expr: &Expr| frame.found(expr).map_err(|findings| self.about.after(findings));
        let total = match &self.call.total {
            None => None,
            Some(expr) => found(expr)?.as_ref().and_then(whole_number),
        };
        let items = match &self.call.items {
            None => Vec::new(),
            Some(expr) => match found(expr)? {
                Some(list) if list.is_null() && total.unwrap_or(0) == 0 => Vec::new(),
                Some(list) if list.elements().is_some() => list.elements().unwrap_or_default().to_vec(),
                _ => return Err(self.about.answer("the answer holds no list")),
            },
        };
        let next = match self.paging().and_then(|paging| paging.next.as_ref()) {
            None => None,
            Some(expr) => {
                let value = found(expr)?.and_then(|value| convert(&value, &Type::String).ok());
                value.as_ref().and_then(Value::as_str).map(ToString::to_string)
            }
        };
        Ok(Page { response, items, total, next: next.filter(|token| !token.is_empty()) })
    }

    /// Returns how many more calls the whole list takes, if that can be told.
    pub(super) fn more_calls(&self, first: &Page) -> Option<u64> {
        if self.paging().is_none() {
            return Some(0);
        }
        if self.paging().is_some_and(|paging| paging.style == PagingStyle::Token) && first.next.is_none() {
            return Some(0);
        }
        let (total, step) = (first.total?, self.step(first)?);
        Some(total.saturating_sub(first.items.len() as u64).div_ceil(step))
    }

    /// The distance of pages: the server may give fewer items than asked for.
    fn step(&self, first: &Page) -> Option<u64> {
        let size = u64::from(self.paging()?.size).max(1);
        let given = first.items.len() as u64;
        Some(if given > 0 && given < size && first.total.is_some_and(|total| total > given) {
            given
        } else {
            size
        })
    }

    /// Fetches everything behind the first page.
    pub(super) async fn rest(&self, first: Page) -> Result<Vec<Value>, ProviderError> {
        let mut first = first;
        for _ in 0..TRIES {
            let (items, complete) = self.once(&first).await?;
            if complete {
                return Ok(items);
            }
            tracing::debug!(items = items.len(), total = first.total, "the list is short, reading it again");
            first = self.first().await?;
        }
        Err(self.about.answer("the list is shorter than the answer says"))
    }

    async fn once(&self, first: &Page) -> Result<(Vec<Value>, bool), ProviderError> {
        let mut items = first.items.clone();
        let Some(step) = self.step(first) else {
            let complete = first.total.is_none_or(|total| items.len() as u64 >= total);
            return Ok((items, complete));
        };
        let style = self.paging().map(|paging| paging.style);
        if style == Some(PagingStyle::Token) {
            let mut next = first.next.clone();
            let mut calls = 1;
            while let Some(token) = next {
                let page = self.page(Start::Token(token.clone())).await?;
                items.extend(page.items);
                calls = self.bounded(calls, &items)?;
                // The same token again would lead nowhere.
                next = page.next.filter(|next| *next != token);
            }
            let complete = first.total.is_none_or(|total| items.len() as u64 >= total);
            return Ok((items, complete));
        }
        let Some(total) = first.total else {
            let mut number = 1;
            let mut calls = 1;
            while !items.is_empty() {
                let start = match style {
                    Some(PagingStyle::Page) => Start::Number(number),
                    _ => Start::After(items.len() as u64, step),
                };
                let page = self.page(start).await?;
                if page.items.is_empty() {
                    break;
                }
                items.extend(page.items);
                calls = self.bounded(calls, &items)?;
                number += 1;
            }
            return Ok((items, true));
        };
        let mut starts = Vec::new();
        let mut start = first.items.len() as u64;
        while start < total && !first.items.is_empty() {
            self.bounded(starts.len() as u64, &items)?;
            starts.push(start);
            start += step;
        }
        for page in try_join_all(starts.into_iter().map(|start| self.page(Start::After(start, step)))).await?
        {
            items.extend(page.items);
        }
        let complete = items.len() as u64 >= total;
        Ok((items, complete))
    }

    /// Ends a list that a server never ends.
    fn bounded(&self, calls: u64, items: &[Value]) -> Result<u64, ProviderError> {
        if calls >= MOST_PAGES || items.len() > MOST_ITEMS {
            let what = format!("the list does not end: {} items in {calls} pages so far", items.len());
            return Err(self.about.answer(&what));
        }
        Ok(calls + 1)
    }

    /// Fetches the whole list: the first answer and all items.
    pub(super) async fn all(&self) -> Result<(Value, Vec<Value>), ProviderError> {
        let first = self.first().await?;
        let response = first.response.clone();
        Ok((response, self.rest(first).await?))
    }
}

/// Makes a call of a schema, with all its pages: the answer, and the joined list if the call has `items`.
pub(super) async fn answer(
    connection: &Connection,
    schema: &ResourceSchema,
    call: &Call,
    frame: &Frame<'_>,
    about: &About,
    stop: &api::Stop,
) -> Result<(Value, Option<Value>), ProviderError> {
    if call.items.is_none() {
        return Ok((connection.call(schema, call, frame, about, stop).await?, None));
    }
    let list = List { connection, schema, call, frame, about, stop };
    let (response, items) = list.all().await?;
    Ok((response, Some(Value::tuple(items))))
}
