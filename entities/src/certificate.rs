//! Certificates of completed courses; names stand in them as they were then.

use crate::Mode;
use sea_orm::entity::prelude::*;

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "certificates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    /// No enrolment has two.
    pub enrollment: Uuid,
    pub customer: Uuid,
    pub course: Uuid,
    /// Unique on the whole server and not to be guessed.
    pub number: String,
    pub holder: String,
    pub course_title: String,
    pub issued_at: i64,
}

no_relations!();
scoped!();
unscoped!();

/// Selects the certificate of this number, whosever it is: verification is public.
pub fn by_number_anywhere(number: &str) -> Select<Entity> {
    anywhere().filter(Column::Number.eq(number))
}
