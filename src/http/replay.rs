//! `Idempotency-Key`: the same key and body give the stored answer, another body is refused, and two at once are not
//! both let in.

use super::call::Call;
use crate::actors::meter::{InFlight, InFlightKey};
use crate::context::{Answer, Intent};
use crate::domain::{Code, Error, Result};
use crate::store::idempotency;
use actix_web::http::Method;
use sha2::{Digest, Sha256};

/// Longest key, in bytes.
const KEY_MAX: usize = 255;

/// What is known of the key.
pub enum Replay {
    /// It was answered before.
    Stored(Box<Answer>),
    /// It is new; the ticket keeps others out until it is dropped.
    First(InFlight),
}

/// Whether the call is one whose answer can be remembered: a POST by somebody.
pub fn applies(call: &Call) -> bool {
    call.route.method == Method::POST && call.headers.contains_key("idempotency-key") && call.ctx.principal.name().is_some()
}

/// Looks the key up and claims it for this call.
///
/// # Errors
/// `Malformed` for a key of wrong length, `IdempotencyInFlight`, `IdempotencyMismatch`.
pub async fn begin(call: &mut Call, path: &str) -> Result<Replay> {
    let key = call.header("idempotency-key").unwrap_or("").to_owned();
    if key.is_empty() || key.len() > KEY_MAX {
        return Err(Error::malformed("`Idempotency-Key` takes 1 to 255 characters."));
    }
    let ctx = &call.ctx;
    let principal = ctx.principal.name().unwrap_or_default();
    let route = format!("{} {path}", call.route.op);
    let intent = Intent {
        principal: principal.clone(),
        route: route.clone(),
        key_digest: Sha256::digest(key.as_bytes()).into(),
        body_digest: Sha256::digest(&call.bytes).into(),
    };
    let claim = InFlightKey::new(&principal, &route, &intent.key_digest);
    let Some(ticket) = ctx.house.actors.begin(claim).await? else {
        let mut error = Error::new(
            Code::IdempotencyInFlight,
            "A request with this Idempotency-Key is being worked on.",
        );
        error.retry_after_s = Some(1);
        return Err(error);
    };
    let stored = idempotency::find(
        &ctx.house.store,
        &intent.principal,
        &intent.route,
        &intent.key_digest,
        ctx.now,
    )
    .await?;
    if let Some(record) = stored {
        if record.body_digest != intent.body_digest {
            return Err(Error::new(
                Code::IdempotencyMismatch,
                "This Idempotency-Key was used with another body.",
            ));
        }
        if let Some(answer) = record
            .sealed
            .as_deref()
            .and_then(|sealed| ctx.house.open_answer(sealed, &intent))
        {
            return Ok(Replay::Stored(Box::new(answer)));
        }
    }
    call.ctx.idempotency = Some(intent);
    Ok(Replay::First(ticket))
}
