//! Expressions evaluated against a configuration and its state.

mod complete;
mod continuation;
mod help;
#[cfg(test)]
mod tests;

use crate::config;
use crate::config::Config;
use crate::config::LoadOptions;
use crate::config::VariableValues;
use crate::diag::Code;
use crate::diag::Diagnostics;
use crate::eval;
use crate::graph;
use crate::graph::DependencyGraph;
use crate::plan::scope::View;
use crate::plan::scope::World;
use crate::schema::Registry;
use crate::source::SourceMap;
use crate::state::State;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::parse::parse_expression;
use crate::value::Type;
use crate::value::Value;

pub use complete::Completion;
pub use help::help;

use super::files::WorkingFiles;
use super::place::Place;
use super::place::PlaceOptions;
use super::values;
use super::values::Missing;

/// What a console works on.
#[derive(Debug, Clone)]
pub struct ConsoleOptions {
    /// The configuration and its variables.
    pub load: LoadOptions,
    /// Where the state is looked for.
    pub place: PlaceOptions,
    /// The home directory, for `pathexpand`.
    pub home: Option<String>,
}

/// A configuration with its state, ready to evaluate expressions.
#[derive(Debug)]
pub struct Console {
    /// What was found while loading; expressions work as far as they can in spite of it.
    pub diagnostics: Diagnostics,
    /// The texts of the configuration.
    pub sources: SourceMap,
    /// The schemas of its resources.
    pub registry: Registry,
    config: Config,
    graph: DependencyGraph,
    variables: VariableValues,
    state: State,
    files: Option<WorkingFiles>,
    workspace: String,
}

/// The result of an expression.
#[derive(Debug, Clone)]
pub enum Evaluated {
    /// A value.
    Value(Value),
    /// The type that `type(…)` was asked for.
    Type(Type),
    /// What `type(type(…))` is.
    TypeOfType,
}

impl Console {
    /// Loads configuration and state. A directory without configuration is as good as any.
    #[must_use]
    pub fn open(options: &ConsoleOptions) -> Self {
        let mut registry = Registry::embedded();
        let mut sources = SourceMap::new();
        let loaded = config::load(&options.load, &mut registry, &mut sources);
        let mut diagnostics: Diagnostics =
            loaded.diagnostics.into_iter().filter(|item| item.code != Code::NoConfiguration).collect();
        let (config, variables) = match loaded.output {
            Some(loaded) => (loaded.config, loaded.variables),
            None => (Config::default(), VariableValues::default()),
        };
        // What depends on itself is reported already.
        let graph = graph::build(&config).output.unwrap_or_default();
        let place = Place::with_backend(options.place.clone(), Some((&config.root, &variables)));
        let state = match place.and_then(|place| place.view().map_err(Diagnostics::from)) {
            Ok(view) => view.recovered.state,
            Err(found) => {
                diagnostics.extend(
                    found
                        .into_iter()
                        .map(|item| item.hint("expressions see resources as if none were created yet")),
                );
                State::default()
            }
        };
        let files = WorkingFiles::of_process(options.home.as_deref()).ok();
        let workspace = options.place.workspace.clone();
        Self { diagnostics, sources, registry, config, graph, variables, state, files, workspace }
    }

    /// Returns an evaluator of expressions; local values are computed once for all of them.
    #[must_use]
    pub fn evaluator(&self) -> Evaluator<'_> {
        let variables = values::variables(&self.config.root, &self.variables);
        let mut world =
            World::new(&self.config, variables).with_workspace(self.workspace.as_str()).applying();
        if let Some(files) = &self.files {
            world = world.with_files(files);
        }
        let shown = values::Shown { graph: &self.graph, registry: &self.registry, missing: Missing::Unknown };
        shown.state(&mut world, &self.state, None);
        Evaluator { world, registry: &self.registry, sources: SourceMap::new() }
    }
}

/// Evaluates expressions one after the other.
#[derive(Debug)]
pub struct Evaluator<'c> {
    world: World<'c>,
    registry: &'c Registry,
    sources: SourceMap,
}

impl Evaluator<'_> {
    /// Evaluates one expression.
    ///
    /// # Errors
    /// If it cannot be parsed or evaluated.
    pub fn evaluate(&mut self, text: &str) -> Result<Evaluated, Diagnostics> {
        // The end of a heredoc ends with its line, which the last line of a text need not do.
        let whole = if text.contains("<<") { format!("{text}\n") } else { text.to_owned() };
        let text = whole.as_str();
        let source = self.sources.add("<console>", text);
        let parsed = parse_expression(source, 0, text);
        let expr = match parsed.output {
            Some(expr) if !parsed.diagnostics.has_errors() => expr,
            _ => return Err(help::hinted(parsed.diagnostics, text)),
        };
        let view = View::of(&self.world);
        match asked_for_type(&expr) {
            Some(of) if asked_for_type(of).is_some() => Ok(Evaluated::TypeOfType),
            Some(of) => eval::evaluate(of, &view).map(|value| Evaluated::Type(value.ty())),
            None => eval::evaluate(&expr, &view).map(Evaluated::Value),
        }
    }

    /// Returns true if a text is the beginning of an expression that goes on in the next line.
    #[must_use]
    pub fn is_unfinished(text: &str) -> bool {
        continuation::is_unfinished(text)
    }

    /// The texts that findings about expressions quote.
    #[must_use]
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }
}

/// Returns the argument if the whole expression is `type(…)`, which exists only here.
fn asked_for_type(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Call(call) if &*call.name.value == "type" && !call.expand => match &*call.arguments {
            [only] => Some(only),
            _ => None,
        },
        ExprKind::Parens(inner) | ExprKind::TemplateWrap(inner) => asked_for_type(inner),
        _ => None,
    }
}
