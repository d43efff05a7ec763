//! What a credential is and may do.

use crate::context::{Answer, Principal};
use crate::domain::{Result, ScopeSet};
use crate::http::Call;
use serde_json::{Value, json};

pub(super) async fn get(call: Call) -> Result<Answer> {
    let ctx = &call.ctx;
    let room = ctx.room.as_ref();
    let mut value = json!({
        "tenant": room.map(|room| json!({"id": room.tenant, "slug": room.slug, "dialect": room.dialect})),
        "mode": room.map(|room| room.mode.name()),
        "dialect": ctx.dialect.name,
    });
    let own = match &ctx.principal {
        Principal::Key(key) => json!({
            "kind": "api_key",
            "key": {"id": key.id, "name": key.name, "expires_at": key.expires_at},
            "scopes": ctx.dialect.scopes_write(key.scopes),
            "rate_limit_per_minute": key.limits.per_minute,
            "rate_limit_per_day": key.limits.per_day,
        }),
        Principal::Person(signed) => json!({
            "kind": "session",
            "person": {"id": signed.person, "email": signed.email, "email_verified": signed.verified},
            "role": signed.role,
            "scopes": ctx.dialect.scopes_write(ScopeSet::ALL),
        }),
        Principal::License(license) => json!({"kind": "license", "id": license.id}),
        Principal::Operator { .. } => json!({"kind": "operator"}),
        Principal::Anonymous => Value::Null,
    };
    if let (Some(value), Some(own)) = (value.as_object_mut(), own.as_object()) {
        value.extend(own.clone());
    }
    Answer::one("me", &value)
}
