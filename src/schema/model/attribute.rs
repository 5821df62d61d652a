//! Attributes of resources, data sources and nested objects.

use std::sync::Arc;
use std::sync::OnceLock;

use regex::Regex;

use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Number;
use crate::value::Type;
use crate::value::Value;

/// One attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The name in configurations.
    pub name: Name,
    /// The type; for nested attributes the object type (or list, set or map of it) they make up.
    pub ty: Type,
    /// Who decides its value.
    pub mode: Mode,
    /// What a change of it means.
    pub change: Change,
    /// The value is never shown.
    pub sensitive: bool,
    /// The value is never stored: sent on create and when the attribute named by `version` changes.
    pub write_only: bool,
    /// The attribute whose change sends this write-only one again.
    pub version: Option<Name>,
    /// Whether the API returns it.
    pub readback: Readback,
    /// Stored and shown, never a difference.
    pub volatile: bool,
    /// Used where the configuration has null (not for attributes that the API decides).
    pub default: Option<Value>,
    /// What values are allowed.
    pub constraints: Constraints,
    /// Where the value stands in the object the API returned, over `item`, `self`, `provider` and `lookup`.
    /// Without it: the field of the same name. A missing path is absent, and absent keeps the prior value.
    pub from: Option<Expr>,
    /// Applied to both sides (as `value`) before they are compared.
    pub normalize: Option<Expr>,
    /// Over `self` and `prior`: the update becomes a replacement if it holds.
    pub replace_when: Option<Expr>,
    /// Attributes whose change makes the provider decide this one anew: it is unknown in the plan then, unless
    /// the configuration sets it.
    pub follows: Vec<Name>,
    /// Over `self` and `provider`: what a computed attribute should be. It is compared with what was read, and a
    /// difference is an update.
    pub derived: Option<Expr>,
    /// The derived attribute that stands for this one: it alone is sent, read and compared.
    pub through: Option<Name>,
    /// What an update of it does to clients, in a few words.
    pub impact: Option<Arc<str>>,
    /// Its keys or elements name other objects that access is granted to.
    pub grants: bool,
    /// The object of another type that its value names.
    pub refers: Option<Refers>,
    /// Unit of a number, such as `GB`.
    pub unit: Option<Arc<str>>,
    /// What it is, in a sentence or two.
    pub description: Arc<str>,
    /// Over `value`: what tells the elements of a list apart whose order means nothing.
    pub matches: Option<Expr>,
    /// The attributes of the objects inside it.
    pub nested: Option<Nested>,
    /// The block in the schema.
    pub span: Span,
}

/// What the value of an attribute names: an object of another type, by one part of its identity. The other parts are the
/// same as those of the object that has the attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refers {
    /// The type.
    pub type_name: Name,
    /// The part of its identity.
    pub attribute: Name,
    /// Where it is said.
    pub span: Span,
}

/// Who decides the value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// The configuration must set it.
    Required,
    /// The configuration may set it; null otherwise.
    Optional,
    /// The provider decides it; the configuration cannot set it.
    Computed,
    /// The configuration may set it; the provider decides it otherwise.
    OptionalComputed,
}

impl Mode {
    /// Returns true if a configuration may set the attribute.
    #[must_use]
    pub fn is_settable(self) -> bool {
        self != Self::Computed
    }

    /// Returns true if the provider may decide the value.
    #[must_use]
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }

    /// Returns the keyword.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Computed => "computed",
            Self::OptionalComputed => "optional_computed",
        }
    }
}

/// What a change of an attribute means for the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// The object is updated in place (or replaced, if `replace_when` holds).
    Update,
    /// The object is replaced.
    Replace,
    /// Nothing follows: computed attributes, and attributes that only steer the engine.
    None,
}

/// Whether the API returns the value of an attribute.
#[derive(Debug, Clone)]
pub enum Readback {
    /// Always, as far as the field is there.
    Always,
    /// Never: the stored value is what was sent; its absence is no difference. A value that nobody here sent is
    /// shown as unverified.
    Never,
    /// Not if this holds over `item`: the value is masked then and counts as absent.
    Masked(Expr),
}

impl Readback {
    /// Returns true for [`Readback::Never`].
    #[must_use]
    pub fn is_never(&self) -> bool {
        matches!(self, Self::Never)
    }
}

/// What values an attribute accepts. For collections `one_of` and `pattern` speak of the elements.
#[derive(Debug, Clone, Default)]
pub struct Constraints {
    /// Least and greatest number, both included.
    pub between: Option<Range<Number>>,
    /// Least and greatest number of characters or elements, both included.
    pub length: Option<Range<u64>>,
    /// The allowed strings.
    pub one_of: Vec<Arc<str>>,
    /// What strings must match as a whole.
    pub pattern: Option<Pattern>,
}

/// A range whose ends belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range<T> {
    /// The least value.
    pub least: T,
    /// The greatest value.
    pub greatest: T,
}

/// A regular expression that a string must match as a whole. It is compiled when it is first asked: most types have
/// many, most runs ask few, and to compile them costs more than to read the schema.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written, without the anchors that are implied.
    pub text: Arc<str>,
    compiled: Arc<OnceLock<Result<Regex, regex::Error>>>,
}

impl Pattern {
    /// Returns the pattern of a text.
    #[must_use]
    pub fn new(text: Arc<str>) -> Self {
        Self { text, compiled: Arc::default() }
    }

    /// Returns whether a string matches as a whole. Anything matches what is no regular expression: that is a mistake
    /// of the schema, which [`Self::check`] tells.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled().as_ref().map_or(true, |regex| regex.is_match(text))
    }

    /// Compiles it.
    ///
    /// # Errors
    /// The reason why it is no regular expression.
    pub fn check(&self) -> Result<(), &regex::Error> {
        self.compiled().as_ref().map(|_| ())
    }

    fn compiled(&self) -> &Result<Regex, regex::Error> {
        self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", self.text)))
    }
}

/// Attributes inside an attribute: they have mode, change and sensitivity of their own.
#[derive(Debug, Clone)]
pub struct Nested {
    /// How many objects there are and how they are told apart.
    pub kind: NestedKind,
    /// The attributes of each object.
    pub attributes: Vec<Attribute>,
}

impl Nested {
    /// Returns the nested attribute of a name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }
}

/// The collection around nested attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NestedKind {
    /// One object.
    Object,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}
