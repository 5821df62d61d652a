//! `output`: the output values of the last run, from the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::did_you_mean;
use crate::render::json::shown;
use crate::state::Output;
use crate::state::OutputError;
use crate::value::Data;
use crate::value::Value;
use crate::value::type_to_json;

use super::place::Place;

/// The outputs in a state.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    outputs: BTreeMap<Arc<str>, Output>,
}

/// Reads the outputs in a state, without any lock.
///
/// # Errors
/// If the state cannot be read.
pub fn outputs(place: &Place) -> Result<Outputs, Diagnostic> {
    Ok(Outputs { outputs: place.view()?.recovered.state.outputs })
}

impl Outputs {
    /// Returns the outputs of a state.
    #[must_use]
    pub fn of(outputs: BTreeMap<Arc<str>, Output>) -> Self {
        Self { outputs }
    }

    /// Returns true if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Returns the outputs by name.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<Arc<str>, Output> {
        &self.outputs
    }

    /// Returns all outputs as `{ name: { sensitive, type, value } }`. The value of a secret is null.
    ///
    /// # Errors
    /// If a stored value cannot be read.
    pub fn json(&self) -> Result<Json, Diagnostic> {
        let mut all = Map::new();
        for (name, output) in &self.outputs {
            let value = match output.value(name) {
                Ok(value) => shown(&value),
                Err(OutputError::SecretUnavailable { .. }) => Json::Null,
                Err(error) => return Err(error.into()),
            };
            let entry =
                json!({ "sensitive": output.sensitive, "type": type_to_json(&output.ty), "value": value });
            all.insert(name.to_string(), entry);
        }
        Ok(Json::Object(all))
    }

    /// Returns the value of one output, for people or as JSON; marked sensitive where it is.
    ///
    /// # Errors
    /// If there is no such output, or its value is a secret that is not stored.
    pub fn value(&self, name: &str) -> Result<Value, Diagnostic> {
        let Some(output) = self.outputs.get(name) else { return Err(self.unknown(name)) };
        output.value(name).map_err(|error| match error {
            OutputError::SecretUnavailable { .. } => Diagnostic::from(error)
                .hint("or output another value that leads to it, such as the id of the object that has it"),
            OutputError::Unreadable { .. } => error.into(),
        })
    }

    /// Returns the value of one output as bare text: what a shell script wants. The only way to see a secret.
    ///
    /// # Errors
    /// If there is no such output, its value is a secret that is not stored, or it is no text, number or bool.
    pub fn raw(&self, name: &str) -> Result<String, Diagnostic> {
        let (value, _) = self.value(name)?.unmark_deep();
        match value.data() {
            Data::String(text) => Ok(text.to_string()),
            Data::Number(number) => Ok(number.to_string()),
            Data::Bool(value) => Ok(value.to_string()),
            _ => Err(Diagnostic::error(
                Code::UnsuitableValue,
                format!(
                    "`--raw` prints texts, numbers and bools; `{name}` is {}",
                    value.ty().friendly_name()
                ),
            )
            .hint("use `--json`, or output the part of it that is needed")),
        }
    }

    fn unknown(&self, name: &str) -> Diagnostic {
        let found = Diagnostic::error(Code::NotFound, format!("there is no output `{name}` in the state"));
        if self.outputs.is_empty() {
            return found.hint("declare it (`output \"…\" { value = … }`) and run `queueform apply`");
        }
        let names = self.outputs.keys().map(|name| &**name);
        found.hint(did_you_mean(name, names).unwrap_or_else(|| {
            "`queueform output` lists what there is; new outputs need an apply".to_owned()
        }))
    }
}
