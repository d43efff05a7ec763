//! Licences, machines and policies as they are told, in neutral names; never a key, unless it is asked for.

use super::rules;
use super::store;
use crate::context::Room;
use crate::domain::{Result, Timestamp};
use entities::license::{self, Kind};
use entities::{feature, machine, policy, product};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A licence.
#[derive(Clone, Debug, Serialize)]
pub struct LicenseView {
    /// Identity.
    pub id: Uuid,
    /// The key, where the contract shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The sale it came with.
    pub order_id: Option<Uuid>,
    /// Its policy.
    pub policy_id: Option<Uuid>,
    /// What it is a licence of.
    pub product_id: Uuid,
    /// The product's address.
    pub product_slug: String,
    /// The holder's address.
    pub email: Option<String>,
    /// What it is called.
    pub name: Option<String>,
    /// The holder.
    pub holder_name: Option<String>,
    /// What was sold.
    pub tier: Option<String>,
    /// Where it may be used.
    pub domain: Option<String>,
    /// The variant that was sold.
    pub variant: Option<String>,
    /// What takes one of its seats.
    pub license_type: &'static str,
    /// Where it stands at this moment.
    pub status: &'static str,
    /// 0 clean to 4 fraud.
    pub threat_level: i64,
    /// Its greatest number of machines.
    pub max_machines: Option<i64>,
    /// The same in place of its policy's.
    pub max_machines_override: Option<i64>,
    /// Its own number of validations, in place of its policy's.
    pub max_uses_override: Option<i64>,
    /// Sessions at once.
    pub max_concurrent: Option<i64>,
    /// Machines that use it.
    pub machines_count: i64,
    /// Validations that counted.
    pub uses_count: i64,
    /// Violations that nobody has resolved.
    pub violations_count: i64,
    /// Codes of what it unlocks.
    pub entitlements: Vec<String>,
    /// Products that it unlocks too.
    pub unlocked_products: Vec<String>,
    /// Discount it was sold with.
    pub discount_code: Option<String>,
    /// The sale, as a shop elsewhere calls it.
    pub purchase_id: Option<String>,
    /// The bundle it was sold in.
    pub bundle_id: Option<String>,
    /// Why it was disputed.
    pub dispute_reason: Option<String>,
    /// When it was.
    pub disputed_at: Option<Timestamp>,
    /// The tenant's own data.
    pub metadata: Value,
    /// What made it.
    pub issuance_source: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// Its end.
    pub expires_at: Option<Timestamp>,
    /// Its first good validation.
    pub activated_at: Option<Timestamp>,
    /// Since when it is on hold.
    pub suspended_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub revoked_at: Option<Timestamp>,
    /// When it was banned.
    pub banned_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Its machines, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machines: Option<Vec<MachineView>>,
    /// Its policy, where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyView>,
    /// The product, in the event of its withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductRef>,
    /// Where the withdrawn ones are listed, in the event of its withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crl_url: Option<String>,
}

/// A product, briefly.
#[derive(Clone, Debug, Serialize)]
pub struct ProductRef {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Address.
    pub slug: String,
}

/// A machine.
#[derive(Clone, Debug, Serialize)]
pub struct MachineView {
    /// Identity.
    pub id: Uuid,
    /// Whose seat it has.
    pub license_id: Uuid,
    /// What tells it from others.
    pub fingerprint: String,
    /// For people.
    pub name: Option<String>,
    /// Its system.
    pub platform: Option<String>,
    /// Its name in the network.
    pub hostname: Option<String>,
    /// Its processors.
    pub cores: Option<i64>,
    /// Where it called from.
    pub ip_address: Option<String>,
    /// How its heart beats.
    pub heartbeat_status: &'static str,
    /// When it was last heard of.
    pub last_heartbeat_at: Option<Timestamp>,
    /// The tenant's own data.
    pub metadata: Value,
    /// Whether it holds a seat of a floating licence.
    pub session_active: bool,
    /// When it last called.
    pub seen_at: Timestamp,
    /// When it took its seat.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it gave its seat back.
    pub deleted_at: Option<Timestamp>,
}

