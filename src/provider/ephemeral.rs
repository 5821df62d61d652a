//! Ephemeral resources: opened once in a run, closed when it ends, and stored nowhere.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::api;
use crate::diag::Diagnostics;
use crate::plan::Answer;
use crate::schema::Generated;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope::OperationKind;
use crate::value::Value;

use super::ProviderError;
use super::Providers;
use super::StepNote;
use super::StepRequest;
use super::connection::Connection;
use super::item::without_unknowns;
use super::password;
use super::write;

/// What is open in a run, in the order in which it was opened.
#[derive(Default)]
pub(super) struct Open(Mutex<Vec<Opened>>);

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Open").field(&self.all().len()).finish()
    }
}

impl Open {
    fn all(&self) -> MutexGuard<'_, Vec<Opened>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that is open.
#[derive(Clone)]
struct Opened {
    addr: InstanceAddr,
    provider: ProviderAddr,
    /// What it was opened with.
    arguments: Value,
    value: Value,
}

impl Providers {
    /// Opens an ephemeral resource: [`Answer::Data`]. One that is open with the same arguments is given again.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn open_ephemeral(
        &self,
        addr: &InstanceAddr,
        provider: &ProviderAddr,
        arguments: &Value,
        stop: &api::Stop,
    ) -> Result<Answer, ProviderError> {
        let connection = self.connection(provider)?;
        let schema = self.schema(ResourceKind::Ephemeral, &addr.resource.kind)?;
        let plain = arguments.clone().unmark_deep().0;
        let known = {
            let mut open = self.open.all();
            let at = open.iter().position(|one| one.addr == *addr);
            match at.and_then(|at| open.get(at).cloned().map(|one| (at, one))) {
                Some((_, one)) if one.arguments.same_as(&plain) && one.provider == *provider => {
                    return Ok(Answer::Data(one.value));
                }
                Some((at, one)) => {
                    open.remove(at);
                    Some(one)
                }
                None => None,
            }
        };
        if let Some(old) = known {
            close(&connection, &schema, &old, stop).await?;
        }
        let value = open(&connection, &schema, addr, arguments, stop).await?;
        let provider = provider.clone();
        self.open.all().push(Opened { addr: addr.clone(), provider, arguments: plain, value: value.clone() });
        Ok(Answer::Data(value))
    }

    /// Returns the values of what is open.
    #[must_use]
    pub fn opened(&self) -> BTreeMap<InstanceAddr, Value> {
        self.open.all().iter().map(|one| (one.addr.clone(), one.value.clone())).collect()
    }

    /// Closes everything that is open, the newest first. What cannot be closed is a warning: it ends by itself.
    pub async fn close_ephemeral(&self) -> Diagnostics {
        let mut found = Diagnostics::new();
        let all: Vec<Opened> = self.open.all().drain(..).collect();
        let stop = api::Stop::never();
        for one in all.into_iter().rev() {
            let result = match (
                self.connection(&one.provider),
                self.schema(ResourceKind::Ephemeral, &one.addr.resource.kind),
            ) {
                (Ok(connection), Ok(schema)) => close(&connection, &schema, &one, &stop).await,
                (Err(error), _) | (_, Err(error)) => Err(error),
            };
            if let Err(error) = result {
                found.extend(error.diagnostics().into_warnings().into_iter().map(|item| {
                    item.about(one.addr.clone()).hint(format!(
                        "`{}` was not closed: it lasts as long as the service lets it",
                        one.addr
                    ))
                }));
            }
        }
        found
    }
}

async fn open(
    connection: &Arc<Connection>,
    schema: &ResourceSchema,
    addr: &InstanceAddr,
    arguments: &Value,
    stop: &api::Stop,
) -> Result<Value, ProviderError> {
    if let Some(Generated::Password) = schema.generates {
        return Ok(password::generate(arguments));
    }
    let value = steps(connection, schema, addr, OperationKind::Create, arguments.clone(), stop).await?;
    Ok(without_unknowns(&value))
}

async fn close(
    connection: &Arc<Connection>,
    schema: &ResourceSchema,
    opened: &Opened,
    stop: &api::Stop,
) -> Result<(), ProviderError> {
    let value = opened.value.clone();
    let closed = steps(connection, schema, &opened.addr, OperationKind::Delete, value, stop).await;
    match closed {
        Err(error) if error.is_gone() => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Ok(()),
    }
}

/// Carries out all steps of an operation, and returns the object with what they set.
async fn steps(
    connection: &Arc<Connection>,
    schema: &ResourceSchema,
    addr: &InstanceAddr,
    operation: OperationKind,
    mut value: Value,
    stop: &api::Stop,
) -> Result<Value, ProviderError> {
    let count = crate::schema::scope::operation(schema, operation).map_or(0, |found| found.steps.len());
    let subject = addr.to_string();
    for index in 0..count {
        let prior = (operation == OperationKind::Delete).then(|| value.clone());
        let request = StepRequest {
            provider: &connection.addr,
            schema,
            subject: &subject,
            operation,
            index,
            planned: &value,
            prior: prior.as_ref(),
            current: prior.as_ref().unwrap_or(&value),
            timeout: schema.timeouts.create,
            fence: None,
        };
        // Nothing is written down: what it says is stored nowhere.
        let mut on_answer = |_note: StepNote| -> super::Recorded { Box::pin(std::future::ready(Ok(()))) };
        let answer = write::run(connection, &request, stop, &mut on_answer).await?;
        if operation == OperationKind::Create {
            value = answer.planned;
        }
    }
    Ok(value)
}
