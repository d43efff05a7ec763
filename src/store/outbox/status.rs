//! Deliveries by how they stand, in a form that the log's partial indexes serve.

use entities::delivery::{self, Column, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, Select};

/// The condition of the partial indexes, word for word, or the planner does not see that they serve.
const TROUBLE: &str = "status not in ('pending', 'success')";

/// Those of the selected deliveries that are in one state.
pub fn in_status(select: Select<delivery::Entity>, status: Status) -> Select<delivery::Entity> {
    let select = select.filter(Column::Status.eq(status));
    match status {
        Status::Pending | Status::Success => select,
        _ => select.filter(Expr::cust(TROUBLE)),
    }
}
