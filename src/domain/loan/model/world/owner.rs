//! The tenant's actor: questions, charges, recalls and revocations.

use super::super::super::{Asker, Charge, Handout, Owed};
use super::{Call, Gate, Order, Question, World, digest, id, key_of};
use crate::domain::time::Timestamp;
use std::collections::HashMap;

impl World {
    /// The tenant's actor takes the next question.
    pub(super) fn work(&mut self) {
        let Some(Question {
            gate,
            number,
            calls,
            owed,
        }) = self.mailbox.pop_front()
        else {
            return;
        };
        self.settle(gate, &owed);
        let mut asked: HashMap<usize, (u32, Timestamp)> = HashMap::new();
        for call in &calls {
            let (calls, now) = asked.entry(call.key).or_insert((0, call.now));
            (*calls, *now) = (*calls + 1, call.now.max(*now));
        }
        for key in asked.keys() {
            self.keys[*key].account.hear(gate, number);
            self.keys[*key].ghost.heard(gate, number);
        }
        for call in calls {
            self.charge(call);
        }
        let gates = u32::try_from(self.gates.len()).unwrap();
        let mut grants = Vec::new();
        for (place, (calls, now)) in asked {
            let key = &mut self.keys[place];
            let asker = Asker {
                gate,
                number,
                gates,
                calls,
            };
            let terms = key.account.terms(asker, now);
            if let Some(loan) = terms.loan {
                key.ghost.lent(gate, loan);
            }
            let (digest, account, copy) = (digest(place), id(place), key.copied);
            grants.push(Handout {
                digest,
                account,
                copy,
                terms,
            });
        }
        // A gate that has given up on the question, or died, never sees the answer.
        let asker = self.gates.iter_mut().find(|asker| asker.id == gate);
        if let Some((flying, answer)) = asker.and_then(|asker| asker.flying.as_mut())
            && *flying == number
        {
            *answer = Some(grants);
        }
    }

    pub(super) fn charge(&mut self, call: Call) {
        let key = &mut self.keys[call.key];
        match key.account.charge(1, call.now) {
            Charge::Taken(quota) => {
                key.ghost.admitted(&quota);
                if let (Some(ahead), None) = (key.account.lease_ahead(call.now), &key.writing) {
                    key.writing = Some((ahead, Vec::new()));
                }
            }
            Charge::Refused(refused) => key.ghost.refused(&refused),
            Charge::Reserve(reservation) => key.writing.get_or_insert((reservation, Vec::new())).1.push(call),
            Charge::Recall => match &mut key.recalling {
                Some(waiting) => waiting.push(call),
                None => {
                    key.recalling = Some(vec![call]);
                    let order = |(gate, number)| Order {
                        gate,
                        key: call.key,
                        number: Some(number),
                        answer: None,
                    };
                    self.orders.extend(key.account.lent().map(order));
                }
            },
        }
    }

    /// A recall or revocation goes one way further, or is lost.
    pub(super) fn carry_order(&mut self, who: u8, how: u8) {
        if self.orders.is_empty() {
            return;
        }
        let place = usize::from(who) % self.orders.len();
        let order = &mut self.orders[place];
        let gate = self.gates.iter_mut().find(|gate| gate.id == order.gate);
        let is_lost = gate.is_none() || (how < 16 && order.number.is_some());
        if let (None, Some(gate), false) = (&order.answer, gate, is_lost) {
            order.answer = Some(match order.number {
                Some(number) => vec![gate.desk.recall(id(order.key), number)],
                None => gate.desk.forget(Some(&digest(order.key))),
            });
            return;
        }
        let Order {
            gate,
            key,
            number,
            answer,
        } = self.orders.swap_remove(place);
        match answer {
            Some(owed) if !is_lost => self.settle(gate, &owed),
            _ if number.is_some() => {
                self.keys[key].account.give_up(gate);
                self.keys[key].ghost.silent.insert(gate);
            }
            _ => {}
        }
        self.keys[key].ghost.seen.recalled += u32::from(number.is_some());
        let is_last = |is_recall| {
            !self
                .orders
                .iter()
                .any(|order| order.key == key && order.number.is_some() == is_recall)
        };
        if number.is_none() && is_last(false) {
            self.keys[key].confirmed = self.keys[key].copied;
        }
        if number.is_some() && is_last(true) {
            for call in self.keys[key].recalling.take().unwrap_or_default() {
                self.charge(call);
            }
        }
    }

    /// The row changes, and once the copies are gone nobody goes by the old one; one revocation of a key at a time.
    pub(super) fn revoke(&mut self, key: usize) {
        if self.orders.iter().any(|order| order.key == key && order.number.is_none()) {
            return;
        }
        if self.keys[key].row == self.keys[key].copied {
            self.keys[key].row += 1;
            return;
        }
        self.keys[key].copied = self.keys[key].row;
        let order = |gate: &Gate| Order {
            gate: gate.id,
            key,
            number: None,
            answer: None,
        };
        self.orders.extend(self.gates.iter().map(order));
    }

    pub(super) fn write(&mut self, key: usize) {
        if let Some((reservation, waiting)) = self.keys[key].writing.take() {
            self.keys[key].durable = Some(reservation);
            self.keys[key].account.leased(reservation);
            waiting.into_iter().for_each(|call| self.charge(call));
        }
    }

    /// The minute is written down, where it is not what was written last.
    pub(super) fn note(&mut self, key: usize) {
        let key = &mut self.keys[key];
        key.noted = key.account.minute_to_note(self.now).or(key.noted);
    }

    pub(super) fn settle(&mut self, gate: u64, owed: &[Owed]) {
        for owed in owed {
            let key = &mut self.keys[key_of(owed.account)];
            if key.account.settle(gate, owed) {
                key.ghost.settled(gate, owed);
            } else {
                key.ghost.unnoticed(gate, owed, self.now);
            }
            key.ghost.silent.remove(&gate);
        }
    }
}
