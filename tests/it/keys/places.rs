//! Where a key may stand: each dialect's contract says so.

use crate::harness::TestApp;

#[actix_rt::test]
async fn a_key_is_read_where_its_contract_has_it_and_nowhere_else() {
    let app = TestApp::start().await;
    for (dialect, place, status) in [
        ("bigclass", "Bearer", 200),
        ("bigclass", "bearer", 200),
        ("bigclass", "", 401),
        ("bigclass", "Basic", 401),
        ("bigclass", "X-API-Key", 401),
        ("licentric", "Bearer", 200),
        ("licentric", "X-API-Key", 401),
        ("openclaw", "Bearer", 200),
        ("openclaw", "X-API-Key", 200),
        ("sellf", "", 200),
        ("sellf", "X-API-Key", 200),
        ("fondaco", "", 200),
        ("fondaco", "X-API-Key", 200),
        ("cgls", "X-API-Key", 200),
    ] {
        let shop = app.shop(dialect).await;
        let call = match place {
            "X-API-Key" => app.anonymous().header(place, &shop.key),
            "" => app.anonymous().header("Authorization", &shop.key),
            scheme => app.anonymous().header("Authorization", &format!("{scheme} {}", shop.key)),
        };
        let answer = call.get("/api/v1/me").await;
        assert_eq!(answer.status, status, "{dialect} {place}: {}", answer.text());
        // Even a refusal is in the words of the contract the key is of.
        if dialect == "bigclass" && status == 401 {
            assert_eq!(answer.is(401)["error"]["code"], "unauthorized", "{place}");
        }
    }
    app.finish().await;
}
