//! What came of attempts, in one command: the attempt, the delivery, the endpoint's health, the end of the lease.

use super::notice::Notice;
use super::settle;
use crate::clock::Ids;
use crate::domain::delivery::{Decision, Health, HealthChange, observe};
use crate::domain::{Event, Result, Timestamp};
use crate::store::{Store, Tx};
use entities::delivery::{self, Column, Status};
use entities::{attempt, endpoint};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// One finished attempt and what was decided on it.
#[derive(Clone, Debug)]
pub struct Made {
    /// The attempt's row.
    pub attempt: attempt::Model,
    /// Where it went.
    pub endpoint: Uuid,
    /// Whether somebody only tried the endpoint out, which leaves its health alone.
    pub is_sample: bool,
    /// What becomes of the delivery.
    pub decision: Decision,
    /// What becomes of the deliveries that wait for the same endpoint when it is switched off.
    pub waiting_become: Status,
    /// When it ended, on the server's clock.
    pub ended_at: Timestamp,
}

impl Made {
    fn is_delivered(&self) -> bool {
        self.decision == Decision::Delivered
    }
}

/// Records attempts whose leases `owner` still holds; tells how many of them were.
pub async fn attempts(store: &Store, owner: &str, ids: &Ids, made: Vec<Arc<Made>>) -> Result<usize> {
    let (owner, ids) = (owner.to_owned(), ids.clone());
    store
        .command(async move |tx| {
            let settled = settle::settle(tx, &owner, &made).await?;
            let made: Vec<&Made> = made
                .iter()
                .map(Arc::as_ref)
                .filter(|made| settled.contains(&made.attempt.delivery))
                .collect();
            settle::add_attempts(tx, &made).await?;
            let mut by_endpoint: HashMap<Uuid, Vec<&Made>> = HashMap::new();
            for made in made.iter().filter(|made| !made.is_sample) {
                by_endpoint.entry(made.endpoint).or_default().push(made);
            }
            judge(tx, &ids, by_endpoint).await?;
            Ok(made.len())
        })
        .await
}

/// Takes the attempts into the health of their endpoints and switches off those that have failed for too long.
async fn judge(tx: &Tx, ids: &Ids, mut by_endpoint: HashMap<Uuid, Vec<&Made>>) -> Result<()> {
    let well: Vec<Uuid> = by_endpoint
        .extract_if(|_, made| made.iter().all(|made| made.is_delivered()))
        .map(|(id, _)| id)
        .collect();
    settle::mend(tx, &well).await?;
    if by_endpoint.is_empty() {
        return Ok(());
    }
    let endpoints = endpoint::anywhere().filter(endpoint::Column::Id.is_in(by_endpoint.keys().copied()));
    for endpoint in endpoints.all(tx).await? {
        let before = health_of(&endpoint);
        let mut health = before;
        let mut switch_off = None;
        let mut warn = None;
        for made in by_endpoint.get(&endpoint.id).into_iter().flatten() {
            let (seen, change) = observe(&health, made.is_delivered(), made.ended_at);
            health = seen;
            match change {
                HealthChange::None => {}
                HealthChange::Warn => warn = Some(*made),
                HealthChange::Disable => switch_off = Some((*made, "failing")),
            }
            if made.decision == Decision::Disabled410 {
                switch_off = Some((*made, "gone"));
            }
        }
        if health != before {
            settle::write_health(tx, endpoint.id, &health).await?;
        }
        match (switch_off, warn) {
            (Some((made, reason)), _) if endpoint.is_active => disable(tx, ids, &endpoint, made, reason).await?,
            (None, Some(made)) => Notice::Failing.send(tx, ids, &endpoint, made).await?,
            _ => {}
        }
    }
    Ok(())
}

fn health_of(endpoint: &endpoint::Model) -> Health {
    Health {
        failing_since_at: endpoint.failing_since_at.map(Timestamp),
        failures: u32::try_from(endpoint.failures).unwrap_or_default(),
        days: u32::try_from(endpoint.failure_days).unwrap_or_default(),
        last_day: endpoint.last_failure_day,
        warned_at: endpoint.warned_at.map(Timestamp),
    }
}

/// Switches an endpoint off, takes its waiting deliveries out of the queue, and tells the world and its owners.
async fn disable(tx: &Tx, ids: &Ids, endpoint: &endpoint::Model, made: &Made, reason: &'static str) -> Result<()> {
    let at = made.ended_at;
    let switched = endpoint::update_of(endpoint.tenant, endpoint.mode)
        .filter(endpoint::Column::Id.eq(endpoint.id))
        .filter(endpoint::Column::IsActive.eq(true))
        .col_expr(endpoint::Column::IsActive, Expr::value(false))
        .col_expr(endpoint::Column::DisabledAt, Expr::value(at.0))
        .col_expr(endpoint::Column::DisabledReason, Expr::value(reason))
        .col_expr(endpoint::Column::UpdatedAt, Expr::value(at.0))
        .exec(tx)
        .await?;
    if switched.rows_affected == 0 {
        return Ok(());
    }
    // Those being tried right now keep their lease: their own record says what becomes of them.
    delivery::update_of(endpoint.tenant, endpoint.mode)
        .filter(Column::Endpoint.eq(endpoint.id))
        .filter(Column::DueAt.is_not_null())
        .filter(Column::LeaseOwner.is_null())
        .col_expr(Column::Status, Expr::value(made.waiting_become))
        .col_expr(Column::DueAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::UpdatedAt, Expr::value(at.0))
        .exec(tx)
        .await?;
    tx.emit(Event {
        id: ids.uuid(at),
        tenant: endpoint.tenant,
        mode: endpoint.mode.into(),
        name: "webhook.endpoint_disabled".to_owned(),
        view: "webhook_endpoint".to_owned(),
        data: json!({
            "id": endpoint.id,
            "url": endpoint.url,
            "description": endpoint.description,
            "events": endpoint.events.0,
            "is_active": false,
            "disabled_reason": reason,
            "disabled_at": at.0,
            "failing_since_at": endpoint.failing_since_at,
            "created_at": endpoint.created_at,
            "updated_at": at.0,
        }),
        products: Vec::new(),
        created_at: at,
    });
    Notice::Disabled(reason).send(tx, ids, endpoint, made).await
}
