//! All providers and types by name. Embedded files are parsed when a type is first asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::diag::Diagnostics;
use crate::source::SourceFile;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::ast::Name;

use super::Digest;
use super::ProviderSchema;
use super::ResourceKind;
use super::ResourceSchema;
use super::load;

/// Sources of schemas are numbered from here, apart from those of a configuration.
const FIRST_SOURCE: u32 = 1 << 31;

/// A schema file: `PROVIDER/provider.hcl`, `PROVIDER/TYPE.hcl` or `PROVIDER/data/TYPE.hcl`, where `TYPE` is
/// the type without the provider's prefix.
#[derive(Debug, Clone)]
pub struct SchemaFile {
    /// The path below `schemas/`, with `/`.
    pub path: Arc<str>,
    /// The content.
    pub text: Arc<str>,
}

/// All known providers, resource types and data sources.
#[derive(Debug, Default, Clone)]
pub struct Registry {
    sources: SourceMap,
    providers: BTreeMap<Name, Entry<ProviderSchema>>,
    types: BTreeMap<(ResourceKind, Name), Entry<ResourceSchema>>,
    /// Digests of all files of the providers that users wrote.
    users: BTreeMap<Name, Digest>,
}

/// A file and what it says, once somebody asked. Copies of a registry share what was loaded.
#[derive(Debug)]
struct Entry<T> {
    source: SourceId,
    provider: Name,
    cell: Arc<OnceLock<Option<Arc<T>>>>,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { source: self.source, provider: Arc::clone(&self.provider), cell: Arc::clone(&self.cell) }
    }
}

/// The embedded schemas, loaded once for the whole process.
static EMBEDDED: OnceLock<Registry> = OnceLock::new();

impl Registry {
    /// Returns the registry of the embedded schemas.
    #[must_use]
    pub fn embedded() -> Self {
        let build = || {
            let mut registry = Self::default();
            for (path, text) in super::embedded::FILES {
                let file = SchemaFile { path: Arc::from(*path), text: Arc::from(*text) };
                registry.add(&file, format!("schemas/{path}"));
            }
            registry
        };
        EMBEDDED.get_or_init(build).clone()
    }

    /// Adds files written by users. They are loaded and checked at once, so that every mistake is reported;
    /// a type that is there already is replaced.
    pub fn add_files(&mut self, files: &[SchemaFile]) -> Diagnostics {
        let mut added = Vec::new();
        for file in files {
            added.push((self.add(file, format!("schemas/{}", file.path)), file.clone()));
        }
        load::check(&added)
    }

    /// Adds a provider that a user wrote: texts by their paths below its directory, which is shown as `directory`.
    /// They are loaded and checked at once, so that every mistake is reported.
    pub fn add_provider_files(
        &mut self,
        provider: &Name,
        directory: &str,
        files: &[(String, String)],
    ) -> Diagnostics {
        let mut added = Vec::new();
        let mut all = String::new();
        for (path, text) in files {
            let file =
                SchemaFile { path: Arc::from(format!("{provider}/{path}")), text: Arc::from(text.as_str()) };
            added.push((self.add(&file, format!("{directory}/{path}")), file));
            // Writing to a string cannot fail.
            writeln!(all, "{path}\n{}\n{text}", text.len()).ok();
        }
        self.users.insert(Arc::clone(provider), load::digest(&all));
        load::check(&added)
    }

    /// Returns true if a provider is part of the program.
    #[must_use]
    pub fn is_built_in(&self, provider: &str) -> bool {
        self.providers.contains_key(provider) && !self.users.contains_key(provider)
    }

    /// Returns the providers that users wrote, with the digests of their schemas.
    #[must_use]
    pub fn written_by_users(&self) -> &BTreeMap<Name, Digest> {
        &self.users
    }

    /// Adds a schema that is not in a file.
    pub fn add_resource(&mut self, schema: ResourceSchema) {
        let key = (schema.kind, Arc::clone(&schema.type_name));
        let entry = Entry {
            source: SourceId(u32::MAX),
            provider: Arc::clone(&schema.provider),
            cell: Arc::new(OnceLock::from(Some(Arc::new(schema)))),
        };
        self.types.insert(key, entry);
    }

    /// Adds a provider that is not in a file.
    pub fn add_provider(&mut self, schema: ProviderSchema) {
        let name = Arc::clone(&schema.name);
        let entry = Entry {
            source: SourceId(u32::MAX),
            provider: Arc::clone(&name),
            cell: Arc::new(OnceLock::from(Some(Arc::new(schema)))),
        };
        self.providers.insert(name, entry);
    }

    fn add(&mut self, file: &SchemaFile, shown: String) -> SourceId {
        let local = self.sources.add(shown, Arc::clone(&file.text));
        let source = SourceId(FIRST_SOURCE | local.0);
        match load::place(&file.path) {
            Some(load::Place::Provider(name)) => {
                let entry = Entry { source, provider: Arc::clone(&name), cell: Arc::default() };
                self.providers.insert(name, entry);
            }
            Some(load::Place::Type { provider, kind, name }) => {
                self.types.insert((kind, name), Entry { source, provider, cell: Arc::default() });
            }
            None => {}
        }
        source
    }

    /// Returns a provider.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<Arc<ProviderSchema>> {
        let entry = self.providers.get(name)?;
        let load = || {
            let text = self.source(entry.source)?.text();
            load::provider(entry.source, &entry.provider, text).output.map(Arc::new)
        };
        entry.cell.get_or_init(load).clone()
    }

    /// Returns a resource type or data source.
    #[must_use]
    pub fn resource(&self, kind: ResourceKind, type_name: &str) -> Option<Arc<ResourceSchema>> {
        let ((_, name), entry) = self.types.get_key_value(&(kind, Arc::from(type_name)))?;
        let load = || {
            let text = self.source(entry.source)?.text();
            load::resource(entry.source, kind, &entry.provider, name, text).output.map(Arc::new)
        };
        entry.cell.get_or_init(load).clone()
    }

    /// Returns the provider of a type by its prefix, whether the type exists or not.
    #[must_use]
    pub fn provider_of(&self, type_name: &str) -> Option<&Name> {
        self.providers
            .keys()
            .filter(|name| type_name.strip_prefix(&***name).is_some_and(|rest| rest.starts_with('_')))
            .max_by_key(|name| name.len())
    }

    /// Returns the names of all providers in order.
    pub fn provider_names(&self) -> impl Iterator<Item = &Name> {
        self.providers.keys()
    }

    /// Returns the names of all types of a kind in order.
    pub fn type_names(&self, kind: ResourceKind) -> impl Iterator<Item = &Name> {
        self.types.keys().filter(move |(found, _)| *found == kind).map(|(_, name)| name)
    }

    /// Returns the text that a span of a schema lies in.
    #[must_use]
    pub fn source(&self, id: SourceId) -> Option<&SourceFile> {
        self.sources.get(SourceId(id.0.checked_sub(FIRST_SOURCE)?))
    }
}
