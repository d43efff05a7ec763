//! What programs' questions ask of the rows: one statement each, worded once, of those columns alone that a verdict needs.
//!
//! The models are filled no further than that; whoever writes reads the whole rows again in his command.

use crate::domain::Result;
use crate::domain::api_key::Digest;
use crate::resources::licensing::licenses::store::{Seen, Watch, watching};
use crate::store::errors::map;
use crate::store::worded::{Columns, Worded};
use entities::policy::{self, Cull, Expiration, Uniqueness};
use entities::{Document, Identifiers, Names, license, product};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, JoinType, QueryResult, QuerySelect as _, QueryTrait as _, RelationTrait as _, Select,
    Statement, Value,
};
use uuid::Uuid;

/// What `validate-key` asks, for one set of endpoints' events.
pub(in crate::resources::licensing) struct Glance(Statement);

impl Glance {
    /// Words the question.
    pub(in crate::resources::licensing) fn new(backend: DbBackend, watch: &Watch) -> Self {
        let select = of_license(&[])
            .column(license::Column::Name)
            .column(license::Column::MaxMachines)
            .column(license::Column::MaxUses)
            .column(license::Column::MachinesCount)
            .column(license::Column::UsesCount)
            .column(license::Column::Features)
            .column(license::Column::ActivatedAt)
            .column(policy::Column::MaxMachines)
            .column(policy::Column::MaxUses)
            .column(policy::Column::Overridable)
            .column(policy::Column::RequireFingerprint)
            .column(policy::Column::RequireHeartbeat)
            .column(policy::Column::Features)
            .expr_as(Expr::exists(watching(watch)), "is_watched");
        Self(select.build(backend))
    }

    /// The licence of a key with its policy, and whether anybody listens.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub(in crate::resources::licensing) async fn seen(&self, db: &impl ConnectionTrait, digest: &Digest) -> Result<Option<Seen>> {
        let mut statement = self.0.clone();
        let values = statement.values.iter_mut().flat_map(|values| values.0.iter_mut());
        // The digest is the only value of bytes.
        for value in values.filter(|value| matches!(value, Value::Bytes(_))) {
            *value = digest.0.to_vec().into();
        }
        let row = db.query_one_raw(statement).await.map_err(map)?;
        row.map(|row| seen(&row)).transpose().map_err(map)
    }
}

fn seen(row: &QueryResult) -> std::result::Result<Seen, DbErr> {
    let mut shared = Shared(Columns::from(row, 0));
    let (mut license, policy) = (shared.license()?, shared.policy()?);
    let mut columns = shared.0;
    license.name = columns.next()?;
    license.max_machines = columns.next()?;
    license.max_uses = columns.next()?;
    license.machines_count = columns.next()?;
    license.uses_count = columns.next()?;
    license.features = columns.next()?;
    license.activated_at = columns.next()?;
    let policy = match policy {
        None => {
            columns.skip(6);
            None
        }
        Some(policy) => Some(policy::Model {
            max_machines: columns.next()?,
            max_uses: columns.next()?,
            overridable: columns.next()?,
            require_fingerprint: columns.next()?,
            require_heartbeat: columns.next()?,
            features: columns.next()?,
            ..policy
        }),
    };
    Ok(Seen {
        license,
        policy,
        is_watched: columns.next()?,
    })
}

/// What the license server's `verify` looks at.
pub(in crate::resources::licensing) struct Verified {
    /// The licence.
    pub(in crate::resources::licensing) license: license::Model,
    /// Its policy.
    pub(in crate::resources::licensing) policy: Option<policy::Model>,
    /// Its product's address.
    pub(in crate::resources::licensing) slug: Option<String>,
}

/// The licence of a key with its policy, and what its product is called.
///
/// # Errors
/// `Unavailable` where the database is.
pub(in crate::resources::licensing) async fn verified(db: &impl ConnectionTrait, digest: &Digest) -> Result<Option<Verified>> {
    static ASKED: Worded = Worded::new();
    let query = || {
        of_license(&[])
            .join(JoinType::LeftJoin, license::Relation::Product.def())
            .column(license::Column::Variant)
            .column(license::Column::SuspendedAt)
            .column(license::Column::UnlockedProducts)
            .column(product::Column::Slug)
    };
    let statement = ASKED.with(db.get_database_backend(), query, [digest.0.to_vec().into()]);
    let row = db.query_one_raw(statement).await.map_err(map)?;
    let read = |row: QueryResult| {
        let mut shared = Shared(Columns::from(&row, 0));
        let (mut license, policy) = (shared.license()?, shared.policy()?);
        let mut columns = shared.0;
        license.variant = columns.next()?;
        license.suspended_at = columns.next()?;
        license.unlocked_products = columns.next()?;
        let slug = columns.next()?;
        Ok(Verified { license, policy, slug })
    };
    row.map(read).transpose().map_err(|error: DbErr| map(error))
}

