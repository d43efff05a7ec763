//! A tenant's own secrets of Stripe.

use super::types::{PaymentSettings, SetSecrets};
use crate::context::{Answer, Ctx};
use crate::domain::stripe::TYPES;
use crate::domain::{Error, Result};
use crate::payments::Secrets;
use crate::store::AuditEntry;
use secrecy::SecretString;
use serde_json::json;

/// Tells through whom payments go.
///
/// # Errors
/// `Unavailable` where the database is.
pub(super) async fn show(ctx: &Ctx) -> Result<Answer> {
    Answer::one("payment_settings", &view(ctx).await?)
}

/// Sets or clears secrets; what is not sent stays.
///
/// # Errors
/// `Validation` where nothing is sent.
pub(super) async fn set(ctx: &Ctx, form: SetSecrets) -> Result<Answer> {
    let tenant = ctx.room()?.tenant;
    let sent = [
        ("stripe_secret_key", form.stripe_secret_key.is_some()),
        ("stripe_webhook_secret", form.stripe_webhook_secret.is_some()),
        ("stripe_publishable_key", form.stripe_publishable_key.is_some()),
    ];
    let fields: Vec<&str> = sent.iter().filter(|(_, is_sent)| *is_sent).map(|(name, _)| *name).collect();
    if fields.is_empty() {
        let message = "stripe_secret_key or stripe_webhook_secret is required";
        return Err(Error::field("stripe_secret_key", "required", message));
    }
    let wanted = [form.stripe_secret_key, form.stripe_webhook_secret].map(|sent| sent.map(|text| text.map(SecretString::from)));
    let nonces = [ctx.house.ids.bytes(), ctx.house.ids.bytes()];
    let mut change = Secrets::seal(&ctx.house.sealer, tenant, wanted, nonces)?;
    change.publishable = form.stripe_publishable_key;
    let (now, entry) = (ctx.now, entry(ctx, tenant, &fields));
    ctx.store()
        .command(async move |tx| {
            tx.audit(entry.clone());
            change.apply(tx, tenant, now).await
        })
        .await?;
    show(ctx).await
}

fn entry(ctx: &Ctx, tenant: uuid::Uuid, fields: &[&str]) -> AuditEntry {
    AuditEntry {
        id: ctx.id(),
        tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: "payments.configured".to_owned(),
        target: tenant.to_string(),
        detail: json!({"fields": fields}),
        happened_at: ctx.now,
    }
}

async fn view(ctx: &Ctx) -> Result<PaymentSettings> {
    let room = ctx.room()?;
    let secrets = Secrets::read(ctx.store(), &ctx.house.sealer, room.tenant).await?;
    let provider = ctx.house.payments.provider(room.tenant, room.mode).await?;
    Ok(PaymentSettings {
        provider: provider.kind().name(),
        has_stripe_secret_key: secrets.secret_key.is_some(),
        has_stripe_webhook_secret: secrets.webhook_secret.is_some(),
        stripe_publishable_key: ctx.house.payments.publishable_key(room.tenant).await?,
        webhook_url: format!("{}/api/webhooks/stripe/{}", ctx.house.public_url, room.slug),
        webhook_events: TYPES.to_vec(),
    })
}
