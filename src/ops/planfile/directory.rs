//! What in the directory is not what a saved plan was made from, as far as the plan has to do with it.
//!
//! A saved plan brings its configuration along, so it can be applied where there is none. Where there is one, it is
//! what people see: blocks that the plan's changes depend on must be the same there. Layout, comments, the file that a
//! block stands in, and blocks that the plan leaves alone count for nothing.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ModulePath;
use crate::config;
use crate::config::ResourceId;
use crate::config::VariableSource;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::graph::Item;
use crate::graph::Node;
use crate::schema::Registry;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::ast::Block;
use crate::syntax::lex::lex;
use crate::syntax::parse::parse_file;
use crate::value::to_json;

use super::super::project::Project;
use super::super::project::ProjectOptions;
use super::format::PlanFile;
use super::format::SavedSource;
use super::reopen::stale;
use super::save::CONFIG;

/// The blocks of a directory: what they say, and where the first of them stands.
type Blocks = BTreeMap<(String, String, Vec<String>), Written>;

#[derive(Debug, Clone, Default)]
struct Written {
    text: String,
    place: String,
}

impl PlanFile {
    /// Finds what was changed in the directory after the plan was made, and that the plan depends on.
    pub(super) fn changed_directory(&self, options: &ProjectOptions, project: &Project) -> Diagnostics {
        let directory = &options.directory;
        let saved: Vec<&SavedSource> = self.sources.iter().filter(|source| source.text.is_some()).collect();
        if !self.sources.iter().any(|source| directory.join(&source.name).exists()) {
            // Nobody sees anything else than what the plan holds.
            return Diagnostics::new();
        }
        if self.options.undo.is_some() {
            // It brings objects back to what a run found, whatever the configuration says now.
            return Diagnostics::new();
        }
        let mut was = Blocks::new();
        let mut is = Blocks::new();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for source in saved {
            names.insert(source.name.clone());
            read(&source.name, source.text.as_deref().unwrap_or_default(), &mut was);
        }
        let kept: BTreeSet<&str> = self.sources.iter().map(|source| source.name.as_str()).collect();
        names.extend(files(directory).into_iter().filter(|name| !kept.contains(name.as_str())));
        for name in &names {
            if let Ok(text) = fs::read_to_string(directory.join(name)) {
                read(name, &text, &mut is);
            }
        }
        let part = self.depended_on(project);
        let mut found = Diagnostics::new();
        for (key, before) in &was {
            let after = is.get(key);
            if after.is_some_and(|after| after.text == before.text) || !part.has(key, project) {
                continue;
            }
            let what = name_of(key);
            found.push(match after {
                Some(after) => stale(format!("{what} was changed after the plan was made"))
                    .detail(format!("It stands in {}, and what the plan does depends on it.", after.place)),
                None => stale(format!("{what} was removed after the plan was made"))
                    .detail(format!("It stood in {}, and what the plan does depends on it.", before.place)),
            });
        }
        for (key, after) in is.iter().filter(|(key, _)| !was.contains_key(*key)) {
            if part.has(key, project) {
                let what = name_of(key);
                found.push(
                    stale(format!("{what} was added after the plan was made")).detail(format!(
                        "It stands in {}, and what the plan does depends on it.",
                        after.place
                    )),
                );
            }
        }
        found.extend(self.changed_variables(options, &part));
        found
    }

    /// Variables that are given another value now, in the way in which they were given when the plan was made.
    fn changed_variables(&self, options: &ProjectOptions, part: &Part) -> Vec<Diagnostic> {
        let load = config::LoadOptions { arguments: Vec::new(), ..options.load() };
        let loaded = config::load(&load, &mut Registry::embedded(), &mut SourceMap::new());
        let Some(loaded) = loaded.output else { return Vec::new() };
        let mut found = Vec::new();
        for (name, saved) in &self.variables {
            let Some(now) = loaded.variables.values.get(name.as_str()) else { continue };
            if now.source == VariableSource::Default {
                // That is a change of its block.
                continue;
            }
            let same_way = saved.given.as_deref().is_some_and(|given| given == given_by(&now.source));
            let is_part = part.nodes.contains(&Node::root(Item::Variable(name.as_str().into())));
            let Ok(value) = to_json(&now.value) else { continue };
            if !same_way || !is_part || now.value.marks_deep().is_sensitive() || value == saved.value {
                continue;
            }
            found.push(
                stale(format!("variable `{name}` has another value than when the plan was made")).detail(
                    format!("It was {}, and is {value} now, {}.", saved.value, given_by(&now.source)),
                ),
            );
        }
        found
    }

    /// Everything that the objects and outputs that the plan changes depend on.
    fn depended_on(&self, project: &Project) -> Part {
        let mut roots: BTreeSet<Node> = BTreeSet::new();
        for subject in self.decisions.keys() {
            let subject = subject.split(" (deposed object").next().unwrap_or(subject);
            if let Some(name) = subject.strip_prefix("output ") {
                roots.insert(Node::root(Item::Output(name.into())));
            } else if let Ok(addr) = subject.parse::<InstanceAddr>() {
                roots.insert(Node::resource(&addr.resource));
            }
        }
        Part { nodes: project.graph.closure(&roots).into_iter().cloned().collect() }
    }
}

