//! Payments as a file.

use crate::harness::{Shop, TestApp};
use entities::payment;
use fondaco::store::Tx;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

const HEADER: &str = "\"Transaction ID\",\"Session ID\",\"User ID\",\"Customer Email\",\"Product Name\",\"Product Slug\",\
    \"Amount\",\"Currency\",\"Net Total\",\"Tax Total\",\"Tax Status\",\"Status\",\"Refunded Amount\",\"Refund Reason\",\
    \"Created At\",\"Updated At\"";

async fn export(shop: &Shop, body: Value) -> Vec<String> {
    let answer = shop.api.post("/api/v1/payments/export", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"payments-2026-05-19.csv\""
    );
    let text = answer.text();
    assert!(!text.ends_with('\n'), "line ends stand between rows");
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    assert_eq!(lines.remove(0), HEADER);
    lines
}

#[actix_rt::test]
async fn a_file_has_a_header_and_quoted_cells_that_are_no_formulas() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    assert!(export(&shop, json!({})).await.is_empty());
    let product = json!({ "name": "=SUM(A1) \"x\", y", "slug": "sum", "price": 29 });
    let product = shop.api.post("/api/v1/products", product).await.is(201)["data"]["id"].clone();
    let id = shop.sale(product.as_str().unwrap(), "+ann@example.com").await;
    let lines = export(&shop, json!({ "unknown": 1 })).await;
    let read = shop.api.get(&format!("/api/v1/payments/{id}")).await.is(200)["data"].clone();
    let expected = format!(
        "\"{id}\",\"{}\",\"{}\",\"'+ann@example.com\",\"'=SUM(A1) \"\"x\"\", y\",\"sum\",\"2900\",\"USD\",\"\",\"\",\"none\",\
         \"completed\",\"0\",\"\",\"2026-05-19T14:23:14.000Z\",\"2026-05-19T14:23:14.000Z\"",
        read["session_id"].as_str().unwrap(),
        read["user_id"].as_str().unwrap(),
    );
    assert_eq!(lines, [expected]);
    let raw = shop.api.raw(reqwest::Method::POST, "/api/v1/payments/export", "").await;
    assert_eq!(raw.status, 200);
    app.finish().await;
}

/// Copies the one payment there is, a second apart.
async fn copied(app: &TestApp, id: &str, copies: u32) {
    let id: Uuid = id.parse().unwrap();
    let row = payment::anywhere().filter(payment::Column::Id.eq(id));
    let row = row.one(app.store().read()).await.unwrap().unwrap();
    let copy = move |number: u32| {
        let mut copy = row.clone();
        copy.id = Uuid::from_u128(u128::from(number));
        // Some share their moment.
        copy.created_at -= i64::from(number / 3) * 1_000;
        (copy.checkout, copy.intent_ref, copy.session_ref) = (None, None, None);
        copy.into_active_model()
    };
    let insert = async move |tx: &Tx| {
        for first in (0..copies).step_by(500) {
            let rows = (first..copies.min(first + 500)).map(&copy);
            payment::Entity::insert_many(rows).exec_without_returning(tx).await?;
        }
        Ok(())
    };
    app.store().command(insert).await.unwrap();
}

#[actix_rt::test]
async fn a_file_of_many_batches_is_whole_and_newest_first() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let id = shop.sale(&shop.product("brushes").await, "ann@example.com").await;
    copied(&app, &id, 2_300).await;
    let lines = export(&shop, json!({})).await;
    assert_eq!(lines.len(), 2_301);
    let place = |line: &String| {
        let cells: Vec<&str> = line.trim_matches('"').split("\",\"").collect();
        (cells[14].to_owned(), cells[0].to_owned())
    };
    let places: Vec<_> = lines.iter().map(place).collect();
    assert!(
        places.windows(2).all(|pair| pair[0] > pair[1]),
        "ordered by moment and id, downward"
    );
    let asked = json!({ "date_from": "2026-05-19T14:23:00Z", "date_to": "2026-05-19T14:23:10Z" });
    assert_eq!(export(&shop, asked).await.len(), 33);
    app.finish().await;
}

#[actix_rt::test]
async fn a_file_is_narrowed_as_a_list_is() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (one, two) = (shop.product("one").await, shop.product("two").await);
    let refunded = shop.sale(&one, "ann@example.com").await;
    shop.sale(&two, "ann@example.com").await;
    shop.api
        .post(&format!("/api/v1/payments/{refunded}/refund"), json!({}))
        .await
        .is(200);
    for (body, rows) in [
        (json!({ "status": "completed" }), 1),
        (json!({ "status": "refunded" }), 1),
        (json!({ "status": "all" }), 2),
        (json!({ "product_id": one }), 1),
        (json!({ "dateRange": "all" }), 2),
        (json!({ "dateRange": "1" }), 2),
        (json!({ "date_from": "2026-05-20" }), 0),
        (json!({ "date_to": "2026-05-18" }), 0),
    ] {
        assert_eq!(export(&shop, body.clone()).await.len(), rows, "{body}");
    }
    for body in [
        json!({ "status": "odd" }),
        json!({ "product_id": "x" }),
        json!({ "dateRange": "0" }),
        json!({ "dateRange": "3651" }),
        json!({ "date_from": "someday" }),
    ] {
        let answer = shop.api.post("/api/v1/payments/export", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    }
    shop.key("sellf", &["users:read"])
        .await
        .post("/api/v1/payments/export", json!({}))
        .await
        .is(403);
    let log = shop.owner.get("/api/v1/audit-log?action=payments.exported").await.is(200);
    assert!(!log["data"].as_array().unwrap().is_empty());
    app.finish().await;
}
