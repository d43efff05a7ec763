//! Finds a tenant's actor.
