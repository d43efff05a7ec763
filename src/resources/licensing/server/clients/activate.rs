//! Binding a machine: at most so many, and at most so many tries an hour, however many come at once.

use super::super::types::Machine;
use super::super::{pairs, store, token};
use super::{covers, full, is_floating, message, obstacle, seats_max, unknown, wrong_product};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::rate_limit::Window;
use crate::domain::{Code, Error, Result, Timestamp, license_key};
use crate::resources::licensing::machines::store::seats;
use crate::resources::licensing::views::MachineView;
use crate::resources::licensing::{issue, keys, rules, store as shared};
use crate::store::Tx;
use entities::license::Model;
use entities::{license_violation, machine, policy};
use serde_json::{Value, json};

/// The hour that tries are counted in, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
/// Violations kept of one licence that nobody has resolved.
const VIOLATIONS_MAX: i64 = 100;

/// A licence with what decides about its seats.
struct Held {
    license: Model,
    policy: Option<policy::Model>,
}

/// Binds a machine to a licence and hands it a token; the same machine again takes no second seat.
///
/// # Errors
/// `NotFound`, `Forbidden` for what stands in the way, `RateLimited` beyond the hour's tries.
pub async fn activate(ctx: &Ctx, form: Machine, tries_max: Option<u32>) -> Result<Answer> {
    let digest = license_key::digest(&form.key);
    let known = shared::license_by_digest(ctx.store().read(), None, &digest).await?;
    let Some(known) = known else {
        let refusal = tries_max.and_then(|max| ctx.house.tries.take(&digest, max, ctx.now));
        return Err(match refusal {
            Some(wait_s) => enough(wait_s, tries_max, ctx.now),
            None => unknown(ctx).await,
        });
    };
    let room = Room::find(ctx.store().read(), known.tenant, known.mode).await?;
    let deed = Deed::of_house(&ctx.house, room.ok_or_else(issue::missing)?, ctx.now);
    let address = ctx.address.to_string();
    // A refusal is committed, too: the try counts, and so does what looks like abuse.
    let outcome = ctx.store().command(async move |tx| {
        let Some((license, product)) = store::with_product(tx, &digest.0).await? else {
            return Ok(Err(issue::missing()));
        };
        let mut held = Held {
            policy: shared::policy_of(tx, &license).await?,
            license,
        };
        if let Some(error) = too_many(&mut held.license, &deed, tries_max) {
            return Ok(Err(error));
        }
        let slug = product.as_ref().map(|product| product.slug.as_str());
        let refusal = match obstacle(&held.license, held.policy.as_ref(), deed.now) {
            Some(error) => Some(error),
            None => (!covers(tx, &held.license, slug, &form.product).await?).then(wrong_product),
        };
        if let Some(error) = refusal {
            shared::replace(tx, &held.license).await?;
            return Ok(Err(error));
        }
        bind(tx, &deed, &mut held, &form, &address).await
    });
    let bound = outcome.await??;
    let ring = pairs::ring(&ctx.house, ctx.now).await?;
    let key = keys::open(&ctx.house, &bound.license)?;
    let claims = token::Claims::new(key, bound.fingerprint, bound.product, ctx.now);
    let told = json!({
        "token": token::sign(&ring, &claims)?,
        "expires_at": claims.expires_at(),
        "machines_used": bound.used,
        "max_machines": bound.max,
        "status": rules::standing(&bound.license, ctx.now).name(),
        "variant": bound.license.variant,
        "message": message(&bound.license, ctx.now),
        "license_expires_at": bound.license.expires_at,
    });
    Answer::one("activated", &told)
}

/// Counts a try; beyond the hour's number it is refused and not counted.
fn too_many(row: &mut Model, deed: &Deed, tries_max: Option<u32>) -> Option<Error> {
    let now = deed.now.0;
    let since = row.tries_since_at.filter(|since| now < since + HOUR_MS);
    let count = if since.is_some() { row.tries_count } else { 0 };
    if tries_max.is_some_and(|max| count >= i64::from(max)) {
        let left_ms = since.map_or(HOUR_MS, |since| since + HOUR_MS - now);
        let wait_s = u64::try_from(left_ms).unwrap_or(1).div_ceil(1000).max(1);
        return Some(enough(wait_s, tries_max, deed.now));
    }
    row.tries_since_at = since.or(Some(now));
    row.tries_count = count + 1;
    None
}

