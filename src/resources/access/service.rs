//! One function per operation; all of them inside a command of somebody else's.

use super::rules::{Standing, claims, standing};
use super::types::{AccessChange, Change, Gift, Moments, Taking};
use super::{followers, store};
use crate::context::{Deed, Room};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::products::types::ProductView;
use crate::store::Tx;
use crate::store::counters::CounterKey;
use entities::access::{EndReason, Model};
use entities::entitlement::{self, Action, Cause, Goods};
use uuid::Uuid;

/// Name of the counter row of customers who may use something.
pub const HOLDERS: &str = "customers_with_access";

/// The access of a pair, in force or not.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn held(tx: &Tx, room: &Room, customer: Uuid, product: Uuid) -> Result<Option<Model>> {
    store::of_pair(tx, room, customer, product).await
}

/// Gives a customer a claim on a product; the same cause a second time only moves its end.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn give(tx: &Tx, deed: &Deed, gift: &Gift<'_>) -> Result<Model> {
    let known = store::of_pair(tx, &deed.room, gift.customer.id, gift.product.id).await?;
    let (mut row, entries) = match known {
        Some(row) => {
            let entries = store::entries(tx, &deed.room, row.id).await?;
            (row, entries)
        }
        None => (fresh(deed, gift), Vec::new()),
    };
    if entries.is_empty() {
        store::insert(tx, &row).await?;
    }
    let until = gift.until.map(|until| until.0);
    let open = claims(&entries)
        .into_iter()
        .find(|claim| claim.is_open && claim.cause == gift.cause && claim.cause_id == gift.cause_id);
    let action = match open {
        Some(claim) if claim.until == until => return Ok(row),
        Some(_) => Action::Extended,
        None => Action::Gave,
    };
    row.duration_days = gift.days;
    let entry = entry(deed, &row, action, (gift.cause, gift.cause_id), until);
    apply(tx, deed, row, (entries, vec![entry]), None).await
}

/// Ends whatever rests on a cause; answers the accesses that ended with it.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn take(tx: &Tx, deed: &Deed, taking: &Taking) -> Result<Vec<Model>> {
    let mut ended = Vec::new();
    for id in store::of_cause(tx, &deed.room, taking.cause_id).await? {
        let Some(row) = store::by_id(tx, &deed.room, id).await? else {
            continue;
        };
        let after = close(tx, deed, row, taking.reason, |cause_id| cause_id == taking.cause_id).await?;
        if after.ended_at.is_some() {
            ended.push(after);
        }
    }
    Ok(ended)
}

/// Ends an access, whatever speaks for it.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn end(tx: &Tx, deed: &Deed, row: Model, reason: EndReason) -> Result<Model> {
    close(tx, deed, row, reason, |_| true).await
}

/// Ends those claims on an access that rest on any of these causes.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn end_claims(tx: &Tx, deed: &Deed, row: Model, causes: &[Uuid], reason: EndReason) -> Result<Model> {
    close(tx, deed, row, reason, |cause_id| causes.contains(&cause_id)).await
}

/// Moves the end of an access; one that has ended begins again, on the say of whoever asks.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn extend(tx: &Tx, deed: &Deed, mut row: Model, until: Option<Timestamp>, days: Option<i64>) -> Result<Model> {
    let entries = store::entries(tx, &deed.room, row.id).await?;
    let until = until.map(|until| until.0);
    let mut added: Vec<entitlement::Model> = claims(&entries)
        .iter()
        .filter(|claim| claim.is_open)
        .map(|claim| entry(deed, &row, Action::Extended, (claim.cause, claim.cause_id), until))
        .collect();
    if added.is_empty() {
        added.push(entry(deed, &row, Action::Gave, (Cause::Admin, deed.id()), until));
    }
    row.duration_days = days.or(row.duration_days);
    apply(tx, deed, row, (entries, added), None).await
}

/// Ends the claims of an access whose time has come; tells once that it ran out.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn expire(tx: &Tx, deed: &Deed, id: Uuid) -> Result<()> {
    let Some(row) = store::by_id(tx, &deed.room, id).await? else {
        return Ok(());
    };
    let is_due = row.ended_at.is_none() && row.expires_at.is_some_and(|at| at <= deed.now.0);
    if !is_due {
        return Ok(());
    }
    let entries = store::entries(tx, &deed.room, row.id).await?;
    let added = claims(&entries)
        .iter()
        .filter(|claim| claim.is_open && claim.until.is_some_and(|until| until <= deed.now.0))
        .map(|claim| entry(deed, &row, Action::Expired, (claim.cause, claim.cause_id), claim.until))
        .collect();
    apply(tx, deed, row, (entries, added), Some(EndReason::Expired))
        .await
        .map(|_| ())
}

