//! One function per operation.

use super::rules::{self, ORIGINS, SEALED, TOKEN, TURNSTILE};
use super::types::{ChangedView, UpdateIntegrations};
use crate::context::{Answer, Ctx};
use crate::domain::seal::Sealer;
use crate::domain::{Error, Result};
use crate::store::{AuditEntry, origins, settings};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The subject of the tenant's settings that holds them; what is secret stands there sealed, as `<name>_sealed`.
pub const SUBJECT: &str = "integrations";

/// Changes integrations; what is not sent stays.
///
/// # Errors
/// `Validation` for an origin that is none.
pub async fn update(ctx: &Ctx, UpdateIntegrations(mut changes): UpdateIntegrations) -> Result<Answer> {
    let tenant = ctx.room()?.tenant;
    let mut changed_fields: Vec<String> = changes.keys().cloned().collect();
    changed_fields.sort();
    let allowed = changes.remove(ORIGINS).map(|list| rules::origins(&list)).transpose()?;
    rules::map_consent(&mut changes);
    for member in SEALED {
        seal(ctx, tenant, member, &mut changes)?;
    }
    let now = ctx.now;
    let entry = AuditEntry {
        id: ctx.id(),
        tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: "integrations.updated".to_owned(),
        target: tenant.to_string(),
        detail: json!({"fields": changed_fields}),
        happened_at: now,
    };
    ctx.command(async move |tx| {
        settings::change(tx, tenant, SUBJECT, now, |kept| {
            let mut all = kept.as_object().cloned().unwrap_or_default();
            all.extend(changes.clone());
            all.retain(|_, value| !value.is_null());
            *kept = Value::Object(all);
            Ok(())
        })
        .await?;
        if let Some(allowed) = &allowed {
            origins::replace(tx, tenant, allowed, now).await?;
        }
        tx.audit(entry.clone());
        let view = ChangedView {
            id: 1,
            updated_at: now,
            changed_fields: changed_fields.clone(),
        };
        Answer::one("integrations", &view)
    })
    .await
}

/// Reads the sealed conversions token; `None` where the master key is another one.
pub fn open_token(sealer: &Sealer, tenant: Uuid, sealed: &str) -> Option<Zeroizing<String>> {
    sealer.open_text(sealed, &format!("{SUBJECT}:{tenant}:{TOKEN}"))
}

/// Reads the sealed secret of the captcha; `None` where the master key is another one.
pub fn open_turnstile(sealer: &Sealer, tenant: Uuid, sealed: &str) -> Option<Zeroizing<String>> {
    sealer.open_text(sealed, &format!("{SUBJECT}:{tenant}:{TURNSTILE}"))
}

fn seal(ctx: &Ctx, tenant: Uuid, member: &str, changes: &mut Map<String, Value>) -> Result<()> {
    let Some(token) = changes.remove(member) else { return Ok(()) };
    let name = format!("{member}_sealed");
    let sealed = match token.as_str() {
        None => Value::Null,
        Some(token) => {
            let context = format!("{SUBJECT}:{tenant}:{member}");
            let sealed = ctx.house.sealer.seal(token.as_bytes(), ctx.house.ids.bytes(), &context);
            Value::String(sealed.map_err(Error::internal)?)
        }
    };
    changes.insert(name, sealed);
    Ok(())
}
