//! Text within columns.

use sea_orm::Condition;
use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoColumnRef, LikeExpr};

/// Whether a column holds a text, whatever the case; `%` and `_` stand for themselves.
///
/// SQLite folds the letters of ASCII alone, so there other letters are sought as they were typed and in lower case.
pub fn contains(column: impl IntoColumnRef + Clone, text: &str) -> Condition {
    let escape = |text: String| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let mut patterns = vec![text.to_lowercase(), text.to_ascii_lowercase()];
    patterns.dedup();
    patterns.into_iter().fold(Condition::any(), |any, pattern| {
        let like = LikeExpr::new(format!("%{}%", escape(pattern))).escape('\\');
        any.add(Expr::expr(Func::lower(Expr::col(column.clone()))).like(like))
    })
}
