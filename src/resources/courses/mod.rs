//! Courses of modules and lessons, who is enrolled in them, certificates, live sessions and their recordings.
//!
//! A course is sold through a product of its own, which holds its title, slug, price and status: there is one truth of what
//! is for sale. Whoever has access to that product is enrolled, and the other way round: `enrollments` follows every change
//! of access, whatever caused it, and is the only place where a seat begins or ends.
//!
//! This slice asks nothing of customers nor of access, which ask it; `students` is where all of them meet.

pub mod certificates;
pub mod enrollments;
mod http;
pub mod live;
pub mod rules;
pub mod service;
mod store;
pub mod types;

use crate::domain::Scope::{CoursesRead, CoursesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place courses are reached at.
pub const ROUTES: &[Route] = &[
    route!("courses.list", GET "/api/v1/courses", Guard::Scope(CoursesRead), "Lists published courses.", "course", http::list),
    route!("courses.create", POST "/api/v1/courses", Guard::Scope(CoursesWrite), "Creates a course, and the product it is sold as.", "course", http::create),
    route!("courses.get", GET "/api/v1/courses/{id}", Guard::Scope(CoursesRead), "Reads a course with its modules and lessons.", "course", http::get),
    route!("courses.update", PATCH "/api/v1/courses/{id}", Guard::Scope(CoursesWrite), "Changes a course; modules and lessons that are named keep their ids.", "course", http::update),
];
