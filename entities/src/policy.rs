//! The rules that licences of a product follow.

use crate::{Document, Identifiers, Mode};
use sea_orm::entity::prelude::*;

words! {
    /// What becomes of a licence that has run out.
    Expiration {
        /// It is refused.
        RestrictAccess = "RESTRICT_ACCESS",
        /// It is told as expired, and good.
        AllowAccess = "ALLOW_ACCESS",
        /// It is revoked.
        Revoke = "REVOKE",
    }
}

words! {
    /// What becomes of a machine that is silent.
    Cull {
        /// It loses its seat.
        DeactivateDead = "DEACTIVATE_DEAD",
        /// It stays, and is told as dead.
        KeepDead = "KEEP_DEAD",
    }
}

words! {
    /// Within what a fingerprint may be there once.
    Uniqueness {
        /// One licence.
        PerLicense = "PER_LICENSE",
        /// All licences of the policy.
        PerPolicy = "PER_POLICY",
        /// All licences of the tenant.
        PerAccount = "PER_ACCOUNT",
    }
}

/// One policy.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub product: Uuid,
    pub name: String,
    pub template: Option<String>,
    /// `None` is no limit.
    pub max_machines: Option<i64>,
    /// Validations of one licence; `None` is no limit.
    pub max_uses: Option<i64>,
    pub floating: bool,
    pub duration_days: Option<i64>,
    pub expiration: Expiration,
    pub require_heartbeat: bool,
    pub heartbeat_minutes: i64,
    pub heartbeat_cull: Cull,
    pub require_fingerprint: bool,
    pub uniqueness: Uniqueness,
    pub offline_allowed: bool,
    pub offline_max_days: i64,
    pub allow_transfer: bool,
    pub is_trial: bool,
    pub trial_days: Option<i64>,
    /// Whether a licence may have limits of its own.
    pub overridable: bool,
    /// Features that all its licences have.
    pub features: Identifiers,
    /// Licences of it that are not deleted.
    pub licenses_count: i64,
    pub metadata: Document,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
}

no_relations!();
scoped_soft!();
unscoped!();
