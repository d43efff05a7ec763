//! What every service is told about the call it serves: who asks, for which tenant, in which dialect, and when.
//!
//! `keeping` is how its answer is remembered for a repetition.

mod keeping;

use crate::actors::Actors;
use crate::actors::KeyRecord;
use crate::clock::{Clock, Ids};
use crate::config::Config;
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::dialect::{Dialect, Dialects, Done, PageInfo};
use crate::domain::network::Egress;
use crate::domain::seal::Sealer;
use crate::domain::{Code, Error, Mode, Result, Timestamp};
use crate::payments::Payments;
use crate::store::Store;
pub use crate::streamed::Streamed;
use crate::telemetry::Metrics;
use entities::membership::Role;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use uuid::Uuid;

/// The parts that live as long as the process; one per application, shared by all workers.
pub struct House {
    /// The database.
    pub store: Store,
    /// Handles to every actor.
    pub actors: Actors,
    /// Through whom money moves.
    pub payments: Payments,
    /// All dialects, presets and the operator's own.
    pub dialects: Dialects,
    /// The server's clock.
    pub clock: Clock,
    /// Ids and chance.
    pub ids: Ids,
    /// Seals what must be read back.
    pub sealer: Sealer,
    /// Where the server may be sent to.
    pub egress: Egress,
    /// The settings the server was started with.
    pub config: Config,
    /// The address the server answers on, for links; no slash at its end.
    pub public_url: String,
    /// The operator's secret.
    pub admin_secret: SecretString,
    /// The data folder.
    pub data: PathBuf,
    /// The recorder behind `/metrics`.
    pub metrics: Metrics,
}

/// One tenant's data of one mode: what every tenant-owned query is scoped by.
#[derive(Clone, Debug)]
pub struct Room {
    /// The tenant.
    pub tenant: Uuid,
    /// Live or test rows.
    pub mode: Mode,
    /// The tenant's slug.
    pub slug: String,
    /// The tenant's own dialect.
    pub dialect: String,
    /// Which actor the tenant has.
    pub route: TenantRoute,
}

impl Room {
    /// The room of a tenant's row; `None` for a row whose route is broken.
    pub fn of(row: &entities::tenant::Model, mode: Mode) -> Option<Self> {
        let route = TenantRoute::from_slice(&row.route)?;
        Some(Self {
            tenant: row.id,
            mode,
            slug: row.slug.clone(),
            dialect: row.dialect.clone(),
            route,
        })
    }
}

/// Who is asking.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Nobody in particular.
    Anonymous,
    /// A key of a tenant.
    Key(Arc<KeyRecord>),
    /// A signed-in person.
    Person(Arc<Signed>),
    /// The operator of the server, by the admin secret.
    Operator {
        /// The tenant his call names, whether there is one of that name or not.
        named: Option<String>,
    },
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The session he came with.
    pub session: Uuid,
    /// The person.
    pub person: Uuid,
    /// His address, lower case.
    pub email: String,
    /// Whether the address is proved.
    pub verified: bool,
    /// What he is in the room's tenant; `None` without a tenant.
    pub role: Option<Role>,
}

impl Signed {
    /// Whether the room's tenant is his own.
    pub fn is_owner(&self) -> bool {
        self.role == Some(Role::Owner)
    }
}

impl Principal {
    /// Stable text for the audit log and idempotency: kind and id, never a secret.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Anonymous => None,
            Self::Key(key) => Some(format!("key:{}", key.id)),
            Self::Person(signed) => Some(format!("person:{}", signed.person)),
            Self::Operator { .. } => Some("operator".to_owned()),
        }
    }
}

/// One call, as services see it.
#[derive(Clone)]
pub struct Ctx {
    /// The process-wide parts.
    pub house: Arc<House>,
    /// The conventions the answer will follow; services never look inside.
    pub dialect: Arc<Dialect>,
    /// Who asks.
    pub principal: Principal,
    /// The tenant and mode the credential selects.
    pub room: Option<Room>,
    /// The one moment this call lives in.
    pub now: Timestamp,
    /// Identity of the call, in its answer and in the log.
    pub request_id: Uuid,
    /// Where the call came from.
    pub address: IpAddr,
    /// Set when the call carries an `Idempotency-Key`.
    pub idempotency: Option<Intent>,
}

/// What an `Idempotency-Key` stands for in this call; the answer joins it in the command's own transaction.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Who sent it.
    pub principal: String,
    /// Operation and path it was sent to.
    pub route: String,
    /// SHA-256 of the key's text.
    pub key_digest: [u8; 32],
    /// SHA-256 of query and body.
    pub body_digest: [u8; 32],
    /// Whether the answer has been kept.
    pub is_kept: Arc<AtomicBool>,
}

/// A neutral answer, before a dialect gives it its form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// One thing.
    One {
        /// Which view it is rendered with.
        view: String,
        /// The neutral value.
        value: Value,
        /// What was done.
        done: Done,
    },
    /// One page of things.
    Page {
        /// Which view each is rendered with.
        view: String,
        /// The neutral values.
        items: Vec<Value>,
        /// Where the page stands.
        info: PageInfo,
    },
    /// Nothing to say: 204.
    Empty,
    /// An answer with further headers.
    With {
        /// Name and value.
        header: (String, String),
        /// The answer itself.
        answer: Box<Answer>,
    },
    /// Bytes that come as they are made; never remembered for a replay.
    #[serde(skip)]
    Stream(Streamed),
    /// Bytes that no dialect touches, such as a page or a script.
    Raw {
        /// HTTP status.
        status: u16,
        /// Headers, the content type among them.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
}

