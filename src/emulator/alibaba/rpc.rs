//! The older form of RPC calls: HMAC-SHA1 over all parameters, of the query and of a form body.

use super::encode::percent;
use super::encode::sha1_mac;
use crate::emulator::exchange::Call;
use crate::emulator::exchange::query_pairs;

/// The parameters of a form body.
pub(crate) fn form(call: &Call) -> Vec<(String, String)> {
    let is_form = call
        .header("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    if is_form { query_pairs(&String::from_utf8_lossy(&call.body)) } else { Vec::new() }
}

/// What is signed.
pub(crate) fn string_to_sign(call: &Call) -> String {
    let mut pairs: Vec<(String, String)> =
        call.query.iter().filter(|(key, _)| key != "Signature").cloned().chain(form(call)).collect();
    pairs.sort();
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", percent(key), percent(value))).collect();
    format!("{}&%2F&{}", call.method, percent(&pairs.join("&")))
}

/// The signature of a request.
pub(crate) fn signature(secret_key: &str, call: &Call) -> String {
    sha1_mac(&format!("{secret_key}&"), &string_to_sign(call))
}
