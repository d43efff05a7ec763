//! Queries only.

use super::types::ListLicenses;
use crate::context::Room;
use crate::domain::api_key::Digest;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx};
use entities::license::{self, Status};
use entities::{endpoint, policy, product, tenant};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

/// Rows of one batch of the clock's work.
pub(super) const BATCH_ROWS: u64 = 100;
/// Tenants looked at that have products of one key prefix.
const SELLERS_MAX: u64 = 32;

/// Everything that a validation asks of the rows, read at once.
pub struct Seen {
    /// The licence.
    pub license: license::Model,
    /// Its policy.
    pub policy: Option<policy::Model>,
    /// Whether an endpoint wants to know.
    pub is_watched: bool,
}

/// The licence of a key with its policy as a whole, and whether anybody listens: one query.
pub async fn seen(db: &impl ConnectionTrait, digest: &Digest, watch: &Watch) -> Result<Option<Seen>> {
    let select = license::by_digest_anywhere(&digest.0)
        .find_also_related(policy::Entity)
        .expr_as(Expr::exists(watching(watch)), "is_watched");
    let row = db.query_one_raw(select.build(db.get_database_backend())).await.map_err(map)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Seen {
        license: license::Model::from_query_result(&row, "A_").map_err(map)?,
        policy: policy::Model::from_query_result_optional(&row, "B_").map_err(map)?,
        is_watched: row.try_get("", "is_watched").map_err(map)?,
    }))
}

/// Writes the number of its uses alone: the whole row is in a dozen indexes.
pub(super) async fn count_use(tx: &Tx, row: &license::Model) -> Result<()> {
    license::update_of(row.tenant, row.mode)
        .filter(license::Column::Id.eq(row.id))
        .col_expr(license::Column::UsesCount, Expr::value(row.uses_count))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// The endpoints of a licence's room that listen.
pub fn watching(watch: &Watch) -> SelectStatement {
    let of_license = Condition::all()
        .add(Expr::col((endpoint::Entity, endpoint::Column::Tenant)).equals((license::Entity, license::Column::Tenant)))
        .add(Expr::col((endpoint::Entity, endpoint::Column::Mode)).equals((license::Entity, license::Column::Mode)));
    Query::select()
        .expr(Expr::val(1))
        .from(endpoint::Entity)
        .cond_where(of_license.add(watch.condition()))
        .to_owned()
}

/// Which endpoints listen to some events.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Dialects that tell the events at all.
    pub dialects: Vec<String>,
    /// Their names, as texts of an endpoint's list.
    pub names: Vec<String>,
}

impl Watch {
    fn condition(&self) -> Condition {
        use endpoint::Column;
        let column = |column: Column| Expr::col((endpoint::Entity, column));
        let named = |name: &str| column(Column::Events).like(format!("%\"{name}\"%"));
        let wanted = self
            .names
            .iter()
            .fold(Condition::any().add(named("*")), |any, name| any.add(named(name)));
        Condition::all()
            .add(column(Column::DeletedAt).is_null())
            .add(column(Column::Dialect).is_in(self.dialects.iter().map(String::as_str)))
            .add(wanted)
    }

    /// Whether anybody in a room listens.
    pub async fn is_on(&self, db: &impl ConnectionTrait, tenant: Uuid, mode: entities::Mode) -> Result<bool> {
        let found = endpoint::of(tenant, mode).filter(self.condition()).limit(1).one(db).await;
        found.map(|found| found.is_some()).map_err(map)
    }
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListLicenses,
    page: &PageRequest,
    now: Timestamp,
) -> Result<(Vec<license::Model>, PageInfo)> {
    let select = narrowed(license::of(room.tenant, room.mode), filter, now);
    let all = license::with_deleted_of(room.tenant, room.mode);
    let sort = Sort::newest(license::Column::CreatedAt, license::Column::Id);
    listing::list(store.read(), select, all, sort, page).await
}

fn narrowed(select: Select<license::Entity>, filter: &ListLicenses, now: Timestamp) -> Select<license::Entity> {
    use license::Column;
    let over = || {
        Condition::all()
            .add(Column::Status.is_in([Status::Active, Status::Degraded]))
            .add(Column::ExpiresAt.lte(now.0))
    };
    // Not simply the opposite: of what has no end a comparison says neither yes nor no.
    let running = || {
        Condition::any()
            .add(Column::ExpiresAt.is_null())
            .add(Column::ExpiresAt.gt(now.0))
    };
    let standing = filter.status.as_deref().and_then(Status::parse).map(|status| match status {
        Status::Expired => Condition::any().add(Column::Status.eq(Status::Expired)).add(over()),
        Status::Active | Status::Degraded => Condition::all().add(Column::Status.eq(status)).add(running()),
        status => Condition::all().add(Column::Status.eq(status)),
    });
    let all = Condition::all()
        .add_option(filter.product_id.map(|id| Column::Product.eq(id)))
        .add_option(filter.policy_id.map(|id| Column::Policy.eq(id)))
        .add_option(filter.email.as_ref().map(|email| Column::Email.eq(email)))
        .add_option(standing);
    select.filter(all)
}

/// The deleted licence of a key.
pub(super) async fn deleted(db: &impl ConnectionTrait, digest: &Digest) -> Result<Option<license::Model>> {
    let rows = license::anywhere().filter(license::Column::Digest.eq(&digest.0[..]));
    rows.filter(license::Column::DeletedAt.is_not_null())
        .one(db)
        .await
        .map_err(map)
}

/// Tenants with products of a key prefix, a few of them.
pub(super) async fn sellers_of(db: &impl ConnectionTrait, prefix: &str) -> Result<Vec<Uuid>> {
    product::anywhere()
        .select_only()
        .column(product::Column::Tenant)
        .distinct()
        .filter(product::Column::KeyPrefix.eq(prefix))
        .filter(product::Column::DeletedAt.is_null())
        .limit(SELLERS_MAX)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)
}

/// Tenants of some dialects, of those named or of all; two at most.
pub(super) async fn accounts(db: &impl ConnectionTrait, dialects: &[&str], among: Option<&[Uuid]>) -> Result<Vec<Uuid>> {
    let mut select = tenant::anywhere()
        .select_only()
        .column(tenant::Column::Id)
        .filter(tenant::Column::Dialect.is_in(dialects.iter().copied()));
    if let Some(among) = among {
        select = select.filter(tenant::Column::Id.is_in(among.iter().copied()));
    }
    select.limit(2).into_tuple().all(db).await.map_err(map)
}

/// Licences of every tenant whose end has to be acted on, the first ones first.
pub(in crate::resources::licensing) async fn due(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<license::Model>> {
    license::anywhere()
        .filter(license::Column::DueAt.lte(now.0))
        .filter(license::Column::DeletedAt.is_null())
        .order_by_asc(license::Column::DueAt)
        .limit(BATCH_ROWS)
        .all(db)
        .await
        .map_err(map)
}

/// When the next licence after `after` ends.
pub(in crate::resources::licensing) async fn next_due(db: &impl ConnectionTrait, after: Timestamp) -> Result<Option<Timestamp>> {
    let row = license::anywhere()
        .filter(license::Column::DueAt.gt(after.0))
        .filter(license::Column::DeletedAt.is_null())
        .order_by_asc(license::Column::DueAt)
        .one(db)
        .await
        .map_err(map)?;
    Ok(row.and_then(|row| row.due_at).map(Timestamp))
}
