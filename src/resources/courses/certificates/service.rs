//! Issuing and verifying.

use super::rules;
use super::store;
use super::types::{CertificateView, ProofView};
use crate::context::{Ctx, Deed};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::courses::rules::certificate_number;
use crate::store::Tx;
use entities::{certificate, enrollment};

/// Issues the certificate of a completed enrolment, with its event, unless it has one.
///
/// # Errors
/// What the database says.
pub async fn issue(tx: &Tx, deed: &Deed, seat: &enrollment::Model) -> Result<()> {
    let room = &deed.room;
    if store::of_seat(tx, room, seat.id).await?.is_some() {
        return Ok(());
    }
    let student = store::student(tx, room, seat.customer).await?.ok_or_else(missing)?;
    let product = store::title(tx, room, seat.course).await?.ok_or_else(missing)?;
    let holder = student.name.clone().filter(|name| !name.trim().is_empty());
    let row = certificate::Model {
        id: deed.id(),
        tenant: room.tenant,
        mode: room.mode.into(),
        enrollment: seat.id,
        customer: seat.customer,
        course: seat.course,
        number: certificate_number(deed.now.date_time().year(), deed.ids.bytes()),
        // Anybody may see it, so that a whole address has no place there.
        holder: holder.unwrap_or_else(|| student.email.split('@').next().unwrap_or_default().to_owned()),
        course_title: product.name,
        issued_at: deed.now.0,
    };
    store::insert(tx, &row).await?;
    let view = CertificateView::of(&row, &student.email, &deed.public_url);
    tx.emit(deed.event("certificate.issued", "certificate", &view, vec![product.id])?);
    Ok(())
}

/// Tells whoever knows the number what it certifies.
///
/// # Errors
/// `NotFound` where there is no such certificate.
pub async fn prove(ctx: &Ctx, number: &str) -> Result<ProofView> {
    let number = number.to_ascii_uppercase();
    let (row, issuer) = store::by_number(ctx.store().read(), &number).await?.ok_or_else(missing)?;
    Ok(ProofView {
        valid: true,
        student_name: row.holder,
        course_title: row.course_title,
        issuer: issuer.name,
        issued_at: Timestamp(row.issued_at),
        url: rules::url(&ctx.house.public_url, &row.number),
        number: row.number,
    })
}

fn missing() -> Error {
    Error::not_found("certificate")
}
