//! A recorded case as a directory: for what is told only by loading a configuration.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use queueform::config::LoadOptions;
use queueform::config::Loaded;
use queueform::config::VariableInput;
use queueform::config::load;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::graph;
use queueform::ops::console::Console;
use queueform::ops::console::ConsoleOptions;
use queueform::ops::console::Evaluated;
use queueform::ops::place::PlaceOptions;
use queueform::plan::Answers;
use queueform::plan::PlanInput;
use queueform::plan::PlanOptions;
use queueform::plan::Planning;
use queueform::plan::plan;
use queueform::render::console::type_text;
use queueform::render::console::value_text;
use queueform::schema::Registry;
use queueform::source::SourceMap;
use queueform::state::State;
use queueform::value::Value;
use serde_json::Value as Json;
use tempfile::TempDir;

/// The files of a case.
pub(super) struct Directory {
    _place: TempDir,
    options: LoadOptions,
}

impl Directory {
    /// Writes the files of a case as they were when it was recorded.
    pub(super) fn of(case: &Json) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut main = String::from("locals {\n");
        for (name, text) in case["locals"].as_object().into_iter().flatten() {
            writeln!(main, "  {name} = {}", text.as_str().unwrap()).unwrap();
        }
        main.push_str("}\n");
        let (mut declarations, mut values) = (String::new(), String::new());
        let (mut environment, mut arguments) = (Vec::new(), Vec::new());
        for (name, variable) in case["variables"].as_object().into_iter().flatten() {
            let declaration = variable["decl"].as_str().unwrap();
            writeln!(declarations, "variable \"{name}\" {{\n{declaration}\n}}").unwrap();
            if let Some(text) = variable["tfvars"].as_str() {
                writeln!(values, "{name} = {text}").unwrap();
            }
            if let Some(text) = variable["env"].as_str() {
                environment.push((name.clone(), text.to_owned()));
            }
            if let Some(text) = variable["cli"].as_str() {
                arguments.push(VariableInput::Text { name: name.clone(), text: text.to_owned() });
            }
        }
        fs::write(place.path().join("main.qf.hcl"), main).unwrap();
        fs::write(place.path().join("variables.qf.hcl"), declarations).unwrap();
        if !values.is_empty() {
            fs::write(place.path().join("queueform.qfvars.hcl"), values).unwrap();
        }
        let directory = place.path().to_owned();
        let options = LoadOptions { directory, environment, arguments, ..LoadOptions::default() };
        Self { _place: place, options }
    }

    fn load(&self) -> Result<Loaded, Diagnostics> {
        let mut sources = SourceMap::new();
        let checked = load(&self.options, &mut Registry::embedded(), &mut sources);
        if checked.diagnostics.has_errors() {
            return Err(checked.diagnostics);
        }
        let loaded = checked.output.unwrap();
        match loaded.variables.missing.first() {
            Some(name) => {
                Err(Diagnostic::error(Code::MissingVariable, format!("`{name}` is not set")).into())
            }
            None => Ok(loaded),
        }
    }

    /// The values of the variables, none of which fails a validation.
    pub(super) fn variables(&self) -> Result<BTreeMap<String, Value>, Diagnostics> {
        let loaded = self.load()?;
        let registry = Registry::embedded();
        let graph = graph::build(&loaded.config).output.unwrap();
        let input = PlanInput {
            config: &loaded.config,
            variables: &loaded.variables,
            graph: &graph,
            state: &State::default(),
            registry: &registry,
            files: None,
            time: "2026-01-02T03:04:05Z",
            workspace: "default",
            watched: false,
        };
        match plan(input, &PlanOptions::normal(), &Answers::new()) {
            Planning::Done(plan) if plan.diagnostics.has_errors() => Err(plan.diagnostics),
            Planning::Done(_) => {
                let values = &loaded.variables.values;
                Ok(values.iter().map(|(name, given)| (name.to_string(), given.value.clone())).collect())
            }
            Planning::Needs(_) => panic!("nothing is there that could be asked for"),
        }
    }

    /// What the console prints for an expression.
    pub(super) fn console(&self, text: &str) -> Result<String, Diagnostics> {
        let options = ConsoleOptions {
            load: self.options.clone(),
            place: PlaceOptions::of_directory(&self.options.directory),
            home: Some("/home/tester".to_owned()),
        };
        let console = Console::open(&options);
        console.evaluator().evaluate(text).map(|result| match result {
            Evaluated::Value(value) => value_text(&value),
            Evaluated::Type(ty) => type_text(&ty),
            Evaluated::TypeOfType => "type".to_owned(),
        })
    }
}
