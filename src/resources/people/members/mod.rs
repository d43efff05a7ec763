//! Members: who may act for a tenant, and who is invited to.
//!
//! An owner may do everything; a member may read and write ordinary data, but manages neither keys nor members nor payment
//! settings. Somebody is invited by mail and becomes a member by the mail's token, which also proves his address. A tenant
//! always keeps an owner.

mod http;
pub mod service;
mod store;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

pub use types::AcceptInvitation;

/// Every place members are managed at.
pub const ROUTES: &[Route] = &[
    route!("members.list", GET "/api/v1/members", Guard::Session, "Lists members and open invitations.", "member", http::list),
    route!("members.invite", POST "/api/v1/members", Guard::Owner, "Invites somebody by mail.", "member", http::invite),
    route!("members.update", PATCH "/api/v1/members/{id}", Guard::Owner, "Changes the role of a member or of somebody who is invited.", "member", http::update),
    route!("members.remove", DELETE "/api/v1/members/{id}", Guard::Owner, "Removes a member or withdraws an invitation.", "member", http::remove),
    route!("members.accept", POST "/api/auth/invitations/accept", Guard::Public(None), "Accepts an invitation by its mailed token.", "membership", http::accept),
];
