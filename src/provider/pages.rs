//! Lists that come in pages. A short list is an error, never a smaller list.

use futures_util::future::try_join_all;

use crate::api;
use crate::schema::Call;
use crate::schema::Paging;
use crate::schema::PagingStyle;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::value::Value;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::connection::whole_number;

/// Lists that change while they are read are read again this often.
const TRIES: u32 = 3;

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
}

impl List<'_> {
    fn paging(&self) -> Option<&Paging> {
        self.call.pages.as_ref().and_then(|name| self.connection.schema.paging(name))
    }

    /// Fetches the page that begins after `start` items.
    pub(super) async fn page(&self, start: u64) -> Result<Page, ProviderError> {
        let request = self.connection.request(self.schema, self.call, self.frame, self.about)?;
        let Some(mut request) = request else {
            return Ok(Page { response: Value::null(), items: Vec::new(), total: None });
        };
        if let Some(paging) = self.paging() {
            let PagingStyle::Offset = paging.style;
            request.query.push((paging.start.to_string(), start.to_string()));
            request.query.push((paging.limit.to_string(), paging.size.to_string()));
        }
        let response = self.connection.send(&request, self.about, self.stop).await?;
        let frame = self.frame.clone().with(Root::Response, response.clone());
        let total = match &self.call.total {
            None => None,
            Some(expr) => {
                let found = frame.found(expr).map_err(|findings| self.about.after(findings))?;
                found.as_ref().and_then(whole_number)
            }
        };
        let items = match &self.call.items {
            None => Vec::new(),
            Some(expr) => match frame.found(expr).map_err(|findings| self.about.after(findings))? {
                Some(list) if list.is_null() && total.unwrap_or(0) == 0 => Vec::new(),
                Some(list) if list.elements().is_some() => list.elements().unwrap_or_default().to_vec(),
                _ => return Err(self.about.answer("the answer holds no list")),
            },
        };
        Ok(Page { response, items, total })
    }

    /// Returns how many more calls the whole list takes, if that can be told.
    pub(super) fn more_calls(&self, first: &Page) -> Option<u64> {
        if self.paging().is_none() {
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
            first = self.page(0).await?;
        }
        Err(self.about.answer("the list is shorter than the answer says"))
    }

    async fn once(&self, first: &Page) -> Result<(Vec<Value>, bool), ProviderError> {
        let mut items = first.items.clone();
        let Some(step) = self.step(first) else {
            let complete = first.total.is_none_or(|total| items.len() as u64 >= total);
            return Ok((items, complete));
        };
        let Some(total) = first.total else {
            while !items.is_empty() {
                let page = self.page(items.len() as u64).await?;
                if page.items.is_empty() {
                    break;
                }
                items.extend(page.items);
            }
            return Ok((items, true));
        };
        let mut starts = Vec::new();
        let mut start = first.items.len() as u64;
        while start < total && !first.items.is_empty() {
            starts.push(start);
            start += step;
        }
        for page in try_join_all(starts.into_iter().map(|start| self.page(start))).await? {
            items.extend(page.items);
        }
        let complete = items.len() as u64 >= total;
        Ok((items, complete))
    }

    /// Fetches the whole list: the first answer and all items.
    pub(super) async fn all(&self) -> Result<(Value, Vec<Value>), ProviderError> {
        let first = self.page(0).await?;
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
