//! The callers of the matrix and the things whose ids they try.

use crate::harness::{Client, Shop, TestApp};
use fondaco::domain::Scope;
use fondaco::domain::api_key;
use fondaco::http::Route;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Everybody who tries a door, in one dialect.
pub(super) struct Callers {
    /// Another shop of the same dialect.
    pub(super) other: Shop,
    /// A text that is no key.
    pub(super) malformed: Client,
    /// A key with a slip of the pen in it.
    pub(super) mistyped: Client,
    /// A well-formed key that was never made.
    pub(super) unknown: Client,
    /// A key past its end.
    pub(super) expired: Client,
    /// A key that was revoked.
    pub(super) revoked: Client,
    /// A key that has no calls left.
    pub(super) spent: Client,
    /// Keys of one scope each, where the dialect has scopes.
    pub(super) poor: Vec<(Scope, Client)>,
    /// Ids of the shop's things, by the slice they belong to.
    ids: HashMap<&'static str, String>,
}

/// One scope of each of two kinds in a dialect's words; the license server knows none.
fn poor_scopes(dialect: &str) -> &'static [(Scope, &'static str)] {
    match dialect {
        "cgls" => &[],
        "openclaw" => &[
            (Scope::AnalyticsRead, "analytics:read"),
            (Scope::ProductsRead, "products:read"),
        ],
        "licentric" => &[(Scope::MachinesRead, "machines:read"), (Scope::ProductsRead, "products:read")],
        "bigclass" => &[(Scope::OrdersRead, "read:orders"), (Scope::CoursesRead, "read:courses")],
        _ => &[(Scope::CouponsRead, "coupons:read"), (Scope::ProductsRead, "products:read")],
    }
}

impl Callers {
    pub(super) async fn new(app: &TestApp, dialect: &str) -> Self {
        let (shop, other) = (app.shop(dialect).await, app.shop(dialect).await);
        let key = async |more: Value| {
            let mut asked = json!({ "name": "k", "dialect": dialect });
            asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            shop.minted(app, asked).await
        };
        let (_, expired) = key(json!({ "expires_at": "2026-05-19T14:23:15Z" })).await;
        let (id, revoked) = key(json!({})).await;
        let path = format!("/operator/v1/tenants/{}/api-keys/{id}", shop.tenant);
        app.operator().delete(&path).await.is(200);
        let (_, spent) = key(json!({ "rate_limit_per_minute": 1 })).await;
        let mut poor = Vec::new();
        for (scope, name) in poor_scopes(dialect) {
            let (_, text) = key(json!({ "scopes": [name], "rate_limit_per_minute": 1000 })).await;
            poor.push((*scope, shop.with(&text)));
        }
        app.advance(60).await;
        Self {
            malformed: shop.with(if dialect == "cgls" { "cgls_nonsense" } else { "nonsense" }),
            mistyped: shop.with(&mistyped(&shop.key)),
            unknown: shop.with(&never_made(&shop.key)),
            expired: shop.with(&expired),
            revoked: shop.with(&revoked),
            spent: shop.with(&spent),
            poor,
            ids: things(app, &shop).await,
            other,
        }
    }

