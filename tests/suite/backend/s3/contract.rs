//! What every engine promises, kept by the strict service here and by a real server where there is one.

use std::sync::Arc;

use queueform::backend::Backend;

use super::configured;
use super::real_server;
use crate::backend::contract;
use crate::bucket::Service;

fn keeps_the_contract(endpoint: &str, keys: &str) {
    // Long enough for calls to begin, as the contract wants.
    let engine = |key: &str| -> Arc<dyn Backend> {
        let key = format!("{keys}/{key}.json");
        let prefix = format!("{keys}/env:");
        configured(endpoint, &[("key", &key), ("workspace_key_prefix", &prefix), ("lease", "")]).unwrap()
    };
    contract::store_contract(&|clock| engine("store").store("default", clock).unwrap());
    contract::encrypted_contract(&|clock| engine("sealed").store("default", clock).unwrap());
    contract::backend_contract(&|| engine("backend"));
}

#[test]
fn a_strict_service_keeps_the_contract() {
    let service = Service::start();
    keeps_the_contract(&service.endpoint(), "strict");
}

#[test]
fn a_real_server_keeps_the_contract() {
    let Some(endpoint) = real_server() else { return };
    keeps_the_contract(&endpoint, &format!("contract-{}", uuid::Uuid::new_v4()));
}
