//! Queries only.

use super::types::CourseRef;
use crate::context::Room;
use crate::domain::Result;
use crate::store::errors::map;
use crate::store::{Tx, rows};
use entities::{certificate, course, customer, enrollment, lesson, lesson_progress, product};
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<enrollment::Model>> {
    let found = enrollment::of(room.tenant, room.mode).filter(enrollment::Column::Id.eq(id));
    found.one(db).await.map_err(map)
}

pub(super) async fn find_pair(
    db: &impl ConnectionTrait,
    room: &Room,
    customer: Uuid,
    course: Uuid,
) -> Result<Option<enrollment::Model>> {
    let found = enrollment::of(room.tenant, room.mode)
        .filter(enrollment::Column::Customer.eq(customer))
        .filter(enrollment::Column::Course.eq(course));
    found.one(db).await.map_err(map)
}

/// The product that a course is sold as.
pub(super) async fn product_of(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Uuid>> {
    let found = course::of(room.tenant, room.mode).filter(course::Column::Id.eq(id));
    Ok(found.one(db).await.map_err(map)?.map(|row| row.product))
}

/// Every seat of these students, the newest first.
pub(super) async fn of_customers(db: &impl ConnectionTrait, room: &Room, customers: &[Uuid]) -> Result<Vec<enrollment::Model>> {
    let found = enrollment::of(room.tenant, room.mode)
        .filter(enrollment::Column::Customer.is_in(customers.iter().copied()))
        .order_by_desc(enrollment::Column::EnrolledAt)
        .order_by_desc(enrollment::Column::Id);
    found.all(db).await.map_err(map)
}

/// Students by id, deleted ones too: what is told of a seat names them still.
pub(super) async fn customers(db: &impl ConnectionTrait, room: &Room, ids: &[Uuid]) -> Result<HashMap<Uuid, customer::Model>> {
    let found = customer::with_deleted_of(room.tenant, room.mode).filter(customer::Column::Id.is_in(ids.iter().copied()));
    let rows = found.all(db).await.map_err(map)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Courses by id, those whose product was deleted too.
pub(super) async fn courses(db: &impl ConnectionTrait, room: &Room, ids: &[Uuid]) -> Result<HashMap<Uuid, CourseRef>> {
    let rows: Vec<(Uuid, Uuid)> = course::of(room.tenant, room.mode)
        .filter(course::Column::Id.is_in(ids.iter().copied()))
        .select_only()
        .columns([course::Column::Id, course::Column::Product])
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    let titles: Vec<(Uuid, String)> = product::with_deleted_of(room.tenant, room.mode)
        .filter(product::Column::Id.is_in(rows.iter().map(|(_, product)| *product)))
        .select_only()
        .columns([product::Column::Id, product::Column::Name])
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    let titles: HashMap<Uuid, String> = titles.into_iter().collect();
    let named = |(id, product): (Uuid, Uuid)| {
        let title = titles.get(&product).cloned().unwrap_or_default();
        (id, CourseRef { id, title })
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Course -> number of its lessons.
pub(super) async fn lesson_counts(db: &impl ConnectionTrait, room: &Room, courses: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<(Uuid, i64)> = lesson::of(room.tenant, room.mode)
        .filter(lesson::Column::Course.is_in(courses.iter().copied()))
        .select_only()
        .column(lesson::Column::Course)
        .column_as(lesson::Column::Id.count(), "lessons")
        .group_by(lesson::Column::Course)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    Ok(rows.into_iter().collect())
}

/// Seat -> number of lessons done, among those the courses still have.
pub(super) async fn done_counts(
    db: &impl ConnectionTrait,
    room: &Room,
    seats: &[Uuid],
    courses: &[Uuid],
) -> Result<HashMap<Uuid, i64>> {
    let there = Query::select()
        .column(lesson::Column::Id)
        .from(lesson::Entity)
        .and_where(lesson::Column::Course.is_in(courses.iter().copied()))
        .to_owned();
    let rows: Vec<(Uuid, i64)> = lesson_progress::of(room.tenant, room.mode)
        .filter(lesson_progress::Column::Enrollment.is_in(seats.iter().copied()))
        .filter(lesson_progress::Column::Lesson.in_subquery(there))
        .select_only()
        .column(lesson_progress::Column::Enrollment)
        .column_as(lesson_progress::Column::Lesson.count(), "done")
        .group_by(lesson_progress::Column::Enrollment)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    Ok(rows.into_iter().collect())
}

/// Seat -> number of its certificate.
pub(super) async fn certificates(db: &impl ConnectionTrait, room: &Room, seats: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows: Vec<(Uuid, String)> = certificate::of(room.tenant, room.mode)
        .filter(certificate::Column::Enrollment.is_in(seats.iter().copied()))
        .select_only()
        .columns([certificate::Column::Enrollment, certificate::Column::Number])
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn insert(tx: &Tx, row: &enrollment::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace(tx: &Tx, row: &enrollment::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// Whether a lesson is one of the course's.
pub(super) async fn has_lesson(db: &impl ConnectionTrait, room: &Room, course: Uuid, id: Uuid) -> Result<bool> {
    let found = lesson::of(room.tenant, room.mode)
        .filter(lesson::Column::Id.eq(id))
        .filter(lesson::Column::Course.eq(course));
    found.one(db).await.map(|row| row.is_some()).map_err(map)
}

/// Writes down that a lesson was done; once is enough.
pub(super) async fn note(tx: &Tx, row: &lesson_progress::Model) -> Result<()> {
    let once = OnConflict::columns([lesson_progress::Column::Enrollment, lesson_progress::Column::Lesson])
        .do_nothing()
        .to_owned();
    lesson_progress::Entity::insert(row.clone().into_active_model())
        .on_conflict(once)
        .exec_without_returning(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Forgets that a lesson was done.
pub(super) async fn forget(tx: &Tx, room: &Room, seat: Uuid, lesson: Uuid) -> Result<()> {
    let gone = lesson_progress::delete_of(room.tenant, room.mode)
        .filter(lesson_progress::Column::Enrollment.eq(seat))
        .filter(lesson_progress::Column::Lesson.eq(lesson));
    gone.exec(tx).await.map(|_| ()).map_err(map)
}