    /// The route's path with ids of the shop's things in its places; `None` where no id of the shop's belongs there.
    pub(super) fn path(&self, route: &Route) -> String {
        let parts = route.path.split('/').map(|part| match part.strip_prefix('{') {
            None => part.to_owned(),
            Some(place) => self.thing(route, place.trim_end_matches('}')),
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn thing(&self, route: &Route, place: &str) -> String {
        let slice = route.op.split('.').next().unwrap_or_default();
        let wanted = match (slice, place) {
            ("api_keys", "id") if route.path.starts_with("/operator/") => "tenants",
            ("products" | "reviews" | "versions", "slug") => "slugs",
            ("versions", "id") => "products",
            // The offer is known by the product it follows.
            ("offers", "id") => "products",
            ("users", "access_id") => "accesses",
            (_, "token" | "file:.*") => return "nothing".to_owned(),
            (slice, _) => slice,
        };
        let known = self.ids.get(wanted);
        known.cloned().unwrap_or_else(|| {
            panic!(
                "{} has a place for an id of `{wanted}`: make one in guard/callers.rs, fn things",
                route.path
            )
        })
    }
}

/// The key with its last digit another one: the checksum is wrong.
fn mistyped(key: &str) -> String {
    let last = if key.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &key[..key.len() - 1])
}

/// A key of the same tenant with a good checksum and no row.
fn never_made(key: &str) -> String {
    let route = api_key::parse(key).route.unwrap();
    let prefix = &key[..key.len() - 64];
    api_key::mint(prefix, [7; 20], route).expose().to_owned()
}

/// One thing of each kind, made as its owner would.
#[expect(clippy::too_many_lines, reason = "a list: one call for each kind of thing")]
async fn things(app: &TestApp, shop: &Shop) -> HashMap<&'static str, String> {
    let native = shop
        .minted(
            app,
            json!({ "name": "native", "dialect": "fondaco", "rate_limit_per_minute": 1000 }),
        )
        .await;
    let api = shop.with(&native.1);
    let made = async |path: &str, body: Value| {
        let answer = api.post(path, body).await.is(201);
        answer["data"]["id"].as_str().unwrap().to_owned()
    };
    let product = made("/api/v1/products", json!({ "name": "Thing", "slug": shop.slug, "price": 1 })).await;
    let webhook = made(
        "/api/v1/webhooks",
        json!({ "url": "https://hooks.example/", "events": ["*"] }),
    )
    .await;
    let other = made(
        "/api/v1/products",
        json!({ "name": "Other", "slug": format!("{}-other", shop.slug), "price": 1 }),
    )
    .await;
    let label = json!({ "name": "Label", "slug": "label" });
    let tag = made("/api/v1/tags", label.clone()).await;
    let category = made("/api/v1/categories", label).await;
    let bump = json!({ "main_product_id": product, "bump_product_id": other, "bump_title": "And this" });
    let bump = made("/api/v1/order-bumps", bump).await;
    let variants = json!({ "products": [{ "product_id": product }, { "product_id": other }] });
    let variants = made("/api/v1/variant-groups", variants).await;
    let coupon = made(
        "/api/v1/coupons",
        json!({ "code": "THING", "discount_type": "percentage", "discount_value": 1 }),
    )
    .await;
    let policy = made("/api/v1/policies", json!({ "product_id": product, "name": "Policy" })).await;
    let license = json!({ "product_id": product, "policy_id": policy });
    let license = made("/api/v1/licenses", license).await;
    let machine = json!({ "license_id": license, "fingerprint": "machine-1" });
    let machine = made("/api/v1/machines", machine).await;
    let feature = made("/api/v1/entitlements", json!({ "name": "Feature", "code": "feature" })).await;
    let sold = json!({ "product_id": product, "email": "buyer@example.com" });
    let checkout = made("/api/v1/checkout/sessions", sold).await;
    let page = format!("/sandbox/checkout/{checkout}");
    let paid = app.anonymous().form(&page, &[("card", "4242424242424242")]).await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    let read = async |path: &str| api.get(path).await.is(200)["data"][0].clone();
    let payment = read("/api/v1/payments").await["id"].as_str().unwrap().to_owned();
    let user = read("/api/v1/users").await;
    let access = user["product_access"][0]["id"].as_str().unwrap().to_owned();
    let user = user["id"].as_str().unwrap().to_owned();
    let course = json!({ "title": "Course", "status": "published" });
    let course = made("/api/v1/courses", course).await;
    let student = made("/api/v1/students", json!({ "email": "student@example.com" })).await;
    let seat = json!({ "student_id": student, "course_id": course });
    let seat = made("/api/v1/enrollments", seat).await;
    let live = json!({ "title": "Live", "starts_at": "2026-06-01T00:00:00Z" });
    let live = made(&format!("/api/v1/courses/{course}/live-sessions"), live).await;
    let sessions = shop.owner.get("/api/auth/sessions").await.is(200);
    let session = sessions["data"][0]["id"].as_str().unwrap().to_owned();
    let nobody = "00000000-0000-7000-8000-000000000000".to_owned();
    HashMap::from([
        ("products", product),
        ("slugs", shop.slug.clone()),
        ("policies", policy),
        ("licenses", license),
        ("machines", machine),
        ("entitlements", feature),
        ("license_keys", shop.slug.clone()),
        ("webhooks", webhook),
        ("tags", tag),
        ("categories", category),
        ("order_bumps", bump),
        ("variant_groups", variants),
        ("coupons", coupon),
        ("orders", payment.clone()),
        ("payments", payment),
        ("checkout", checkout),
        ("courses", course),
        ("students", student),
        ("enrollments", seat),
        ("live_sessions", live),
        ("users", user),
        ("accesses", access),
        ("api_keys", native.0),
        ("tenants", shop.tenant.clone()),
        ("people", session),
        // Nothing but a delivery or a mail makes these; what another tenant's would say, an unknown one says.
        ("webhook_logs", nobody.clone()),
        ("subscriptions", nobody.clone()),
        ("sandbox", nobody.clone()),
        ("stripe", shop.slug.clone()),
        ("versions", nobody.clone()),
        ("reviews", nobody.clone()),
        ("files", nobody.clone()),
        ("library", nobody.clone()),
        ("refund_requests", nobody.clone()),
        ("certificates", "nothing".to_owned()),
        ("members", nobody.clone()),
        // A kind of mail is the same for all; one there is not is nobody's.
        ("mails", nobody),
    ])
}
