//! Keyset paging: a page starts behind the last row of the one before it, so that rows that come or go in between are
//! neither skipped nor repeated.

use crate::domain::{Error, Result};
use sea_orm::sea_query::{ColumnType, Expr, ExprTrait, Order};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value};
use uuid::Uuid;

/// Where a page ends: the sort column's value and the id of its last row.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The sort column's value: a number, a truth or a text.
    pub value: serde_json::Value,
    /// The id, which decides among equal values.
    pub id: Uuid,
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<M> {
    /// At most as many as were asked for.
    pub items: Vec<M>,
    /// Where the next page starts; none when this is the last.
    pub next: Option<Position>,
}

/// A select that is read page by page.
pub struct KeysetPage<E: EntityTrait> {
    select: Select<E>,
    sort: E::Column,
    id: E::Column,
    descending: bool,
    limit: u64,
}

impl<E: EntityTrait> KeysetPage<E> {
    /// Sorts ascending by `sort`, a column without nulls that holds whole numbers, truths or text, then by `id`.
    pub fn new(select: Select<E>, sort: E::Column, id: E::Column) -> Self {
        Self {
            select,
            sort,
            id,
            descending: false,
            limit: 20,
        }
    }

    /// Turns the order round.
    #[must_use]
    pub fn descending(mut self, descending: bool) -> Self {
        self.descending = descending;
        self
    }

    /// Takes at most this many rows, at least 1.
    #[must_use]
    pub fn limit(mut self, rows: u32) -> Self {
        self.limit = u64::from(Ord::max(rows, 1));
        self
    }

    /// Starts behind a position; none starts at the beginning. A value that the column cannot hold is `Malformed`.
    pub fn after(mut self, position: Option<&Position>) -> Result<Self> {
        let Some(position) = position else {
            return Ok(self);
        };
        let value = column_value(&self.sort, &position.value).ok_or_else(|| Error::malformed("The cursor is not valid here."))?;
        // Comparing the pair as one lets both databases walk one index.
        let place = Expr::tuple([self.sort.into_expr(), self.id.into_expr()]);
        let bound = Expr::tuple([Expr::val(value), Expr::val(position.id)]);
        let behind = if self.descending { place.lt(bound) } else { place.gt(bound) };
        self.select = self.select.filter(behind);
        Ok(self)
    }

    /// Reads the page.
    pub async fn fetch<C: ConnectionTrait>(self, connection: &C) -> Result<Page<E::Model>> {
        let order = if self.descending { Order::Desc } else { Order::Asc };
        let mut items = self
            .select
            .order_by(self.sort, order.clone())
            .order_by(self.id, order)
            // One more than asked for tells whether there is a next page.
            .limit(self.limit + 1)
            .all(connection)
            .await?;
        let more = items.len() as u64 > self.limit;
        items.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let last = items.last().filter(|_| more);
        let next = last.and_then(|row| position_of::<E>(row, self.sort, self.id));
        Ok(Page { items, next })
    }
}

/// The position of a row.
pub(super) fn position_of<E: EntityTrait>(row: &E::Model, sort: E::Column, id: E::Column) -> Option<Position> {
    let value = match row.get(sort) {
        Value::BigInt(Some(number)) => number.into(),
        Value::Int(Some(number)) => number.into(),
        Value::Bool(Some(truth)) => truth.into(),
        Value::String(Some(text)) => text.into(),
        Value::Uuid(Some(id)) => id.to_string().into(),
        _ => return None,
    };
    match row.get(id) {
        Value::Uuid(Some(id)) => Some(Position { value, id }),
        _ => None,
    }
}

/// A cursor's value as the column holds it.
fn column_value<C: ColumnTrait>(column: &C, value: &serde_json::Value) -> Option<Value> {
    match column.def().get_column_type() {
        ColumnType::BigInteger => value.as_i64().map(Value::from),
        ColumnType::Integer => value.as_i64().and_then(|number| i32::try_from(number).ok()).map(Value::from),
        ColumnType::Boolean => value.as_bool().map(Value::from),
        ColumnType::Uuid => value.as_str().and_then(|text| Uuid::parse_str(text).ok()).map(Value::from),
        _ => value.as_str().map(Value::from),
    }
}
