//! Who guesses on beyond his limit waits for each refusal: whoever asks as fast as he is answered is slowed for the price
//! of a timer, and others keep the time that his guesses would have taken.

use std::cell::Cell;
use std::time::Duration;

/// The wait of a lone guesser; somebody who mistypes a key never meets it.
const WAIT: Duration = Duration::from_millis(50);
/// So many waiting at once on a worker lengthen the wait by as much again, so that more connections guess no faster.
const CROWD: u32 = 32;
/// Longest wait; what is held meanwhile is a connection, of which there is a bound.
const WAIT_MAX: Duration = Duration::from_secs(2);

thread_local! {
    /// Refusals held back by this worker.
    static HELD: Cell<u32> = const { Cell::new(0) };
}

/// One refusal held back; it is let go when dropped, also when its caller goes away.
struct Held;

impl Held {
    fn begin() -> (Self, Duration) {
        let before = HELD.get();
        HELD.set(before + 1);
        (Self, wait(before))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.set(HELD.get().saturating_sub(1));
    }
}

fn wait(held: u32) -> Duration {
    (WAIT + WAIT * held / CROWD).min(WAIT_MAX)
}

/// Holds a refusal back.
pub(super) async fn hold_back() {
    let (_held, wait) = Held::begin();
    tokio::time::sleep(wait).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_guesses_no_faster_than_a_few() {
        assert_eq!(wait(0), WAIT);
        let per_s = |held: u32| f64::from(held) / wait(held).as_secs_f64();
        assert!(per_s(1_000) < per_s(CROWD) * 2.0);
        assert_eq!(wait(1_000_000), WAIT_MAX);
    }

    #[test]
    fn whoever_goes_away_is_no_longer_held() {
        let before = HELD.get();
        let (held, _) = Held::begin();
        assert_eq!(HELD.get(), before + 1);
        drop(held);
        assert_eq!(HELD.get(), before);
    }
}
