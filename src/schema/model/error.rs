//! What error answers mean.

use std::sync::Arc;

use crate::source::Span;

/// Declares the classes: variant, keyword, meaning.
macro_rules! classes {
    ($($variant:ident $name:literal $meaning:literal;)*) => {
        /// What an error answer means for whoever sent the request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorClass {
            $(#[doc = $meaning] $variant,)*
        }

        impl ErrorClass {
            /// All classes, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the keyword.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the meaning in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

classes! {
    Throttled "throttled" "Flow control: sent again later, whatever the method.";
    Transient "transient" "The service cannot answer just now: sent again later.";
    Busy "busy" "The object or its parent is being worked on: sent again when it has settled.";
    Gone "gone" "The object does not exist.";
    Exists "exists" "The object exists already.";
    Unauthenticated "unauthenticated" "The credentials were not accepted.";
    Forbidden "forbidden" "The credentials are good but not allowed to do this.";
    Invalid "invalid" "The request is wrong.";
    Quota "quota" "A limit of the account is reached.";
    Capacity "capacity" "The vendor has sold out.";
    Billing "billing" "Orders, balance or a frozen account.";
    Unavailable "unavailable" "This API, or this method of it, does not exist here.";
    Server "server" "The service failed; what it did before is not known.";
    Fatal "fatal" "Anything else; trying again will not help.";
}

impl ErrorClass {
    /// Returns the class of a keyword.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }
}

/// One rule; the first that matches decides. Rules of a resource come before those of its provider.
#[derive(Debug, Clone)]
pub struct ErrorRule {
    /// HTTP statuses; empty matches all.
    pub status: Vec<u16>,
    /// Vendor codes, `*` for any run of characters; empty matches all, even answers without a code.
    pub code: Vec<Arc<str>>,
    /// What it means.
    pub class: ErrorClass,
    /// What to do now.
    pub hint: Option<Arc<str>>,
    /// The block.
    pub span: Span,
}
