//! One request at a time: how long each takes, and what the same costs a shop that has more.

use super::Outcome;
use super::place;
use super::plan::Plan;
use super::raw::{self, Connection};
use super::samples::Samples;
use super::served::Served;
use super::table::{Bar, Table};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

/// Requests of each kind in one round.
const LOOKS: usize = 20;
/// Requests of each kind before anything counts.
const WARM_UP: usize = 3;

/// A request, ready to be sent.
pub(super) struct Question {
    bytes: Vec<u8>,
    path: String,
}

impl Question {
    /// A read by a key.
    pub(super) fn get(path: &str, key: &str) -> Self {
        let mut bytes = Vec::new();
        raw::request(&mut bytes, ("GET", path), key, "");
        Self {
            bytes,
            path: path.to_owned(),
        }
    }
}

/// The same question asked in a shop that has few rows and in one that has many, on one connection: one here, one there, so
/// that both met the same weather.
pub(super) fn few_and_many(server: &Served, plan: &Plan, few: &Question, many: &Question) -> Outcome<[Samples; 2]> {
    place::alone(async {
        let mut connection = open(server.app).await?;
        for question in [few, many] {
            for _ in 0..WARM_UP {
                ask(&mut connection, question).await?;
            }
        }
        let mut rounds = <[Samples; 2]>::default();
        for _ in 0..plan.rounds {
            let mut took = <[Samples; 2]>::default();
            for _ in 0..LOOKS {
                for (question, took) in [few, many].into_iter().zip(&mut took) {
                    took.push(ask(&mut connection, question).await?);
                }
            }
            for (took, round) in took.iter().zip(&mut rounds) {
                round.push(took.median());
            }
        }
        Ok(rounds)
    })
}

/// How long an answer takes on a connection of its own, in microseconds.
pub(super) fn first(server: &Served, question: &Question) -> Outcome<f64> {
    place::alone(async { ask(&mut open(server.app).await?, question).await })
}

async fn open(to: SocketAddr) -> Outcome<Connection> {
    Connection::open(to, IpAddr::V4(Ipv4Addr::LOCALHOST)).await
}

/// Asks once; answers the microseconds.
async fn ask(connection: &mut Connection, question: &Question) -> Outcome<f64> {
    let begun = Instant::now();
    let status = connection.ask(&question.bytes).await?;
    if status != 200 {
        return Err(format!("{} was answered {status}: {}", question.path, connection.text()).into());
    }
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}

/// Prints what the same question costs with more rows: the times in the text, the ratio as the figure.
pub(super) fn report(table: &mut Table, what: &str, [few, many]: &[Samples; 2], bar: Bar) {
    let text = format!("{what} ({:.0} / {:.0} us)", many.median(), few.median());
    table.row(&text, "ratio", &many.by(few), bar);
}
