//! The load generator: one thread, keep-alive connections, each with one request under way.

use super::Outcome;
use super::raw::Connection;
use super::samples::large;
use super::served::Served;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

/// Load before the clock runs, so that connections stand and what is read once has been read.
const WARM_UP: Duration = Duration::from_millis(150);

/// Writes the n-th request of a load.
pub(super) type Requests = Arc<dyn Fn(u64, &mut Vec<u8>) + Send + Sync>;

/// As many requests as the connections carry, one after the other on each.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) to: SocketAddr,
    pub(super) connections: usize,
    pub(super) from: IpAddr,
    pub(super) requests: Requests,
    /// The status that is expected.
    pub(super) status: u16,
    /// Whether any other will do.
    pub(super) any_status: bool,
}

impl Load {
    /// A load from this machine's usual address, answered with 200.
    pub(super) fn new(to: SocketAddr, connections: usize, requests: Requests) -> Self {
        Self {
            to,
            connections,
            from: IpAddr::V4(Ipv4Addr::LOCALHOST),
            requests,
            status: 200,
            any_status: false,
        }
    }
}

/// What came of a load.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Measured {
    /// Answers per second, within the window.
    pub(super) per_s: f64,
    /// CPU time of the server per answer, in microseconds; of all loads that ran together.
    pub(super) cpu_us: f64,
}

#[derive(Default)]
struct Tally {
    next: Cell<u64>,
    done: Cell<u64>,
    odd: Cell<u64>,
    status: Cell<u16>,
    stopped: Cell<bool>,
}

/// Runs one load for a window.
pub(super) fn drive(server: &Served, load: &Load, window: Duration) -> Outcome<Measured> {
    let all = drive_together(server, std::slice::from_ref(load), window)?;
    all.first().copied().ok_or_else(|| "no load".into())
}

/// Runs loads side by side for a window, all from one thread, so that each has its share of the generator.
pub(super) fn drive_together(server: &Served, loads: &[Load], window: Duration) -> Outcome<Vec<Measured>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tallies: Vec<Rc<Tally>> = loads.iter().map(|_| Rc::default()).collect();
    let measured = LocalSet::new().block_on(&runtime, async {
        for (load, tally) in loads.iter().zip(&tallies) {
            for _ in 0..load.connections {
                tokio::task::spawn_local(keep_asking(load.clone(), tally.clone()));
            }
        }
        tokio::time::sleep(WARM_UP).await;
        let before: Vec<u64> = tallies.iter().map(|tally| tally.done.get()).collect();
        let (cpu, started) = (server.cpu()?, Instant::now());
        tokio::time::sleep(window).await;
        let (seconds, cpu) = (started.elapsed().as_secs_f64(), server.cpu()?.saturating_sub(cpu));
        let done: Vec<u64> = tallies
            .iter()
            .zip(before)
            .map(|(tally, before)| tally.done.get() - before)
            .collect();
        let answers = large(done.iter().sum::<u64>().max(1));
        Outcome::Ok(
            done.iter()
                .map(|done| Measured {
                    per_s: large(*done) / seconds,
                    cpu_us: cpu.as_secs_f64() * 1e6 / answers,
                })
                .collect::<Vec<_>>(),
        )
    })?;
    for (tally, load) in tallies.iter().zip(loads) {
        tally.stopped.set(true);
        if tally.done.get() == 0 || tally.odd.get() * 20 > tally.done.get() {
            let text = format!(
                "{} of {} answers were not {}, the last was {}",
                tally.odd.get(),
                tally.done.get(),
                load.status,
                tally.status.get()
            );
            return Err(text.into());
        }
    }
    Ok(measured)
}

