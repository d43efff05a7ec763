//! Lists as callers ask for them: by cursor, by the id of the last row, or by page number.

use super::page::{KeysetPage, Position};
use crate::domain::cursor::Cursor;
use crate::domain::dialect::{CursorForm, PageInfo, PageRequest};
use crate::domain::{Error, Result};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// Rows that [`merged`] counts for dialects that number their pages, and the last row such a page shows.
pub const COUNTED_MAX: u64 = 10_000;

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
    if page.page.is_some() {
        let total = select.clone().count(db).await.map_err(super::errors::map)?;
        return numbered(db, select, sort, page, total).await;
    }
    let position = match &page.cursor {
        None => None,
        Some(text) => Some(open(db, all, sort, page.cursor_form, text).await?),
    };
    let read = KeysetPage::new(select, sort.column, sort.id)
        .descending(sort.descending)
        .limit(page.limit);
    let found = read.after(position.as_ref())?.fetch(db).await?;
    let next_cursor = found.next.map(|next| written(next, sort, page.cursor_form));
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

/// Reads a page of several selects together, which must not overlap: each of them walks its own index, so that a page
/// costs the same however many rows lie between its own.
///
/// By page number, the total is counted up to [`COUNTED_MAX`] and pages end there.
///
/// # Errors
/// As [`list`].
pub async fn merged<E, C>(
    db: &C,
    mut selects: Vec<Select<E>>,
    all: Select<E>,
    sort: Sort<'_, E>,
    page: &PageRequest,
) -> Result<(Vec<E::Model>, PageInfo)>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    C: ConnectionTrait,
{
    let limit = u64::from(page.limit);
    let (skipped, rows) = match page.page {
        Some(number) => (u64::from(number.saturating_sub(1)) * limit, COUNTED_MAX),
        None => match selects.pop() {
            Some(only) if selects.is_empty() => return list(db, only, all, sort, page).await,
            last => {
                selects.extend(last);
                (0, limit + 1)
            }
        },
    };
    let position = match page.cursor.as_ref().filter(|_| page.page.is_none()) {
        None => None,
        Some(text) => Some(open(db, all, sort, page.cursor_form, text).await?),
    };
    let wanted = u32::try_from(rows.min(skipped + limit + 1)).unwrap_or(u32::MAX);
    let mut total = 0;
    let mut found: Vec<(Position, E::Model)> = Vec::new();
    for select in selects {
        if page.page.is_some() {
            total += counted(db, select.clone(), sort).await?;
        }
        found.extend(first_rows(db, select, sort, position.as_ref(), wanted).await?);
    }
    found.sort_by(|(a, _), (b, _)| place(a).cmp(&place(b)));
    if sort.descending {
        found.reverse();
    }
    let mut rest = found.into_iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX));
    let (places, items): (Vec<Position>, Vec<E::Model>) = rest.by_ref().take(page.limit as usize).unzip();
    let has_more = rest.next().is_some();
    let info = match page.page {
        Some(_) => PageInfo {
            limit: page.limit,
            total: Some(total.min(COUNTED_MAX)),
            page: page.page,
            ..PageInfo::default()
        },
        None => {
            let next_cursor = places
                .into_iter()
                .last()
                .filter(|_| has_more)
                .map(|next| written(next, sort, page.cursor_form));
            PageInfo {
                limit: page.limit,
                cursor: page.cursor.clone(),
                next_cursor,
                total: None,
                page: None,
            }
        }
    };
    Ok((items, info))
}

/// The first rows of one select behind a position, each with its own.
async fn first_rows<E, C>(
    db: &C,
    select: Select<E>,
    sort: Sort<'_, E>,
    after: Option<&Position>,
    rows: u32,
) -> Result<impl Iterator<Item = (Position, E::Model)>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    C: ConnectionTrait,
{
    let (column, id) = (sort.column, sort.id);
    let read = KeysetPage::new(select, column, id).descending(sort.descending).limit(rows);
    let items = read.after(after)?.fetch(db).await?.items;
    let placed = move |row: E::Model| Some((super::page::position_of::<E>(&row, column, id)?, row));
    Ok(items.into_iter().filter_map(placed))
}

/// Where a row stands among those of other selects; the sort column holds whole numbers or text.
fn place(position: &Position) -> (i64, &str, Uuid) {
    (
        position.value.as_i64().unwrap_or_default(),
        position.value.as_str().unwrap_or_default(),
        position.id,
    )
}

/// Counts rows, at most [`COUNTED_MAX`] of them.
async fn counted<E, C>(db: &C, select: Select<E>, sort: Sort<'_, E>) -> Result<u64>
where
    E: EntityTrait,
    C: ConnectionTrait,
{
    let ids: Vec<Uuid> = select
        .select_only()
        .column(sort.id)
        .limit(COUNTED_MAX)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.len() as u64)
}

fn written<E: EntityTrait>(next: Position, sort: Sort<'_, E>, form: CursorForm) -> String {
    match form {
        CursorForm::RowId => next.id.to_string(),
        CursorForm::Opaque => Cursor {
            sort: sort.name.to_owned(),
            descending: sort.descending,
            value: next.value,
            id: next.id,
        }
        .encode(),
    }
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

/// Reads a page by its number from a list whose total is known: from whichever end of it is nearer, since what lies before
/// the page is walked over.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn numbered<E, C>(
    db: &C,
    select: Select<E>,
    sort: Sort<'_, E>,
    page: &PageRequest,
    total: u64,
) -> Result<(Vec<E::Model>, PageInfo)>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    C: ConnectionTrait,
{
    let (limit, number) = (u64::from(page.limit), page.page.unwrap_or(1));
    let before = u64::from(number.saturating_sub(1)) * limit;
    let rows = limit.min(total.saturating_sub(before));
    let behind = total.saturating_sub(before + rows);
    let is_backward = behind < before;
    let order = match sort.descending != is_backward {
        true => Order::Desc,
        false => Order::Asc,
    };
    let mut found = Vec::new();
    if rows > 0 {
        let read = select
            .order_by(sort.column, order.clone())
            .order_by(sort.id, order)
            .offset(before.min(behind))
            .limit(rows);
        found = read.all(db).await.map_err(super::errors::map)?;
    }
    if is_backward {
        found.reverse();
    }
    let info = PageInfo {
        limit: page.limit,
        total: Some(total),
        page: page.page,
        ..PageInfo::default()
    };
    Ok((found, info))
}
