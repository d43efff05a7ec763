//! What passes remember from one to the next, so that they need not read it again: events that were committed just now, and
//! the endpoints of those who send. Never the truth: what is not here is read from the tables.

use super::pass::Scope;
use super::subscriber::Subscriber;
use super::subscribers::Subscribers;
use crate::domain::{Event, Result, Timestamp};
use crate::store::Store;
use crate::store::outbox::fan_out;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Events kept; what comes when there are so many is read from the table later.
const EVENTS_MAX: usize = 2_048;
/// Bytes of their data, as near as they are known.
const BYTES_MAX: usize = 12 * 1024 * 1024;
/// How often the table is looked into although events keep coming, in milliseconds of real time: another node may have
/// died over its own.
const LOOK_MS: i64 = 10_000;
/// How long endpoints are believed where another node may change them unseen, in milliseconds of real time.
const BELIEF_MS: i64 = 1_000;
/// Tenants whose endpoints are kept; beyond it all are read anew.
const TENANTS_MAX: usize = 1_024;

/// Shared by the passes and those who tell of commits.
#[derive(Debug, Default)]
pub struct Memory {
    events: Mutex<Events>,
    endpoints: Mutex<HashMap<Uuid, Known>>,
}

/// An event and since when it is here.
#[derive(Clone, Debug)]
pub(super) struct Fresh {
    pub(super) event: Event,
    /// On the real clock.
    pub(super) since_at: Timestamp,
    bytes: usize,
}

/// What is said of an event that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It is taken.
    Yes,
    /// It waits on.
    No,
    /// It waits on, and so does whatever is behind it.
    NoneOfTheRest,
}

/// The oldest events that wait in the table.
#[derive(Debug, Default)]
struct Events {
    waiting: VecDeque<Fresh>,
    bytes: usize,
    /// Whether these are all that wait there. Where they are not, what is told is not taken in, or it would be out of turn.
    is_whole: bool,
    /// Whether the table is being read, which may or may not see what is told now.
    is_looking: bool,
    /// Whether something that was told during that was not taken in.
    has_missed: bool,
    /// When the table was looked into, on the real clock.
    looked_at: Option<Timestamp>,
}

impl Events {
    fn push(&mut self, event: Event, since_at: Timestamp) {
        let bytes = size(&event);
        let is_full = self.waiting.len() >= EVENTS_MAX || self.bytes + bytes > BYTES_MAX;
        // One is always taken, whatever its size.
        if is_full && !self.waiting.is_empty() {
            (self.is_whole, self.has_missed) = (false, true);
            return;
        }
        self.bytes += bytes;
        self.waiting.push_back(Fresh { event, since_at, bytes });
    }
}

/// A tenant's endpoints.
#[derive(Debug)]
struct Known {
    rows: Vec<Arc<Subscriber>>,
    /// How often endpoints had been changed by then.
    changes: u64,
    read_at: Timestamp,
}

impl Memory {
    /// Takes in events that were committed just now.
    pub fn tell(&self, events: Vec<Event>, real_now: Timestamp) {
        let mut state = self.events();
        for event in events {
            if state.is_whole || state.is_looking {
                state.push(event, real_now);
            }
        }
    }

    /// Has the table looked into soon: somebody says that there is something in it.
    pub fn doubt(&self) {
        self.events().looked_at = None;
    }

    /// Forgets all events: more may wait in the table than is here.
    pub fn fell_behind(&self) {
        let mut state = self.events();
        let looked_at = state.looked_at;
        *state = Events {
            looked_at,
            ..Events::default()
        };
    }

    /// Whose events are here.
    pub(super) fn tenants(&self) -> Vec<Uuid> {
        let mut tenants: Vec<Uuid> = self.events().waiting.iter().map(|fresh| fresh.event.tenant).collect();
        tenants.sort_unstable();
        tenants.dedup();
        tenants
    }

    /// Takes the events that are wanted, the oldest first and at most `limit`; tells whether it left any.
    pub(super) fn take(&self, limit: usize, mut wants: impl FnMut(&Fresh) -> Wanted) -> (Vec<Fresh>, bool) {
        let mut state = self.events();
        let mut taken = Vec::new();
        let mut left = VecDeque::new();
        // Mostly the first so many are wanted, and what is behind them need not move.
        while let Some(fresh) = state.waiting.pop_front() {
            if taken.len() == limit {
                state.waiting.push_front(fresh);
                break;
            }
            match wants(&fresh) {
                Wanted::Yes => taken.push(fresh),
                Wanted::No => left.push_back(fresh),
                Wanted::NoneOfTheRest => {
                    left.push_back(fresh);
                    break;
                }
            }
        }
        while let Some(fresh) = left.pop_back() {
            state.waiting.push_front(fresh);
        }
        state.bytes -= taken.iter().map(|fresh| fresh.bytes).sum::<usize>();
        (taken, !state.waiting.is_empty())
    }

