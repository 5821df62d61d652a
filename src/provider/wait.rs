//! Waiting for a declared condition, stoppable at any time.

use std::time::Duration;

use crate::api;
use crate::api::ErrorClass;
use crate::schema::GonePolicy;
use crate::schema::ResourceSchema;
use crate::schema::Waiter;
use crate::schema::scope::Root;
use crate::schema::scope::names_in;
use crate::value::Value;

use super::ProviderError;
use super::connection::About;
use super::connection::Connection;
use super::read;
use super::read::Patience;
use super::read::Pauses;
use super::stats::Purpose;
use super::steps::Absent;
use super::steps::observe;

/// What is waited with.
pub(super) struct Waiting<'w> {
    pub(super) connection: &'w Connection,
    pub(super) schema: &'w ResourceSchema,
    /// The object's name in messages.
    pub(super) subject: &'w str,
    /// The object as far as it is known.
    pub(super) this: &'w Value,
    pub(super) prior: &'w Value,
    /// When to give up.
    pub(super) timeout: Duration,
    /// A call was made and is waited for.
    pub(super) pending: bool,
    pub(super) stop: &'w api::Stop,
}

/// How a wait ended.
#[derive(Debug)]
pub(super) enum Waited {
    /// The condition holds; the object as the API returned it last, if it was polled.
    Reached(Option<Value>),
    /// The object is gone, as it should be.
    Gone,
}

impl Waiting<'_> {
    /// Polls until the condition of a waiter holds.
    pub(super) async fn until(&self, waiter: &Waiter) -> Result<Waited, ProviderError> {
        let clock = self.connection.clock();
        let mut patience = Patience::new(&*clock);
        let mut pauses = Pauses::new(waiter.first, waiter.interval);
        let mut last = None;
        loop {
            let passed = patience.passed(&*clock);
            if passed >= self.timeout {
                return Err(ProviderError::Timeout {
                    subject: self.subject.to_owned(),
                    awaited: waiter.description.to_string(),
                    after: self.timeout,
                    last,
                });
            }
            let pause = pauses.next().unwrap_or_default().min(self.timeout.saturating_sub(passed));
            patience.pause(pause);
            self.pause(pause).await?;
            let polled = match self.poll(waiter).await {
                Ok(polled) => polled,
                Err(error) if error.is_stopped() => return Err(self.stopped()),
                // The operation goes on whether or not we can look at it.
                Err(error) if is_passing(&error) => {
                    last = Some(error.to_string());
                    continue;
                }
                Err(error) => return Err(self.keeps_changed(error)),
            };
            match polled {
                Polled::Reached(item) => return Ok(Waited::Reached(item)),
                Polled::NotYet => last = None,
                Polled::Failed => {
                    return Err(ProviderError::Rejected {
                        subject: self.subject.to_owned(),
                        awaited: waiter.description.to_string(),
                    });
                }
                Polled::Gone => match waiter.gone {
                    GonePolicy::Done => return Ok(Waited::Gone),
                    GonePolicy::Pending(window) if patience.passed(&*clock) <= window => {}
                    GonePolicy::Pending(_) | GonePolicy::Failed => {
                        return Err(ProviderError::Vanished {
                            subject: self.subject.to_owned(),
                            awaited: waiter.description.to_string(),
                        });
                    }
                },
            }
        }
    }

    /// A failed look after a call does not undo the call.
    fn keeps_changed(&self, error: ProviderError) -> ProviderError {
        if !self.pending || error.may_have_changed() {
            return error;
        }
        ProviderError::Schema {
            doing: format!("wait for {}", self.subject),
            findings: error.diagnostics(),
            sent: true,
        }
    }

    pub(super) async fn pause(&self, pause: Duration) -> Result<(), ProviderError> {
        self.connection.sleep(pause, self.stop).await.map_err(|_| self.stopped())
    }

    fn stopped(&self) -> ProviderError {
        ProviderError::Stopped { subject: self.subject.to_owned(), pending: self.pending }
    }

    async fn poll(&self, waiter: &Waiter) -> Result<Polled, ProviderError> {
        let about = About::reading("wait for", self.schema, self.subject, Purpose::Poll);
        let mut frame = self
            .connection
            .frame(self.schema)
            .with(Root::This, self.this.clone())
            .with(Root::Prior, self.prior.clone());
        let mut item = None;
        let conditions = [&waiter.until, &waiter.failed].into_iter().flatten();
        let mut names = conditions.map(|expr| names_in(expr, Root::Item));
        if waiter.steps.is_empty() || names.any(|names| !names.is_empty()) {
            match read::item(self.connection, self.schema, self.this, self.stop).await? {
                Some(found) => {
                    frame.set(Root::Item, found.clone());
                    item = Some(found);
                }
                None => return Ok(Polled::Gone),
            }
        }
        if !waiter.steps.is_empty() {
            let polled = observe(
                self.connection,
                self.schema,
                &waiter.steps,
                &frame,
                &about,
                Absent::Keeps,
                self.stop,
            )
            .await;
            match polled {
                Ok(observed) => frame.set(Root::Observed, observed),
                Err(error) if error.is_gone() => return Ok(Polled::Gone),
                Err(error) => return Err(error),
            }
        }
        let holds = |expr| frame.holds_found(expr).map_err(|findings| about.after(findings));
        if let Some(failed) = &waiter.failed
            && holds(failed)?
        {
            return Ok(Polled::Failed);
        }
        match &waiter.until {
            Some(until) if holds(until)? => Ok(Polled::Reached(item)),
            _ => Ok(Polled::NotYet),
        }
    }
}

enum Polled {
    Reached(Option<Value>),
    NotYet,
    Failed,
    Gone,
}

/// Returns true for failures that the next poll may not meet.
fn is_passing(error: &ProviderError) -> bool {
    matches!(
        error.class(),
        Some(
            ErrorClass::Throttled
                | ErrorClass::Transient
                | ErrorClass::Busy
                | ErrorClass::Server
                | ErrorClass::Connection
                | ErrorClass::Unreadable
        )
    )
}
