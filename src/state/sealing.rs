//! Secrets leave what is written in clear: everything that holds attributes, whole or in the middle of a call.

use super::AttributeError;
use super::Attributes;
use super::Instance;
use super::Intent;
use super::Object;
use super::State;
use super::Status;
use super::journal::OutcomeResult;
use super::journal::Record;

/// Visits attributes; stops at the first error.
type Visit<'v> = dyn FnMut(&mut Attributes) -> Result<(), AttributeError> + 'v;

fn intent(of: &mut Intent, visit: &mut Visit<'_>) -> Result<(), AttributeError> {
    if let Some(planned) = &mut of.planned {
        object(planned, visit)?;
    }
    if let Some(prior) = &mut of.prior {
        object(prior, visit)?;
    }
    status(&mut of.before, visit)
}

fn status(of: &mut Status, visit: &mut Visit<'_>) -> Result<(), AttributeError> {
    match of {
        Status::Ready | Status::Tainted | Status::Incomplete { .. } => Ok(()),
        Status::InDoubt(doubt) => intent(doubt, visit),
        Status::Pending(pending) => {
            intent(&mut pending.intent, visit)?;
            pending.answer.attributes.iter_mut().try_for_each(visit)
        }
    }
}

fn object(of: &mut Object, visit: &mut Visit<'_>) -> Result<(), AttributeError> {
    visit(&mut of.attributes)?;
    status(&mut of.status, visit)
}

fn is_status_sealed(of: &Status) -> bool {
    let is_intent_sealed = |intent: &Intent| {
        intent.planned.as_deref().is_none_or(is_object_sealed) && is_status_sealed(&intent.before)
    };
    match of {
        Status::Ready | Status::Tainted | Status::Incomplete { .. } => true,
        Status::InDoubt(doubt) => is_intent_sealed(doubt),
        Status::Pending(pending) => {
            is_intent_sealed(&pending.intent)
                && pending.answer.attributes.as_ref().is_none_or(Attributes::is_sealed)
        }
    }
}

fn is_object_sealed(of: &Object) -> bool {
    of.attributes.is_sealed() && is_status_sealed(&of.status)
}

impl State {
    /// Returns whether no secret is held in clear.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.outputs.values().all(|output| !output.sensitive || output.raw.is_none())
            && self.resources.values().flat_map(Instance::objects).all(|(_, object)| is_object_sealed(object))
    }

    /// Takes over the secrets of another version of this state wherever a digest says that they are the same.
    pub(crate) fn or_secrets_of(&mut self, known: &Self) {
        for (name, output) in &mut self.outputs {
            if let Some(kept) = known.outputs.get(name) {
                output.reveal_from(kept);
            }
        }
        for (addr, instance) in &mut self.resources {
            let Some(kept) = known.resources.get(addr) else { continue };
            if let (Some(object), Some(kept)) = (&mut instance.current, &kept.current) {
                object.attributes.reveal_from(&kept.attributes);
            }
            for (key, object) in &mut instance.deposed {
                if let Some(kept) = kept.deposed.get(key) {
                    object.attributes.reveal_from(&kept.attributes);
                }
            }
        }
    }

    /// Replaces secrets that are held in clear by digests.
    ///
    /// # Errors
    /// If a secret cannot be digested.
    pub(crate) fn seal(&mut self) -> Result<(), AttributeError> {
        for output in self.outputs.values_mut().filter(|output| output.sensitive) {
            output.seal()?;
        }
        for instance in self.resources.values_mut() {
            for found in instance.current.iter_mut().chain(instance.deposed.values_mut()) {
                object(found, &mut Attributes::seal)?;
            }
        }
        Ok(())
    }
}

impl Record {
    /// Replaces secrets that are held in clear by digests.
    ///
    /// # Errors
    /// If a secret cannot be digested.
    pub(crate) fn seal(&mut self) -> Result<(), AttributeError> {
        match self {
            Self::Intent(of) => intent(of, &mut Attributes::seal),
            Self::Answer(answer) => answer.attributes.iter_mut().try_for_each(Attributes::seal),
            Self::Outcome(outcome) => match &mut outcome.result {
                OutcomeResult::Object(of) => object(of, &mut Attributes::seal),
                OutcomeResult::Gone | OutcomeResult::Unchanged => Ok(()),
            },
            Self::Put(put) => {
                object(&mut put.object, &mut Attributes::seal)?;
                put.prior.iter_mut().try_for_each(|prior| object(prior, &mut Attributes::seal))
            }
            Self::Output { output: Some(output), .. } if output.sensitive => output.seal(),
            Self::Output { .. }
            | Self::Run(_)
            | Self::Forget(_)
            | Self::Moved { .. }
            | Self::Moves(_)
            | Self::Deposed { .. }
            | Self::Restored { .. }
            | Self::Checks(_)
            | Self::Pin { .. }
            | Self::Step { .. }
            | Self::Complete { .. }
            | Self::Due { .. }
            | Self::End { .. } => Ok(()),
        }
    }
}
