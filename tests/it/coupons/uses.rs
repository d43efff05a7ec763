//! Uses: held before money moves, taken with it, never more than there are.

use crate::harness::{Shop, TestApp};
use entities::{customer, payment, product};
use fondaco::context::{Deed, Room};
use fondaco::domain::{Mode, Result, Timestamp};
use fondaco::resources::coupons::service::uses;
use fondaco::resources::coupons::types::{Asked, Hold, Line, Quote, Redemption};
use fondaco::resources::customers::service as customers;
use fondaco::resources::customers::types::Who;
use fondaco::store::Tx;
use serde_json::{Value, json};
use uuid::Uuid;

async fn room(app: &TestApp, shop: &Shop) -> Room {
    let row = entities::tenant::by_slug(&shop.slug)
        .one(app.store().read())
        .await
        .unwrap()
        .unwrap();
    Room::of(&row, Mode::Live).unwrap()
}

async fn coupon(shop: &Shop, more: Value) -> Uuid {
    let mut body = json!({ "code": "SPRING", "discount_type": "percentage", "discount_value": 20 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = shop.api.post("/api/v1/coupons", body).await.is(201);
    made["data"]["id"].as_str().unwrap().parse().unwrap()
}

async fn quote(app: &TestApp, room: &Room, email: Option<&str>, product: Uuid) -> Result<Quote> {
    let asked = Asked {
        code: " spring ".to_owned(),
        email: email.map(str::to_owned),
        product,
        currency: "USD".to_owned(),
        lines: vec![Line {
            is_bump: false,
            amount_minor: 1995,
        }],
    };
    uses::quote(app.store().read(), room, &asked, app.clock.now()).await
}

fn deed(app: &TestApp, room: &Room) -> Deed {
    Deed::of_house(app.house(), room.clone(), app.clock.now())
}

async fn hold(app: &TestApp, room: &Room, coupon: Uuid, checkout: u128, email: &str) -> Result<()> {
    let asked = Hold {
        coupon,
        checkout: Uuid::from_u128(checkout),
        email: Some(email.to_owned()),
        product: Uuid::from_u128(7),
        discount_minor: 399,
        currency: "USD".to_owned(),
        until: Timestamp(app.clock.now().0 + 1_800_000),
    };
    let deed = deed(app, room);
    app.store().command(async move |tx| uses::hold(tx, &deed, &asked).await).await
}

async fn redeem(app: &TestApp, room: &Room, coupon: Uuid, checkout: u128, email: &str) -> Result<()> {
    let product = product::of(room.tenant, room.mode)
        .one(app.store().read())
        .await
        .unwrap()
        .unwrap();
    let (deed, email) = (deed(app, room), email.to_owned());
    let take = async move |tx: &Tx| {
        let customer = customers::ensure(tx, &deed, &Who::at(&email)).await?;
        let payment = payment(&deed, &customer, &product, (coupon, checkout));
        let order =
            json!({ "id": payment.id, "amount_minor": 1596, "currency": "USD", "session_id": null, "payment_intent_id": null });
        let redemption = Redemption {
            payment: &payment,
            customer: &customer,
            product: &product,
            order,
        };
        uses::redeem(tx, &deed, &redemption).await
    };
    app.store().command(take).await
}

fn payment(deed: &Deed, customer: &customer::Model, product: &product::Model, of: (Uuid, u128)) -> payment::Model {
    let (coupon, checkout) = of;
    payment::Model {
        id: Uuid::from_u128(checkout + 4_000_000),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        customer: customer.id,
        email: customer.email.clone(),
        product: product.id,
        checkout: Some(Uuid::from_u128(checkout)),
        subscription: None,
        provider: payment::Provider::Sandbox,
        intent_ref: None,
        session_ref: None,
        charge_ref: None,
        invoice_ref: None,
        status: payment::Status::Completed,
        amount_minor: 1596,
        currency: "USD".to_owned(),
        fee_minor: 0,
        net_total_minor: None,
        tax_total_minor: None,
        tax_status: payment::TaxStatus::None,
        refunded_minor: 0,
        discount_minor: 399,
        coupon: Some(coupon),
        custom_fields: None,
        metadata: json!({}).into(),
        attributes: json!({}).into(),
        paid_at: Some(deed.now.0),
        refunded_at: None,
        refund_reason: None,
        refunded_by: None,
        created_at: deed.now.0,
        updated_at: deed.now.0,
    }
}

async fn count(shop: &Shop, coupon: Uuid) -> Value {
    let read = shop.api.get(&format!("/api/v1/coupons/{coupon}")).await.is(200);
    read["data"]["current_usage_count"].clone()
}

#[actix_rt::test]
async fn a_use_is_taken_when_it_is_paid_and_once_for_each_payment() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["coupon.used"]).await;
    shop.product("brushes").await;
    let (room, id) = (
        room(&app, &shop).await,
        coupon(&shop, json!({ "usage_limit_global": 2 })).await,
    );
    assert_eq!(quote(&app, &room, None, Uuid::nil()).await.unwrap().discount_minor, 399);
    hold(&app, &room, id, 1, "Ann@Example.com").await.unwrap();
    assert_eq!(count(&shop, id).await, 0);
    for _ in 0..3 {
        redeem(&app, &room, id, 1, "ann@example.com").await.unwrap();
        assert_eq!(count(&shop, id).await, 1);
    }
    app.deliver_due().await;
    let told = sink.only().json();
    assert_eq!(
        told["data"]["coupon"],
        json!({
            "id": id, "code": "SPRING", "discountType": "percentage", "discountValue": 20, "currency": null,
            "discountAmount": 399, "discountCurrency": "USD",
        })
    );
    assert_eq!(
        (&told["event"], &told["data"]["order"]["amount"]),
        (&json!("coupon.used"), &json!(1596))
    );
    let refused = shop.api.delete(&format!("/api/v1/coupons/{id}")).await;
    assert_eq!(
        (refused.status, refused.json["error"]["code"].as_str()),
        (409, Some("CONFLICT"))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn of_many_who_pay_at_once_exactly_the_limit_gets_the_discount() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    shop.product("brushes").await;
    let (room, id) = (
        room(&app, &shop).await,
        coupon(&shop, json!({ "usage_limit_global": 5 })).await,
    );
    let buyers: Vec<String> = (0..20).map(|number| format!("b{number}@example.com")).collect();
    let holds = buyers
        .iter()
        .zip(1..)
        .map(|(email, checkout)| hold(&app, &room, id, checkout, email));
    let held: Vec<_> = futures_util::future::join_all(holds).await;
    assert_eq!(held.iter().filter(|held| held.is_ok()).count(), 5);
    let refused = held.iter().find_map(|held| held.as_ref().err()).unwrap();
    assert_eq!(
        (refused.fields[0].field.as_ref(), refused.fields[0].rule),
        ("coupon_code", "usage_limit_reached")
    );
    for ((email, checkout), held) in buyers.iter().zip(1..).zip(&held) {
        if held.is_ok() {
            redeem(&app, &room, id, checkout, email).await.unwrap();
        }
    }
    assert_eq!(count(&shop, id).await, 5);
    let refused = quote(&app, &room, Some("new@example.com"), Uuid::nil()).await.unwrap_err();
    assert_eq!(refused.fields[0].rule, "usage_limit_reached");
    app.finish().await;
}

#[actix_rt::test]
async fn one_buyer_has_his_uses_and_no_more_in_any_spelling() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    shop.product("brushes").await;
    let (room, id) = (
        room(&app, &shop).await,
        coupon(&shop, json!({ "usage_limit_per_user": 2 })).await,
    );
    let holds = (1..=6).map(|checkout| {
        hold(
            &app,
            &room,
            id,
            checkout,
            if checkout % 2 == 0 {
                "ann@example.com"
            } else {
                "ANN@example.com"
            },
        )
    });
    let held = futures_util::future::join_all(holds).await;
    assert_eq!(held.iter().filter(|held| held.is_ok()).count(), 2);
    let refused = quote(&app, &room, Some("Ann@example.com"), Uuid::nil()).await.unwrap_err();
    assert_eq!(refused.fields[0].rule, "already_used");
    quote(&app, &room, Some("ben@example.com"), Uuid::nil()).await.unwrap();
    app.finish().await;
}

