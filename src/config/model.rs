//! What the user wants, as declared. Expressions are kept; nothing here is evaluated.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::ValuePath;
use crate::addr::compare_names;
use crate::source::Span;
use crate::source::Spanned;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Name;
use crate::syntax::ast::Reference;
use crate::value::Type;
use crate::value::Value;

use super::Check;
use super::EncryptionBlock;
use super::Import;
use super::Mocks;
use super::Moved;
use super::Removed;

/// A whole configuration.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The root module.
    pub root: Module,
    /// The modules that are called, directly or not, by their paths.
    pub modules: BTreeMap<ModulePath, Module>,
    /// What a test puts in place of providers, objects and modules.
    pub mocks: Mocks,
}

/// One module.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Where it stands in the tree of modules.
    pub path: ModulePath,
    /// Its directory relative to the root module's, as `path.module` gives it; empty for the root.
    pub directory: String,
    /// The source it was called with; empty for the root.
    pub source: String,
    /// The `queueform` blocks, merged.
    pub settings: Settings,
    /// Provider configurations by address.
    pub providers: BTreeMap<ProviderAddr, ProviderConfig>,
    /// `provider` blocks with `for_each`: their configurations are among the others, by keys.
    pub provider_sets: BTreeMap<ProviderAddr, Span>,
    /// Input variables by name.
    pub variables: BTreeMap<Name, Variable>,
    /// Local values by name.
    pub locals: BTreeMap<Name, Local>,
    /// Outputs by name.
    pub outputs: BTreeMap<Name, Output>,
    /// `module` blocks by name.
    pub calls: BTreeMap<Name, ModuleCall>,
    /// Resources and data sources.
    pub resources: BTreeMap<ResourceId, Resource>,
    /// `check` blocks by name.
    pub checks: BTreeMap<Name, Check>,
    /// The data sources that belong to a check, with its name.
    pub scoped: BTreeMap<ResourceId, Name>,
    /// `removed` blocks in source order.
    pub removed: Vec<Removed>,
    /// `moved` blocks in source order.
    pub moved: Vec<Moved>,
    /// `import` blocks in source order.
    pub imports: Vec<Import>,
    /// Parts of the module could not be read; what is missing must not be reported again.
    pub partial: bool,
}

/// What identifies a resource within its module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourceId {
    /// Managed or data.
    pub mode: Mode,
    /// The resource type.
    pub kind: Name,
    /// The name.
    pub name: Name,
}

/// The `queueform` block.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `required_version` constraints.
    pub required_version: Vec<Spanned<String>>,
    /// `limits`.
    pub limits: Limits,
    /// `owns`: patterns of the names of objects that this configuration may manage; all if there are none.
    pub owns: Vec<Spanned<String>>,
    /// `drift { ignore }`: patterns of what `queueform drift` does not tell.
    pub drift_ignore: Vec<Spanned<String>>,
    /// The `required_providers` block, if there is one.
    pub required_providers: Option<RequiredProviders>,
    /// The `backend` block, if there is one.
    pub backend: Option<Backend>,
    /// The `encryption` block, if there is one.
    pub encryption: Option<EncryptionBlock>,
}

/// `required_providers { … }`: all providers are built in, so only the names that a module's caller gives count.
#[derive(Debug, Clone)]
pub struct RequiredProviders {
    /// `configuration_aliases`: configurations that the caller of the module must give.
    pub aliases: Vec<Spanned<ProviderAddr>>,
    /// The block.
    pub header: Span,
}

/// `backend "type" { … }`.
#[derive(Debug, Clone)]
pub struct Backend {
    /// The type, such as `local`.
    pub kind: Ident,
    /// Its arguments.
    pub arguments: Vec<Attribute>,
    /// The block.
    pub span: Span,
}

/// `limits { … }`: how much one plan may delete without explicit consent.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Greatest number of deletions (replacements count) of one remote type.
    pub deletes: Option<Spanned<u64>>,
    /// Greatest share of the objects of one remote type, in percent.
    pub delete_percent: Option<Spanned<u64>>,
}

/// A `provider` block.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// Provider and alias.
    pub addr: ProviderAddr,
    /// Its arguments.
    pub arguments: BTreeMap<Name, Attribute>,
    /// One configuration for each element.
    pub for_each: Option<Expr>,
    /// The key and value of this one, with `for_each`.
    pub each: Option<(Name, Value)>,
    /// The directory of its schemas, if it is not built in; relative to the configuration.
    pub schemas: Option<Spanned<String>>,
    /// The block's header.
    pub header: Span,
}

impl ProviderConfig {
    /// Returns a configuration without arguments.
    #[must_use]
    pub fn empty(addr: &ProviderAddr, header: Span) -> Self {
        let addr = addr.clone();
        Self { addr, arguments: BTreeMap::new(), for_each: None, each: None, schemas: None, header }
    }
}

