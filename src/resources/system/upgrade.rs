//! What version runs, what the newest is, and becoming it.

use crate::context::Answer;
use crate::domain::dialect::Done;
use crate::domain::{Error, Result};
use crate::http::Call;
use crate::upgrades::RUNNING;
use serde_json::json;
use uuid::Uuid;

pub(super) async fn check(call: Call) -> Result<Answer> {
    let is_forced = call
        .query
        .iter()
        .any(|(name, value)| name == "force" && matches!(value.as_str(), "true" | "1"));
    let latest = call.ctx.house.upgrades.latest(is_forced).await;
    let is_newer = latest.as_ref().is_some_and(|release| release.is_newer(RUNNING));
    let latest = latest.filter(|_| is_newer);
    let view = json!({
        "current_version": RUNNING,
        "latest_version": latest.as_ref().map_or(RUNNING, |release| &release.version),
        "update_available": is_newer,
        "release_notes": latest.as_ref().and_then(|release| release.notes.clone()),
        "published_at": latest.as_ref().and_then(|release| release.published_at.clone()),
        "release_url": latest.as_ref().and_then(|release| release.url.clone()),
    });
    Answer::one("system_update", &view)
}

pub(super) async fn begin(call: Call) -> Result<Answer> {
    let token = call.ctx.id();
    call.ctx.house.upgrades.begin(token)?;
    tracing::info!(actor = call.ctx.principal.name(), upgrade.token = %token, "an upgrade was asked for");
    let view = json!({
        "status": "upgrading",
        "token": token,
        "message": "The upgrade has begun. Ask GET /api/v1/system/upgrade-status with this token how far it is.",
    });
    Answer::with(Done::Accepted, "system_upgrade", &view)
}

pub(super) async fn status(call: Call) -> Result<Answer> {
    let token = call.query.iter().find(|(name, _)| name == "token");
    let token = token.and_then(|(_, token)| Uuid::try_parse(token).ok());
    let token = token.ok_or_else(|| Error::field("token", "uuid", "token must be a UUID"))?;
    let known = call.ctx.house.upgrades.status(token)?;
    let mut view = json!({
        "step": known.step,
        "progress": known.progress,
        "message": known.message,
        "written_at": known.at,
    });
    if let Some(rollback) = known.rollback {
        view["rollback"] = rollback.into();
    }
    Answer::one("system_progress", &view)
}
