//! What every service is told about the call it serves: who asks, for which tenant, in which dialect, and when.
//!
//! `keeping` is how its answer is remembered for a repetition.

mod answer;
mod chore;
mod deed;
mod follower;
mod house;
mod keeping;
mod memory;
mod tally;
mod tries;
mod uses;

pub use answer::Answer;
pub use chore::Chore;
pub use deed::Deed;
pub use follower::Follower;
pub use memory::Memory;
pub use tally::{Looked, Tally};
pub use tries::Tries;
pub use uses::{Used, Uses};

use crate::actors::Actors;
use crate::actors::KeyRecord;
use crate::clock::{Clock, Ids};
use crate::config::Config;
use crate::domain::api_key::TenantRoute;
use crate::domain::dialect::{Dialect, Dialects};
use crate::domain::network::Egress;
use crate::domain::seal::Sealer;
use crate::domain::{Code, Error, Mode, Result, Timestamp};
use crate::files::Files;
use crate::outward::Outward;
use crate::payments::Payments;
use crate::store::{Store, credentials};
pub use crate::streamed::Streamed;
use crate::telemetry::Metrics;
use crate::upgrades::Upgrades;
use entities::membership::Role;
use sea_orm::ConnectionTrait;
use secrecy::SecretString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use uuid::Uuid;

/// The parts that live as long as the process; one per application, shared by all workers.
pub struct House {
    /// The database.
    pub store: Store,
    /// What was uploaded.
    pub files: Files,
    /// Looks at products that were not written yet.
    pub tally: Tally,
    /// Uses of licences that were not written yet.
    pub uses: Uses,
    /// Tries of texts that are no licence's key.
    pub tries: Tries,
    /// Handles to every actor.
    pub actors: Actors,
    /// Through whom money moves.
    pub payments: Payments,
    /// Calls to places the operator named.
    pub outward: Outward,
    /// How this server becomes the next version of itself.
    pub upgrades: Upgrades,
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
    /// Keys that were opened once.
    pub memory: Memory,
    /// What falls due by the clock, beside deliveries and mails.
    pub chores: &'static [Chore],
    /// Who hears of changes of products.
    pub followers: &'static [Follower],
    /// Whether this process is about to end: connections are closed with their next answer.
    pub is_closing: Arc<AtomicBool>,
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
    /// The room that a row of this tenant and mode is in; `None` where there is no such tenant.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn find(db: &impl ConnectionTrait, tenant: Uuid, mode: entities::Mode) -> Result<Option<Self>> {
        let row = credentials::tenant(db, tenant).await?;
        Ok(row.and_then(|row| Self::of(&row, mode.into())))
    }

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
    /// Whoever has a licence's key.
    License(Arc<LicenseRecord>),
    /// The operator of the server, by the admin secret.
    Operator {
        /// The tenant his call names, whether there is one of that name or not.
        named: Option<String>,
    },
}

/// What is known of a licence whose key came as a credential.
#[derive(Clone, Copy, Debug)]
pub struct LicenseRecord {
    /// The licence.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: Uuid,
    /// Live or test data.
    pub mode: Mode,
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
            Self::License(license) => Some(format!("license:{}", license.id)),
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
