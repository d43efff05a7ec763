//! The books: double entries in minor units, per currency; what a booking adds anywhere it takes elsewhere.
//!
//! | account | grows (+) with |
//! |---|---|
//! | `balance` | what the gateway holds for the tenant |
//! | `fees` | what the gateway kept |
//! | `sales` (−) | net of what was sold |
//! | `tax` (−) | tax in it |
//! | `refunds` | what went back to buyers |
//! | `disputes` | what a bank has taken back |

use super::store;
use crate::context::Deed;
use crate::domain::Result;
use crate::store::Tx;
use entities::ledger_entry::Model;
use entities::payment;

/// What a booking is about, and its legs: account and amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// `charge`, `fee`, `refund`, `dispute`.
    pub kind: &'static str,
    /// Account and amount, which add up to nothing.
    pub legs: Vec<(&'static str, i64)>,
}

/// Money that arrived.
pub fn charge(amount: i64, fee: i64, tax: i64) -> Booking {
    booking(
        "charge",
        vec![
            ("balance", amount - fee),
            ("fees", fee),
            ("sales", -(amount - tax)),
            ("tax", -tax),
        ],
    )
}

/// What the gateway kept, where it is known only later.
pub fn fee(fee: i64) -> Booking {
    booking("fee", vec![("balance", -fee), ("fees", fee)])
}

/// Money that went back; the gateway keeps its fee.
pub fn refund(amount: i64, tax: i64) -> Booking {
    booking("refund", vec![("balance", -amount), ("refunds", amount - tax), ("tax", tax)])
}

/// Money that a bank has taken back.
pub fn dispute(amount: i64) -> Booking {
    booking("dispute", vec![("balance", -amount), ("disputes", amount)])
}

fn booking(kind: &'static str, mut legs: Vec<(&'static str, i64)>) -> Booking {
    legs.retain(|(_, amount)| *amount != 0);
    Booking { kind, legs }
}

/// Writes a booking down.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn book(tx: &Tx, deed: &Deed, payment: &payment::Model, booking: &Booking) -> Result<()> {
    let id = deed.id();
    let rows = booking.legs.iter().map(|(account, amount)| Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        booking: id,
        payment: payment.id,
        kind: booking.kind.to_owned(),
        account: (*account).to_owned(),
        amount_minor: *amount,
        currency: payment.currency.clone(),
        booked_at: deed.now.0,
    });
    store::add_entries(tx, rows.collect()).await
}

/// The tax of one step of giving money back: steps add up to the order's tax however they are cut.
pub fn tax_of_step(amount: i64, tax: i64, refunded_before: i64, refunded_after: i64) -> i64 {
    let part = |refunded: i64| match amount {
        0 => 0,
        _ => i64::try_from((i128::from(tax) * i128::from(refunded) * 2 + i128::from(amount)) / (i128::from(amount) * 2))
            .unwrap_or(0),
    };
    part(refunded_after) - part(refunded_before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_booking_balances(amount in 0_i64..1_000_000_000, fee in 0_i64..1_000, tax in 0_i64..1_000) {
            for booking in [charge(amount, fee, tax), super::fee(fee), refund(amount, tax), dispute(amount)] {
                prop_assert_eq!(booking.legs.iter().map(|(_, amount)| amount).sum::<i64>(), 0, "{:?}", booking);
            }
        }

        #[test]
        fn taxes_of_steps_add_up(tax in 0_i64..5_000, steps in proptest::collection::vec(1_i64..3_000, 1..12)) {
            let amount = steps.iter().sum::<i64>() + tax;
            let (mut before, mut taxes) = (0, 0);
            for step in steps.into_iter().chain([tax]) {
                taxes += tax_of_step(amount, tax, before, before + step);
                before += step;
            }
            prop_assert_eq!(taxes, tax);
        }
    }
}