#[actix_rt::test]
async fn a_use_nobody_paid_for_can_be_sold_again() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    shop.product("brushes").await;
    let (room, id) = (
        room(&app, &shop).await,
        coupon(&shop, json!({ "usage_limit_global": 1 })).await,
    );
    hold(&app, &room, id, 1, "ann@example.com").await.unwrap();
    hold(&app, &room, id, 1, "ann@example.com").await.unwrap();
    hold(&app, &room, id, 2, "ben@example.com").await.unwrap_err();
    let free = room.clone();
    let freed = async move |tx: &Tx| uses::free(tx, &free, Uuid::from_u128(1)).await;
    app.store().command(freed).await.unwrap();
    hold(&app, &room, id, 2, "ben@example.com").await.unwrap();
    app.advance(1_801).await;
    hold(&app, &room, id, 3, "cat@example.com").await.unwrap();
    redeem(&app, &room, id, 3, "cat@example.com").await.unwrap();
    hold(&app, &room, id, 2, "ben@example.com").await.unwrap_err();
    assert_eq!(count(&shop, id).await, 1);
    app.finish().await;
}

#[actix_rt::test]
async fn statistics_have_the_true_discounts() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let product: Uuid = shop.product("brushes").await.parse().unwrap();
    let (room, id) = (
        room(&app, &shop).await,
        coupon(&shop, json!({ "usage_limit_global": 50 })).await,
    );
    let path = format!("/api/v1/coupons/{id}/stats");
    let empty = shop.api.get(&path).await.is(200)["data"].clone();
    assert_eq!(empty["summary"]["total_redemptions"], 0);
    assert_eq!(empty["daily_usage"].as_array().unwrap().len(), 30);
    hold(&app, &room, id, 99, "waits@example.com").await.unwrap();
    for checkout in 1..=12 {
        redeem(&app, &room, id, checkout, &format!("b{}@example.com", checkout % 4))
            .await
            .unwrap();
        if checkout % 6 == 0 {
            app.advance(86_400).await;
        }
    }
    let stats = shop.api.get(&path).await.is(200)["data"].clone();
    let summary = json!({
        "total_redemptions": 12, "total_discount_amount": 12 * 399, "unique_users": 4, "usage_limit_global": 50,
        "usage_limit_per_user": 1, "remaining_global_uses": 38,
    });
    assert_eq!(
        (&stats["summary"], &stats["currency"], &stats["coupon_code"]),
        (&summary, &json!("USD"), &json!("SPRING"))
    );
    assert_eq!(stats["by_currency"], json!({ "USD": { "count": 12, "amount": 4788 } }));
    let days = stats["daily_usage"].as_array().unwrap();
    assert_eq!(days[27], json!({ "date": "2026-05-19", "count": 6, "amount": 2394 }));
    assert_eq!(days[29], json!({ "date": "2026-05-21", "count": 0, "amount": 0 }));
    let recent = stats["recent_redemptions"].as_array().unwrap();
    assert_eq!(
        (recent.len(), &recent[0]["redeemed_at"]),
        (10, &json!("2026-05-20T14:23:14.000Z"))
    );
    assert_eq!(recent[0]["discount_amount"], 399);
    let by_product = json!([{ "product_id": product, "product_name": "Nebula brushes", "count": 12, "amount": 4788 }]);
    assert_eq!(stats["usage_by_product"], by_product);
    app.finish().await;
}
