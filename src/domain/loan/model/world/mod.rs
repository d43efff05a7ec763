//! Two keys of one tenant, their gates, and every message between them; one step moves one thing.

mod faults;
mod owner;

use super::super::{Account, Charge, Desk, Draw, Drawn, Handout, Owed};
use super::ghost::Ghost;
use crate::domain::api_key::Digest;
use crate::domain::rate_limit::{Durable, Limits, MinuteCount, Quota, Reservation};
use crate::domain::time::{DAY_MS, MINUTE_MS, Timestamp};
use std::collections::VecDeque;
use uuid::Uuid;

const START: Timestamp = Timestamp(1_790_000_000_000);
const KEYS: usize = 2;

#[derive(Clone, Copy)]
struct Call {
    key: usize,
    now: Timestamp,
}

struct Question {
    gate: u64,
    number: u64,
    calls: Vec<Call>,
    owed: Vec<Owed>,
}

struct Gate {
    id: u64,
    desk: Desk<u64>,
    waiting: Vec<Call>,
    /// The question on its way, and its answer once the tenant has given it.
    flying: Option<(u64, Option<Vec<Handout<u64>>>)>,
}

/// A recall or a revocation on its way.
struct Order {
    gate: u64,
    key: usize,
    /// The loan; `None` revokes.
    number: Option<u64>,
    answer: Option<Vec<Owed>>,
}

pub(super) struct Key {
    account: Account,
    pub(super) ghost: Ghost,
    durable: Option<Reservation>,
    /// What is written of the minute.
    noted: Option<MinuteCount>,
    writing: Option<(Reservation, Vec<Call>)>,
    recalling: Option<Vec<Call>>,
    /// Versions of the row: as committed, as the tenant copies it, and the oldest that a gate may still go by.
    row: u64,
    copied: u64,
    confirmed: u64,
}

pub(super) struct World {
    limits: Limits,
    now: Timestamp,
    numbers: u64,
    pub(super) keys: Vec<Key>,
    gates: Vec<Gate>,
    mailbox: VecDeque<Question>,
    orders: Vec<Order>,
    /// What gates hand in, dying ones too.
    handed_in: Vec<(u64, Vec<Owed>)>,
}

fn digest(key: usize) -> Digest {
    Digest([u8::try_from(key).unwrap(); 32])
}

fn id(key: usize) -> Uuid {
    Uuid::from_u128(key as u128)
}

fn key_of(account: Uuid) -> usize {
    usize::try_from(account.as_u128()).unwrap()
}

/// What an account would still admit: so says the refusal of a call that no window holds.
fn room(account: &mut Account, now: Timestamp) -> Quota {
    let silent: Vec<u64> = account.lent().map(|(gate, _)| gate).collect();
    silent.into_iter().for_each(|gate| account.give_up(gate));
    match account.charge(u32::MAX, now) {
        Charge::Refused(refused) => refused.quota,
        other => panic!("{other:?}"),
    }
}

impl World {
    pub(super) fn new(limits: Limits, gates: usize) -> Self {
        let key = || Key {
            account: Account::new(limits, Durable::default()),
            ghost: Ghost::new(limits),
            durable: None,
            noted: None,
            writing: None,
            recalling: None,
            row: 0,
            copied: 0,
            confirmed: 0,
        };
        let mut world = Self {
            limits,
            now: START,
            numbers: 0,
            keys: (0..KEYS).map(|_| key()).collect(),
            gates: Vec::new(),
            mailbox: VecDeque::new(),
            orders: Vec::new(),
            handed_in: Vec::new(),
        };
        for _ in 0..gates {
            let gate = world.new_gate();
            world.gates.push(gate);
        }
        world
    }

    /// Does one thing; the arguments choose what, to whom, and how.
    pub(super) fn step(&mut self, what: u8, who: u8, how: u8) {
        let place = usize::from(who) % self.gates.len();
        // Most calls are of one key: what is lent must meet its limit.
        let key = usize::from(how.is_multiple_of(8));
        match what {
            0..=69 => (0..=how % 24).for_each(|_| self.call(place, key)),
            70..=119 => self.work(),
            120..=159 => self.answer(place),
            160..=185 => self.carry_order(who, how),
            186..=197 => self.write(key),
            198..=207 => self.hand_in(place),
            208..=217 => self.carry_hand_in(who),
            218..=222 => self.sweep(place, how),
            223..=234 => self.now.0 += i64::from(how) * if who < 4 { 40 } else { 1 },
            235 if who < 64 => self.now = Timestamp(self.now.floor(MINUTE_MS).0 + MINUTE_MS - i64::from(how % 2)),
            236 if who < 16 => self.now = Timestamp(self.now.floor(DAY_MS).0 + DAY_MS - i64::from(how % 3)),
            241..=243 => self.give_up_question(place),
            237..=240 => self.revoke(key),
            244 => self.kill_gate(place, how),
            245 => self.panic_of_the_actor(),
            246 if how < 24 => self.crash(),
            247 => self.note(key),
            248 if how < 24 => self.stop(),
            _ => (0..16).for_each(|_| self.call(place, 0)),
        }
    }

