//! Pages of customers, also by what is computed of each: how much he may use, when he last came.

use super::super::rules::Order as By;
use super::super::types::ListUsers;
use crate::context::Room;
use crate::domain::cursor::Cursor;
use crate::domain::dialect::{CursorForm, PageInfo, PageRequest};
use crate::domain::{Error, Result};
use crate::resources::customers::service::COUNTER;
use crate::store::Store;
use crate::store::counters::{self, CounterKey};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use entities::customer::{self, Column, Entity, Model};
use entities::{access, product, sign_in};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// A page of the room's customers.
pub(in super::super) async fn page(
    store: &Store,
    room: &Room,
    filter: &ListUsers,
    page: &PageRequest,
) -> Result<(Vec<Model>, PageInfo)> {
    let by = By::of(filter.sort_by.as_deref());
    let descending = filter.sort_order.as_deref() != Some("asc");
    let all = customer::with_deleted_of(room.tenant, room.mode);
    let search = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut select = customer::of(room.tenant, room.mode);
    if let Some(text) = search {
        let text = text
            .to_lowercase()
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        // Addresses are kept in small letters.
        let like = Expr::col((Entity, Column::Email)).like(LikeExpr::new(format!("%{text}%")).escape('\\'));
        select = select.filter(like);
    }
    let column = match by {
        By::Email => Some(Column::Email),
        By::Created => Some(Column::CreatedAt),
        _ => None,
    };
    let (rows, mut info) = match column {
        Some(column) => {
            let sort = Sort {
                name: by.name(),
                column,
                id: Column::Id,
                descending,
            };
            listing::list(store.read(), select.clone(), all, sort, page).await?
        }
        None => computed(store, select.clone(), all, (by, descending), page).await?,
    };
    if info.total.is_none() {
        info.total = Some(match search {
            Some(_) => select.count(store.read()).await.map_err(map)?,
            None => {
                let key = CounterKey::new(room.tenant, room.mode, COUNTER);
                u64::try_from(counters::read(store.read(), &key).await?).unwrap_or(0)
            }
        });
    }
    Ok((rows, info))
}

/// A page in the order of a computed whole number. It is computed for every customer that the list is about: there is no
/// index over what other tables say.
async fn computed(
    store: &Store,
    select: Select<Entity>,
    all: Select<Entity>,
    (by, descending): (By, bool),
    page: &PageRequest,
) -> Result<(Vec<Model>, PageInfo)> {
    let order = if descending { Order::Desc } else { Order::Asc };
    let mut read = select;
    if let Some((value, id)) = place(store, all, (by, descending), page).await? {
        let here = Expr::tuple([value_of(by), Column::Id.into_expr()]);
        let bound = Expr::tuple([Expr::val(value), Expr::val(id)]);
        read = read.filter(if descending { here.lt(bound) } else { here.gt(bound) });
    }
    if let Some(number) = page.page {
        read = read.offset(u64::from(number.saturating_sub(1)) * u64::from(page.limit));
    }
    let read = read
        .order_by(value_of(by), order.clone())
        .order_by(Column::Id, order)
        .limit(u64::from(page.limit) + 1);
    let mut rows: Vec<Model> = read.all(store.read()).await.map_err(map)?;
    let more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let mut info = PageInfo {
        limit: page.limit,
        cursor: page.cursor.clone(),
        page: page.page,
        ..PageInfo::default()
    };
    if let Some(last) = rows.last().filter(|_| more && page.page.is_none()) {
        info.next_cursor = Some(match page.cursor_form {
            CursorForm::RowId => last.id.to_string(),
            CursorForm::Opaque => {
                let own = customer::with_deleted_of(last.tenant, last.mode).filter(Column::Id.eq(last.id));
                Cursor {
                    sort: by.name().to_owned(),
                    descending,
                    value: value(store, own, by).await?.unwrap_or_default().into(),
                    id: last.id,
                }
                .encode()
            }
        });
    }
    Ok((rows, info))
}

/// Where a page starts: behind this value and id.
async fn place(
    store: &Store,
    all: Select<Entity>,
    (by, descending): (By, bool),
    page: &PageRequest,
) -> Result<Option<(i64, Uuid)>> {
    let foreign = || Error::malformed("The cursor is not one this list gave.").with_text("invalid_cursor");
    let Some(text) = page.cursor.as_deref().filter(|_| page.page.is_none()) else {
        return Ok(None);
    };
    if page.cursor_form == CursorForm::Opaque {
        let cursor = Cursor::decode(text, by.name(), descending)?;
        return Ok(Some((cursor.value.as_i64().ok_or_else(foreign)?, cursor.id)));
    }
    let id = Uuid::try_parse(text).map_err(|_| foreign())?;
    let value = value(store, all.filter(Column::Id.eq(id)), by).await?;
    Ok(Some((value.ok_or_else(foreign)?, id)))
}

/// The computed number of the one customer that is selected.
async fn value(store: &Store, one: Select<Entity>, by: By) -> Result<Option<i64>> {
    let select = one.select_only().expr(value_of(by));
    select.into_tuple().one(store.read()).await.map_err(map)
}

/// The number that a customer stands in line with; nothing at all counts as 0.
fn value_of(by: By) -> SimpleExpr {
    let query = match by {
        By::SignIn => signed_in(),
        By::Products => live(Expr::col((access::Entity, access::Column::Id)).count()),
        By::Granted => live(Expr::col((access::Entity, access::Column::GrantedAt)).max()),
        _ => live(Expr::col((product::Entity, product::Column::PriceMinor)).sum()),
    };
    let number = Func::coalesce([SimpleExpr::SubQuery(None, Box::new(query.into())), Expr::val(0_i64)]);
    Expr::expr(number).cast_as("bigint")
}

fn signed_in() -> SelectStatement {
    Query::select()
        .column((sign_in::Entity, sign_in::Column::LastAt))
        .from(sign_in::Entity)
        .and_where(Expr::col((sign_in::Entity, sign_in::Column::Person)).equals((Entity, Column::Person)))
        .to_owned()
}

/// Something over the accesses of a customer that hold, with their products.
fn live(what: SimpleExpr) -> SelectStatement {
    let of_access = |column: access::Column| Expr::col((access::Entity, column));
    Query::select()
        .expr(what)
        .from(access::Entity)
        .inner_join(
            product::Entity,
            Expr::col((product::Entity, product::Column::Id)).equals((access::Entity, access::Column::Product)),
        )
        .and_where(of_access(access::Column::Tenant).equals((Entity, Column::Tenant)))
        .and_where(of_access(access::Column::Mode).equals((Entity, Column::Mode)))
        .and_where(of_access(access::Column::Customer).equals((Entity, Column::Id)))
        .and_where(of_access(access::Column::EndedAt).is_null())
        .to_owned()
}
