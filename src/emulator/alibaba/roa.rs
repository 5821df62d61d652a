//! The older form of REST calls: HMAC-SHA1 over the method, a few headers and the resource. It
//! covers neither the body nor the host.

use super::encode::sha1_mac;
use crate::emulator::exchange::Call;

/// Reads `acs {access key}:{signature}`.
pub(crate) fn parse(header: &str) -> Option<(&str, &str)> {
    header.strip_prefix("acs ")?.trim().split_once(':')
}

/// What is signed.
pub(crate) fn string_to_sign(call: &Call) -> String {
    let header = |name| call.header(name).unwrap_or_default();
    let mut text = format!(
        "{}\n{}\n{}\n{}\n{}\n",
        call.method,
        header("accept"),
        header("content-md5"),
        header("content-type"),
        header("date"),
    );
    let mut own: Vec<&(String, String)> =
        call.headers.iter().filter(|(name, _)| name.starts_with("x-acs-")).collect();
    own.sort();
    for (name, value) in own {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text.push_str(&resource(call));
    text
}

/// The path, and the query sorted by key with its values as they are meant, not as they are sent.
fn resource(call: &Call) -> String {
    let mut pairs: Vec<&(String, String)> = call.query.iter().collect();
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| if value.is_empty() { key.clone() } else { format!("{key}={value}") })
        .collect();
    if pairs.is_empty() { call.raw_path.clone() } else { format!("{}?{}", call.raw_path, pairs.join("&")) }
}

/// The signature of a request.
pub(crate) fn signature(secret_key: &str, call: &Call) -> String {
    sha1_mac(secret_key, &string_to_sign(call))
}
