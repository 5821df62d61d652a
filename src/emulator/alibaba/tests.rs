//! Signatures computed with the vendor's own code, and everything that must be refused.

use super::acs3;
use super::acs3::Authorization;
use super::encode::digest;
use super::gateway::Gateway;
use super::gateway::Style;
use super::roa;
use super::rpc;
use crate::emulator::exchange::Call;
use crate::emulator::options::Credentials;
use crate::emulator::options::DEMO_SECURITY_TOKEN;
use crate::emulator::options::DEMO_TEMPORARY_ACCESS_KEY;
use crate::emulator::options::DEMO_TEMPORARY_SECRET_KEY;

const SECRET: &str = "testSK";
const DATE: &str = "2025-01-02T03:04:05Z";
const HTTP_DATE: &str = "Thu, 02 Jan 2025 03:04:05 GMT";
/// The moment of [`DATE`].
const NOW: i64 = 1_735_787_045_000;
const NONCE: &str = "0123456789abcdef0123456789abcdef";
const HOST: &str = "rocketmq.cn-hangzhou.aliyuncs.com";
const VERSION: &str = "2022-08-01";
const LIST_QUERY: &str = "pageNumber=1&instanceId=rmq-cn-aaa&filter=a+b%2A~%2F%2B%E4%B8%AD&pageSize=10";
const PLAN: &str = r#"{"autoSyncCheckpoint":true,"instances":[],"planName":"dr-plan-1","planType":"ACTIVE_ACTIVE","syncCheckpointEnabled":true}"#;
const JSON: &str = "application/json; charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded";
const DOWNGRADE: &str = "DowngradeInstanceId=mqtt-cn-bbb&InstanceId=mqtt-cn-aaa";

fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The headers of a minimal ACS3 request.
fn minimal(action: &str, body: &str) -> Vec<(String, String)> {
    pairs(&[
        ("host", HOST),
        ("x-acs-action", action),
        ("x-acs-content-sha256", &digest(body.as_bytes())),
        ("x-acs-date", DATE),
        ("x-acs-signature-nonce", NONCE),
        ("x-acs-version", VERSION),
    ])
}

/// What the vendor's SDK adds to them.
fn sdk(mut headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers.extend(pairs(&[
        ("accept", "application/json"),
        ("user-agent", "mq-conformance/1"),
        ("x-acs-credentials-provider", "static_ak"),
    ]));
    headers
}

fn with(mut headers: Vec<(String, String)>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
    headers.extend(pairs(more));
    headers
}

fn call(method: &str, path: &str, query: &str, headers: Vec<(String, String)>, body: &str) -> Call {
    Call::new(method, path, query, headers, body.as_bytes().to_vec())
}

fn signed_names(call: &Call) -> Vec<String> {
    let mut names: Vec<String> = call.headers.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    names
}

fn canonical(call: &Call) -> String {
    acs3::canonical_request(call, &signed_names(call)).expect("all headers are there")
}

fn acs3_signature(secret: &str, call: &Call) -> String {
    acs3::signature(secret, &canonical(call))
}

#[test]
fn acs3_published_sample() {
    let query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";
    let headers = with(
        minimal("RunInstances", ""),
        &[
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
        ],
    );
    assert_eq!(
        acs3_signature("YourAccessKeySecret", &call("POST", "/", query, headers, "")),
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    );
}

#[test]
fn acs3_query_with_every_kind_of_character() {
    let request = call("GET", "/disaster_recovery", LIST_QUERY, minimal("ListDisasterRecoveryPlans", ""), "");
    assert_eq!(
        acs3::canonical_query(&request),
        "filter=a%20b%2A~%2F%2B%E4%B8%AD&instanceId=rmq-cn-aaa&pageNumber=1&pageSize=10"
    );
    assert_eq!(
        digest(canonical(&request).as_bytes()),
        "20e2ce8a7c86c1e64c48d2ce97320079f26c9209f09270b6e30576c9ff845564"
    );
    assert_eq!(
        acs3_signature(SECRET, &request),
        "d433809e559b87e25ed1e92841aedf8de6d42612aed9ac329ebab29e61074298"
    );
    let headers = sdk(minimal("ListDisasterRecoveryPlans", ""));
    assert_eq!(
        acs3_signature(SECRET, &call("GET", "/disaster_recovery", LIST_QUERY, headers, "")),
        "ed47a7cb43c40a0caac0febc97e3739c71c69b39d52e70eb3a5a8769cc78c353"
    );
}

