//! Signatures made by the vendor's own signer, reproduced.

use std::time::SystemTime;

use sha2::Digest as _;
use sha2::Sha256;

use super::Signer;
use super::Unsigned;
use super::hex;
use super::sdk_hmac_sha256::canonical_request;
use crate::api::auth::Credentials;
use crate::value::Secret;

mod acs;

const PROJECT: &str = "0123456789abcdef0123456789abcdef";
const INSTANCE: &str = "11111111-2222-3333-4444-555555555555";
const HOST: &str = "dms.ru-moscow-1.hc.sbercloud.ru";
const DATE: &str = "20240412T080000Z";

fn date() -> SystemTime {
    httpdate::parse_http_date("Fri, 12 Apr 2024 08:00:00 GMT").unwrap()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

struct Vector<'v> {
    method: &'v str,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: &'v str,
    canonical_hash: &'v str,
    signature: &'v str,
    signed: &'v str,
}

fn check(vector: &Vector<'_>) {
    let unsigned = Unsigned {
        method: vector.method,
        host: HOST,
        path: &vector.path,
        query: &vector.query,
        headers: &vector.headers,
        body: vector.body.as_bytes(),
        form: &[],
        action: None,
        date: date(),
        nonce: "",
    };
    let (canonical, _) = canonical_request(&unsigned, &pairs(&[("x-sdk-date", DATE)]));
    assert_eq!(hex(&Sha256::digest(canonical.as_bytes())), vector.canonical_hash, "{canonical}");

    let credentials = Credentials::AccessKey {
        access_key: "AKFAKE0000EXAMPLE0001".to_owned(),
        secret_key: Secret::new("SKFAKE0000EXAMPLE0000NOTAREALSECRETKEY001"),
        security_token: None,
    };
    let added = Signer::SdkHmacSha256.sign(&unsigned, &credentials, None).unwrap();
    assert_eq!(
        added.headers,
        pairs(&[
            ("x-sdk-date", DATE),
            (
                "authorization",
                &format!(
                    "SDK-HMAC-SHA256 Access=AKFAKE0000EXAMPLE0001, SignedHeaders={}, Signature={}",
                    vector.signed, vector.signature
                )
            ),
        ])
    );
}

#[test]
fn vendor_vector_1_query() {
    check(&Vector {
        method: "GET",
        path: format!("/v2/{PROJECT}/instances"),
        query: pairs(&[("engine", "reliability"), ("limit", "50"), ("offset", "0")]),
        headers: pairs(&[("Content-Type", "application/json"), ("X-Project-Id", PROJECT)]),
        body: "",
        canonical_hash: "ba6ef1bf4fb64f733d3a8e502977af2c57496201e4eaee97f0c03b1a1f68eac6",
        signature: "ecbe33089fb90df979314e9102959d2b015d03f681cc606cd29f074886d05d4e",
        signed: "content-type;host;x-project-id;x-sdk-date",
    });
}

#[test]
fn vendor_vector_2_body() {
    check(&Vector {
        method: "POST",
        path: format!("/v2/{PROJECT}/instances/{INSTANCE}/topics"),
        query: Vec::new(),
        headers: pairs(&[("Content-Type", "application/json"), ("X-Project-Id", PROJECT)]),
        body: r#"{"name":"t1","brokers":["broker-0"],"queue_num":3,"permission":"all"}"#,
        canonical_hash: "dd9fc1eb4252e69335d818f81104d80937ccc33f108e1d6ce3d580e36d6a06ae",
        signature: "9af9cb7b1569f8649d734229ba62f2d34deeb79c26dff024bfaeb1005b842870",
        signed: "content-type;host;x-project-id;x-sdk-date",
    });
}

#[test]
fn vendor_vector_3_encoded_path() {
    check(&Vector {
        method: "GET",
        path: format!("/v2/{PROJECT}/instances/{INSTANCE}/topics/%25DLQ%25g%7C1"),
        query: Vec::new(),
        headers: pairs(&[("Content-Type", "application/json")]),
        body: "",
        canonical_hash: "4a5261a7a8ce26c1841d9bae309391add62929feb6f925929a2890956db10bc2",
        signature: "febbcc93046f6230ee5fa03ccf9251fc1cea019c96f7e252bba72937590e4570",
        signed: "content-type;host;x-sdk-date",
    });
}

#[test]
fn vendor_vector_4_encoded_query() {
    check(&Vector {
        method: "GET",
        path: format!("/v2/reliability/{PROJECT}/instances/{INSTANCE}/messages"),
        query: pairs(&[("topic", "%DLQ%group1"), ("key", "a b+c/d~e"), ("limit", "10")]),
        headers: Vec::new(),
        body: "",
        canonical_hash: "66f66d036becda6db8e39b5e9c0ce9ba75847a0a6656698b5afce085c7950959",
        signature: "d11410e7f9cafb1844e3d2dd1cf2f52d7e83d852a3bd2650f01e7777aca4459f",
        signed: "host;x-sdk-date",
    });
}

fn unsigned<'u>(headers: &'u [(String, String)], body: &'u [u8]) -> Unsigned<'u> {
    Unsigned {
        method: "GET",
        host: HOST,
        path: "/",
        query: &[],
        headers,
        body,
        form: &[],
        action: None,
        date: date(),
        nonce: "",
    }
}

#[test]
fn temporary_keys_sign_their_token() {
    let credentials = Credentials::AccessKey {
        access_key: "AK".to_owned(),
        secret_key: Secret::new("SK"),
        security_token: Some(Secret::new("temporary")),
    };
    let added = Signer::SdkHmacSha256.sign(&unsigned(&[], b""), &credentials, None).unwrap();
    assert_eq!(added.headers[1], ("x-security-token".to_owned(), "temporary".to_owned()));
    assert!(added.headers[2].1.contains("SignedHeaders=host;x-sdk-date;x-security-token,"));
}

#[test]
fn headers_with_underscores_are_not_signed_and_a_given_hash_is_used() {
    let headers = pairs(&[("odd_name", "1"), ("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")]);
    let (canonical, names) = canonical_request(&unsigned(&headers, b"body"), &[]);
    assert_eq!(names, "host;x-sdk-content-sha256");
    assert!(canonical.ends_with("\nUNSIGNED-PAYLOAD"), "{canonical}");
}

#[test]
fn simple_signers() {
    let none = unsigned(&[], b"");
    let token = Credentials::Token(Secret::new("t0k3n"));
    let header = |signer: Signer, credentials: &Credentials| {
        signer.sign(&none, credentials, None).map(|added| added.headers)
    };
    assert_eq!(
        header(Signer::Token { header: "x-auth-token".to_owned() }, &token),
        Ok(pairs(&[("x-auth-token", "t0k3n")]))
    );
    assert_eq!(header(Signer::Bearer, &token), Ok(pairs(&[("authorization", "Bearer t0k3n")])));
    let basic = Credentials::Basic { user: "u".to_owned(), password: Secret::new("p") };
    assert_eq!(header(Signer::Basic, &basic), Ok(pairs(&[("authorization", "Basic dTpw")])));
    assert!(header(Signer::SdkHmacSha256, &token).is_err());
    assert!(header(Signer::None, &token).unwrap().is_empty());
}
