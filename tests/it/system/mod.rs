//! The server about itself, and what it survives.

mod described;
mod faults;
mod me;
mod operated;
mod secrets;
mod status;
mod taken;
mod upgrades;
