//! Data sources that are read during apply, and ephemeral resources that are opened then.

use std::sync::Arc;

use crate::addr::Mode;
use crate::diag::Diagnostics;
use crate::plan::Answer;
use crate::plan::ObjectKey;
use crate::plan::StepId;
use crate::plan::check_conditions;
use crate::plan::evaluate_arguments;
use crate::plan::for_reading;
use crate::plan::mark_object;
use crate::plan::mocked_result;
use crate::plan::new_object;
use crate::plan::scope::View;
use crate::provider::ProviderError;
use crate::value::Type;
use crate::value::Value;

use super::End;
use super::Verb;
use super::coordinator::Finished;
use super::coordinator::Run;
use super::coordinator::Task;
use super::evaluate;
use super::refine::attribute_departures;

impl<'r> Run<'r, '_> {
    /// Prepares the reading of a data source.
    pub(super) fn data_task(&mut self, id: StepId, key: &ObjectKey) -> Option<Task<'r>> {
        let now = self.now();
        let work = self.works.get_mut(key)?;
        if let Some(event) = work.begin(Verb::Read, now) {
            self.tell(event);
        }
        let work = self.works.get(key)?;
        let resource = work.resource?;
        let world = &self.world;
        let arguments = self.expansions.each(resource, &key.addr, world).and_then(|each| {
            let view = View::instance(world, &key.addr.resource.module, each.clone());
            let name = key.addr.to_string();
            let outcome = check_conditions(&resource.lifecycle.preconditions, "precondition", &name, &view);
            if !outcome.held {
                return Err(outcome.diagnostics);
            }
            evaluate_arguments(resource, &work.schema, &|| {
                View::instance(world, &key.addr.resource.module, each.clone())
            })
        });
        let arguments = match arguments {
            Ok(arguments) => arguments,
            Err(found) => {
                self.failed_with(id, End::Failed, evaluate::about(found, &key.addr));
                return None;
            }
        };
        if let Some(standin) = self.input.config.mocks.object(&key.addr, &work.change.provider) {
            let unknown = Value::unknown(Type::Any);
            let planned = new_object(&work.schema, &arguments.values, &unknown);
            let value = mocked_result(&work.schema, &planned, standin, &key.addr);
            let answer = value.map_or_else(Answer::Failed, Answer::Data);
            return Some(Box::pin(std::future::ready(Finished::Data(id, Ok(answer)))));
        }
        let provider = work.change.provider.clone();
        let (providers, stop) = (self.input.providers, self.input.stop);
        if key.addr.resource.mode == Mode::Ephemeral {
            let root = providers.arguments(&provider).unwrap_or_else(Value::null);
            let arguments = new_object(&work.schema, &arguments.values, &root);
            let addr = key.addr.clone();
            return Some(Box::pin(async move {
                Finished::Data(id, providers.open_ephemeral(&addr, &provider, &arguments, stop).await)
            }));
        }
        let arguments = for_reading(&work.schema, &arguments.values);
        let kind = Arc::clone(&work.schema.type_name);
        Some(Box::pin(async move {
            Finished::Data(id, providers.read_data(&provider, &kind, &arguments, stop).await)
        }))
    }

    /// Takes in what a data source says.
    pub(super) fn after_data(&mut self, id: StepId, result: Result<Answer, ProviderError>) {
        let Some(key) = self.step(id).and_then(Self::key_of) else { return };
        let value = match result {
            Ok(Answer::Data(value)) => value,
            Ok(Answer::Failed(found)) => {
                self.failed_with(id, End::Failed, evaluate::about(found, &key.addr));
                return;
            }
            Ok(_) => {
                self.failed_with(id, End::Failed, Diagnostics::new());
                return;
            }
            Err(error) => {
                let found = evaluate::about(error.diagnostics(), &key.addr);
                self.failed_with(id, End::Failed, found);
                return;
            }
        };
        let Some(work) = self.works.get_mut(&key) else { return };
        let value = mark_object(&value, &work.schema);
        let mut found = Diagnostics::new();
        for attribute in &work.schema.attributes {
            let (Some(planned), Some(actual)) =
                (work.planned.get(&attribute.name), value.get(&attribute.name))
            else {
                continue;
            };
            if planned.is_null() {
                continue;
            }
            for departure in attribute_departures(attribute, planned, actual) {
                found.push(departure.diagnostic(&key.addr, "the service returned"));
            }
        }
        work.planned = value.clone();
        let resource = work.resource;
        self.world.set_instance(&key.addr.resource, key.addr.key.as_ref(), value.clone());
        if let Some(resource) = resource.filter(|resource| !resource.lifecycle.postconditions.is_empty()) {
            match self.expansions.each(resource, &key.addr, &self.world) {
                Ok(each) => {
                    let view = View::instance(&self.world, &key.addr.resource.module, each).with_self(value);
                    let name = key.addr.to_string();
                    let conditions = &resource.lifecycle.postconditions;
                    found.extend(check_conditions(conditions, "postcondition", &name, &view).diagnostics);
                }
                Err(more) => found.extend(more),
            }
        }
        if found.has_errors() {
            self.failed_with(id, End::Failed, found);
            return;
        }
        self.finish(&key);
        self.done(id);
    }
}
