//! Reading over HTTP, as a client with a key does: the whole application, from the socket to the rows and back.

use super::Outcome;
use super::admission::{report, report_yardstick};
use super::load::{Load, Requests, each_key};
use super::place::Place;
use super::plan::Plan;
use super::rounds::{self, Cell};
use super::seed::{self, Tenant};
use super::table::{Bar, Table};
use std::sync::Arc;
use uuid::Uuid;

/// Tenants that read.
const READERS: usize = 100;
/// Products of each of them.
const PRODUCTS: usize = 100;

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    for place in Place::each(plan)? {
        on(&place, plan, table)?;
    }
    Ok(())
}

fn on(place: &Place, plan: &Plan, table: &mut Table) -> Outcome {
    let (keys, products) = place.with_store(async |store| {
        let keys = seed::tenants(&store, &[Tenant::PLENTY; READERS]).await?.concat();
        let mut products = Vec::new();
        for owner in 0..READERS {
            products.extend(seed::products(&store, owner, PRODUCTS).await?);
        }
        Ok((keys, products))
    })?;
    let server = place.serve()?;
    let cell = |to, requests| Cell::new(Load::new(to, 64, requests));
    let mut cells = [
        cell(server.beside, each_key("/bare", &keys)),
        cell(server.app, each_key("/api/v1/me", &keys)),
        cell(server.app, by_id(&keys, &products)),
        cell(server.app, each_key("/api/v1/products?limit=20", &keys)),
    ];
    rounds::measure(&server, plan, &mut cells)?;
    let [bare, me, one, page] = &cells;
    let name = place.name();
    let bar = Bar::AtLeast(if place.is_sqlite() { 0.22 } else { 0.12 });
    report_yardstick(table, &format!("bare actix-web handler, 64 connections ({name})"), bare);
    report(table, "GET /api/v1/me: no row is read", me, bare, Bar::None);
    table.row("  server CPU per request", "us", &me.cpu_us, Bar::None);
    report(table, &format!("GET /api/v1/products/{{id}} ({name})"), one, bare, bar);
    table.row("  server CPU per request", "us", &one.cpu_us, Bar::None);
    report(
        table,
        &format!("GET /api/v1/products?limit=20 ({name})"),
        page,
        bare,
        Bar::None,
    );
    table.row("  server CPU per request", "us", &page.cpu_us, Bar::None);
    server.stop()
}

/// Reads of products by id; keys and products are of tenants in the same order, as many products for each key.
pub(super) fn by_id(keys: &[String], products: &[Uuid]) -> Requests {
    let of_each = products.len() / keys.len().max(1);
    let ready: Vec<Vec<u8>> = (0..products.len())
        .filter_map(|n| {
            // Neighbours in time are of different tenants.
            let (owner, place) = (n % keys.len().max(1), n / keys.len().max(1));
            let path = format!("/api/v1/products/{}", products.get(owner * of_each + place)?);
            let mut bytes = Vec::new();
            super::raw::request(&mut bytes, ("GET", &path), keys.get(owner)?, "");
            Some(bytes)
        })
        .collect();
    Arc::new(move |n, out| {
        let place = usize::try_from(n).unwrap_or(0) % ready.len().max(1);
        out.extend_from_slice(ready.get(place).map(Vec::as_slice).unwrap_or_default());
    })
}
