//! The three signatures of Alibaba Cloud: `ACS3-HMAC-SHA256`, and the older ones of its ROA and RPC gateways.
//!
//! All three name the operation of the API: the newer one and ROA in headers, RPC as a parameter. Sources: the
//! vendor's documentation "V3 request body and signature mechanism", and its SDKs, whose signatures are the
//! vectors of the tests.

use hmac::Hmac;
use hmac::KeyInit as _;
use hmac::Mac as _;
use sha1::Sha1;
use sha2::Digest as _;
use sha2::Sha256;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Additions;
use super::SignError;
use super::Unsigned;
use super::hex;
use super::timestamp;
use crate::api::encode;
use crate::value::Secret;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
const SECONDS: &str = "%Y-%m-%dT%H:%M:%SZ";

/// A key pair, as all three use it.
#[derive(Clone, Copy)]
pub(super) struct Key<'k> {
    pub(super) id: &'k str,
    pub(super) secret: &'k Secret,
    pub(super) token: Option<&'k Secret>,
}

/// Signs with `ACS3-HMAC-SHA256`. Every header there is when signing is covered.
pub(super) fn acs3(unsigned: &Unsigned<'_>, key: Key<'_>) -> Result<Additions, SignError> {
    let action = unsigned.action.ok_or(SignError::Operation)?;
    let mut headers = vec![
        ("x-acs-action".to_owned(), action.name.clone()),
        ("x-acs-content-sha256".to_owned(), hex(&Sha256::digest(unsigned.body))),
        ("x-acs-date".to_owned(), timestamp(unsigned.date, SECONDS)?),
        ("x-acs-signature-nonce".to_owned(), unsigned.nonce.to_owned()),
        ("x-acs-version".to_owned(), action.version.clone()),
    ];
    if let Some(token) = key.token {
        headers.push(("x-acs-accesskey-id".to_owned(), key.id.to_owned()));
        headers.push(("x-acs-security-token".to_owned(), token.reveal().to_owned()));
    }
    let (canonical, names) = canonical_request(unsigned, &headers);
    let to_sign = format!("{ALGORITHM}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.secret.reveal().as_bytes()).map_err(|_| SignError::Key)?;
    mac.update(to_sign.as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let access_key = key.id;
    headers.push((
        "authorization".to_owned(),
        format!("{ALGORITHM} Credential={access_key},SignedHeaders={names},Signature={signature}"),
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
            .filter(|(name, _)| !added.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)))
            .chain(added)
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .filter(|(name, _)| name != "host"),
    );
    headers.sort();
    let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let mut lines = String::new();
    for (name, value) in &headers {
        lines.extend([name, ":", value, "\n"]);
    }
    let path = if unsigned.path.is_empty() { "/" } else { unsigned.path };
    let hash = hex(&Sha256::digest(unsigned.body));
    let canonical = [unsigned.method, path, &sorted_pairs(unsigned.query), &lines, &names, &hash].join("\n");
    (canonical, names)
}

fn sorted_pairs(query: &[(String, String)]) -> String {
    let mut sorted = query.to_vec();
    sorted.sort();
    encode::pairs(&sorted)
}

/// Signs for the older ROA gateway. Neither the body nor the host is covered.
pub(super) fn roa(unsigned: &Unsigned<'_>, key: Key<'_>) -> Result<Additions, SignError> {
    let action = unsigned.action.ok_or(SignError::Operation)?;
    let mut headers = vec![
        ("date".to_owned(), httpdate::fmt_http_date(unsigned.date)),
        ("x-acs-action".to_owned(), action.name.clone()),
        ("x-acs-signature-method".to_owned(), "HMAC-SHA1".to_owned()),
        ("x-acs-signature-nonce".to_owned(), unsigned.nonce.to_owned()),
        ("x-acs-signature-version".to_owned(), "1.0".to_owned()),
        ("x-acs-version".to_owned(), action.version.clone()),
    ];
    if let Some(token) = key.token {
        headers.push(("x-acs-accesskey-id".to_owned(), key.id.to_owned()));
        headers.push(("x-acs-security-token".to_owned(), token.reveal().to_owned()));
    }
    let all: Vec<(String, &str)> = unsigned
        .headers
        .iter()
        .filter(|(name, _)| !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)))
        .chain(&headers)
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .collect();
    let header = |name: &str| all.iter().find(|(own, _)| own == name).map_or("", |(_, value)| *value);
    let mut text = [
        unsigned.method,
        header("accept"),
        header("content-md5"),
        header("content-type"),
        header("date"),
        "",
    ]
    .join("\n");
    let mut own: Vec<&(String, &str)> = all.iter().filter(|(name, _)| name.starts_with("x-acs-")).collect();
    own.sort();
    for (name, value) in own {
        text.extend([name.as_str(), ":", value.trim(), "\n"]);
    }
    text.push_str(&resource(unsigned));
    let signature = hmac_sha1(key.secret.reveal(), &text)?;
    headers.push(("authorization".to_owned(), format!("acs {}:{signature}", key.id)));
    Ok(Additions { headers, query: Vec::new() })
}

/// The path with the query as it reads before it is encoded.
fn resource(unsigned: &Unsigned<'_>) -> String {
    let mut query = unsigned.query.to_vec();
    query.sort();
    let pairs: Vec<String> = query
        .into_iter()
        .map(|(key, value)| if value.is_empty() { key } else { format!("{key}={value}") })
        .collect();
    let path = if unsigned.path.is_empty() { "/" } else { unsigned.path };
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Signs for the older RPC gateway: everything stands in parameters, those of a form are covered too.
pub(super) fn rpc(unsigned: &Unsigned<'_>, key: Key<'_>) -> Result<Additions, SignError> {
    let action = unsigned.action.ok_or(SignError::Operation)?;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut added = vec![
        pair("AccessKeyId", key.id),
        pair("Action", &action.name),
        pair("Format", "json"),
        pair("SignatureMethod", "HMAC-SHA1"),
        pair("SignatureNonce", unsigned.nonce),
        pair("SignatureVersion", "1.0"),
        pair("Timestamp", &timestamp(unsigned.date, SECONDS)?),
        pair("Version", &action.version),
    ];
    if let Some(token) = key.token {
        added.push(pair("SecurityToken", token.reveal()));
    }
    let signed = [unsigned.query, unsigned.form, &added].concat();
    let signature = rpc_signature(unsigned.method, &signed, key.secret)?;
    added.push(("Signature".to_owned(), signature));
    Ok(Additions { headers: Vec::new(), query: added })
}

/// The signature over all parameters of a call.
pub(super) fn rpc_signature(
    method: &str,
    parameters: &[(String, String)],
    secret: &Secret,
) -> Result<String, SignError> {
    let text = format!("{method}&%2F&{}", encode::component(&sorted_pairs(parameters)));
    hmac_sha1(&format!("{}&", secret.reveal()), &text)
}

/// The base64 text of an HMAC-SHA1.
pub(super) fn hmac_sha1(secret: &str, text: &str) -> Result<String, SignError> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).map_err(|_| SignError::Key)?;
    mac.update(text.as_bytes());
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}
