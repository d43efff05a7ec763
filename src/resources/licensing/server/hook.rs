//! What shops elsewhere tell of purchases. The purchase's id makes each message count once.

use super::types::PurchaseEvent;
use super::{admin, store, trials, variants};
use crate::context::{Answer, Ctx, Deed};
use crate::domain::api_key::Digest;
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::issue::{self, Order};
use crate::resources::licensing::keys::{self, Form};
use crate::resources::licensing::rules;
use crate::resources::licensing::service::{Taken, withdraw_sold};
use crate::store::Tx;
use entities::license::{Kind, Model};
use entities::{product, purchase_receipt};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// Machines of a licence whose message and variant name no number.
const MACHINES: i64 = 2;

/// Judges the secret of a message.
///
/// # Errors
/// `InvalidToken` for a wrong one, and where none is set.
pub fn admit(ctx: &Ctx, secret: Option<&str>) -> Result<()> {
    let own = ctx.house.config.inbound_webhook_secret.as_ref();
    let is_good = own.zip(secret).is_some_and(|(own, given)| {
        let own = Digest::of(own.expose_secret());
        own.ct_eq(&Digest::of(given))
    });
    if is_good {
        return Ok(());
    }
    Err(Error::new(Code::InvalidToken, "Invalid webhook secret"))
}

/// Takes a message; one that is unknown changes nothing.
///
/// # Errors
/// `Validation` where address or product are missing; `NotFound` for an unknown product, or a purchase that is to be changed.
pub async fn take(ctx: &Ctx, event: PurchaseEvent) -> Result<Answer> {
    const KNOWN: [&str; 5] = [
        "purchase.completed",
        "purchase.refunded",
        "purchase.disputed",
        "subscription.renewed",
        "subscription.cancelled",
    ];
    if event.kind.is_empty() {
        return Err(Error::field("kind", "required", "type is required"));
    }
    if !KNOWN.contains(&event.kind.as_str()) {
        return Answer::one("hook_taken", &json!({}));
    }
    let missing = || Error::field("email", "required", "email and productId are required");
    let email = event.email.clone().ok_or_else(missing)?;
    let name = event.product.clone().ok_or_else(missing)?;
    let call = ctx.clone();
    ctx.command(async move |tx| {
        let (product, room) = admin::product(tx, None, &name).await?;
        let deed = admin::deed(&call, room);
        let key = match event.kind.as_str() {
            "purchase.completed" => Some(
                complete(
                    tx,
                    &call,
                    &deed,
                    &Purchase {
                        product,
                        email: email.clone(),
                        event: event.clone(),
                    },
                )
                .await?,
            ),
            "purchase.refunded" => undo(tx, &deed, (&product, &event), &email, Taken::Refund).await?,
            "purchase.disputed" => undo(tx, &deed, (&product, &event), &email, Taken::Dispute).await?,
            "subscription.renewed" => renew(tx, &deed, &product, &event, &email).await?,
            // It runs to its end.
            _ => None,
        };
        Answer::one("hook_taken", &key.map_or_else(|| json!({}), |key| json!({ "key": key })))
    })
    .await
}

struct Purchase {
    product: product::Model,
    email: String,
    event: PurchaseEvent,
}

async fn complete(tx: &Tx, ctx: &Ctx, deed: &Deed, purchase: &Purchase) -> Result<Value> {
    let Purchase { product, email, event } = purchase;
    if let Some(id) = &event.purchase_id
        && let Some(row) = store::of_purchase(tx, &deed.room, product.id, id).await?
    {
        return Ok(keys::open(&ctx.house, &row)?.into());
    }
    let order = Order {
        product,
        policy: None,
        form: Form::Uuid,
        source: "hook",
    };
    let (mut row, key) = issue::draft(&ctx.house, deed, order)?;
    let code = event.variant.clone().unwrap_or_else(|| "indie".to_owned());
    let variant = variants::of(tx, product, &code).await?;
    let sold_as = variant.as_ref().map(|variant| variant.kind);
    row.kind = event
        .license_type
        .as_deref()
        .and_then(Kind::parse)
        .or(sold_as)
        .unwrap_or(Kind::PerMachine);
    let usual = variant
        .as_ref()
        .map_or(Some(MACHINES), |variant| variant.max_machines.or(Some(rules::UNLIMITED)));
    row.max_machines = event.max_machines.or(usual);
    row.max_concurrent = row.max_machines.filter(|_| row.kind == Kind::Floating);
    row.variant = Some(variant.map_or(code, |variant| variant.code));
    row.email = Some(email.clone());
    row.purchase_ref.clone_from(&event.purchase_id);
    row.discount_code.clone_from(&event.discount_code);
    let redeemed = match &event.discount_code {
        Some(code) => trials::redeem(tx, deed, product.id, code).await?,
        None => None,
    };
    let days = event.duration_days.or(event.trial_days).or(redeemed);
    row.expires_at = days.map(|days| rules::after_days(deed.now.0, days));
    issue::issue(tx, deed, row).await?;
    Ok(key.into())
}

/// The licence that a message is about: by the purchase, else the holder's newest.
async fn subject(tx: &Tx, deed: &Deed, product: &product::Model, event: &PurchaseEvent, email: &str) -> Result<Option<Model>> {
    if let Some(id) = &event.purchase_id
        && let Some(row) = store::of_purchase(tx, &deed.room, product.id, id).await?
    {
        return Ok(Some(row));
    }
    let wanted = store::Wanted {
        room: Some(&deed.room),
        product: Some(product.id),
        email: Some(email),
        limit: 1,
    };
    Ok(store::licenses(tx, &wanted).await?.pop())
}

async fn undo(
    tx: &Tx,
    deed: &Deed,
    (product, event): (&product::Model, &PurchaseEvent),
    email: &str,
    taken: Taken,
) -> Result<Option<Value>> {
    let mut row = subject(tx, deed, product, event, email).await?.ok_or_else(issue::missing)?;
    withdraw_sold(tx, deed, &mut row, taken).await?;
    Ok(None)
}

async fn renew(tx: &Tx, deed: &Deed, product: &product::Model, event: &PurchaseEvent, email: &str) -> Result<Option<Value>> {
    let mut row = subject(tx, deed, product, event, email).await?.ok_or_else(issue::missing)?;
    // A payment of its own, which counts once; the first purchase's id only says which licence is meant.
    if let Some(id) = event.purchase_id.as_ref().filter(|id| row.purchase_ref.as_ref() != Some(id)) {
        let receipt = purchase_receipt::Model {
            tenant: row.tenant,
            mode: row.mode,
            kind: event.kind.clone(),
            purchase_ref: id.clone(),
            received_at: deed.now.0,
        };
        if !store::receive(tx, receipt).await? {
            return Ok(None);
        }
    }
    let (Some(days), Some(end)) = (event.duration_days, row.expires_at) else {
        return Ok(None);
    };
    rules::reschedule(&mut row, Some(rules::after_days(end.max(deed.now.0), days)), deed.now);
    issue::change(tx, deed, &mut row, "license.renewed").await?;
    Ok(None)
}
