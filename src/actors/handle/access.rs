//! Keys: their admission, and what must be forgotten of them.

use super::{Actors, TRIES};
use crate::actors::call::ASK_DEADLINE;
use crate::actors::gate::COPY_AGE;
use crate::actors::gate::messages::Answer;
use crate::actors::tenant::TenantActor;
use crate::actors::tenant::messages::{Admit, Admitted, ForgetAll, ForgetKey, Refusal};
use crate::domain::Error;
use crate::domain::api_key::{Digest, TenantRoute};
use actix::{Handler, Message};

impl Actors {
    /// Judges and charges a call of a key of the tenant at `route`, at the gate of this thread, which must be one of
    /// actix's: a message that wakes no other thread, or one more to the tenant's actor, or one row more where it is new.
    pub async fn admit(&self, route: TenantRoute, admit: Admit) -> std::result::Result<Admitted, Refusal> {
        let number = self.inner.gates.number();
        for _ in 0..TRIES {
            match self.inner.gates.enter(route, admit.clone(), number).await {
                Some(Answer::Now(verdict)) => return *verdict,
                Some(Answer::Later(promise)) => match tokio::time::timeout(ASK_DEADLINE, promise).await {
                    Ok(Ok(verdict)) => return verdict,
                    // An actor died with the call; its heir takes it, unless it was the call that killed it.
                    Ok(Err(_)) => {}
                    Err(_) => break,
                },
                None => {}
            }
        }
        Err(Error::unavailable(1).into())
    }

    /// Makes every gate drop what it holds, as after a move of the clock.
    pub async fn flush_copies(&self) {
        self.inner.gates.flush().await;
    }

    /// Drops the copy of a key; answers once no call can be judged by it any more.
    pub async fn forget_key(&self, route: TenantRoute, digest: Digest) {
        self.forget(route, ForgetKey(digest)).await;
    }

    /// Drops all copies of a tenant's keys, as after a change of the tenant; answers once they are gone.
    pub async fn forget_tenant(&self, route: TenantRoute) {
        self.forget(route, ForgetAll).await;
    }

    async fn forget<M>(&self, route: TenantRoute, message: M)
    where
        TenantActor: Handler<M>,
        M: Message<Result = ()> + Clone + Send + 'static,
    {
        for _ in 0..TRIES {
            if self.inner.registry.ask(route, message.clone()).await.is_ok() {
                return;
            }
        }
        tracing::error!(%route, "a tenant actor did not confirm that it forgot; its copies age out");
        // Those at the gates have by then; those of an actor that died went with it.
        tokio::time::sleep(COPY_AGE).await;
    }
}
