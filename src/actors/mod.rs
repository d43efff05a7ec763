//! Memory and timing; the rows are the truth.

pub mod call;
pub mod delivery;
pub mod keeper;
pub mod meter;
pub mod registry;
pub mod supervisor;
pub mod tenant;