/// What every verdict looks at, in the order that [`Shared`] reads it in.
fn of_license(digest: &[u8]) -> Select<license::Entity> {
    license::by_digest_anywhere(digest)
        .select_only()
        .join(JoinType::LeftJoin, license::Relation::Policy.def())
        .column(license::Column::Id)
        .column(license::Column::Tenant)
        .column(license::Column::Mode)
        .column(license::Column::Product)
        .column(license::Column::Kind)
        .column(license::Column::Status)
        .column(license::Column::ExpiresAt)
        .column(policy::Column::Id)
        .column(policy::Column::Expiration)
}

/// The columns that every verdict looks at, first those of the licence.
struct Shared<'a>(Columns<'a>);

impl Shared<'_> {
    fn license(&mut self) -> std::result::Result<license::Model, DbErr> {
        Ok(license::Model {
            id: self.0.next()?,
            tenant: self.0.next()?,
            mode: self.0.next()?,
            product: self.0.next()?,
            kind: self.0.next()?,
            status: self.0.next()?,
            expires_at: self.0.next()?,
            ..blank_license()
        })
    }

    fn policy(&mut self) -> std::result::Result<Option<policy::Model>, DbErr> {
        let (id, expiration): (Option<Uuid>, Option<Expiration>) = (self.0.next()?, self.0.next()?);
        let policy = id.zip(expiration).map(|(id, expiration)| policy::Model {
            id,
            expiration,
            ..blank_policy()
        });
        Ok(policy)
    }
}

fn blank_license() -> license::Model {
    license::Model {
        id: Uuid::nil(),
        tenant: Uuid::nil(),
        mode: entities::Mode::Live,
        product: Uuid::nil(),
        policy: None,
        payment: None,
        customer: None,
        digest: Vec::new(),
        key_sealed: String::new(),
        source: String::new(),
        name: None,
        email: None,
        holder_name: None,
        tier: None,
        domain: None,
        variant: None,
        kind: license::Kind::PerMachine,
        status: license::Status::Revoked,
        threat_level: 0,
        max_machines: None,
        max_uses: None,
        max_concurrent: None,
        machines_count: 0,
        uses_count: 0,
        violations_count: 0,
        tries_count: 0,
        tries_since_at: None,
        features: Identifiers::default(),
        unlocked_products: Names::default(),
        discount_code: None,
        purchase_ref: None,
        bundle_ref: None,
        order_ref: None,
        order_hash: None,
        token: None,
        metadata: Document::default(),
        expires_at: None,
        due_at: None,
        activated_at: None,
        suspended_at: None,
        revoked_at: None,
        revoke_reason: None,
        banned_at: None,
        dispute_reason: None,
        disputed_at: None,
        created_at: 0,
        updated_at: 0,
        deleted_at: None,
    }
}

fn blank_policy() -> policy::Model {
    policy::Model {
        id: Uuid::nil(),
        tenant: Uuid::nil(),
        mode: entities::Mode::Live,
        product: Uuid::nil(),
        name: String::new(),
        template: None,
        max_machines: None,
        max_uses: None,
        floating: false,
        duration_days: None,
        expiration: Expiration::Revoke,
        require_heartbeat: true,
        heartbeat_minutes: 0,
        heartbeat_cull: Cull::KeepDead,
        require_fingerprint: true,
        uniqueness: Uniqueness::PerLicense,
        offline_allowed: false,
        offline_max_days: 0,
        allow_transfer: false,
        is_trial: false,
        trial_days: None,
        overridable: false,
        features: Identifiers::default(),
        licenses_count: 0,
        metadata: Document::default(),
        created_at: 0,
        updated_at: 0,
        deleted_at: None,
    }
}
