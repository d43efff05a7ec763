//! What programs call, with nothing but the licence's key: binding machines, keeping seats, checking tokens.

mod activate;
mod checks;
mod seats;

pub use activate::activate;
pub use checks::{validate, verify};
pub use seats::{deactivate, heartbeat};

use super::admin;
use crate::actors::meter::MeterKey;
use crate::context::{Ctx, Room};
use crate::domain::rate_limit::Limits;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::licensing::{issue, rules, store as shared};
use entities::license::{Kind, Model, Status};
use entities::policy;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// Keys that are none, from one address in a minute; beyond it no more of them are told from each other.
const GUESSES_PER_MINUTE: u32 = 60;

/// A product by its name.
#[derive(Clone, Debug, Deserialize)]
pub struct ProductName {
    /// Its address.
    #[serde(default)]
    pub product: String,
}

/// The id behind a product's name within the caller's reach, with whose it is.
///
/// # Errors
/// `Validation` where none is named; `NotFound`.
pub async fn product_id(ctx: &Ctx, name: &str) -> Result<(Uuid, Room)> {
    if name.is_empty() {
        return Err(Error::field("product", "required", "productId is required"));
    }
    let (product, room) = admin::product(ctx.store().read(), admin::reach(ctx)?.as_ref(), name).await?;
    Ok((product.id, room))
}

/// A key that is none: counts against the address, which is refused beyond its number; whoever has a good key is not.
async fn unknown(ctx: &Ctx) -> Error {
    let key = MeterKey::Op("licenses.guess", ctx.address);
    let limits = Limits::per_minute(GUESSES_PER_MINUTE);
    match ctx.house.actors.metered(key, limits, 1, ctx.now).await {
        Ok(_) => issue::missing().with_details(json!({ "reason": "not_found" })),
        Err(refusal) => refusal.error.with_window(refusal.quota.and_then(|quota| quota.minute)),
    }
}

/// Why a program may not use a licence; on hold it works on for three days.
fn obstacle(row: &Model, policy: Option<&policy::Model>, now: Timestamp) -> Option<Error> {
    let refused = |message: &'static str, text: &'static str, reason: &str| {
        let error = Error::new(Code::Forbidden, message).with_text(text);
        Some(error.with_details(json!({ "reason": reason })))
    };
    let is_blocked = row.suspended_at.is_none_or(|at| now.0 >= at + rules::SUSPENSION_GRACE_MS);
    match rules::standing(row, now) {
        Status::Revoked | Status::Banned => refused("License has been revoked", "license_revoked", "revoked"),
        Status::Expired if rules::obstacle(row, policy, now).is_some() => {
            refused("License has expired", "license_expired", "expired")
        }
        Status::Suspended if is_blocked => refused("License has been suspended", "license_on_hold", "suspended"),
        _ => None,
    }
}

/// Whether a licence, whose product has this address, is good for a product of this name: its own, or one that it unlocks and
/// nobody else sells.
async fn covers(db: &impl ConnectionTrait, row: &Model, slug: Option<&str>, name: &str) -> Result<bool> {
    if slug.is_some_and(|slug| slug == name || row.product.to_string() == name) {
        return Ok(true);
    }
    if !row.unlocked_products.iter().any(|unlocked| unlocked == name) {
        return Ok(false);
    }
    let seller = shared::product_by_name(db, name).await?;
    Ok(seller.is_none_or(|(product, _)| product.tenant == row.tenant))
}

fn wrong_product() -> Error {
    Error::new(Code::Forbidden, "License is for a different product")
        .with_text("wrong_product")
        .with_details(json!({ "reason": "wrong_product" }))
}

fn no_machine() -> Error {
    Error::not_found("machine")
        .with_text("machine_not_found")
        .with_details(json!({ "reason": "machine_not_found" }))
}

fn full(max: i64) -> Error {
    Error::new(Code::Forbidden, format!("Machine limit reached ({max})."))
        .with_text("machine_limit")
        .with_details(json!({ "max": max, "reason": "machine_limit" }))
}

/// Whether a licence counts sessions.
fn is_floating(row: &Model, policy: Option<&policy::Model>) -> bool {
    row.kind == Kind::Floating || policy.is_some_and(|policy| policy.floating)
}

/// The seats there are: sessions of a floating licence, machines of any other.
fn seats_max(row: &Model, policy: Option<&policy::Model>) -> Option<i64> {
    if is_floating(row, policy) {
        let own = row.max_concurrent.filter(|max| *max != rules::UNLIMITED);
        return own.or_else(|| rules::machines_max(row, policy).filter(|_| row.max_concurrent.is_none()));
    }
    rules::machines_max(row, policy)
}

/// What people are told of how a licence stands.
fn message(row: &Model, now: Timestamp) -> &'static str {
    match rules::standing(row, now) {
        Status::Suspended => "License is suspended and will stop working soon",
        Status::Degraded => "License is under review",
        Status::Expired => "License has expired",
        _ => "License is active",
    }
}
