//! What goes wrong: lost questions, dead gates, a dead actor, a dead process.

use super::super::super::Account;
use super::World;
use crate::domain::rate_limit::Durable;
use crate::domain::time::{DAY_MS, MINUTE_MS};

impl World {
    /// A question takes too long; it, or its answer, is dropped.
    pub(super) fn give_up_question(&mut self, place: usize) {
        if let Some((number, _)) = self.gates[place].flying.take() {
            self.mailbox.retain(|question| question.number != number);
            self.gates[place].desk.arrive(number, None);
            self.landed(place);
        }
    }

    /// A gate dies; what it leaves is handed in, or lost.
    pub(super) fn kill_gate(&mut self, place: usize, how: u8) {
        let heir = self.new_gate();
        let mut dead = std::mem::replace(&mut self.gates[place], heir);
        dead.desk.forget(None);
        if !how.is_multiple_of(3) {
            self.handed_in.push((dead.id, dead.desk.owed().to_vec()));
        }
    }

    /// The actor dies with its mailbox; the accounts outlive it, what waited beside it does not.
    pub(super) fn panic_of_the_actor(&mut self) {
        self.mailbox.clear();
        self.orders.retain(|order| order.number.is_none());
        for key in &mut self.keys {
            key.recalling = None;
            if let Some((reservation, _)) = key.writing.take() {
                key.durable = Some(reservation);
            }
        }
        for place in 0..self.gates.len() {
            self.give_up_question(place);
        }
    }

    /// The process ends in order: the gates hand in what they hold, and the counts are written as they are.
    pub(super) fn stop(&mut self) {
        self.come_to_rest();
        for key in &mut self.keys {
            key.durable = key.account.settled().or(key.durable);
            key.noted = key.account.minute(self.now);
            key.ghost.stopped(key.noted, self.now);
        }
        self.crash();
    }

    /// The process dies; the counts are what is durable.
    pub(super) fn crash(&mut self) {
        self.mailbox.clear();
        self.orders.clear();
        self.handed_in.clear();
        let (today, minute_at) = (self.now.0.div_euclid(DAY_MS), self.now.floor(MINUTE_MS));
        for key in &mut self.keys {
            (key.writing, key.recalling) = (None, None);
            key.durable = key.durable.filter(|row| row.day == today);
            key.noted = key.noted.filter(|minute| minute.start_at == minute_at);
            let durable = Durable {
                day: key.durable,
                minute: key.noted,
            };
            key.account = Account::new(self.limits, durable);
            key.ghost.crashed(durable);
            key.confirmed = key.row;
            key.copied = key.row;
        }
        for place in 0..self.gates.len() {
            self.gates[place] = self.new_gate();
        }
    }
}
