//! What it costs to ask a tenant's actor whether a key may come in: many tenants, one hot one, many keys, and a flood of
//! keys that nobody has.

use super::load::{Load, drive, drive_together, each_key};
use super::place::Place;
use super::plan::Plan;
use super::rounds::{self, Cell};
use super::samples::Samples;
use super::seed::{self, Tenant};
use super::table::{Bar, Table};
use super::{Outcome, served::Served};
use fondaco::clock::Ids;
use fondaco::domain::api_key::{TenantRoute, mint};
use std::net::{IpAddr, Ipv4Addr};

/// Tenants with ten keys each and both buckets.
const BUSY: usize = 1_000;
/// Tenants over which the usual figure is spread.
const SPREAD: usize = 100;

/// Keys by what they are for.
struct Keys {
    both_buckets: Vec<String>,
    hundred: Vec<String>,
    hot: Vec<String>,
    thousand: Vec<String>,
}

fn seed(place: &Place) -> Outcome<Keys> {
    let mut wanted = vec![
        Tenant {
            keys: 10,
            has_plenty: true,
            has_day: true
        };
        BUSY
    ];
    wanted.extend(vec![Tenant::PLENTY; SPREAD + 1 + BUSY]);
    let mut keys = place.with_store(async |store| seed::tenants(&store, &wanted).await)?;
    let thousand = keys.split_off(BUSY + SPREAD + 1).concat();
    let hot = keys.split_off(BUSY + SPREAD).concat();
    let hundred = keys.split_off(BUSY).concat();
    Ok(Keys {
        both_buckets: shuffled(&keys),
        hundred,
        hot,
        thousand,
    })
}

/// First keys of all tenants, then second ones: neighbours in time are of different tenants.
fn shuffled(keys: &[Vec<String>]) -> Vec<String> {
    (0..10)
        .flat_map(|place| keys.iter().filter_map(move |own| own.get(place)).cloned())
        .collect()
}

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    let place = Place::sqlite(plan)?;
    let keys = seed(&place)?;
    let server = place.serve()?;
    let load = |path, connections, keys: &[String]| Cell::new(Load::new(server.beside, connections, each_key(path, keys)));
    let mut cells = [
        load("/bare", 64, &keys.hundred),
        load("/admit", 64, &keys.hundred),
        load("/admit", 64, &keys.hot),
        load("/admit", 64, &keys.thousand),
        load("/admit", 64, &keys.both_buckets),
        load("/bare", 512, &keys.hundred),
        load("/admit", 512, &keys.both_buckets),
    ];
    // Every key's row is read once before anything counts.
    drive(
        &server,
        &Load::new(server.beside, 64, each_key("/admit", &keys.both_buckets)),
        plan.window * 2,
    )?;
    rounds::measure(&server, plan, &mut cells)?;
    tell(table, &cells);
    server.stop()
}

fn tell(table: &mut Table, cells: &[Cell; 7]) {
    let [bare, hundred, hot, thousand, both, bare_512, both_512] = cells;
    report_yardstick(table, "bare actix-web handler, 64 connections", bare);
    report(
        table,
        "admission, 100 tenants, 64 connections",
        hundred,
        bare,
        Bar::AtLeast(0.60),
    );
    table.row(
        "  the same, by the bar of the gate",
        "ratio",
        &hundred.per_s.by(&bare.per_s),
        Bar::AtLeast(0.75),
    );
    table.row(
        "  added server CPU",
        "us",
        &hundred.cpu_us.less(&bare.cpu_us),
        Bar::AtMost(10.0),
    );
    report(
        table,
        "admission, one hot tenant with a quota of its own, 64 connections",
        hot,
        bare,
        Bar::AtLeast(0.75),
    );
    table.row("  added server CPU", "us", &hot.cpu_us.less(&bare.cpu_us), Bar::AtMost(10.0));
    report(table, "admission, 1,000 tenants, 64 connections", thousand, bare, Bar::None);
    table.row(
        "  one hot tenant by 1,000 tenants",
        "ratio",
        &hot.per_s.by(&thousand.per_s),
        Bar::AtLeast(0.7),
    );
    report(
        table,
        "admission, both buckets, 10,000 keys of 1,000 tenants, 64 connections",
        both,
        bare,
        Bar::None,
    );
    report_yardstick(table, "bare actix-web handler, 512 connections", bare_512);
    report(
        table,
        "admission, both buckets, 10,000 keys of 1,000 tenants, 512 connections",
        both_512,
        bare_512,
        Bar::None,
    );
}

