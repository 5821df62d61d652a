//! Runs of actions that something asked for and that were not made.

use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::addr::InstanceAddr;

/// A run of an action that a change asked for. It is due from the moment the change is made until its first call
/// is about to be made, so that a run that ends in between does not lose it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Due {
    /// Names it: the plan, and what triggers what.
    pub id: Arc<str>,
    /// The object whose change asked for it.
    #[serde(with = "crate::state::forms::text")]
    pub by: InstanceAddr,
    /// The action.
    #[serde(with = "crate::state::forms::text")]
    pub action: InstanceAddr,
    /// The event, as configurations name it: `after_create`.
    pub event: Arc<str>,
    /// Which of the object's `action_trigger` blocks, from 0.
    pub block: usize,
    /// Which of the actions in it, from 0.
    pub index: usize,
}