impl Answer {
    /// One thing that was read or changed.
    pub fn one(view: &str, value: &impl Serialize) -> Result<Self> {
        Self::with(Done::Ok, view, value)
    }

    /// One thing that is new.
    pub fn created(view: &str, value: &impl Serialize) -> Result<Self> {
        Self::with(Done::Created, view, value)
    }

    /// One thing that is gone; most dialects say so without a body.
    pub fn deleted(view: &str, value: &impl Serialize) -> Result<Self> {
        Self::with(Done::Deleted, view, value)
    }

    /// One thing, with what was done to it.
    pub fn with(done: Done, view: &str, value: &impl Serialize) -> Result<Self> {
        Ok(Self::One {
            view: view.to_owned(),
            value: serde_json::to_value(value).map_err(Error::internal)?,
            done,
        })
    }

    /// One page.
    pub fn page<T: Serialize>(view: &str, items: &[T], info: PageInfo) -> Result<Self> {
        let items = items
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .map_err(Error::internal)?;
        Ok(Self::Page {
            view: view.to_owned(),
            items,
            info,
        })
    }

    /// Whether it says that something was done; only such an answer is worth repeating.
    pub fn is_good(&self) -> bool {
        match self {
            Self::One { .. } | Self::Page { .. } | Self::Empty => true,
            Self::With { answer, .. } => answer.is_good(),
            Self::Raw { status, .. } => *status < 400,
            // What has flowed by cannot be repeated.
            Self::Stream(_) => false,
        }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn header(self, name: &str, value: String) -> Self {
        Self::With {
            header: (name.to_owned(), value),
            answer: Box::new(self),
        }
    }

    /// A text that no dialect touches.
    pub fn raw(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Raw {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }
}

impl Ctx {
    /// The tenant and mode every query of this call is scoped by.
    ///
    /// # Errors
    /// `Forbidden` where the credential belongs to nobody who owns a tenant; where the operator names none `Validation`,
    /// an unknown one `NotFound`.
    pub fn room(&self) -> Result<&Room> {
        self.room.as_ref().ok_or_else(|| match &self.principal {
            Principal::Operator { named: None } => Error::field("creator_id", "required", "creatorId is required"),
            Principal::Operator { named: Some(_) } => Error::not_found("creator").with_text("creator.not_found"),
            _ => Error::new(Code::Forbidden, "This credential belongs to no tenant."),
        })
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// `SessionRequired` where somebody else asks.
    pub fn person(&self) -> Result<&Signed> {
        match &self.principal {
            Principal::Person(signed) => Ok(signed),
            _ => Err(Error::new(Code::SessionRequired, "Sign in to do this.")),
        }
    }

    /// Who signed in, where somebody did.
    pub fn person_id(&self) -> Option<Uuid> {
        match &self.principal {
            Principal::Person(signed) => Some(signed.person),
            _ => None,
        }
    }

    /// A fresh id.
    pub fn id(&self) -> Uuid {
        self.house.ids.uuid(self.now)
    }

    /// Shorthand for the store.
    pub fn store(&self) -> &Store {
        &self.house.store
    }
}

impl House {
    /// Whether this is the operator's secret, in time that does not depend on where it differs.
    pub fn is_admin_secret(&self, secret: &str) -> bool {
        Digest::of(secret).ct_eq(&Digest::of(self.admin_secret.expose_secret()))
    }

    /// Advances the sandbox clock through every due moment in order, waiting for what falls due to be attempted.
    ///
    /// # Errors
    /// `Internal` where the new offset cannot be kept.
    pub async fn advance(&self, by: Duration) -> Result<Timestamp> {
        let target = self.clock.now() + by;
        let mut settled = self.clock.now();
        self.actors.settle(settled).await;
        // Asked from what was settled on: the clock runs on meanwhile, and what fell due since must not be passed over.
        while let Some(due) = self.actors.next_due(settled).await?.filter(|due| *due <= target) {
            settled = self.move_clock(due).await?;
        }
        self.move_clock(target).await?;
        // A bounded part of it; the timers see to the rest.
        self.actors.sweep(target).await?;
        Ok(self.clock.now())
    }

    /// Moves the clock and settles what is due there; answers the moment that was settled.
    async fn move_clock(&self, at: Timestamp) -> Result<Timestamp> {
        self.clock.advance_to(at);
        self.keep_offset()?;
        self.actors.flush_copies().await;
        let now = self.clock.now();
        self.actors.settle(now).await;
        Ok(now)
    }

    fn keep_offset(&self) -> Result<()> {
        crate::config::clock_offset::write(&self.data, self.clock.offset_ms()).map_err(Error::internal)
    }

    /// An answer as it is kept for a replay: sealed, since it may hold a secret that is shown once.
    ///
    /// # Errors
    /// `Internal` where the answer cannot be written down.
    pub fn seal_answer(&self, answer: &Answer, intent: &Intent) -> Result<String> {
        let text = serde_json::to_vec(answer).map_err(Error::internal)?;
        self.sealer
            .seal(&text, self.ids.bytes(), &intent.context())
            .map_err(Error::internal)
    }

    /// The answer a replay gives.
    pub fn open_answer(&self, sealed: &str, intent: &Intent) -> Option<Answer> {
        serde_json::from_slice(&self.sealer.open(sealed, &intent.context())?).ok()
    }
}

impl Intent {
    fn context(&self) -> String {
        format!(
            "idempotency:{}:{}:{}",
            self.principal,
            self.route,
            hex::encode(self.key_digest)
        )
    }
}
