//! Queries only.

use super::types::ListPolicies;
use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::Store;
use crate::store::listing::{self, Sort};
use entities::policy;
use sea_orm::{ColumnTrait, QueryFilter};

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListPolicies,
    page: &PageRequest,
) -> Result<(Vec<policy::Model>, PageInfo)> {
    let mut select = policy::of(room.tenant, room.mode);
    if let Some(product) = filter.product_id {
        select = select.filter(policy::Column::Product.eq(product));
    }
    let all = policy::with_deleted_of(room.tenant, room.mode);
    let sort = Sort::newest(policy::Column::CreatedAt, policy::Column::Id);
    listing::list(store.read(), select, all, sort, page).await
}
