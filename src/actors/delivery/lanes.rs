//! Who may have how much in flight: a lane per endpoint, a bound per tenant, a bound for the process.
//!
//! A lane starts narrow, grows with successes and falls to one on a time-out; after a few time-outs in a row its breaker
//! opens and lets one probe through at a time. A lane that is full leaves its rows in the table, it queues nothing here.

use crate::domain::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// In flight to an endpoint nobody has heard from yet.
pub const LANE_START: u32 = 4;
/// In flight to one endpoint at most: the width at which a local receiver is saturated by one sender.
pub const LANE_MAX: u32 = 64;
/// In flight for one tenant at most, so that four tenants are needed to fill the process.
pub const TENANT_MAX: u32 = 256;
/// In flight in this process at most: a connection, a body and 16 KiB of answer each stay within 64 MiB.
pub const PROCESS_MAX: u32 = 1_024;
/// Share of the process that endpoints which last timed out may hold, so that tarpits never take it whole.
const SUSPECTS_MAX: u32 = PROCESS_MAX / 2;
/// Time-outs in a row that open a breaker.
const BREAKER_TIMEOUTS: u32 = 5;
/// How long an open breaker stays shut to all, in real milliseconds; then one probe passes.
const BREAKER_MS: i64 = 30_000;
/// Idle lanes remembered for what they learned; beyond it they start anew.
const IDLE_LANES_MAX: usize = 8_192;

/// How an attempt ended, as far as its lane cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The endpoint took it.
    Success,
    /// It answered something else or could not be reached.
    Failure,
    /// It let the deadline pass.
    Timeout,
}

#[derive(Clone, Debug)]
struct Lane {
    in_flight: u32,
    width: u32,
    timeouts: u32,
    open_until_at: Option<Timestamp>,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            in_flight: 0,
            width: LANE_START,
            timeouts: 0,
            open_until_at: None,
        }
    }
}

impl Lane {
    fn is_suspect(&self) -> bool {
        self.timeouts > 0
    }

    fn suspects_in_flight(&self) -> u32 {
        if self.is_suspect() { self.in_flight } else { 0 }
    }

    fn room(&self, real_now: Timestamp, breakers: Breakers) -> u32 {
        let width = match (self.open_until_at, breakers) {
            (Some(until), Breakers::Heeded) if real_now < until => 0,
            (Some(_), _) => 1,
            (None, _) => self.width,
        };
        width.saturating_sub(self.in_flight)
    }
}

/// Whether open breakers hold work back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breakers {
    /// The rule: an open breaker leaves its rows in the table.
    Heeded,
    /// For `settle`, which promises that whatever is due has been attempted.
    Ignored,
}

/// All lanes of this process.
#[derive(Debug, Default)]
pub struct Lanes {
    lanes: HashMap<Uuid, Lane>,
    tenants: HashMap<Uuid, u32>,
    in_flight: u32,
    suspects_in_flight: u32,
}

impl Lanes {
    /// How much is in flight in all.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// How many breakers hold work back at `real_now`.
    pub fn open_breakers(&self, real_now: Timestamp) -> usize {
        let open = |lane: &&Lane| lane.open_until_at.is_some_and(|until| real_now < until);
        self.lanes.values().filter(open).count()
    }

    /// What a pass may claim, as a snapshot: lanes only get emptier while it plans, since it alone fills them.
    pub fn room(&self, real_now: Timestamp, breakers: Breakers) -> Room {
        let of = |lane: &Lane| Place {
            left: lane.room(real_now, breakers),
            is_suspect: lane.is_suspect(),
        };
        Room {
            process: PROCESS_MAX.saturating_sub(self.in_flight),
            suspects: SUSPECTS_MAX.saturating_sub(self.suspects_in_flight),
            tenants: self
                .tenants
                .iter()
                .map(|(id, used)| (*id, TENANT_MAX.saturating_sub(*used)))
                .collect(),
            endpoints: self.lanes.iter().map(|(id, lane)| (*id, of(lane))).collect(),
        }
    }

    /// Notes that an attempt for this endpoint of this tenant begins.
    pub fn enter(&mut self, endpoint: Uuid, tenant: Uuid) {
        let lane = self.lanes.entry(endpoint).or_default();
        lane.in_flight += 1;
        self.suspects_in_flight += u32::from(lane.is_suspect());
        self.in_flight += 1;
        *self.tenants.entry(tenant).or_default() += 1;
    }

    /// Notes that an attempt ended and what it says about the lane's width, where that was not said before.
    pub fn leave(&mut self, endpoint: Uuid, tenant: Uuid, ended: Option<Ended>, real_now: Timestamp) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some(used) = self.tenants.get_mut(&tenant) {
            *used = used.saturating_sub(1);
            if *used == 0 {
                self.tenants.remove(&tenant);
            }
        }
        let lane = self.lanes.entry(endpoint).or_default();
        let suspects_before = lane.suspects_in_flight();
        lane.in_flight = lane.in_flight.saturating_sub(1);
        match ended {
            None => {}
            Some(Ended::Success) => {
                lane.width = (lane.width + 1).min(LANE_MAX);
                lane.timeouts = 0;
                lane.open_until_at = None;
            }
            Some(Ended::Failure) => {
                lane.timeouts = 0;
                lane.open_until_at = None;
            }
            Some(Ended::Timeout) => {
                lane.width = 1;
                lane.timeouts = lane.timeouts.saturating_add(1);
                if lane.timeouts >= BREAKER_TIMEOUTS {
                    lane.open_until_at = Some(Timestamp(real_now.0.saturating_add(BREAKER_MS)));
                }
            }
        }
        let suspects = self.suspects_in_flight + lane.suspects_in_flight();
        self.suspects_in_flight = suspects.saturating_sub(suspects_before);
        if self.lanes.len() > IDLE_LANES_MAX {
            self.lanes
                .retain(|_, lane| lane.in_flight > 0 || lane.open_until_at.is_some());
        }
    }
}

