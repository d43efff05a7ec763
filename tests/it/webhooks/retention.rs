//! The log is kept for thirty days of the server's time.

use super::newest;
use crate::harness::TestApp;

const DAY_S: u64 = 86_400;

#[actix_rt::test]
async fn rows_go_after_thirty_days_and_not_before() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    app.advance(30 * DAY_S - 60).await;
    assert!(newest(&shop.api, "").await.is_object());
    app.advance(120).await;
    assert!(newest(&shop.api, "").await.is_null());
    app.finish().await;
}
