//! Students, and what puts them into courses.
//!
//! A student is a customer as courses see him; phone, external id and metadata are his attributes. Enrolling gives access
//! to the course's product and revoking takes it: the seat itself follows (`courses::enrollments`).

pub mod enrolling;
mod http;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{EnrollmentsWrite, StudentsRead, StudentsWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place students are reached at.
pub const ROUTES: &[Route] = &[
    route!("students.list", GET "/api/v1/students", Guard::Scope(StudentsRead), "Lists students with progress and enrolments.", "student", http::list),
    route!("students.create", POST "/api/v1/students", Guard::Scope(StudentsWrite), "Creates a student; a known address answers the student there is.", "student", http::create),
    route!("students.get", GET "/api/v1/students/{id}", Guard::Scope(StudentsRead), "Reads a student with progress and enrolments.", "student", http::get),
    route!("students.update", PATCH "/api/v1/students/{id}", Guard::Scope(StudentsWrite), "Changes a student.", "student", http::update),
    route!("students.delete", DELETE "/api/v1/students/{id}", Guard::Scope(StudentsWrite), "Deletes a student and revokes everything he has.", "student", http::delete),
    route!("enrollments.create", POST "/api/v1/enrollments", Guard::Scope(EnrollmentsWrite), "Enrols a student in a course; twice is once.", "enrollment", http::enrol),
    route!("enrollments.revoke", DELETE "/api/v1/enrollments/{id}", Guard::Scope(EnrollmentsWrite), "Revokes an enrolment, whatever gave it.", "enrollment", http::revoke),
];
