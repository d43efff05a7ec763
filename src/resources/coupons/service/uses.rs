//! What checkouts and payments call: what a code is worth, holding a use, taking it, giving it back.
//!
//! The order that keeps every limit: [`quote`] when a checkout is begun, [`hold`] in a command before money can move,
//! [`redeem`] in the command that books the money, [`free`] where the checkout ended without. `redeem` refuses nothing: by
//! then the buyer has paid the lower price, and his use was kept for him.

use super::super::rules::{self, Unusable};
use super::super::store;
use super::super::types::{Asked, CouponView, Hold, Quote, Redemption};
use crate::context::{Deed, Room};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::customers::types::CustomerBrief;
use crate::resources::products::types::ProductView;
use crate::store::Tx;
use entities::coupon::Model as Coupon;
use entities::coupon_redemption::{Model as Use, Status};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

/// What a code is worth for a purchase.
///
/// # Errors
/// `Validation` of `coupon_code` where it cannot be used; its rule is [`Unusable::reason`].
pub async fn quote(db: &impl ConnectionTrait, room: &Room, asked: &Asked, now: Timestamp) -> Result<Quote> {
    Ok(look(db, room, asked, now).await??)
}

/// What a code is worth for a purchase, or why it cannot be used; nothing is kept or taken.
///
/// # Errors
/// Those of the database.
pub async fn look(
    db: &impl ConnectionTrait,
    room: &Room,
    asked: &Asked,
    now: Timestamp,
) -> Result<std::result::Result<Quote, Unusable>> {
    let code = asked.code.trim().to_uppercase();
    let Some(coupon) = store::find_by_code(db, room, &code).await? else {
        return Ok(Err(Unusable::Unknown));
    };
    if let Err(why) = rules::usable(&coupon, asked, now) {
        return Ok(Err(why));
    }
    let buyer = asked.email.as_deref().map(str::to_lowercase);
    let gone = store::gone(db, &coupon, buyer.as_deref(), None, now).await?;
    Ok(rules::left(&coupon, gone).map(|()| {
        let per_line_minor = rules::discounts(&coupon, &asked.lines);
        Quote {
            discount_minor: per_line_minor.iter().sum(),
            per_line_minor,
            coupon,
        }
    }))
}

/// Keeps a use for a checkout until its end, so that paying cannot exceed a limit. A checkout that has one keeps it, to the
/// later end.
///
/// # Errors
/// `Validation` of `coupon_code` where no use is left, or where a limit for each buyer meets a buyer nobody knows.
pub async fn hold(tx: &Tx, deed: &Deed, asked: &Hold) -> Result<()> {
    let (room, now) = (&deed.room, deed.now);
    let coupon = store::find_with_deleted(tx, room, asked.coupon).await?;
    let coupon = coupon.ok_or(Unusable::Unknown)?;
    let email = asked.email.as_deref().map(str::to_lowercase);
    let held = store::use_of_checkout(tx, room, asked.checkout).await?;
    if held.as_ref().is_some_and(|held| held.status == Status::Taken) {
        return Ok(());
    }
    if coupon.usage_limit_per_user.is_some() && email.is_none() {
        return Err(Unusable::BuyerUnknown.into());
    }
    let gone = store::gone(tx, &coupon, email.as_deref(), Some(asked.checkout), now).await?;
    rules::left(&coupon, gone)?;
    if let Some(mut row) = held {
        row.held_until = row.held_until.max(Some(asked.until.0));
        row.email = email.or(row.email);
        return store::replace_use(tx, &row).await;
    }
    let row = Use {
        id: deed.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        coupon: coupon.id,
        checkout: Some(asked.checkout),
        payment: None,
        customer: None,
        email,
        product: asked.product,
        discount_minor: asked.discount_minor,
        currency: asked.currency.clone(),
        status: Status::Held,
        held_until: Some(asked.until.0),
        redeemed_at: None,
        created_at: now.0,
    };
    store::insert_use(tx, &row).await
}

/// Gives back the use a checkout held; one that was paid for stays taken.
///
/// # Errors
/// Those of the database.
pub async fn free(tx: &Tx, room: &Room, checkout: Uuid) -> Result<()> {
    store::free(tx, room, checkout).await
}

