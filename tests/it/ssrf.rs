//! Targets that would lead the server to its own machine or network: refused when they are registered, and refused again
//! when a delivery is due, for rows that came about in another way.

use crate::harness::{Sink, TestApp};
use entities::{attempt, endpoint};
use fondaco::actors::delivery::sender::{Outgoing, Sender, SenderOptions};
use fondaco::domain::delivery::NetworkClass;
use fondaco::domain::network::Egress;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Ways to write this machine.
const OWN: [&str; 22] = [
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "0.0.0.0",
    "0",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
];

/// Other places that are nobody's business.
const ELSEWHERE: [&str; 34] = [
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "3232235777",
    "0xc0.0xa8.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "metadata.google.internal",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::1]",
    "[2001::1]",
    "printer.local",
    "intranet",
    "db.internal",
];

/// What is wrong with the rest of the address.
const CROOKED: [&str; 14] = [
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "https://user:word@example.com/",
    "https://user@example.com/",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:6379/",
    "http://example.com:0/",
    "http:127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "https://[::1/",
];

/// Every hostile target; those that mean this machine lead to the receiver, were they followed.
fn targets(sink: &Sink) -> Vec<String> {
    let port = sink.url().rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
    let own = OWN.iter().map(|host| format!("http://{host}:{port}/hook"));
    let elsewhere = ELSEWHERE.iter().map(|host| format!("http://{host}/hook"));
    let crooked = CROOKED.iter().map(|url| (*url).to_owned());
    own.chain(elsewhere).chain(crooked).collect()
}

/// Plain http is allowed, so that it is the address that is refused; no network is.
const STRICT: [(&str, &str); 2] = [("webhooks_allow_http", "true"), ("webhooks_allow_networks", "")];

#[actix_rt::test]
async fn hostile_targets_are_refused_when_they_are_registered() {
    let app = TestApp::with(&STRICT).await;
    let (shop, sink) = (app.shop("fondaco").await, app.sink().await);
    let targets = targets(&sink);
    assert!(targets.len() >= 40);
    for url in &targets {
        let body = json!({ "url": url, "events": ["product.created"] });
        let refused = shop.owner.post("/api/v1/webhooks", body).await;
        assert_eq!(refused.status, 400, "{url}: {}", refused.text());
        assert!(refused.text().contains("url"), "{url}: {}", refused.text());
    }
    let good = json!({ "url": "https://hooks.example.com/a", "events": ["product.created"] });
    let made = shop.owner.post("/api/v1/webhooks", good).await.is(201);
    let path = format!("/api/v1/webhooks/{}", made["data"]["id"].as_str().unwrap());
    for url in &targets {
        let refused = shop.owner.patch(&path, json!({ "url": url })).await;
        assert_eq!(refused.status, 400, "{url}: {}", refused.text());
    }
    app.finish().await;
}

#[actix_rt::test]
async fn hostile_targets_are_refused_when_a_delivery_is_due() {
    let app = TestApp::with(&STRICT).await;
    let sink = app.sink().await;
    let targets = targets(&sink);
    // A tenant may have fifty endpoints.
    for some in targets.chunks(40) {
        let shop = app.shop("fondaco").await;
        for url in some {
            shop.endpoint("https://hooks.example.com/new", &["product.created"]).await;
            let (store, url) = (app.store(), url.clone());
            let written = store.command(async move |tx| {
                let new = endpoint::update_anywhere().filter(endpoint::Column::Url.eq("https://hooks.example.com/new"));
                new.col_expr(endpoint::Column::Url, Expr::value(url.clone())).exec(tx).await?;
                Ok(())
            });
            written.await.unwrap();
        }
        shop.product("lamp").await;
    }
    app.deliver_due().await;
    let attempts = attempt::anywhere().all(app.store().read()).await.unwrap();
    assert_eq!(attempts.len(), targets.len());
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for attempt in &attempts {
        assert_eq!(attempt.http_status, 0, "{attempt:?}");
        *classes.entry(attempt.error_class.clone().unwrap_or_default()).or_default() += 1;
    }
    // What cannot even be read as an address is no crime.
    let refused = classes.get("forbidden").copied().unwrap_or_default();
    assert_eq!(
        refused + classes.get("unsendable").copied().unwrap_or_default(),
        targets.len(),
        "{classes:?}"
    );
    assert!(refused >= 60, "{classes:?}");
    assert!(sink.requests().is_empty(), "{:?}", sink.requests());
    app.finish().await;
}

#[actix_rt::test]
async fn a_name_is_judged_by_what_it_resolves_to() {
    let bad = [
        "127.0.0.1",
        "10.1.2.3",
        "172.20.0.1",
        "192.168.0.9",
        "169.254.169.254",
        "100.64.1.1",
        "0.0.0.0",
        "::1",
        "fd00:ec2::254",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    ];
    let mut names = HashMap::new();
    for (n, address) in bad.iter().enumerate() {
        names.insert(format!("bad-{n}.example.com"), vec![address.parse().unwrap()]);
        // One good address does not wash a bad one clean.
        names.insert(
            format!("mixed-{n}.example.com"),
            vec!["93.184.215.14".parse().unwrap(), address.parse().unwrap()],
        );
    }
    let hosts: Vec<String> = names.keys().cloned().collect();
    let egress = Egress {
        allow_http: true,
        ..Egress::default()
    };
    let sender = Sender::new(SenderOptions { egress, names }).unwrap();
    for host in hosts {
        let outgoing = Outgoing {
            url: format!("http://{host}/hook"),
            headers: Vec::new(),
            body: "{}".into(),
            deadline: Duration::from_secs(5),
        };
        let sent = sender.send(outgoing).await;
        let class = sent.failure.as_ref().map(|failure| failure.class);
        assert_eq!(
            (sent.status, class),
            (None, Some(NetworkClass::Forbidden)),
            "{host}: {sent:?}"
        );
    }
}
