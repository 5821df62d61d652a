//! Texts that are never printed and leave memory with their last owner.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A string that must not appear in output: a password, a key, a token. `Debug` prints `(sensitive)`; there is no
/// `Display`. Clones share one copy, which is overwritten when the last of them goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self::from(text.as_ref())
    }

    /// Returns the secret itself. Every caller is a place where it leaves the program.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }

    /// Tells whether the secret is the empty string.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(sensitive)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        // Nothing is left behind in a buffer that was too large, or moved.
        Self(Arc::new(Zeroizing::new(text)))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "(sensitive) Some(\n    (sensitive),\n)");
        assert_eq!(secret.reveal(), "hunter2");
        assert!(!secret.is_empty() && Secret::new("").is_empty());
        assert_eq!(secret, secret.clone());
    }
}
