//! Subscriptions as Stripe tells of them: in any order, twice, and of somebody else's.

use super::World;
use crate::harness::{Shop, Sink};
use crate::subscriptions::{has_access, monthly};
use serde_json::{Value, json};

/// A subscription as Stripe's present version prints it.
pub(super) fn subscription(shop: &Shop, product: &str, status: &str) -> Value {
    json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": status, "cancel_at_period_end": false,
        "canceled_at": null, "ended_at": null, "trial_end": null, "latest_invoice": "in_1",
        "metadata": { "fondaco_tenant": shop.tenant, "product_id": product, "email": "Ann@Example.com" },
        "items": { "data": [{
            "current_period_start": 1_779_200_000, "current_period_end": 1_781_800_000,
            "price": { "id": "price_1", "unit_amount": 995, "currency": "usd", "recurring": { "interval": "month", "interval_count": 1 } },
        }] },
    })
}

/// An invoice of it that names nothing but the subscription.
fn invoice(id: &str) -> Value {
    json!({
        "id": id, "object": "invoice", "customer": "cus_1", "amount_due": 995, "amount_paid": 995, "total": 995,
        "total_taxes": [{ "amount": 159, "taxable_amount": 836, "tax_behavior": "inclusive", "taxability_reason": "standard_rated" }],
        "customer_name": "Meyer Ltd", "customer_tax_ids": [{ "type": "eu_vat", "value": "PL5261040828" }],
        "customer_address": { "line1": "1 High Street", "line2": null, "city": "Leeds", "postal_code": "LS1 1AA", "country": "GB" },
        "currency": "usd", "billing_reason": "subscription_cycle", "attempt_count": 1,
        "hosted_invoice_url": "https://pay.example/in", "invoice_pdf": "https://pay.example/in.pdf",
        "status_transitions": { "paid_at": 1_779_200_000 },
        "parent": { "subscription_details": { "subscription": "sub_1" } },
        "lines": { "data": [{ "period": { "start": 1_779_200_000, "end": 1_781_800_000 } }] },
    })
}

/// A shop with a monthly product and somebody who listens.
pub(super) struct Scene {
    pub(super) world: World,
    shop: Shop,
    product: String,
    sink: Sink,
}

impl Scene {
    pub(super) async fn start() -> Self {
        let world = World::start().await;
        let shop = world.app.shop("sellf").await;
        let product = monthly_major(&shop).await;
        let sink = sellf_listener(&world, &shop).await;
        Self {
            world,
            shop,
            product,
            sink,
        }
    }

    pub(super) fn subscription(&self, status: &str) -> Value {
        subscription(&self.shop, &self.product, status)
    }

    async fn told(&self) -> Vec<Value> {
        self.world.app.deliver_due().await;
        self.sink.requests().iter().map(crate::harness::Received::json).collect()
    }

    pub(super) async fn told_of(&self, name: &str) -> Vec<Value> {
        self.told().await.into_iter().filter(|body| body["event"] == name).collect()
    }

    async fn has_access(&self) -> bool {
        has_access(&self.shop, &self.world.app, "ann@example.com").await
    }

    async fn payments(&self) -> Vec<Value> {
        let listed = self.shop.api.get("/api/v1/payments").await.is(200);
        listed["data"].as_array().unwrap().clone()
    }
}

