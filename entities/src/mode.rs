//! The column that keeps live and test data apart.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which of a tenant's two data sets a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real money and real buyers.
    Live,
    /// Rehearsals.
    Test,
}
