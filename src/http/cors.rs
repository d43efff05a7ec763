//! Calls from browsers: which origins may read an answer.
//!
//! The deployment's own origin may read everything. Beyond it a tenant names origins of his own: they may read the answers
//! to his credentials. A preflight carries no credential, so it allows what any tenant has named; so do answers that are
//! no tenant's, such as a 401. An origin that nobody named is never reflected.

use crate::context::House;
use crate::store::origins;
use actix_web::HttpRequest;
use url::{Host, Url};
use uuid::Uuid;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str = "Content-Type, Authorization, X-API-Key, Idempotency-Key, X-Tenant, X-Mode";
const EXPOSED: &str = "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-RateLimit-Daily-Limit, \
    X-RateLimit-Daily-Remaining, X-RateLimit-Daily-Reset, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed, \
    Deprecation, Sunset, X-Signature, X-Signature-Timestamp, Content-Disposition";
/// How long a browser may keep the answer to a preflight, in seconds.
const MAX_AGE_S: u32 = 86_400;
/// Longest `Origin` that is looked at; the longest host name has 253 characters.
const ORIGIN_MAX: usize = 300;

/// The origin of a request, where it is one whose scripts may read the answer.
///
/// `tenant` is whose answer it is; `None` means nobody's in particular.
pub async fn reader(house: &House, request: &HttpRequest, tenant: Option<Uuid>) -> Option<String> {
    let origin = request.headers().get("origin")?.to_str().ok()?;
    if origin.len() > ORIGIN_MAX || origin == "null" {
        return None;
    }
    if is_own(&house.public_url, origin) {
        return Some(origin.to_owned());
    }
    match origins::is_allowed(&house.store, tenant, origin).await {
        Ok(true) => Some(origin.to_owned()),
        Ok(false) => None,
        Err(error) => {
            tracing::warn!(%error, "origins could not be read; none is allowed");
            None
        }
    }
}

/// What every answer says about who may read it.
pub fn headers(reader: Option<&str>) -> impl Iterator<Item = (&'static str, &str)> {
    let allowed = reader.into_iter().flat_map(|origin| {
        [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", EXPOSED),
        ]
    });
    std::iter::once(("Vary", "Origin")).chain(allowed)
}

/// What a preflight says beyond that, whoever asks.
pub fn preflight() -> [(&'static str, String); 3] {
    [
        ("Access-Control-Allow-Methods", METHODS.to_owned()),
        ("Access-Control-Allow-Headers", REQUEST_HEADERS.to_owned()),
        ("Access-Control-Max-Age", MAX_AGE_S.to_string()),
    ]
}

/// Whether an origin is the one this deployment is reached at; on a machine for itself under both its names.
pub fn is_own(public_url: &str, origin: &str) -> bool {
    let Ok(url) = Url::parse(public_url) else { return false };
    let own = url.origin().ascii_serialization();
    if own == origin {
        return true;
    }
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let names = ["localhost", "127.0.0.1", "[::1]"];
    is_local && names.iter().any(|name| format!("{}://{name}{port}", url.scheme()) == origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_origin_is_the_public_url_without_its_path() {
        assert!(is_own("https://shop.example/api", "https://shop.example"));
        assert!(is_own("https://shop.example:443", "https://shop.example"));
        assert!(is_own("https://shop.example:8443", "https://shop.example:8443"));
        for foreign in [
            "http://shop.example",
            "https://shop.example:8443",
            "https://shop.example.evil.test",
            "https://evil.test",
            "null",
            "",
        ] {
            assert!(!is_own("https://shop.example", foreign), "{foreign}");
        }
    }

    #[test]
    fn a_local_server_is_own_under_each_of_its_names() {
        assert!(is_own("http://127.0.0.1:8080", "http://localhost:8080"));
        assert!(is_own("http://localhost:8080", "http://127.0.0.1:8080"));
        assert!(!is_own("http://127.0.0.1:8080", "http://localhost:3000"));
        assert!(!is_own("https://shop.example", "http://localhost"));
    }

    #[test]
    fn an_answer_nobody_may_read_still_varies() {
        assert_eq!(headers(None).collect::<Vec<_>>(), [("Vary", "Origin")]);
        assert!(headers(Some("https://a.example")).any(|header| header == ("Access-Control-Allow-Origin", "https://a.example")));
    }
}
