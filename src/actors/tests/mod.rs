//! The actors together, on a database of their own and with a receiver on a local socket.

#![expect(clippy::disallowed_methods, reason = "tests need ids that differ, not ids of a clock")]

mod admission;
mod deliveries;
mod faults;
mod fixture;
mod gates;
mod lanes;
mod receiver;
