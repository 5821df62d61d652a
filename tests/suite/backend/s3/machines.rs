//! Machines that share an encrypted state in a bucket.

use std::sync::Arc;

use queueform::state::store::SystemClock;

use super::KEY;
use super::configured;
use crate::backend::machines;
use crate::bucket;
use crate::bucket::Service;

#[test]
fn an_encrypted_state_is_taken_up_elsewhere() {
    let service = Service::start();
    let endpoint = service.endpoint();
    let block = format!(
        "  backend \"s3\" {{\n    bucket = \"{}\"\n    key = \"{KEY}\"\n    lease = \"3s\"\n  }}",
        bucket::BUCKET
    );
    let opened = || {
        let backend = configured(&endpoint, &[("lease", "3s")]).unwrap();
        backend.store("default", Arc::new(SystemClock::default())).unwrap()
    };
    machines::an_encrypted_state_is_taken_up_elsewhere(&machines::Shared {
        block: &block,
        variables: vec![
            ("AWS_ENDPOINT_URL_S3", endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", bucket::ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", bucket::SECRET_KEY.to_owned()),
        ],
        store: &opened,
    });
}
