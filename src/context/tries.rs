//! Tries of texts that are no keys, counted by the hour in memory: whoever guesses is told no more than whoever knows.

use crate::domain::Timestamp;
use crate::domain::api_key::Digest;
use crate::domain::time::MINUTE_MS;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The hour that tries are counted in, in milliseconds.
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Texts counted at once; about 5 MiB.
const KEPT_MAX: usize = 65_536;
/// Where all of them are of this hour, the least tried of so many gives way.
const SAMPLE: usize = 16;

/// The tries of one text: when its hour began, and how many.
type Counted = (i64, u32);

/// Counts in memory; one per process, shared by all workers.
#[derive(Debug, Default)]
pub struct Tries(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    texts: HashMap<[u8; 32], Counted>,
    /// The minute in which ended hours were last removed.
    swept_at: Timestamp,
}

impl Tries {
    /// Counts a try; beyond `max` in an hour it is not counted, and the seconds until the next are answered.
    pub fn take(&self, text: &Digest, max: u32, now: Timestamp) -> Option<u64> {
        // A panic cannot leave a map of numbers half changed.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.texts.len() >= KEPT_MAX && !counts.texts.contains_key(&text.0) {
            counts.make_room(now);
        }
        let counted = counts.texts.entry(text.0).or_insert((now.0, 0));
        let left_ms = left_ms(*counted, now);
        if left_ms <= 0 {
            *counted = (now.0, 0);
        } else if counted.1 >= max {
            return Some(u64::try_from(left_ms).unwrap_or(1).div_ceil(1000).max(1));
        }
        counted.1 += 1;
        None
    }
}

fn left_ms((since, _): Counted, now: Timestamp) -> i64 {
    since + HOUR_MS - now.0
}

impl Counts {
    fn make_room(&mut self, now: Timestamp) {
        // Looking through all of them at each try would be the attacker's aim.
        if now.floor(MINUTE_MS) != self.swept_at {
            self.swept_at = now.floor(MINUTE_MS);
            self.texts.retain(|_, counted| left_ms(*counted, now) > 0);
        }
        if self.texts.len() < KEPT_MAX {
            return;
        }
        // Whoever fills the table with fresh texts displaces fresh texts.
        let least = self.texts.iter().take(SAMPLE).min_by_key(|(_, (_, count))| *count);
        if let Some(text) = least.map(|(text, _)| *text) {
            self.texts.remove(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_so_many_tries_and_the_next_has_them_again() {
        let tries = Tries::default();
        let (text, other) = (Digest::of("a"), Digest::of("b"));
        let at = |seconds: i64| Timestamp(1_790_000_000_000 + seconds * 1000);
        assert!((0..2).all(|n| tries.take(&text, 2, at(n)).is_none()));
        assert_eq!(tries.take(&text, 2, at(10)), Some(3590));
        assert_eq!(tries.take(&other, 2, at(10)), None);
        assert_eq!(tries.take(&text, 2, at(3600)), None);
    }

    #[test]
    fn a_flood_stays_bounded() {
        let tries = Tries::default();
        for n in 0..KEPT_MAX + 10 {
            tries.take(&Digest::of(&n.to_string()), 2, Timestamp(0));
        }
        assert_eq!(tries.0.lock().unwrap().texts.len(), KEPT_MAX);
    }
}