    /// Takes events back in that were not dealt with, in front of all others.
    pub(super) fn give_back(&self, events: impl DoubleEndedIterator<Item = Fresh>) {
        let mut state = self.events();
        for fresh in events.rev() {
            state.bytes += fresh.bytes;
            state.waiting.push_front(fresh);
        }
    }

    /// Whether the table is to be looked into: where more waits there than was here, and now and then anyway.
    pub(super) fn must_look(&self, scope: Scope, real_now: Timestamp) -> bool {
        let state = self.events();
        let is_long_ago = |at: Timestamp| real_now.0 < at.0 || real_now.0 - at.0 >= LOOK_MS;
        match scope {
            Scope::Told => state.waiting.is_empty() && !state.is_whole,
            Scope::All => state.waiting.is_empty() || state.looked_at.is_none_or(is_long_ago),
        }
    }

    /// Whether all that waits in the table is here, too.
    pub(super) fn is_whole(&self) -> bool {
        self.events().is_whole
    }

    /// Notes that the table is about to be read.
    pub(super) fn begin_look(&self, real_now: Timestamp) {
        let mut state = self.events();
        (state.is_looking, state.has_missed) = (true, false);
        state.looked_at = Some(real_now);
    }

    /// Takes in the oldest events of the table; `is_cut` where there are more.
    pub(super) fn saw(&self, found: Vec<Event>, is_cut: bool, real_now: Timestamp) {
        let mut state = self.events();
        let ids: HashSet<Uuid> = found.iter().map(|event| event.id).collect();
        let mut before = std::mem::take(&mut state.waiting);
        let since: HashMap<Uuid, Timestamp> = before.iter().map(|fresh| (fresh.event.id, fresh.since_at)).collect();
        (state.bytes, state.is_whole, state.is_looking) = (0, !is_cut && !state.has_missed, false);
        before.retain(|fresh| !ids.contains(&fresh.event.id));
        let found = found.into_iter().map(|event| {
            let since_at = since.get(&event.id).copied().unwrap_or(real_now);
            (event, since_at)
        });
        // What is not among the oldest is read when its turn comes.
        let told = before
            .into_iter()
            .filter(|_| !is_cut)
            .map(|fresh| (fresh.event, fresh.since_at));
        for (event, since_at) in found.chain(told) {
            state.has_missed = false;
            state.push(event, since_at);
            if state.has_missed {
                return;
            }
        }
    }

    /// Forgets events that were fanned out: a commit that was seen in the table may have been told of only after that, yet
    /// before the fan-out, since the writer does one after the other.
    pub(super) fn forget(&self, events: &[Event]) {
        let mut state = self.events();
        if state.waiting.is_empty() {
            return;
        }
        let ids: HashSet<Uuid> = events.iter().map(|event| event.id).collect();
        state.waiting.retain(|fresh| !ids.contains(&fresh.event.id));
        state.bytes = state.waiting.iter().map(|fresh| fresh.bytes).sum();
    }

    /// The endpoints of these tenants that are not deleted, those switched off too.
    pub(super) async fn subscribers(&self, store: &Store, tenants: &[Uuid], real_now: Timestamp) -> Result<Subscribers> {
        // Before the rows are read: a change in between makes them old at once.
        let changes = store.endpoint_changes();
        let (mut rows, missing) = self.believed(tenants, changes, real_now);
        if !missing.is_empty() {
            let found = fan_out::subscribers(store, &missing).await?;
            let found: Vec<_> = found.into_iter().map(|row| Arc::new(Subscriber::from(row))).collect();
            rows.extend(found.iter().cloned());
            self.learn(&missing, found, changes, real_now);
        }
        Ok(Subscribers::of(rows))
    }

    fn believed(&self, tenants: &[Uuid], changes: u64, real_now: Timestamp) -> (Vec<Arc<Subscriber>>, Vec<Uuid>) {
        let all = self.endpoints();
        let (mut rows, mut missing) = (Vec::new(), Vec::new());
        for tenant in tenants {
            let known = all.get(tenant).filter(|known| {
                let age_ms = real_now.0 - known.read_at.0;
                known.changes == changes && (0..BELIEF_MS).contains(&age_ms)
            });
            match known {
                Some(known) => rows.extend(known.rows.iter().cloned()),
                None => missing.push(*tenant),
            }
        }
        (rows, missing)
    }

