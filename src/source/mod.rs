//! Where text came from: source files, byte spans and line/column positions.
//!
//! Owns the texts that diagnostics quote. Knows nothing of syntax.

mod map;
mod span;

pub use map::Position;
pub use map::SourceFile;
pub use map::SourceMap;
pub use span::SourceId;
pub use span::Span;
pub use span::Spanned;