/// How a variable got its value, in words that are kept with the plan.
pub(super) fn given_by(source: &VariableSource) -> String {
    match source {
        VariableSource::Default => "by its default".to_owned(),
        VariableSource::Environment => "by the environment".to_owned(),
        VariableSource::File(name) => format!("by `{name}`"),
        VariableSource::CommandLine => "by `--var`".to_owned(),
        VariableSource::Test => "by a test".to_owned(),
    }
}

/// What the plan depends on.
struct Part {
    nodes: BTreeSet<Node>,
}

impl Part {
    fn has(&self, (directory, kind, labels): &(String, String, Vec<String>), project: &Project) -> bool {
        let label = |index: usize| labels.get(index).map_or("", String::as_str);
        let modules: Vec<&ModulePath> = project
            .config
            .modules
            .values()
            .chain([&project.config.root])
            .filter(|module| module_directory(&module.directory) == *directory)
            .map(|module| &module.path)
            .collect();
        let has = |item: Item| {
            modules
                .iter()
                .any(|path| self.nodes.contains(&Node { module: (*path).clone(), item: item.clone() }))
        };
        let resource =
            |mode| Item::Resource(ResourceId { mode, kind: label(0).into(), name: label(1).into() });
        match kind.as_str() {
            "resource" => has(resource(Mode::Managed)),
            "data" => has(resource(Mode::Data)),
            "ephemeral" => has(resource(Mode::Ephemeral)),
            "action" => has(resource(Mode::Action)),
            "variable" => has(Item::Variable(label(0).into())),
            "locals" => has(Item::Local(label(0).into())),
            "output" => has(Item::Output(label(0).into())),
            "module" => {
                let name: Arc<str> = label(0).into();
                has(Item::Call(Arc::clone(&name)))
                    || modules.iter().any(|path| {
                        let child = path.child(&name);
                        self.nodes.iter().any(|node| node.module.0.starts_with(&child.0))
                    })
            }
            "provider" => self
                .nodes
                .iter()
                .any(|node| matches!(&node.item, Item::Provider(provider) if &*provider.name == label(0))),
            "check" => false,
            // Settings, `moved`, `removed` and `import` decide about objects without being needed by them.
            _ => true,
        }
    }
}

/// Takes in the blocks of one file.
fn read(name: &str, text: &str, blocks: &mut Blocks) {
    let directory =
        Path::new(name).parent().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    if name.ends_with(".json") {
        let text =
            serde_json::from_str::<serde_json::Value>(text).map_or(text.to_owned(), |json| json.to_string());
        add(blocks, (directory, "file".to_owned(), vec![name.to_owned()]), &text, name.to_owned());
        return;
    }
    let mut sources = SourceMap::new();
    let source = sources.add(name, text);
    let Some(body) = parse_file(source, text).output else {
        add(blocks, (directory, "file".to_owned(), vec![name.to_owned()]), text, name.to_owned());
        return;
    };
    let place = |start: u32| place(&sources, source, start);
    for block in &body.blocks {
        if &*block.kind.value == "locals" {
            for local in &block.body.attributes {
                let key = (directory.clone(), "locals".to_owned(), vec![local.name.value.to_string()]);
                add(blocks, key, &bare(sources.snippet(local.span)), place(local.span.start));
            }
            continue;
        }
        let text = bare(sources.snippet(block.span));
        add(
            blocks,
            (directory.clone(), block.kind.value.to_string(), labels(block)),
            &text,
            place(block.span.start),
        );
    }
}

fn labels(block: &Block) -> Vec<String> {
    block.labels.iter().map(|label| label.value.to_string()).collect()
}

fn place(sources: &SourceMap, source: SourceId, start: u32) -> String {
    sources
        .get(source)
        .map_or_else(String::new, |file| format!("{}:{}", file.name(), file.position(start).line))
}

/// Blocks of the same name, such as `moved`, count as one.
fn add(blocks: &mut Blocks, key: (String, String, Vec<String>), text: &str, place: String) {
    let known = blocks.entry(key).or_insert_with(|| Written { text: String::new(), place });
    known.text.push_str(text);
    known.text.push('\n');
}

/// Returns a text without comments and layout.
fn bare(text: &str) -> String {
    let tokens = lex(text);
    let kept = tokens.iter().filter(|token| !token.kind.is_comment() && !token.kind.ends_line());
    kept.map(|token| token.text(text).trim()).collect::<Vec<_>>().join("\u{1}")
}

/// What is called by the user as it is in the configuration.
fn name_of((_, kind, labels): &(String, String, Vec<String>)) -> String {
    match (kind.as_str(), labels.as_slice()) {
        ("locals", [name]) => format!("`local.{name}`"),
        ("file", [name]) => format!("`{name}`"),
        ("resource", [kind, name]) => format!("the block of `{kind}.{name}`"),
        ("data" | "ephemeral" | "action", [of, name]) => format!("the block of `{kind}.{of}.{name}`"),
        ("variable", [name]) => format!("the block of `var.{name}`"),
        ("module" | "output", [name]) => format!("the block of `{kind}.{name}`"),
        (_, []) => format!("a `{kind}` block"),
        (_, labels) => format!("the block `{kind} {}`", labels.join(" ")),
    }
}

/// The configuration files of the directory itself.
fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| CONFIG.iter().any(|ending| name.ends_with(ending))).collect()
}

/// The directory of a module relative to the configuration.
fn module_directory(directory: &str) -> String {
    let parts =
        Path::new(directory).components().filter(|part| !matches!(part, std::path::Component::CurDir));
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