    fn learn(&self, tenants: &[Uuid], rows: Vec<Arc<Subscriber>>, changes: u64, read_at: Timestamp) {
        let mut all = self.endpoints();
        if all.len() + tenants.len() > TENANTS_MAX {
            all.clear();
        }
        let known = |tenant: &Uuid| {
            let rows = rows.iter().filter(|row| row.tenant == *tenant).cloned().collect();
            (*tenant, Known { rows, changes, read_at })
        };
        all.extend(tenants.iter().map(known));
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        // Nothing in here can be left half changed by a panic.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn endpoints(&self) -> MutexGuard<'_, HashMap<Uuid, Known>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that an event keeps, as near as it matters: what stands in it, without the tree's own parts.
fn size(event: &Event) -> usize {
    fn of(value: &serde_json::Value) -> usize {
        use serde_json::Value;
        match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(of).sum::<usize>() + 32,
            Value::Object(members) => members.iter().map(|(name, inner)| name.len() + of(inner) + 64).sum(),
            _ => 8,
        }
    }
    of(&event.data) + 256
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Mode;
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn events(numbers: std::ops::Range<u128>) -> Vec<Event> {
        let event = |n| Event {
            id: Uuid::from_u128(n),
            tenant: Uuid::from_u128(n % 2),
            mode: Mode::Live,
            name: "product.created".to_owned(),
            view: "product".to_owned(),
            data: json!({}),
            products: Vec::new(),
            created_at: NOW,
        };
        numbers.map(event).collect()
    }

    fn taken(memory: &Memory) -> Vec<u128> {
        let (taken, _) = memory.take(EVENTS_MAX, |_| Wanted::Yes);
        taken.iter().map(|fresh| fresh.event.id.as_u128()).collect()
    }

    fn looked(found: std::ops::Range<u128>, is_cut: bool) -> Memory {
        let memory = Memory::default();
        memory.begin_look(NOW);
        memory.saw(events(found), is_cut, NOW);
        memory
    }

    #[test]
    fn nothing_is_believed_before_the_table_was_read() {
        let memory = Memory::default();
        memory.tell(events(0..3), NOW);
        assert!(taken(&memory).is_empty());
        assert!(memory.must_look(Scope::Told, NOW));
    }

    #[test]
    fn what_was_told_while_the_table_was_read_is_there_once_and_behind_the_older() {
        let memory = Memory::default();
        memory.begin_look(NOW);
        memory.tell(events(2..5), NOW);
        memory.saw(events(0..4), false, NOW);
        assert_eq!(taken(&memory), [0, 1, 2, 3, 4]);
        assert!(memory.is_whole());
    }

    #[test]
    fn where_the_table_holds_more_only_its_oldest_are_there() {
        let memory = looked(0..4, true);
        memory.tell(events(9..12), NOW);
        assert_eq!(taken(&memory), [0, 1, 2, 3]);
        assert!(memory.must_look(Scope::Told, NOW) && !memory.is_whole());
    }

    #[test]
    fn what_is_too_much_is_left_to_the_table() {
        let memory = looked(0..0, false);
        let most = EVENTS_MAX as u128;
        memory.tell(events(0..most + 2), NOW);
        memory.tell(events(most + 2..most + 3), NOW);
        assert!(!memory.is_whole());
        assert_eq!(taken(&memory).len(), EVENTS_MAX);
        assert!(memory.must_look(Scope::Told, NOW));
    }

    #[test]
    fn a_commit_that_was_seen_before_it_was_told_of_is_fanned_out_once() {
        let memory = looked(0..1, false);
        let (seen, _) = memory.take(EVENTS_MAX, |_| Wanted::Yes);
        memory.tell(events(0..2), NOW);
        memory.forget(&[seen[0].event.clone()]);
        assert_eq!(taken(&memory), [1]);
    }

    #[test]
    fn once_nothing_more_is_wanted_nothing_more_is_asked_for() {
        let memory = looked(0..6, false);
        let mut asked = 0;
        let (taken_now, has_left) = memory.take(EVENTS_MAX, |fresh| {
            asked += 1;
            match fresh.event.id.as_u128() {
                0 => Wanted::Yes,
                1 => Wanted::No,
                _ => Wanted::NoneOfTheRest,
            }
        });
        assert_eq!((taken_now.len(), has_left, asked), (1, true, 3));
        assert_eq!(taken(&memory), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_is_not_wanted_keeps_its_place() {
        let memory = looked(0..6, false);
        let (taken_now, has_left) = memory.take(2, |fresh| {
            if fresh.event.tenant.as_u128() == 0 {
                Wanted::Yes
            } else {
                Wanted::No
            }
        });
        assert_eq!((taken_now.len(), has_left), (2, true));
        memory.give_back(taken_now.into_iter().skip(1));
        assert_eq!(taken(&memory), [2, 1, 3, 4, 5]);
    }
}
