//! Who is calling, in whichever form the call is signed.

use std::collections::BTreeMap;

use super::acs3;
use super::acs3::Authorization;
use super::encode::digest;
use super::errors::GatewayRefusal;
use super::roa;
use super::rpc;
use crate::emulator::exchange::Call;
use crate::emulator::options::Credentials;
use crate::emulator::options::DEMO_SECURITY_TOKEN;
use crate::emulator::options::DEMO_TEMPORARY_ACCESS_KEY;
use crate::emulator::options::DEMO_TEMPORARY_SECRET_KEY;

/// Requests older or newer than this are refused, and nonces are remembered for as long on both
/// sides of now.
const SKEW_MS: i64 = 15 * 60 * 1000;

/// How a service spells its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Paths and methods; the older signature is in the `Authorization` header.
    Roa,
    /// Everything on `/`; the older signature is a query parameter.
    Rpc,
}

/// A caller whose signature was right, and what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) access_key: String,
    pub(crate) action: String,
    pub(crate) version: String,
}

/// The gateway in front of a service.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    style: Style,
    /// When each nonce was used.
    nonces: BTreeMap<String, i64>,
}

/// What each form of a signature says about the request.
struct Claim<'a> {
    access_key: String,
    security_token: Option<&'a str>,
    made_at: Option<i64>,
    nonce: Option<&'a str>,
    action: &'a str,
    version: &'a str,
}

impl Gateway {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, nonces: BTreeMap::new() }
    }

    /// Checks one call that arrives at `now_ms`. `expired` refuses it as if its token had ended.
    pub(crate) fn check(
        &mut self,
        known: &Credentials,
        call: &Call,
        now_ms: i64,
        expired: bool,
    ) -> Result<Caller, GatewayRefusal> {
        let authorization = call.header("authorization").unwrap_or_default();
        let claim = if authorization.starts_with(acs3::ALGORITHM) {
            let sent = Authorization::parse(authorization)
                .ok_or_else(|| incomplete("the Authorization header is malformed"))?;
            let claim = header_claim(call, &sent.access_key, call.header("x-acs-date").and_then(iso_ms));
            let secret = secret_of(known, &claim, expired)?;
            check_acs3(call, &sent, secret)?;
            claim
        } else if self.style == Style::Roa && authorization.starts_with("acs ") {
            let (access_key, signature) = roa::parse(authorization)
                .ok_or_else(|| incomplete("the Authorization header is malformed"))?;
            let claim = header_claim(call, access_key, call.header("date").and_then(http_date_ms));
            let secret = secret_of(known, &claim, expired)?;
            if call.header("x-acs-signature-method").is_some_and(|method| method != "HMAC-SHA1") {
                return Err(GatewayRefusal::new(
                    400,
                    "UnsupportedSignatureMethod",
                    "The specified signature method is not supported.",
                ));
            }
            if roa::signature(secret, call) != signature {
                return Err(mismatch(&roa::string_to_sign(call)));
            }
            claim
        } else if self.style == Style::Rpc && call.query("Signature").is_some() {
            let claim = rpc_claim(call)?;
            let secret = secret_of(known, &claim, expired)?;
            if call.query("Signature") != Some(rpc::signature(secret, call).as_str()) {
                return Err(mismatch(&rpc::string_to_sign(call)));
            }
            claim
        } else {
            return Err(GatewayRefusal::new(
                400,
                "MissingAuthorization",
                "The request carries no signature of a supported form.",
            ));
        };
        let caller = Caller {
            access_key: claim.access_key.clone(),
            action: claim.action.to_owned(),
            version: claim.version.to_owned(),
        };
        self.check_time(&claim, now_ms)?;
        Ok(caller)
    }

    /// Whether the call is of now and the first with its nonce.
    fn check_time(&mut self, claim: &Claim<'_>, now_ms: i64) -> Result<(), GatewayRefusal> {
        let made_at = claim.made_at.ok_or_else(|| {
            GatewayRefusal::new(
                400,
                "InvalidTimeStamp.Format",
                "Specified time stamp or date value is not well formatted.",
            )
        })?;
        if made_at.abs_diff(now_ms) > SKEW_MS.unsigned_abs() {
            return Err(GatewayRefusal::new(
                400,
                "InvalidTimeStamp.Expired",
                "Specified time stamp or date value is expired.",
            ));
        }
        let nonce = claim.nonce.filter(|nonce| !nonce.is_empty()).ok_or_else(|| {
            GatewayRefusal::new(400, "MissingSignatureNonce", "SignatureNonce is mandatory for this action.")
        })?;
        self.nonces.retain(|_, used_at| used_at.abs_diff(now_ms) <= 2 * SKEW_MS.unsigned_abs());
        if self.nonces.insert(format!("{}/{nonce}", claim.access_key), now_ms).is_some() {
            return Err(GatewayRefusal::new(
                400,
                "SignatureNonceUsed",
                "Specified signature nonce was used already.",
            ));
        }
        Ok(())
    }
}

