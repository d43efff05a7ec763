//! `Idempotency-Key`: the same key and body give the stored answer, another body is refused, and two at once are not
//! both let in.

use super::call::Call;
use crate::actors::meter::{InFlight, InFlightKey};
use crate::context::{Answer, Intent};
use crate::domain::{Code, Error, Result};
use crate::store::idempotency;
use actix_web::http::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Longest key, in bytes.
const KEY_MAX: usize = 255;

/// What is known of the key.
pub enum Replay {
    /// It was answered before.
    Stored(Box<Answer>),
    /// It is new; the ticket keeps others out until it is dropped.
    First(InFlight),
}

/// Whether the answer to the call is to be remembered: a POST by somebody, on a route that does not say otherwise.
pub fn applies(call: &Call) -> bool {
    call.route.method == Method::POST
        && call.route.is_remembered
        && call.headers.contains_key("idempotency-key")
        && call.ctx.principal.name().is_some()
}

/// Looks the key up and claims it for this call.
///
/// # Errors
/// `Malformed` for a key of wrong length; `IdempotencyMismatch` and `IdempotencyInFlight`, unless the body is wrong by
/// itself, which goes before.
pub async fn begin(call: &mut Call, path: &str) -> Result<Replay> {
    let intent = intent(call, path)?;
    let claim = InFlightKey::new(&intent.principal, &intent.route, &intent.key_digest);
    let house = &call.ctx.house;
    let Some(ticket) = house.actors.begin(claim).await? else {
        let mut error = Error::new(
            Code::IdempotencyInFlight,
            "A request with this Idempotency-Key is being worked on.",
        );
        error.retry_after_s = Some(1);
        return Err(refusal(call, error));
    };
    let now = call.ctx.now;
    let stored = idempotency::find(&house.store, &intent.principal, &intent.route, &intent.key_digest, now).await?;
    if let Some(record) = stored {
        if record.body_digest != intent.body_digest {
            let error = Error::new(Code::IdempotencyMismatch, "This Idempotency-Key was used with another body.");
            return Err(refusal(call, error));
        }
        // An answer that cannot be opened was sealed under another master key; the command itself then refuses.
        if let Some(answer) = record.sealed.as_deref().and_then(|sealed| house.open_answer(sealed, &intent)) {
            return Ok(Replay::Stored(Box::new(answer)));
        }
    }
    call.ctx.idempotency = Some(intent);
    Ok(Replay::First(ticket))
}

/// What the key stands for: the caller in his tenant and mode, the operation at its path, query and body.
fn intent(call: &Call, path: &str) -> Result<Intent> {
    let key = call.header("idempotency-key").unwrap_or("");
    if key.is_empty() || key.len() > KEY_MAX {
        return Err(Error::malformed("`Idempotency-Key` takes 1 to 255 characters."));
    }
    let ctx = &call.ctx;
    let principal = ctx.principal.name().unwrap_or_default();
    // A person may act for several tenants, and for each in two modes.
    let principal = match &ctx.room {
        Some(room) => format!("{principal}@{}/{}", room.tenant, room.mode.name()),
        None => principal,
    };
    let mut body = Sha256::new();
    for (name, value) in &call.query {
        for part in [name, value] {
            body.update(part.len().to_be_bytes());
            body.update(part);
        }
    }
    // No name has this length, so that no query reads like a body.
    body.update(usize::MAX.to_be_bytes());
    body.update(&call.bytes);
    Ok(Intent {
        principal,
        route: format!("{} {path}", call.route.op),
        key_digest: Sha256::digest(key.as_bytes()).into(),
        body_digest: body.finalize().into(),
        is_kept: Arc::default(),
    })
}

/// Validation goes before what is said about the key; reading the body changes nothing.
fn refusal(call: &Call, error: Error) -> Error {
    call.form::<Value>().err().unwrap_or(error)
}
