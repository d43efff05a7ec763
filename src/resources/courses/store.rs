//! Queries only.

use super::types::{LessonView, ModuleView};
use crate::context::Room;
use crate::domain::Result;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, rows};
use entities::product::Status;
use entities::{course, course_module, lesson, product};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows of one INSERT; with nine columns each this stays far below SQLite's 32,766 variables.
const INSERT_ROWS_MAX: usize = 1_000;

/// A course and the product it is sold as.
pub(super) type Pair = (course::Model, product::Model);

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Pair>> {
    let found = course::of(room.tenant, room.mode).filter(course::Column::Id.eq(id));
    let Some(row) = found.one(db).await.map_err(map)? else {
        return Ok(None);
    };
    let sold_as = product::of(room.tenant, room.mode).filter(product::Column::Id.eq(row.product));
    let sold_as = sold_as.one(db).await.map_err(map)?;
    Ok(sold_as.map(|sold_as| (row, sold_as)))
}

pub(super) async fn find_by_product(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<course::Model>> {
    let found = course::of(room.tenant, room.mode).filter(course::Column::Product.eq(id));
    found.one(db).await.map_err(map)
}

pub(super) async fn of_products(db: &impl ConnectionTrait, room: &Room, ids: &[Uuid]) -> Result<Vec<course::Model>> {
    let found = course::of(room.tenant, room.mode).filter(course::Column::Product.is_in(ids.iter().copied()));
    found.all(db).await.map_err(map)
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    status: Option<Status>,
    page: &PageRequest,
) -> Result<(Vec<Pair>, PageInfo)> {
    let select = course::of(room.tenant, room.mode).filter(Expr::exists(
        Query::select()
            .expr(Expr::val(1))
            .from(product::Entity)
            .and_where(Expr::col((product::Entity, product::Column::Id)).equals((course::Entity, course::Column::Product)))
            .cond_where(standing(status))
            .to_owned(),
    ));
    let all = course::of(room.tenant, room.mode);
    let sort = Sort::newest(course::Column::CreatedAt, course::Column::Id);
    let (rows, info) = listing::list(store.read(), select, all, sort, page).await?;
    let ids = rows.iter().map(|row| row.product);
    let products = product::of(room.tenant, room.mode)
        .filter(product::Column::Id.is_in(ids))
        .all(store.read())
        .await
        .map_err(map)?;
    let mut products: HashMap<Uuid, product::Model> = products.into_iter().map(|row| (row.id, row)).collect();
    let pairs = rows
        .into_iter()
        .filter_map(|row| Some((products.remove(&row.product)?, row)))
        .map(|(sold_as, row)| (row, sold_as))
        .collect();
    Ok((pairs, info))
}

fn standing(status: Option<Status>) -> Condition {
    Condition::all()
        .add(product::Column::DeletedAt.is_null())
        .add_option(status.map(|status| product::Column::Status.eq(status)))
}

/// Modules and lessons of a course, in order.
pub(super) async fn content(db: &impl ConnectionTrait, room: &Room, course: Uuid) -> Result<Vec<ModuleView>> {
    let lessons = lesson::of(room.tenant, room.mode)
        .filter(lesson::Column::Course.eq(course))
        .order_by_asc(lesson::Column::Position)
        .all(db)
        .await
        .map_err(map)?;
    let mut by_module: HashMap<Uuid, Vec<LessonView>> = HashMap::new();
    for row in lessons {
        by_module.entry(row.module).or_default().push(LessonView {
            id: row.id,
            title: row.title,
            position: row.position,
            kind: row.kind,
            duration_seconds: row.duration_seconds,
        });
    }
    let modules = course_module::of(room.tenant, room.mode)
        .filter(course_module::Column::Course.eq(course))
        .order_by_asc(course_module::Column::Position)
        .all(db)
        .await
        .map_err(map)?;
    Ok(modules
        .into_iter()
        .map(|row| ModuleView {
            lessons: by_module.remove(&row.id).unwrap_or_default(),
            id: row.id,
            title: row.title,
            position: row.position,
        })
        .collect())
}

pub(super) async fn insert(tx: &Tx, row: &course::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &course::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// Puts content in place of what a course has; parts keep their ids, and with them what students have done.
pub(super) async fn put_content(tx: &Tx, room: &Room, course: Uuid, modules: &[ModuleView]) -> Result<()> {
    let (tenant, mode) = (room.tenant, room.mode);
    let gone = lesson::delete_of(tenant, mode).filter(lesson::Column::Course.eq(course));
    gone.exec(tx).await.map_err(map)?;
    let gone = course_module::delete_of(tenant, mode).filter(course_module::Column::Course.eq(course));
    gone.exec(tx).await.map_err(map)?;
    let rows = modules.iter().map(|module| course_module::Model {
        id: module.id,
        tenant,
        mode: mode.into(),
        course,
        title: module.title.clone(),
        position: module.position,
    });
    let rows: Vec<_> = rows.map(IntoActiveModel::into_active_model).collect();
    for rows in rows.chunks(INSERT_ROWS_MAX) {
        let all = course_module::Entity::insert_many(rows.to_vec());
        all.exec_without_returning(tx).await.map_err(map)?;
    }
    let rows = modules.iter().flat_map(|module| {
        module.lessons.iter().map(|row| lesson::Model {
            id: row.id,
            tenant,
            mode: mode.into(),
            course,
            module: module.id,
            title: row.title.clone(),
            kind: row.kind.clone(),
            duration_seconds: row.duration_seconds,
            position: row.position,
        })
    });
    let rows: Vec<_> = rows.map(IntoActiveModel::into_active_model).collect();
    for rows in rows.chunks(INSERT_ROWS_MAX) {
        let all = lesson::Entity::insert_many(rows.to_vec());
        all.exec_without_returning(tx).await.map_err(map)?;
    }
    Ok(())
}

/// The product of a course, whosever it is.
pub(super) async fn product_anywhere(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>> {
    let row = course::anywhere()
        .filter(course::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)?;
    Ok(row.map(|row| row.product))
}
