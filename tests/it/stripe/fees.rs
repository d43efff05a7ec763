//! What Stripe keeps: asked for after the money is booked, and no sale waits for it.

use super::World;
use crate::harness::{Reply, Shop};
use crate::subscriptions::has_access;
use entities::{ledger_entry, payment};
use fondaco::domain::Mode;
use serde_json::{Value, json};
use uuid::Uuid;

fn body(value: Value) -> Reply {
    Reply::Body(200, value.to_string().into_bytes())
}

fn session(product: &str) -> Value {
    json!({
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid",
        "payment_intent": "pi_1", "customer_details": { "email": "ann@example.com" },
        "amount_total": 1900, "amount_subtotal": 1900, "currency": "usd", "metadata": { "product_id": product },
    })
}

pub(super) fn told(fee: Value) -> Reply {
    let kept = json!({
        "id": "txn_1", "object": "balance_transaction", "amount": 1900, "currency": "usd", "fee": fee, "net": 1815,
        "fee_details": [{ "amount": 85, "currency": "usd", "type": "stripe_fee", "description": "Stripe processing fees" }],
    });
    body(json!({
        "id": "pi_1", "object": "payment_intent", "amount": 1900, "currency": "usd",
        "latest_charge": { "id": "ch_1", "object": "charge", "amount": 1900, "currency": "usd", "balance_transaction": kept },
    }))
}

/// The fee of the only payment, and what each account of the books holds.
async fn books(world: &World, shop: &Shop) -> (i64, i64, i64) {
    let tenant: Uuid = shop.tenant.parse().unwrap();
    let store = world.app.store();
    let row = payment::of(tenant, Mode::Live).one(store.read()).await.unwrap().unwrap();
    let entries = ledger_entry::of(tenant, Mode::Live).all(store.read()).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.amount_minor).sum::<i64>(), 0);
    let held = |account: &str| {
        let own = entries.iter().filter(|entry| entry.account == account);
        own.map(|entry| entry.amount_minor).sum()
    };
    (row.fee_minor, held("fees"), held("balance"))
}

/// A shop that has sold its product through Stripe.
async fn sold() -> (World, Shop) {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    world
        .takes(&world.event("checkout.session.completed", session(&product)))
        .await;
    assert!(has_access(&shop, &world.app, "ann@example.com").await);
    (world, shop)
}

#[actix_rt::test]
async fn the_fee_is_asked_for_once_and_booked() {
    let (world, shop) = sold().await;
    world.stripe.answers([told(json!(85))]);
    world.app.advance(1).await;
    assert_eq!(books(&world, &shop).await, (85, 85, 1815));
    let asked = world.stripe.only();
    let recorded = format!(
        "GET {}\nStripe-Version: {}\n",
        asked.path.strip_prefix("/hook").unwrap(),
        asked.header("stripe-version")
    );
    assert_eq!(recorded, include_str!("fixtures/fee.txt"));
    assert_eq!(asked.header("authorization"), "Bearer sk_live_of_the_environment");
    world.app.advance(86_400 * 30).await;
    assert_eq!(world.stripe.requests().len(), 1);
    world.finish().await;
}

#[actix_rt::test]
async fn a_stripe_that_says_nothing_holds_nothing_up_and_is_asked_again_a_few_times() {
    let (world, shop) = sold().await;
    let not_yet = body(json!({ "id": "pi_1", "object": "payment_intent", "latest_charge": null }));
    world.stripe.answers([Reply::Status(500), not_yet, told(json!("85"))]);
    world.app.advance(1).await;
    assert_eq!(books(&world, &shop).await, (0, 0, 1900));
    world.app.advance(60).await;
    world.app.advance(300).await;
    assert_eq!((books(&world, &shop).await, world.stripe.requests().len()), ((0, 0, 1900), 3));
    world.stripe.answers([told(json!(85))]);
    world.app.advance(1800).await;
    assert_eq!(books(&world, &shop).await, (85, 85, 1815));
    world.finish().await;
}
