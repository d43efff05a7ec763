//! Text within columns.

use sea_orm::Condition;
use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoColumnRef, LikeExpr, SimpleExpr};

/// Whether a column holds a text, whatever the case; `%` and `_` stand for themselves.
///
/// SQLite folds the letters of ASCII alone, so there other letters are sought as they were typed and in lower case.
pub fn contains(column: impl IntoColumnRef, text: &str) -> Condition {
    holds(Expr::col(column), text)
}

/// The same of what is made of columns.
pub fn holds(whole: SimpleExpr, text: &str) -> Condition {
    let mut patterns = vec![text.to_lowercase(), text.to_ascii_lowercase()];
    patterns.dedup();
    patterns.into_iter().fold(Condition::any(), |any, pattern| {
        let like = LikeExpr::new(format!("%{}%", escaped(&pattern))).escape('\\');
        any.add(Expr::expr(Func::lower(whole.clone())).like(like))
    })
}

/// A column that no index is used for: where the database would begin with the wrong one.
pub fn unindexed(column: impl IntoColumnRef) -> SimpleExpr {
    let column = column.into_column_ref();
    Expr::expr(Func::coalesce([Expr::col(column.clone()), Expr::col(column)]))
}

/// A text in which `\`, `%` and `_` stand for themselves.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
