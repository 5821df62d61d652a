//! How text for people looks.

/// The look of text for people: where the text goes decides, not the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether colours may be used. Nothing is ever said by colour alone.
    pub colour: bool,
    /// How many columns a line may take.
    pub width: usize,
}

impl Look {
    /// The look of text that goes to a file or a pipe.
    #[must_use]
    pub const fn plain() -> Self {
        Self { colour: false, width: 120 }
    }
}

impl Default for Look {
    fn default() -> Self {
        Self::plain()
    }
}
