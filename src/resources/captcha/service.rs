//! One function per operation.

use super::rules::{self, Provider, Solution};
use super::store;
use crate::actors::MeterKey;
use crate::context::Ctx;
use crate::domain::rate_limit::Limits;
use crate::domain::time::MINUTE_MS;
use crate::domain::{Error, Result, Timestamp};
use crate::resources::integrations;
use crate::store::settings;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Puzzles an address may ask for in a minute.
const PER_ADDRESS: Limits = Limits::per_minute(60);
/// How long a puzzle may be solved and shown.
const LIFE_MS: i64 = 10 * MINUTE_MS;
/// What our own puzzles are signed for.
const CONTEXT: &str = "captcha";

/// What a page needs to show a shop's puzzle; `None` where the shop asks for none.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn asked(ctx: &Ctx, tenant: Uuid) -> Result<Option<Value>> {
    let set = set(ctx, tenant).await?;
    let provider = Provider::of(&set);
    Ok((provider != Provider::None).then(|| shown(ctx, provider, &set)))
}

/// The same, saying so where the shop asks for none.
pub fn none() -> Value {
    rules::shown(Provider::None, None, "")
}

fn shown(ctx: &Ctx, provider: Provider, set: &Map<String, Value>) -> Value {
    let site_key = set.get("turnstile_site_key").and_then(Value::as_str);
    rules::shown(provider, site_key, &ctx.house.public_url)
}

/// A piece of work for a browser. What it is signed with says when it ends, and is told nobody.
///
/// # Errors
/// `RateLimited`.
pub async fn challenge(ctx: &Ctx) -> Result<Value> {
    let key = MeterKey::Op("captcha.challenge", ctx.address);
    ctx.house.actors.meter(key, PER_ADDRESS, ctx.now).await?;
    let until = Timestamp(ctx.now.0 + LIFE_MS);
    let salt = format!("{}?expires={}", hex::encode(ctx.house.ids.bytes::<12>()), until.seconds());
    let chance = u64::from_be_bytes(ctx.house.ids.bytes());
    let challenge = rules::digest(&salt, chance % rules::NUMBER_MAX);
    let signed = format!("{challenge}.{}", until.0);
    let signature = ctx.house.sealer.seal(signed.as_bytes(), ctx.house.ids.bytes(), CONTEXT);
    Ok(json!({
        "algorithm": "SHA-256",
        "challenge": challenge,
        "maxnumber": rules::NUMBER_MAX,
        "salt": salt,
        "signature": signature.map_err(Error::internal)?,
    }))
}

/// Checks the proof a shop asks for; each is good once.
///
/// # Errors
/// `Validation` without a proof or with one that is not good; `Unavailable` where whoever gave it cannot be asked.
pub async fn check(ctx: &Ctx, tenant: Uuid, token: Option<&str>) -> Result<()> {
    let set = set(ctx, tenant).await?;
    let provider = Provider::of(&set);
    if provider == Provider::None {
        return Ok(());
    }
    let Some(token) = token.map(str::trim).filter(|token| !token.is_empty()) else {
        return Err(refused("Show that you are no robot, please."));
    };
    let is_good = match provider {
        Provider::None => true,
        Provider::Turnstile => is_good_at_turnstile(ctx, tenant, &set, token).await?,
        Provider::Altcha => is_solved(ctx, token).await?,
    };
    match is_good {
        true => Ok(()),
        false => Err(refused("The captcha was not solved, or its time is over. Try again.")),
    }
}

fn refused(text: &'static str) -> Error {
    Error::field("captcha_token", "captcha", text)
}

async fn set(ctx: &Ctx, tenant: Uuid) -> Result<Map<String, Value>> {
    let set = settings::read(ctx.store(), tenant, integrations::SUBJECT).await?;
    Ok(set.as_object().cloned().unwrap_or_default())
}

async fn is_good_at_turnstile(ctx: &Ctx, tenant: Uuid, set: &Map<String, Value>, token: &str) -> Result<bool> {
    let sealed = set
        .get("turnstile_secret_key_sealed")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let secret = integrations::service::open_turnstile(&ctx.house.sealer, tenant, sealed);
    let secret = secret.ok_or_else(|| Error::internal("a captcha's secret does not open"))?;
    let body = json!({
        "secret": *secret,
        "response": token,
        "remoteip": ctx.address.to_canonical().to_string(),
    });
    let answered = ctx.house.outward.post(&ctx.house.config.turnstile_verify_url, &body).await;
    let told = match answered {
        Ok(answer) => serde_json::from_slice::<Value>(&answer.body).ok(),
        Err(failure) => {
            tracing::warn!(%failure, "Turnstile could not be asked");
            None
        }
    };
    match told.as_ref().and_then(|told| told.get("success")).and_then(Value::as_bool) {
        Some(is_good) => Ok(is_good),
        None => {
            let mut error = Error::unavailable(5);
            error.message = "The captcha cannot be checked at the moment.".into();
            Err(error)
        }
    }
}

async fn is_solved(ctx: &Ctx, token: &str) -> Result<bool> {
    let Some(solution) = Solution::read(token).filter(Solution::is_right) else {
        return Ok(false);
    };
    let signed = ctx.house.sealer.open_text(&solution.signature, CONTEXT);
    let until = signed.as_deref().and_then(|signed| {
        let (challenge, until) = signed.split_once('.')?;
        (challenge == solution.challenge).then(|| until.parse::<i64>().ok())?
    });
    let Some(until) = until.filter(|until| *until > ctx.now.0) else {
        return Ok(false);
    };
    let digest = Sha256::digest(&solution.challenge).to_vec();
    ctx.store()
        .command(async move |tx| store::use_once(tx, &digest, Timestamp(until)).await)
        .await
}
