//! The `encryption` block, as declared.

use crate::source::Span;
use crate::source::Spanned;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Name;

/// `encryption { … }`: how states and saved plans are encrypted.
#[derive(Debug, Clone)]
pub struct EncryptionBlock {
    /// The keys.
    pub providers: Vec<KeyProvider>,
    /// `state { … }`.
    pub state: Option<EncryptionRule>,
    /// `plan { … }`.
    pub plan: Option<EncryptionRule>,
    /// `remote_state { … }`: states of other configurations, which are only read.
    pub remote_state: Option<EncryptionRule>,
    /// The block's header.
    pub header: Span,
}

/// `key_provider "kind" "name" { … }`.
#[derive(Debug, Clone)]
pub struct KeyProvider {
    /// The kind: `passphrase` or `age`.
    pub kind: Ident,
    /// The name.
    pub name: Ident,
    /// Its arguments.
    pub arguments: Vec<Attribute>,
    /// The block's header.
    pub header: Span,
}

/// What is written with which key, and what is read besides.
#[derive(Debug, Clone)]
pub struct EncryptionRule {
    /// The key that writes.
    pub key: Spanned<KeyChoice>,
    /// The keys that read what is not written with it yet, or not any more.
    pub fallbacks: Vec<Spanned<KeyChoice>>,
    /// Nothing unencrypted is read or written.
    pub enforced: bool,
}

/// A key, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyChoice {
    /// `unencrypted`.
    Unencrypted,
    /// `key_provider.KIND.NAME`.
    Key {
        /// The kind.
        kind: Name,
        /// The name.
        name: Name,
    },
}
