//! The emulator of `ApsaraMQ` for `RocketMQ` over HTTP, with a signer of its own for both forms of signatures.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

mod auth;
mod faults;
mod limits;
mod states;

use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use queueform::emulator::ClockMode;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::emulator::rocketmq::Handle;
use queueform::emulator::rocketmq::InstanceSeed;
use serde_json::Value;
use serde_json::json;
use sha1::Sha1;
use sha2::Digest;
use sha2::Sha256;

use super::client::Answer;
use super::client::raw;

const MAIN: &str = "rmq-cn-main0000001";
const STANDBY: &str = "rmq-cn-standby0001";

/// How a call is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `ACS3-HMAC-SHA256`.
    New,
    /// HMAC-SHA1 over method, headers and resource.
    Old,
}

/// Who signs, how, and how wrong.
#[derive(Clone, Debug)]
struct Signer {
    form: Form,
    access_key: String,
    secret_key: String,
    token: Option<String>,
    skew: jiff::SignedDuration,
    nonce: Option<String>,
    version: String,
    /// A header that the signature does not cover.
    uncovered: Option<&'static str>,
}

impl Signer {
    fn of(form: Form) -> Self {
        Self {
            form,
            access_key: DEMO_ACCESS_KEY.to_owned(),
            secret_key: DEMO_SECRET_KEY.to_owned(),
            token: None,
            skew: jiff::SignedDuration::ZERO,
            nonce: None,
            version: "2022-08-01".to_owned(),
            uncovered: None,
        }
    }

