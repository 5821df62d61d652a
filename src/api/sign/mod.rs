//! Signatures of requests: a closed list of methods, each a pure function of the request.
//!
//! A signer returns what is to be added to the headers or the query; it never sees the network.

mod acs;
mod sdk_hmac_sha256;
mod sorted_values;

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::value::Secret;

use super::auth::Credentials;
use super::request::Action;
use super::request::Style;
use acs::Key;

/// How requests prove who sends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Not at all.
    None,
    /// Huawei Cloud's `SDK-HMAC-SHA256` with an access key.
    SdkHmacSha256,
    /// Alibaba Cloud's `ACS3-HMAC-SHA256` with an access key.
    Acs3HmacSha256,
    /// Alibaba Cloud's older signatures, HMAC-SHA1; which of the two follows from the API's style.
    AcsHmacSha1,
    /// Apsara Stack's message queue console: HMAC-SHA1 over the sorted parameters' values.
    SortedValuesHmacSha1,
    /// A token in a header, either given or obtained from IAM with a user name and password.
    Token {
        /// The header's name.
        header: String,
    },
    /// `Authorization: Bearer` with a given token.
    Bearer,
    /// `Authorization: Basic` with a user name and password.
    Basic,
}

/// The parts of a request a signature covers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsigned<'r> {
    pub(super) method: &'r str,
    /// As in the `Host` header.
    pub(super) host: &'r str,
    /// Percent-encoded.
    pub(super) path: &'r str,
    /// Not encoded.
    pub(super) query: &'r [(String, String)],
    pub(super) headers: &'r [(String, String)],
    pub(super) body: &'r [u8],
    /// The pairs of a form in the body, not encoded.
    pub(super) form: &'r [(String, String)],
    /// The operation as the API names it.
    pub(super) action: Option<&'r Action>,
    pub(super) date: SystemTime,
    /// A text that no other request has.
    pub(super) nonce: &'r str,
}

/// What a signer adds to a request.
#[derive(Clone, Default)]
pub(super) struct Additions {
    pub(super) headers: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
}

/// A request cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SignError {
    #[error("the credentials do not fit the provider's way of signing")]
    Credentials,
    #[error("the system's clock shows a date that cannot be written")]
    Date,
    #[error("the key cannot be used for signing")]
    Key,
    #[error("the provider's way of signing needs the name of the operation, and the schema does not say it")]
    Operation,
}

impl Signer {
    /// Tells whether these credentials can be used with this signer.
    pub(super) fn accepts(&self, credentials: &Credentials) -> bool {
        matches!(
            (self, credentials),
            (Self::None, _)
                | (
                    Self::SdkHmacSha256
                        | Self::Acs3HmacSha256
                        | Self::AcsHmacSha1
                        | Self::SortedValuesHmacSha1,
                    Credentials::AccessKey { .. }
                )
                | (Self::Token { .. }, Credentials::Token(_) | Credentials::Password { .. })
                | (Self::Bearer, Credentials::Token(_))
                | (Self::Basic, Credentials::Basic { .. })
        )
    }

    /// Tells whether signatures hold a date, so that a wrong clock is a reason for refusals.
    pub(super) fn is_dated(&self) -> bool {
        match self {
            Self::SdkHmacSha256 | Self::Acs3HmacSha256 | Self::AcsHmacSha1 | Self::SortedValuesHmacSha1 => {
                true
            }
            Self::None | Self::Token { .. } | Self::Bearer | Self::Basic => false,
        }
    }

    /// Signs. `token` is the one obtained from IAM, if the credentials are exchanged for one.
    pub(super) fn sign(
        &self,
        unsigned: &Unsigned<'_>,
        credentials: &Credentials,
        token: Option<&Secret>,
    ) -> Result<Additions, SignError> {
        let header = |name: &str, value: String| Additions {
            headers: vec![(name.to_owned(), value)],
            query: Vec::new(),
        };
        if let Credentials::AccessKey { access_key, secret_key, security_token } = credentials {
            let key = Key { id: access_key, secret: secret_key, token: security_token.as_ref() };
            return match self {
                Self::None => Ok(Additions::default()),
                Self::SdkHmacSha256 => {
                    sdk_hmac_sha256::sign(unsigned, access_key, secret_key, security_token.as_ref())
                }
                Self::Acs3HmacSha256 => acs::acs3(unsigned, key),
                Self::AcsHmacSha1 => match unsigned.action.map(|action| action.style) {
                    Some(Style::Rpc) => acs::rpc(unsigned, key),
                    Some(Style::Roa) | None => acs::roa(unsigned, key),
                },
                Self::SortedValuesHmacSha1 => sorted_values::sign(unsigned, key),
                Self::Token { .. } | Self::Bearer | Self::Basic => Err(SignError::Credentials),
            };
        }
        match (self, credentials, token) {
            (Self::None, _, _) => Ok(Additions::default()),
            (Self::Token { header: name }, Credentials::Token(token), _)
            | (Self::Token { header: name }, _, Some(token)) => Ok(header(name, token.reveal().to_owned())),
            (Self::Bearer, Credentials::Token(token), _) => {
                Ok(header("authorization", format!("Bearer {}", token.reveal())))
            }
            (Self::Basic, Credentials::Basic { user, password }, _) => {
                let pair = STANDARD.encode(format!("{user}:{}", password.reveal()));
                Ok(header("authorization", format!("Basic {pair}")))
            }
            _ => Err(SignError::Credentials),
        }
    }
}

/// Writes a date in the given form, in UTC.
fn timestamp(date: SystemTime, form: &str) -> Result<String, SignError> {
    let date = jiff::Timestamp::try_from(date).map_err(|_| SignError::Date)?;
    Ok(date.strftime(form).to_string())
}

/// Writes bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
        text
    })
}

#[cfg(test)]
mod tests;
