//! How long connecting took, measured where the client connects and read where the attempt was made.

use crate::clock::Stopwatch;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    /// The attempt in whose name the client connects. A connect that goes on in the background belongs to none.
    static CURRENT: Connects;
}

/// No connect was made.
const NONE: u32 = u32::MAX;

/// What one attempt spent on connecting.
#[derive(Clone, Debug)]
pub(super) struct Connects(Arc<AtomicU32>);

impl Default for Connects {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(NONE)))
    }
}

impl Connects {
    /// Runs the attempt so that its connect is counted here.
    pub(super) fn within<F: Future>(self, attempt: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, attempt)
    }

    /// Milliseconds it took; `None` where an open connection was used or none came about.
    pub(super) fn elapsed_ms(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|ms| *ms != NONE)
    }
}

/// Wraps the client's connector with a stopwatch.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeConnects;

impl<S> Layer<S> for TimeConnects {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Timed<S> {
        Timed(inner)
    }
}

/// A connector that is timed.
#[derive(Clone, Debug)]
pub(super) struct Timed<S>(S);

impl<S, R> Service<R> for Timed<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let watch = Stopwatch::start();
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connected = connecting.await?;
            let _ = CURRENT.try_with(|current| current.0.store(watch.elapsed_ms(), Ordering::Relaxed));
            Ok(connected)
        })
    }
}
