//! What a bad subscriber costs the others: one that never answers, and eight that answer with 100 MiB; and what a
//! killed server costs its subscribers.

use super::Outcome;
use super::deliveries::{creations, subscribe, waits};
use super::load::{Load, Sent, answered, burst, pace};
use super::place::Place;
use super::plan::Plan;
use super::receiver::{Arrival, Receiver};
use super::samples::{Samples, large, whole};
use super::seed::{self, Tenant};
use super::served::{Served, pause};
use super::table::{Bar, Table};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Events a second of each tenant.
const PER_S: u32 = 30;
/// Longest wait for what is under way.
const PATIENCE: Duration = Duration::from_secs(30);
/// Endpoints that answer with 100 MiB.
const BIG: usize = 8;
const MIB: f64 = 1024.0 * 1024.0;

/// The tenants by what they subscribe with.
#[derive(Clone, Copy)]
enum Who {
    /// Nine good endpoints.
    Nine,
    /// Nine good endpoints and a tarpit.
    NineAndTarpit,
    /// One good endpoint.
    Neighbour,
    /// A tarpit alone.
    Tarpit,
    /// Eight endpoints that answer with too much.
    Big,
}

struct Street {
    server: Served,
    receiver: Receiver,
    keys: Vec<String>,
    next: u64,
}

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    let place = Place::sqlite(plan)?;
    let keys = place
        .with_store(async |store| seed::tenants(&store, &[Tenant::PLENTY; 5]).await)?
        .concat();
    let (server, receiver) = (place.serve()?, Receiver::start()?);
    let mut street = Street {
        server,
        receiver,
        keys,
        next: 0,
    };
    for who in [Who::Nine, Who::NineAndTarpit] {
        for n in 0..9 {
            street.subscribe(who, &format!("/good/{n}"))?;
        }
    }
    street.subscribe(Who::NineAndTarpit, "/tarpit")?;
    street.subscribe(Who::Neighbour, "/good/9")?;
    street.subscribe(Who::Tarpit, "/tarpit")?;
    for n in 0..BIG {
        street.subscribe(Who::Big, &format!("/big/{n}"))?;
    }
    one_of_ten(&mut street, plan, table)?;
    next_door(&mut street, plan, table)?;
    too_much(&mut street, plan, table)?;
    street.server.stop()?;
    killed(plan, table)
}

/// `kill -9` in the midst of 5,000 creations: what was answered 201 must arrive, soon after the restart.
fn killed(plan: &Plan, table: &mut Table) -> Outcome {
    let place = Place::sqlite(plan)?;
    let keys = place
        .with_store(async |store| seed::tenants(&store, &[Tenant::PLENTY]).await)?
        .concat();
    let key = keys.first().cloned().unwrap_or_default();
    let (server, receiver) = (place.serve()?, Receiver::start()?);
    subscribe(&server, &key, &receiver.url("/good/0"))?;
    let mut load = Load::new(server.app, 64, creations(key, 0));
    load.status = 201;
    let creating = std::thread::spawn(move || answered(&load, 5_000));
    receiver.wait_for(500, PATIENCE)?;
    server.kill()?;
    let promised: HashSet<u64> = creating.join().map_err(|_| "the load panicked")??.into_iter().collect();
    let at_kill = receiver.count();
    let (restarted, server) = (Instant::now(), place.serve()?);
    let mut arrived: Vec<Arrival> = Vec::new();
    let mut seen: HashSet<u64> = HashSet::new();
    while restarted.elapsed() < PATIENCE && !promised.is_subset(&seen) {
        pause(Duration::from_millis(10));
        let more = receiver.take();
        seen.extend(more.iter().map(|arrival| arrival.number));
        arrived.extend(more);
    }
    let took = restarted.elapsed();
    super::place::drained(&server, PATIENCE)?;
    arrived.extend(receiver.take());
    let twice = arrived.len() - arrived.iter().map(|arrival| arrival.number).collect::<HashSet<_>>().len();
    table.note(&format!(
        "{} creations were answered 201 before kill -9, {at_kill} deliveries had arrived",
        promised.len()
    ));
    table.one(
        "kill -9 under 64 creating connections: lost",
        "",
        whole(promised.difference(&seen).count()),
        Bar::AtMost(0.0),
    );
    table.one("  last arrival after the restart", "s", took.as_secs_f64(), Bar::AtMost(5.0));
    table.one(
        "  arrived twice, at most what may be in flight to one endpoint",
        "",
        whole(twice),
        Bar::AtMost(64.0),
    );
    server.stop()
}

