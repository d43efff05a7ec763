//! Questions that are asked all the time, worded once: the ORM takes as long to write a statement as SQLite to answer it.

use sea_orm::{DbBackend, DbErr, QueryResult, QueryTrait, Statement, TryGetable, Value};
use std::sync::OnceLock;

/// The text of one statement, for each database.
#[derive(Debug)]
pub struct Worded {
    texts: [OnceLock<Text>; 2],
}

#[derive(Debug)]
struct Text {
    sql: String,
    values: usize,
}

impl Worded {
    /// A statement that was not asked for yet.
    #[expect(clippy::new_without_default, reason = "it stands in statics alone")]
    pub const fn new() -> Self {
        Self {
            texts: [OnceLock::new(), OnceLock::new()],
        }
    }

    /// The statement with these values, each in the place that a value has in the query; `query` writes it the first time
    /// and must be the same each time, but for its values.
    pub fn with<const N: usize, Q: QueryTrait>(
        &self,
        backend: DbBackend,
        query: impl FnOnce() -> Q,
        values: [Value; N],
    ) -> Statement {
        let place = usize::from(backend != DbBackend::Sqlite);
        let written = |query: Q| {
            let statement = query.build(backend);
            Text {
                values: statement.values.map_or(0, |values| values.0.len()),
                sql: statement.sql,
            }
        };
        let text = self.texts[place].get_or_init(|| written(query()));
        debug_assert_eq!(text.values, N, "{}", text.sql);
        Statement::from_sql_and_values(backend, &text.sql, values)
    }
}

/// A row read column by column: finding each by its name takes longer than reading it.
pub struct Columns<'a> {
    row: &'a QueryResult,
    at: usize,
}

impl<'a> Columns<'a> {
    /// Begins with this column.
    pub fn from(row: &'a QueryResult, at: usize) -> Self {
        Self { row, at }
    }

    /// The next one.
    ///
    /// # Errors
    /// Where something else stands there.
    #[expect(clippy::should_implement_trait, reason = "each column has a type of its own")]
    pub fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        self.at += 1;
        self.row.try_get_by_index(self.at - 1)
    }

    /// Passes some over.
    pub fn skip(&mut self, count: usize) {
        self.at += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entities::product;
    use sea_orm::{ColumnTrait as _, QueryFilter as _};
    use uuid::Uuid;

    #[test]
    fn the_second_statement_is_the_first_with_other_values() {
        static ASKED: Worded = Worded::new();
        let query = |n| move || product::anywhere().filter(product::Column::Id.eq(Uuid::from_u128(n)));
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            for n in [1, 2] {
                let worded = ASKED.with(backend, query(9), [Uuid::from_u128(n).into()]);
                let written = query(n)().build(backend);
                assert_eq!((worded.sql, worded.values), (written.sql, written.values));
            }
        }
    }
}
