//! One function per operation. Answers are not dressed by a dialect: a receiver stands for the subscriber's side.

use super::store;
use crate::context::{Answer, Ctx, House};
use crate::domain::signature::{self, Checked, Diagnosis};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::webhooks::endpoints::service::secret_context;
use entities::{receiver, receiver_hit};
use serde_json::{Map, Value, json};

/// Makes a receiver.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn create(ctx: &Ctx) -> Result<Answer> {
    let token = hex::encode(ctx.house.ids.bytes::<16>());
    let row = receiver::Model {
        token,
        tenant: ctx.room.as_ref().map(|room| room.tenant),
        created_at: ctx.now.0,
    };
    let view = json!({"token": row.token, "url": url_of(&ctx.house, &row.token), "created_at": ctx.now.millis_text()});
    ctx.store().command(async move |tx| store::insert(tx, &row).await).await?;
    plain(201, &json!({ "data": view }))
}

/// Takes a delivery and judges its signature with the secrets of the endpoints that send here.
///
/// # Errors
/// `NotFound` for an unknown token.
pub async fn take(ctx: &Ctx, token: &str, headers: Map<String, Value>, body: &[u8]) -> Result<Answer> {
    store::find(ctx.store().read(), token).await?.ok_or_else(missing)?;
    let verdict = judge(ctx, token, &headers, body).await?;
    let row = receiver_hit::Model {
        id: ctx.id(),
        token: token.to_owned(),
        received_at: ctx.now.0,
        headers: Value::Object(headers).into(),
        body: String::from_utf8_lossy(body).replace('\0', "\u{fffd}"),
        verdict: verdict.into(),
    };
    ctx.store().command(async move |tx| store::add_hit(tx, &row).await).await?;
    plain(200, &json!({"received": true}))
}

/// Shows the deliveries taken, newest first.
///
/// # Errors
/// `NotFound` for an unknown token.
pub async fn show(ctx: &Ctx, token: &str) -> Result<Answer> {
    store::find(ctx.store().read(), token).await?.ok_or_else(missing)?;
    let hits = store::hits(ctx.store(), token).await?;
    let deliveries: Vec<Value> = hits
        .into_iter()
        .map(|hit| {
            let verified = hit.verdict.0.get("verified").cloned();
            json!({
                "received_at": Timestamp(hit.received_at).millis_text(),
                "verified": verified,
                "verdict": hit.verdict.0,
                "headers": hit.headers.0,
                "body": hit.body,
            })
        })
        .collect();
    plain(
        200,
        &json!({"data": {"token": token, "url": url_of(&ctx.house, token), "deliveries": deliveries}}),
    )
}

/// What a careful receiver would find: every signature scheme present, each checked on its own.
async fn judge(ctx: &Ctx, token: &str, headers: &Map<String, Value>, body: &[u8]) -> Result<Value> {
    let endpoints = store::endpoints_at(ctx.store(), &url_of(&ctx.house, token)).await?;
    let mut verdict = json!({"verified": false, "reason": "no endpoint of this server sends to this receiver"});
    for endpoint in endpoints {
        let sealer = &ctx.house.sealer;
        let Some(secret) = sealer.open_text(&endpoint.secret_sealed, &secret_context(endpoint.id)) else {
            continue;
        };
        let checked = Checked {
            secret: &secret,
            body,
            now: ctx.now,
        };
        let schemes = check(ctx, &endpoint.dialect, headers, &checked);
        let good = !schemes.is_empty() && schemes.iter().all(|(_, outcome)| outcome.is_ok());
        let told: Map<String, Value> = schemes
            .into_iter()
            .map(|(name, outcome)| {
                (
                    name,
                    outcome.map_or_else(|wrong| json!(wrong.to_string()), |()| json!("valid")),
                )
            })
            .collect();
        verdict = json!({"verified": good, "endpoint_id": endpoint.id, "signatures": told});
        if good {
            break;
        }
    }
    Ok(verdict)
}

fn check(
    ctx: &Ctx,
    dialect: &str,
    headers: &Map<String, Value>,
    checked: &Checked<'_>,
) -> Vec<(String, std::result::Result<(), Diagnosis>)> {
    let header = |name: &str| headers.get(&name.to_ascii_lowercase()).and_then(Value::as_str);
    let standard = signature::verify_standard(
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        checked,
    );
    let mut schemes = vec![("standard-webhooks".to_owned(), standard)];
    let names = ctx
        .house
        .dialects
        .get(dialect)
        .map(|dialect| dialect.webhooks.headers.clone())
        .unwrap_or_default();
    if let Some(name) = names.signature {
        let value = header(&name);
        let outcome = match names.timestamp {
            Some(timestamp) => signature::verify_hex(value, header(&timestamp), checked),
            None => signature::verify_t_v1(value, checked),
        };
        schemes.push((name, outcome));
    }
    schemes
}

fn url_of(house: &House, token: &str) -> String {
    format!("{}/sandbox/receiver/{token}", house.public_url)
}

fn plain(status: u16, value: &Value) -> Result<Answer> {
    Ok(Answer::raw(status, "application/json", value.to_string()))
}

fn missing() -> Error {
    Error::not_found("receiver")
}