/// The figure a section compares with.
pub(super) fn report_yardstick(table: &mut Table, what: &str, cell: &Cell) {
    table.row(what, "req/s", &cell.per_s, Bar::None);
    table.row("  server CPU per request", "us", &cell.cpu_us, Bar::None);
}

/// A figure and its ratio to the yardstick.
pub(super) fn report(table: &mut Table, what: &str, cell: &Cell, bare: &Cell, bar: Bar) {
    table.row(what, "req/s", &cell.per_s, Bar::None);
    table.row("  by the bare handler", "ratio", &cell.per_s.by(&bare.per_s), bar);
}

/// Keys that nobody has, of three makes.
#[derive(Clone, Copy)]
enum Garbage {
    /// Of no known form.
    Formless,
    /// Of our form, with a checksum that is wrong.
    Mistyped,
    /// With a right checksum, as whoever reads the documentation can make it.
    Forged,
}

impl Garbage {
    fn keys(self) -> Vec<String> {
        let ids = Ids::default();
        (0..20_000)
            .map(|_| match self {
                Self::Formless => hex::encode(ids.bytes::<36>()),
                Self::Mistyped => format!("fo_live_{}", hex::encode(ids.bytes::<32>())),
                Self::Forged => mint("fo_live_", ids.bytes(), TenantRoute(ids.bytes())).expose().to_owned(),
            })
            .collect()
    }
}

pub(super) fn flood(plan: &Plan, table: &mut Table) -> Outcome {
    let place = Place::sqlite(plan)?;
    let (keys, products) = place.with_store(async |store| {
        let keys = seed::tenants(&store, &[Tenant::PLENTY]).await?;
        Ok((keys.concat(), seed::products(&store, 0, 100).await?))
    })?;
    let server = place.serve()?;
    let good = Load::new(server.app, 32, super::reads::by_id(&keys, &products));
    let alone = measure_flood(plan, &server, &good, Garbage::Mistyped)?;
    table.row(
        "good tenant alone, GET by id, 32 connections",
        "req/s",
        &alone.alone,
        Bar::None,
    );
    report_flood(table, "a flood of mistyped keys, 32 connections", &alone);
    for (name, garbage) in [
        ("a flood of formless keys", Garbage::Formless),
        ("a flood of forged keys", Garbage::Forged),
    ] {
        report_flood(table, name, &measure_flood(plan, &server, &good, garbage)?);
    }
    table.note("the flood asks as fast as it is answered, from the same thread as the good tenant, on the same cores");
    server.stop()
}

#[derive(Default)]
struct Flooded {
    alone: Samples,
    beside: Samples,
    garbage: Samples,
}

fn measure_flood(plan: &Plan, server: &Served, good: &Load, garbage: Garbage) -> Outcome<Flooded> {
    let mut flooded = Flooded::default();
    let mut flood = Load::new(server.app, 32, each_key("/api/v1/products", &garbage.keys()));
    // From elsewhere: failures count against an address, and the good tenant is not behind this one.
    flood.from = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    flood.any_status = true;
    for _ in 0..plan.rounds {
        flooded.alone.push(drive(server, good, plan.window)?.per_s);
        let both = drive_together(server, &[good.clone(), flood.clone()], plan.window)?;
        let rate = |place: usize| both.get(place).map_or(f64::NAN, |measured| measured.per_s);
        flooded.beside.push(rate(0));
        flooded.garbage.push(rate(1));
    }
    Ok(flooded)
}

fn report_flood(table: &mut Table, what: &str, flooded: &Flooded) {
    table.row(&format!("{what}: refused"), "req/s", &flooded.garbage, Bar::None);
    table.row(
        "  the good tenant keeps",
        "ratio",
        &flooded.beside.by(&flooded.alone),
        Bar::AtLeast(0.8),
    );
}
