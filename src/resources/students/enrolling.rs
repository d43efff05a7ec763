//! Putting students into courses and taking them out.

use super::types::Enrol;
use super::{service, store};
use crate::context::{Answer, Ctx, Deed};
use crate::domain::{Error, Result};
use crate::resources::access;
use crate::resources::access::types::Gift;
use crate::resources::courses::enrollments::service as enrollments;
use crate::resources::courses::service as courses;
use entities::access::EndReason;
use entities::entitlement::Cause;
use uuid::Uuid;

/// Enrols a student: gives access to the course's product, from which the seat follows. A seat that is in force stays as
/// it is, and one that was revoked comes alive again.
///
/// # Errors
/// `NotFound` for a student or a published course that is not there.
pub async fn enrol(ctx: &Ctx, form: &Enrol) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    let student = Uuid::try_parse(&form.student_id).map_err(|_| service::missing())?;
    let course = Uuid::try_parse(&form.course_id).map_err(|_| Error::not_found("course"))?;
    ctx.command(async move |tx| {
        let (room, url) = (&deed.room, &deed.public_url);
        let customer = service::find(tx, room, student).await?;
        let (course, product) = courses::on_sale(tx, room, course).await?;
        let before = enrollments::of_pair(tx, room, student, course.id).await?;
        if let Some(seat) = before.as_ref().filter(|seat| seat.revoked_at.is_none()) {
            return Answer::one("enrollment", &enrollments::view(tx, room, url, seat).await?);
        }
        let gift = Gift {
            customer: &customer,
            product: &product,
            cause: Cause::Enrollment,
            cause_id: deed.id(),
            until: None,
            days: None,
        };
        access::service::give(tx, &deed, &gift).await?;
        let seat = enrollments::of_pair(tx, room, student, course.id).await?;
        let seat = seat.ok_or_else(|| Error::not_found("enrollment"))?;
        let view = enrollments::view(tx, room, url, &seat).await?;
        match before {
            None => Answer::created("enrollment", &view),
            Some(_) => Answer::one("enrollment", &view),
        }
    })
    .await
}

/// Revokes an enrolment: ends the access it rests on, whatever speaks for that. Twice is once.
///
/// # Errors
/// `NotFound`.
pub async fn revoke(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let (room, url) = (&deed.room, &deed.public_url);
        let seat = enrollments::find(tx, room, id).await?;
        let product = enrollments::product_of(tx, room, &seat).await?;
        if let Some(held) = store::access_to(tx, room, seat.customer, product).await? {
            access::service::end(tx, &deed, held, EndReason::Revoked).await?;
        }
        let seat = enrollments::find(tx, room, id).await?;
        Answer::deleted("enrollment", &enrollments::view(tx, room, url, &seat).await?)
    })
    .await
}