#[test]
fn acs3_body() {
    let headers = with(minimal("CreateDisasterRecoveryPlan", PLAN), &[("content-type", JSON)]);
    let request = call("POST", "/disaster_recovery", "", headers.clone(), PLAN);
    assert_eq!(digest(PLAN.as_bytes()), "d21bf1a69a0e2d3d3695bcfae1a01cb4fb643476902a020cee6c97fd0b2ef02b");
    assert_eq!(
        digest(canonical(&request).as_bytes()),
        "4cdc79fbce68a7eb4d5d60209d23284b201d1f902c99a47d35938d920e457d52"
    );
    assert_eq!(
        acs3_signature(SECRET, &request),
        "a4ca174a691280a55c48f2083c8529d09d9b0e0f0d778d54f0ce24af1a52f4d8"
    );
    assert_eq!(
        acs3_signature(SECRET, &call("POST", "/disaster_recovery", "", sdk(headers), PLAN)),
        "083ab009e88633fa9ea1d7085419903065f05b8dad4ac91f47f05b7b53573096"
    );
}

#[test]
fn acs3_security_token() {
    let headers = with(
        minimal("GetDisasterRecoveryPlan", ""),
        &[("x-acs-accesskey-id", "testAK"), ("x-acs-security-token", "testTOKEN")],
    );
    assert_eq!(
        acs3_signature(SECRET, &call("GET", "/disaster_recovery/1300000016", "", headers, "")),
        "0b895049bb53abb46fddcaea14a9919851adb2c7693c82e500596b3e85fb4312"
    );
}

#[test]
fn acs3_form_body() {
    let headers = with(
        minimal("DisasterDowngrade", DOWNGRADE),
        &[
            ("host", "onsmqtt.cn-hangzhou.aliyuncs.com"),
            ("x-acs-version", "2020-04-20"),
            ("content-type", FORM),
        ],
    );
    let request = call("POST", "/", "", headers.clone(), DOWNGRADE);
    assert_eq!(
        digest(DOWNGRADE.as_bytes()),
        "e28d37393f62b387d5c1350f68b3fa2da81697068e9cc69b34d607879d3491c0"
    );
    assert_eq!(
        digest(canonical(&request).as_bytes()),
        "4ca072020da52d649d4624db7d034fb1ea1687e6ba89d5d20ad11daa4aede5ff"
    );
    assert_eq!(
        acs3_signature(SECRET, &request),
        "566bb66cd5302a1b84c95b66a0a04831096d11548e11bb313a43c2c37267e6eb"
    );
    assert_eq!(
        acs3_signature(SECRET, &call("POST", "/", "", sdk(headers), DOWNGRADE)),
        "764b6023772e0927c4a8ac1bc2682bfbcadc60d59010d93b825f848eb035f644"
    );
}

fn roa_headers(action: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let headers = pairs(&[
        ("accept", "application/json"),
        ("date", HTTP_DATE),
        ("host", HOST),
        ("x-acs-action", action),
        ("x-acs-signature-method", "HMAC-SHA1"),
        ("x-acs-signature-nonce", NONCE),
        ("x-acs-signature-version", "1.0"),
        ("x-acs-version", VERSION),
    ]);
    with(headers, more)
}

#[test]
fn roa_vectors() {
    let list = |more: &[(&str, &str)]| {
        let headers = roa_headers("ListDisasterRecoveryPlans", more);
        roa::signature(SECRET, &call("GET", "/disaster_recovery", LIST_QUERY, headers, ""))
    };
    assert_eq!(list(&[]), "kGLm8u3kSPSHDplYNoOMRQj4pu0=");
    let provider = ("x-acs-credentials-provider", "static_ak");
    assert_eq!(list(&[provider]), "MrGXxhLDAKJc24AWIoLHb4Z2HPo=");
    for body in [PLAN, "{}"] {
        let headers = roa_headers("CreateDisasterRecoveryPlan", &[provider, ("content-type", JSON)]);
        assert_eq!(
            roa::signature(SECRET, &call("POST", "/disaster_recovery", "", headers, body)),
            "soXRJjlRIzJH+OeZalgMV7mcS/U=",
            "the body is not signed"
        );
    }
}