/// A `variable` block.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The name.
    pub name: Ident,
    /// The type constraint; [`Type::Any`] if none was written.
    pub ty: Type,
    /// Whether a type was written: without one, values from the command line are strings.
    pub typed: bool,
    /// The default, converted to the type.
    pub default: Option<Value>,
    /// What it is for.
    pub description: Option<String>,
    /// Values must not be shown.
    pub sensitive: bool,
    /// Values must not be stored.
    pub ephemeral: bool,
    /// Null is a value (true), or stands for the default (false).
    pub nullable: bool,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
    /// The block's header.
    pub header: Span,
}

/// `condition` and `error_message` of a validation, precondition or postcondition.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Must be true.
    pub condition: Expr,
    /// Shown when it is not.
    pub message: Expr,
    /// The block.
    pub span: Span,
}

/// One local value.
#[derive(Debug, Clone)]
pub struct Local {
    /// The name.
    pub name: Ident,
    /// The value.
    pub expr: Expr,
}

/// An `output` block.
#[derive(Debug, Clone)]
pub struct Output {
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: Expr,
    /// What it is.
    pub description: Option<String>,
    /// The value must not be shown.
    pub sensitive: bool,
    /// Where it says that the value must not be stored.
    pub ephemeral: Option<Span>,
    /// Only order, no value.
    pub depends_on: Vec<Reference>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// The block's header.
    pub header: Span,
}

/// A `module` block.
#[derive(Debug, Clone)]
pub struct ModuleCall {
    /// The name.
    pub name: Ident,
    /// Where the module comes from.
    pub source: Option<Expr>,
    /// `count`, `for_each` or neither.
    pub repetition: Repetition,
    /// The values of the module's variables, by name.
    pub arguments: BTreeMap<Name, Attribute>,
    /// `providers`: the configurations of this module that the called one knows under other names. Without it, those
    /// without an alias are known under their own.
    pub providers: Option<BTreeMap<ProviderAddr, Spanned<ProviderAddr>>>,
    /// `depends_on`.
    pub depends_on: Vec<Reference>,
    /// The block's header.
    pub header: Span,
    /// Parts of the block could not be read.
    pub partial: bool,
}

/// A `resource` or `data` block.
#[derive(Debug, Clone)]
pub struct Resource {
    /// What identifies it.
    pub id: ResourceId,
    /// Where the type stands.
    pub kind_span: Span,
    /// Where the name stands.
    pub name_span: Span,
    /// `count`, `for_each` or neither.
    pub repetition: Repetition,
    /// The provider configuration that manages it.
    pub provider: Spanned<ProviderAddr>,
    /// Which of the configurations of a `provider` block with `for_each` it is, if that is computed.
    pub provider_key: Option<Expr>,
    /// Its arguments, by name.
    pub arguments: BTreeMap<Name, Attribute>,
    /// `depends_on`.
    pub depends_on: Vec<Reference>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// `timeouts`, in seconds by operation.
    pub timeouts: BTreeMap<Name, Spanned<u64>>,
    /// The block's header.
    pub header: Span,
    /// The whole block.
    pub span: Span,
    /// Parts of the block could not be read.
    pub partial: bool,
    /// There is no block: an `import` names it, and it is still to be generated.
    pub is_placeholder: bool,
}

/// How many instances a block stands for.
#[derive(Debug, Clone)]
pub enum Repetition {
    /// Exactly one, without a key.
    One,
    /// `count`.
    Count(Expr),
    /// `for_each`.
    ForEach(Expr),
    /// `lifecycle { enabled = … }`: one without a key, or none.
    Enabled(Expr),
}

impl Repetition {
    /// Returns whether instances have no keys: there is one, or at most one.
    #[must_use]
    pub fn is_keyless(&self) -> bool {
        matches!(self, Self::One | Self::Enabled(_))
    }
}

/// `lifecycle { … }`.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    /// Create the replacement first.
    pub create_before_destroy: Option<Spanned<bool>>,
    /// Take the object over if it is to be created and exists already.
    pub adopt: Option<Spanned<bool>>,
    /// Refuse plans that destroy it.
    pub prevent_destroy: Option<Spanned<bool>>,
    /// Attributes whose differences are ignored.
    pub ignore_changes: IgnoreChanges,
    /// What else forces a replacement.
    pub replace_triggered_by: Vec<Trigger>,
    /// Checked before the object is planned.
    pub preconditions: Vec<Condition>,
    /// Checked after the object is planned and after it is applied.
    pub postconditions: Vec<Condition>,
    /// The greatest loss (in what the guard counts) that deleting, replacing or running may cause.
    pub allow_data_loss: Option<Spanned<u64>>,
    /// Actions that are run when something happens to the object.
    pub action_triggers: Vec<ActionTrigger>,
}

