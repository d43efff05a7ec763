//! The outcome of attempts, written into their deliveries; each row only while its lease is held and that try is its next.

use super::record::Made;
use crate::domain::Result;
use crate::domain::delivery::Decision;
use crate::store::Tx;
use entities::delivery::{self, Column, Status};
use sea_orm::sea_query::{CaseStatement, Expr, SimpleExpr, Value};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryTrait, UpdateMany};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Characters of an error that the delivery's own row repeats.
const ERROR_MAX: usize = 500;

/// What attempts must have in common to be written by one statement: a statement costs what ten rows do.
#[derive(PartialEq, Eq, Hash)]
struct Shape<'a> {
    is_delivered: bool,
    number: i32,
    http_status: i32,
    error: Option<&'a str>,
    body: Option<&'a str>,
}

/// Writes the outcomes and ends the leases; tells the deliveries whose leases `owner` still held.
pub(super) async fn settle(tx: &Tx, owner: &str, made: &[Made]) -> Result<HashSet<Uuid>> {
    let mut alike: HashMap<Shape<'_>, Vec<&Made>> = HashMap::new();
    let mut settled = HashSet::with_capacity(made.len());
    for made in made {
        if made.decision == Decision::Delivered {
            alike.entry(shape(made)).or_default().push(made);
        } else {
            write(tx, owner, &[made], &mut settled).await?;
        }
    }
    for group in alike.into_values() {
        write(tx, owner, &group, &mut settled).await?;
    }
    Ok(settled)
}

fn shape(made: &Made) -> Shape<'_> {
    Shape {
        is_delivered: made.decision == Decision::Delivered,
        number: made.attempt.number,
        http_status: made.attempt.http_status,
        error: made.attempt.error.as_deref(),
        body: made.attempt.response_body.as_deref(),
    }
}

/// Writes attempts that differ in nothing but their delivery, their duration and their end.
async fn write(tx: &Tx, owner: &str, group: &[&Made], settled: &mut HashSet<Uuid>) -> Result<()> {
    let Some(first) = group.first() else { return Ok(()) };
    let (status, due_at) = match first.decision {
        Decision::Delivered => (Status::Success, None),
        Decision::RetryAt(at) => (Status::PendingRetry, Some(at.0)),
        Decision::Exhausted | Decision::Disabled410 => (Status::PermanentlyFailed, None),
    };
    let attempt = &first.attempt;
    let error = attempt
        .error
        .as_ref()
        .map(|text| text.chars().take(ERROR_MAX).collect::<String>());
    let ended_at = || each(group, |made| made.ended_at.0);
    let mut update = delivery::update_anywhere()
        .filter(Column::Id.is_in(group.iter().map(|made| made.attempt.delivery)))
        .filter(Column::LeaseOwner.eq(owner))
        // A try that outlived its lease may end while a later one of the same owner is claimed.
        .filter(Column::AttemptCount.eq(attempt.number.saturating_sub(1)))
        .col_expr(Column::Status, unless_archived(Status::Archived.into(), status.into()))
        .col_expr(Column::AttemptCount, Expr::value(attempt.number))
        .col_expr(Column::DueAt, unless_archived(Option::<i64>::None.into(), due_at.into()))
        .col_expr(Column::LeaseOwner, Expr::value(Option::<String>::None))
        .col_expr(Column::LeaseUntilAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::LastStatus, Expr::value(attempt.http_status))
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::LastBody, Expr::value(attempt.response_body.clone()))
        .col_expr(Column::LastDurationMs, each(group, |made| made.attempt.duration_ms))
        .col_expr(Column::UpdatedAt, ended_at());
    update = match status {
        Status::Success => update.col_expr(Column::DeliveredAt, ended_at()),
        Status::PermanentlyFailed => update.col_expr(Column::FailedAt, ended_at()),
        _ => update,
    };
    settled.extend(returning_ids(tx, update).await?);
    Ok(())
}

/// What its owner put away while it was being tried stays away.
fn unless_archived(archived: Value, otherwise: Value) -> SimpleExpr {
    let is_archived = Column::Status.eq(Status::Archived);
    CaseStatement::new()
        .case(is_archived, Expr::val(archived))
        .finally(Expr::val(otherwise))
        .into()
}

/// A column's value for each row of the group.
fn each(group: &[&Made], value: impl Fn(&Made) -> i64) -> SimpleExpr {
    match group {
        [only] => Expr::value(value(only)),
        _ => {
            let by_row = group.iter().fold(CaseStatement::new(), |case, made| {
                case.case(Column::Id.eq(made.attempt.delivery), Expr::value(value(made)))
            });
            by_row.into()
        }
    }
}

async fn returning_ids(tx: &Tx, update: UpdateMany<delivery::Entity>) -> Result<Vec<Uuid>> {
    let mut query = update.into_query();
    query.returning_col(Column::Id);
    let rows = tx.query_all(&query).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}
