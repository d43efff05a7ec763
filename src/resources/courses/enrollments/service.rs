//! One function per operation; every command is one transaction with its events.

use super::store;
use super::types::{Change, CourseRef, EnrollmentView, Progress, StudentView};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::courses::{certificates, rules, service as courses};
use crate::store::Tx;
use entities::{customer, enrollment, lesson_progress};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// Makes or revokes the seat that goes with an access, with its event; a product that is no course changes nothing.
///
/// Whoever gives or takes access calls this, whatever the cause; doing it twice changes nothing.
///
/// # Errors
/// What the database says.
pub async fn follow(tx: &Tx, deed: &Deed, change: &Change) -> Result<()> {
    let room = &deed.room;
    let Some(course) = courses::of_product(tx, room, change.product).await? else {
        return Ok(());
    };
    let found = store::find_pair(tx, room, change.customer, course.id).await?;
    let (row, name) = match (found, change.is_live) {
        (None, false) => return Ok(()),
        (Some(row), is_live) if row.revoked_at.is_none() == is_live => return Ok(()),
        (None, true) => {
            let row = enrollment::Model {
                id: deed.id(),
                tenant: room.tenant,
                mode: room.mode.into(),
                customer: change.customer,
                course: course.id,
                enrolled_at: deed.now.0,
                completed_at: None,
                revoked_at: None,
                created_at: deed.now.0,
                updated_at: deed.now.0,
            };
            store::insert(tx, &row).await?;
            (row, "enrollment.created")
        }
        (Some(mut row), is_live) => {
            row.revoked_at = (!is_live).then_some(deed.now.0);
            if is_live {
                // It is active again, also where the course had been completed: what was done in it is kept, and so is the
                // certificate, which was earned.
                row.completed_at = None;
            }
            row.updated_at = deed.now.0;
            store::replace(tx, &row).await?;
            let name = if is_live { "enrollment.created" } else { "enrollment.revoked" };
            (row, name)
        }
    };
    let view = view(tx, room, &deed.public_url, &row).await?;
    tx.emit(deed.event(name, "enrollment", &view, vec![change.product])?);
    Ok(())
}

/// Reads a seat.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let row = find(db, room, id).await?;
    Answer::one("enrollment", &view(db, room, &ctx.house.public_url, &row).await?)
}

/// Says whether the seat is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    find(ctx.store().read(), ctx.room()?, id).await.map(|_| ())
}

/// The row of a seat.
///
/// # Errors
/// `NotFound`.
pub async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<enrollment::Model> {
    store::find(db, room, id).await?.ok_or_else(missing)
}

/// The seat of a student in a course, in force or not.
///
/// # Errors
/// What the database says.
pub async fn of_pair(db: &impl ConnectionTrait, room: &Room, student: Uuid, course: Uuid) -> Result<Option<enrollment::Model>> {
    store::find_pair(db, room, student, course).await
}

/// The product whose access a seat goes with.
///
/// # Errors
/// `NotFound` where the course is gone.
pub async fn product_of(db: &impl ConnectionTrait, room: &Room, seat: &enrollment::Model) -> Result<Uuid> {
    store::product_of(db, room, seat.course).await?.ok_or_else(missing)
}

/// Writes down what was done; the last lesson completes the course and brings the certificate.
///
/// # Errors
/// `NotFound` for a seat or a lesson that is not there, `BusinessRule` for a seat that was revoked.
pub async fn progress(ctx: &Ctx, id: Uuid, progress: Progress) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let room = &deed.room;
        let mut row = find(tx, room, id).await?;
        let lesson = Uuid::try_parse(&progress.lesson_id).map_err(|_| no_lesson())?;
        if !store::has_lesson(tx, room, row.course, lesson).await? {
            return Err(no_lesson());
        }
        if row.revoked_at.is_some() {
            return Err(Error::new(
                Code::BusinessRule,
                "This enrolment was revoked; nothing can be done in it.",
            ));
        }
        note(tx, &deed, &row, lesson, progress.completed).await?;
        if row.completed_at.is_none() && is_complete(tx, room, &row).await? {
            row.completed_at = Some(deed.now.0);
            row.updated_at = deed.now.0;
            store::replace(tx, &row).await?;
            certificates::service::issue(tx, &deed, &row).await?;
        }
        Answer::one("enrollment", &view(tx, room, &deed.public_url, &row).await?)
    })
    .await
}

async fn note(tx: &Tx, deed: &Deed, row: &enrollment::Model, lesson: Uuid, completed: bool) -> Result<()> {
    if !completed {
        return store::forget(tx, &deed.room, row.id, lesson).await;
    }
    let done = lesson_progress::Model {
        enrollment: row.id,
        lesson,
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        completed_at: deed.now.0,
    };
    store::note(tx, &done).await
}

