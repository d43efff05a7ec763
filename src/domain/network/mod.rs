//! Which addresses and URLs the server may be sent to.
//!
//! Webhook URLs come from strangers, so the server must not be led to its own machine or network. A URL is judged here
//! when it is registered and before each send, and every address its name resolves to is judged by `address` on the way to
//! the socket. What an operator allows is a list of networks, never of names.

mod address;
mod egress;
mod headers;
mod ports;
#[cfg(test)]
mod tests;

pub use address::forbidden;
pub use egress::{Egress, OwnReceiver, RECEIVER_PATH, Target};
pub use headers::is_reserved_header;

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Longest URL that is taken, in bytes.
pub const URL_MAX: usize = 2048;

/// Why a URL is no target; the text is for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// Over `URL_MAX`.
    #[error("must be at most 2048 characters")]
    TooLong,
    /// Not a URL with a host.
    #[error("must be a valid URL")]
    Unreadable,
    /// Another scheme than https, or http where that is not allowed.
    #[error("must use https")]
    Scheme,
    /// User or password inside.
    #[error("must not contain a user name or password")]
    Credentials,
    /// A port of another protocol.
    #[error("must not use this port")]
    Port,
    /// A name that means this machine or its network.
    #[error("must not name a local host")]
    LocalName,
    /// An address that is not public; the word says which kind.
    #[error("must not point to a {0} address")]
    Address(&'static str),
}

/// Longest name that the domain name system knows, in characters (RFC 1035 §2.3.4).
const NAME_MAX: usize = 253;

/// Reads a URL and judges everything about it that needs no resolver.
pub fn check_url(text: &str, allow_http: bool, allowed: &[IpNet]) -> Result<Url, UrlRefusal> {
    if text.len() > URL_MAX {
        return Err(UrlRefusal::TooLong);
    }
    // The parser drops tabs and line ends and trims blanks; whoever sends them means to confuse some other parser.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(UrlRefusal::Unreadable);
    }
    let url = Url::parse(text).map_err(|_| UrlRefusal::Unreadable)?;
    match url.scheme() {
        "https" => {}
        "http" if allow_http => {}
        _ => return Err(UrlRefusal::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefusal::Credentials);
    }
    if url.port().is_some_and(ports::is_foreign) {
        return Err(UrlRefusal::Port);
    }
    judge_host(&url, allowed)?;
    Ok(url)
}

/// Tells whether a name means the machine itself (RFC 6761 §6.3).
pub fn is_loopback_name(name: &str) -> bool {
    let name = bare(name);
    name == "localhost" || name.ends_with(".localhost") || name == "localhost.localdomain"
}

fn judge_host(url: &Url, allowed: &[IpNet]) -> Result<(), UrlRefusal> {
    // The parser has turned decimal, octal, hexadecimal and short forms of IPv4 into addresses already.
    match url.host() {
        None => Err(UrlRefusal::Unreadable),
        Some(Host::Ipv4(ip)) => judge_ip(IpAddr::V4(ip), allowed),
        Some(Host::Ipv6(ip)) => judge_ip(IpAddr::V6(ip), allowed),
        Some(Host::Domain(name)) if bare(name).is_empty() || bare(name).len() > NAME_MAX => Err(UrlRefusal::Unreadable),
        Some(Host::Domain(name)) if is_loopback_name(name) => {
            let loopbacks = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            let is_allowed = loopbacks.iter().any(|ip| forbidden(*ip, allowed).is_none());
            if is_allowed { Ok(()) } else { Err(UrlRefusal::LocalName) }
        }
        // With any network allowed, such names may lie in it; their addresses decide.
        Some(Host::Domain(name)) if is_local_name(name) && allowed.is_empty() => Err(UrlRefusal::LocalName),
        Some(Host::Domain(_)) => Ok(()),
    }
}

fn judge_ip(ip: IpAddr, allowed: &[IpNet]) -> Result<(), UrlRefusal> {
    forbidden(ip, allowed).map_or(Ok(()), |kind| Err(UrlRefusal::Address(kind)))
}

/// Names that no public resolver answers (RFC 6762, RFC 8375, the ICANN `internal` reservation), and names of one label.
fn is_local_name(name: &str) -> bool {
    let name = bare(name);
    let endings = [
        ".local",
        ".internal",
        ".home.arpa",
        ".lan",
        ".intranet",
        ".private",
        ".corp",
        ".home",
    ];
    !name.contains('.') || endings.iter().any(|ending| name.ends_with(ending))
}

fn bare(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
