//! One function per operation, split by what it is about.
//!
//! Whether an address is known is told by nothing but the 409 of a registration: everywhere else the known and the unknown
//! get the same text after the same work. What proves an address ends in [`on_proved`].

mod behind;
mod links;
mod passwords;
mod people;
mod sessions;

pub use behind::{acts_for, behind, username};
pub use links::{Asked, BuyerLink, ask_buyer_link, ask_link, redeem_link, verify};
pub use passwords::{change, forgot, reset};
pub use people::{on_proved, register, vouch};
pub use sessions::{Visitor, end, end_others, list, login, logout};

pub(in crate::resources::people) use links::{admit_mail, bad_token};
pub(in crate::resources::people) use people::prove;

use super::store;
use crate::clock::Ids;
use crate::context::Ctx;
use crate::domain::rate_limit::Limits;
use crate::domain::{Result, Timestamp};
use crate::store::{AuditEntry, Tx};
use serde_json::Value;
use uuid::Uuid;

/// Attempts from one address in a minute, at whatever needs no session.
const PER_ADDRESS: Limits = Limits::per_minute(60);
/// Attempts at one account in a minute.
const PER_ACCOUNT: Limits = Limits::per_minute(10);

/// One act of a person, for the audit log.
#[derive(Clone)]
struct Act {
    ids: Ids,
    now: Timestamp,
    person: Uuid,
    action: &'static str,
    target: String,
    detail: Value,
}

impl Act {
    fn new(ctx: &Ctx, person: Uuid, action: &'static str) -> Self {
        Self {
            ids: ctx.house.ids.clone(),
            now: ctx.now,
            person,
            action,
            target: person.to_string(),
            detail: Value::Null,
        }
    }

    /// Writes the act down for every tenant the person owns.
    async fn audit(&self, tx: &Tx) -> Result<()> {
        for tenant in store::tenants_owned(tx, self.person).await? {
            tx.audit(AuditEntry {
                id: self.ids.uuid(self.now),
                tenant,
                actor: format!("person:{}", self.person),
                action: self.action.to_owned(),
                target: self.target.clone(),
                detail: self.detail.clone(),
                happened_at: self.now,
            });
        }
        Ok(())
    }
}
