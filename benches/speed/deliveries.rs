//! From a commit to its webhook: how many a second, and how soon.

use super::Outcome;
use super::load::{Load, Requests, Sent, burst, pace};
use super::place::{self, Place};
use super::plan::Plan;
use super::poster;
use super::receiver::{Arrival, Receiver};
use super::samples::{Samples, large};
use super::seed::{self, Tenant};
use super::served::Served;
use super::table::{Bar, Table};
use super::writer::{self, Command, Form};
use super::writes::creation_of;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for what is under way.
const PATIENCE: Duration = Duration::from_secs(60);
/// Characters of description that make a body of 1 KiB.
const DESCRIPTION: usize = 480;
/// Products of one burst to one endpoint.
const SINGLE: u64 = 4_000;
/// Products of one burst to ten endpoints.
const FANNED: u64 = 800;
/// Creations a second of the paced part.
const PER_S: u32 = 200;

/// A server with a tenant of one endpoint and a tenant of ten.
struct Shop {
    server: Served,
    receiver: Receiver,
    /// The key of the tenant with one endpoint, and of that with ten.
    keys: [String; 2],
    /// The number of the next product.
    next: u64,
}

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    for place in Place::each(plan)? {
        let yardstick = if place.is_sqlite() {
            Place::sqlite(plan)?
        } else {
            Place::postgres(plan)?
        };
        yardstick.with_store(async |store| seed::tenants(&store, &[Tenant::USUAL]).await)?;
        let mut shop = Shop::open(&place)?;
        rates(&place, &mut shop, plan, table)?;
        latencies(&place, &yardstick, &mut shop, plan, table)?;
        shop.server.stop()?;
    }
    Ok(())
}

impl Shop {
    fn open(place: &Place) -> Outcome<Self> {
        // Two that create; the others own the rows of the yardstick.
        let keys = place
            .with_store(async |store| seed::tenants(&store, &[Tenant::PLENTY; 64]).await)?
            .concat();
        let (server, receiver) = (place.serve()?, Receiver::start()?);
        let [single, fanned, ..] = keys.as_slice() else {
            return Err("no keys".into());
        };
        let (single, fanned) = (single.clone(), fanned.clone());
        subscribe(&server, &single, &receiver.url("/good/0"))?;
        for n in 1..=10 {
            subscribe(&server, &fanned, &receiver.url(&format!("/good/{n}")))?;
        }
        Ok(Self {
            server,
            receiver,
            keys: [single, fanned],
            next: 0,
        })
    }

    /// Creates so many products at once and waits for all of their deliveries; answers creations a second while they
    /// were made, and deliveries a second from the first creation to the last arrival.
    fn burst(&mut self, tenant: usize, count: u64) -> Outcome<(f64, f64)> {
        let fan = if tenant == 0 { 1 } else { 10 };
        let mut load = Load::new(
            self.server.app,
            64,
            creations(self.keys.get(tenant).cloned().unwrap_or_default(), self.next),
        );
        load.status = 201;
        self.next += count;
        let (before, begun) = (self.receiver.count(), Instant::now());
        burst(&load, count)?;
        let created = begun.elapsed();
        let arrived = self.receiver.wait_for(before + count * fan, PATIENCE)?.duration_since(begun);
        self.receiver.take();
        place::drained(&self.server, PATIENCE)?;
        Ok((
            large(count) / created.as_secs_f64(),
            large(count * fan) / arrived.as_secs_f64(),
        ))
    }
}

