//! Asking whether a licence is good, as every program does when it starts: over ten thousand licences and over a million.

use super::Outcome;
use super::admission::{report, report_yardstick};
use super::issued;
use super::load::{Load, Requests, burst};
use super::place::Place;
use super::plan::Plan;
use super::raw;
use super::rounds::{self, Cell};
use super::served::Served;
use super::table::{Bar, Table};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Licences of the small table.
const FEW: u64 = 10_000;
/// Neighbours in time are far apart in the table; a prime that divides neither size.
const STRIDE: u64 = 7_919;
/// Machines whose tokens are checked.
const MACHINES: u64 = 64;
/// Each caller has an address of his own, for which this server's own words are taken; programs that name no dialect speak
/// Licentric's.
const SETTINGS: &[&str] = &["trusted_proxies=127.0.0.0/8", "default_dialect=licentric"];
/// Of the bare handler, on SQLite with the large table.
const WANTED: f64 = 0.15;
/// The small table's rate by the large one's.
const GROWTH_MAX: f64 = 1.5;

/// One table with its server.
struct Shop {
    server: Served,
    licences: u64,
    products: Vec<Uuid>,
    /// Bodies of checks of a token.
    tokens: Vec<String>,
}

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    for (few, many) in Place::each(plan)?.into_iter().zip(Place::each(plan)?) {
        on([few, many], plan, table)?;
    }
    Ok(())
}

fn on([few, many]: [Place; 2], plan: &Plan, table: &mut Table) -> Outcome {
    let shops = [Shop::open(&few, FEW)?, Shop::open(&many, plan.many)?];
    let of_both = |cell: fn(&Shop) -> Cell| shops.each_ref().map(cell);
    let mut cells = [
        of_both(|shop| Cell::new(Load::new(shop.server.beside, 64, anonymous_gets("/bare")))),
        of_both(|shop| shop.cell("/api/v1/licenses/validate-key", shop.keys(false))),
        of_both(|shop| shop.cell("/api/v1/licenses/validate-key", shop.keys(true))),
        of_both(|shop| shop.cell("/verify", shop.keys_with_products())),
        of_both(|shop| shop.cell("/validate", shop.with_tokens())),
    ];
    rounds::measure_twins(shops.each_ref().map(|shop| &shop.server), plan, &mut cells)?;
    let [[_, bare], rest @ ..] = &cells;
    let name = many.name();
    report_yardstick(table, &format!("bare actix-web handler, 64 connections ({name})"), bare);
    let wanted = if many.is_sqlite() { Bar::AtLeast(WANTED) } else { Bar::None };
    let texts = [
        ("validate-key, no use counted, nobody listening", wanted),
        ("validate-key, every use counted and durable", Bar::None),
        ("verify of the license server", wanted),
        ("validate of the license server: a token's signature too", Bar::None),
    ];
    for ((text, bar), [few, many]) in texts.into_iter().zip(rest) {
        report(table, &format!("{text}, of {} licences ({name})", plan.many), many, bare, bar);
        table.row("  server CPU per request", "us", &many.cpu_us, Bar::None);
        table.row(
            &format!("  of {FEW} licences, by that"),
            "ratio",
            &few.per_s.by(&many.per_s),
            Bar::AtMost(GROWTH_MAX),
        );
    }
    shops.into_iter().try_for_each(|shop| shop.server.stop())
}

impl Shop {
    fn open(place: &Place, licences: u64) -> Outcome<Self> {
        let products = place.with_store(async |store| issued::add(&store, licences).await)?;
        let mut shop = Self {
            server: place.serve_with(SETTINGS)?,
            licences,
            products,
            tokens: Vec::new(),
        };
        // Each seller's key that signs answers is made at its first use.
        burst(
            &Load::new(shop.server.app, 8, posts("/api/v1/licenses/validate-key", shop.keys(false))),
            4 * issued::SELLERS as u64,
        )?;
        let body = (shop.keys(false))(0);
        let (_, answer) = raw::once(shop.server.app, ("POST", "/api/v1/licenses/validate-key"), "", &body)?;
        if !answer.contains(r#""valid":true"#) {
            return Err(format!("a good licence is answered with {answer}").into());
        }
        shop.tokens = shop.activated()?;
        Ok(shop)
    }

    fn cell(&self, path: &'static str, body: impl Fn(u64) -> String + Send + Sync + 'static) -> Cell {
        Cell::new(Load::new(self.server.app, 64, posts(path, body)))
    }

    /// Bodies with the keys of licences whose uses are counted, or of the others.
    fn keys(&self, counted: bool) -> impl Fn(u64) -> String + Send + Sync + 'static {
        let nth = self.nth(counted);
        move |n| format!(r#"{{"key":"{}"}}"#, issued::key(nth(n)))
    }

    fn keys_with_products(&self) -> impl Fn(u64) -> String + Send + Sync + 'static {
        let (nth, products) = (self.nth(false), self.products.clone());
        move |n| machine(nth(n), &products, "")
    }

    fn with_tokens(&self) -> impl Fn(u64) -> String + Send + Sync + 'static {
        let tokens = self.tokens.clone();
        move |n| {
            let place = usize::try_from(n).unwrap_or(0) % tokens.len().max(1);
            tokens.get(place).cloned().unwrap_or_default()
        }
    }

    /// Picks licences all over the table.
    fn nth(&self, counted: bool) -> impl Fn(u64) -> u64 + Send + Sync + 'static {
        let (all, sellers) = (self.licences, issued::SELLERS as u64);
        move |n| {
            let picked = n.wrapping_mul(STRIDE) % all;
            match issued::is_counted(picked) == counted {
                true => picked,
                false => (picked + sellers) % all,
            }
        }
    }

    /// Binds some machines and answers what checks their tokens.
    fn activated(&self) -> Outcome<Vec<String>> {
        let nth = self.nth(false);
        let mut bodies = Vec::new();
        for n in (0..MACHINES).map(nth) {
            let asked = machine(
                n,
                &self.products,
                r#","machineFingerprint":"fingerprint-of-it","hostname":"a-desk""#,
            );
            let (status, answer) = raw::once(self.server.app, ("POST", "/activate"), "", &asked)?;
            let answer: Value = serde_json::from_str(&answer)?;
            if status != 200 {
                return Err(format!("an activation was answered {status} {answer}").into());
            }
            let key = issued::key(n);
            let token = answer["token"].as_str().unwrap_or_default();
            bodies.push(json!({ "licenseKey": key, "machineFingerprint": "fingerprint-of-it", "token": token }).to_string());
        }
        Ok(bodies)
    }
}

fn machine(n: u64, products: &[Uuid], further: &str) -> String {
    let product = products.get(issued::seller(n)).copied().unwrap_or_default().simple();
    format!(r#"{{"licenseKey":"{}","productId":"{product}"{further}}}"#, issued::key(n))
}

fn posts(path: &'static str, body: impl Fn(u64) -> String + Send + Sync + 'static) -> Requests {
    Arc::new(move |n, out| raw::anonymous(out, ("POST", path), n, &body(n)))
}

fn anonymous_gets(path: &'static str) -> Requests {
    Arc::new(move |n, out| raw::anonymous(out, ("GET", path), n, ""))
}
