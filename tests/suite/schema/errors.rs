//! What the rules of the `dms` provider make of each error code that the service documents.

use std::path::Path;

use queueform::api::CodePattern;
use queueform::schema::ErrorClass;
use queueform::schema::ErrorRule;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;

fn class(rules: &[&[ErrorRule]], status: u16, code: &str) -> Option<ErrorClass> {
    let fits = |rule: &&ErrorRule| {
        (rule.status.is_empty() || rule.status.contains(&status))
            && (rule.code.is_empty()
                || rule.code.iter().any(|pattern| CodePattern::new(&**pattern).matches(code)))
    };
    rules.iter().copied().flatten().find(fits).map(|rule| rule.class)
}

#[test]
fn every_documented_error_has_its_class() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema/dms-errors.csv");
    let provider = Registry::embedded().provider("dms").unwrap();
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in std::fs::read_to_string(file).unwrap().lines().skip(1) {
        let mut cells = line.split(',');
        let (status, code) = (cells.next().unwrap().parse().unwrap(), cells.next().unwrap());
        let kind = cells.next().unwrap();
        let expected: &[ErrorClass] = match kind {
            "validation" | "precondition" | "gateway" => &[ErrorClass::Invalid],
            "unsupported" => &[ErrorClass::Invalid, ErrorClass::Unavailable],
            "state" => &[ErrorClass::Busy],
            "quota" => &[ErrorClass::Quota],
            "capacity" => &[ErrorClass::Capacity],
            "already_exists" => &[ErrorClass::Exists],
            "billing" => &[ErrorClass::Billing],
            "auth" => &[ErrorClass::Unauthenticated],
            "permission" => &[ErrorClass::Forbidden],
            "not_found" => &[ErrorClass::Gone],
            "throttled" => &[ErrorClass::Throttled],
            "transient" => &[ErrorClass::Transient, ErrorClass::Server],
            "server" | "ambiguous" => &[ErrorClass::Server],
            "success" => continue,
            other => panic!("no class for {other}"),
        };
        rows += 1;
        // Two codes mean a missing object only for the resource that they belong to.
        if matches!(code, "DMS.00500972" | "DMS.00405011") {
            continue;
        }
        let found = class(&[&provider.errors], status, code);
        if !found.is_some_and(|found| expected.contains(&found)) {
            wrong.push(format!("{status} {code}: {found:?}, not {expected:?}"));
        }
    }
    assert!(rows > 170, "{rows} rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn flow_control_is_never_a_missing_object() {
    let provider = Registry::embedded().provider("dms").unwrap();
    assert_eq!(class(&[&provider.errors], 404, "DMS.10240407"), Some(ErrorClass::Throttled));
    assert_eq!(class(&[&provider.errors], 404, "DMS.99999999"), Some(ErrorClass::Gone));
    assert_eq!(
        class(&[&provider.errors], 404, ""),
        None,
        "a 404 without a code says nothing about the object"
    );
}

#[test]
fn a_missing_user_is_gone_only_as_a_user() {
    let registry = Registry::embedded();
    let provider = registry.provider("dms").unwrap();
    let user = registry.resource(ResourceKind::Managed, "dms_rocketmq_user").unwrap();
    assert_eq!(class(&[&user.errors, &provider.errors], 400, "DMS.00500972"), Some(ErrorClass::Gone));
    assert_eq!(class(&[&provider.errors], 400, "DMS.00500972"), Some(ErrorClass::Invalid));
}
