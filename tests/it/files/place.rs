//! What a crash leaves is swept.

use super::{published, upload};
use crate::harness::TestApp;
use entities::file::{self, State};
use fondaco::store::uploads;
use serde_json::json;
use uuid::Uuid;

#[actix_rt::test]
async fn uploads_that_were_cut_off_are_swept_after_a_day_and_kept_ones_stay() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let kept = upload(&shop, &slug, "1", b"kept").await.is(201);
    let id = Uuid::from_u128(7);
    let bytes = app.data().join("files").join("07").join(id.simple().to_string());
    std::fs::create_dir_all(bytes.parent().unwrap()).unwrap();
    std::fs::write(&bytes, b"orphan").unwrap();
    let now = app.clock.now().0;
    let row = file::Model {
        id,
        tenant: shop.tenant.parse().unwrap(),
        mode: entities::Mode::Live,
        state: State::Pending,
        size_bytes: 6,
        sha256: String::new(),
        created_at: now,
        updated_at: now,
    };
    app.store()
        .command(async move |tx| uploads::insert(tx, &row).await)
        .await
        .unwrap();
    app.advance(86_000).await;
    assert!(bytes.exists());
    app.advance(401).await;
    assert!(!bytes.exists());
    let path = format!(
        "/v1/creator/products/{slug}/versions/{}/verify",
        kept["version"]["id"].as_str().unwrap()
    );
    assert_eq!(shop.api.post(&path, json!({})).await.is(200)["is_intact"], true);
    app.finish().await;
}
