//! What the server holds: at rest, under load, and for each tenant that is awake.

use super::Outcome;
use super::load::{Load, burst, each_key};
use super::place::Place;
use super::plan::Plan;
use super::samples::{large, whole};
use super::seed::{self, Tenant};
use super::served::pause;
use super::table::{Bar, Table};
use std::time::Duration;

/// Tenants awake.
const AWAKE: usize = 10_000;
const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    let place = Place::sqlite(plan)?;
    let known = plan.tenants.max(2 * AWAKE);
    let keys = place
        .with_store(async |store| seed::tenants(&store, &vec![Tenant::USUAL; known]).await)?
        .concat();
    let server = place.serve()?;
    pause(Duration::from_secs(1));
    let idle = server.memory()?;
    table.one(
        &format!("at rest, {known} tenants known: resident"),
        "MiB",
        large(idle.resident) / MIB,
        Bar::AtMost(64.0),
    );
    table.one("  of its own, without mapped files", "MiB", large(idle.own) / MIB, Bar::None);
    // Spread over the whole table, as tenants are; the first thousand bring allocators and readers to their working size.
    let step = known / (AWAKE + 1_000);
    let spread: Vec<String> = keys.into_iter().step_by(step.max(1)).collect();
    let (first, second) = spread.split_at(1_000);
    let wake = |keys: &[String]| -> Outcome<u64> {
        burst(&Load::new(server.beside, 64, each_key("/admit", keys)), keys.len() as u64)?;
        // What was only needed to wake them is given back meanwhile.
        pause(Duration::from_secs(6));
        Ok(server.memory()?.own)
    };
    let before = wake(first)?;
    let awake = second.get(..AWAKE.min(second.len())).unwrap_or(second);
    let after = wake(awake)?;
    let each = large(after.saturating_sub(before)) / whole(awake.len().max(1));
    table.one(
        &format!("for each idle tenant actor, {} of {known} tenants awake", awake.len()),
        "bytes",
        each,
        Bar::AtMost(4096.0),
    );
    let then = server.memory()?;
    table.one(
        "with all of them awake: resident",
        "MiB",
        large(then.resident) / MIB,
        Bar::None,
    );
    table.one("  of its own, without mapped files", "MiB", large(then.own) / MIB, Bar::None);
    server.stop()
}
