//! Whole rows, written the way nearly every slice writes its own.

use super::Tx;
use super::errors::map;
use crate::domain::Result;
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait};

/// What a row's table takes.
type Active<M> = <<M as ModelTrait>::Entity as EntityTrait>::ActiveModel;

/// Adds a row.
///
/// # Errors
/// `AlreadyExists` where a unique rule is broken; `Unavailable` where the database is.
pub async fn insert<M>(tx: &Tx, row: &M) -> Result<()>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
    Active<M>: ActiveModelBehavior + Send,
{
    <M::Entity as EntityTrait>::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Writes a row back, every column of it.
///
/// # Errors
/// As [`insert`]; `Internal` where there is no such row.
pub async fn replace<M>(tx: &Tx, row: &M) -> Result<()>
where
    M: ModelTrait + IntoActiveModel<Active<M>>,
    M::Entity: EntityTrait<Model = M>,
    Active<M>: ActiveModelBehavior + Send,
{
    let all = row.clone().into_active_model().reset_all();
    all.update(tx).await.map(|_| ()).map_err(map)
}