/// No more tries within this hour.
fn enough(wait_s: u64, tries_max: Option<u32>, now: Timestamp) -> Error {
    let mut error = Error::new(Code::RateLimited, "Too many activation attempts.").with_text("too_many_activations");
    error.retry_after_s = Some(wait_s);
    let wait_ms = i64::try_from(wait_s).unwrap_or(0).saturating_mul(1_000);
    error.with_window(tries_max.map(|limit| Window {
        limit,
        remaining: 0,
        reset_at: Timestamp(now.0.saturating_add(wait_ms)),
    }))
}

/// A machine that was bound.
struct Bound {
    license: Model,
    fingerprint: String,
    product: String,
    used: i64,
    max: Option<i64>,
}

async fn bind(tx: &Tx, deed: &Deed, held: &mut Held, form: &Machine, address: &str) -> Result<Result<Bound>> {
    let policy = held.policy.as_ref();
    let (is_floating, max) = (is_floating(&held.license, policy), seats_max(&held.license, policy));
    let known = shared::machine_of(tx, &held.license, &form.fingerprint).await?;
    let has_seat = match &known {
        Some(row) if is_floating => row.seat_until_at.is_some_and(|until| until > deed.now.0),
        Some(_) => true,
        None => false,
    };
    let used = if is_floating {
        seats(tx, &held.license, deed.now).await?
    } else {
        held.license.machines_count
    };
    if let Some(max) = max.filter(|max| !has_seat && used >= *max) {
        note_overrun(tx, deed, &mut held.license, form).await?;
        shared::replace(tx, &held.license).await?;
        return Ok(Err(full(max)));
    }
    let is_new = known.is_none();
    let mut row = known.unwrap_or_else(|| fresh(deed, &held.license, form));
    row.hostname = form.hostname.clone().or(row.hostname);
    row.address = Some(address.to_owned());
    row.seen_at = deed.now.0;
    row.updated_at = deed.now.0;
    row.seat_until_at = is_floating.then_some(deed.now.0 + rules::SEAT_MS);
    row.due_at = rules::heartbeat_due(policy, deed.now);
    row.dead_at = None;
    if is_new {
        shared::insert(tx, &row).await?;
        held.license.machines_count += 1;
    } else {
        shared::replace(tx, &row).await?;
    }
    let used = used + i64::from(!has_seat);
    let is_first = held.license.activated_at.is_none();
    held.license.activated_at = held.license.activated_at.or(Some(deed.now.0));
    shared::replace(tx, &held.license).await?;
    if is_first {
        issue::tell(tx, deed, "license.activated", &held.license).await?;
    }
    if is_new {
        let view = MachineView::new(&row, deed.now);
        tx.emit(deed.event("machine.activated", "machine", &view, vec![held.license.product])?);
    }
    if !has_seat && max == Some(used) {
        issue::tell(tx, deed, "license.limit_reached", &held.license).await?;
    }
    Ok(Ok(Bound {
        license: held.license.clone(),
        fingerprint: row.fingerprint,
        product: form.product.clone(),
        used,
        max,
    }))
}

fn fresh(deed: &Deed, license: &Model, form: &Machine) -> machine::Model {
    machine::Model {
        id: deed.id(),
        tenant: license.tenant,
        mode: license.mode,
        license: license.id,
        policy: license.policy,
        fingerprint: form.fingerprint.clone(),
        name: None,
        hostname: form.hostname.clone(),
        platform: None,
        cores: None,
        address: None,
        metadata: json!({}).into(),
        last_heartbeat_at: None,
        due_at: None,
        dead_at: None,
        seat_until_at: None,
        seen_at: deed.now.0,
        created_at: deed.now.0,
        updated_at: deed.now.0,
        deleted_at: None,
    }
}

async fn note_overrun(tx: &Tx, deed: &Deed, license: &mut Model, form: &Machine) -> Result<()> {
    let details = json!({ "fingerprint": form.fingerprint, "hostname": form.hostname });
    note(tx, deed, license, "machine_limit", details).await
}

/// Notes what looks like abuse; the licence's row is the caller's to write.
pub(super) async fn note(tx: &Tx, deed: &Deed, license: &mut Model, kind: &str, details: Value) -> Result<()> {
    if license.violations_count >= VIOLATIONS_MAX {
        return Ok(());
    }
    let row = license_violation::Model {
        id: deed.id(),
        tenant: license.tenant,
        mode: license.mode,
        license: license.id,
        kind: kind.to_owned(),
        severity: if kind == "machine_limit" { "low" } else { "high" }.to_owned(),
        details: details.into(),
        detected_at: deed.now.0,
        resolved_at: None,
    };
    license.violations_count += 1;
    shared::insert(tx, &row).await
}
