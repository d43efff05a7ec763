//! What comes in, in neutral names; the dialects' files map it.

use crate::resources::products::types::present;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A new student.
#[derive(Clone, Debug, Deserialize)]
pub struct CreateStudent {
    /// In small letters.
    pub email: String,
    /// For people.
    pub name: Option<String>,
    /// Phone, external id and metadata.
    #[serde(default)]
    pub attributes: Map<String, Value>,
}

/// A change; absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateStudent {
    /// In small letters.
    pub email: Option<String>,
    /// For people; `null` clears it.
    #[serde(deserialize_with = "present")]
    pub name: Option<Option<String>>,
    /// Phone, external id and metadata; `null` clears one.
    pub attributes: Map<String, Value>,
}

/// Which students are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListStudents {
    /// The one of this address.
    pub email: Option<String>,
    /// Those who have or had a seat in this course.
    pub course_id: Option<Uuid>,
}

/// Who is to be enrolled in what; ids as they were sent.
#[derive(Clone, Debug, Deserialize)]
pub struct Enrol {
    /// Who.
    pub student_id: String,
    /// In what.
    pub course_id: String,
}
