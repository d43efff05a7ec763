//! What goes in and out, in neutral names; the dialects' files map it.

use crate::domain::Timestamp;
use entities::{live_session, recording};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A session to come.
#[derive(Clone, Debug, Deserialize)]
pub struct Schedule {
    /// For people.
    pub title: String,
    /// When it is to begin.
    pub starts_at: Timestamp,
}

/// Where a recording is.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Where the file can be fetched.
    pub url: String,
    /// For people; the session's title where it has none.
    pub title: Option<String>,
    /// How long it is.
    pub duration_seconds: Option<i64>,
}

/// A session as it is told to anybody.
#[derive(Clone, Debug, Serialize)]
pub struct LiveSessionView {
    /// Identity.
    pub id: Uuid,
    /// Whose session it is.
    pub course_id: Uuid,
    /// For people.
    pub title: String,
    /// `scheduled`, `live` or `ended`.
    pub status: &'static str,
    /// When it is to begin.
    pub starts_at: Timestamp,
    /// When it did.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its recordings, the first one first.
    pub recordings: Vec<RecordingView>,
    /// When it was scheduled.
    pub created_at: Timestamp,
}

/// A recording as it is told to anybody.
#[derive(Clone, Debug, Serialize)]
pub struct RecordingView {
    /// Identity.
    pub id: Uuid,
    /// What was recorded.
    pub live_session_id: Uuid,
    /// Whose session that was.
    pub course_id: Uuid,
    /// For people.
    pub title: String,
    /// Where the file can be fetched.
    pub url: String,
    /// How long it is.
    pub duration_seconds: Option<i64>,
    /// Since when.
    pub ready_at: Timestamp,
}

impl LiveSessionView {
    /// The view of a session and its recordings.
    pub fn of(row: &live_session::Model, recordings: &[recording::Model]) -> Self {
        Self {
            id: row.id,
            course_id: row.course,
            title: row.title.clone(),
            status: match (row.started_at, row.ended_at) {
                (_, Some(_)) => "ended",
                (Some(_), None) => "live",
                (None, None) => "scheduled",
            },
            starts_at: Timestamp(row.starts_at),
            started_at: row.started_at.map(Timestamp),
            ended_at: row.ended_at.map(Timestamp),
            recordings: recordings.iter().map(RecordingView::from).collect(),
            created_at: Timestamp(row.created_at),
        }
    }
}

impl From<&recording::Model> for RecordingView {
    fn from(row: &recording::Model) -> Self {
        Self {
            id: row.id,
            live_session_id: row.live_session,
            course_id: row.course,
            title: row.title.clone(),
            url: row.url.clone(),
            duration_seconds: row.duration_seconds,
            ready_at: Timestamp(row.ready_at),
        }
    }
}