async fn monthly_major(shop: &Shop) -> String {
    let body = json!({
        "name": "Brush of the month", "slug": "brush-of-the-month", "price": 9.95, "currency": "USD",
        "product_type": "subscription", "billing_interval": "month", "recurring_price": 9.95,
    });
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

async fn sellf_listener(world: &World, shop: &Shop) -> Sink {
    let sink = world.app.sink().await;
    let events = [
        "subscription.created",
        "subscription.updated",
        "subscription.canceled",
        "subscription.trial_ending",
        "subscription.renewal_upcoming",
        "invoice.paid",
        "invoice.payment_failed",
    ];
    shop.endpoint(sink.url(), &events).await;
    sink
}

#[actix_rt::test]
async fn the_bodies_are_those_of_the_contract() {
    let scene = Scene::start().await;
    let world = &scene.world;
    world
        .takes(&world.event("customer.subscription.created", scene.subscription("active")))
        .await;
    let created = scene.told_of("subscription.created").await.remove(0);
    let user = created["data"]["customer"]["userId"].clone();
    assert!(user.is_string());
    assert_eq!(created["data"]["customer"]["email"], "ann@example.com");
    assert_eq!(
        created["data"]["product"],
        json!({
            "id": scene.product, "name": "Brush of the month", "slug": "brush-of-the-month", "currency": "USD",
            "recurring_price": 9.95, "billing_interval": "month", "billing_interval_count": 1,
        })
    );
    let subscription = &created["data"]["subscription"];
    assert_eq!(
        (&subscription["stripeSubscriptionId"], &subscription["stripeCustomerId"]),
        (&json!("sub_1"), &json!("cus_1"))
    );
    assert_eq!(
        (&subscription["recurringPrice"], &subscription["status"]),
        (&json!(9.95), &json!("active"))
    );
    assert_eq!(subscription["currentPeriodEnd"], "2026-06-18T16:26:40.000Z");

    world.takes(&world.event("invoice.paid", invoice("in_1"))).await;
    let paid = scene.told_of("invoice.paid").await.remove(0);
    assert_eq!(
        paid["data"]["invoice"],
        json!({
            "stripeInvoiceId": "in_1", "amountPaid": 9.95, "currency": "USD", "hostedInvoiceUrl": "https://pay.example/in",
            "invoicePdfUrl": "https://pay.example/in.pdf", "paidAt": "2026-05-19T14:13:20.000Z",
            "billingReason": "subscription_cycle", "net": 8.36, "tax": 1.59, "vatRate": 19,
            "taxBehavior": "inclusive", "taxabilityReason": "standard_rated", "taxSnapshotStatus": "captured",
            "nip": "PL5261040828", "companyName": "Meyer Ltd", "address": "1 High Street", "city": "Leeds",
            "postalCode": "LS1 1AA", "country": "GB",
        })
    );
    let mut ends = scene.subscription("active");
    ends["cancel_at_period_end"] = json!(true);
    let mut event = world.event("customer.subscription.updated", ends);
    event["data"]["previous_attributes"] = json!({ "cancel_at_period_end": false });
    world.takes(&event).await;
    let updated = scene.told_of("subscription.updated").await.remove(0);
    assert_eq!(
        updated["data"]["subscription"]["previousAttributes"],
        json!({ "cancel_at_period_end": false })
    );
    assert_eq!(updated["data"]["subscription"]["cancelAtPeriodEnd"], true);

    let mut upcoming = invoice("in_x");
    upcoming.as_object_mut().unwrap().remove("id");
    upcoming["billing_reason"] = json!("upcoming");
    upcoming["next_payment_attempt"] = json!(1_781_800_000);
    world.takes(&world.event("invoice.upcoming", upcoming)).await;
    let told = scene.told_of("subscription.renewal_upcoming").await.remove(0);
    assert_eq!(
        told["data"]["invoice"],
        json!({
            "stripeInvoiceId": null, "amountDue": 9.95, "currency": "USD", "nextPaymentAttempt": "2026-06-18T16:26:40.000Z",
            "billingReason": "upcoming",
        })
    );
    world
        .takes(&world.event("customer.subscription.trial_will_end", scene.subscription("trialing")))
        .await;
    assert_eq!(scene.told_of("subscription.trial_ending").await.len(), 1);
    let mut gone = scene.subscription("canceled");
    gone["ended_at"] = json!(1_779_200_100);
    world.takes(&world.event("customer.subscription.deleted", gone)).await;
    let canceled = scene.told_of("subscription.canceled").await.remove(0);
    assert_eq!(
        (
            &canceled["data"]["subscription"]["status"],
            &canceled["data"]["subscription"]["endsAt"]
        ),
        (&json!("canceled"), &json!("2026-05-19T14:15:00.000Z"))
    );
    scene.world.finish().await;
}

#[actix_rt::test]
async fn an_invoice_before_its_subscription_waits_and_is_booked_once() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let paid = world.event("invoice.paid", invoice("in_1"));
    // Without metadata of ours nobody can tell whose it is, on the plain route not even at which shop.
    world.takes(&paid).await;
    assert!(scene.payments().await.is_empty());
    world
        .takes(&world.event("customer.subscription.created", scene.subscription("incomplete")))
        .await;
    let payments = scene.payments().await;
    assert_eq!(payments.len(), 1);
    assert_eq!(
        (&payments[0]["amount"], &payments[0]["net_total"], &payments[0]["tax_total"]),
        (&json!(995), &json!(836), &json!(159))
    );
    assert!(
        scene.has_access().await,
        "a paid invoice makes an incomplete subscription active"
    );
    world.takes(&paid).await;
    world.takes(&world.event("invoice.payment_succeeded", invoice("in_1"))).await;
    assert_eq!(scene.payments().await.len(), 1);
    let told: Vec<Value> = scene.told().await.iter().map(|body| body["event"].clone()).collect();
    assert_eq!(told, [json!("subscription.created"), json!("invoice.paid")]);
    scene.world.finish().await;
}

