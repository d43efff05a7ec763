//! What was opened once and never changes: keys that are costly to unseal and to parse.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Things kept; beyond it all are forgotten, to be opened again.
const KEPT_MAX: usize = 10_000;

type Kept = Arc<dyn Any + Send + Sync>;

/// Opened keys by name, for the life of the process.
#[derive(Default)]
pub struct Memory {
    kept: RwLock<HashMap<String, Kept>>,
}

impl Memory {
    /// What is kept under a name, where it is of this type.
    pub fn get<T: Any + Send + Sync>(&self, name: &str) -> Option<Arc<T>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.get(name)?).downcast().ok()
    }

    /// Keeps a thing under a name.
    pub fn keep<T: Any + Send + Sync>(&self, name: String, thing: T) -> Arc<T> {
        let thing = Arc::new(thing);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(name, Arc::clone(&thing) as Kept);
        thing
    }

    /// Forgets what is kept under a name.
    pub fn forget(&self, name: &str) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_found_under_its_name_and_type_only() {
        let memory = Memory::default();
        memory.keep("a".to_owned(), 7_u8);
        assert_eq!(memory.get::<u8>("a").as_deref(), Some(&7));
        assert!(memory.get::<u16>("a").is_none() && memory.get::<u8>("b").is_none());
        memory.forget("a");
        assert!(memory.get::<u8>("a").is_none());
    }
}