    /// The headers of a request. `query` comes in the order of its keys.
    fn sign(
        &self,
        (host, operation): (&str, &str),
        (method, path): (&str, &str),
        query: &[(String, String)],
        body: &[u8],
    ) -> Vec<(String, String)> {
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let now = jiff::Timestamp::now() + self.skew;
        let nonce = || format!("nonce-{}", NONCE.fetch_add(1, Ordering::Relaxed));
        let mut headers = vec![
            ("x-acs-action", operation.to_owned()),
            ("x-acs-version", self.version.clone()),
            ("x-acs-signature-nonce", self.nonce.clone().unwrap_or_else(nonce)),
        ];
        if !body.is_empty() {
            headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
        }
        if let Some(token) = &self.token {
            headers.push(("x-acs-security-token", token.clone()));
        }
        let authorization = match self.form {
            Form::New => {
                headers.push(("x-acs-date", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
                headers.push(("x-acs-content-sha256", hex(&Sha256::digest(body))));
                self.new_form((host, method, path), query, &headers, body)
            }
            Form::Old => {
                headers.push(("accept", "application/json".to_owned()));
                headers.push(("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()));
                headers.push(("x-acs-signature-method", "HMAC-SHA1".to_owned()));
                headers.push(("x-acs-signature-version", "1.0".to_owned()));
                self.old_form((method, path), query, &headers)
            }
        };
        headers.push(("authorization", authorization));
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn new_form(
        &self,
        (host, method, path): (&str, &str, &str),
        query: &[(String, String)],
        headers: &[(&str, String)],
        body: &[u8],
    ) -> String {
        let host = [("host", host.to_owned())];
        let mut signed: Vec<&(&str, String)> =
            headers.iter().chain(&host).filter(|(name, _)| Some(*name) != self.uncovered).collect();
        signed.sort();
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let request = format!(
            "{method}\n{path}\n{}\n{lines}\n{}\n{}",
            encoded(query),
            names.join(";"),
            hex(&Sha256::digest(body))
        );
        let text = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(request)));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret_key.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={},Signature={}",
            self.access_key,
            names.join(";"),
            hex(&mac.finalize().into_bytes())
        )
    }

    fn old_form(
        &self,
        (method, path): (&str, &str),
        query: &[(String, String)],
        headers: &[(&str, String)],
    ) -> String {
        let header = |name: &str| {
            headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
        };
        let mut own: Vec<&(&str, String)> =
            headers.iter().filter(|(name, _)| name.starts_with("x-acs-")).collect();
        own.sort();
        let own: String = own.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let plain: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let resource = if plain.is_empty() { path.to_owned() } else { format!("{path}?{}", plain.join("&")) };
        let text = format!(
            "{method}\n{}\n\n{}\n{}\n{own}{resource}",
            header("accept"),
            header("content-type"),
            header("date")
        );
        let mut mac = Hmac::<Sha1>::new_from_slice(self.secret_key.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        format!("acs {}:{signature}", self.access_key)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn encoded(query: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        query.iter().map(|(key, value)| format!("{}={}", percent(key), percent(value))).collect();
    pairs.join("&")
}

/// The emulator with two instances, and somebody who calls it.
struct Service {
    running: Running,
    signer: Signer,
}

impl Service {
    fn start() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let clock = ClockMode::Polled { polls: 2 };
        let options = Options { systems: vec![System::ApsaramqRocketmq], clock, ..options };
        Self { running: Emulator::spawn(options).unwrap(), signer: Signer::of(Form::New) }
    }

    /// With two instances that have topics and a group.
    fn seeded() -> Self {
        let service = Self::start();
        for (id, region) in [(MAIN, "cn-hangzhou"), (STANDBY, "cn-beijing")] {
            let seed = InstanceSeed::new(id).id(id).region(region).topic("orders").topic("refunds");
            service.store().seed_instance(&seed.group("billing"));
        }
        service
    }

    fn store(&self) -> &Handle {
        self.running.store().rocketmq()
    }

    fn url(&self) -> &str {
        self.running.endpoint(System::ApsaramqRocketmq)
    }

    /// Sends a call: `"GetTopic GET /instances/x/topics/y?a=b"`.
    fn try_as(&self, signer: &Signer, call: &str, body: Option<&Value>) -> io::Result<Answer> {
        let mut words = call.splitn(3, ' ');
        let mut word = || words.next().unwrap();
        let (operation, method, target) = (word(), word(), word());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut query: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        query.sort();
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let host = self.url().strip_prefix("http://").unwrap();
        let headers = signer.sign((host, operation), (method, path), &query, &body);
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", encoded(&query)) };
        raw(self.url(), method, &target, &headers, &body)
    }

    fn try_call(&self, call: &str, body: Option<&Value>) -> io::Result<Answer> {
        self.try_as(&self.signer, call, body)
    }

    /// The data of a call that succeeds.
    fn call(&self, call: &str, body: Option<&Value>) -> Value {
        let answer = self.try_call(call, body).unwrap();
        let found = answer.json();
        assert_eq!((answer.status, &found["success"]), (200, &json!(true)), "{call}: {found}");
        found["data"].clone()
    }

    /// Status and code of a call that is refused by the service.
    fn refusal(&self, call: &str, body: Option<&Value>) -> (u16, String) {
        let answer = self.try_call(call, body).unwrap();
        let found = answer.json();
        assert_eq!(found["success"], false, "{call}: {found}");
        (answer.status, found["code"].as_str().unwrap().to_owned())
    }

    /// Status and code of a call that the gateway refuses.
    fn turned_away(&self, signer: &Signer, call: &str) -> (u16, String) {
        let answer = self.try_as(signer, call, None).unwrap();
        (answer.status, answer.json()["Code"].as_str().unwrap().to_owned())
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        raw(self.url(), method, &format!("/_emulator{path}"), &[], body.to_string().as_bytes()).unwrap()
    }
}

fn order(more: &[(&str, Value)]) -> Value {
    let mut order = json!({
        "serviceCode": "rmq",
        "seriesCode": "standard",
        "subSeriesCode": "cluster_ha",
        "paymentType": "PayAsYouGo",
        "networkInfo": {
            "vpcInfo": { "vpcId": "vpc-1", "vSwitches": [{ "vSwitchId": "vsw-1" }] },
            "internetInfo": { "internetSpec": "disable", "flowOutType": "uninvolved" },
        },
        "productInfo": { "msgProcessSpec": "rmq.s2.2xlarge" },
    });
    for (key, value) in more {
        order[*key] = value.clone();
    }
    order
}

/// A one-way plan between the two instances.
fn plan(name: &str) -> Value {
    let member = |id: &str, region: &str, role: &str| {
        json!({
            "instanceType": "ALIYUN_ROCKETMQ",
            "regionId": region,
            "instanceId": id,
            "instanceRole": role,
            "authType": "NO_AUTH",
        })
    };
    json!({
        "planName": name,
        "planType": "ACTIVE_PASSIVE",
        "instances": [member(MAIN, "cn-hangzhou", "ACTIVE"), member(STANDBY, "cn-beijing", "PASSIVE")],
    })
}

/// Topics of an item.
fn topics(name: &str) -> Value {
    json!({ "topics": [
        { "instanceId": MAIN, "topicName": name },
        { "instanceId": STANDBY, "topicName": name },
    ] })
}