fn incomplete(detail: &str) -> GatewayRefusal {
    GatewayRefusal::new(
        400,
        "IncompleteSignature",
        format!("The request signature does not conform to Aliyun standards: {detail}."),
    )
}

fn mismatch(server_string: &str) -> GatewayRefusal {
    GatewayRefusal::new(
        400,
        "SignatureDoesNotMatch",
        format!(
            "Specified signature is not matched with our calculation. server string to sign is:{server_string}"
        ),
    )
}

fn header_claim<'a>(call: &'a Call, access_key: &str, made_at: Option<i64>) -> Claim<'a> {
    Claim {
        access_key: access_key.to_owned(),
        security_token: call.header("x-acs-security-token"),
        made_at,
        nonce: call.header("x-acs-signature-nonce"),
        action: call.header("x-acs-action").unwrap_or_default(),
        version: call.header("x-acs-version").unwrap_or_default(),
    }
}

fn rpc_claim(call: &Call) -> Result<Claim<'_>, GatewayRefusal> {
    let access_key = call.query("AccessKeyId").ok_or_else(|| {
        GatewayRefusal::new(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
    })?;
    for (key, only, code) in [
        ("SignatureMethod", "HMAC-SHA1", "UnsupportedSignatureMethod"),
        ("SignatureVersion", "1.0", "UnsupportedSignatureVersion"),
    ] {
        if call.query(key) != Some(only) {
            return Err(GatewayRefusal::new(400, code, format!("{key} must be {only}.")));
        }
    }
    Ok(Claim {
        access_key: access_key.to_owned(),
        security_token: call.query("SecurityToken"),
        made_at: call.query("Timestamp").and_then(iso_ms),
        nonce: call.query("SignatureNonce"),
        action: call.query("Action").unwrap_or_default(),
        version: call.query("Version").unwrap_or_default(),
    })
}

fn secret_of<'a>(
    known: &'a Credentials,
    claim: &Claim<'_>,
    expired: bool,
) -> Result<&'a str, GatewayRefusal> {
    if expired {
        return Err(GatewayRefusal::new(
            400,
            "InvalidSecurityToken.Expired",
            "Specified SecurityToken is expired.",
        ));
    }
    if claim.access_key == DEMO_TEMPORARY_ACCESS_KEY {
        return match claim.security_token {
            Some(DEMO_SECURITY_TOKEN) => Ok(DEMO_TEMPORARY_SECRET_KEY),
            Some(_) => Err(GatewayRefusal::new(
                400,
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken mismatch with the AccessKey.",
            )),
            None => Err(GatewayRefusal::new(
                400,
                "MissingSecurityToken",
                "SecurityToken is mandatory for this action.",
            )),
        };
    }
    if claim.access_key != known.access_key {
        return Err(GatewayRefusal::new(
            404,
            "InvalidAccessKeyId.NotFound",
            "Specified access key is not found.",
        ));
    }
    if claim.security_token.is_some_and(|token| !token.is_empty()) {
        return Err(GatewayRefusal::new(
            400,
            "InvalidSecurityToken.MismatchWithAccessKey",
            "Specified SecurityToken mismatch with the AccessKey.",
        ));
    }
    Ok(&known.secret_key)
}

fn check_acs3(call: &Call, sent: &Authorization, secret: &str) -> Result<(), GatewayRefusal> {
    let is_signed = |name: &str| sent.signed_headers.iter().any(|signed| signed == name);
    for name in ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"] {
        if !is_signed(name) {
            return Err(incomplete(&format!("the header {name} is not signed")));
        }
    }
    if let Some(name) = acs3::must_sign(call).find(|name| !is_signed(name)) {
        return Err(incomplete(&format!("the header {name} is not signed")));
    }
    let hash = call
        .header("x-acs-content-sha256")
        .ok_or_else(|| incomplete("the header x-acs-content-sha256 is missing"))?;
    if hash != digest(&call.body) {
        return Err(mismatch("x-acs-content-sha256 is not the digest of the body"));
    }
    let canonical = acs3::canonical_request(call, &sent.signed_headers)
        .map_err(|name| incomplete(&format!("the signed header {name} is missing")))?;
    if acs3::signature(secret, &canonical) == sent.signature { Ok(()) } else { Err(mismatch(&canonical)) }
}

/// Milliseconds since the epoch of `YYYY-MM-DDThh:mm:ssZ`.
fn iso_ms(text: &str) -> Option<i64> {
    civil_ms("%Y-%m-%dT%H:%M:%SZ", text)
}

/// Milliseconds since the epoch of a date as HTTP writes it.
fn http_date_ms(text: &str) -> Option<i64> {
    civil_ms("%a, %d %b %Y %H:%M:%S GMT", text)
}

fn civil_ms(format: &str, text: &str) -> Option<i64> {
    let date = jiff::civil::DateTime::strptime(format, text).ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}
