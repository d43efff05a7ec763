//! A shop to test with, made the way an operator and an owner would.

use super::app::TestApp;
use super::client::Client;
use serde_json::{Map, Value, json};

/// The password of every owner.
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// A tenant with its owner, signed in, and a key that may do everything.
pub(crate) struct Shop {
    /// The tenant's id.
    pub(crate) tenant: String,
    /// Its slug.
    pub(crate) slug: String,
    /// The owner's session.
    pub(crate) owner: Client,
    /// The same session as a browser sends it: `name=value`.
    pub(crate) cookie: String,
    /// The full key.
    pub(crate) api: Client,
    /// The full key's text.
    pub(crate) key: String,
    anonymous: Client,
}

impl TestApp {
    /// A shop that speaks a dialect.
    pub(crate) async fn shop(&self, dialect: &str) -> Shop {
        let slug = format!("shop-{}", self.next_shop());
        Shop::open(&self.anonymous(), &self.operator(), dialect, &slug).await
    }
}

impl Shop {
    /// Makes the tenant and a full key as the operator, then signs the owner in.
    pub(crate) async fn open(anonymous: &Client, operator: &Client, dialect: &str, slug: &str) -> Self {
        let owner = json!({ "email": format!("owner@{slug}.example"), "password": PASSWORD });
        let asked = json!({ "name": "Test shop", "slug": slug, "dialect": dialect, "owner": owner });
        let tenant = operator.post("/operator/v1/tenants", asked).await.is(201);
        let tenant = text(&tenant["data"], "id");
        let asked = json!({ "name": "full", "dialect": dialect });
        let (_, key) = mint(operator, &tenant, asked).await;
        let login = anonymous.post("/api/auth/login", owner).await;
        let cookie = login.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let login = login.is(200);
        Self {
            tenant,
            slug: slug.to_owned(),
            cookie,
            owner: anonymous.bearer(&text(&login["data"], "token")),
            api: with_key(anonymous, &key),
            anonymous: anonymous.clone(),
            key,
        }
    }

    /// A product, made with the full key in the native form; returns its id.
    pub(crate) async fn product(&self, slug: &str) -> String {
        let body = json!({ "name": "Nebula brushes", "slug": slug, "price": 1900, "currency": "USD" });
        let made = self.api.post("/api/v1/products", body).await.is(201);
        text(&made["data"], "id")
    }

    /// A product of these members, made with the full key; returns its id.
    pub(crate) async fn product_of(&self, body: Value) -> String {
        let made = self.api.post("/api/v1/products", body).await.is(201);
        text(&made["data"], "id")
    }

    /// A purchase begun with the full key and paid with the card that pays; returns the payment's id.
    pub(crate) async fn sale(&self, product: &str, email: &str) -> String {
        let (checkout, page) = self.checkout(json!({ "product_id": product, "email": email })).await;
        let paid = self.anonymous.form(&page, &[("card", "4242424242424242")]).await;
        assert_eq!(paid.status, 303, "{}", paid.text());
        self.payment_of(&checkout).await
    }

    /// A purchase begun with the full key; returns its id and the path of its page.
    pub(crate) async fn checkout(&self, asked: Value) -> (String, String) {
        let made = self.api.post("/api/v1/checkout/sessions", asked).await.is(201);
        let id = text(&made["data"], "id");
        let page = format!("/sandbox/checkout/{id}");
        (id, page)
    }

    /// The payment that a checkout became.
    pub(crate) async fn payment_of(&self, checkout: &str) -> String {
        let shown = self.api.get(&format!("/api/v1/checkout/sessions/{checkout}")).await.is(200);
        text(&shown["data"], "payment_id")
    }

    /// A key of another dialect or of fewer scopes, made with the owner's session.
    pub(crate) async fn key(&self, dialect: &str, scopes: &[&str]) -> Client {
        let body = Map::from_iter([
            ("name".to_owned(), json!("less")),
            ("dialect".to_owned(), json!(dialect)),
            ("scopes".to_owned(), json!(scopes)),
        ]);
        let made = self.owner.post("/api/v1/api-keys", Value::Object(body)).await;
        assert!(matches!(made.status, 200 | 201), "{}", made.text());
        with_key(&self.anonymous, &key_in(&made.json).unwrap())
    }

    /// A key as the operator may make it, with any member of the native form; returns its id and its text.
    pub(crate) async fn minted(&self, app: &TestApp, asked: Value) -> (String, String) {
        mint(&app.operator(), &self.tenant, asked).await
    }

    /// A client with a key of this shop's server.
    pub(crate) fn with(&self, key: &str) -> Client {
        with_key(&self.anonymous, key)
    }

    /// A webhook endpoint of this shop with its signing secret, made with the owner's session.
    pub(crate) async fn endpoint(&self, url: &str, events: &[&str]) -> String {
        let body = json!({ "url": url, "events": events });
        let made = self.owner.post("/api/v1/webhooks", body).await;
        assert!(matches!(made.status, 200 | 201), "{}", made.text());
        find(&made.json, &|text| text.starts_with("whsec_")).unwrap()
    }
}

async fn mint(operator: &Client, tenant: &str, asked: Value) -> (String, String) {
    let keys = format!("/operator/v1/tenants/{tenant}/api-keys");
    let made = operator.post(&keys, asked).await.is(201);
    (text(&made["data"], "id"), text(&made["data"], "key"))
}

/// The key where its contract has it: all but one take a bearer, and that one knows no `Authorization`.
fn with_key(client: &Client, key: &str) -> Client {
    match key.starts_with("cgls_") {
        true => client.header("X-API-Key", key),
        false => client.bearer(key),
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member} in {value}"))
        .to_owned()
}

/// The plaintext of a key, wherever a dialect's answer has it: the one text with 64 hex digits at its end.
fn key_in(value: &Value) -> Option<String> {
    find(value, &|text| {
        let tail = text.rsplit('_').next().unwrap_or_default();
        tail.len() == 64 && tail.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn find(value: &Value, wanted: &dyn Fn(&str) -> bool) -> Option<String> {
    match value {
        Value::String(text) => wanted(text).then(|| text.clone()),
        Value::Array(items) => items.iter().find_map(|item| find(item, wanted)),
        Value::Object(members) => members.values().find_map(|member| find(member, wanted)),
        _ => None,
    }
}
