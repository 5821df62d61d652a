//! `ACS3-HMAC-SHA256`: the canonical form of a request and its signature.

use super::encode::digest;
use super::encode::percent;
use super::encode::sha256_mac;
use crate::emulator::exchange::Call;

/// Name of the algorithm, as the header starts.
pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The parts of an `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) access_key: String,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
}

impl Authorization {
    /// Reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let rest = header.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let (mut access_key, mut signed_headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            match part.trim().split_once('=')? {
                ("Credential", value) => access_key = Some(value.to_owned()),
                ("SignedHeaders", value) => {
                    signed_headers = Some(value.split(';').map(str::to_ascii_lowercase).collect());
                }
                ("Signature", value) => signature = Some(value.to_owned()),
                _ => return None,
            }
        }
        Some(Self { access_key: access_key?, signed_headers: signed_headers?, signature: signature? })
    }
}

/// The headers that a signature must cover: those that say what the request is.
pub(crate) fn must_sign(call: &Call) -> impl Iterator<Item = &str> {
    call.headers
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| matches!(*name, "host" | "content-type") || name.starts_with("x-acs-"))
}

/// The canonical request, or the signed header that is missing.
pub(crate) fn canonical_request(call: &Call, signed_headers: &[String]) -> Result<String, String> {
    let mut names = signed_headers.to_vec();
    names.sort();
    let mut headers = String::new();
    for name in &names {
        let mut values: Vec<&str> =
            call.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim()).collect();
        if values.is_empty() {
            return Err(name.clone());
        }
        values.sort_unstable();
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    let path = if call.raw_path.is_empty() { "/" } else { &call.raw_path };
    Ok(format!(
        "{}\n{path}\n{}\n{headers}\n{}\n{}",
        call.method,
        canonical_query(call),
        names.join(";"),
        digest(&call.body),
    ))
}

/// The query sorted by key, with the values of one key in the order they came.
pub(crate) fn canonical_query(call: &Call) -> String {
    let mut pairs: Vec<&(String, String)> = call.query.iter().collect();
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", percent(key), percent(value))).collect();
    pairs.join("&")
}

/// The signature of a canonical request.
pub(crate) fn signature(secret_key: &str, canonical: &str) -> String {
    sha256_mac(secret_key, &format!("{ALGORITHM}\n{}", digest(canonical.as_bytes())))
}
