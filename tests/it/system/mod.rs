//! The server about itself, and what it survives.

mod described;
mod faults;
mod operated;
mod secrets;
