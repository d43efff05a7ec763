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
    let name = name.to_ascii_lowercase();
    name.starts_with("proxy-") || RESERVED.contains(&name.as_str())
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
