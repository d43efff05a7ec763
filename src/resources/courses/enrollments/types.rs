//! What goes in and out, in neutral names; the dialects' files map it.

use crate::domain::Timestamp;
use entities::customer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What somebody has access to changed; whatever hangs on it follows.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Whose access.
    pub customer: Uuid,
    /// To what.
    pub product: Uuid,
    /// Whether he has it now.
    pub is_live: bool,
}

/// A lesson was done, or was not after all.
#[derive(Clone, Debug, Deserialize)]
pub struct Progress {
    /// Which one.
    pub lesson_id: String,
    /// Whether it was done.
    pub completed: bool,
}

/// A course as others name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CourseRef {
    /// Identity.
    pub id: Uuid,
    /// For people.
    pub title: String,
}

/// A seat as it is told to anybody.
#[derive(Clone, Debug, Serialize)]
pub struct EnrollmentView {
    /// Identity.
    pub id: Uuid,
    /// Who is enrolled.
    pub student_id: Uuid,
    /// His address.
    pub student_email: String,
    /// His name.
    pub student_name: Option<String>,
    /// In what.
    pub course_id: Uuid,
    /// Its title.
    pub course_title: String,
    /// `active`, `completed` or `revoked`.
    pub status: &'static str,
    /// Whole percent of the lessons.
    pub progress_percent: i64,
    /// When he first was.
    pub enrolled_at: Timestamp,
    /// When he had done the last lesson.
    pub completed_at: Option<Timestamp>,
    /// Since when he is no longer.
    pub revoked_at: Option<Timestamp>,
    /// Where the certificate can be seen.
    pub certificate_url: Option<String>,
    /// Everything he is enrolled in now.
    pub courses: Vec<CourseRef>,
}

/// A student as he is told to anybody.
#[derive(Clone, Debug, Serialize)]
pub struct StudentView {
    /// Identity.
    pub id: Uuid,
    /// In small letters.
    pub email: String,
    /// For people.
    pub name: Option<String>,
    /// As it was given.
    pub phone: Option<String>,
    /// What he is called elsewhere.
    pub external_id: Option<String>,
    /// The tenant's own data.
    pub metadata: Value,
    /// His seats with progress, past ones too, the newest first.
    pub enrollments: Vec<EnrollmentView>,
    /// When he was made.
    pub created_at: Timestamp,
    /// When he was last changed.
    pub updated_at: Timestamp,
}

impl StudentView {
    /// The view of a customer with his seats.
    pub fn of(row: &customer::Model, enrollments: Vec<EnrollmentView>) -> Self {
        let text = |name: &str| row.attributes.get(name).and_then(Value::as_str).map(str::to_owned);
        let metadata = row.attributes.get("metadata").filter(|value| value.is_object());
        Self {
            id: row.id,
            email: row.email.clone(),
            name: row.name.clone(),
            phone: text("phone"),
            external_id: text("external_id"),
            metadata: metadata.cloned().unwrap_or_else(|| json!({})),
            enrollments,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}
