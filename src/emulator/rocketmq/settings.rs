//! Switches between things that the vendor's documents leave open.

use serde::Deserialize;
use serde::Serialize;

/// How an external member's password is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Echo {
    /// As it was sent, as the API document says.
    Plain,
    /// As asterisks.
    Masked,
    /// Not at all.
    Absent,
}

/// Switches of the emulator, as the control route `settings` has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the documents leave open")]
pub struct Settings {
    /// Says `code` as a number in answers.
    pub numeric_codes: bool,
    /// Errors of the service come with HTTP status 200 and `success: false`.
    pub failures_with_200: bool,
    /// How passwords are shown again.
    pub password_echo: Echo,
    /// A running item may be deleted.
    pub delete_running_items: bool,
    /// Deleting a plan deletes its items.
    pub delete_plan_cascades: bool,
    /// Refuses a second plan of the same name.
    pub unique_plan_names: bool,
    /// Deleted plans and released instances can still be read.
    pub tombstones: bool,
    /// Refuses members of a plan whose region is not the instance's own.
    pub check_regions: bool,
    /// Shows the actions `Pub` and `Sub` as one text, `Pub|Sub`.
    pub joined_actions: bool,
    /// Most instances of the account.
    pub instance_quota: u64,
    /// Most topics of an instance.
    pub topic_quota: u64,
    /// Most consumer groups of an instance.
    pub group_quota: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            numeric_codes: false,
            failures_with_200: false,
            password_echo: Echo::Plain,
            delete_running_items: false,
            delete_plan_cascades: false,
            unique_plan_names: false,
            tombstones: true,
            check_regions: false,
            joined_actions: false,
            instance_quota: 100,
            topic_quota: 1000,
            group_quota: 1000,
        }
    }
}
