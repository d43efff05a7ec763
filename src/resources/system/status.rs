//! How the shop and its server stand.

use super::store::{self, Counts};
use crate::context::{Answer, House};
use crate::domain::Result;
use crate::http::Call;
use crate::payments::Provider;
use serde_json::{Value, json};

pub(super) async fn get(call: Call) -> Result<Answer> {
    let ctx = &call.ctx;
    let counted = match store::counts(ctx.store(), ctx.room()?, ctx.now).await {
        Ok(counts) => Ok(counts),
        // A database that does not answer is what this route is asked for.
        Err(error) if ctx.store().ready().await.is_err() => Err(error.message.to_string()),
        Err(error) => return Err(error),
    };
    let are_actors_ready = ctx.house.actors.ready().is_ok();
    let is_healthy = counted.is_ok() && are_actors_ready;
    let (counts, error) = match counted {
        Ok(counts) => (counts, None),
        Err(error) => (Counts::default(), Some(error)),
    };
    let view = json!({
        "status": if is_healthy { "healthy" } else { "degraded" },
        "checked_at": ctx.now,
        "version": {"api": "v1", "service": "fondaco", "build": env!("CARGO_PKG_VERSION")},
        "environment": if ctx.house.config.sandbox.clock { "sandbox" } else { "production" },
        "database": {"connected": error.is_none(), "error": error},
        "counts": shown(&counts),
        "features": {
            "stripe_enabled": is_stripe(&ctx.house, &call).await,
            "webhooks_enabled": true,
            "api_keys_enabled": true,
        },
    });
    Answer::one("system_status", &view)
}

fn shown(counts: &Counts) -> Value {
    json!({
        "products": {"total": counts.products, "active": counts.products_active},
        "users": {"total": counts.users},
        "transactions": {"total": counts.payments, "completed": counts.payments_completed},
        "refund_requests": {"pending": counts.requests_pending},
        "webhooks": {"active": counts.webhooks_active},
        "coupons": {"active": counts.coupons_active},
        "api_keys": {"active": counts.keys_active},
    })
}

/// Whether this shop's payments go through Stripe.
async fn is_stripe(house: &House, call: &Call) -> bool {
    let Ok(room) = call.ctx.room() else { return false };
    let provider = house.payments.provider(room.tenant, room.mode).await;
    matches!(provider, Ok(Provider::Stripe(_)))
}

/// The plain answer for those who watch from outside.
pub(super) async fn health(call: Call) -> Result<Answer> {
    let body = json!({"status": "ok", "timestamp": call.ctx.now.millis_text(), "service": "fondaco"});
    Ok(Answer::raw(200, "application/json", body.to_string()))
}
