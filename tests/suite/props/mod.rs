//! Laws of the whole engine: what was applied is settled, and every edit does what the schema says.

mod bench;
mod edits;
mod laws;
mod thing;
