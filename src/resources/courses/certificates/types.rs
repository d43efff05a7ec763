//! What is told of a certificate.

use super::rules;
use crate::domain::Timestamp;
use entities::certificate;
use serde::Serialize;
use uuid::Uuid;

/// A certificate as its tenant is told of it.
#[derive(Clone, Debug, Serialize)]
pub struct CertificateView {
    /// Identity.
    pub id: Uuid,
    /// What it is called in public.
    pub number: String,
    /// Who earned it.
    pub student_id: Uuid,
    /// His name as it stands there.
    pub student_name: String,
    /// His address.
    pub student_email: String,
    /// The course he completed.
    pub course_id: Uuid,
    /// Its title as it stands there.
    pub course_title: String,
    /// The enrolment it crowns.
    pub enrollment_id: Uuid,
    /// Where anybody may verify it.
    pub url: String,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// A certificate as anybody may see it who knows its number.
#[derive(Clone, Debug, Serialize)]
pub struct ProofView {
    /// Its number.
    pub number: String,
    /// That it is genuine.
    pub valid: bool,
    /// Who earned it.
    pub student_name: String,
    /// What for.
    pub course_title: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued_at: Timestamp,
    /// This very place.
    pub url: String,
}

impl CertificateView {
    /// The view of a row.
    pub fn of(row: &certificate::Model, email: &str, public_url: &str) -> Self {
        Self {
            id: row.id,
            number: row.number.clone(),
            student_id: row.customer,
            student_name: row.holder.clone(),
            student_email: email.to_owned(),
            course_id: row.course,
            course_title: row.course_title.clone(),
            enrollment_id: row.enrollment,
            url: rules::url(public_url, &row.number),
            issued_at: Timestamp(row.issued_at),
        }
    }
}
