//! The gates of one server: each thread finds its own, and changes reach all.

use super::messages::{Answer, Close, Enter, Flush, GateRef, Panic};
use super::{COPY_AGE, Gate, MAILBOX, Parts};
use crate::actors::call;
use crate::actors::deps::Deps;
use crate::actors::registry::Registry;
use crate::actors::supervisor;
use crate::actors::tenant::messages::Admit;
use crate::domain::api_key::TenantRoute;
use actix::dev::Request;
use actix::{AsyncContext, Context};
use actix_rt::Arbiter;
use futures_util::future::join_all;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use uuid::Uuid;

thread_local! {
    /// This thread's gate of each server in this process: tests run several.
    static HERE: RefCell<Vec<(Uuid, Arc<GateRef>)>> = const { RefCell::new(Vec::new()) };
}

/// The handle to all gates of one server.
#[derive(Debug)]
pub struct Gates {
    server: Uuid,
    parts: Arc<Parts>,
    /// Every gate that may still hold something; none are made once this is `None`.
    all: Mutex<Option<Vec<Arc<GateRef>>>>,
}

impl Gates {
    /// Starts without any gate: a thread's first call makes its own.
    pub fn new(deps: &Deps, registry: Registry) -> Self {
        Self {
            server: deps.node.boot,
            parts: Arc::new(Parts {
                registry,
                clock: deps.clock.clone(),
                has_ticks: deps.has_ticks,
                numbers: AtomicU64::new(1),
                gates: AtomicU32::new(0),
            }),
            all: Mutex::new(Some(Vec::new())),
        }
    }

    /// A number for one call, to be kept when it is tried again.
    pub fn number(&self) -> u64 {
        self.parts.number()
    }

    /// Asks this thread's gate; `None` where it has died, the server is stopping, or the thread is none of actix's.
    pub async fn enter(&self, route: TenantRoute, admit: Admit, number: u64) -> Option<Answer> {
        // No deadline: the gate is on this very thread and waits for nothing.
        self.ask_here(Enter { route, admit, number })?.await.ok()
    }

    /// Makes every gate drop its copies and hand in its loans; a gate that hangs holds nothing fresh any more when this
    /// gives up on it.
    pub async fn flush(&self) {
        join_all(self.alive().iter().map(|gate| call::ask(&gate.addr, Flush, COPY_AGE))).await;
    }

    /// As `flush`, and ends them; also waits for those whose threads are ending.
    pub async fn close(&self) {
        let gates = self.list().take().unwrap_or_default();
        join_all(gates.iter().map(|gate| async {
            let _ = call::ask(&gate.addr, Close, COPY_AGE).await;
            // Errs as soon as the gate is gone.
            let _ = tokio::time::timeout(COPY_AGE, gate.ended.clone().changed()).await;
        }))
        .await;
        HERE.with_borrow_mut(|here| here.retain(|(server, _)| *server != self.server));
    }

    /// Makes every gate panic, for tests.
    pub fn panic(&self) {
        for gate in self.alive() {
            call::poke(&gate.addr, Panic);
        }
    }

    fn ask_here(&self, enter: Enter) -> Option<Request<Gate, Enter>> {
        HERE.with_borrow_mut(|here| {
            let place = here.iter().position(|(server, _)| *server == self.server);
            if let Some((_, gate)) = place.and_then(|place| here.get(place)) {
                if gate.addr.connected() {
                    return Some(gate.addr.send(enter));
                }
                supervisor::count_restart("gate");
            }
            let gate = self.start()?;
            let question = gate.addr.send(enter);
            here.retain(|(server, _)| *server != self.server);
            here.push((self.server, gate));
            Some(question)
        })
    }

    fn start(&self) -> Option<Arc<GateRef>> {
        // Elsewhere nothing would run it.
        Arbiter::try_current()?;
        let mut list = self.list();
        let all = list.as_mut()?;
        let (alive, ended) = watch::channel(());
        let mut context = Context::new();
        context.set_mailbox_capacity(MAILBOX);
        let gate = Arc::new(GateRef {
            id: self.number(),
            addr: context.address(),
            ended,
        });
        self.parts.gates.fetch_add(1, Ordering::Relaxed);
        let actor = Gate {
            parts: Arc::clone(&self.parts),
            myself: Arc::clone(&gate),
            rooms: HashMap::new(),
            copies: 0,
            _alive: alive,
        };
        // Its end is seen by the next call.
        drop(actix_rt::spawn(context.into_future(actor)));
        all.retain(|gate| gate.addr.connected());
        all.push(Arc::clone(&gate));
        Some(gate)
    }

    fn alive(&self) -> Vec<Arc<GateRef>> {
        let mut list = self.list();
        let Some(all) = list.as_mut() else {
            return Vec::new();
        };
        all.retain(|gate| gate.addr.connected());
        all.clone()
    }

    fn list(&self) -> MutexGuard<'_, Option<Vec<Arc<GateRef>>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
