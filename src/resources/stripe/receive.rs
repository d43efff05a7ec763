//! What Stripe posts: first the signature, then how often, then whose it is.

use super::types::Outcome;
use super::{service, store};
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx, House, Room};
use crate::domain::rate_limit::Limits;
use crate::domain::signature::{Checked, Diagnosis, verify_t_v1};
use crate::domain::stripe::{Incoming, META_PRODUCT, META_TENANT, Notice};
use crate::domain::{Error, Mode, Result, Timestamp};
use crate::store::credentials;
use entities::payment::Provider;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// Verified calls in a minute, of one secret's route (contract 4).
const CALLS_PER_MINUTE: u32 = 100;
/// Secrets of one route that are tried: two while one replaces the other, and some to spare.
const SECRETS_MAX: usize = 8;

/// Takes an event.
///
/// # Errors
/// `Malformed` for a signature that is missing or wrong, or a body that is no event; `NotFound` for a shop there is none
/// of; `RateLimited`; `Unavailable` where Stripe is to send it again.
pub(super) async fn receive(ctx: &Ctx, tenant: Option<&str>, signature: Option<&str>, body: &[u8]) -> Result<Answer> {
    let (own, secret) = secret(&ctx.house, tenant).await?;
    verify(secret.as_ref(), signature, body, ctx.now)?;
    let key = MeterKey::TenantOp("stripe.receive", own.as_ref().map_or(Uuid::nil(), |room| room.tenant));
    ctx.house
        .actors
        .meter(key, Limits::per_minute(CALLS_PER_MINUTE), ctx.now)
        .await?;
    let notice = Notice::parse(body).map_err(|_| Error::malformed("The body is not a Stripe event."))?;
    if notice.what == Incoming::Ignored {
        return Ok(received(None));
    }
    let is_repeated = notice.is_repeated_on_failure();
    match take(&ctx.house, own, notice, ctx.now).await {
        Ok(Outcome::Misfit(why)) => {
            tracing::info!(reason = why, "an event of Stripe's fits nothing here");
            Ok(received(Some(why)))
        }
        Ok(_) => Ok(received(None)),
        Err(error) if is_repeated => Err(error),
        Err(error) => {
            tracing::warn!(%error, "an event of Stripe's was not done; Stripe does not repeat its kind");
            Ok(received(Some("not done")))
        }
    }
}

async fn take(house: &Arc<House>, own: Option<Room>, mut notice: Notice, now: Timestamp) -> Result<Outcome> {
    name_product(house, own.as_ref(), &mut notice).await?;
    let rooms = match own {
        Some(room) => vec![room],
        None => shops_of(house, &notice).await?,
    };
    if rooms.is_empty() {
        return service::keep(house, notice, now).await;
    }
    let mut outcome = Outcome::Known;
    for room in &rooms {
        let here = service::handle(house, room, notice.clone(), Provider::Stripe, now).await?;
        if outcome != Outcome::Done {
            outcome = here;
        }
    }
    Ok(outcome)
}

/// Finds the product that a shop names by its public name, where it began something at Stripe by hand.
async fn name_product(house: &House, own: Option<&Room>, notice: &mut Notice) -> Result<()> {
    let Some(told) = notice.what.product_told() else {
        return Ok(());
    };
    let id = match Uuid::parse_str(told) {
        Ok(id) => Some(id),
        Err(_) => store::product_named(house.store.read(), own, told).await?,
    };
    if let Some(id) = id {
        notice.what.name_product(id);
    }
    Ok(())
}

/// The room of a shop's own route, and the secret of the route.
async fn secret(house: &House, tenant: Option<&str>) -> Result<(Option<Room>, Option<SecretString>)> {
    let Some(slug) = tenant else {
        return Ok((None, house.payments.common_hook_secret().cloned()));
    };
    let found = credentials::tenant_by_name(&house.store, slug).await?;
    let room = found.and_then(|row| Room::of(&row, Mode::Live));
    let room = room.ok_or_else(|| Error::not_found("shop"))?;
    let secret = house.payments.hook_secret(room.tenant).await?;
    Ok((Some(room), secret))
}

fn verify(secret: Option<&SecretString>, signature: Option<&str>, body: &[u8], now: Timestamp) -> Result<()> {
    let Some(secret) = secret else {
        return Err(Error::malformed("No secret of Stripe's webhooks is set here."));
    };
    let secrets = secret.expose_secret().split(',').map(str::trim);
    let mut refusal = Diagnosis::MissingSignature;
    for secret in secrets.filter(|secret| !secret.is_empty()).take(SECRETS_MAX) {
        match verify_t_v1(signature, &Checked { secret, body, now }) {
            Ok(()) => return Ok(()),
            // What a right secret says of the time tells more than that the others do not match.
            Err(why @ (Diagnosis::TooOld { .. } | Diagnosis::TooNew { .. })) => return Err(refused(why)),
            Err(why) => refusal = why,
        }
    }
    Err(refused(refusal))
}

fn refused(why: Diagnosis) -> Error {
    match why {
        Diagnosis::MissingSignature => Error::malformed("The Stripe-Signature header is missing."),
        // Nothing that helps a forger: which of several guesses came closest stays here.
        Diagnosis::Mismatch(_) => Error::malformed("The Stripe-Signature does not match."),
        other => Error::malformed(format!("The Stripe-Signature is not accepted: {other}.")),
    }
}

/// The shop an event on the common route is for: as we told Stripe, else by the product, else by what is known already. What
/// was sold elsewhere and told here may be known to several by the same name; each has licences of his own for it.
async fn shops_of(house: &House, notice: &Notice) -> Result<Vec<Room>> {
    let db = house.store.read();
    let named = |name: &str| {
        let metadata = notice.what.metadata()?;
        Uuid::parse_str(metadata.get(name)?).ok()
    };
    let found = match (named(META_TENANT), named(META_PRODUCT)) {
        (Some(tenant), _) => Some(tenant),
        (None, Some(product)) => store::tenant_of_product(db, product).await?,
        (None, None) => None,
    };
    let found = match found {
        Some(tenant) => Some(tenant),
        None => store::tenant_of_refs(db, &notice.what).await?,
    };
    let tenants = match found {
        Some(tenant) => vec![tenant],
        None => store::tenants_of_purchase(db, &notice.what).await?,
    };
    let mut rooms = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        rooms.extend(Room::find(db, tenant, entities::Mode::Live).await?);
    }
    Ok(rooms)
}

fn received(skipped: Option<&str>) -> Answer {
    let body = match skipped {
        None => json!({"received": true}),
        Some(why) => json!({"received": true, "skipped": why}),
    };
    Answer::raw(200, "application/json", body.to_string())
}
