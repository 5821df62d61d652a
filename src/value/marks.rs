//! Marks: what must not become visible or be kept.

use std::fmt;
use std::ops::BitOr;
use std::ops::BitOrAssign;

/// The marks on one value (not on its parts). They are united by every operation.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(u8);

impl Marks {
    /// No mark.
    pub const NONE: Self = Self(0);
    /// The value must never be shown.
    pub const SENSITIVE: Self = Self(1);
    /// The value must never be stored.
    pub const EPHEMERAL: Self = Self(2);

    /// Returns true if there is no mark.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Returns true if the sensitive mark is present.
    #[must_use]
    pub const fn is_sensitive(self) -> bool {
        self.0 & Self::SENSITIVE.0 != 0
    }

    /// Returns true if the ephemeral mark is present.
    #[must_use]
    pub const fn is_ephemeral(self) -> bool {
        self.0 & Self::EPHEMERAL.0 != 0
    }

    /// Returns these marks without those.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_sensitive(), self.is_ephemeral()) {
            (false, false) => f.write_str("unmarked"),
            (true, false) => f.write_str("sensitive"),
            (false, true) => f.write_str("ephemeral"),
            (true, true) => f.write_str("sensitive ephemeral"),
        }
    }
}
