//! The neutral mode and the one in columns are the same thing in two layers.

use crate::domain::Mode;

impl From<Mode> for entities::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Live => Self::Live,
            Mode::Test => Self::Test,
        }
    }
}

impl From<entities::Mode> for Mode {
    fn from(mode: entities::Mode) -> Self {
        match mode {
            entities::Mode::Live => Self::Live,
            entities::Mode::Test => Self::Test,
        }
    }
}
