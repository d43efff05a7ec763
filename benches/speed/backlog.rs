//! Tables that have grown: a million retries that wait, a million lines of log.

use super::Outcome;
use super::grown::{self, Kind, RARE, Rows};
use super::place::{self, Place};
use super::plan::Plan;
use super::raw::{self, Connection};
use super::samples::{Samples, large};
use super::seed::{self, Tenant};
use super::served::Served;
use super::table::{Bar, Table};
use fondaco::clock::Clock;
use fondaco::domain::Timestamp;
use fondaco::store::Store;
use fondaco::store::outbox::due::{self, Search};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

/// Rows of the small table.
const FEW: u64 = 1_000;
/// Looks at a table per round.
const LOOKS: usize = 40;
const MIB: f64 = 1024.0 * 1024.0;

/// The same table twice: with few rows and with many.
struct Pair {
    few: Place,
    many: Place,
    keys: [String; 2],
    now: Timestamp,
}

impl Pair {
    /// `waiting` rows that wait, before those that are to be many.
    fn make(plan: &Plan, place: fn(&Plan) -> Outcome<Place>, kind: Kind, waiting: u64) -> Outcome<Self> {
        let now = Clock::system(0).now();
        let (few, many) = (place(plan)?, place(plan)?);
        let mut keys = Vec::new();
        for (place, rows) in [(&few, FEW), (&many, plan.many)] {
            keys.push(place.with_store(async |store| {
                let keys = seed::tenants(&store, &[Tenant::PLENTY]).await?.concat();
                let now = now.0;
                let first = Rows {
                    kind: Kind::Waiting,
                    from: 0,
                    to: waiting,
                    now,
                };
                grown::add(&store, first).await?;
                grown::add(
                    &store,
                    Rows {
                        kind,
                        from: waiting,
                        to: waiting + rows,
                        now,
                    },
                )
                .await?;
                Ok(keys.first().cloned().unwrap_or_default())
            })?);
        }
        let keys = <[String; 2]>::try_from(keys).map_err(|_| "two places have two keys")?;
        Ok(Self { few, many, keys, now })
    }

    /// How long it takes to look for what is due, in microseconds: the first two where nothing is, then 64 rows.
    fn picking(&self, plan: &Plan) -> Outcome<[Samples; 4]> {
        place::alone(async {
            let (few, many) = (self.few.open().await?, self.many.open().await?);
            let mut took: [Samples; 4] = Default::default();
            for _ in 0..plan.rounds * LOOKS {
                let [nothing_few, nothing_many, due_few, due_many] = &mut took;
                let earlier = Timestamp(self.now.0 - 1_000_000);
                nothing_few.push(find(&few, earlier, self.now, 256).await?);
                nothing_many.push(find(&many, earlier, self.now, 256).await?);
                due_few.push(find(&few, self.now, self.now, 64).await?);
                due_many.push(find(&many, self.now, self.now, 64).await?);
            }
            few.close().await;
            many.close().await;
            Ok(took)
        })
    }

    fn report_picking(&self, plan: &Plan, table: &mut Table, what: &str) -> Outcome {
        let [nothing_few, nothing_many, due_few, due_many] = self.picking(plan)?;
        let name = self.few.name();
        for (text, few, many) in [
            ("nothing is due", nothing_few, nothing_many),
            ("64 rows are picked", due_few, due_many),
        ] {
            table.one(&format!("{FEW} {what} ({name}): {text} in"), "us", few.median(), Bar::None);
            table.one(
                &format!("{} {what} ({name}): {text} in", plan.many),
                "us",
                many.median(),
                Bar::None,
            );
            table.one("  many by few", "ratio", many.median() / few.median(), Bar::AtMost(2.0));
        }
        Ok(())
    }
}

async fn find(store: &Store, now: Timestamp, real_now: Timestamp, limit: u64) -> Outcome<f64> {
    let begun = Instant::now();
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
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}