async fn is_complete(tx: &Tx, room: &Room, row: &enrollment::Model) -> Result<bool> {
    let total = store::lesson_counts(tx, room, &[row.course]).await?;
    let done = store::done_counts(tx, room, &[row.id], &[row.course]).await?;
    let of = |counts: &HashMap<Uuid, i64>, id| counts.get(id).copied().unwrap_or(0);
    let total = of(&total, &row.course);
    Ok(total > 0 && of(&done, &row.id) >= total)
}

/// The view of a seat, with everything else the student is enrolled in.
///
/// # Errors
/// What the database says.
pub async fn view(db: &impl ConnectionTrait, room: &Room, public_url: &str, row: &enrollment::Model) -> Result<EnrollmentView> {
    let students = store::customers(db, room, &[row.customer]).await?;
    let rows = store::of_customers(db, room, &[row.customer]).await?;
    let mut views = views(db, room, public_url, &students, rows).await?;
    let courses = views
        .iter()
        .filter(|view| view.revoked_at.is_none())
        .map(|view| CourseRef {
            id: view.course_id,
            title: view.course_title.clone(),
        })
        .collect();
    let at = views.iter().position(|view| view.id == row.id).ok_or_else(missing)?;
    let mut view = views.swap_remove(at);
    view.courses = courses;
    Ok(view)
}

/// Students with all their seats, in the order given.
///
/// # Errors
/// What the database says.
pub async fn students(
    db: &impl ConnectionTrait,
    room: &Room,
    public_url: &str,
    rows: Vec<customer::Model>,
) -> Result<Vec<StudentView>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let seats = store::of_customers(db, room, &ids).await?;
    let known: HashMap<Uuid, customer::Model> = rows.iter().map(|row| (row.id, row.clone())).collect();
    let mut by_student: HashMap<Uuid, Vec<EnrollmentView>> = HashMap::new();
    for view in views(db, room, public_url, &known, seats).await? {
        by_student.entry(view.student_id).or_default().push(view);
    }
    let of = |row: &customer::Model, seats| StudentView::of(row, seats);
    Ok(rows
        .iter()
        .map(|row| of(row, by_student.remove(&row.id).unwrap_or_default()))
        .collect())
}

/// Tells what became of a student: `student.created`, `student.updated` or `student.deleted`.
///
/// # Errors
/// What the database says.
pub async fn tell_student(tx: &Tx, deed: &Deed, name: &str, row: &customer::Model) -> Result<()> {
    let mut views = students(tx, &deed.room, &deed.public_url, vec![row.clone()]).await?;
    if let Some(view) = views.pop() {
        tx.emit(deed.event(name, "student", &view, Vec::new())?);
    }
    Ok(())
}

/// Seats with titles, progress and certificates, read together.
async fn views(
    db: &impl ConnectionTrait,
    room: &Room,
    public_url: &str,
    students: &HashMap<Uuid, customer::Model>,
    rows: Vec<enrollment::Model>,
) -> Result<Vec<EnrollmentView>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let seats: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut courses: Vec<Uuid> = rows.iter().map(|row| row.course).collect();
    courses.sort_unstable();
    courses.dedup();
    let titles = store::courses(db, room, &courses).await?;
    let totals = store::lesson_counts(db, room, &courses).await?;
    let done = store::done_counts(db, room, &seats, &courses).await?;
    let numbers = store::certificates(db, room, &seats).await?;
    let count = |counts: &HashMap<Uuid, i64>, id: &Uuid| counts.get(id).copied().unwrap_or(0);
    let one = |row: &enrollment::Model| {
        let student = students.get(&row.customer);
        let (done, total) = (count(&done, &row.id), count(&totals, &row.course));
        EnrollmentView {
            id: row.id,
            student_id: row.customer,
            student_email: student.map(|row| row.email.clone()).unwrap_or_default(),
            student_name: student.and_then(|row| row.name.clone()),
            course_id: row.course,
            course_title: titles.get(&row.course).map(|course| course.title.clone()).unwrap_or_default(),
            status: rules::standing(row),
            progress_percent: rules::percent(done, total, row.completed_at.is_some()),
            enrolled_at: Timestamp(row.enrolled_at),
            completed_at: row.completed_at.map(Timestamp),
            revoked_at: row.revoked_at.map(Timestamp),
            certificate_url: numbers
                .get(&row.id)
                .map(|number| certificates::rules::url(public_url, number)),
            courses: Vec::new(),
        }
    };
    Ok(rows.iter().map(one).collect())
}

fn missing() -> Error {
    Error::not_found("enrollment").with_text("enrollment.not_found")
}

fn no_lesson() -> Error {
    Error::not_found("lesson").with_text("lesson.not_found")
}
