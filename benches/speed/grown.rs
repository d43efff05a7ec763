//! Rows by the million, made by the database itself.

use super::Outcome;
use fondaco::store::Store;
use sea_orm::ConnectionTrait as _;

/// Rows of one command: a command must not keep the others waiting, nor run into its deadline.
const CHUNK: u64 = 50_000;
/// Rows that are due, the first of them.
pub(super) const DUE: u64 = 100;
/// The one row of so many that failed: a thousand rows fill a page with them.
const FAILED_EACH: u64 = 50;
/// Endpoints that share the rows: of a thousand rows each has more than a page.
const ENDPOINTS: u64 = 10;
/// The endpoint whose deliveries failed.
pub(super) const FAILING: u64 = 7;
/// The oldest rows, which are of another event.
const OTHER_EVENT: u64 = 200;
/// The name of that event.
pub(super) const RARE: &str = "product.deleted";

/// What a row of the table is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It waits for its next attempt: the first hundred are due, the others within a day.
    Waiting,
    /// It is done with, and the record of its attempt beside it.
    Done,
}

/// Rows to be added, all of one tenant with ten endpoints; `now` is in epoch milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) kind: Kind,
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) now: i64,
}

/// The id of the n-th endpoint.
pub(super) fn endpoint_id(n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u64_pair(0x0192_f0c1_7b5e_7001, 0x8000_0000_0000_0000 | n)
}

/// Adds deliveries by statements of the database's own.
pub(super) async fn add(store: &Store, rows: Rows) -> Outcome {
    let mut from = rows.from;
    while from < rows.to {
        let to = (from + CHUNK).min(rows.to);
        let statements = statements(store, Rows { from, to, ..rows });
        store
            .command(async move |tx| {
                for statement in &statements {
                    tx.execute_unprepared(statement).await?;
                }
                Ok(())
            })
            .await?;
        from = to;
    }
    if store.backend() != sea_orm::DbBackend::Sqlite {
        // What the server's own housekeeping does within a minute.
        store
            .command(async |tx| {
                tx.execute_unprepared("analyze deliveries").await?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}

fn statements(store: &Store, rows: Rows) -> Vec<String> {
    let Rows { kind, from, to, now } = rows;
    let is_sqlite = store.backend() == sea_orm::DbBackend::Sqlite;
    let last = to - 1;
    let (numbers, random) = if is_sqlite {
        (
            format!("with recursive n(i) as (select {from} union all select i + 1 from n where i < {last})"),
            "randomblob(16)",
        )
    } else {
        (
            format!("with n(i) as (select generate_series({from}::bigint, {last}::bigint))"),
            "gen_random_uuid()",
        )
    };
    let nth = |prefix: &str, modulo: u64| match is_sqlite {
        true => format!("unhex('{prefix}' || '8' || substr('000000000000000' || printf('%x', i % {modulo}), -15))"),
        false => format!("('{prefix}' || '8' || lpad(to_hex(i % {modulo}), 15, '0'))::uuid"),
    };
    let (tenant, endpoint) = (nth("0192f0c17b5e7000", 1), nth("0192f0c17b5e7001", ENDPOINTS));
    let (status, due_at) = match kind {
        Kind::Waiting => (
            "'pending_retry'".to_owned(),
            format!("case when i < {DUE} then {now} - 1000 else {now} + 3600000 + (i * 7919) % 86400000 end"),
        ),
        Kind::Done => (
            format!("case when i % {FAILED_EACH} = {FAILING} then 'permanently_failed' else 'success' end"),
            "null".to_owned(),
        ),
    };
    let name = format!("case when i < {OTHER_EVENT} then '{RARE}' else 'product.created' end");
    let body = format!(r#"{{"data":"{}"}}"#, "x".repeat(600));
    // Four milliseconds apart, all of the last hours: nothing of it is old enough to be removed.
    let made_at = format!("{now} - 7200000 + i * 4");
    let event = nth("0192f0c17b5e7002", u64::MAX >> 8);
    let deliveries = format!(
        "{numbers} insert into deliveries (id, tenant, mode, event, endpoint, event_name, status, attempt_count, \
         attempts_max, due_at, round, seq, created_at, updated_at) select {random}, {tenant}, 'live', {event}, {endpoint}, \
         {name}, {status}, 1, 7, {due_at}, 0, i, {made_at}, {now} from n"
    );
    let bodies = format!("{numbers} insert into bodies (event, place, text) select {event}, 0, '{body}' from n");
    if kind == Kind::Waiting {
        return vec![deliveries, bodies];
    }
    let attempts = format!(
        "{numbers} insert into attempts (id, delivery, tenant, mode, number, started_at, duration_ms, http_status) \
         select {random}, {random}, {tenant}, 'live', 1, {made_at}, 3, 200 from n"
    );
    vec![deliveries, bodies, attempts]
}
