//! Uses of licences that no limit counts: counted in memory and written by the second, so that a validation costs no write.
//!
//! What is told of a licence counts what waits, too. A crash loses what waits; an orderly end loses nothing.

use super::store;
use crate::context::{Chore, House, Used};
use crate::domain::{Mode, Result, Timestamp};
use entities::license;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Licences one command writes.
const CHUNK: usize = 500;
/// Licences written in one go at least; of more that wait a part, so that no second is spent on nothing else.
const AT_ONCE: usize = 1_000;
const PART: usize = 5;

/// Writes what was counted.
pub const FLUSH: Chore = Chore {
    name: "license_uses",
    next: |_, _| Box::pin(async { Ok(None) }),
    run: |house, now| Box::pin(flush_due(house, now)),
};

async fn flush_due(house: Arc<House>, _: Timestamp) -> Result<bool> {
    let most = (house.uses.len() / PART).max(AT_ONCE);
    flush(&house, most).await?;
    Ok(false)
}

/// Writes uses of at most so many licences; what cannot be written goes on waiting.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn flush(house: &House, most: usize) -> Result<()> {
    let _turn = house.uses.turn().await;
    for written in house.uses.some(most).chunks(CHUNK) {
        let mut alike: BTreeMap<(Uuid, bool, i64), Vec<Uuid>> = BTreeMap::new();
        for used in written {
            let key = (used.tenant, used.mode == Mode::Live, used.count);
            alike.entry(key).or_default().push(used.license);
        }
        let add = async move |tx: &crate::store::Tx| {
            for ((tenant, is_live, count), licenses) in &alike {
                let mode = if *is_live { Mode::Live } else { Mode::Test };
                store::add_uses(tx, (*tenant, mode.into()), licenses, *count).await?;
            }
            Ok(())
        };
        house.store.command(add).await?;
        house.uses.settle(written);
    }
    Ok(())
}

/// One use of a licence.
pub(super) fn of(row: &license::Model) -> Used {
    Used {
        license: row.id,
        tenant: row.tenant,
        mode: row.mode.into(),
        count: 1,
    }
}
