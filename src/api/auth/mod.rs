//! Who is calling: credentials given as values, IAM tokens kept until they expire, project ids.
//!
//! Reading environment variables and files is the caller's business.

mod iam;

pub(super) use iam::Iam;

use crate::value::Secret;

use super::safe_url::Endpoint;
use super::secret::Scrub;
use super::sign::Signer;

/// Proof of identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A key pair for signatures.
    AccessKey {
        /// The public half.
        access_key: String,
        /// The secret half.
        secret_key: Secret,
        /// Sent along with temporary keys.
        security_token: Option<Secret>,
    },
    /// An IAM user, exchanged for a token.
    Password {
        /// The account (domain) the user belongs to.
        domain: String,
        /// The user's name.
        user: String,
        /// The user's password.
        password: Secret,
        /// The project the token is for, by name (often a region's).
        project: String,
    },
    /// A user name and password sent with every request.
    Basic {
        /// The user's name.
        user: String,
        /// The user's password.
        password: Secret,
    },
    /// A token obtained elsewhere.
    Token(Secret),
}

impl Credentials {
    /// Adds what must never be printed.
    pub(super) fn collect(&self, scrub: &mut Scrub) {
        match self {
            Self::None => {}
            Self::AccessKey { secret_key, security_token, .. } => {
                scrub.add(secret_key.reveal());
                if let Some(token) = security_token {
                    scrub.add(token.reveal());
                }
            }
            Self::Password { password, .. } | Self::Basic { password, .. } => {
                scrub.add(password.reveal());
            }
            Self::Token(token) => scrub.add(token.reveal()),
        }
    }
}

/// How a client authenticates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// How requests are signed.
    pub signer: Signer,
    /// With what.
    pub credentials: Credentials,
    /// The IAM service, for tokens and project ids.
    pub iam: Option<Endpoint>,
}

impl Auth {
    /// No authentication.
    pub fn none() -> Self {
        Self { signer: Signer::None, credentials: Credentials::None, iam: None }
    }
}