#[test]
fn rpc_vectors() {
    let published = "AccessKeyId=testid&Action=DescribeRegions&Format=XML&SignatureMethod=HMAC-SHA1\
                     &SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0\
                     &Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26";
    assert_eq!(
        rpc::signature("testsecret", &call("GET", "/", published, Vec::new(), "")),
        "OLeaidS1JvxuMvnyHOwuJ+uX5qY="
    );
    let common = format!(
        "AccessKeyId=testAK&Format=json&SignatureMethod=HMAC-SHA1&SignatureNonce={NONCE}\
         &SignatureVersion=1.0&Timestamp=2025-01-02T03%3A04%3A05Z&Version=2020-04-20"
    );
    let downgrade = call(
        "POST",
        "/",
        &format!("{common}&Action=DisasterDowngrade"),
        pairs(&[("content-type", FORM)]),
        DOWNGRADE,
    );
    assert_eq!(rpc::signature(SECRET, &downgrade), "9FjnT4tFCh//emfNezTZbBXwIbo=");
    let query = format!(
        "{common}&Action=QueryCustomAuthIdentity&InstanceId=mqtt-cn-aaa&Size=100&Username=a+b%2B%2A~"
    );
    assert_eq!(
        rpc::signature(SECRET, &call("GET", "/", &query, Vec::new(), "")),
        "MiUrJc4QB/pKRb8sc2Hloi1VjqI="
    );
}

fn known() -> Credentials {
    Credentials { access_key: "testAK".to_owned(), secret_key: SECRET.to_owned(), ..Credentials::default() }
}

/// Signs as ACS3 with these keys.
fn signed(access_key: &str, secret: &str, mut request: Call) -> Call {
    let names = signed_names(&request);
    let signature = acs3_signature(secret, &request);
    let header = format!(
        "ACS3-HMAC-SHA256 Credential={access_key},SignedHeaders={},Signature={signature}",
        names.join(";")
    );
    request.headers.push(("authorization".to_owned(), header));
    request
}

fn list_call(headers: Vec<(String, String)>) -> Call {
    call("GET", "/disaster_recovery", LIST_QUERY, headers, "")
}

fn verdict(style: Style, request: &Call, now: i64) -> Result<String, &'static str> {
    let caller = Gateway::new(style).check(&known(), request, now, false);
    caller.map(|caller| caller.action).map_err(|refusal| refusal.code)
}

#[test]
fn good_signatures_are_accepted_and_say_what_is_asked() {
    let request = signed("testAK", SECRET, list_call(sdk(minimal("ListDisasterRecoveryPlans", ""))));
    for style in [Style::Roa, Style::Rpc] {
        assert_eq!(verdict(style, &request, NOW), Ok("ListDisasterRecoveryPlans".to_owned()));
    }
    let mut headers = roa_headers("ListDisasterRecoveryPlans", &[]);
    headers.extend(pairs(&[("authorization", "acs testAK:kGLm8u3kSPSHDplYNoOMRQj4pu0=")]));
    assert_eq!(
        verdict(Style::Roa, &list_call(headers.clone()), NOW),
        Ok("ListDisasterRecoveryPlans".to_owned())
    );
    assert_eq!(verdict(Style::Rpc, &list_call(headers), NOW), Err("MissingAuthorization"));
}

#[test]
fn wrong_keys_and_signatures_are_refused() {
    let plain = || list_call(minimal("ListDisasterRecoveryPlans", ""));
    let roa = |request: &Call| verdict(Style::Roa, request, NOW);
    assert_eq!(roa(&signed("nobody", SECRET, plain())), Err("InvalidAccessKeyId.NotFound"));
    assert_eq!(roa(&signed("testAK", "wrong", plain())), Err("SignatureDoesNotMatch"));
    assert_eq!(roa(&plain()), Err("MissingAuthorization"));
    let mut other_path = signed("testAK", SECRET, plain());
    other_path.raw_path = "/instances".to_owned();
    assert_eq!(roa(&other_path), Err("SignatureDoesNotMatch"));
    let mut other_body = signed("testAK", SECRET, plain());
    other_body.body = b"{}".to_vec();
    assert_eq!(roa(&other_body), Err("SignatureDoesNotMatch"));
    let mut broken = plain();
    broken.headers.push(("authorization".to_owned(), "ACS3-HMAC-SHA256 Credential=testAK".to_owned()));
    assert_eq!(roa(&broken), Err("IncompleteSignature"));
}

