//! The backend `s3`: the states of all workspaces in one bucket.

use std::sync::Arc;
use std::time::Duration;

use crate::state::store::Clock;
use crate::state::store::Layout;
use crate::state::store::Store;
use crate::state::store::StoreError;
use crate::state::store::SystemClock;
use crate::state::store::check_workspace;

use super::super::Backend;
use super::super::LockState;
use super::bucket::Bucket;
use super::bucket::Condition;
use super::bucket::Written;
use super::keys::Keys;
use super::store::S3Store;
use super::store::waiting;

/// The states of all workspaces in one bucket.
#[derive(Debug)]
pub(super) struct S3Backend {
    pub(super) bucket: Arc<Bucket>,
    /// The name of the object of the state of the default workspace.
    pub(super) key: String,
    /// What the names of objects of other workspaces begin with.
    pub(super) prefix: String,
    pub(super) lease: Duration,
    pub(super) keeps_terraform_out: bool,
    pub(super) retention: usize,
    /// The service and the bucket, for people.
    pub(super) place: String,
}

impl S3Backend {
    fn keys(&self, workspace: &str) -> Result<Keys, StoreError> {
        check_workspace(workspace)?;
        let name: Arc<str> = self.bucket.name().into();
        let state = match workspace {
            Layout::DEFAULT => self.key.clone(),
            other => format!("{}/{other}/{}", self.prefix, self.key),
        };
        Ok(Keys::new(&name, state))
    }
}

impl S3Backend {
    fn s3_store(&self, workspace: &str, clock: Arc<dyn Clock>) -> Result<S3Store, StoreError> {
        Ok(S3Store {
            bucket: Arc::clone(&self.bucket),
            keys: self.keys(workspace)?,
            clock,
            lease: self.lease,
            keeps_terraform_out: self.keeps_terraform_out,
            retention: self.retention,
        })
    }
}

impl Backend for S3Backend {
    fn kind(&self) -> &'static str {
        "s3"
    }

    fn place(&self) -> String {
        format!("{}, key {}", self.place, self.key)
    }

    fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        let (bucket, prefix) = (Arc::clone(&self.bucket), self.prefix.clone());
        let place = format!("s3://{}/{prefix}", bucket.name()).into();
        let found = waiting(async move { bucket.list(&prefix).await })?;
        let keys = found.map_err(|failure| failure.into_error("read", place, self.bucket.name()))?;
        let mut names: Vec<String> = keys
            .iter()
            .filter_map(|key| {
                let rest = key.strip_prefix(&self.prefix)?.strip_prefix('/')?;
                let name = rest.strip_suffix(&self.key)?.strip_suffix('/')?;
                (name != Layout::DEFAULT && check_workspace(name).is_ok()).then(|| name.to_owned())
            })
            .collect();
        names.push(Layout::DEFAULT.to_owned());
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn store(&self, workspace: &str, clock: Arc<dyn Clock>) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(self.s3_store(workspace, clock)?))
    }

    fn lock_state(&self, workspace: &str) -> Result<LockState, StoreError> {
        self.s3_store(workspace, Arc::new(SystemClock::default()))?.lock_state()
    }

    fn break_lock(&self, workspace: &str, id: &str) -> Result<(), StoreError> {
        self.s3_store(workspace, Arc::new(SystemClock::default()))?.break_lock(id)
    }

    fn create(&self, workspace: &str) -> Result<(), StoreError> {
        let keys = self.keys(workspace)?;
        // An empty object stands for a workspace without a state, to Terraform too.
        let (bucket, key) = (Arc::clone(&self.bucket), keys.state().to_owned());
        let written =
            waiting(async move { bucket.put(&key, b"", &Condition::Absent, bucket.patience()).await })?;
        match written {
            Ok(Written::Done(_) | Written::Refused) => Ok(()),
            Err(failure) => Err(failure.into_error("write", keys.place(keys.state()), self.bucket.name())),
        }
    }

    fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        let keys = self.keys(workspace)?;
        let bucket = Arc::clone(&self.bucket);
        let place = keys.place(keys.state());
        let removed = waiting(async move {
            let directory = keys.state().rsplit_once('/').map_or("", |(directory, _)| directory);
            let found = bucket.list(directory).await?;
            // The lock goes last: until then nobody else begins anything here.
            let (locks, others): (Vec<_>, Vec<_>) =
                found.into_iter().filter(|key| keys.owns(key)).partition(|key| *key == keys.lock());
            for key in others.iter().chain(&locks) {
                bucket.delete(key).await?;
            }
            Ok(())
        })?;
        removed.map_err(|failure: super::failure::Failure| {
            failure.into_error("delete", place, self.bucket.name())
        })
    }
}