/// `action_trigger { … }`: actions that are run when something happens to the object.
#[derive(Debug, Clone)]
pub struct ActionTrigger {
    /// What happens.
    pub events: Vec<TriggerEvent>,
    /// They are run only if this holds.
    pub condition: Option<Expr>,
    /// References to the actions, in their order.
    pub actions: Vec<Trigger>,
    /// The block.
    pub span: Span,
}

/// What happens to an object when an action is triggered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TriggerEvent {
    /// It is about to be created.
    BeforeCreate,
    /// It is about to be changed in place.
    BeforeUpdate,
    /// It was created.
    AfterCreate,
    /// It was changed in place.
    AfterUpdate,
}

impl TriggerEvent {
    /// All events.
    pub const ALL: [Self; 4] = [Self::BeforeCreate, Self::BeforeUpdate, Self::AfterCreate, Self::AfterUpdate];

    /// Returns the word in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeCreate => "before_create",
            Self::BeforeUpdate => "before_update",
            Self::AfterCreate => "after_create",
            Self::AfterUpdate => "after_update",
        }
    }

    /// Returns whether the action comes before the change of the object.
    #[must_use]
    pub fn is_before(self) -> bool {
        matches!(self, Self::BeforeCreate | Self::BeforeUpdate)
    }

    /// Returns whether the object is created, and not changed.
    #[must_use]
    pub fn is_create(self) -> bool {
        matches!(self, Self::BeforeCreate | Self::AfterCreate)
    }
}

/// `ignore_changes`.
#[derive(Debug, Clone, Default)]
pub enum IgnoreChanges {
    /// Nothing is ignored.
    #[default]
    None,
    /// `all`.
    All(Span),
    /// These attributes or parts of them.
    Paths(Vec<Spanned<ValuePath>>),
}

/// One entry of `replace_triggered_by`: a resource, an instance, or an attribute of them.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The expression, whose keys may use `each.key` and `count.index`.
    pub expr: Expr,
    /// The static reference.
    pub reference: Reference,
}

impl Config {
    /// Returns a configuration that is one module.
    #[must_use]
    pub fn of_root(root: Module) -> Self {
        Self { root, ..Self::default() }
    }

    /// Returns a module.
    #[must_use]
    pub fn module(&self, path: &ModulePath) -> Option<&Module> {
        if path.is_root() { Some(&self.root) } else { self.modules.get(path) }
    }

    /// Returns all modules, those that call before those that are called.
    pub fn all_modules(&self) -> impl Iterator<Item = &Module> {
        [&self.root].into_iter().chain(self.modules.values())
    }

    /// Returns the declaration of a resource, whatever the keys of its modules are.
    #[must_use]
    pub fn resource(&self, addr: &ResourceAddr) -> Option<&Resource> {
        let module =
            if addr.module.is_root() { &self.root } else { self.modules.get(&addr.module.path())? };
        module.resources.get(&ResourceId::of(addr))
    }

    /// Returns all resources with their addresses as declared.
    pub fn all_resources(&self) -> impl Iterator<Item = (ResourceAddr, &Resource)> {
        self.all_modules().flat_map(|module| {
            module.resources.iter().map(|(id, resource)| (id.within(&module.path.unkeyed()), resource))
        })
    }

    /// Returns the block that calls a module; nothing for the root.
    #[must_use]
    pub fn call(&self, path: &ModulePath) -> Option<&ModuleCall> {
        let (parent, name) = path.parent()?;
        self.module(&parent)?.calls.get(name)
    }
}

impl ResourceId {
    /// Returns what identifies a resource within its module.
    #[must_use]
    pub fn of(addr: &ResourceAddr) -> Self {
        Self { mode: addr.mode, kind: Name::clone(&addr.kind), name: Name::clone(&addr.name) }
    }

    /// Returns the address in an instance of its module.
    #[must_use]
    pub fn within(&self, module: &ModuleInstance) -> ResourceAddr {
        ResourceAddr {
            module: module.clone(),
            mode: self.mode,
            kind: Name::clone(&self.kind),
            name: Name::clone(&self.name),
        }
    }
}

impl Module {
    /// Returns a resource or data source.
    #[must_use]
    pub fn resource(&self, mode: Mode, kind: &str, name: &str) -> Option<&Resource> {
        self.resources.get(&ResourceId { mode, kind: kind.into(), name: name.into() })
    }

    /// Returns whether it stands in a directory relative to its caller's, and not elsewhere.
    #[must_use]
    pub fn is_local(&self) -> bool {
        super::tree::is_local(&self.source)
    }

    /// Returns whether there is a variable of this name and its values are secret.
    #[must_use]
    pub fn is_sensitive(&self, variable: &str) -> bool {
        self.variables.get(variable).is_some_and(|variable| variable.sensitive)
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.mode
            .cmp(&other.mode)
            .then_with(|| compare_names(&self.kind, &other.kind))
            .then_with(|| compare_names(&self.name, &other.name))
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for ResourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.mode.prefix())?;
        write!(f, "{}.{}", self.kind, self.name)
    }
}
