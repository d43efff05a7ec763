//! Who may pass which route: every route of the server against every kind of caller, in every dialect.
//!
//! The list of routes is the server's own, so that a new route is in the matrix the moment it exists. One whose path has a
//! place for an id of a kind the matrix does not know yet fails with what to add.

mod callers;
mod cells;
mod matrix;
