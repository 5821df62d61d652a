//! The texts of a run, by [`SourceId`].

use std::sync::Arc;
use std::sync::OnceLock;

use super::SourceId;
use super::Span;

/// A place in a source as people count: both numbers start at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
    /// Offset in bytes, from 0.
    pub byte: u32,
}

/// One named text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    /// Offset of the first byte of every line; found when somebody asks for a place, as nobody does of most texts.
    lines: OnceLock<Arc<[u32]>>,
    /// What must not be quoted.
    hidden: Vec<Span>,
}

impl SourceFile {
    /// The name shown to people, usually a path relative to the working directory.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(ends.map(|(offset, _)| u32::try_from(offset + 1).unwrap_or(u32::MAX)))
                .collect()
        })
    }

    /// Returns the position of a byte offset (clamped to the text).
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = (offset as usize).min(self.text.len());
        let line = self.lines().partition_point(|start| *start as usize <= offset).saturating_sub(1);
        let start = self.lines().get(line).map_or(0, |start| *start as usize);
        let before = self.text.get(start..offset).unwrap_or("");
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX).saturating_add(1),
            column: u32::try_from(before.chars().count()).unwrap_or(u32::MAX).saturating_add(1),
            byte: u32::try_from(offset).unwrap_or(u32::MAX),
        }
    }

    /// Returns the text of a line (from 1) without its line ending, if there is one.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&str> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.lines().get(index)? as usize;
        let end = self.lines().get(index + 1).map_or(self.text.len(), |next| *next as usize);
        let text = self.text.get(start..end)?;
        Some(text.trim_end_matches(['\n', '\r']))
    }

    /// Returns true if the byte at an offset must not be quoted.
    #[must_use]
    pub fn is_hidden(&self, offset: u32) -> bool {
        self.hidden.iter().any(|span| span.start <= offset && offset < span.end)
    }

    /// Returns the number of lines.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.lines().len()).unwrap_or(u32::MAX)
    }
}

/// All texts of a run: configuration, variable files, schemas, command-line values.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Returns an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its id. The same name may be added more than once.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        let text: Arc<str> = text.into();
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { name: name.into(), text, lines: OnceLock::new(), hidden: Vec::new() });
        id
    }

    /// Hides a part of a text, such as the value of a sensitive variable: diagnostics that point at it show
    /// its place, never its content.
    pub fn hide(&mut self, span: Span) {
        if let Some(file) = self.files.get_mut(span.source.0 as usize) {
            file.hidden.push(span);
        }
    }

    /// Returns a text by id.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Returns the text of a span, or nothing if it does not lie in its source.
    #[must_use]
    pub fn snippet(&self, span: Span) -> &str {
        self.get(span.source).and_then(|file| file.text.get(span.range())).unwrap_or("")
    }

    /// Returns all texts in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(index, file)| (SourceId(u32::try_from(index).unwrap_or(u32::MAX)), file))
    }
}
