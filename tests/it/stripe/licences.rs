//! What the license server's shops sell at Stripe by hand: sessions and subscriptions make licences, and money that goes back
//! takes them, also those that were told of at the purchase hook.

use super::{SECRET, World};
use crate::harness::{ADMIN_SECRET, Answer, Shop};
use serde_json::{Value, json};

const HOOK: &str = "inbound-secret-of-the-tests";

async fn open() -> (World, Shop) {
    let world = World::with(&[("inbound_webhook_secret", HOOK)]).await;
    let shop = world.app.shop("cgls").await;
    let plug = json!({ "name": "Plug", "slug": "plug" });
    shop.api.post("/createProduct", plug).await.is(200);
    let studio =
        json!({ "productId": "plug", "variantId": "studio", "name": "Studio", "licenseType": "floating", "maxMachines": 5 });
    shop.api.post("/createVariant", studio).await.is(200);
    (world, shop)
}

/// What Stripe posts is taken and done.
async fn takes(world: &World, name: &str, object: Value) {
    posts(world, name, object).await.equals(200, json!({ "received": true }));
}

async fn posts(world: &World, name: &str, object: Value) -> Answer {
    world.post_to("/stripeWebhook", SECRET, &world.event(name, object)).await
}

fn session(id: &str, metadata: Value) -> Value {
    json!({
        "id": format!("cs_{id}"), "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid",
        "payment_intent": format!("pi_{id}"), "customer_details": { "email": "Ann@Example.com", "name": "Ann Meyer" },
        "amount_total": 4900, "currency": "eur", "metadata": metadata,
    })
}

fn subscribed(id: &str, metadata: Value) -> Value {
    let mut object = session(id, metadata);
    object["mode"] = json!("subscription");
    object["payment_intent"] = Value::Null;
    object["subscription"] = json!(format!("sub_{id}"));
    object["customer"] = json!("cus_1");
    object
}

fn invoice(id: &str, subscription: &str, reason: &str, period_end: i64) -> Value {
    json!({
        "id": format!("in_{id}"), "object": "invoice", "subscription": format!("sub_{subscription}"), "customer": "cus_1",
        "customer_email": "ann@example.com", "amount_due": 1900, "amount_paid": 1900, "total": 1900, "currency": "eur",
        "billing_reason": reason, "payment_intent": format!("pi_{id}"), "charge": format!("ch_{id}"), "attempt_count": 1,
        "lines": { "data": [{ "period": { "start": period_end - 2_592_000, "end": period_end }, "price": {
            "id": "price_1", "unit_amount": 1900, "currency": "eur", "recurring": { "interval": "month", "interval_count": 1 },
        } }] },
    })
}

async fn licenses(shop: &Shop) -> Vec<Value> {
    let listed = shop.api.post("/listLicenses", json!({})).await.is(200);
    listed["licenses"].as_array().unwrap().clone()
}

