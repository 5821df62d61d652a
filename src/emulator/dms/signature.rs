//! `SDK-HMAC-SHA256`: the canonical form of a request and its signature, as the gateway checks it.

use hmac::Hmac;
use hmac::KeyInit as _;
use hmac::Mac as _;
use sha2::Digest as _;
use sha2::Sha256;

use crate::emulator::exchange::Call;

/// The parts of an `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) access_key: String,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
}

impl Authorization {
    /// Reads `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let rest = header.strip_prefix("SDK-HMAC-SHA256")?.strip_prefix(' ')?;
        let (mut access, mut headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            match part.trim().split_once('=')? {
                ("Access", value) => access = Some(value.to_owned()),
                ("SignedHeaders", value) => {
                    headers = Some(value.split(';').map(str::to_ascii_lowercase).collect());
                }
                ("Signature", value) => signature = Some(value.to_owned()),
                _ => return None,
            }
        }
        Some(Self { access_key: access?, signed_headers: headers?, signature: signature? })
    }
}

/// The canonical request, or `None` when a signed header is missing.
pub(crate) fn canonical_request(call: &Call, signed_headers: &[String]) -> Option<String> {
    let mut headers = Vec::new();
    for name in signed_headers {
        let value = call.header(name)?;
        headers.push(format!("{name}:{}\n", value.trim()));
    }
    let hash = match call.header("x-sdk-content-sha256") {
        Some(hash) => hash.to_owned(),
        None => hex(&Sha256::digest(&call.body)),
    };
    Some(format!(
        "{}\n{}\n{}\n{}\n{}\n{hash}",
        call.method,
        canonical_path(call),
        canonical_query(call),
        headers.concat(),
        signed_headers.join(";"),
    ))
}

/// The signature of a canonical request made at `date`.
pub(crate) fn signature(secret_key: &str, date: &str, canonical: &str) -> String {
    let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    match Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()) {
        Ok(mut mac) => {
            mac.update(text.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
        // HMAC takes keys of any length; an empty text never equals a signature.
        Err(_impossible) => String::new(),
    }
}

fn canonical_path(call: &Call) -> String {
    let mut path = String::from("/");
    for segment in call.segments.iter().filter(|segment| !segment.is_empty()) {
        path.push_str(&encoded(segment));
        path.push('/');
    }
    path
}

fn canonical_query(call: &Call) -> String {
    let mut pairs: Vec<(String, String)> =
        call.query.iter().map(|(key, value)| (encoded(key), encoded(value))).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
    out
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "SKFAKE0000EXAMPLE0000NOTAREALSECRETKEY001";
    const DATE: &str = "20240412T080000Z";
    const PID: &str = "0123456789abcdef0123456789abcdef";
    const IID: &str = "11111111-2222-3333-4444-555555555555";

    struct Vector {
        method: &'static str,
        path: String,
        query: &'static str,
        content_type: bool,
        project: bool,
        body: &'static str,
        digest: &'static str,
        signature: &'static str,
    }

    fn check(vector: &Vector) {
        let mut headers = vec![
            ("host".to_owned(), "dms.ru-moscow-1.hc.sbercloud.ru".to_owned()),
            ("x-sdk-date".to_owned(), DATE.to_owned()),
        ];
        if vector.content_type {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        if vector.project {
            headers.push(("x-project-id".to_owned(), PID.to_owned()));
        }
        let mut signed: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
        signed.sort();
        let call =
            Call::new(vector.method, &vector.path, vector.query, headers, vector.body.as_bytes().to_vec());
        let canonical = canonical_request(&call, &signed).expect("all headers are there");
        assert_eq!(hex(&Sha256::digest(canonical.as_bytes())), vector.digest);
        assert_eq!(signature(SECRET, DATE, &canonical), vector.signature);
    }

    #[test]
    fn list_of_instances() {
        check(&Vector {
            method: "GET",
            path: format!("/v2/{PID}/instances"),
            query: "engine=reliability&limit=50&offset=0",
            content_type: true,
            project: true,
            body: "",
            digest: "ba6ef1bf4fb64f733d3a8e502977af2c57496201e4eaee97f0c03b1a1f68eac6",
            signature: "ecbe33089fb90df979314e9102959d2b015d03f681cc606cd29f074886d05d4e",
        });
    }

    #[test]
    fn body() {
        check(&Vector {
            method: "POST",
            path: format!("/v2/{PID}/instances/{IID}/topics"),
            query: "",
            content_type: true,
            project: true,
            body: r#"{"name":"t1","brokers":["broker-0"],"queue_num":3,"permission":"all"}"#,
            digest: "dd9fc1eb4252e69335d818f81104d80937ccc33f108e1d6ce3d580e36d6a06ae",
            signature: "9af9cb7b1569f8649d734229ba62f2d34deeb79c26dff024bfaeb1005b842870",
        });
    }

    #[test]
    fn encoded_path() {
        check(&Vector {
            method: "GET",
            path: format!("/v2/{PID}/instances/{IID}/topics/%25DLQ%25g%7C1"),
            query: "",
            content_type: true,
            project: false,
            body: "",
            digest: "4a5261a7a8ce26c1841d9bae309391add62929feb6f925929a2890956db10bc2",
            signature: "febbcc93046f6230ee5fa03ccf9251fc1cea019c96f7e252bba72937590e4570",
        });
    }

    #[test]
    fn encoded_query_with_few_headers() {
        check(&Vector {
            method: "GET",
            path: format!("/v2/reliability/{PID}/instances/{IID}/messages"),
            query: "topic=%25DLQ%25group1&key=a%20b%2Bc%2Fd~e&limit=10",
            content_type: false,
            project: false,
            body: "",
            digest: "66f66d036becda6db8e39b5e9c0ce9ba75847a0a6656698b5afce085c7950959",
            signature: "d11410e7f9cafb1844e3d2dd1cf2f52d7e83d852a3bd2650f01e7777aca4459f",
        });
    }

    #[test]
    fn the_header_is_taken_apart() {
        let header = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00ff";
        let parsed = Authorization::parse(header).expect("well-formed");
        assert_eq!(parsed.access_key, "AK");
        assert_eq!(parsed.signed_headers, ["host", "x-sdk-date"]);
        assert_eq!(parsed.signature, "00ff");
        assert_eq!(Authorization::parse("Bearer x"), None);
        assert_eq!(Authorization::parse("SDK-HMAC-SHA256 Access=AK"), None);
    }
}
