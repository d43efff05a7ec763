//! Dropping copies whose rows have changed, here and at the gates. The service commits, then asks here, then answers its
//! client.

use super::TenantActor;
use super::kept::Shared;
use super::messages::{ForgetAll, ForgetKey};
use crate::actors::call;
use crate::actors::gate::messages::{Forget, Return};
use crate::domain::api_key::{Digest, TenantRoute};
use actix::{Handler, ResponseFuture};
use futures_util::future::join_all;
use std::rc::Rc;
use tokio::time::Instant;

impl Handler<ForgetKey> for TenantActor {
    type Result = ResponseFuture<()>;
    fn handle(&mut self, ForgetKey(digest): ForgetKey, _: &mut Self::Context) -> Self::Result {
        self.copies.forget(&digest);
        // A read that began before the commit may bring the old row.
        if let Some(load) = self.loading.get_mut(&digest) {
            load.is_stale = true;
        }
        Box::pin(tell(Rc::clone(&self.kept), self.route, Some(digest)))
    }
}

impl Handler<ForgetAll> for TenantActor {
    type Result = ResponseFuture<()>;
    fn handle(&mut self, _: ForgetAll, _: &mut Self::Context) -> Self::Result {
        self.copies.clear();
        for load in self.loading.values_mut() {
            load.is_stale = true;
        }
        Box::pin(tell(Rc::clone(&self.kept), self.route, None))
    }
}

/// Tells every gate that may hold a fresh copy; done when each has dropped it or it has aged out.
async fn tell(kept: Shared, route: TenantRoute, digest: Option<Digest>) {
    let holders = kept.borrow().holders(Instant::now());
    let told = holders.iter().map(|(gate, until)| async {
        let left = until.saturating_duration_since(Instant::now());
        match call::ask(&gate.addr, Forget { route, digest }, left).await {
            Ok(Return(owed)) => Some((gate.id, owed)),
            // Gone, or its copies are too old by now.
            Err(_) => None,
        }
    });
    for (gate, owed) in join_all(told).await.into_iter().flatten() {
        kept.borrow_mut().settle(gate, &owed);
    }
}
