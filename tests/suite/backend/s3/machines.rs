//! Machines that share a state in a bucket: encrypted, and on a server that others wrote.

use std::sync::Arc;

use queueform::state::store::SystemClock;

use super::KEY;
use super::configured;
use super::real_server;
use crate::backend::machines;
use crate::backend::machines::Shared;
use crate::bucket;
use crate::bucket::Service;
use crate::support::Proxy;

/// Long enough for calls, and short enough that the end of a killed run's lease can be waited for.
const LEASE: &str = "3s";

/// Machines reach the bucket at one address, the test at another.
fn with(machines: &str, own: &str, key: &str, test: impl FnOnce(&Shared<'_>)) {
    let block = format!(
        "  backend \"s3\" {{\n    bucket = \"{}\"\n    key = \"{key}\"\n    lease = \"{LEASE}\"\n  }}",
        bucket::BUCKET
    );
    let opened = || {
        let backend = configured(own, &[("lease", LEASE), ("key", key)]).unwrap();
        backend.store("default", Arc::new(SystemClock::default())).unwrap()
    };
    test(&Shared {
        block: &block,
        variables: vec![
            ("AWS_ENDPOINT_URL_S3", machines.to_owned()),
            ("AWS_ACCESS_KEY_ID", bucket::ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", bucket::SECRET_KEY.to_owned()),
        ],
        store: &opened,
    });
}

#[test]
fn an_encrypted_state_is_taken_up_elsewhere() {
    let service = Service::start();
    let endpoint = service.endpoint();
    with(&endpoint, &endpoint, KEY, machines::an_encrypted_state_is_taken_up_elsewhere);
}

#[test]
fn killed_runs_on_a_real_server_are_taken_up_elsewhere() {
    let Some(endpoint) = real_server() else { return };
    let key = format!("kills-{}/queues.json", uuid::Uuid::new_v4());
    with(&endpoint, &endpoint, &key, machines::a_killed_run_is_taken_up_elsewhere);
}

#[test]
fn a_real_server_behind_a_network_that_breaks_loses_nothing() {
    let Some(endpoint) = real_server() else { return };
    let port = endpoint.trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok()).unwrap();
    let proxy = Proxy::to(port);
    let broken = format!("http://127.0.0.1:{}", proxy.port());
    let key = format!("cuts-{}/queues.json", uuid::Uuid::new_v4());
    with(&broken, &endpoint, &key, |shared| {
        machines::cuts_lose_nothing(shared, &|count| match count % 3 {
            0 => proxy.cut(),
            1 => proxy.cut_after(1 + count * 37),
            _ => proxy.cut_after(3000 + count * 61),
        });
    });
}
