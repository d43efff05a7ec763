//! Loads that take turns, so that each met the same weather as its yardstick.

use super::Outcome;
use super::load::{Load, drive};
use super::plan::Plan;
use super::samples::Samples;
use super::served::Served;

/// One load and what it measured, a sample per round.
pub(super) struct Cell {
    load: Load,
    /// Answers per second.
    pub(super) per_s: Samples,
    /// CPU time of the server per answer, in microseconds.
    pub(super) cpu_us: Samples,
}

impl Cell {
    pub(super) fn new(load: Load) -> Self {
        Self {
            load,
            per_s: Samples::default(),
            cpu_us: Samples::default(),
        }
    }

    /// Measures once more.
    pub(super) fn measure(&mut self, server: &Served, plan: &Plan) -> Outcome {
        let measured = drive(server, &self.load, plan.window)?;
        self.per_s.push(measured.per_s);
        self.cpu_us.push(measured.cpu_us);
        Ok(())
    }
}

/// Measures every cell in every round; each round begins with another one. A round before them warms up and is not kept.
pub(super) fn measure(server: &Served, plan: &Plan, cells: &mut [Cell]) -> Outcome {
    for cell in cells.iter() {
        drive(server, &cell.load, plan.window / 4)?;
    }
    for round in 0..plan.rounds {
        for turn in 0..cells.len() {
            let place = (round + turn) % cells.len();
            if let Some(cell) = cells.get_mut(place) {
                cell.measure(server, plan)?;
            }
        }
    }
    Ok(())
}

/// Measures the same cells at two servers, each beside its twin, and which of them goes first changes.
pub(super) fn measure_twins(servers: [&Served; 2], plan: &Plan, cells: &mut [[Cell; 2]]) -> Outcome {
    for pair in cells.iter() {
        for (server, cell) in servers.into_iter().zip(pair) {
            drive(server, &cell.load, plan.window / 4)?;
        }
    }
    for round in 0..plan.rounds {
        for turn in 0..cells.len() {
            let place = (round + turn) % cells.len();
            let Some([few, many]) = cells.get_mut(place) else {
                continue;
            };
            let [of_few, of_many] = servers;
            if round % 2 == 0 {
                few.measure(of_few, plan)?;
                many.measure(of_many, plan)?;
            } else {
                many.measure(of_many, plan)?;
                few.measure(of_few, plan)?;
            }
        }
    }
    Ok(())
}