#[actix_rt::test]
async fn late_news_undo_nothing_and_those_of_the_same_second_apply() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let now = world.app.clock.now().seconds();
    world
        .takes(&world.event_at("customer.subscription.updated", now + 10, scene.subscription("active")))
        .await;
    assert!(scene.has_access().await);
    for (name, status) in [("created", "incomplete"), ("updated", "unpaid")] {
        let name = format!("customer.subscription.{name}");
        world.takes(&world.event_at(&name, now, scene.subscription(status))).await;
    }
    assert!(scene.has_access().await, "older news changed a newer state");
    world
        .takes(&world.event_at("customer.subscription.updated", now + 10, scene.subscription("unpaid")))
        .await;
    assert!(!scene.has_access().await, "news of the same second apply");
    world
        .takes(&world.event_at("customer.subscription.updated", now + 11, scene.subscription("active")))
        .await;
    assert!(scene.has_access().await);
    // An end is an end, even one that is told before what came before it.
    world
        .takes(&world.event_at("customer.subscription.deleted", now + 20, scene.subscription("canceled")))
        .await;
    world
        .takes(&world.event_at("customer.subscription.updated", now + 20, scene.subscription("active")))
        .await;
    assert!(!scene.has_access().await);
    assert_eq!(scene.told_of("subscription.created").await.len(), 1);
    assert_eq!(scene.told_of("subscription.canceled").await.len(), 1);
    scene.world.finish().await;
}

#[actix_rt::test]
async fn a_failed_payment_keeps_access_and_is_told_once_per_try() {
    let scene = Scene::start().await;
    let world = &scene.world;
    world
        .takes(&world.event("customer.subscription.created", scene.subscription("active")))
        .await;
    let mut failed = invoice("in_2");
    failed["amount_paid"] = json!(0);
    failed["next_payment_attempt"] = json!(1_779_459_200);
    for name in ["invoice.payment_failed", "invoice.payment_action_required"] {
        world.takes(&world.event(name, failed.clone())).await;
    }
    let told = scene.told_of("invoice.payment_failed").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["data"]["subscription"]["status"], "past_due");
    assert_eq!(
        (
            &told[0]["data"]["invoice"]["amountDue"],
            &told[0]["data"]["invoice"]["attemptCount"]
        ),
        (&json!(9.95), &json!(1))
    );
    assert!(scene.has_access().await);
    world.takes(&world.event("invoice.paid", invoice("in_2"))).await;
    world.takes(&world.event("invoice.payment_failed", failed)).await;
    assert_eq!(
        scene.told_of("invoice.payment_failed").await.len(),
        1,
        "a failure told after the payment is old"
    );
    scene.world.finish().await;
}

#[actix_rt::test]
async fn a_subscription_stays_bound_to_its_product_its_shop_and_its_price() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let other = world.app.shop("fondaco").await;
    let theirs = monthly(&other, json!({})).await;
    let mut cheap = scene.subscription("active");
    cheap["items"]["data"][0]["price"]["unit_amount"] = json!(1);
    let mut foreign = scene.subscription("active");
    foreign["metadata"]["product_id"] = json!(theirs);
    let mut nobody = scene.subscription("active");
    nobody["metadata"].as_object_mut().unwrap().remove("email");
    for object in [cheap, foreign] {
        let answer = world.post(&world.event("customer.subscription.created", object)).await;
        assert!(
            answer.status == 200 && answer.json["skipped"].is_string(),
            "{}",
            answer.text()
        );
    }
    world.takes(&world.event("customer.subscription.updated", nobody)).await;
    assert!(!scene.has_access().await);
    world
        .takes(&world.event("customer.subscription.created", scene.subscription("active")))
        .await;
    assert!(scene.has_access().await);
    let second = scene
        .shop
        .api
        .post(
            "/api/v1/products",
            json!({
                "name": "Other", "slug": "other", "price": 1, "currency": "USD", "product_type": "subscription",
                "billing_interval": "month", "recurring_price": 1,
            }),
        )
        .await
        .is(201);
    let mut renamed = scene.subscription("unpaid");
    renamed["metadata"]["product_id"] = second["data"]["id"].clone();
    let answer = world.post(&world.event("customer.subscription.updated", renamed)).await;
    assert!(answer.json["skipped"].is_string(), "{}", answer.text());
    assert!(scene.has_access().await);
    scene.world.finish().await;
}

#[actix_rt::test]
async fn two_subscriptions_of_one_product_are_two_reasons_for_access() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let mut second = scene.subscription("active");
    second["id"] = json!("sub_2");
    world
        .takes(&world.event("customer.subscription.created", scene.subscription("active")))
        .await;
    world
        .takes(&world.event("customer.subscription.created", second.clone()))
        .await;
    world
        .takes(&world.event("customer.subscription.deleted", scene.subscription("canceled")))
        .await;
    assert!(scene.has_access().await, "the other one still covers it");
    world.takes(&world.event("customer.subscription.deleted", second)).await;
    assert!(!scene.has_access().await);
    scene.world.finish().await;
}
