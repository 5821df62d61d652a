//! Signatures of Alibaba Cloud and Apsara Stack: published ones, and ones made by the vendor's own clients.

use sha2::Digest as _;
use sha2::Sha256;

use super::pairs;
use crate::api::auth::Credentials;
use crate::api::request::Action;
use crate::api::request::Style;
use crate::api::sign::Additions;
use crate::api::sign::Signer;
use crate::api::sign::Unsigned;
use crate::api::sign::acs;
use crate::api::sign::hex;
use crate::value::Secret;

const NONCE: &str = "0123456789abcdef0123456789abcdef";
const ROCKETMQ: &str = "rocketmq.cn-hangzhou.aliyuncs.com";
const MQTT: &str = "onsmqtt.cn-hangzhou.aliyuncs.com";
const PLAN: &str = r#"{"autoSyncCheckpoint":true,"instances":[],"planName":"dr-plan-1","planType":"ACTIVE_ACTIVE","syncCheckpointEnabled":true}"#;

struct Case<'c> {
    method: &'c str,
    host: &'c str,
    path: &'c str,
    query: &'c [(&'c str, &'c str)],
    headers: &'c [(&'c str, &'c str)],
    body: &'c str,
    form: &'c [(&'c str, &'c str)],
    action: (&'c str, &'c str),
    date: &'c str,
    nonce: &'c str,
    token: Option<&'c str>,
    keys: (&'c str, &'c str),
}

const CASE: Case<'static> = Case {
    method: "GET",
    host: ROCKETMQ,
    path: "/disaster_recovery",
    query: &[],
    headers: &[],
    body: "",
    form: &[],
    action: ("", "2022-08-01"),
    date: "2025-01-02T03:04:05Z",
    nonce: NONCE,
    token: None,
    keys: ("testAK", "testSK"),
};

impl Case<'_> {
    /// Signs, and gives the canonical request of the newest signature beside it.
    fn sign(&self, signer: &Signer) -> (Additions, String) {
        let (query, headers, form) = (pairs(self.query), pairs(self.headers), pairs(self.form));
        let action = Action {
            name: self.action.0.to_owned(),
            version: self.action.1.to_owned(),
            style: if self.host == MQTT { Style::Rpc } else { Style::Roa },
        };
        let date: jiff::Timestamp = self.date.parse().unwrap();
        let unsigned = Unsigned {
            method: self.method,
            host: self.host,
            path: self.path,
            query: &query,
            headers: &headers,
            body: self.body.as_bytes(),
            form: &form,
            action: Some(&action),
            date: date.into(),
            nonce: self.nonce,
        };
        let credentials = Credentials::AccessKey {
            access_key: self.keys.0.to_owned(),
            secret_key: Secret::new(self.keys.1),
            security_token: self.token.map(Secret::new),
        };
        let added = signer.sign(&unsigned, &credentials, None).unwrap();
        let own: Vec<(String, String)> =
            added.headers.iter().filter(|(name, _)| name != "authorization").cloned().collect();
        let canonical = acs::canonical_request(&unsigned, &own).0;
        (added, canonical)
    }

    fn acs3(&self) -> (String, String) {
        let (added, canonical) = self.sign(&Signer::Acs3HmacSha256);
        let authorization = header(&added, "authorization");
        let signature = authorization.rsplit_once("Signature=").unwrap().1.to_owned();
        (signature, hex(&Sha256::digest(canonical.as_bytes())))
    }

    fn roa(&self) -> String {
        let (added, _) = self.sign(&Signer::AcsHmacSha1);
        header(&added, "authorization").rsplit_once(':').unwrap().1.to_owned()
    }

    fn parameter(&self, signer: &Signer, name: &str) -> String {
        let (added, _) = self.sign(signer);
        added.query.iter().find(|(key, _)| key == name).unwrap().1.clone()
    }
}

fn header(added: &Additions, name: &str) -> String {
    added.headers.iter().find(|(own, _)| own == name).unwrap().1.clone()
}

const LIST: Case<'static> = Case {
    query: &[("filter", "a b*~/+中"), ("instanceId", "rmq-cn-aaa"), ("pageNumber", "1"), ("pageSize", "10")],
    action: ("ListDisasterRecoveryPlans", "2022-08-01"),
    ..CASE
};

/// What the vendor's client adds to every request.
const CLIENT: &[(&str, &str)] = &[
    ("accept", "application/json"),
    ("user-agent", "mq-conformance/1"),
    ("x-acs-credentials-provider", "static_ak"),
];