async fn only(shop: &Shop) -> Value {
    let found = licenses(shop).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[actix_rt::test]
async fn a_paid_session_makes_the_licence_that_its_metadata_describes() {
    let (world, shop) = open().await;
    let told = json!({ "productId": "plug", "variant": "studio", "durationDays": "30", "discountCode": "SPRING" });
    let event = world.event("checkout.session.completed", session("1", told));
    for _ in 0..2 {
        let answer = world.post_to("/stripeWebhook", SECRET, &event).await;
        answer.equals(200, json!({ "received": true }));
    }
    let made = only(&shop).await;
    let seen: Vec<&Value> = [
        "email",
        "variant",
        "licenseType",
        "maxMachines",
        "purchaseId",
        "discountCode",
        "expiresAt",
    ]
    .iter()
    .map(|name| &made[*name])
    .collect();
    let expected = json!([
        "ann@example.com",
        "studio",
        "floating",
        5,
        "pi_1",
        "SPRING",
        "2026-06-18T14:23:14Z"
    ]);
    assert_eq!(json!(seen), expected);
    // What the same purchase is called elsewhere is the same licence.
    let again = json!({ "type": "purchase.completed", "email": "ann@example.com", "productId": "plug", "purchaseId": "pi_1" });
    let hook = world.app.anonymous().header("x-webhook-secret", HOOK);
    hook.post("/cgloungeWebhook", again).await.is(200);
    assert_eq!(only(&shop).await["key"], made["key"]);
    let charge = json!({
        "id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount": 4900, "amount_captured": 4900,
        "amount_refunded": 4900, "refunded": true, "currency": "eur", "metadata": {},
    });
    takes(&world, "charge.refunded", charge).await;
    let gone = only(&shop).await;
    assert_eq!(
        json!([gone["status"], gone["threatLevel"], gone["disputeReason"]]),
        json!(["revoked", 4, "refund"])
    );
    world.finish().await;
}

#[actix_rt::test]
async fn a_product_is_named_in_every_spelling_and_what_says_nothing_lasts_for_ever() {
    let (world, shop) = open().await;
    for (id, metadata) in [
        ("1", json!({ "product_id": "plug" })),
        (
            "2",
            json!({ "product": "plug", "maxMachines": "7", "licenseType": "floating" }),
        ),
        ("3", json!({ "productId": "plug", "trialDays": "14" })),
    ] {
        takes(&world, "checkout.session.completed", session(id, metadata)).await;
    }
    let mut made = licenses(&shop).await;
    made.sort_by_key(|row| row["purchaseId"].to_string());
    let seen: Vec<Value> = made
        .iter()
        .map(|row| json!([row["variant"], row["licenseType"], row["maxMachines"], row["expiresAt"]]))
        .collect();
    let expected = json!([
        ["indie", "per-machine", 2, null],
        ["indie", "floating", 7, null],
        ["indie", "per-machine", 2, "2026-06-02T14:23:14Z"],
    ]);
    assert_eq!(json!(seen), expected);
    // What has a price is sold at it, but for variants, of which the catalogue knows none.
    let priced = json!({ "name": "Priced", "slug": "priced", "price": 2500, "currency": "EUR" });
    shop.api.post("/createProduct", priced).await.is(200);
    let wrong = posts(
        &world,
        "checkout.session.completed",
        session("4", json!({ "productId": "priced" })),
    )
    .await;
    assert!(wrong.json["skipped"].is_string(), "{}", wrong.text());
    let studio = json!({ "productId": "priced", "variant": "studio" });
    takes(&world, "checkout.session.completed", session("5", studio)).await;
    assert_eq!(licenses(&shop).await.len(), 4);
    let archived = json!({ "productId": "plug", "status": "archived" });
    shop.api.post("/updateProduct", archived).await.is(200);
    let late = posts(
        &world,
        "checkout.session.completed",
        session("6", json!({ "productId": "plug" })),
    )
    .await;
    assert!(late.json["skipped"].is_string(), "{}", late.text());
    world.finish().await;
}

#[actix_rt::test]
async fn a_subscription_makes_one_licence_that_its_invoices_lengthen_and_its_end_lets_run() {
    let (world, shop) = open().await;
    let now = world.app.clock.now().seconds();
    let month = 2_592_000;
    let told = json!({ "productId": "plug", "variant": "studio" });
    // The invoice may come first.
    let first = posts(&world, "invoice.paid", invoice("1", "1", "subscription_create", now + month)).await;
    assert_eq!(first.status, 200);
    assert!(licenses(&shop).await.is_empty());
    takes(&world, "checkout.session.completed", subscribed("1", told)).await;
    let made = only(&shop).await;
    assert_eq!(
        json!([made["variant"], made["email"], made["purchaseId"], made["expiresAt"]]),
        json!(["studio", "ann@example.com", "sub_1", "2026-06-18T14:23:14Z"])
    );
    takes(
        &world,
        "invoice.paid",
        invoice("2", "1", "subscription_cycle", now + 2 * month),
    )
    .await;
    takes(
        &world,
        "invoice.payment_succeeded",
        invoice("2", "1", "subscription_cycle", now + 2 * month),
    )
    .await;
    assert_eq!(only(&shop).await["expiresAt"], "2026-07-18T14:23:14Z");
    let over = json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "canceled", "ended_at": now, "canceled_at": now,
        "current_period_end": now + 2 * month, "items": { "data": [] }, "metadata": {},
    });
    takes(&world, "customer.subscription.deleted", over).await;
    let runs = only(&shop).await;
    assert_eq!(
        json!([runs["status"], runs["expiresAt"]]),
        json!(["active", "2026-07-18T14:23:14Z"])
    );
    // Money that goes back of any period takes it.
    let charge = json!({
        "id": "ch_2", "object": "charge", "payment_intent": "pi_2", "amount": 1900, "amount_captured": 1900,
        "amount_refunded": 1900, "refunded": true, "currency": "eur", "metadata": {},
    });
    takes(&world, "charge.refunded", charge).await;
    assert_eq!(only(&shop).await["status"], "revoked");
    world.finish().await;
}

