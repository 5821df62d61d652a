//! The closed vocabulary of schema files, as data: which blocks and keywords there are, what they hold, and
//! what they mean. The loader reports everything else; the reference page is written from it.

mod provider;
mod resource;
mod roots;
mod step;

pub use roots::ROOTS;
pub use roots::Root;

/// A block type in schema files.
#[derive(Debug)]
pub struct BlockType {
    /// The word.
    pub name: &'static str,
    /// What its one label says, if it has one.
    pub label: Option<&'static str>,
    /// What it means.
    pub doc: &'static str,
    /// Its arguments.
    pub keywords: &'static [Keyword],
    /// Blocks inside it.
    pub blocks: &'static [Child],
}

impl BlockType {
    /// Returns the keyword of a name.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&'static Keyword> {
        self.keywords.iter().find(|keyword| keyword.name == name)
    }

    /// Returns the inner block of a name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&'static Child> {
        self.blocks.iter().find(|child| child.block.name == name)
    }
}

/// A block inside a block.
#[derive(Debug)]
pub struct Child {
    /// The block.
    pub block: &'static BlockType,
    /// It may stand more than once.
    pub many: bool,
}

/// An argument of a block.
#[derive(Debug)]
pub struct Keyword {
    /// The word.
    pub name: &'static str,
    /// What it holds.
    pub form: Form,
    /// The block is not complete without it.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

/// What an argument holds.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A string without interpolation.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number that is not negative.
    Count,
    /// A string such as `"200ms"`, `"10s"`, `"5m"`.
    Duration,
    /// A bare name.
    Name,
    /// A list of bare names.
    Names,
    /// A list of strings.
    Texts,
    /// A list of whole numbers.
    Counts,
    /// One of these bare words.
    Word(&'static [&'static str]),
    /// A list of these bare words.
    Words(&'static [&'static str]),
    /// `[least, greatest]`.
    Range,
    /// A type constraint.
    Type,
    /// A value without references.
    Constant,
    /// A method and a path: `"GET /v2/${provider.project_id}/instances"`.
    Call(&'static [&'static str]),
    /// An expression over these names.
    Expr(&'static [&'static str]),
    /// An object whose keys are names, with an expression over these names each.
    Fields(&'static [&'static str]),
    /// An object or other expression over these names, possibly inside `only_changed(…)`.
    Body(&'static [&'static str]),
}

impl Form {
    /// Returns what a schema has to write.
    #[must_use]
    pub fn describe(self) -> String {
        let words =
            |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Text => "a string without interpolation".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Count => "a whole number".to_owned(),
            Self::Duration => "a duration such as `\"10s\"`".to_owned(),
            Self::Name => "a bare name".to_owned(),
            Self::Names => "a list of bare names".to_owned(),
            Self::Texts => "a list of strings".to_owned(),
            Self::Counts => "a list of whole numbers".to_owned(),
            Self::Word(list) => format!("one of {}", words(list)),
            Self::Words(list) => format!("a list of {}", words(list)),
            Self::Range => "a range `[least, greatest]`".to_owned(),
            Self::Type => "a type".to_owned(),
            Self::Constant => "a value without references".to_owned(),
            Self::Call(_) => "a method and a path".to_owned(),
            Self::Expr(_) => "an expression".to_owned(),
            Self::Fields(_) => "an object with bare keys".to_owned(),
            Self::Body(_) => "an object, possibly inside `only_changed(…)`".to_owned(),
        }
    }

    /// Returns the names that an expression of this form may use.
    #[must_use]
    pub fn roots(self) -> &'static [&'static str] {
        match self {
            Self::Call(roots) | Self::Expr(roots) | Self::Fields(roots) | Self::Body(roots) => roots,
            Self::Text
            | Self::Flag
            | Self::Count
            | Self::Duration
            | Self::Name
            | Self::Names
            | Self::Texts
            | Self::Counts
            | Self::Word(_)
            | Self::Words(_)
            | Self::Range
            | Self::Type
            | Self::Constant => &[],
        }
    }
}

/// The block types that a file can hold: `provider`, `resource`, `data`, `action`, `ephemeral`.
pub const FILE: &[&BlockType] =
    &[&provider::PROVIDER, &resource::RESOURCE, &resource::DATA, &resource::ACTION, &resource::EPHEMERAL];

/// Returns all block types, each once, outer ones first.
#[must_use]
pub fn blocks() -> Vec<&'static BlockType> {
    let mut found: Vec<&'static BlockType> = Vec::new();
    let mut open: Vec<&'static BlockType> = FILE.iter().rev().copied().collect();
    while let Some(block) = open.pop() {
        if found.iter().any(|seen| std::ptr::eq(*seen, block)) {
            continue;
        }
        found.push(block);
        open.extend(block.blocks.iter().rev().map(|child| child.block));
    }
    found
}

/// A required keyword.
const fn must(name: &'static str, form: Form, doc: &'static str) -> Keyword {
    Keyword { name, form, required: true, doc }
}

/// A keyword that may be left out.
const fn may(name: &'static str, form: Form, doc: &'static str) -> Keyword {
    Keyword { name, form, required: false, doc }
}

/// A block that may stand once.
const fn once(block: &'static BlockType) -> Child {
    Child { block, many: false }
}

/// A block that may stand any number of times.
const fn many(block: &'static BlockType) -> Child {
    Child { block, many: true }
}
