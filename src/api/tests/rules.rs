//! Rules, envelopes, endpoints: no connection needed.

use super::*;
use crate::api::response::Decoded;
use crate::api::response::decode;
use serde_json::json;

/// The rows of the vendor's error mapping, as a provider would declare them.
fn dms() -> Vec<ErrorRule> {
    use ErrorClass::*;
    vec![
        rule(&[], &["DMS.10240407", "DMS.111501024", "DMS.111501025"], Throttled),
        rule(&[429, 503], &[], Throttled),
        rule(&[], &["DMS.00400017", "DMS.00400026", "CBC.99003651"], Busy),
        rule(&[404], &["DMS.00404001", "DMS.10240406"], Unavailable),
        rule(&[404], &["DMS.*"], Gone),
        rule(&[400], &["DMS.00500972", "DMS.00405011"], Gone),
        rule(&[], &["DMS.00400060", "DMS.10240017"], Exists),
        rule(&[401], &["DMS.10240101", "DMS.10240102"], Unauthenticated),
    ]
}

#[test]
fn flow_control_on_404_is_not_gone() {
    use ErrorClass::*;
    let check = |status, code: Option<&str>| classify(&[&[], &dms()], status, code).0;
    assert_eq!(check(404, Some("DMS.10240407")), Throttled);
    assert_eq!(check(404, Some("DMS.00404022")), Gone);
    assert_eq!(check(404, Some("DMS.10240405")), Gone);
    assert_eq!(check(404, Some("DMS.00404001")), Unavailable);
    assert_eq!(check(404, Some("APIGW.0101")), Unavailable);
    assert_eq!(check(404, None), Unavailable, "status alone never means gone");
    assert_eq!(check(400, Some("DMS.00500972")), Gone);
    assert_eq!(check(400, Some("DMS.00400026")), Busy);
    assert_eq!(check(400, Some("DMS.00400010")), Invalid);
    assert_eq!(check(503, None), Throttled);
    assert_eq!(check(502, None), Server);
    assert_eq!(check(418, None), Fatal);
}

#[test]
fn hints_come_from_the_rule_that_matched() {
    let mut rules = dms();
    rules[6].hint = Some("import it".to_owned());
    assert_eq!(classify(&[&rules], 400, Some("DMS.00400060")).1.as_deref(), Some("import it"));
    assert_eq!(classify(&[&rules], 400, Some("DMS.00400010")).1, None);
}

#[test]
fn code_patterns() {
    for (pattern, code, matches) in [
        ("DMS.1", "DMS.1", true),
        ("DMS.1", "DMS.10", false),
        ("DMS.*", "DMS.10", true),
        ("*.NotFound", "Plan.NotFound", true),
        ("*.NotFound", "Plan.NotFoundYet", false),
        ("*Throttling*", "Rejected.Throttling.User", true),
        ("*Throttling*", "Rejected", false),
        ("a*b*c", "a-b-c", true),
        ("a*b*c", "a-c", false),
        ("ab*ba", "aba", false),
        ("*", "", true),
        ("", "", true),
        ("", "x", false),
    ] {
        assert_eq!(CodePattern::new(pattern).matches(code), matches, "{pattern} {code}");
    }
}

#[test]
fn class_names_round_trip() {
    for class in ErrorClass::IN_RULES {
        assert_eq!(ErrorClass::from_name(class.name()), Some(*class));
    }
    assert_eq!(ErrorClass::from_name("connection"), None, "no rule can say so");
}

#[test]
fn codes_and_messages_of_all_envelopes() {
    let check = |body: serde_json::Value| {
        let vendor = Envelope::default().extract(&body);
        (vendor.code, vendor.message)
    };
    let both = (Some("C.1".to_owned()), Some("why".to_owned()));
    assert_eq!(check(json!({ "error_code": "C.1", "error_msg": "why" })), both);
    assert_eq!(check(json!({ "errorCode": "C.1", "errorMsg": "why" })), both);
    assert_eq!(check(json!({ "code": "C.1", "message": "why" })), both);
    assert_eq!(check(json!({ "Code": "C.1", "Message": "why" })), both);
    assert_eq!(check(json!({ "error": { "code": "C.1", "message": "why" } })), both);
    assert_eq!(
        check(json!({ "error": { "code": "inner" }, "error_code": "C.1", "error_msg": "why" })),
        both,
        "outer ones first"
    );
    assert_eq!(check(json!({ "error": { "code": 401 } })).0.as_deref(), Some("401"));
    assert_eq!(check(json!({ "error_code": "" })), (None, None));
    assert_eq!(check(json!([1])), (None, None));
}

