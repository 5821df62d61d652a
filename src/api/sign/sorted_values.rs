//! The signature of Apsara Stack's message queue console: HMAC-SHA1 over the values of all parameters.
//!
//! Neither the path nor the method nor the names of parameters are covered, so a signed address is as good as
//! the key for as long as the server takes its time stamp: such addresses are written nowhere. Source: the
//! vendor's developer guide, document version 20220815.

use super::Additions;
use super::SignError;
use super::Unsigned;
use super::acs::Key;
use super::acs::hmac_sha1;

/// Returns the parameters that name the key, the time and the signature.
pub(super) fn sign(unsigned: &Unsigned<'_>, key: Key<'_>) -> Result<Additions, SignError> {
    let milliseconds = unsigned
        .date
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .map_err(|_| SignError::Date)?
        .as_millis();
    let mut added = vec![
        ("_accesskey".to_owned(), key.id.to_owned()),
        ("__preventCache".to_owned(), milliseconds.to_string()),
    ];
    let mut signed = [unsigned.query, unsigned.form, &added].concat();
    // By bytes: upper-case names come before `_`, which comes before lower-case ones.
    signed.sort();
    let text: String = signed.iter().map(|(_, value)| value.as_str()).collect();
    added.push(("_signature".to_owned(), hmac_sha1(key.secret.reveal(), &text)?));
    Ok(Additions { headers: Vec::new(), query: added })
}