impl Street {
    fn key(&self, who: Who) -> String {
        self.keys.get(who as usize).cloned().unwrap_or_default()
    }

    fn subscribe(&self, who: Who, path: &str) -> Outcome {
        subscribe(&self.server, &self.key(who), &self.receiver.url(path))
    }

    fn load(&self, who: Who) -> Load {
        let mut load = Load::new(self.server.app, 1, creations(self.key(who), 0));
        load.status = 201;
        load
    }

    /// Creates at the usual pace and answers how long each of the good deliveries took, in milliseconds.
    fn pace(&mut self, who: Who, good: u64, window: Duration) -> Outcome<Samples> {
        self.receiver.take();
        let before = self.receiver.count();
        let sent: Vec<Sent> = pace(&self.load(who), self.next, PER_S, window)?;
        self.next += sent.len() as u64;
        self.receiver.wait_for(before + sent.len() as u64 * good, PATIENCE)?;
        Ok(waits(&sent, &self.receiver.take()))
    }
}

fn window(plan: &Plan) -> Duration {
    plan.window * 5
}

fn one_of_ten(street: &mut Street, plan: &Plan, table: &mut Table) -> Outcome {
    let [mut alone, mut beside] = <[Samples; 2]>::default();
    street.pace(Who::Nine, 9, window(plan) / 4)?;
    for _ in 0..plan.rounds {
        alone.push(street.pace(Who::Nine, 9, window(plan))?.quantile(0.99));
        beside.push(street.pace(Who::NineAndTarpit, 9, window(plan))?.quantile(0.99));
    }
    table.row(
        &format!("nine good endpoints alone, {PER_S} events/s, p99"),
        "ms",
        &alone,
        Bar::None,
    );
    table.row("nine good endpoints beside a tarpit, p99", "ms", &beside, Bar::None);
    table.row("  beside by alone", "ratio", &beside.by(&alone), Bar::AtMost(1.5));
    Ok(())
}

fn next_door(street: &mut Street, plan: &Plan, table: &mut Table) -> Outcome {
    let [mut alone, mut beside] = <[Samples; 2]>::default();
    street.pace(Who::Neighbour, 1, window(plan) / 4)?;
    for _ in 0..plan.rounds {
        alone.push(street.pace(Who::Neighbour, 1, window(plan))?.quantile(0.99));
        let (tarpit, first) = (street.load(Who::Tarpit), street.next + 1_000_000);
        let longer = window(plan);
        let other = std::thread::spawn(move || pace(&tarpit, first, PER_S, longer));
        beside.push(street.pace(Who::Neighbour, 1, window(plan))?.quantile(0.99));
        other.join().map_err(|_| "the load of the tarpit panicked")??;
    }
    table.row(
        &format!("another tenant alone, {PER_S} events/s, p99"),
        "ms",
        &alone,
        Bar::None,
    );
    table.row(
        &format!("another tenant beside a tenant's tarpit at {PER_S} events/s, p99"),
        "ms",
        &beside,
        Bar::None,
    );
    table.row("  beside by alone", "ratio", &beside.by(&alone), Bar::AtMost(2.0));
    Ok(())
}

fn too_much(street: &mut Street, plan: &Plan, table: &mut Table) -> Outcome {
    let before = street.server.memory()?;
    let mut load = street.load(Who::Big);
    load.connections = 4;
    load.requests = creations(street.key(Who::Big), street.next + 2_000_000);
    let mut most = before.resident;
    for round in 0..plan.rounds {
        burst(&load, 1)?;
        load.requests = creations(street.key(Who::Big), street.next + 2_000_001 + round as u64);
        for _ in 0..40 {
            pause(Duration::from_millis(25));
            most = most.max(street.server.memory()?.resident);
        }
    }
    let grown = large(most.saturating_sub(before.resident)) / MIB;
    table.one(
        "eight answers of 100 MiB at once: memory grows by",
        "MiB",
        grown,
        Bar::AtMost(8.0),
    );
    Ok(())
}
