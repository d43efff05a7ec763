//! The predicate over a table of addresses and URLs.

use super::*;
use proptest::prelude::*;

fn nets(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn kind(ip: &str) -> Option<&'static str> {
    forbidden(ip.parse().unwrap(), &[])
}

#[test]
fn special_addresses_are_refused_by_kind() {
    let table = [
        ("0.0.0.0", "this-network"),
        ("0.1.2.3", "this-network"),
        ("10.0.0.1", "private"),
        ("100.64.0.1", "shared"),
        ("100.100.100.200", "shared"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("169.254.169.254", "link-local"),
        ("168.63.129.16", "metadata"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.192", "reserved"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "6to4"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarking"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.9", "documentation"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("::127.0.0.1", "IPv4-compatible"),
        ("::ffff:0:127.0.0.1", "IPv4-compatible"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("100::1", "discard-only"),
        ("2001::1", "Teredo"),
        ("2001:2::1", "benchmarking"),
        ("2001:10::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::1", "6to4"),
        ("2a00::5efe:7f00:1", "ISATAP"),
        ("3fff::1", "documentation"),
        ("4000::1", "reserved"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("fe80::1", "link-local"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
    ];
    for (ip, expected) in table {
        assert_eq!(kind(ip), Some(expected), "{ip}");
    }
}

#[test]
fn public_addresses_pass() {
    for ip in [
        "1.1.1.1",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
    ] {
        assert_eq!(kind(ip), None, "{ip}");
    }
}

#[test]
fn an_allowed_network_admits_its_own_addresses_only() {
    let allowed = nets(&["127.0.0.0/8", "fd00::/8"]);
    for ip in ["127.0.0.1", "::ffff:127.0.0.1", "fd00::1"] {
        assert_eq!(forbidden(ip.parse().unwrap(), &allowed), None, "{ip}");
    }
    assert!(forbidden("10.0.0.1".parse().unwrap(), &allowed).is_some());
    assert!(forbidden("::1".parse().unwrap(), &allowed).is_some());
}

#[test]
fn every_spelling_of_loopback_is_seen_through() {
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
    ];
    for host in hosts {
        let url = format!("https://{host}/hook");
        assert_eq!(check_url(&url, false, &[]), Err(UrlRefusal::Address("loopback")), "{url}");
        assert!(check_url(&url, false, &nets(&["127.0.0.0/8", "::1/128"])).is_ok(), "{url}");
    }
}

#[test]
fn local_names_are_refused_until_a_network_is_allowed() {
    for host in [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "printer.local",
        "db.internal",
        "intranet",
        "nas.home.arpa",
    ] {
        let url = format!("https://{host}/");
        assert_eq!(check_url(&url, false, &[]), Err(UrlRefusal::LocalName), "{url}");
    }
    let private = nets(&["10.0.0.0/8"]);
    assert_eq!(check_url("https://localhost/", false, &private), Err(UrlRefusal::LocalName));
    assert!(check_url("https://db.internal/", false, &private).is_ok());
    assert!(check_url("https://localhost/", false, &nets(&["127.0.0.1/32"])).is_ok());
    assert!(check_url("https://localhost/", false, &nets(&["::1/128"])).is_ok());
}

#[test]
fn the_rest_of_the_url_is_judged_too() {
    let long = format!("https://example.com/{}", "a".repeat(URL_MAX));
    let table = [
        ("http://example.com/", UrlRefusal::Scheme),
        ("ftp://example.com/", UrlRefusal::Scheme),
        ("file:///etc/passwd", UrlRefusal::Scheme),
        ("gopher://example.com/", UrlRefusal::Scheme),
        ("javascript:alert(1)", UrlRefusal::Scheme),
        ("example.com/hook", UrlRefusal::Unreadable),
        ("https://", UrlRefusal::Unreadable),
        ("https://./", UrlRefusal::Unreadable),
        ("https://exa mple.com/", UrlRefusal::Unreadable),
        ("https://example.com/\n", UrlRefusal::Unreadable),
        ("https://[fe80::1%25eth0]/", UrlRefusal::Unreadable),
        ("https://[fe80::1%eth0]/", UrlRefusal::Unreadable),
        ("https://user@example.com/", UrlRefusal::Credentials),
        ("https://user:word@example.com/", UrlRefusal::Credentials),
        ("https://:word@example.com/", UrlRefusal::Credentials),
        ("https://example.com:22/", UrlRefusal::Port),
        ("https://example.com:0/", UrlRefusal::Port),
        ("https://example.com:99999/", UrlRefusal::Unreadable),
        (long.as_str(), UrlRefusal::TooLong),
    ];
    for (url, expected) in table {
        assert_eq!(check_url(url, false, &[]), Err(expected), "{url}");
    }
    assert!(check_url("http://example.com/", true, &[]).is_ok());
    assert_eq!(
        check_url("https://example.com:8443/a?b=c", false, &[]).unwrap().as_str(),
        "https://example.com:8443/a?b=c"
    );
}

#[test]
fn a_url_in_disguise_is_judged_by_its_true_host() {
    assert!(check_url("https://example.com#@127.0.0.1/", false, &[]).is_ok());
    assert_eq!(
        check_url(r"https://127.0.0.1\@example.com/", false, &[]),
        Err(UrlRefusal::Address("loopback"))
    );
    assert_eq!(
        check_url("https:127.0.0.1/", false, &[]),
        Err(UrlRefusal::Address("loopback"))
    );
}

proptest! {
    #[test]
    fn mapped_addresses_are_judged_like_plain_ones(bits: u32) {
        let ip = Ipv4Addr::from(bits);
        prop_assert_eq!(forbidden(IpAddr::V6(ip.to_ipv6_mapped()), &[]), forbidden(IpAddr::V4(ip), &[]));
    }

    #[test]
    fn whatever_the_standard_library_calls_local_is_refused(bits: u32, bits6: u128) {
        let ip = Ipv4Addr::from(bits);
        if ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_broadcast() || ip.is_documentation() {
            prop_assert!(forbidden(IpAddr::V4(ip), &[]).is_some());
        }
        let ip = Ipv6Addr::from(bits6);
        if ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_multicast() || ip.is_loopback() {
            prop_assert!(forbidden(IpAddr::V6(ip), &[]).is_some());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,100}") {
        let _ = check_url(&text, true, &[]);
        let _ = check_url(&format!("https://{text}"), true, &[]);
    }
}