async fn close(tx: &Tx, deed: &Deed, row: Model, reason: EndReason, wanted: impl Fn(Uuid) -> bool) -> Result<Model> {
    let entries = store::entries(tx, &deed.room, row.id).await?;
    let added: Vec<entitlement::Model> = claims(&entries)
        .iter()
        .filter(|claim| claim.is_open && wanted(claim.cause_id))
        .map(|claim| {
            let mut entry = entry(deed, &row, Action::Took, (claim.cause, claim.cause_id), claim.until);
            entry.reason = Some(reason.name().to_owned());
            entry
        })
        .collect();
    if added.is_empty() {
        return Ok(row);
    }
    apply(tx, deed, row, (entries, added), Some(reason)).await
}

/// Writes entries and what follows from them, and tells those who follow the access.
async fn apply(
    tx: &Tx,
    deed: &Deed,
    mut row: Model,
    (mut entries, added): (Vec<entitlement::Model>, Vec<entitlement::Model>),
    reason: Option<EndReason>,
) -> Result<Model> {
    let held_before = row.ended_at.is_none() && standing(&claims(&entries)) != Standing::Ended;
    for entry in &added {
        store::add(tx, entry).await?;
    }
    entries.extend(added);
    row.updated_at = deed.now.0;
    let holds = match standing(&claims(&entries)) {
        Standing::Holds(until) => {
            if !held_before {
                row.granted_at = deed.now.0;
            }
            (row.expires_at, row.ended_at, row.end_reason) = (until, None, None);
            true
        }
        Standing::Ended => {
            (row.ended_at, row.end_reason) = (Some(deed.now.0), reason);
            false
        }
    };
    store::replace(tx, &row).await?;
    if holds != held_before {
        if !store::holds_another(tx, &deed.room, &row).await? {
            let key = CounterKey::new(deed.room.tenant, deed.room.mode, HOLDERS);
            tx.count(key, if holds { 1 } else { -1 });
        }
        tell(tx, deed, &row, holds).await?;
    }
    Ok(row)
}

/// Tells subscribers and followers that an access began or ended.
async fn tell(tx: &Tx, deed: &Deed, row: &Model, began: bool) -> Result<()> {
    let ends = store::ends_of(tx, &deed.room, row).await?;
    let (customer, product) = ends.ok_or_else(|| Error::not_found("access"))?;
    let granted_at = Timestamp(row.granted_at);
    let has_expired = row.end_reason == Some(EndReason::Expired);
    let access = match (began, has_expired) {
        (true, _) => Moments {
            granted_at,
            expires_at: Some(row.expires_at.map(Timestamp)),
            ..Moments::default()
        },
        (false, true) => Moments {
            granted_at,
            expired_at: row.expires_at.map(Timestamp),
            ..Moments::default()
        },
        (false, false) => Moments {
            granted_at,
            revoked_at: row.ended_at.map(Timestamp),
            reason: row.end_reason.map(EndReason::name),
            ..Moments::default()
        },
    };
    let names: &[&str] = match (began, has_expired) {
        (true, _) => &["access.granted", "user.access_granted"],
        (false, true) => &["access.expired"],
        (false, false) => &["access.revoked", "user.access_revoked"],
    };
    let data = AccessChange {
        customer: (&customer).into(),
        product: ProductView::from(&product),
        access,
    };
    for name in names {
        tx.emit(deed.event(name, "access_change", &data, vec![product.id])?);
    }
    let change = Change {
        access: row,
        customer: &customer,
        product: &product,
        began,
    };
    followers::tell(tx, deed, &change).await
}

fn fresh(deed: &Deed, gift: &Gift<'_>) -> Model {
    Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        customer: gift.customer.id,
        product: gift.product.id,
        granted_at: deed.now.0,
        expires_at: gift.until.map(|until| until.0),
        duration_days: gift.days,
        ended_at: None,
        end_reason: None,
        updated_at: deed.now.0,
    }
}

fn entry(deed: &Deed, row: &Model, action: Action, cause: (Cause, Uuid), until: Option<i64>) -> entitlement::Model {
    entitlement::Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        access: row.id,
        goods: Goods::Product,
        goods_id: row.product,
        action,
        cause: cause.0,
        cause_id: cause.1,
        until_at: until,
        actor: deed.actor.clone(),
        reason: None,
        happened_at: deed.now.0,
    }
}
