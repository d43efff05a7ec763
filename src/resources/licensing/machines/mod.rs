//! Machines: what uses a licence's seats. A licence's own key is credential enough to take one, to keep it and to give it
//! back; the limit holds however many ask at once.

pub mod activate;
mod http;
pub mod service;
pub mod store;
pub mod types;

use crate::domain::Scope::{MachinesRead, MachinesWrite};
use crate::http::{Guard, Route};
use crate::route;

/// Every place machines are reached at.
pub const ROUTES: &[Route] = &[
    route!("machines.list", GET "/api/v1/machines", Guard::Scope(MachinesRead), "Lists machines.", "machine", http::list),
    route!("machines.create", POST "/api/v1/machines", Guard::License(MachinesWrite), "Activates a machine: takes a seat of the licence.", "machine", http::create),
    route!("machines.get", GET "/api/v1/machines/{id}", Guard::Scope(MachinesRead), "Reads a machine.", "machine", http::get),
    route!("machines.delete", DELETE "/api/v1/machines/{id}", Guard::License(MachinesWrite), "Deactivates a machine: gives its seat back.", "machine", http::delete),
    route!("machines.heartbeat", POST "/api/v1/machines/{id}/heartbeat", Guard::License(MachinesWrite), "Says that a machine is alive.", "machine", http::heartbeat),
];
