//! Dropping copies whose rows have changed. The service commits, then asks here, then answers its client.

use super::TenantActor;
use super::messages::{ForgetAll, ForgetKey};
use actix::Handler;

impl Handler<ForgetKey> for TenantActor {
    type Result = ();
    fn handle(&mut self, ForgetKey(digest): ForgetKey, _: &mut Self::Context) {
        self.copies.forget(&digest);
        // A read that began before the commit may bring the old row.
        if let Some(load) = self.loading.get_mut(&digest) {
            load.is_stale = true;
        }
    }
}

impl Handler<ForgetAll> for TenantActor {
    type Result = ();
    fn handle(&mut self, _: ForgetAll, _: &mut Self::Context) {
        self.copies.clear();
        for load in self.loading.values_mut() {
            load.is_stale = true;
        }
    }
}