async fn keep_asking(load: Load, tally: Rc<Tally>) {
    let mut bytes = Vec::with_capacity(2048);
    while !tally.stopped.get() {
        let Ok(mut connection) = Connection::open(load.to, load.from).await else {
            tally.odd.set(tally.odd.get() + 1);
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        while !tally.stopped.get() {
            bytes.clear();
            (load.requests)(tally.next.replace(tally.next.get() + 1), &mut bytes);
            let Ok(status) = connection.ask(&bytes).await else {
                tally.odd.set(tally.odd.get() + 1);
                break;
            };
            tally.done.set(tally.done.get() + 1);
            if status != load.status && !load.any_status {
                tally.odd.set(tally.odd.get() + 1);
                tally.status.set(status);
            }
        }
    }
}

/// Sends exactly so many requests, as fast as they are answered; each must be answered as expected.
pub(super) fn burst(load: &Load, count: u64) -> Outcome {
    let answered = u64::try_from(answered(load, count)?.len())?;
    if answered == count {
        Ok(())
    } else {
        Err(format!("{answered} of {count} requests were answered {}", load.status).into())
    }
}

/// Sends so many requests, as fast as they are answered; tells the numbers of those that were answered as expected. A
/// connection that breaks ends its share.
pub(super) fn answered(load: &Load, count: u64) -> Outcome<Vec<u64>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let next: Rc<Cell<u64>> = Rc::default();
    let answered: Rc<RefCell<Vec<u64>>> = Rc::default();
    LocalSet::new().block_on(&runtime, async {
        let mut tasks = Vec::with_capacity(load.connections);
        for _ in 0..load.connections {
            let (load, next, answered) = (load.clone(), next.clone(), answered.clone());
            tasks.push(tokio::task::spawn_local(async move {
                let Ok(mut connection) = Connection::open(load.to, load.from).await else {
                    return;
                };
                let mut bytes = Vec::new();
                while next.get() < count {
                    let number = next.replace(next.get() + 1);
                    bytes.clear();
                    (load.requests)(number, &mut bytes);
                    match connection.ask(&bytes).await {
                        Ok(status) if status == load.status => answered.borrow_mut().push(number),
                        _ => return,
                    }
                }
            }));
        }
        for task in tasks {
            task.await?;
        }
        Outcome::Ok(())
    })?;
    Ok(answered.take())
}

/// When a paced request was sent, and the number it carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) number: u64,
    pub(super) at: Instant,
}

/// Sends so many requests a second for so long, whatever becomes of the earlier ones; answers when each was sent.
pub(super) fn pace(load: &Load, first: u64, per_s: u32, window: Duration) -> Outcome<Vec<Sent>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
    let odd: Rc<Cell<u64>> = Rc::default();
    let sent = LocalSet::new().block_on(&runtime, async {
        let mut sent = Vec::new();
        let mut tasks = Vec::new();
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / per_s.max(1));
        let ends_at = Instant::now() + window;
        let mut number = first;
        while Instant::now() < ends_at {
            ticks.tick().await;
            let kept = idle.borrow_mut().pop();
            let mut connection = match kept {
                Some(connection) => connection,
                None => Connection::open(load.to, load.from).await?,
            };
            let mut bytes = Vec::new();
            (load.requests)(number, &mut bytes);
            sent.push(Sent {
                number,
                at: Instant::now(),
            });
            number += 1;
            let (idle, odd, expected) = (idle.clone(), odd.clone(), load.status);
            tasks.push(tokio::task::spawn_local(async move {
                match connection.ask(&bytes).await {
                    Ok(status) if status == expected => idle.borrow_mut().push(connection),
                    _ => odd.set(odd.get() + 1),
                }
            }));
        }
        for task in tasks {
            task.await?;
        }
        Outcome::Ok(sent)
    })?;
    match odd.get() {
        0 => Ok(sent),
        some => Err(format!("{some} of {} paced requests were refused", sent.len()).into()),
    }
}

/// Requests of one form over a list of keys, each in turn.
pub(super) fn each_key(path: &'static str, keys: &[String]) -> Requests {
    let ready: Vec<Vec<u8>> = keys
        .iter()
        .map(|key| {
            let mut bytes = Vec::new();
            super::raw::request(&mut bytes, ("GET", path), key, "");
            bytes
        })
        .collect();
    Arc::new(move |n, out| {
        let place = usize::try_from(n).unwrap_or(0) % ready.len().max(1);
        out.extend_from_slice(ready.get(place).map(Vec::as_slice).unwrap_or_default());
    })
}