#[actix_rt::test]
async fn the_days_that_a_subscription_names_count_for_each_period() {
    let (world, shop) = open().await;
    let told = json!({ "productId": "plug", "durationDays": "10" });
    takes(&world, "checkout.session.completed", subscribed("7", told)).await;
    assert_eq!(only(&shop).await["expiresAt"], "2026-05-29T14:23:14Z");
    let now = world.app.clock.now().seconds();
    takes(
        &world,
        "invoice.paid",
        invoice("71", "7", "subscription_create", now + 864_000),
    )
    .await;
    assert_eq!(only(&shop).await["expiresAt"], "2026-05-29T14:23:14Z");
    takes(
        &world,
        "invoice.paid",
        invoice("72", "7", "subscription_cycle", now + 1_728_000),
    )
    .await;
    assert_eq!(only(&shop).await["expiresAt"], "2026-06-08T14:23:14Z");
    world.finish().await;
}

#[actix_rt::test]
async fn money_that_goes_back_reaches_what_was_sold_elsewhere() {
    let (world, shop) = open().await;
    let hook = world.app.anonymous().header("x-webhook-secret", HOOK);
    for purchase in ["pi_hook1", "pi_hook2", "pi_hook3"] {
        let sold =
            json!({ "type": "purchase.completed", "email": "ann@example.com", "productId": "plug", "purchaseId": purchase });
        hook.post("/cgloungeWebhook", sold).await.is(200);
    }
    let charge = |number: u32, refunded: i64| {
        json!({
            "id": format!("ch_hook{number}"), "object": "charge", "payment_intent": format!("pi_hook{number}"), "amount": 1900,
            "amount_captured": 1900, "amount_refunded": refunded, "refunded": refunded == 1900, "currency": "usd", "metadata": {},
        })
    };
    takes(&world, "charge.refunded", charge(1, 1900)).await;
    takes(&world, "charge.refunded", charge(2, 900)).await;
    let dispute = json!({
        "id": "dp_1", "object": "dispute", "charge": "ch_hook3", "payment_intent": "pi_hook3", "amount": 1900, "currency": "usd",
        "reason": "fraudulent",
    });
    takes(&world, "charge.dispute.created", dispute).await;
    let mut found = licenses(&shop).await;
    found.sort_by_key(|row| row["purchaseId"].to_string());
    let seen: Vec<Value> = found
        .iter()
        .map(|row| json!([row["status"], row["threatLevel"], row["disputeReason"]]))
        .collect();
    let expected = json!([["revoked", 4, "refund"], ["active", 0, null], ["revoked", 4, "chargeback"]]);
    assert_eq!(json!(seen), expected);
    world.finish().await;
}

#[actix_rt::test]
async fn the_operator_sees_the_coupon_of_a_sale_in_its_licence() {
    let app = crate::harness::TestApp::start().await;
    let shop = app.shop("cgls").await;
    let product = json!({ "name": "Plug", "slug": "plug", "price": 2000, "currency": "USD" });
    shop.api.post("/createProduct", product).await.is(200);
    let code = json!({ "code": "Half", "discountType": "percentage", "discountValue": 50, "adminSecret": ADMIN_SECRET,
        "creatorId": shop.slug });
    app.anonymous().post("/createDiscountCode", code).await.is(200);
    let asked = json!({ "productId": "plug", "email": "ann@example.com", "couponCode": "half" });
    let session = shop.api.post("/api/v1/checkout/sessions", asked).await;
    assert_eq!(session.status, 200, "{}", session.text());
    let id = session.json["id"].as_str().or(session.json["session"]["id"].as_str());
    let page = format!("/sandbox/checkout/{}", id.unwrap_or_else(|| panic!("{}", session.text())));
    let paid = app.anonymous().form(&page, &[("card", "4242424242424242")]).await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    let made = only(&shop).await;
    assert_eq!(made["discountCode"], "Half");
    assert!(made["purchaseId"].is_string(), "{made}");
    app.finish().await;
}
