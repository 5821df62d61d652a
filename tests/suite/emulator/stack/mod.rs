//! The emulator of Apsara Stack over HTTP, with a signer of its own.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

mod calls;
mod faults;
mod messages;
mod objects;

use std::io;

use base64::Engine as _;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::emulator::Running;
use queueform::emulator::System;
use queueform::emulator::apsarastack::Handle;
use queueform::emulator::apsarastack::InstanceSeed;
use serde_json::Value;
use serde_json::json;
use sha1::Sha1;

use super::client::Answer;
use super::client::raw;

const INST: &str = "MQ_INST_1_BXmain";

struct Stack {
    running: Running,
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn now() -> String {
    jiff::Timestamp::now().as_millisecond().to_string()
}

fn mac(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

/// Adds the signature: values in the order of their keys.
fn signed(mut pairs: Vec<(String, String)>, secret: &str) -> String {
    pairs.sort();
    let text: String = pairs.iter().map(|(_, value)| value.as_str()).collect();
    pairs.push(("_signature".to_owned(), mac(secret, &text)));
    encoded(&pairs)
}

fn encoded(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", percent(key), percent(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn common(params: &[(&str, &str)]) -> Vec<(String, String)> {
    let at = now();
    [("_accesskey", DEMO_ACCESS_KEY), ("__preventCache", &*at), ("_regionId", "mq-private")]
        .iter()
        .chain(params)
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

impl Stack {
    fn start() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let options = Options { systems: vec![System::ApsaraStack], ..options };
        Self { running: Emulator::spawn(options).unwrap() }
    }

    /// With an instance that has a topic and a group.
    fn seeded() -> Self {
        let stack = Self::start();
        stack.store().seed_instance(&InstanceSeed::new("main").id(INST).topic("orders").group("GID_billing"));
        stack
    }

    fn store(&self) -> &Handle {
        self.running.store().apsarastack()
    }

    fn url(&self) -> &str {
        self.running.endpoint(System::ApsaraStack)
    }

    fn get(&self, path: &str, query: &str) -> Answer {
        raw(self.url(), "GET", &format!("{path}?{query}"), &[], b"").unwrap()
    }

    fn try_call(&self, operation: &str, params: &[(&str, &str)]) -> io::Result<Answer> {
        let query = signed(common(params), DEMO_SECRET_KEY);
        raw(self.url(), "GET", &format!("/json/{operation}?{query}"), &[], b"")
    }

    /// The data of a call that succeeds.
    fn call(&self, operation: &str, params: &[(&str, &str)]) -> Value {
        let body = self.try_call(operation, params).unwrap().json();
        assert_eq!(body["success"], true, "{operation} {params:?}: {body}");
        body["data"].clone()
    }

    /// The code of a call that is refused with status 200.
    fn refusal(&self, operation: &str, params: &[(&str, &str)]) -> String {
        let answer = self.try_call(operation, params).unwrap();
        code(&answer)
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        raw(self.url(), method, &format!("/_emulator{path}"), &[], body.to_string().as_bytes()).unwrap()
    }
}

fn code(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!((answer.status, &body["success"]), (200, &json!(false)), "{body}");
    assert_ne!(body["code"], 200);
    body["status"].as_str().unwrap().to_owned()
}

const SHOP: [(&str, &str); 5] = [
    ("cluster", "cluster1"),
    ("instanceName", "shop"),
    ("independentNaming", "true"),
    ("maxSendTps", "500"),
    ("maxReceiveTps", "500"),
];

fn with<'a>(params: &[(&'a str, &'a str)], change: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    let mut params: Vec<_> = params.iter().filter(|(key, _)| *key != change.0).copied().collect();
    params.push(change);
    params
}
