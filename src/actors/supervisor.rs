//! Rebuilds actors from a factory after a panic, with back-off, and counts it.
//!
//! actix's own `Supervisor` restarts after `stop()` with the old value and does not survive a panic at all: the mailbox is
//! closed for good. Here the actor's task is awaited, so that its end is known at once, and the factory lives on the
//! arbiter, so that it may hand each new actor state (an `Rc`) that outlives the panic.

use super::call::{self, Unanswered};
use crate::telemetry::series;
use actix::dev::{MessageResponse, ToEnvelope};
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message};
use actix_rt::ArbiterHandle;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The longest pause before a restart; a client that retries after a 503 comes back about then.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// The pause before the second restart in a row; the first is at once.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// A run this long without a panic makes the next one a first again.
const CALM: Duration = Duration::from_secs(10);

/// How long to wait before the next restart, given how many there were in a row.
#[derive(Clone, Debug, Default)]
pub struct BackOff {
    in_a_row: u32,
    last: Option<Instant>,
}

impl BackOff {
    /// Notes a failure at `now` and tells the pause before the next start.
    pub fn after_failure(&mut self, now: Instant) -> Duration {
        if self.last.is_some_and(|last| now.duration_since(last) > CALM) {
            self.in_a_row = 0;
        }
        self.last = Some(now);
        self.in_a_row = self.in_a_row.saturating_add(1);
        match self.in_a_row {
            1 => Duration::ZERO,
            n => PAUSE_MIN.saturating_mul(1 << (n - 2).min(10)).min(PAUSE_MAX),
        }
    }
}

/// Counts one restart of an actor of this kind.
pub fn count_restart(kind: &'static str) {
    series::actor_restarted(kind);
    tracing::error!(actor = kind, "actor restarted after a panic");
}

/// Starts an actor on the present arbiter with a mailbox of `capacity`; its task ends when the actor does, with an error
/// where it panicked.
pub fn launch<A: Actor<Context = Context<A>>>(actor: A, capacity: usize) -> (Addr<A>, JoinHandle<()>) {
    let mut context = Context::new();
    context.set_mailbox_capacity(capacity);
    let addr = context.address();
    (addr, actix_rt::spawn(context.into_future(actor)))
}

/// What is kept of a supervised actor: always the address of the one that lives now.
pub struct Supervised<A: Actor> {
    current: watch::Receiver<Option<Addr<A>>>,
}

impl<A: Actor> Clone for Supervised<A> {
    fn clone(&self) -> Self {
        Self {
            current: self.current.clone(),
        }
    }
}

impl<A: Actor> std::fmt::Debug for Supervised<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supervised").field("alive", &self.addr().is_some()).finish()
    }
}

impl<A: Actor<Context = Context<A>>> Supervised<A> {
    /// Starts an actor on `arbiter` and keeps it alive until it stops by itself; `make` runs there, is
    /// given the handle itself, and yields the factory.
    pub fn start<M, F>(arbiter: &ArbiterHandle, kind: &'static str, capacity: usize, make: M) -> Self
    where
        M: FnOnce(Self) -> F + Send + 'static,
        F: FnMut() -> A + 'static,
    {
        let (publish, current) = watch::channel(None);
        let myself = Self {
            current: current.clone(),
        };
        arbiter.spawn_fn(move || {
            let factory = make(myself);
            actix_rt::spawn(keep(kind, capacity, factory, publish));
        });
        Self { current }
    }
}

impl<A: Actor> Supervised<A> {
    /// The address of the actor that lives now; `None` between a panic and the restart.
    pub fn addr(&self) -> Option<Addr<A>> {
        self.current.borrow().clone().filter(Addr::connected)
    }

    /// The address, waiting out a restart until `deadline`.
    pub async fn live(&self, deadline: Duration) -> Result<Addr<A>, Unanswered> {
        match self.addr() {
            Some(addr) => Ok(addr),
            None => self.live_after(None, deadline).await,
        }
    }

    /// The address of a successor of `dead`; a mailbox may look alive for a moment after its actor's panic.
    async fn live_after(&self, dead: Option<&Addr<A>>, deadline: Duration) -> Result<Addr<A>, Unanswered> {
        let mut current = self.current.clone();
        let alive = current.wait_for(|addr| addr.as_ref().is_some_and(|addr| addr.connected() && Some(addr) != dead));
        match tokio::time::timeout(deadline, alive).await {
            Ok(Ok(addr)) => addr.clone().ok_or(Unanswered::Closed),
            Ok(Err(_)) => Err(Unanswered::Closed),
            Err(_) => Err(Unanswered::Late),
        }
    }