impl MachineView {
    /// The view of a row.
    pub fn new(row: &machine::Model, now: Timestamp) -> Self {
        Self {
            id: row.id,
            license_id: row.license,
            fingerprint: row.fingerprint.clone(),
            name: row.name.clone(),
            platform: row.platform.clone(),
            hostname: row.hostname.clone(),
            cores: row.cores,
            ip_address: row.address.clone(),
            heartbeat_status: rules::heartbeat(row, now),
            last_heartbeat_at: row.last_heartbeat_at.map(Timestamp),
            metadata: row.metadata.0.clone(),
            session_active: row.deleted_at.is_none() && row.seat_until_at.is_none_or(|until| until > now.0),
            seen_at: Timestamp(row.seen_at),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.map(Timestamp),
        }
    }
}

/// A policy.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the members are those of the row")]
pub struct PolicyView {
    pub id: Uuid,
    pub product_id: Uuid,
    pub name: String,
    pub template: Option<String>,
    pub max_machines: Option<i64>,
    pub max_uses: Option<i64>,
    pub floating: bool,
    pub duration_days: Option<i64>,
    pub expiration_strategy: &'static str,
    pub require_heartbeat: bool,
    pub heartbeat_interval_minutes: i64,
    pub heartbeat_cull_strategy: &'static str,
    pub require_fingerprint: bool,
    pub fingerprint_uniqueness: &'static str,
    pub offline_allowed: bool,
    pub offline_max_days: i64,
    pub allow_machine_transfer: bool,
    pub is_trial: bool,
    pub trial_duration_days: Option<i64>,
    pub overridable: bool,
    pub entitlements: Vec<String>,
    pub licenses_count: i64,
    pub metadata: Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

impl PolicyView {
    /// The view of a row with the codes of its features.
    pub fn new(row: &policy::Model, entitlements: Vec<String>) -> Self {
        Self {
            id: row.id,
            product_id: row.product,
            name: row.name.clone(),
            template: row.template.clone(),
            max_machines: row.max_machines,
            max_uses: row.max_uses,
            floating: row.floating,
            duration_days: row.duration_days,
            expiration_strategy: row.expiration.name(),
            require_heartbeat: row.require_heartbeat,
            heartbeat_interval_minutes: row.heartbeat_minutes,
            heartbeat_cull_strategy: row.heartbeat_cull.name(),
            require_fingerprint: row.require_fingerprint,
            fingerprint_uniqueness: row.uniqueness.name(),
            offline_allowed: row.offline_allowed,
            offline_max_days: row.offline_max_days,
            allow_machine_transfer: row.allow_transfer,
            is_trial: row.is_trial,
            trial_duration_days: row.trial_days,
            overridable: row.overridable,
            entitlements,
            licenses_count: row.licenses_count,
            metadata: row.metadata.0.clone(),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.map(Timestamp),
        }
    }
}

/// What licences refer to, read once for all of them.
pub struct Surroundings {
    policies: HashMap<Uuid, policy::Model>,
    products: HashMap<Uuid, product::Model>,
    features: Vec<feature::Model>,
}

impl Surroundings {
    /// Reads it; three queries at most.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn of(db: &impl ConnectionTrait, room: &Room, rows: &[license::Model]) -> Result<Self> {
        let ids = |id: fn(&license::Model) -> Option<Uuid>| -> Vec<Uuid> {
            rows.iter().filter_map(id).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let policies = store::policies(db, room, ids(|row| row.policy)).await?;
        let products = store::products(db, room, ids(|row| Some(row.product))).await?;
        let wanted = rows.iter().flat_map(|row| row.features.iter());
        let wanted: BTreeSet<Uuid> = wanted
            .chain(policies.iter().flat_map(|row| row.features.iter()))
            .copied()
            .collect();
        let features = store::features(db, room.tenant, room.mode.into(), wanted.into_iter().collect()).await?;
        Ok(Self {
            policies: policies.into_iter().map(|row| (row.id, row)).collect(),
            products: products.into_iter().map(|row| (row.id, row)).collect(),
            features,
        })
    }

