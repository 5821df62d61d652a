//! `state …`, `taint` and `untaint`: looking at what is known of objects, and changing it by hand.
//!
//! Every change takes the lock, is journalled as a run of its own, and keeps the state before it as a backup.

mod edit;
mod handover;
mod moving;
pub mod pairs;
mod provider;
mod selection;
mod transfer;

pub use edit::Listed;
pub use edit::Resolution;
pub use edit::find;
pub use edit::list;
pub use edit::remove;
pub use edit::resolve;
pub use edit::select;
pub use edit::taint;
pub use edit::unprotect;
pub(super) use edit::unprotect_all;
pub use handover::Handed;
pub use handover::hand_over;
pub use moving::relocate;
pub use pairs::Rename;
pub use provider::replace_provider;
pub use selection::Selection;
pub use transfer::Push;
pub use transfer::Reencrypted;
pub use transfer::pull;
pub use transfer::push;
pub use transfer::reencrypt;
