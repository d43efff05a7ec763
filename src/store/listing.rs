//! Lists as callers ask for them: by cursor, by the id of the last row, or by page number.

use super::page::{KeysetPage, Position};
use crate::domain::cursor::Cursor;
use crate::domain::dialect::{CursorForm, PageInfo, PageRequest};
use crate::domain::{Error, Result};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// The order of a list.
#[derive(Clone, Copy)]
pub struct Sort<'a, E: EntityTrait> {
    /// Name of the order; a cursor holds for the order it was cut from only.
    pub name: &'a str,
    /// Column sorted by; without nulls, whole numbers or text.
    pub column: E::Column,
    /// Column that decides among equals.
    pub id: E::Column,
    /// Newest, highest or last first.
    pub descending: bool,
}

impl<E: EntityTrait> Sort<'_, E> {
    /// Newest first.
    pub const fn newest(column: E::Column, id: E::Column) -> Self {
        Self {
            name: "created_at",
            column,
            id,
            descending: true,
        }
    }
}

/// Reads the page of `select` that is asked for; `all` finds the row a cursor names even when `select` no longer does.
///
/// # Errors
/// `Malformed` for a cursor that is none of this list's.
pub async fn list<E, C>(
    db: &C,
    select: Select<E>,
    all: Select<E>,
    sort: Sort<'_, E>,
    page: &PageRequest,
) -> Result<(Vec<E::Model>, PageInfo)>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    C: ConnectionTrait,
{
    if let Some(number) = page.page {
        return numbered(db, select, sort, page.limit, number).await;
    }
    let position = match &page.cursor {
        None => None,
        Some(text) => Some(open(db, all, sort, page.cursor_form, text).await?),
    };
    let read = KeysetPage::new(select, sort.column, sort.id)
        .descending(sort.descending)
        .limit(page.limit);
    let found = read.after(position.as_ref())?.fetch(db).await?;
    let next_cursor = found.next.map(|next| match page.cursor_form {
        CursorForm::RowId => next.id.to_string(),
        CursorForm::Opaque => Cursor {
            sort: sort.name.to_owned(),
            descending: sort.descending,
            value: next.value,
            id: next.id,
        }
        .encode(),
    });
    Ok((
        found.items,
        PageInfo {
            limit: page.limit,
            cursor: page.cursor.clone(),
            next_cursor,
            total: None,
            page: None,
        },
    ))
}

async fn open<E: EntityTrait, C: ConnectionTrait>(
    db: &C,
    all: Select<E>,
    sort: Sort<'_, E>,
    form: CursorForm,
    text: &str,
) -> Result<Position> {
    if form == CursorForm::Opaque {
        let cursor = Cursor::decode(text, sort.name, sort.descending)?;
        return Ok(Position {
            value: cursor.value,
            id: cursor.id,
        });
    }
    let id = Uuid::try_parse(text).map_err(|_| foreign())?;
    let row = all.filter(sort.id.eq(id)).one(db).await.map_err(super::errors::map)?;
    row.and_then(|row| super::page::position_of::<E>(&row, sort.column, sort.id))
        .ok_or_else(foreign)
}

fn foreign() -> Error {
    Error::field("cursor", "cursor", "cursor is not one this list gave")
}

async fn numbered<E, C>(
    db: &C,
    select: Select<E>,
    sort: Sort<'_, E>,
    limit: u32,
    number: u32,
) -> Result<(Vec<E::Model>, PageInfo)>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    C: ConnectionTrait,
{
    let total = select.clone().count(db).await.map_err(super::errors::map)?;
    let order = if sort.descending { Order::Desc } else { Order::Asc };
    let offset = u64::from(number.saturating_sub(1)) * u64::from(limit);
    let page = select
        .order_by(sort.column, order.clone())
        .order_by(sort.id, order)
        .offset(offset)
        .limit(u64::from(limit));
    let rows = page.all(db).await.map_err(super::errors::map)?;
    Ok((
        rows,
        PageInfo {
            limit,
            total: Some(total),
            page: Some(number),
            ..PageInfo::default()
        },
    ))
}
