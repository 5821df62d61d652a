//! Who is calling: `SDK-HMAC-SHA256` signatures and `X-Auth-Token`, checked as the gateway does.

use hmac::Hmac;
use hmac::KeyInit as _;
use hmac::Mac as _;
use sha2::Digest as _;
use sha2::Sha256;

use super::errors::Refusal;
use super::signature;
use super::signature::Authorization;
use super::signature::hex;
use super::world::World;
use crate::emulator::clock;
use crate::emulator::exchange::Call;
use crate::emulator::options::Credentials;
use crate::emulator::options::DEMO_SECURITY_TOKEN;
use crate::emulator::options::DEMO_TEMPORARY_ACCESS_KEY;
use crate::emulator::options::DEMO_TEMPORARY_SECRET_KEY;

/// Signatures older or newer than this are refused.
const SKEW_MS: i64 = 15 * 60 * 1000;

/// Signed bodies may not be larger.
const SIGNED_BODY_LIMIT: usize = 12 * 1024 * 1024;

/// Tokens live for a day.
const TOKEN_MS: i64 = 24 * 60 * 60 * 1000;

/// Checks the caller of one request.
pub(crate) fn check(world: &World, call: &Call) -> Result<(), Refusal> {
    if world.shape.expired {
        return Err(Refusal::new(401, "DMS.10240102", "Expired token."));
    }
    if let Some(header) = call.header("authorization") {
        return check_signature(&world.credentials, call, header, world.shape.skew_ms);
    }
    match call.header("x-auth-token") {
        Some(token) => check_token(&world.credentials, token, clock::wall_ms()),
        None => Err(Refusal::new(401, "DMS.10240103", "Missing token.")),
    }
}

/// The gateway's refusal of keys and signatures.
fn refused(reason: &str) -> Refusal {
    Refusal::new(401, "APIGW.0301", format!("Incorrect IAM authentication information: {reason}"))
}

/// `skew_ms` is how far the clock here is ahead.
fn check_signature(known: &Credentials, call: &Call, header: &str, skew_ms: i64) -> Result<(), Refusal> {
    let sent =
        Authorization::parse(header).ok_or_else(|| refused("the Authorization header is malformed"))?;
    let secret = secret_of(known, call, &sent.access_key)?;
    let date = call
        .header("x-sdk-date")
        .filter(|_| sent.signed_headers.iter().any(|name| name == "x-sdk-date"))
        .ok_or_else(|| refused("x-sdk-date is missing or not signed"))?;
    let made_at = date_ms(date).ok_or_else(|| refused("x-sdk-date is malformed"))?;
    if made_at.abs_diff(clock::wall_ms().saturating_add(skew_ms)) > SKEW_MS.unsigned_abs() {
        return Err(refused("the request has expired, check x-sdk-date"));
    }
    if call.body.len() > SIGNED_BODY_LIMIT {
        return Err(Refusal::new(413, "APIGW.0201", "The signed request body is too large"));
    }
    if let Some(hash) = call.header("x-sdk-content-sha256")
        && hash != "UNSIGNED-PAYLOAD"
        && hash != hex(&Sha256::digest(&call.body))
    {
        return Err(refused("x-sdk-content-sha256 does not match the body"));
    }
    let canonical = signature::canonical_request(call, &sent.signed_headers)
        .ok_or_else(|| refused("a signed header is missing"))?;
    if signature::signature(secret, date, &canonical) != sent.signature {
        return Err(refused("verify aksk signature fail"));
    }
    Ok(())
}

fn secret_of<'a>(known: &'a Credentials, call: &Call, access_key: &str) -> Result<&'a str, Refusal> {
    let security_token = call.header("x-security-token");
    if access_key == DEMO_TEMPORARY_ACCESS_KEY {
        return match security_token {
            Some(token) if token == DEMO_SECURITY_TOKEN => Ok(DEMO_TEMPORARY_SECRET_KEY),
            _ => Err(refused("the security token is missing or wrong")),
        };
    }
    if access_key != known.access_key {
        return Err(refused(&format!("Get secretKey failed,ak:{access_key},err:ak not exist")));
    }
    if security_token.is_some() {
        return Err(refused("a permanent access key takes no security token"));
    }
    Ok(&known.secret_key)
}

/// Makes a token. It carries its own end and is signed, so it outlives a restart.
pub(crate) fn issue_token(known: &Credentials, now_ms: i64) -> (String, i64) {
    let expires = now_ms.saturating_add(TOKEN_MS);
    let payload = format!("{expires}.{}", known.project_id);
    (format!("{payload}.{}", seal(known, &payload)), expires)
}

fn seal(known: &Credentials, payload: &str) -> String {
    match Hmac::<Sha256>::new_from_slice(known.password.as_bytes()) {
        Ok(mut mac) => {
            mac.update(payload.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
        Err(_impossible) => String::new(),
    }
}

fn check_token(known: &Credentials, token: &str, now_ms: i64) -> Result<(), Refusal> {
    let invalid = || Refusal::new(401, "DMS.10240101", "Invalid token.");
    let (payload, sent) = token.rsplit_once('.').ok_or_else(invalid)?;
    if sent.is_empty() || seal(known, payload) != sent {
        return Err(invalid());
    }
    let (expires, _project) = payload.split_once('.').ok_or_else(invalid)?;
    let expires: i64 = expires.parse().map_err(|_not_a_number| invalid())?;
    if expires < now_ms {
        return Err(Refusal::new(401, "DMS.10240102", "Expired token."));
    }
    Ok(())
}

/// Milliseconds since the epoch of `YYYYMMDDThhmmssZ`.
fn date_ms(text: &str) -> Option<i64> {
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        assert_eq!(date_ms("20240412T080000Z"), Some(1_712_908_800_000));
        assert_eq!(date_ms("2024-04-12T08:00:00Z"), None);
    }

    #[test]
    fn tokens_end_and_cannot_be_made_up() {
        let known = Credentials::default();
        let (token, expires) = issue_token(&known, 1000);
        assert!(check_token(&known, &token, 2000).is_ok());
        let code = |token: &str, now| check_token(&known, token, now).map_err(|e| e.code);
        assert_eq!(code(&token, expires + 1), Err("DMS.10240102"));
        assert_eq!(code("made-up", 0), Err("DMS.10240101"));
        assert_eq!(code(&token.replacen('8', "9", 1), 0), Err("DMS.10240101"));
    }
}
