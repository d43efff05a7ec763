//! One function per operation.

use super::types::{Checkout, LicenseFile};
use super::{file, store};
use crate::context::{Answer, Ctx, Room};
use crate::domain::time::DAY_MS;
use crate::domain::{Code, Error, Mode, Result, Timestamp};
use crate::resources::licensing::views::Surroundings;
use crate::resources::licensing::{issue, rules, store as shared, tokens};
use crate::resources::tenants::signing;
use crate::store::credentials;
use entities::license;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;
use uuid::Uuid;

/// Seconds a licence file is good for, where nobody says otherwise: two weeks.
const TTL_S: i64 = 14 * 86_400;
/// What a public answer is: no dialect's.
const JSON: &str = "application/json";

/// Checks out a licence file, for as long as is asked for, or as its policy allows where that is shorter.
///
/// # Errors
/// `NotFound`; `Conflict` where the licence is in the way; `BusinessRule` where its policy allows none.
pub async fn checkout(ctx: &Ctx, id: Uuid, form: Checkout) -> Result<Answer> {
    let (room, db) = (ctx.room()?, ctx.store().read());
    let row = shared::license(db, room, id).await?.ok_or_else(issue::missing)?;
    let around = Surroundings::of(db, room, std::slice::from_ref(&row)).await?;
    let policy = around.policy(&row);
    if let Some(obstacle) = rules::obstacle(&row, policy, ctx.now) {
        return Err(obstacle);
    }
    let max_s = policy.map_or(i64::MAX, |policy| policy.offline_max_days.saturating_mul(DAY_MS / 1000));
    let ttl = form.ttl.unwrap_or(TTL_S).min(max_s);
    if policy.is_some_and(|policy| !policy.offline_allowed) {
        return Err(Error::new(Code::BusinessRule, "The policy allows no licence files."));
    }
    let until = end_of_file(&row, ctx.now, ttl);
    let view = around.view(&row, ctx.now);
    let keys = signing::of(&ctx.house, room.tenant, ctx.now).await?;
    let payload = json!({
        "license": {
            "id": row.id, "status": view.status, "name": row.name, "productId": row.product, "policyId": row.policy,
            "expiresAt": view.expires_at.map(Timestamp::millis_text), "metadata": view.metadata,
        },
        "fingerprint": form.fingerprint,
        "entitlements": view.entitlements,
        "ttl": ttl,
    });
    let file = LicenseFile {
        certificate: file::certificate(&keys, &payload, ctx.now, until)?,
        license: view,
        fingerprint: form.fingerprint,
        ttl,
        expires_at: until,
    };
    Answer::one("license_file", &file)
}

/// A file outlives neither its time nor, where it still has an end ahead, its licence.
fn end_of_file(row: &license::Model, now: Timestamp, ttl: i64) -> Timestamp {
    let until = now.0.saturating_add(ttl.saturating_mul(1000));
    let end = row.expires_at.filter(|at| *at > now.0);
    Timestamp(end.map_or(until, |end| end.min(until)))
}

/// Headers that sign an answer for a tenant's clients.
///
/// # Errors
/// `Internal` where the key was sealed under another master key.
pub async fn sign_answer(ctx: &Ctx, tenant: Uuid, body: &str) -> Result<Vec<(String, String)>> {
    let name = format!("answers:{tenant}");
    let key: Arc<SecretString> = match ctx.house.memory.get(&name) {
        Some(key) => key,
        None => {
            let keys = signing::of(&ctx.house, tenant, ctx.now).await?;
            ctx.house.memory.keep(name, keys.answers().clone())
        }
    };
    let at = ctx.now.seconds();
    let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()).map_err(Error::internal)?;
    let signature = mac.chain_update(format!("{at}.")).chain_update(body).finalize().into_bytes();
    Ok(vec![
        ("X-Signature".to_owned(), hex::encode(signature)),
        ("X-Signature-Timestamp".to_owned(), at.to_string()),
    ])
}

/// The public key that an account's licence files are checked with.
///
/// # Errors
/// `NotFound`.
pub async fn public_key(ctx: &Ctx, account: &str) -> Result<Answer> {
    let room = account_of(ctx, account, Mode::Live).await?;
    let keys = signing::of(&ctx.house, room.tenant, ctx.now).await?;
    let key = keys.public_key();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n");
    plain(&json!({ "account": room.slug, "algorithm": "ed25519", "publicKey": key, "pem": pem }))
}

/// An account's withdrawn licences, in clear and signed.
///
/// # Errors
/// `NotFound`.
pub async fn revocation_list(ctx: &Ctx, account: &str, mode: &str) -> Result<Answer> {
    let mode = Mode::parse(mode).unwrap_or(Mode::Live);
    let room = account_of(ctx, account, mode).await?;
    let rows = store::withdrawn(ctx.store(), &room).await?;
    let entry = |row: &license::Model| {
        let at = row.revoked_at.or(row.banned_at).map(|at| Timestamp(at).millis_text());
        json!({ "id": row.id, "status": row.status.name(), "revokedAt": at })
    };
    let revoked: Vec<Value> = rows.iter().map(entry).collect();
    let keys = signing::of(&ctx.house, room.tenant, ctx.now).await?;
    let signed = file::signed(&keys, &json!({ "account": room.slug, "revoked": revoked }), ctx.now, None)?;
    plain(&json!({
        "account": room.slug,
        "issuedAt": ctx.now.millis_text(),
        "revoked": revoked,
        "signed": signed,
        "publicKey": keys.public_key(),
    }))
}

/// The keys that a seller's licence tokens are checked with.
///
/// # Errors
/// `Validation` without a seller, `NotFound`.
pub async fn key_set(ctx: &Ctx, seller: &str) -> Result<Answer> {
    let room = seller_of(ctx, seller).await?;
    plain(&json!({ "keys": tokens::published(&ctx.house, room.tenant, ctx.now).await? }))
}

/// Hashes of a seller's orders whose licences were withdrawn, of those that begin with a few hex digits: enough to look up
/// one's own, too few to tell whose was asked for.
///
/// # Errors
/// `Validation` for a prefix that is none, `NotFound`.
pub async fn order_hashes(ctx: &Ctx, seller: &str, prefix: &str) -> Result<Answer> {
    let prefix = prefix.to_ascii_lowercase();
    let is_hex = prefix.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || !(2..=16).contains(&prefix.len()) {
        return Err(Error::field("prefix", "pattern", "prefix must be 2 to 16 hex digits"));
    }
    let room = seller_of(ctx, seller).await?;
    let hashes = store::order_hashes(ctx.store(), room.tenant, &prefix).await?;
    plain(&json!({ "order_hashes": hashes }))
}

async fn seller_of(ctx: &Ctx, seller: &str) -> Result<Room> {
    if seller.is_empty() {
        return Err(Error::field("seller", "required", "seller is required"));
    }
    account_of(ctx, seller, Mode::Live).await
}

async fn account_of(ctx: &Ctx, name: &str, mode: Mode) -> Result<Room> {
    let tenant = credentials::tenant_by_name(ctx.store(), name).await?;
    let room = tenant.and_then(|tenant| Room::of(&tenant, mode));
    room.ok_or_else(|| Error::not_found("account"))
}

fn plain(value: &Value) -> Result<Answer> {
    Ok(Answer::raw(200, JSON, value.to_string()))
}
