//! One function per operation: noting a sale, and telling of it.

use super::rules::{self, Extent, Sold};
use super::store;
use crate::context::{Deed, House};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::consents::rules::Consent;
use crate::resources::integrations;
use crate::store::{Tx, settings};
use entities::Mode;
use entities::conversion::Model;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How long a claim on a row holds, in milliseconds: longer than an attempt.
const CLAIM_MS: i64 = 60_000;

/// Notes a sale in the command that books it, where the shop's settings and the buyer's consent want it told.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn note(tx: &Tx, deed: &Deed, sold: &Sold<'_>) -> Result<()> {
    let (_, set) = settings::with_name(tx, deed.room.tenant, integrations::SUBJECT).await?;
    let text = |name: &str| set.get(name).and_then(Value::as_str);
    let is_on = set.get("fb_capi_enabled") == Some(&Value::Bool(true)) && text("facebook_capi_token_sealed").is_some();
    let (true, Some(pixel)) = (is_on, text("facebook_pixel_id")) else {
        return Ok(());
    };
    let test_code = text("facebook_test_event_code").map(str::to_owned);
    // Test data is told as test events or not at all.
    let is_test = Mode::from(deed.room.mode) == Mode::Test;
    let extent = rules::extent(text("conversion_tracking_mode"), Consent::of(sold.begun));
    if extent == Extent::Nothing || (is_test && test_code.is_none()) || sold.payment.amount_minor == 0 {
        return Ok(());
    }
    let row = Model {
        id: sold.payment.id,
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        pixel: pixel.to_owned(),
        test_code,
        body: rules::event(sold, extent, &deed.public_url).into(),
        due_at: deed.now.0,
        attempts: 0,
        sent_at: None,
        given_up_at: None,
        last_error: None,
        created_at: deed.now.0,
    };
    store::insert(tx, &row).await
}

/// Tells of the sales that are due; answers whether there may be more.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn tell_due(house: &House, now: Timestamp) -> Result<bool> {
    let due = store::due(house.store.read(), now).await?;
    let is_full = u64::try_from(due.len()).is_ok_and(|rows| rows == store::BATCH_ROWS);
    for row in due {
        let claimed = now.0 + CLAIM_MS;
        if store::claim(&house.store, row.id, row.due_at, claimed).await? {
            let tried = tell(house, &row).await;
            store::record(&house.store, claimed, after(row, tried, now)).await?;
        }
    }
    Ok(is_full)
}

/// Why an attempt failed, and whether another is worth while.
struct Refused {
    text: String,
    is_final: bool,
}

async fn tell(house: &House, row: &Model) -> std::result::Result<(), Refused> {
    let passing = |text: String| Refused { text, is_final: false };
    let token = token(house, row).await.map_err(|error| passing(error.to_string()))?;
    let Some(token) = token else {
        return Err(Refused {
            text: "the shop has no token any more".to_owned(),
            is_final: true,
        });
    };
    // In the body, not in the address, which ends up in logs.
    let mut body = json!({"data": [row.body.0], "access_token": *token});
    if let Some(code) = &row.test_code {
        body["test_event_code"] = code.as_str().into();
    }
    let url = rules::path(&house.config.meta_api_base, &row.pixel);
    let answer = house.outward.post(&url, &body).await;
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        Ok(answer) => Err(Refused {
            text: format!("it answered {}", answer.status),
            is_final: rules::is_final(answer.status),
        }),
        Err(failure) => Err(passing(failure.to_string())),
    }
}

async fn token(house: &House, row: &Model) -> Result<Option<Zeroizing<String>>> {
    let set = settings::read(&house.store, row.tenant, integrations::SUBJECT).await?;
    let Some(sealed) = set.get("facebook_capi_token_sealed").and_then(Value::as_str) else {
        return Ok(None);
    };
    let opened = integrations::service::open_token(&house.sealer, row.tenant, sealed);
    opened
        .map(Some)
        .ok_or_else(|| Error::internal("a conversions token does not open"))
}

fn after(mut row: Model, tried: std::result::Result<(), Refused>, now: Timestamp) -> Model {
    row.attempts += 1;
    match tried {
        Ok(()) => {
            (row.sent_at, row.last_error) = (Some(now.0), None);
        }
        Err(refused) => {
            tracing::warn!(payment.id = %row.id, error = refused.text, "a conversion was not told");
            row.last_error = Some(refused.text);
            match rules::wait_ms(row.attempts).filter(|_| !refused.is_final) {
                Some(wait) => row.due_at = now.0 + wait,
                None => row.given_up_at = Some(now.0),
            }
        }
    }
    row
}