/// A fresh place of each database the plan wants.
fn databases(plan: &Plan) -> Vec<fn(&Plan) -> Outcome<Place>> {
    let mut all: Vec<fn(&Plan) -> Outcome<Place>> = vec![Place::sqlite];
    if plan.postgres.is_some() {
        all.push(Place::postgres);
    }
    all
}

/// A million retries: rows are the queue, so neither time nor memory may follow their number.
pub(super) fn retries(plan: &Plan, table: &mut Table) -> Outcome {
    for place in databases(plan) {
        let pair = Pair::make(plan, place, Kind::Waiting, grown::DUE)?;
        pair.report_picking(plan, table, "retries pending")?;
        let (name, rows) = (pair.many.name(), plan.many);
        for (place, rows) in [(&pair.few, FEW), (&pair.many, rows)] {
            let server = place.serve()?;
            let start = server.start.as_secs_f64() * 1000.0;
            table.one(&format!("start with {rows} retries pending ({name})"), "ms", start, Bar::None);
            super::served::pause(Duration::from_secs(3));
            let memory = server.memory()?;
            table.one("  memory of its own", "MiB", large(memory.own) / MIB, Bar::None);
            table.one("  resident", "MiB", large(memory.resident) / MIB, Bar::AtMost(64.0));
            server.stop()?;
        }
    }
    Ok(())
}

/// A million lines of log: the log must slow down neither the queue beside it nor its own reading.
pub(super) fn logs(plan: &Plan, table: &mut Table) -> Outcome {
    for place in databases(plan) {
        let pair = Pair::make(plan, place, Kind::Done, grown::DUE)?;
        pair.report_picking(plan, table, "lines of log")?;
        let (few, many) = (pair.few.serve()?, pair.many.serve()?);
        let endpoint = grown::endpoint_id(grown::FAILING);
        for (what, query) in [
            ("the first page of 20", String::new()),
            ("a page of failed ones", "&status=failed".to_owned()),
            ("a page of one endpoint", format!("&endpoint_id={endpoint}")),
            (
                "a page of one endpoint's failed ones",
                format!("&endpoint_id={endpoint}&status=failed"),
            ),
            ("a page of a rare event, the oldest of all", format!("&event_type={RARE}")),
        ] {
            let path = format!("/api/v1/webhooks/logs?limit=20{query}");
            let [mut of_few, mut of_many] = <[Samples; 2]>::default();
            for _ in 0..plan.rounds {
                of_few.extend(ask(&few, &path, &pair.keys[0])?);
                of_many.extend(ask(&many, &path, &pair.keys[1])?);
            }
            let name = pair.few.name();
            table.one(
                &format!("{FEW} lines of log ({name}): {what} in"),
                "us",
                of_few.median(),
                Bar::None,
            );
            table.one(
                &format!("{} lines of log ({name}): {what} in", plan.many),
                "us",
                of_many.median(),
                Bar::None,
            );
            table.one("  many by few", "ratio", of_many.median() / of_few.median(), Bar::AtMost(2.0));
        }
        few.stop()?;
        many.stop()?;
    }
    Ok(())
}

/// Asks over and over on one connection; answers how long each took, in microseconds.
pub(super) fn ask(server: &Served, path: &str, key: &str) -> Outcome<Vec<f64>> {
    place::alone(async {
        let mut connection = Connection::open(server.app, IpAddr::V4(Ipv4Addr::LOCALHOST)).await?;
        let mut request = Vec::new();
        raw::request(&mut request, ("GET", path), key, "");
        let mut took = Vec::with_capacity(LOOKS);
        for _ in 0..LOOKS / 2 {
            let begun = Instant::now();
            let status = connection.ask(&request).await?;
            if status != 200 {
                return Err(format!("{path} was answered {status}").into());
            }
            took.push(begun.elapsed().as_secs_f64() * 1e6);
        }
        Ok(took)
    })
}
