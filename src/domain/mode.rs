//! Live and test data of one tenant never mix.

use serde::{Deserialize, Serialize};

/// Which of a tenant's two data sets is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real money and real buyers.
    #[default]
    Live,
    /// Rehearsals; reached by `_test_` keys and by sessions that ask for it.
    Test,
}

impl Mode {
    /// The text in columns, headers and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// Reads that text.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "live" => Some(Self::Live),
            "test" => Some(Self::Test),
            _ => None,
        }
    }
}
