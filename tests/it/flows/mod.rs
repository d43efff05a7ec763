//! Paths that cross several resources.

mod first_delivery;
mod kill;
mod refusals;