#[test]
fn the_published_sample_of_acs3() {
    let (signature, canonical) = Case {
        method: "POST",
        host: "ecs.cn-shanghai.aliyuncs.com",
        path: "/",
        query: &[
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
            ("RegionId", "cn-shanghai"),
        ],
        action: ("RunInstances", "2014-05-26"),
        date: "2023-10-26T10:22:32Z",
        nonce: "3156853299f313e23d1673dc12e1703d",
        keys: ("YourAccessKeyId", "YourAccessKeySecret"),
        ..CASE
    }
    .acs3();
    assert_eq!(signature, "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
    assert_eq!(canonical.len(), 64);
}

#[test]
fn acs3_of_a_query_with_all_kinds_of_characters() {
    let (signature, canonical) = LIST.acs3();
    assert_eq!(canonical, "20e2ce8a7c86c1e64c48d2ce97320079f26c9209f09270b6e30576c9ff845564");
    assert_eq!(signature, "d433809e559b87e25ed1e92841aedf8de6d42612aed9ac329ebab29e61074298");
    let as_the_client = Case { headers: CLIENT, ..LIST };
    assert_eq!(as_the_client.acs3().0, "ed47a7cb43c40a0caac0febc97e3739c71c69b39d52e70eb3a5a8769cc78c353");
}

#[test]
fn acs3_of_a_body() {
    let content = ("content-type", "application/json; charset=utf-8");
    let create = Case {
        method: "POST",
        headers: &[content],
        body: PLAN,
        action: ("CreateDisasterRecoveryPlan", "2022-08-01"),
        ..CASE
    };
    let (added, _) = create.sign(&Signer::Acs3HmacSha256);
    assert_eq!(
        header(&added, "x-acs-content-sha256"),
        "d21bf1a69a0e2d3d3695bcfae1a01cb4fb643476902a020cee6c97fd0b2ef02b"
    );
    let (signature, canonical) = create.acs3();
    assert_eq!(canonical, "4cdc79fbce68a7eb4d5d60209d23284b201d1f902c99a47d35938d920e457d52");
    assert_eq!(signature, "a4ca174a691280a55c48f2083c8529d09d9b0e0f0d778d54f0ce24af1a52f4d8");
    let headers = [CLIENT, &[content]].concat();
    let as_the_client = Case { headers: &headers, ..create };
    assert_eq!(as_the_client.acs3().0, "083ab009e88633fa9ea1d7085419903065f05b8dad4ac91f47f05b7b53573096");
}

#[test]
fn acs3_with_a_temporary_key() {
    let (signature, _) = Case {
        path: "/disaster_recovery/1300000016",
        action: ("GetDisasterRecoveryPlan", "2022-08-01"),
        token: Some("testTOKEN"),
        ..CASE
    }
    .acs3();
    assert_eq!(signature, "0b895049bb53abb46fddcaea14a9919851adb2c7693c82e500596b3e85fb4312");
}

#[test]
fn acs3_of_a_form() {
    let form = [("DowngradeInstanceId", "mqtt-cn-bbb"), ("InstanceId", "mqtt-cn-aaa")];
    let content = ("content-type", "application/x-www-form-urlencoded");
    let downgrade = Case {
        method: "POST",
        host: MQTT,
        path: "/",
        headers: &[content],
        body: "DowngradeInstanceId=mqtt-cn-bbb&InstanceId=mqtt-cn-aaa",
        form: &form,
        action: ("DisasterDowngrade", "2020-04-20"),
        ..CASE
    };
    let (added, _) = downgrade.sign(&Signer::Acs3HmacSha256);
    assert_eq!(
        header(&added, "x-acs-content-sha256"),
        "e28d37393f62b387d5c1350f68b3fa2da81697068e9cc69b34d607879d3491c0"
    );
    let (signature, canonical) = downgrade.acs3();
    assert_eq!(canonical, "4ca072020da52d649d4624db7d034fb1ea1687e6ba89d5d20ad11daa4aede5ff");
    assert_eq!(signature, "566bb66cd5302a1b84c95b66a0a04831096d11548e11bb313a43c2c37267e6eb");
    let headers = [CLIENT, &[content]].concat();
    let as_the_client = Case { headers: &headers, ..downgrade };
    assert_eq!(as_the_client.acs3().0, "764b6023772e0927c4a8ac1bc2682bfbcadc60d59010d93b825f848eb035f644");
}

#[test]
fn roa_covers_the_raw_query_but_no_body() {
    let accept = ("accept", "application/json");
    assert_eq!(Case { headers: &[accept], ..LIST }.roa(), "kGLm8u3kSPSHDplYNoOMRQj4pu0=");
    assert_eq!(Case { headers: CLIENT, ..LIST }.roa(), "MrGXxhLDAKJc24AWIoLHb4Z2HPo=");
    let headers = [CLIENT, &[("content-type", "application/json; charset=utf-8")]].concat();
    for body in [PLAN, "{}"] {
        let create = Case {
            method: "POST",
            headers: &headers,
            body,
            action: ("CreateDisasterRecoveryPlan", "2022-08-01"),
            ..CASE
        };
        assert_eq!(create.roa(), "soXRJjlRIzJH+OeZalgMV7mcS/U=");
    }
}

#[test]
fn the_published_sample_of_rpc() {
    let parameters = pairs(&[
        ("Timestamp", "2016-02-23T12:46:24Z"),
        ("Format", "XML"),
        ("AccessKeyId", "testid"),
        ("Action", "DescribeRegions"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
        ("Version", "2014-05-26"),
        ("SignatureVersion", "1.0"),
    ]);
    let signature = acs::rpc_signature("GET", &parameters, &Secret::new("testsecret")).unwrap();
    assert_eq!(signature, "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

#[test]
fn rpc_covers_parameters_wherever_they_stand() {
    let downgrade = Case {
        method: "POST",
        host: MQTT,
        path: "/",
        form: &[("DowngradeInstanceId", "mqtt-cn-bbb"), ("InstanceId", "mqtt-cn-aaa")],
        action: ("DisasterDowngrade", "2020-04-20"),
        ..CASE
    };
    assert_eq!(downgrade.parameter(&Signer::AcsHmacSha1, "Signature"), "9FjnT4tFCh//emfNezTZbBXwIbo=");
    let query = Case {
        host: MQTT,
        path: "/",
        query: &[("InstanceId", "mqtt-cn-aaa"), ("Size", "100"), ("Username", "a b+*~")],
        action: ("QueryCustomAuthIdentity", "2020-04-20"),
        ..CASE
    };
    assert_eq!(query.parameter(&Signer::AcsHmacSha1, "Signature"), "MiUrJc4QB/pKRb8sc2Hloi1VjqI=");
}

#[test]
fn values_are_signed_in_the_byte_order_of_their_names() {
    let signature = |query: &[(&str, &str)], keys| {
        let case = Case { query, keys, date: "2017-06-21T07:21:41Z", ..CASE };
        case.parameter(&Signer::SortedValuesHmacSha1, "_signature")
    };
    let test = ("AK_test", "SK_test_secret");
    let (region, platform) = (("_regionId", "mq-private"), ("_platform", "onsConsole"));
    let sample: &[_] = &[platform, region, ("topic", "TOPIC_XXX")];
    assert_eq!(signature(sample, ("ACCESSKEY_XXX", "SK_test_secret")), "0XBjL0/KhFmAN/ONnXoZRxAy+O8=");
    assert_eq!(signature(&[], test), "Me2XnSVz7R+ffy8tZ6mAj9y4nnk=");
    let instance = ("instanceId", "MQ_INST_1_BXabc");
    assert_eq!(signature(&[region, instance], test), "75D1npmzekCsU+MGY4RWDk4hmP4=");
    let create =
        [region, instance, ("orderType", "0"), ("remark", "hello world/测试+1"), ("topic", "TOPIC_A")];
    assert_eq!(signature(&create, test), "8IsdA24WL0cT3GhIgRyWRYJ4Ha0=");
    let with_platform = [&create[..], &[platform]].concat();
    assert_eq!(signature(&with_platform, test), "QLo3egi01yd1WfeUNdnZyUPzBWc=");
    let dead_letter = [region, ("InstanceId", "MQ_INST_1_BXabc"), ("GroupId", "GID_a"), ("MsgId", "0A1B")];
    assert_eq!(signature(&dead_letter, test), "5NDvn7Ntgtn8/VRH/Tqiw8rJjSY=");
    // The vendor's generic sample has three values and nothing else.
    assert_eq!(
        acs::hmac_sha1("SK_test_secret", "Value1Value2Value3").unwrap(),
        "O8xCBd87kwlD/JBuHzH8hR4fhKw="
    );
}