    /// Asks the actor that lives now, as `call::ask`, and its successor once where it died before it answered.
    pub async fn ask<M>(&self, message: M, deadline: Duration) -> Result<M::Result, Unanswered>
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Clone + Send + 'static,
        M::Result: MessageResponse<A, M> + Send,
    {
        let addr = self.live(deadline).await?;
        match call::ask(&addr, message.clone(), deadline).await {
            Err(Unanswered::Closed) => {
                let heir = self.live_after(Some(&addr), deadline).await?;
                call::ask(&heir, message, deadline).await
            }
            answered => answered,
        }
    }

    /// Pokes the actor that lives now, as `call::poke`.
    pub fn poke<M>(&self, message: M) -> bool
    where
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        self.addr().is_some_and(|addr| call::poke(&addr, message))
    }
}

async fn keep<A, F>(kind: &'static str, capacity: usize, mut factory: F, publish: watch::Sender<Option<Addr<A>>>)
where
    A: Actor<Context = Context<A>>,
    F: FnMut() -> A,
{
    let mut back_off = BackOff::default();
    loop {
        if let Ok((addr, task)) = catch_unwind(AssertUnwindSafe(|| launch(factory(), capacity))) {
            publish.send_replace(Some(addr));
            let ended = task.await;
            publish.send_replace(None);
            if ended.is_ok() {
                return;
            }
        }
        count_restart(kind);
        tokio::time::sleep(back_off.after_failure(Instant::now())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    struct Counter(Rc<Cell<u32>>);
    impl Actor for Counter {
        type Context = Context<Self>;
    }

    #[derive(Clone, Message)]
    #[rtype(result = "u32")]
    struct Add {
        then_panic: bool,
    }

    #[derive(Clone, Message)]
    #[rtype(result = "()")]
    struct Stop;

    impl Handler<Add> for Counter {
        type Result = u32;
        fn handle(&mut self, add: Add, _: &mut Self::Context) -> u32 {
            self.0.set(self.0.get() + 1);
            assert!(!add.then_panic, "asked to");
            self.0.get()
        }
    }

    impl Handler<Stop> for Counter {
        type Result = ();
        fn handle(&mut self, _: Stop, ctx: &mut Self::Context) {
            actix::ActorContext::stop(ctx);
        }
    }

    fn counter(panics_at_start: u32) -> Supervised<Counter> {
        let arbiter = actix_rt::Arbiter::new();
        Supervised::start(&arbiter.handle(), "test", 16, move |_| {
            let kept = Rc::new(Cell::new(0));
            let mut panics = panics_at_start;
            move || {
                if panics > 0 {
                    panics -= 1;
                    panic!("while starting");
                }
                Counter(Rc::clone(&kept))
            }
        })
    }

    #[actix_rt::test]
    async fn a_panic_closes_one_answer_and_keeps_the_state() {
        let counter = counter(0);
        assert_eq!(counter.ask(Add { then_panic: false }, call::ASK_DEADLINE).await, Ok(1));
        let lost = counter.ask(Add { then_panic: true }, call::ASK_DEADLINE).await;
        assert_eq!(lost, Err(Unanswered::Closed), "it panicked the successor too");
        assert_eq!(counter.ask(Add { then_panic: false }, call::ASK_DEADLINE).await, Ok(4));
    }

    #[actix_rt::test]
    async fn a_factory_that_panics_is_tried_again() {
        let counter = counter(2);
        assert_eq!(counter.ask(Add { then_panic: false }, call::ASK_DEADLINE).await, Ok(1));
    }

    #[actix_rt::test]
    async fn an_actor_that_stops_by_itself_stays_stopped() {
        let counter = counter(0);
        assert_eq!(counter.ask(Stop, call::ASK_DEADLINE).await, Ok(()));
        let after = counter.ask(Add { then_panic: false }, Duration::from_millis(200)).await;
        assert!(after.is_err());
    }

    #[test]
    fn the_pause_grows_to_its_bound_and_a_calm_spell_resets_it() {
        let mut back_off = BackOff::default();
        let mut now = Instant::now();
        let pauses: Vec<_> = (0..12).map(|_| back_off.after_failure(now)).collect();
        assert_eq!(pauses[0], Duration::ZERO);
        assert_eq!(pauses[1], PAUSE_MIN);
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses[11], PAUSE_MAX);
        now += CALM + Duration::from_secs(1);
        assert_eq!(back_off.after_failure(now), Duration::ZERO);
    }
}
