//! Writing: the store's door alone, and the creation of products over HTTP.

use super::Outcome;
use super::load::{Load, Requests, drive};
use super::place::{self, Place};
use super::plan::Plan;
use super::samples::Samples;
use super::seed::{self, Tenant};
use super::table::{Bar, Table};
use super::writer::{self, Command, Form};
use fondaco::clock::Ids;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Longest wait for the outbox to empty between cells.
const DRAIN_MAX: Duration = Duration::from_secs(60);

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    for place in Place::each(plan)? {
        door(&place, plan, table)?;
    }
    for place in Place::each(plan)? {
        creation(&place, plan, table)?;
    }
    Ok(())
}

/// One form of command, alone and grouped.
#[derive(Default)]
struct Pair {
    alone: Samples,
    grouped: Samples,
    /// Commands of one commit.
    group: Samples,
}

/// The writer without a server around it.
fn door(place: &Place, plan: &Plan, table: &mut Table) -> Outcome {
    let ids = Ids::default();
    let forms = [Form::One, Form::Four, Form::FourStatements];
    let mut pairs: [Pair; 3] = Default::default();
    place.with_store(async |store| {
        seed::tenants(&store, &[Tenant::USUAL; 64]).await?;
        for _ in 0..plan.rounds {
            for (form, pair) in forms.into_iter().zip(&mut pairs) {
                for alone in [true, false] {
                    let written = writer::write(
                        &store,
                        &ids,
                        Command {
                            form,
                            alone,
                            window: plan.window,
                        },
                    )
                    .await?;
                    if alone {
                        pair.alone.push(written.per_s());
                    } else {
                        pair.grouped.push(written.per_s());
                        pair.group
                            .push(super::samples::large(written.commands) / super::samples::large(written.commits));
                    }
                }
            }
        }
        Ok(())
    })?;
    let name = place.name();
    let texts = ["one row", "four-row commands", "four rows by four statements"];
    for (form, (text, pair)) in forms.into_iter().zip(texts.into_iter().zip(&pairs)) {
        if form == Form::Four {
            table.note("four rows: a product and its event, audit entry and stored answer");
        }
        // On PostgreSQL grouping is no promise.
        let bar = if form == Form::Four && place.is_sqlite() {
            Bar::AtLeast(3.0)
        } else {
            Bar::None
        };
        table.row(
            &format!("{text}; a transaction each, 64 callers ({name})"),
            "cmd/s",
            &pair.alone,
            Bar::None,
        );
        table.row(
            &format!("{text}; grouped, 64 callers ({name})"),
            "cmd/s",
            &pair.grouped,
            Bar::None,
        );
        table.row("  grouped by a transaction each", "ratio", &pair.grouped.by(&pair.alone), bar);
        table.row("  commands of a commit", "", &pair.group, Bar::None);
    }
    Ok(())
}

/// Products over HTTP beside one row in one transaction, in the same server.
fn creation(place: &Place, plan: &Plan, table: &mut Table) -> Outcome {
    let keys = place
        .with_store(async |store| seed::tenants(&store, &[Tenant::PLENTY; 64]).await)?
        .concat();
    let server = place.serve()?;
    let mut load = Load::new(server.app, 64, products(&keys, 80));
    load.status = 201;
    drive(&server, &load, plan.window / 2)?;
    let (mut rows, mut created, mut cpu) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..plan.rounds {
        place::drained(&server, DRAIN_MAX)?;
        let one = Command {
            form: Form::One,
            alone: true,
            window: plan.window,
        };
        rows.push(writer::ask(&server, one)?.per_s());
        let measured = drive(&server, &load, plan.window * 2)?;
        created.push(measured.per_s);
        cpu.push(measured.cpu_us);
    }
    place::drained(&server, DRAIN_MAX)?;
    let name = place.name();
    table.row(
        &format!("one row, one transaction, at the server's own door ({name})"),
        "row/s",
        &rows,
        Bar::None,
    );
    table.row(
        &format!("POST /api/v1/products, 64 connections, durable ({name})"),
        "req/s",
        &created,
        Bar::None,
    );
    let bar = if place.is_sqlite() { Bar::AtLeast(0.6) } else { Bar::None };
    table.row("  by one row, one transaction", "ratio", &created.by(&rows), bar);
    table.row(
        "  server CPU per request, fan-out of its two events included",
        "us",
        &cpu,
        Bar::None,
    );
    server.stop()
}

/// Creations of products that are told apart by their number, with a description of so many characters.
pub(super) fn products(keys: &[String], description: usize) -> Requests {
    let keys = keys.to_vec();
    let text = "It is a course. "
        .repeat(description / 16 + 1)
        .chars()
        .take(description)
        .collect::<String>();
    let count = AtomicU64::new(0);
    Arc::new(move |_, out| {
        let n = count.fetch_add(1, Ordering::Relaxed);
        creation_of(out, &keys, n, &text);
    })
}

/// Writes the creation of the n-th product.
pub(super) fn creation_of(out: &mut Vec<u8>, keys: &[String], n: u64, text: &str) {
    let body = format!(r#"{{"name":"bench-{n}","slug":"bench-{n}","price":1900,"currency":"USD","description":"{text}"}}"#);
    let key = keys
        .get(usize::try_from(n).unwrap_or(0) % keys.len().max(1))
        .map_or("", String::as_str);
    super::raw::request(out, ("POST", "/api/v1/products"), key, &body);
}
