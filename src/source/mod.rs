//! Where text came from: source files, byte spans and line/column positions.
//!
//! Owns the texts that diagnostics quote, and how much of a file is read at most. Knows nothing of syntax.

mod file;
mod map;
mod span;

pub use file::read_at_most;
pub use map::Position;
pub use map::SourceFile;
pub use map::SourceMap;
pub use span::SourceId;
pub use span::Span;
pub use span::Spanned;
