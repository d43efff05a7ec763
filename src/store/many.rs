//! Statements over many rows that the database has prepared already.
//!
//! The rows stand in front as a table `v` of values, and there is always a power of two of them: what is missing is filled
//! with rows of nulls, which the statement leaves out. So a handful of texts serves any number of rows; written by the ORM
//! each number is a new text, and reading that costs the database more than doing it.

use sea_orm::{DbBackend, Statement, Value};
use std::fmt::Write as _;

/// Rows of one statement: 14 columns of so many rows stay below SQLite's 32,766 variables.
pub(super) const ROWS_MAX: usize = 1_024;

/// Rows of values, all of the same columns.
#[derive(Debug)]
pub(super) struct Rows<const WIDTH: usize> {
    values: Vec<Value>,
}

impl<const WIDTH: usize> Rows<WIDTH> {
    /// Takes the rows in, at most `ROWS_MAX` of them; none where there are none.
    pub(super) fn of(rows: impl ExactSizeIterator<Item = [Value; WIDTH]>) -> Option<Self> {
        let padded = rows.len().next_power_of_two() * WIDTH;
        let mut values = Vec::with_capacity(padded);
        values.extend(rows.flatten());
        // A null of its column's type, for the database that asks.
        let nulls: Vec<Value> = values.get(..WIDTH)?.iter().map(Value::as_null).collect();
        while values.len() < padded {
            values.extend_from_slice(&nulls);
        }
        Some(Self { values })
    }

    /// Forms `with v (<columns>) as (values …) <rest>`; each `?` of the rest takes its value from `more`.
    pub(super) fn statement<const MORE: usize>(
        self,
        backend: DbBackend,
        columns: &str,
        rest: &str,
        more: [Value; MORE],
    ) -> Statement {
        let Self { mut values } = self;
        let rows = values.len() / WIDTH;
        let mut text = String::with_capacity(rows * (WIDTH * 6 + 3) + columns.len() + rest.len() + 32);
        text.push_str("with v (");
        text.push_str(columns);
        text.push_str(") as (values ");
        let row = format!("({})", vec!["?"; WIDTH].join(","));
        text.push_str(&vec![row.as_str(); rows].join(","));
        text.push_str(") ");
        text.push_str(rest);
        values.extend(more);
        let text = if backend == DbBackend::Sqlite { text } else { numbered(&text) };
        Statement::from_sql_and_values(backend, text, values)
    }
}

/// The same text with `$1`, `$2` and so on for its question marks.
fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    let mut parts = text.split('?');
    out.push_str(parts.next().unwrap_or_default());
    for (before, part) in parts.enumerate() {
        // Writing to a text does not fail.
        let _ = write!(out, "${}", before + 1);
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: i64) -> Option<Rows<2>> {
        Rows::of(
            (0..count)
                .map(|n| [Value::from(n), Value::from("a")])
                .collect::<Vec<_>>()
                .into_iter(),
        )
    }

    #[test]
    fn the_text_is_the_same_for_three_rows_and_for_four() {
        let text = |count| {
            let rows = rows(count).unwrap();
            rows.statement(DbBackend::Sqlite, "a, b", "select a from v where a > ?", [Value::from(7)])
        };
        assert_eq!(text(3).sql, text(4).sql);
        assert_eq!(
            text(3).values.unwrap().0[6..],
            [Value::BigInt(None), Value::String(None), Value::from(7)]
        );
        assert_eq!(text(1).sql, "with v (a, b) as (values (?,?)) select a from v where a > ?");
        assert!(rows(0).is_none());
    }

    #[test]
    fn postgresql_gets_numbers_for_question_marks() {
        let statement = rows(2)
            .unwrap()
            .statement(DbBackend::Postgres, "a, b", "select a from v where a > ?", [Value::from(7)]);
        assert_eq!(
            statement.sql,
            "with v (a, b) as (values ($1,$2),($3,$4)) select a from v where a > $5"
        );
    }
}
