//! The egress predicate over addresses, from the IANA special-purpose registries (RFC 6890 and its successors).

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names what kind of address it is if the server must not dial it; `None` if it may.
///
/// An allowed network admits its addresses whatever their kind. An IPv4 address in IPv6 clothes (mapped) is judged as what
/// it is; forms that carry an IPv4 address for a translator or tunnel are refused as such, since what lies behind the
/// translator is not ours to know.
pub fn forbidden(ip: IpAddr, allowed: &[IpNet]) -> Option<&'static str> {
    let plain = ip.to_canonical();
    if allowed.iter().any(|net| net.contains(&plain) || net.contains(&ip)) {
        return None;
    }
    match plain {
        IpAddr::V4(ip) => forbidden_v4(ip),
        IpAddr::V6(ip) => forbidden_v6(ip),
    }
}

fn forbidden_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let kind = match ip.octets() {
        [0, ..] => "this-network",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "private",
        [100, 64..=127, ..] => "shared",
        [127, ..] => "loopback",
        // Among them 169.254.169.254, where clouds answer with credentials.
        [169, 254, ..] => "link-local",
        [192, 0, 0, _] => "reserved",
        // Public by the registry, yet Azure's own services answer there to each of its machines.
        [168, 63, 129, 16] => "metadata",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "documentation",
        [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] => "reserved",
        [192, 88, 99, _] => "6to4",
        [198, 18..=19, ..] => "benchmarking",
        [224..=239, ..] => "multicast",
        [255, 255, 255, 255] => "broadcast",
        [240..=255, ..] => "reserved",
        _ => return None,
    };
    Some(kind)
}

fn forbidden_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let kind = match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => "unspecified",
        [0, 0, 0, 0, 0, 0, 0, 1] => "loopback",
        [0, 0, 0, 0, 0, 0, _, _] | [0, 0, 0, 0, 0xffff, 0, _, _] => "IPv4-compatible",
        [0x64, 0xff9b, ..] => "NAT64",
        [0x100, 0, 0, 0 | 1, ..] => "discard-only",
        [0xfc00..=0xfdff, ..] => "private",
        [0xfe80..=0xfebf, ..] => "link-local",
        [0xfec0..=0xfeff, ..] => "site-local",
        [0xff00..=0xffff, ..] => "multicast",
        [0x2001, 0, ..] => "Teredo",
        [0x2001, 2, 0, ..] => "benchmarking",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => "documentation",
        [0x2001, 0..=0x1ff, ..] => "reserved",
        [0x2002, ..] => "6to4",
        [0x5f00, ..] => "reserved",
        // 5efe marks ISATAP, an IPv4 address inside an interface identifier.
        [_, _, _, _, 0 | 0x200, 0x5efe, _, _] => "ISATAP",
        [0x2000..=0x3fff, ..] => return None,
        // Nothing else is given out for use on the open net.
        _ => "reserved",
    };
    Some(kind)
}
