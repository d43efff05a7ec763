//! The operator's egress rules as one value, asked when a webhook is registered and before each send.

use super::{UrlRefusal, check_url};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Url;

/// Where this server's built-in receiver lies.
pub const RECEIVER_PATH: &str = "/sandbox/receiver/";
/// Longest receiver token, in bytes.
const TOKEN_MAX: usize = 128;

/// What webhooks may reach.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    /// Whether plain http is taken.
    pub allow_http: bool,
    /// Networks that may be reached although they are not public.
    pub allowed: Vec<IpNet>,
    /// This server's own receiver, under each base URL it answers to.
    pub own: Vec<OwnReceiver>,
}

/// A URL that may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Somewhere else; its name must still be judged by what it resolves to.
    Remote(Url),
    /// This server's own receiver, to be dialled as this URL, whose host is an address.
    Own(Url),
}

impl Egress {
    /// Judges a URL by everything that needs no resolver.
    pub fn check(&self, text: &str) -> Result<Target, UrlRefusal> {
        if let Some(url) = self.own.iter().find_map(|own| own.dial(text)) {
            return Ok(Target::Own(url));
        }
        check_url(text, self.allow_http, &self.allowed).map(Target::Remote)
    }
}

/// The built-in receiver under one base URL: the one local target that needs no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReceiver {
    prefix: String,
    address: SocketAddr,
}

impl OwnReceiver {
    /// The receiver of a server that listens on `bind` and is called by its address.
    pub fn bound(bind: SocketAddr) -> Self {
        let address = reachable(bind);
        Self::under(&format!("http://{address}"), bind)
    }

    /// The same receiver, called by another base URL, such as the public one. It is dialled at `bind` all the same, so that
    /// nothing hangs on how the name resolves from here.
    pub fn under(base_url: &str, bind: SocketAddr) -> Self {
        Self {
            prefix: format!("{}{RECEIVER_PATH}", base_url.trim_end_matches('/')),
            address: reachable(bind),
        }
    }

    /// The URL to dial if the text is the prefix and a plain token, nothing more; no path can climb out of it.
    fn dial(&self, text: &str) -> Option<Url> {
        let token = text.strip_prefix(&self.prefix)?;
        let is_plain = token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if token.is_empty() || token.len() > TOKEN_MAX || !is_plain {
            return None;
        }
        Url::parse(&format!("http://{}{RECEIVER_PATH}{token}", self.address)).ok()
    }
}

/// A wildcard bind is reached by loopback.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn egress() -> Egress {
        let bind = "127.0.0.1:8080".parse().unwrap();
        Egress {
            own: vec![OwnReceiver::bound(bind), OwnReceiver::under("https://shop.example/", bind)],
            ..Egress::default()
        }
    }

    #[test]
    fn the_own_receiver_is_admitted_and_dialled_by_address() {
        for base in ["http://127.0.0.1:8080", "https://shop.example"] {
            let target = egress().check(&format!("{base}/sandbox/receiver/tok_1-a")).unwrap();
            assert_eq!(
                target,
                Target::Own(Url::parse("http://127.0.0.1:8080/sandbox/receiver/tok_1-a").unwrap())
            );
        }
    }

    #[test]
    fn nothing_beside_it_is() {
        for path in [
            "/sandbox/receiver/",
            "/sandbox/receiver",
            "/sandbox/receiver/a/b",
            "/sandbox/receiver/..",
            "/sandbox/receiver/../../operator/v1/tenants",
            "/sandbox/receiver/%2e%2e/x",
            "/sandbox/receiver/a?x=1",
            "/sandbox/receiver/a#x",
            "/sandbox/receiver/a%2f..",
            "/metrics",
        ] {
            let checked = egress().check(&format!("http://127.0.0.1:8080{path}"));
            assert_eq!(checked, Err(UrlRefusal::Scheme), "{path}");
        }
        for base in [
            "http://127.0.0.1:8081",
            "http://u@127.0.0.1:8080",
            "http://127.0.0.1:8080@evil.example",
        ] {
            assert!(egress().check(&format!("{base}/sandbox/receiver/a")).is_err(), "{base}");
        }
    }

    #[test]
    fn a_wildcard_bind_is_reached_by_loopback() {
        let own = OwnReceiver::bound("0.0.0.0:9000".parse().unwrap());
        assert!(own.dial("http://127.0.0.1:9000/sandbox/receiver/a").is_some());
        let own = OwnReceiver::bound("[::]:9000".parse().unwrap());
        assert!(own.dial("http://[::1]:9000/sandbox/receiver/a").is_some());
    }

    #[test]
    fn the_rest_follows_the_rules_of_urls() {
        assert!(matches!(egress().check("https://example.com/"), Ok(Target::Remote(_))));
        assert_eq!(egress().check("http://example.com/"), Err(UrlRefusal::Scheme));
        let open = Egress {
            allow_http: true,
            ..Egress::default()
        };
        assert!(open.check("http://example.com/").is_ok());
    }
}
