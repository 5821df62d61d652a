//! What the expressions of a recorded case can see: locals, variables, resources still to be created, files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::Diagnostics;
use queueform::eval::FileError;
use queueform::eval::Files;
use queueform::eval::Namespace;
use queueform::eval::Referent;
use queueform::eval::Scope;
use queueform::eval::evaluate;
use queueform::source::SourceId;
use queueform::source::Span;
use queueform::syntax::ast::Expr;
use queueform::syntax::parse::parse_file;
use queueform::value::Refinement;
use queueform::value::Type;
use queueform::value::Value;
use serde_json::Value as Json;

use super::super::super::conformance::directory;
use super::directory::Directory;

/// Stands for the working directory in the recorded results.
pub(super) const CURRENT_DIRECTORY: &str = "/configuration";

const SOURCE: SourceId = SourceId(0);

pub(super) struct World {
    locals: BTreeMap<String, Expr>,
    /// Results of locals, computed when first asked for.
    results: RefCell<BTreeMap<String, Result<Value, Diagnostics>>>,
    variables: BTreeMap<String, Value>,
    /// Inputs of `terraform_data` resources by name.
    resources: BTreeMap<String, Value>,
    files: Fixtures,
    /// The case was recorded while applying.
    applying: bool,
}

/// Parses the value of an attribute, as in the recorded runs: a newline ends it.
pub(super) fn parse(text: &str) -> Result<Expr, Diagnostics> {
    let file = format!("e = {text}\n");
    let checked = parse_file(SOURCE, &file);
    if checked.diagnostics.has_errors() {
        return Err(checked.diagnostics);
    }
    let mut body = checked.output.unwrap();
    if body.attributes.len() != 1 || !body.blocks.is_empty() {
        return Err(Diagnostic::error(Code::Syntax, "one attribute expected").into());
    }
    Ok(body.attributes.remove(0).expr)
}

impl World {
    pub(super) fn of(case: &Json) -> Result<Self, Diagnostics> {
        let mut world = Self {
            locals: BTreeMap::new(),
            results: RefCell::default(),
            variables: BTreeMap::new(),
            resources: BTreeMap::new(),
            files: Fixtures { root: directory() },
            applying: case["mode"] == "apply",
        };
        for (name, text) in case["locals"].as_object().into_iter().flatten() {
            world.locals.insert(name.clone(), parse(text.as_str().unwrap())?);
        }
        if case.get("variables").is_some() {
            world.variables = Directory::of(case).variables()?;
        }
        if let Some(preamble) = case["preamble"].as_str() {
            let body = parse_file(SOURCE, preamble).output.unwrap();
            for block in body.blocks_of("resource") {
                let input = block.body.attribute("input").unwrap();
                let value = evaluate(&input.expr, &world)?;
                world.resources.insert(block.labels.last().unwrap().value.to_string(), value);
            }
        }
        Ok(world)
    }

    fn local(&self, name: &str, span: Span) -> Result<Value, Diagnostics> {
        if let Some(result) = self.results.borrow().get(name) {
            return result.clone();
        }
        let Some(expr) = self.locals.get(name) else {
            return Err(undeclared(format!("no local value `{name}`"), span));
        };
        let result = evaluate(expr, self);
        self.results.borrow_mut().insert(name.to_owned(), result.clone());
        result
    }
}

fn undeclared(summary: String, span: Span) -> Diagnostics {
    Diagnostic::error(Code::UndeclaredReference, summary).at(span, "").into()
}

impl Scope for World {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        let kind = match name {
            "local" => Kind::Local,
            "var" => Kind::Variable,
            "path" => Kind::Path,
            "terraform" => Kind::Terraform,
            "terraform_data" => Kind::Resources,
            _ => return Err(undeclared(format!("`{name}` means nothing here"), span)),
        };
        Ok(Referent::Namespace(Box::new(Part { world: self, kind })))
    }

    fn files(&self) -> Option<&dyn Files> {
        Some(&self.files)
    }

    fn plan_time(&self) -> Option<Arc<str>> {
        Some("2026-01-02T03:04:05Z".into())
    }

    fn impure_is_unknown(&self) -> bool {
        !self.applying
    }
}

enum Kind {
    Local,
    Variable,
    Path,
    Terraform,
    Resources,
}

struct Part<'w> {
    world: &'w World,
    kind: Kind,
}

impl<'w> Namespace<'w> for Part<'w> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'w>, Diagnostics> {
        let missing = || undeclared(format!("no `{name}` there"), span);
        let value = match self.kind {
            Kind::Local => self.world.local(name, span)?,
            Kind::Variable => self.world.variables.get(name).cloned().ok_or_else(missing)?,
            Kind::Path => match name {
                "module" | "root" => Value::string("."),
                "cwd" => Value::string(CURRENT_DIRECTORY),
                _ => return Err(missing()),
            },
            Kind::Terraform if name == "workspace" => Value::string("default"),
            Kind::Terraform => return Err(missing()),
            Kind::Resources => {
                let input = self.world.resources.get(name).ok_or_else(missing)?;
                let output = if input.is_null() { input.clone() } else { Value::unknown(input.ty()) };
                Value::object([
                    ("id", Value::refined(Type::String, Refinement::not_null())),
                    ("input", input.clone()),
                    ("output", output),
                    ("triggers_replace", Value::null()),
                ])
            }
        };
        Ok(Referent::Value(value))
    }

    fn index(self: Box<Self>, _key: &Value, span: Span) -> Result<Referent<'w>, Diagnostics> {
        Err(undeclared("a name is needed".to_owned(), span))
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        Err(undeclared("not a value".to_owned(), span))
    }
}

/// The files of the recorded runs, `tests/conformance/fixtures`.
struct Fixtures {
    root: PathBuf,
}

impl Fixtures {
    fn real(&self, path: &str) -> PathBuf {
        let relative = path.strip_prefix(CURRENT_DIRECTORY).unwrap_or(path);
        if path.starts_with('/') && relative == path {
            return PathBuf::from(path);
        }
        self.root.join(relative.trim_start_matches('/'))
    }
}

fn error(path: &str, reason: impl std::fmt::Display) -> FileError {
    FileError { message: format!("{path}: {reason}") }
}

impl Files for Fixtures {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        fs::read(self.real(path)).map(Arc::from).map_err(|reason| error(path, reason))
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        match fs::metadata(self.real(path)) {
            Ok(metadata) if metadata.is_file() => Ok(true),
            Ok(_) => Err(error(path, "not a regular file")),
            Err(_) => Ok(false),
        }
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        let root = self.real(directory);
        let mut found = Vec::new();
        let mut open = vec![root.clone()];
        while let Some(next) = open.pop() {
            let Ok(entries) = fs::read_dir(&next) else { continue };
            for entry in entries {
                let path = entry.map_err(|reason| error(directory, reason))?.path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn current_directory(&self) -> Arc<str> {
        CURRENT_DIRECTORY.into()
    }

    fn home_directory(&self) -> Option<Arc<str>> {
        Some("/home/tester".into())
    }
}