    /// Delivers everything, hands everything in, and compares the accounts with the truth.
    pub(super) fn come_to_rest(&mut self) {
        for _ in 0..200 {
            self.settle_down();
            for place in 0..self.gates.len() {
                self.gates[place].desk.forget(None);
                self.hand_in(place);
            }
            while !self.handed_in.is_empty() {
                self.carry_hand_in(0);
            }
        }
        assert!(self.gates.iter().all(|gate| gate.desk.is_empty() && gate.waiting.is_empty()));
        for key in &mut self.keys {
            let Charge::Taken(told) = key.account.charge(0, self.now) else {
                panic!("a look costs nothing")
            };
            key.ghost.at_rest(&told, &room(&mut key.account, self.now));
        }
    }

    fn settle_down(&mut self) {
        while !self.mailbox.is_empty() {
            self.work();
        }
        (0..self.gates.len()).for_each(|place| self.answer(place));
        while !self.orders.is_empty() {
            self.carry_order(0, 255);
        }
        (0..KEYS).for_each(|key| self.write(key));
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn new_gate(&mut self) -> Gate {
        Gate {
            id: self.number(),
            desk: Desk::default(),
            waiting: Vec::new(),
            flying: None,
        }
    }

    /// A request arrives at a gate.
    fn call(&mut self, place: usize, key: usize) {
        let call = Call { key, now: self.now };
        if !self.decide(place, call) {
            self.gates[place].waiting.push(call);
            self.depart(place);
        }
    }

    fn decide(&mut self, place: usize, call: Call) -> bool {
        let (gate, key) = (&mut self.gates[place], &mut self.keys[call.key]);
        if let Some(version) = gate.desk.copy(&digest(call.key)) {
            assert!(*version >= key.confirmed, "judged by a copy that was revoked");
        }
        let draw = Draw {
            cost: 1,
            now: call.now,
            address: [192, 0, 2, 1].into(),
        };
        match gate.desk.draw(&digest(call.key), draw) {
            None => return false,
            Some(Drawn::Taken(quota)) => key.ghost.admitted_by(gate.id, &quota, call.now),
            Some(Drawn::Refused(refused)) => {
                key.ghost.seen.denied += 1;
                key.ghost.refused(&refused);
            }
        }
        true
    }

    fn depart(&mut self, place: usize) {
        if self.gates[place].desk.is_flying() || self.gates[place].waiting.is_empty() {
            return;
        }
        let number = self.number();
        let gate = &mut self.gates[place];
        let calls = std::mem::take(&mut gate.waiting);
        let digests: Vec<Digest> = calls.iter().map(|call| digest(call.key)).collect();
        let owed = gate.desk.depart(number, digests.iter());
        gate.flying = Some((number, None));
        let gate = gate.id;
        self.mailbox.push_back(Question {
            gate,
            number,
            calls,
            owed,
        });
    }

    /// An answer reaches its gate.
    fn answer(&mut self, place: usize) {
        let gate = &mut self.gates[place];
        let Some((number, Some(grants))) = gate.flying.take_if(|(_, answer)| answer.is_some()) else {
            return;
        };
        gate.desk.arrive(number, Some(grants));
        self.landed(place);
    }

    fn landed(&mut self, place: usize) {
        for call in std::mem::take(&mut self.gates[place].waiting) {
            if !self.decide(place, call) {
                self.gates[place].waiting.push(call);
            }
        }
        self.depart(place);
    }

    fn hand_in(&mut self, place: usize) {
        let gate = &self.gates[place];
        if !gate.desk.owed().is_empty() {
            self.handed_in.push((gate.id, gate.desk.owed().to_vec()));
        }
    }

    fn carry_hand_in(&mut self, who: u8) {
        if self.handed_in.is_empty() {
            return;
        }
        let (gate, owed) = self.handed_in.remove(usize::from(who) % self.handed_in.len());
        self.settle(gate, &owed);
        // Every fifth confirmation is lost.
        if let Some(gate) = self.gates.iter_mut().find(|other| other.id == gate)
            && who % 5 != 4
        {
            gate.desk.confirm(&owed);
        }
    }

    fn sweep(&mut self, place: usize, how: u8) {
        self.gates[place].desk.sweep(self.now, |_| !how.is_multiple_of(4));
    }
}
