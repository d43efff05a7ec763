//! What is wrong with the settings, said once for all of them: the key, the value seen, where it stood and the remedy.

use super::keys::{self, Key};
use std::fmt;

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, in the spelling of the environment where it has one.
    pub key: String,
    /// The value seen, secrets left out; empty where the trouble is not a value.
    pub seen: String,
    /// Where it stood: a flag, the environment, a file.
    pub origin: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// A bad value of a known setting.
    pub fn of(key: &Key, value: &str, origin: &str, reason: impl Into<String>) -> Self {
        Self {
            key: key.variable(),
            seen: key.show(value),
            origin: origin.to_owned(),
            reason: reason.into(),
            remedy: key.remedy.to_owned(),
        }
    }

    /// A setting whose value turned out bad after it was read, such as a folder that cannot be made.
    pub fn found_later(name: &str, value: &str, reason: impl Into<String>) -> Self {
        match keys::find(name) {
            Some(key) => Self::of(key, value, "", reason),
            None => Self::plain(name, reason, "see config/fondaco.toml"),
        }
    }

    /// Trouble that is not one value of one setting.
    pub fn plain(key: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            seen: String::new(),
            origin: String::new(),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    /// Replaces the remedy by a better one for this case.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        if !self.seen.is_empty() {
            write!(f, " = {}", self.seen)?;
        }
        if !self.origin.is_empty() {
            write!(f, " ({})", self.origin)?;
        }
        write!(f, ": {}; {}", self.reason, self.remedy)
    }
}

impl std::error::Error for Problem {}

/// All settings that cannot be used, reported together so that one start finds them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "a setting cannot be used\n  {one}"),
            many => {
                write!(f, "{} settings cannot be used", many.len())?;
                many.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}
