//! One function per operation.

use super::rules::{self, cut};
use super::store;
use crate::actors::MeterKey;
use crate::context::Ctx;
use crate::domain::rate_limit::Limits;
use crate::domain::{Error, Result};
use crate::resources::integrations;
use crate::store::settings;
use entities::consent;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Answers an address may give in a minute.
const PER_ADDRESS: Limits = Limits::per_minute(60);

/// What became of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Whether the shop keeps a log of it.
    pub is_logged: bool,
    /// The checkout it is about.
    pub checkout: Uuid,
}

/// Takes what a visitor agrees to; whoever has a checkout's address is its visitor.
///
/// # Errors
/// `Validation`; `NotFound` for a checkout that is none or is done with; `RateLimited`.
pub async fn give(ctx: &Ctx, body: &Map<String, Value>, agent: Option<&str>) -> Result<Taken> {
    let key = MeterKey::Op("consents.give", ctx.address);
    ctx.house.actors.meter(key, PER_ADDRESS, ctx.now).await?;
    let given = rules::given(body)?;
    let (id, now, address) = (ctx.id(), ctx.now, ctx.address.to_canonical().to_string());
    let agent = agent.map(cut);
    ctx.store()
        .command(async move |tx| {
            let row = store::open_checkout(tx, given.checkout).await?;
            let row = row.ok_or_else(|| Error::not_found("checkout"))?;
            let metadata = rules::noted(&row.metadata.0, given.consent, &address, agent.as_deref());
            store::note(tx, &row, metadata.into(), now).await?;
            let (_, set) = settings::with_name(tx, row.tenant, integrations::SUBJECT).await?;
            let is_logged = set.get("consent_logging_enabled") == Some(&Value::Bool(true));
            if is_logged {
                let digest = Sha256::digest(format!("{}:{address}", row.tenant));
                let entry = consent::Model {
                    id,
                    tenant: row.tenant,
                    mode: row.mode,
                    checkout: Some(row.id),
                    visitor: given.visitor.clone(),
                    analytics: given.consent.analytics,
                    marketing: given.consent.marketing,
                    version: given.version.clone(),
                    address_digest: hex::encode(digest),
                    user_agent: agent.clone(),
                    created_at: now.0,
                };
                store::insert(tx, &entry).await?;
            }
            Ok(Taken {
                is_logged,
                checkout: row.id,
            })
        })
        .await
}
