//! Tables that have grown: a million retries that wait, a million lines of log.

use super::Outcome;
use super::place::Place;
use super::plan::Plan;
use super::samples::{Samples, large};
use super::seed::{self, Tenant, tenant_id};
use super::table::{Bar, Table};
use entities::delivery::Column;
use fondaco::domain::dialect::{CursorForm, PageRequest};
use fondaco::domain::{Mode, Timestamp};
use fondaco::store::Store;
use fondaco::store::listing::{self, Sort};
use fondaco::store::outbox::due::{self, Search};
use sea_orm::ConnectionTrait as _;
use std::time::{Duration, Instant};

/// Rows of the small table.
const FEW: u64 = 1_000;
/// Rows of one command: a command must not keep the others waiting, nor run into its deadline.
const CHUNK: u64 = 50_000;
/// The moment the tables are looked at.
const NOW: i64 = 1_780_000_000_000;
/// Looks at a table per round.
const LOOKS: usize = 40;
const MIB: f64 = 1024.0 * 1024.0;

/// A million retries: rows are the queue, so neither time nor memory may follow their number.
pub(super) fn retries(plan: &Plan, table: &mut Table) -> Outcome {
    for place in Place::each(plan)? {
        let [few, many] = place.with_store(async |store| {
            seed::tenants(&store, &[Tenant::USUAL; 10]).await?;
            grow(&store, 0, FEW, Kind::Waiting).await?;
            let few = Looks::take(&store, plan).await?;
            grow(&store, FEW, plan.many, Kind::Waiting).await?;
            Ok([few, Looks::take(&store, plan).await?])
        })?;
        let (name, rows) = (place.name(), plan.many);
        few.report(table, &format!("{FEW} retries pending ({name})"));
        many.report(table, &format!("{rows} retries pending ({name})"));
        table.one(
            "  picking among many by among few",
            "ratio",
            many.nothing_due.median() / few.nothing_due.median(),
            Bar::AtMost(2.0),
        );
        table.one(
            "  picking 64 due among many by among few",
            "ratio",
            many.due.median() / few.due.median(),
            Bar::AtMost(2.0),
        );
        let server = place.serve()?;
        table.one(
            &format!("start with {rows} retries pending ({name})"),
            "ms",
            server.start.as_secs_f64() * 1000.0,
            Bar::None,
        );
        super::served::pause(Duration::from_secs(3));
        let memory = server.memory()?;
        table.one("  memory of its own", "MiB", large(memory.own) / MIB, Bar::None);
        table.one("  resident", "MiB", large(memory.resident) / MIB, Bar::AtMost(64.0));
        server.stop()?;
    }
    Ok(())
}

/// A million lines of log: the log must slow down neither the queue beside it nor its own reading.
pub(super) fn logs(plan: &Plan, table: &mut Table) -> Outcome {
    for place in Place::each(plan)? {
        let [few, many] = place.with_store(async |store| {
            seed::tenants(&store, &[Tenant::USUAL; 10]).await?;
            grow(&store, 0, 100, Kind::Waiting).await?;
            grow(&store, 100, FEW + 100, Kind::Done).await?;
            let few = Looks::take(&store, plan).await?;
            grow(&store, FEW + 100, plan.many + 100, Kind::Done).await?;
            Ok([few, Looks::take(&store, plan).await?])
        })?;
        let (name, rows) = (place.name(), plan.many);
        few.report_page(table, &format!("{FEW} lines of log ({name})"));
        many.report_page(table, &format!("{rows} lines of log ({name})"));
        for (what, few, many) in [
            ("picking 64 due", &few.due, &many.due),
            ("the first page of the log", &few.page, &many.page),
            ("a page in the middle of the log", &few.middle, &many.middle),
        ] {
            table.one(
                &format!("  {what}: many by few"),
                "ratio",
                many.median() / few.median(),
                Bar::AtMost(2.0),
            );
        }
    }
    Ok(())
}

/// What a row of the table is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It waits for its next attempt: the first hundred are due, the others within a day.
    Waiting,
    /// It arrived, with the record of its attempt.
    Done,
}

/// How long looking takes, in microseconds.
#[derive(Default)]
struct Looks {
    nothing_due: Samples,
    due: Samples,
    page: Samples,
    middle: Samples,
}

impl Looks {
    async fn take(store: &Store, plan: &Plan) -> Outcome<Self> {
        let mut looks = Self::default();
        for _ in 0..plan.rounds * LOOKS {
            looks
                .nothing_due
                .push(timed(async || find(store, NOW - 1_000_000, 256).await).await?);
            looks.due.push(timed(async || find(store, NOW, 64).await).await?);
            looks.page.push(timed(async || page(store, None).await).await?);
            looks.middle.push(timed(async || page(store, Some(NOW / 2)).await).await?);
        }
        Ok(looks)
    }

