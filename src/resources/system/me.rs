//! What a credential is and may do.

use crate::context::{Answer, Principal};
use crate::domain::{Result, ScopeSet};
use crate::http::Call;
use serde_json::{Value, json};

pub(super) async fn get(call: Call) -> Result<Answer> {
    let ctx = &call.ctx;
    let room = ctx.room.as_ref();
    let tenant = room.map(|room| json!({"id": room.tenant, "slug": room.slug, "dialect": room.dialect}));
    let mode = room.map(|room| room.mode.name());
    let value = match &ctx.principal {
        Principal::Key(key) => json!({
            "type": "api_key",
            "id": key.id,
            "name": key.name,
            "dialect": key.dialect,
            "scopes": ctx.dialect.scopes_write(key.scopes),
            "limits": {"per_minute": key.limits.per_minute, "per_day": key.limits.per_day},
            "expires_at": key.expires_at,
            "tenant": tenant,
            "mode": mode,
        }),
        Principal::Person(signed) => json!({
            "type": "session",
            "id": signed.person,
            "email": signed.email,
            "email_verified": signed.verified,
            "role": signed.role,
            "dialect": ctx.dialect.name,
            "scopes": ctx.dialect.scopes_write(ScopeSet::ALL),
            "tenant": tenant,
            "mode": mode,
        }),
        Principal::Operator { .. } => json!({"type": "operator"}),
        Principal::Anonymous => Value::Null,
    };
    Answer::one("me", &value)
}
