//! Request headers that no tenant may set on a delivery.

/// Hop-by-hop headers (RFC 9110 §7.6.1) and those that the client itself must decide, or framing and routing would be
/// the tenant's.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// Tells whether a header is the client's own to set; in any case, `proxy-` headers included.
pub fn is_reserved_header(name: &str) -> bool {
    let is_proxys = name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("proxy-"));
    is_proxys || RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
}

#[cfg(test)]
mod tests {
    use super::is_reserved_header;

    #[test]
    fn framing_and_routing_stay_with_the_client() {
        for name in [
            "Host",
            "CONTENT-LENGTH",
            "Transfer-Encoding",
            "Proxy-Authorization",
            "connection",
        ] {
            assert!(is_reserved_header(name), "{name}");
        }
        for name in ["X-Api-Key", "Authorization", "Content-Type", "X-Host"] {
            assert!(!is_reserved_header(name), "{name}");
        }
    }
}
