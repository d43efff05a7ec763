//! The resolver that lets no forbidden address through.
//!
//! The client dials exactly the addresses returned here, so a name cannot answer one thing when judged and another when
//! dialled; an open connection stays with the address that was judged. Address literals never come here: the URL's check
//! judges those.

use crate::domain::network::{Egress, forbidden, is_loopback_name};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Look-ups under way at once: each holds a thread for as long as the system's resolver likes.
const LOOKUPS_MAX: usize = 128;

/// Why a name was not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// One of its addresses is of this kind.
    Forbidden(&'static str),
    /// It has no address.
    Unresolved,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden(kind) => write!(f, "the name resolves to a {kind} address"),
            Self::Unresolved => f.write_str("the name does not resolve"),
        }
    }
}

impl std::error::Error for Blocked {}

/// Resolves names and judges every address.
#[derive(Clone)]
pub(super) struct Guard {
    egress: Arc<Egress>,
    names: Arc<HashMap<String, Vec<IpAddr>>>,
    lookups: Arc<Semaphore>,
}

impl Guard {
    pub(super) fn new(egress: Arc<Egress>, names: HashMap<String, Vec<IpAddr>>) -> Self {
        Self {
            egress,
            names: Arc::new(names),
            lookups: Arc::new(Semaphore::new(LOOKUPS_MAX)),
        }
    }

    /// The kind of a forbidden address that the name resolves to; none where it does not resolve.
    pub(super) async fn forbids(&self, name: &str) -> Option<&'static str> {
        let name = name.to_ascii_lowercase();
        let found = self.look_up(name.clone()).await.ok()?;
        match self.judge(&name, found) {
            Err(Blocked::Forbidden(kind)) => Some(kind),
            _ => None,
        }
    }

    async fn look_up(&self, name: String) -> Result<Vec<IpAddr>, Blocked> {
        if let Some(known) = self.names.get(name.trim_end_matches('.')) {
            return Ok(known.clone());
        }
        let permit = self.lookups.clone().acquire_owned().await.map_err(|_| Blocked::Unresolved)?;
        let job = tokio::task::spawn_blocking(move || {
            // Kept until the system answers, also when the caller's deadline has passed.
            let _permit = permit;
            (name.as_str(), 0)
                .to_socket_addrs()
                .map(|found| found.map(|at| at.ip()).collect())
        });
        job.await.map_err(|_| Blocked::Unresolved)?.map_err(|_| Blocked::Unresolved)
    }

    /// Every address must be good: a name with one bad address among good ones is an attack or a mistake. Only for the
    /// machine's own name is the bad one left out, since it commonly has one address in each family.
    fn judge(&self, name: &str, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Blocked> {
        let allowed = &self.egress.allowed;
        let bad = found.iter().find_map(|ip| forbidden(*ip, allowed));
        let good: Vec<_> = found.into_iter().filter(|ip| forbidden(*ip, allowed).is_none()).collect();
        match bad {
            Some(kind) if good.is_empty() || !is_loopback_name(name) => Err(Blocked::Forbidden(kind)),
            None if good.is_empty() => Err(Blocked::Unresolved),
            _ => Ok(good),
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let name = name.as_str().to_ascii_lowercase();
            let found = guard.look_up(name.clone()).await?;
            let good = guard.judge(&name, found)?;
            // Port 0 leaves the port to the URL.
            let addresses: Addrs = Box::new(good.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}