#[test]
fn headers_that_say_what_the_request_is_must_be_signed() {
    let mut request = signed("testAK", SECRET, list_call(minimal("ListDisasterRecoveryPlans", "")));
    request.headers.push(("content-type".to_owned(), JSON.to_owned()));
    assert_eq!(verdict(Style::Roa, &request, NOW), Err("IncompleteSignature"));
    let mut request = signed("testAK", SECRET, list_call(minimal("ListDisasterRecoveryPlans", "")));
    request.headers.push(("accept".to_owned(), "*/*".to_owned()));
    assert!(verdict(Style::Roa, &request, NOW).is_ok(), "other headers need not");
}

#[test]
fn temporary_keys_need_their_token() {
    let ask = |token: Option<&str>, access_key: &str, secret: &str| {
        let more: Vec<(&str, &str)> =
            token.map(|token| ("x-acs-security-token", token)).into_iter().collect();
        let request =
            signed(access_key, secret, list_call(with(minimal("ListDisasterRecoveryPlans", ""), &more)));
        verdict(Style::Roa, &request, NOW)
    };
    let (key, secret) = (DEMO_TEMPORARY_ACCESS_KEY, DEMO_TEMPORARY_SECRET_KEY);
    assert!(ask(Some(DEMO_SECURITY_TOKEN), key, secret).is_ok());
    assert_eq!(ask(Some("other"), key, secret), Err("InvalidSecurityToken.MismatchWithAccessKey"));
    assert_eq!(ask(None, key, secret), Err("MissingSecurityToken"));
    assert_eq!(
        ask(Some(DEMO_SECURITY_TOKEN), "testAK", SECRET),
        Err("InvalidSecurityToken.MismatchWithAccessKey")
    );
    let request = signed("testAK", SECRET, list_call(minimal("ListDisasterRecoveryPlans", "")));
    let refusal = Gateway::new(Style::Roa).check(&known(), &request, NOW, true).expect_err("expired");
    assert_eq!(refusal.code, "InvalidSecurityToken.Expired");
}

#[test]
fn requests_of_another_time_and_replays_are_refused() {
    let request = signed("testAK", SECRET, list_call(minimal("ListDisasterRecoveryPlans", "")));
    let quarter = 15 * 60 * 1000;
    for (now, is_ok) in
        [(NOW - quarter, true), (NOW + quarter, true), (NOW - quarter - 1, false), (NOW + quarter + 1, false)]
    {
        let expected =
            if is_ok { Ok("ListDisasterRecoveryPlans".to_owned()) } else { Err("InvalidTimeStamp.Expired") };
        assert_eq!(verdict(Style::Roa, &request, now), expected);
    }
    let mut gateway = Gateway::new(Style::Roa);
    assert!(gateway.check(&known(), &request, NOW, false).is_ok());
    let code = gateway.check(&known(), &request, NOW, false).map_err(|refusal| refusal.code);
    assert_eq!(code.err(), Some("SignatureNonceUsed"));
    let stamp = with(minimal("ListDisasterRecoveryPlans", ""), &[("x-acs-date", "yesterday")]);
    let request = signed("testAK", SECRET, list_call(stamp));
    assert_eq!(verdict(Style::Roa, &request, NOW), Err("InvalidTimeStamp.Format"));
}

#[test]
fn refusals_are_spelled_as_the_gateway_does() {
    let request = list_call(minimal("ListDisasterRecoveryPlans", ""));
    let refusal =
        Gateway::new(Style::Roa).check(&known(), &request, NOW, false).expect_err("it is not signed");
    let reply = refusal.reply(&request, "ABC");
    let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!(reply.status, 400);
    assert_eq!(body["Code"], "MissingAuthorization");
    assert_eq!(body["HostId"], HOST);
    assert_eq!(body["RequestId"], "ABC");
}

#[test]
fn the_header_is_taken_apart() {
    let header = "ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=host;x-acs-date,Signature=00ff";
    let parsed = Authorization::parse(header).expect("well-formed");
    assert_eq!((parsed.access_key.as_str(), parsed.signature.as_str()), ("AK", "00ff"));
    assert_eq!(parsed.signed_headers, ["host", "x-acs-date"]);
    assert_eq!(Authorization::parse("acs AK:sig"), None);
}
