//! Queries only.

use super::types::ListEntries;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::Store;
use crate::store::listing::{self, Sort};
use entities::audit::{self, Column, Model};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

pub(super) async fn list(
    store: &Store,
    tenant: Uuid,
    filter: &ListEntries,
    page: &PageRequest,
) -> Result<(Vec<Model>, PageInfo)> {
    let mut select = audit::of(tenant);
    let texts = [
        (Column::Action, &filter.action),
        (Column::Actor, &filter.actor),
        (Column::Target, &filter.target),
    ];
    for (column, wanted) in texts {
        if let Some(wanted) = wanted {
            select = select.filter(column.eq(wanted.as_str()));
        }
    }
    if let Some(from_at) = filter.from_at {
        select = select.filter(Column::HappenedAt.gte(from_at.0));
    }
    if let Some(to_at) = filter.to_at {
        select = select.filter(Column::HappenedAt.lte(to_at.0));
    }
    // The place in the chain is the order in which things happened, and an index has it.
    let sort = Sort {
        name: "seq",
        column: Column::Seq,
        id: Column::Id,
        descending: true,
    };
    listing::list(store.read(), select, audit::of(tenant), sort, page).await
}
