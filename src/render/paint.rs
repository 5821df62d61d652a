//! Colours by meaning. Nothing is said by colour alone.

use super::Look;

/// Puts colours around texts, or leaves them as they are.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    colour: bool,
}

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something is made.
    Add,
    /// Something is changed.
    Change,
    /// Something is deleted.
    Remove,
    /// Something is read.
    Read,
    /// Something is forbidden or failed.
    Alarm,
    /// Worth attention.
    Warn,
    /// A heading.
    Strong,
    /// Less important.
    Faint,
}

impl Paint {
    /// Paints as the look says.
    #[must_use]
    pub fn of(look: Look) -> Self {
        Self { colour: look.colour }
    }

    /// Returns a text in a tone.
    #[must_use]
    pub fn tone(self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Add => "32",
            Tone::Change => "33",
            Tone::Remove => "31",
            Tone::Read => "36",
            Tone::Alarm => "1;31",
            Tone::Warn => "1;33",
            Tone::Strong => "1",
            Tone::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