#[test]
fn success_flags_decide_and_win_over_codes() {
    let envelope = Envelope {
        code: ["status", "dynamicCode", "code"].map(str::to_owned).to_vec(),
        ignored_codes: vec!["SUCCESS".to_owned()],
        numeric_codes: false,
        success: vec!["success".to_owned()],
        good_codes: vec!["200".to_owned()],
        ..Envelope::default()
    };
    let failed = |body: serde_json::Value| envelope.is_failure(&body);
    assert!(!failed(json!({ "success": true, "code": 500 })));
    assert!(failed(json!({ "success": false, "code": 200 })));
    assert!(failed(json!({ "Success": "false" })));
    assert!(!failed(json!({ "status": "SUCCESS", "code": 200 })));
    assert!(failed(json!({ "code": 500 })));
    assert!(!failed(json!({ "data": [] })));
    let vendor = envelope.extract(&json!({ "status": "BIZ_TOPIC_NOT_FOUND", "code": 200, "success": false }));
    assert_eq!(vendor.code.as_deref(), Some("BIZ_TOPIC_NOT_FOUND"));
    let vendor = envelope.extract(&json!({ "status": "SUCCESS", "code": 200 }));
    assert_eq!(vendor.code, None);
    assert!(!Envelope::default().is_failure(&json!({ "success": false })), "only where declared");
}

#[test]
fn bodies_are_told_apart() {
    let what = |bytes: &[u8], kind: Option<&str>| match decode(bytes, kind) {
        Decoded::Json(value) => Ok(value),
        Decoded::Not(what, line) => Err((what, line)),
    };
    assert_eq!(what(b"", None), Ok(json!(null)));
    assert_eq!(what("\u{feff}{}".as_bytes(), None), Ok(json!({})));
    assert_eq!(what(b"{\"a\": [1", None), Err((Unreadable::TruncatedJson, "{\"a\": [1".to_owned())));
    assert_eq!(what(b"<html>\n<title>", None), Err((Unreadable::Html, "<html>".to_owned())));
    assert_eq!(what(b"Sign in", Some("text/HTML")), Err((Unreadable::Html, "Sign in".to_owned())));
    assert_eq!(what(b"\nno\x1b[2J way\nx", None), Err((Unreadable::NotJson, "no[2J way".to_owned())));
    assert_eq!(what(b"\xff\xfe", None), Err((Unreadable::NotText, String::new())));
    let number = what(br#"{"id": 12345678901234567890123.4500}"#, None).unwrap();
    assert_eq!(number.to_string(), r#"{"id":12345678901234567890123.4500}"#, "numbers are exact");
}

#[test]
fn endpoints() {
    let check = |text: &str| Endpoint::parse(text).map(|endpoint| endpoint.to_string());
    assert_eq!(check("dms.example.com"), Ok("https://dms.example.com".to_owned()));
    assert_eq!(check(" https://h:8443/base/ "), Ok("https://h:8443/base".to_owned()));
    assert_eq!(check("ftp://h"), Err(EndpointError::Scheme("ftp".to_owned())));
    assert_eq!(check("https://u:p@h"), Err(EndpointError::Credentials));
    assert_eq!(check("https://h?x=1"), Err(EndpointError::Query));
    assert!(check("https://").is_err());
    for (text, loopback) in [
        ("http://127.0.0.1:1", true),
        ("http://127.9.9.9", true),
        ("http://localhost", true),
        ("http://[::1]:2", true),
        ("http://127.0.0.1.example.com", false),
        ("http://10.0.0.1", false),
        ("https://localhost.example.com", false),
    ] {
        assert_eq!(Endpoint::parse(text).unwrap().is_loopback(), loopback, "{text}");
    }
    assert_eq!(Endpoint::parse("https://h:443").unwrap().host(), "h");
    assert_eq!(Endpoint::parse("http://h:8080").unwrap().host(), "h:8080");
}

#[test]
fn plain_http_to_other_machines_is_refused_unless_allowed() {
    run(async {
        let clock = clock();
        let endpoint = Endpoint::parse("http://192.0.2.1").unwrap();
        let request = Request::new(Method::Get, &endpoint, "read");
        let error = client(&clock, |_| {}).send(&request, &Stop::never()).await.unwrap_err();
        assert_eq!(error.sent(), Sent::Not);
        assert_eq!(error.to_string(), "cannot read: `http://192.0.2.1` is not encrypted");
    });
}

#[test]
fn segments_that_change_a_path_are_refused() {
    let endpoint = Endpoint::parse("https://h/base").unwrap();
    let path = |segments: &[&str]| {
        let segments: Vec<String> = segments.iter().map(|segment| (*segment).to_owned()).collect();
        endpoint.join(&segments).map(|url| url.path().to_owned())
    };
    assert_eq!(path(&["v2", "%DLQ%g|1", "a/b c"]).as_deref(), Some("/base/v2/%25DLQ%25g%7C1/a%2Fb%20c"));
    assert_eq!(path(&["..."]).as_deref(), Some("/base/..."));
    assert_eq!(path(&["a", ""]), None);
    assert_eq!(path(&["a", ".."]), None);
    assert_eq!(path(&["."]), None);
}
