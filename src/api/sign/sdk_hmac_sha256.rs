//! `SDK-HMAC-SHA256`: the signature of Huawei Cloud and `SberCloud` API gateways.

use hmac::Hmac;
use hmac::KeyInit as _;
use hmac::Mac as _;
use sha2::Digest as _;
use sha2::Sha256;

use super::Additions;
use super::SignError;
use super::Unsigned;
use super::hex;
use super::timestamp;
use crate::api::encode;
use crate::value::Secret;

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const DATE: &str = "x-sdk-date";
const TOKEN: &str = "x-security-token";
/// If present, its value stands for the hash of the body.
const CONTENT_HASH: &str = "x-sdk-content-sha256";

/// Returns the date, the security token of temporary keys, and the `Authorization` header.
pub(super) fn sign(
    unsigned: &Unsigned<'_>,
    access_key: &str,
    secret_key: &Secret,
    security_token: Option<&Secret>,
) -> Result<Additions, SignError> {
    let date = timestamp(unsigned.date, "%Y%m%dT%H%M%SZ")?;
    let mut headers = vec![(DATE.to_owned(), date.clone())];
    if let Some(token) = security_token {
        headers.push((TOKEN.to_owned(), token.reveal().to_owned()));
    }
    let (canonical, names) = canonical_request(unsigned, &headers);
    let to_sign = format!("{ALGORITHM}\n{date}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret_key.reveal().as_bytes()).map_err(|_| SignError::Key)?;
    mac.update(to_sign.as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    headers.push((
        "authorization".to_owned(),
        format!("{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}"),
    ));
    Ok(Additions { headers, query: Vec::new() })
}

/// Returns the canonical request and the names of the headers it covers.
pub(super) fn canonical_request(unsigned: &Unsigned<'_>, added: &[(String, String)]) -> (String, String) {
    let mut headers = vec![("host".to_owned(), unsigned.host.to_owned())];
    headers.extend(
        unsigned
            .headers
            .iter()
            // What the signer adds replaces what the caller gave.
            .filter(|(name, _)| !added.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)))
            .chain(added)
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            // Gateways drop names with underscores, proxies rewrite the user agent.
            .filter(|(name, _)| !name.contains('_') && name != "user-agent" && name != "host"),
    );
    headers.sort();
    let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let mut lines = String::new();
    for (name, value) in &headers {
        lines.extend([name, ":", value, "\n"]);
    }

    let mut query: Vec<(String, String)> = unsigned
        .query
        .iter()
        .map(|(key, value)| (encode::component(key), encode::component(value)))
        .collect();
    query.sort();
    let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();

    let hash = headers
        .iter()
        .find(|(name, _)| name == CONTENT_HASH)
        .map_or_else(|| hex(&Sha256::digest(unsigned.body)), |(_, value)| value.clone());

    let canonical =
        [unsigned.method, &path(unsigned.path), &query.join("&"), &lines, &names, &hash].join("\n");
    (canonical, names)
}

/// Every segment encoded in the one canonical way, with a slash at the end that is not sent.
fn path(path: &str) -> String {
    let mut canonical: String = path
        .split('/')
        .map(|segment| encode::component(&encode::decode(segment)))
        .collect::<Vec<_>>()
        .join("/");
    if !canonical.ends_with('/') {
        canonical.push('/');
    }
    canonical
}