    /// A licence's policy.
    pub fn policy(&self, row: &license::Model) -> Option<&policy::Model> {
        row.policy.and_then(|id| self.policies.get(&id))
    }

    /// A licence's product, briefly.
    pub fn product(&self, row: &license::Model) -> Option<ProductRef> {
        self.products.get(&row.product).map(|product| ProductRef {
            id: product.id,
            name: product.name.clone(),
            slug: product.slug.clone(),
        })
    }

    /// The codes behind ids of features.
    pub fn codes(&self, ids: &[Uuid]) -> Vec<String> {
        let held = self.features.iter().filter(|feature| ids.contains(&feature.id));
        held.map(|feature| feature.code.clone()).collect()
    }

    /// What a licence unlocks: its own features and its policy's.
    pub fn entitlements(&self, row: &license::Model) -> Vec<String> {
        let inherited = self
            .policy(row)
            .map(|policy| policy.features.0.as_slice())
            .unwrap_or_default();
        self.codes(&[row.features.0.as_slice(), inherited].concat())
    }

    /// The view of a licence at a moment.
    pub fn view(&self, row: &license::Model, now: Timestamp) -> LicenseView {
        let product = self.products.get(&row.product);
        LicenseView {
            id: row.id,
            key: None,
            order_id: row.payment,
            policy_id: row.policy,
            product_id: row.product,
            product_slug: product.map(|product| product.slug.clone()).unwrap_or_default(),
            email: row.email.clone(),
            name: row.name.clone(),
            holder_name: row.holder_name.clone(),
            tier: row.tier.clone(),
            domain: row.domain.clone(),
            variant: row.variant.clone(),
            license_type: self.kind(row).name(),
            status: rules::standing(row, now).name(),
            threat_level: row.threat_level,
            max_machines: rules::machines_max(row, self.policy(row)),
            max_machines_override: row.max_machines,
            max_uses_override: row.max_uses,
            max_concurrent: row.max_concurrent,
            machines_count: row.machines_count,
            uses_count: row.uses_count,
            violations_count: row.violations_count,
            entitlements: self.entitlements(row),
            unlocked_products: row.unlocked_products.0.clone(),
            discount_code: row.discount_code.clone(),
            purchase_id: row.purchase_ref.clone(),
            bundle_id: row.bundle_ref.clone(),
            dispute_reason: row.dispute_reason.clone(),
            disputed_at: row.disputed_at.map(Timestamp),
            metadata: row.metadata.0.clone(),
            issuance_source: row.source.clone(),
            issued_at: Timestamp(row.created_at),
            expires_at: row.expires_at.map(Timestamp),
            activated_at: row.activated_at.map(Timestamp),
            suspended_at: row.suspended_at.map(Timestamp),
            revoked_at: row.revoked_at.map(Timestamp),
            banned_at: row.banned_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            deleted_at: row.deleted_at.map(Timestamp),
            machines: None,
            policy: None,
            product: None,
            crl_url: None,
        }
    }

    fn kind(&self, row: &license::Model) -> Kind {
        match self.policy(row) {
            Some(policy) if policy.floating => Kind::Floating,
            _ => row.kind,
        }
    }
}

/// The views of some rows.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn all(db: &impl ConnectionTrait, room: &Room, rows: &[license::Model], now: Timestamp) -> Result<Vec<LicenseView>> {
    let around = Surroundings::of(db, room, rows).await?;
    Ok(rows.iter().map(|row| around.view(row, now)).collect())
}

/// The view of one row.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn one(db: &impl ConnectionTrait, room: &Room, row: &license::Model, now: Timestamp) -> Result<LicenseView> {
    let around = Surroundings::of(db, room, std::slice::from_ref(row)).await?;
    Ok(around.view(row, now))
}