/// Subscribes a tenant to its creations.
pub(super) fn subscribe(server: &Served, key: &str, url: &str) -> Outcome {
    let body = format!(r#"{{"url":"{url}","events":["product.created"]}}"#);
    match super::raw::once(server.app, ("POST", "/api/v1/webhooks"), key, &body)? {
        (201, _) => Ok(()),
        (status, text) => Err(format!("an endpoint was answered {status}: {text}").into()),
    }
}

/// Creations by one key, numbered from `first`.
pub(super) fn creations(key: String, first: u64) -> Requests {
    let (keys, text) = ([key], "It is a course. ".repeat(DESCRIPTION / 16));
    Arc::new(move |n, out| creation_of(out, &keys, first + n, &text))
}

fn rates(place: &Place, shop: &mut Shop, plan: &Plan, table: &mut Table) -> Outcome {
    let [mut bare, mut rows, mut created, mut kept, mut fanned] = <[Samples; 5]>::default();
    shop.burst(0, SINGLE / 4)?;
    shop.burst(1, FANNED / 4)?;
    let bytes = shop.receiver.mean_bytes();
    for _ in 0..plan.rounds {
        let words = ["loop", &shop.receiver.url("/good/0"), "64", &bytes.to_string(), "1500"].map(str::to_owned);
        bare.push(poster::ask(&words)?.median());
        let one = Command {
            form: Form::One,
            alone: true,
            window: plan.window,
        };
        rows.push(writer::ask(&shop.server, one)?.per_s());
        let (burst_per_s, delivered_per_s) = shop.burst(0, SINGLE)?;
        created.push(burst_per_s);
        kept.push(delivered_per_s);
        fanned.push(shop.burst(1, FANNED)?.1);
    }
    let name = place.name();
    let (of_rows, of_loop) = if place.is_sqlite() { (0.6, 0.35) } else { (0.3, 0.25) };
    table.note(&format!("bodies of {bytes} bytes, one receiver for all"));
    table.row(
        "bare loop of signed POSTs, 64 in flight, one client",
        "POST/s",
        &bare,
        Bar::None,
    );
    table.row(&format!("one row, one transaction ({name})"), "row/s", &rows, Bar::None);
    table.row(
        &format!("created over HTTP, 64 connections, one endpoint ({name})"),
        "req/s",
        &created,
        Bar::None,
    );
    table.row(
        &format!("created and delivered, to the last arrival ({name})"),
        "per s",
        &kept,
        Bar::None,
    );
    table.row(
        "  by one row, one transaction",
        "ratio",
        &kept.by(&rows),
        Bar::AtLeast(of_rows),
    );
    table.row("  by the bare loop", "ratio", &kept.by(&bare), Bar::None);
    table.row(
        &format!("delivered with a fan-out of 10, saturated ({name})"),
        "per s",
        &fanned,
        Bar::None,
    );
    table.row("  by the bare loop", "ratio", &fanned.by(&bare), Bar::AtLeast(of_loop));
    Ok(())
}

fn latencies(place: &Place, yardstick: &Place, shop: &mut Shop, plan: &Plan, table: &mut Table) -> Outcome {
    let window = plan.window * 4;
    let [mut bare_p50, mut p50, mut p99] = <[Samples; 3]>::default();
    for _ in 0..plan.rounds {
        let bytes = shop.receiver.mean_bytes().to_string();
        let (per_s, ms) = (PER_S.to_string(), window.as_millis().to_string());
        let words = ["commit", &yardstick.url(), &shop.receiver.url("/good/0"), &per_s, &bytes, &ms].map(str::to_owned);
        bare_p50.push(poster::ask(&words)?.median() / 1000.0);
        shop.receiver.take();
        let mut load = Load::new(shop.server.app, 1, creations(shop.keys[0].clone(), 0));
        load.status = 201;
        let before = shop.receiver.count();
        let sent = pace(&load, shop.next, PER_S, window)?;
        shop.next += sent.len() as u64;
        shop.receiver.wait_for(before + sent.len() as u64, PATIENCE)?;
        let took = waits(&sent, &shop.receiver.take());
        p50.push(took.median());
        p99.push(took.quantile(0.99));
    }
    let name = place.name();
    table.row(
        &format!("one durable commit and one POST at {PER_S}/s, p50 ({name})"),
        "ms",
        &bare_p50,
        Bar::None,
    );
    table.row(
        &format!("create to arrival at {PER_S}/s, p50 ({name})"),
        "ms",
        &p50,
        Bar::None,
    );
    table.row("  by one commit and one POST", "ratio", &p50.by(&bare_p50), Bar::AtMost(3.0));
    table.row(
        &format!("create to arrival at {PER_S}/s, p99 ({name})"),
        "ms",
        &p99,
        Bar::None,
    );
    table.row("  p99 by p50", "ratio", &p99.by(&p50), Bar::AtMost(4.0));
    Ok(())
}

/// Milliseconds from the sending of each creation to each arrival of its delivery.
pub(super) fn waits(sent: &[Sent], arrived: &[Arrival]) -> Samples {
    let sent: HashMap<u64, Instant> = sent.iter().map(|sent| (sent.number, sent.at)).collect();
    let wait = |arrival: &Arrival| Some(arrival.at.duration_since(*sent.get(&arrival.number)?).as_secs_f64() * 1000.0);
    arrived.iter().filter_map(wait).collect()
}