/// Takes the use for a payment and tells `coupon.used`; once for each payment, whatever comes again. A payment without a
/// coupon takes nothing.
///
/// # Errors
/// Those of the database.
pub async fn redeem(tx: &Tx, deed: &Deed, asked: &Redemption<'_>) -> Result<()> {
    let (room, payment) = (&deed.room, asked.payment);
    let Some(id) = payment.coupon else {
        return Ok(());
    };
    let Some(mut coupon) = store::find_with_deleted(tx, room, id).await? else {
        return Err(Error::internal(format!(
            "payment {} names a coupon that never was",
            payment.id
        )));
    };
    if store::use_of_payment(tx, room, payment.id).await?.is_some() {
        return Ok(());
    }
    let held = match payment.checkout {
        Some(checkout) => store::use_of_checkout(tx, room, checkout).await?,
        None => None,
    };
    let taken = taken(deed, asked, &coupon, held.as_ref());
    match held {
        Some(held) if held.status == Status::Taken => return Ok(()),
        Some(_) => store::replace_use(tx, &taken).await?,
        None => store::insert_use(tx, &taken).await?,
    }
    coupon.usage_count += 1;
    store::replace(tx, &coupon).await?;
    let told = told(&CouponView::from(&coupon), asked)?;
    tx.emit(deed.event("coupon.used", "coupon_use", &told, vec![asked.product.id])?);
    Ok(())
}

/// Something that was sold elsewhere with a code of ours.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere<'a> {
    /// As it was told.
    pub code: &'a str,
    /// What was sold.
    pub product: Uuid,
    /// What it costs money of.
    pub currency: &'a str,
    /// To whom.
    pub email: Option<&'a str>,
}

/// Takes a use for what was sold elsewhere, where there is one. What each buyer may have is the limit of checkouts here
/// alone: elsewhere nobody is asked for it.
///
/// # Errors
/// Those of the database.
pub async fn take_elsewhere(tx: &Tx, deed: &Deed, sold: &Elsewhere<'_>) -> Result<std::result::Result<(), Unusable>> {
    let (room, now) = (&deed.room, deed.now);
    let code = sold.code.trim().to_uppercase();
    let Some(mut coupon) = store::find_by_code(tx, room, &code).await? else {
        return Ok(Err(Unusable::Unknown));
    };
    if let Err(why) = rules::usable_elsewhere(&coupon, sold.product, now) {
        return Ok(Err(why));
    }
    let gone = store::gone(tx, &coupon, None, None, now).await?;
    if let Err(why) = rules::left(&coupon, gone) {
        return Ok(Err(why));
    }
    let row = Use {
        id: deed.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        coupon: coupon.id,
        checkout: None,
        payment: None,
        customer: None,
        email: sold.email.map(str::to_lowercase),
        product: sold.product,
        discount_minor: 0,
        currency: sold.currency.to_owned(),
        status: Status::Taken,
        held_until: None,
        redeemed_at: Some(now.0),
        created_at: now.0,
    };
    store::insert_use(tx, &row).await?;
    coupon.usage_count += 1;
    store::replace(tx, &coupon).await?;
    Ok(Ok(()))
}

/// The row of a use that was paid for.
fn taken(deed: &Deed, asked: &Redemption<'_>, coupon: &Coupon, held: Option<&Use>) -> Use {
    let payment = asked.payment;
    Use {
        id: held.map_or_else(|| deed.id(), |held| held.id),
        tenant: payment.tenant,
        mode: payment.mode,
        coupon: coupon.id,
        checkout: payment.checkout,
        payment: Some(payment.id),
        customer: Some(asked.customer.id),
        email: Some(payment.email.to_lowercase()),
        product: payment.product,
        discount_minor: payment.discount_minor,
        currency: payment.currency.clone(),
        status: Status::Taken,
        held_until: None,
        redeemed_at: Some(deed.now.0),
        created_at: held.map_or(deed.now.0, |held| held.created_at),
    }
}

fn told(coupon: &CouponView, asked: &Redemption<'_>) -> Result<Value> {
    const BRIEF: [&str; 6] = ["id", "code", "discount_type", "percent", "amount_minor", "currency"];
    let mut brief = serde_json::to_value(coupon).map_err(Error::internal)?;
    if let Some(members) = brief.as_object_mut() {
        members.retain(|name, _| BRIEF.contains(&name.as_str()));
        members.insert("discount_minor".to_owned(), asked.payment.discount_minor.into());
        members.insert("discount_currency".to_owned(), asked.payment.currency.clone().into());
    }
    let (customer, product) = (CustomerBrief::from(asked.customer), ProductView::from(asked.product));
    Ok(json!({"coupon": brief, "customer": customer, "product": product, "order": asked.order}))
}
