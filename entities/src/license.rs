//! Licences: one table for all who issue them.

use crate::{Document, Identifiers, Mode, Names};
use sea_orm::entity::prelude::*;

words! {
    /// Where a licence stands.
    Status {
        /// Good.
        Active = "active",
        /// Good, and watched.
        Degraded = "degraded",
        /// Put on hold.
        Suspended = "suspended",
        /// Past its end.
        Expired = "expired",
        /// Withdrawn.
        Revoked = "revoked",
        /// Withdrawn for abuse.
        Banned = "banned",
    }
}

words! {
    /// What takes one of its seats.
    Kind {
        /// A machine.
        PerMachine = "per-machine",
        /// A session.
        Floating = "floating",
        /// Nothing: any number may use it.
        Site = "site",
    }
}

/// One licence; its key is kept as a digest and sealed, never as it is.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "licenses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    pub policy: Option<Uuid>,
    /// The sale it came with.
    pub payment: Option<Uuid>,
    pub customer: Option<Uuid>,
    /// SHA-256 of the key.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    /// The key, sealed with the id as context.
    pub key_sealed: String,
    /// What made it: `api`, `purchase`, `hook`.
    pub source: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub holder_name: Option<String>,
    pub tier: Option<String>,
    pub domain: Option<String>,
    pub variant: Option<String>,
    pub kind: Kind,
    pub status: Status,
    /// 0 clean to 4 fraud.
    pub threat_level: i64,
    /// In place of the policy's; -1 is no limit.
    pub max_machines: Option<i64>,
    pub max_uses: Option<i64>,
    /// Sessions at once of a floating licence.
    pub max_concurrent: Option<i64>,
    /// Machines of it that are not deleted.
    pub machines_count: i64,
    pub uses_count: i64,
    /// Violations of it that nobody has resolved.
    pub violations_count: i64,
    /// Activations tried within the hour that began at `tries_since_at`.
    pub tries_count: i64,
    pub tries_since_at: Option<i64>,
    /// Features beside those of its policy.
    pub features: Identifiers,
    pub unlocked_products: Names,
    pub discount_code: Option<String>,
    /// What a shop elsewhere calls the sale.
    pub purchase_ref: Option<String>,
    pub bundle_ref: Option<String>,
    /// The order a signed token names, and its SHA-256.
    pub order_ref: Option<String>,
    pub order_hash: Option<String>,
    /// The signed token of a sale.
    pub token: Option<String>,
    pub metadata: Document,
    pub expires_at: Option<i64>,
    /// When its end has to be acted on; `None` once that is done.
    pub due_at: Option<i64>,
    /// Its first good validation.
    pub activated_at: Option<i64>,
    pub suspended_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub revoke_reason: Option<String>,
    pub banned_at: Option<i64>,
    pub dispute_reason: Option<String>,
    pub disputed_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

/// What a licence refers to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The rules it follows.
    #[sea_orm(
        belongs_to = "crate::policy::Entity",
        from = "Column::Policy",
        to = "crate::policy::Column::Id"
    )]
    Policy,
    /// What it is a licence of.
    #[sea_orm(
        belongs_to = "crate::product::Entity",
        from = "Column::Product",
        to = "crate::product::Column::Id"
    )]
    Product,
}

impl Related<crate::policy::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Policy.def()
    }
}

impl Related<crate::product::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Product.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

scoped_soft!();
unscoped!();

/// Selects the licence of this digest, whoever issued it: keys are unique over all tenants.
pub fn by_digest_anywhere(digest: &[u8]) -> Select<Entity> {
    anywhere()
        .filter(Column::Digest.eq(digest))
        .filter(Column::DeletedAt.is_null())
}
