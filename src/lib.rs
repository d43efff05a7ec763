//! Fondaco: one commerce server for many sellers, spoken to in several dialects.

pub mod actors;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod context;
pub mod domain;
pub mod files;
pub mod http;
pub mod offline;
pub mod outward;
pub mod payments;
pub mod resources;
pub mod store;
pub mod streamed;
pub mod telemetry;
pub mod upgrades;

/// Rows, JSON and requests are many small pieces that one thread makes and another frees, which the system's allocator does
/// slowly and with locks. It is set here, and not in `main`, so that tests and benchmarks run with what production runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
