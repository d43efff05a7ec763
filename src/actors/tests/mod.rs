//! The actors together, on a database of their own and with a receiver on a local socket.

mod admission;
mod deliveries;
mod faults;
mod fixture;
mod gates;
mod lanes;
mod receiver;
