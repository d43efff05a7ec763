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
