//! A sample delivery on request: one try now, whether the endpoint is on or off, and a row in the log.

use super::service::missing;
use super::store;
use super::types::TestEndpoint;
use crate::context::{Answer, Ctx, Room};
use crate::domain::catalogue::{Catalogue, Kind, TEST_EVENT};
use crate::domain::dialect::Dialect;
use crate::domain::{Error, Event, Result};
use crate::resources::webhooks::logs::types::ResultView;
use serde_json::{Value, json};
use uuid::Uuid;

/// Sends one signed sample and answers how it went.
///
/// # Errors
/// `NotFound`; `Validation` for an event that the endpoint's dialect does not carry.
pub async fn send(ctx: &Ctx, id: Uuid, form: TestEndpoint) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let endpoint = store::find(ctx.store().read(), &room, id).await?.ok_or_else(missing)?;
    let dialect = ctx.house.dialects.get(&endpoint.dialect).unwrap_or(&ctx.dialect);
    let kind = kind(dialect, form.event_type.as_deref())?;
    let event = Event {
        id: ctx.id(),
        tenant: room.tenant,
        mode: room.mode,
        name: kind.name.clone(),
        view: kind.view.clone(),
        data: data(kind, &room),
        products: Vec::new(),
        created_at: ctx.now,
    };
    let (row, body) = ctx.house.actors.sample(&event, &endpoint);
    let written = row.clone();
    ctx.store()
        .command(async move |tx| store::add_delivery(tx, &written, &body).await)
        .await?;
    let view = ResultView::from(ctx.house.actors.attempt_now(row).await?);
    ctx.command(async move |_| Answer::one("webhook_result", &view)).await
}

fn kind(dialect: &Dialect, name: Option<&str>) -> Result<&'static Kind> {
    let catalogue = Catalogue::built_in();
    let name = name.filter(|name| *name != "*");
    let found = name.map_or_else(|| catalogue.get(TEST_EVENT), |name| catalogue.called(dialect, name));
    found.ok_or_else(|| {
        Error::field(
            "event_type",
            "unknown_event",
            "event_type is no event of this endpoint's dialect",
        )
    })
}

/// A specimen; the synthetic event tells something about the sender.
fn data(kind: &Kind, room: &Room) -> Value {
    if kind.name != TEST_EVENT {
        return kind.data().clone();
    }
    let system = json!({"version": env!("CARGO_PKG_VERSION"), "environment": room.mode.name()});
    json!({"message": "This is a test event.", "system": system})
}
