//! What a change of a tenant's rows is told, whether a call or the clock asks for it.

use super::{Ctx, House, Room};
use crate::clock::Ids;
use crate::domain::{Error, Event, Result, Timestamp};
use serde::Serialize;
use std::sync::Arc;
use uuid::Uuid;

/// Whose rows change, when, and at whose wish.
#[derive(Clone)]
pub struct Deed {
    /// Whose rows.
    pub room: Room,
    /// The one moment it happens in.
    pub now: Timestamp,
    /// Who wants it, as the audit log names him; `None` where it is the clock or a provider.
    pub actor: Option<String>,
    /// Identities for new rows.
    pub ids: Ids,
    /// The address for links; no slash at its end.
    pub public_url: String,
    /// The process-wide parts, for what must be sealed.
    pub house: Arc<House>,
}

impl Deed {
    /// The deed of a call.
    ///
    /// # Errors
    /// As [`Ctx::room`].
    pub fn of(ctx: &Ctx) -> Result<Self> {
        Ok(Self {
            room: ctx.room()?.clone(),
            now: ctx.now,
            actor: ctx.principal.name(),
            ids: ctx.house.ids.clone(),
            public_url: ctx.house.public_url.clone(),
            house: ctx.house.clone(),
        })
    }

    /// What the house does by itself.
    pub fn of_house(house: &Arc<House>, room: Room, now: Timestamp) -> Self {
        Self {
            room,
            now,
            actor: None,
            ids: house.ids.clone(),
            public_url: house.public_url.clone(),
            house: house.clone(),
        }
    }

    /// A fresh id.
    pub fn id(&self) -> Uuid {
        self.ids.uuid(self.now)
    }

    /// An event of this room at this moment.
    ///
    /// # Errors
    /// `Internal` for a value that is no JSON.
    pub fn event(&self, name: &str, view: &str, data: &impl Serialize, products: Vec<Uuid>) -> Result<Event> {
        Ok(Event {
            id: self.id(),
            tenant: self.room.tenant,
            mode: self.room.mode,
            name: name.to_owned(),
            view: view.to_owned(),
            data: serde_json::to_value(data).map_err(Error::internal)?,
            products,
            created_at: self.now,
        })
    }
}