/// How much may be claimed, per endpoint, per tenant and in all.
#[derive(Clone, Debug)]
pub struct Room {
    process: u32,
    suspects: u32,
    tenants: HashMap<Uuid, u32>,
    endpoints: HashMap<Uuid, Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    left: u32,
    is_suspect: bool,
}

const NEW_LANE: Place = Place {
    left: LANE_START,
    is_suspect: false,
};

impl Room {
    /// Takes one place for this endpoint of this tenant; false where none is left.
    pub fn take(&mut self, endpoint: Uuid, tenant: Uuid) -> bool {
        let of_tenant = self.tenants.entry(tenant).or_insert(TENANT_MAX);
        let place = self.endpoints.entry(endpoint).or_insert(NEW_LANE);
        if self.process == 0 || *of_tenant == 0 || place.left == 0 || (place.is_suspect && self.suspects == 0) {
            return false;
        }
        self.process -= 1;
        *of_tenant -= 1;
        place.left -= 1;
        self.suspects -= u32::from(place.is_suspect);
        true
    }

    /// How many more may be claimed for this tenant.
    pub fn left_for(&self, tenant: Uuid) -> usize {
        let of_tenant = self.tenants.get(&tenant).copied().unwrap_or(TENANT_MAX);
        of_tenant.min(self.process) as usize
    }

    /// How many more may be claimed in all.
    pub fn left(&self) -> u32 {
        self.process
    }

    /// The endpoints that have no place left, at most `limit` of them.
    pub fn full_endpoints(&self, limit: usize) -> Vec<Uuid> {
        let is_full = |place: &Place| place.left == 0 || (place.is_suspect && self.suspects == 0);
        let full = self.endpoints.iter().filter(|(_, place)| is_full(place));
        full.map(|(id, _)| *id).take(limit).collect()
    }

    /// The tenants that have no place left; at most a handful by the process's bound.
    pub fn full_tenants(&self) -> Vec<Uuid> {
        self.tenants
            .iter()
            .filter(|(_, room)| **room == 0)
            .map(|(id, _)| *id)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn fill(lanes: &mut Lanes, endpoint: Uuid, tenant: Uuid) -> u32 {
        let mut room = lanes.room(NOW, Breakers::Heeded);
        let mut taken = 0;
        while room.take(endpoint, tenant) {
            lanes.enter(endpoint, tenant);
            taken += 1;
        }
        taken
    }

    #[test]
    fn a_lane_grows_with_successes_to_its_bound_and_falls_to_one_on_a_timeout() {
        let mut lanes = Lanes::default();
        assert_eq!(fill(&mut lanes, id(1), id(9)), LANE_START);
        for _ in 0..200 {
            lanes.leave(id(1), id(9), Some(Ended::Success), NOW);
            lanes.enter(id(1), id(9));
        }
        assert_eq!(lanes.in_flight() + fill(&mut lanes, id(1), id(9)), LANE_MAX);
        for _ in 0..LANE_MAX {
            lanes.leave(id(1), id(9), Some(Ended::Success), NOW);
        }
        lanes.enter(id(1), id(9));
        lanes.leave(id(1), id(9), Some(Ended::Timeout), NOW);
        assert_eq!(fill(&mut lanes, id(1), id(9)), 1);
    }

    #[test]
    fn five_timeouts_in_a_row_open_the_breaker_for_all_but_one_probe_later() {
        let mut lanes = Lanes::default();
        for _ in 0..BREAKER_TIMEOUTS {
            assert!(lanes.room(NOW, Breakers::Heeded).take(id(1), id(9)));
            lanes.enter(id(1), id(9));
            lanes.leave(id(1), id(9), Some(Ended::Timeout), NOW);
        }
        assert_eq!(lanes.open_breakers(NOW), 1);
        assert!(!lanes.room(NOW, Breakers::Heeded).take(id(1), id(9)));
        assert!(lanes.room(NOW, Breakers::Ignored).take(id(1), id(9)));
        let later = Timestamp(NOW.0 + BREAKER_MS);
        let mut room = lanes.room(later, Breakers::Heeded);
        assert!(room.take(id(1), id(9)));
        assert!(!room.take(id(1), id(9)), "one probe at a time");
        lanes.enter(id(1), id(9));
        lanes.leave(id(1), id(9), Some(Ended::Success), later);
        assert_eq!(lanes.open_breakers(later), 0);
    }

    #[test]
    fn neither_a_tenant_nor_tarpits_take_the_whole_process() {
        let mut lanes = Lanes::default();
        let taken: u32 = (0..100).map(|endpoint| fill(&mut lanes, id(endpoint), id(7))).sum();
        assert_eq!(taken, TENANT_MAX);
        let mut lanes = Lanes::default();
        for n in 0..1_000 {
            lanes.enter(id(n), id(n));
            lanes.leave(id(n), id(n), Some(Ended::Timeout), NOW);
        }
        let mut held = 0;
        for n in 0..1_000 {
            held += fill(&mut lanes, id(n), id(n));
        }
        assert_eq!(held, SUSPECTS_MAX);
        assert_eq!(fill(&mut lanes, id(5_000), id(5_000)), LANE_START);
    }
}
