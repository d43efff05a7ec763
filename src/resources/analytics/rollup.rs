//! The sales of each day, kept by whoever changes a payment.
//!
//! Dashboards ask for sums over all payments, and their number grows for ever. An index that covers the sums would still
//! have each payment read: a hundred times the payments, a hundred times the time. So each change of a payment also moves
//! the sums of its day, in the same transaction, and a report reads at most one row for each day, product and currency.
//! The price is one statement more for each sale. The nil product holds the sums over all products, so that a shop's own
//! figures do not depend on how many products it has.

use super::store;
use crate::domain::Result;
use crate::domain::time::DAY_MS;
use crate::store::Tx;
use entities::payment::{self, Status};
use entities::sales_day;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is summed up for itself: product, day since the epoch, currency.
type Key = (Uuid, i64, String);

/// Sums, or what they change by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    payments: i64,
    revenue: i64,
    refunded: i64,
}

impl Sums {
    fn add(&mut self, other: Self, sign: i64) {
        self.payments += sign * other.payments;
        self.revenue += sign * other.revenue;
        self.refunded += sign * other.refunded;
    }
}

/// Moves the sums from what a payment was to what it is; `None` stands for no payment.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn note(tx: &Tx, before: Option<&payment::Model>, after: &payment::Model) -> Result<()> {
    let mut moved: BTreeMap<Key, Sums> = BTreeMap::new();
    for (row, sign) in before.into_iter().map(|row| (row, -1)).chain([(after, 1)]) {
        let Some(sums) = counted(row) else { continue };
        for product in [row.product, Uuid::nil()] {
            let key = (product, row.created_at.div_euclid(DAY_MS), row.currency.clone());
            moved.entry(key).or_default().add(sums, sign);
        }
    }
    moved.retain(|_, sums| *sums != Sums::default());
    add(tx, after.tenant, after.mode, moved).await
}

/// What a payment adds to its day: only completed ones count, so that what was given back in full drops out.
fn counted(row: &payment::Model) -> Option<Sums> {
    (row.status == Status::Completed).then_some(Sums {
        payments: 1,
        revenue: row.amount_minor,
        refunded: row.refunded_minor,
    })
}

/// Sums all payments of a tenant and mode anew, for rows that came by another way than sales.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn rebuild(tx: &Tx, tenant: Uuid, mode: entities::Mode) -> Result<()> {
    store::clear_days(tx, tenant, mode).await?;
    let mut all: BTreeMap<Key, Sums> = BTreeMap::new();
    for (product, day, currency, payments, revenue, refunded) in store::paid_by_day(tx, tenant, mode).await? {
        let sums = Sums {
            payments,
            revenue,
            refunded,
        };
        for product in [product, Uuid::nil()] {
            all.entry((product, day, currency.clone())).or_default().add(sums, 1);
        }
    }
    add(tx, tenant, mode, all).await
}

async fn add(tx: &Tx, tenant: Uuid, mode: entities::Mode, moved: BTreeMap<Key, Sums>) -> Result<()> {
    let row = |((product, day, currency), sums): (Key, Sums)| sales_day::Model {
        tenant,
        mode,
        product,
        day,
        currency,
        payments: sums.payments,
        revenue_minor: sums.revenue,
        refunded_minor: sums.refunded,
    };
    store::add_days(tx, moved.into_iter().map(row).collect()).await
}
