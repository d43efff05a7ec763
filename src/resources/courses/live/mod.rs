//! Live sessions of courses and their recordings.
//!
//! A session is scheduled, live or ended. Starting and ending twice is once; a recording is known by its address, so that
//! telling it twice is once, too.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{CoursesRead, CoursesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place live sessions are reached at.
pub const ROUTES: &[Route] = &[
    route!("courses.live_sessions", GET "/api/v1/courses/{id}/live-sessions", Guard::Scope(CoursesRead), "Lists the live sessions of a course.", "live_session", http::list),
    route!("courses.schedule", POST "/api/v1/courses/{id}/live-sessions", Guard::Scope(CoursesWrite), "Schedules a live session.", "live_session", http::schedule),
    route!("live_sessions.get", GET "/api/v1/live-sessions/{id}", Guard::Scope(CoursesRead), "Reads a live session with its recordings.", "live_session", http::get),
    route!("live_sessions.start", POST "/api/v1/live-sessions/{id}/start", Guard::Scope(CoursesWrite), "Tells that a live session began.", "live_session", http::start),
    route!("live_sessions.end", POST "/api/v1/live-sessions/{id}/end", Guard::Scope(CoursesWrite), "Tells that a live session ended.", "live_session", http::end),
    route!("live_sessions.record", POST "/api/v1/live-sessions/{id}/recording", Guard::Scope(CoursesWrite), "Tells where the recording of a live session can be fetched.", "recording", http::record),
];
