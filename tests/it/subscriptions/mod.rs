//! Subscriptions: a year of one on the clock, trials, failures, ends, and what their owners do themselves.

mod beside;
mod own;
mod sandbox;
mod year;

use crate::harness::{Client, Received, Shop, Sink, TestApp};
use serde_json::{Value, json};

/// A card that pays.
pub(crate) const GOOD: &str = "4242424242424242";
/// A card that pays now and no renewal.
pub(crate) const FAILS_LATER: &str = "4000000000000341";
/// A day, in seconds.
pub(crate) const DAY: u64 = 86_400;

/// A subscription product of 9.95 USD a month, with any further member; returns its id.
pub(crate) async fn monthly(shop: &Shop, more: Value) -> String {
    let mut body = json!({
        "name": "Brush of the month", "slug": "brush-of-the-month", "price": 995, "currency": "USD",
        "product_type": "subscription", "billing_interval": "month", "recurring_price": 995,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

const PASSWORD: &str = "correct horse battery staple";

/// A person who signed in.
pub(crate) async fn person(app: &TestApp, email: &str) -> Client {
    let who = json!({ "email": email, "password": PASSWORD });
    app.anonymous().post("/api/auth/register", who).await.is(201);
    sign_in(app, email).await
}

/// The same person, signed in anew: a session does not last as long as a subscription.
pub(crate) async fn sign_in(app: &TestApp, email: &str) -> Client {
    let who = json!({ "email": email, "password": PASSWORD });
    let login = app.anonymous().post("/api/auth/login", who).await.is(200);
    app.anonymous().bearer(login["data"]["token"].as_str().unwrap())
}

/// Ann's newest subscription, after however long.
pub(crate) async fn of_ann(app: &TestApp) -> Value {
    own(&sign_in(app, "ann@example.com").await).await
}

/// Subscribes with a card, as a person; returns the subscription as he sees it.
pub(crate) async fn subscribe(app: &TestApp, buyer: &Client, product: &str, card: &str) -> Value {
    let made = buyer
        .post("/api/v1/checkout/sessions", json!({ "product_id": product }))
        .await
        .is(201);
    let page = format!("/sandbox/checkout/{}", made["data"]["id"].as_str().unwrap());
    let paid = app.anonymous().form(&page, &[("card", card)]).await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    own(buyer).await
}

/// The newest subscription of a person.
pub(crate) async fn own(buyer: &Client) -> Value {
    buyer.get("/api/subscriptions").await.is(200)["subscriptions"][0].clone()
}

/// Whether somebody of this address has access to a product.
pub(crate) async fn has_access(shop: &Shop, app: &TestApp, email: &str) -> bool {
    use sea_orm::{ColumnTrait as _, QueryFilter as _};
    let store = app.store();
    let customer = entities::customer::anywhere()
        .filter(entities::customer::Column::Email.eq(email))
        .filter(entities::customer::Column::Tenant.eq(uuid::Uuid::parse_str(&shop.tenant).unwrap()))
        .one(store.read())
        .await
        .unwrap();
    let Some(customer) = customer else { return false };
    let live = entities::access::anywhere()
        .filter(entities::access::Column::Customer.eq(customer.id))
        .filter(entities::access::Column::EndedAt.is_null())
        .one(store.read())
        .await
        .unwrap();
    live.is_some()
}

/// A receiver of everything that subscriptions tell.
pub(crate) async fn listener(app: &TestApp, shop: &Shop) -> Sink {
    let sink = app.sink().await;
    let events = [
        "subscription.created",
        "subscription.updated",
        "subscription.canceled",
        "subscription.trial_ending",
        "subscription.renewal_upcoming",
        "invoice.paid",
        "invoice.payment_failed",
        "access.granted",
        "access.revoked",
        "refund.issued",
    ];
    shop.endpoint(sink.url(), &events).await;
    sink
}

/// The names of what a native receiver was told, in order of their happening.
pub(crate) fn names(received: &[Received]) -> Vec<String> {
    let mut told: Vec<(u64, String)> = received
        .iter()
        .map(|one| {
            let sequence = one.header("x-fondaco-sequence").parse().unwrap();
            (sequence, one.json()["type"].as_str().unwrap().to_owned())
        })
        .collect();
    told.sort();
    told.into_iter().map(|(_, name)| name).collect()
}

/// How often a name was told.
pub(crate) fn count(received: &[Received], name: &str) -> usize {
    names(received).iter().filter(|told| *told == name).count()
}
