//! A million payments as one file: what the server holds meanwhile, and how long it takes beside the same rows read by
//! plain SQL.

use super::Outcome;
use super::bulk;
use super::place::Place;
use super::plan::Plan;
use super::raw;
use super::samples::{Samples, large};
use super::seed::{self, Tenant};
use super::served::{Served, pause};
use super::table::{Bar, Table};
use fondaco::clock::Clock;
use fondaco::store::Store;
use futures_util::TryStreamExt as _;
use sea_orm::{Statement, StreamTrait as _};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Products of the shop.
const PRODUCTS: u64 = 50;
/// How often the file is read; each time is long enough to be a median of its own.
const ROUNDS: usize = 3;
const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    let now = Clock::system(0).now();
    for place in Place::each(plan)? {
        let keys = place.with_store(async |store| {
            let keys = seed::tenants(&store, &[Tenant::PLENTY]).await?.concat();
            bulk::products(&store, 0, PRODUCTS).await?;
            bulk::payments(&store, 0, plan.many, now.0).await?;
            Ok(keys)
        })?;
        let key = keys.first().cloned().unwrap_or_default();
        let server = place.serve()?;
        // What a server that has done something holds anyway.
        for path in ["/api/v1/payments?limit=100", "/api/v1/analytics/dashboard"] {
            raw::once(server.app, ("GET", path), &key, "")?;
        }
        let [mut plain, mut file, mut grown, mut own] = <[Samples; 4]>::default();
        for _ in 0..plan.rounds.min(ROUNDS) {
            plain.push(place.with_store(async |store| read(&store, plan.many).await)?);
            let written = export(&server, &key, plan.many)?;
            file.push(written.seconds);
            grown.push(written.grown);
            own.push(written.own_grown);
        }
        report(&place, plan, table, [&plain, &file, &grown, &own]);
        server.stop()?;
    }
    Ok(())
}

fn report(place: &Place, plan: &Plan, table: &mut Table, [plain, file, grown, own]: [&Samples; 4]) {
    let (rows, name) = (plan.many, place.name());
    table.row(
        &format!("{rows} payments read by one statement, in another process ({name})"),
        "s",
        plain,
        Bar::None,
    );
    table.row(&format!("{rows} payments as CSV over HTTP ({name})"), "s", file, Bar::None);
    table.row("  by plain SQL", "ratio", &file.by(plain), Bar::AtMost(5.0));
    table.row(
        "  most the server grew by meanwhile: resident",
        "MiB",
        grown,
        Bar::AtMost(32.0),
    );
    table.row("  of its own, without mapped files", "MiB", own, Bar::None);
}

/// Reads what a file has of each payment, in its order; answers the seconds.
async fn read(store: &Store, rows: u64) -> Outcome<f64> {
    let text = "select id, session_ref, customer, email, product, amount_minor, currency, net_total_minor, tax_total_minor, \
                tax_status, status, refunded_minor, refund_reason, created_at, updated_at from payments \
                where tenant = $1 and mode = 'live' order by created_at desc, id desc";
    let statement = Statement::from_sql_and_values(store.backend(), text, [seed::tenant_id(0).into()]);
    let begun = Instant::now();
    let mut found = store.read().stream_raw(statement).await?;
    let (mut count, mut money) = (0_u64, 0_i64);
    while let Some(row) = found.try_next().await? {
        let _: (uuid::Uuid, Option<String>, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(3)?);
        money += row.try_get_by_index::<i64>(5)?;
        count += 1;
    }
    match count == rows && money > 0 {
        true => Ok(begun.elapsed().as_secs_f64()),
        false => Err(format!("{count} of {rows} payments were found").into()),
    }
}

/// What came of a file.
struct Written {
    seconds: f64,
    /// Most resident memory above that before it, in MiB.
    grown: f64,
    /// The same without mapped files.
    own_grown: f64,
}

/// Reads the file to its end while somebody watches the server's memory.
fn export(server: &Served, key: &str, rows: u64) -> Outcome<Written> {
    let before = server.memory()?;
    let over = Arc::new(AtomicBool::new(false));
    let (to, key, ends) = (server.app, key.to_owned(), over.clone());
    let reading = std::thread::spawn(move || {
        let read = lines(to, &key);
        ends.store(true, Ordering::Release);
        read
    });
    let mut most = before;
    while !over.load(Ordering::Acquire) {
        pause(Duration::from_millis(5));
        let now = server.memory()?;
        most.resident = most.resident.max(now.resident);
        most.own = most.own.max(now.own);
    }
    let (found, seconds) = reading.join().map_err(|_| "the reader panicked")??;
    // A header before them.
    if found != rows + 1 {
        return Err(format!("the file had {found} lines for {rows} payments").into());
    }
    Ok(Written {
        seconds,
        grown: large(most.resident.saturating_sub(before.resident)) / MIB,
        own_grown: large(most.own.saturating_sub(before.own)) / MIB,
    })
}

/// Counts the lines of a file that is sent in chunks, and the seconds it takes; it must come to its end.
fn lines(to: std::net::SocketAddr, key: &str) -> Outcome<(u64, f64)> {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut request = Vec::new();
    raw::request(&mut request, ("POST", "/api/v1/payments/export"), key, "{}");
    stream.write_all(&request)?;
    let mut buffer = vec![0_u8; 256 * 1024];
    // Every line begins with its payment's id in quotes, or the header's first word.
    let (mut found, mut last, mut tail) = (0_u64, b' ', Vec::new());
    loop {
        let read = stream.read(&mut buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if read == 0 {
            return Err(format!("the file broke off after {found} lines").into());
        }
        for byte in bytes {
            found += u64::from(*byte == b'"' && last == b'\n');
            last = *byte;
        }
        tail.extend_from_slice(bytes.get(read.saturating_sub(8)..).unwrap_or_default());
        tail.drain(..tail.len().saturating_sub(8));
        if tail.ends_with(b"\r\n0\r\n\r\n") {
            return Ok((found, begun.elapsed().as_secs_f64()));
        }
    }
}
