//! States on engines: what every store promises, kept by each of them for real.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]
#![expect(clippy::disallowed_methods, reason = "leases and processes are waited for in real time")]

mod contract;
mod http;
mod machines;
mod pg;
mod pg_machines;
mod s3;

use std::sync::Arc;

use queueform::state::store::Layout;
use queueform::state::store::LocalStore;

#[test]
fn a_directory_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    contract::store_contract(&|clock| {
        let layout = Layout::new(directory.path(), Layout::DEFAULT, false).unwrap();
        Box::new(LocalStore::new(layout).with_clock(clock))
    });
    contract::encrypted_contract(&|clock| {
        let layout = Layout::new(directory.path(), "sealed", false).unwrap();
        Box::new(LocalStore::new(layout).with_clock(clock))
    });
}

#[test]
fn directories_keep_the_contract_of_engines() {
    let directory = tempfile::tempdir().unwrap();
    contract::backend_contract(&|| {
        Arc::new(queueform::backend::LocalBackend::of_directory(directory.path()))
    });
}