    fn report(&self, table: &mut Table, what: &str) {
        table.one(
            &format!("{what}: a look with nothing due"),
            "us",
            self.nothing_due.median(),
            Bar::None,
        );
        table.one(&format!("{what}: picking 64 due"), "us", self.due.median(), Bar::None);
    }

    fn report_page(&self, table: &mut Table, what: &str) {
        table.one(&format!("{what}: picking 64 due"), "us", self.due.median(), Bar::None);
        table.one(&format!("{what}: the first page of 20"), "us", self.page.median(), Bar::None);
        table.one(
            &format!("{what}: a page of 20 in the middle"),
            "us",
            self.middle.median(),
            Bar::None,
        );
    }
}

async fn timed<F: AsyncFn() -> Outcome>(look: F) -> Outcome<f64> {
    let begun = Instant::now();
    look().await?;
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}

async fn find(store: &Store, now: i64, limit: u64) -> Outcome {
    let (now, real_now) = (Timestamp(now), Timestamp(NOW));
    due::find(
        store,
        &Search {
            now,
            real_now,
            not_endpoints: Vec::new(),
            not_tenants: Vec::new(),
            limit,
        },
    )
    .await?;
    Ok(())
}

/// Reads a page of a tenant's log, newest first; with a moment, the page behind it.
async fn page(store: &Store, behind: Option<i64>) -> Outcome {
    let select = entities::delivery::of(tenant_id(0), Mode::Live);
    let cursor = behind.map(|_| middle_cursor());
    let request = PageRequest {
        limit: 20,
        cursor,
        page: None,
        cursor_form: CursorForm::Opaque,
    };
    listing::list(
        store.read(),
        select.clone(),
        select,
        Sort::newest(Column::CreatedAt, Column::Id),
        &request,
    )
    .await?;
    Ok(())
}

fn middle_cursor() -> String {
    use fondaco::domain::cursor::Cursor;
    let value = (NOW - 2_000_000).into();
    Cursor {
        sort: "created_at".to_owned(),
        descending: true,
        value,
        id: uuid::Uuid::max(),
    }
    .encode()
}

/// Adds the rows from `first` to `last`.
async fn grow(store: &Store, first: u64, last: u64, kind: Kind) -> Outcome {
    let mut from = first;
    while from < last {
        let to = (from + CHUNK).min(last);
        let statements = statements(store, from, to, kind);
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
    // As the database's own housekeeping would, sooner or later.
    store
        .command(async |tx| {
            tx.execute_unprepared("analyze").await?;
            Ok(())
        })
        .await?;
    Ok(())
}

/// The statements that add rows `from` to `to`, spread over ten tenants with ten endpoints each.
fn statements(store: &Store, from: u64, to: u64, kind: Kind) -> Vec<String> {
    let is_sqlite = store.backend() == sea_orm::DbBackend::Sqlite;
    let (numbers, random) = if is_sqlite {
        let last = to - 1;
        (
            format!("with recursive n(i) as (select {from} union all select i + 1 from n where i < {last})"),
            "randomblob(16)",
        )
    } else {
        (
            format!("with n(i) as (select generate_series({from}, {}))", to - 1),
            "gen_random_uuid()",
        )
    };
    let nth = |prefix: &str, modulo: u64| match is_sqlite {
        true => format!("unhex('{prefix}' || '8' || substr('000000000000000' || (i % {modulo}), -15))"),
        false => format!("('{prefix}' || '8' || lpad((i % {modulo})::text, 15, '0'))::uuid"),
    };
    let tenant = nth("0192f0c17b5e7000", 10);
    let endpoint = nth("0192f0c17b5e7001", 100);
    let (status, due_at) = match kind {
        // The first hundred fell due a second ago, the others do within a day.
        Kind::Waiting => (
            "pending_retry",
            format!(
                "case when i < 100 then {} else {} + (i * 7919) % 86400000 end",
                NOW - 1_000,
                NOW + 1
            ),
        ),
        Kind::Done => ("success", "null".to_owned()),
    };
    let body = "x".repeat(600);
    let deliveries = format!(
        "{numbers} insert into deliveries (id, tenant, mode, event, endpoint, event_name, body, status, attempt_count, \
         attempts_max, due_at, round, seq, created_at, updated_at) select {random}, {tenant}, 'live', {random}, {endpoint}, \
         'product.created', '{body}', '{status}', 1, 7, {due_at}, 0, i, {NOW} - 4000000 + i * 4, {NOW} from n"
    );
    if kind == Kind::Waiting {
        return vec![deliveries];
    }
    let attempts = format!(
        "{numbers} insert into attempts (id, delivery, tenant, mode, number, started_at, duration_ms, http_status) \
         select {random}, {random}, {tenant}, 'live', 1, {NOW} - 4000000 + i * 4, 3, 200 from n"
    );
    vec![deliveries, attempts]
}
