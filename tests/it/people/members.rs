//! Members and invitations.

use super::{PASSWORD, mails_to, register, sign_in, token_for};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn an_invited_member_works_on_the_shop_but_manages_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let invited = shop
        .owner
        .post("/api/v1/members", json!({ "email": "Bob@b.example", "role": "member" }))
        .await
        .is(201);
    assert_eq!(invited["data"]["status"], "invited");
    let token = token_for(&app, "bob@b.example").await;
    let accepted = json!({ "token": token, "password": PASSWORD, "name": "Bob" });
    let joined = app
        .anonymous()
        .post("/api/auth/invitations/accept", accepted.clone())
        .await
        .is(200);
    assert_eq!(joined["data"]["tenant"]["slug"], shop.slug.as_str());
    assert_eq!(joined["data"]["role"], "member");
    assert!(joined["data"]["user"]["email_verified_at"].is_string(), "{joined}");
    app.anonymous().post("/api/auth/invitations/accept", accepted).await.is(400);
    let bob = sign_in(&app, "bob@b.example", PASSWORD).await;
    let product = json!({ "name": "Brushes", "slug": "brushes", "price": 500, "currency": "USD" });
    bob.post("/api/v1/products", product).await.is(201);
    let members = bob.get("/api/v1/members").await.is(200);
    let roles: Vec<_> = members["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["role"].clone())
        .collect();
    assert_eq!(roles, [json!("owner"), json!("member")]);
    bob.post("/api/v1/api-keys", json!({ "name": "mine" })).await.is(403);
    bob.post("/api/v1/members", json!({ "email": "eve@b.example", "role": "owner" }))
        .await
        .is(403);
    let id = members["data"][0]["id"].as_str().unwrap();
    bob.delete(&format!("/api/v1/members/{id}")).await.is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn a_removed_member_loses_the_shop_at_once_and_the_last_owner_stays() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    register(&app, "bob@b.example").await;
    app.advance(60).await;
    shop.owner
        .post("/api/v1/members", json!({ "email": "bob@b.example", "role": "owner" }))
        .await
        .is(201);
    let token = token_for(&app, "bob@b.example").await;
    let accepted = json!({ "token": token, "password": "another long one" });
    app.anonymous().post("/api/auth/invitations/accept", accepted).await.is(200);
    let bob = sign_in(&app, "bob@b.example", "another long one").await;
    let members = bob.get("/api/v1/members").await.is(200);
    let id = |place: usize| format!("/api/v1/members/{}", members["data"][place]["id"].as_str().unwrap());
    shop.owner.delete(&id(1)).await.is(204);
    shop.owner.delete(&id(1)).await.is(404);
    bob.get("/api/v1/products").await.is(401);
    shop.owner.delete(&id(0)).await.is(409);
    app.finish().await;
}

#[actix_rt::test]
async fn an_invitation_is_withdrawn_replaced_and_runs_out() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let invite = async || {
        app.advance(60).await;
        let invited = shop
            .owner
            .post("/api/v1/members", json!({ "email": "bob@b.example", "role": "member" }))
            .await
            .is(201);
        (
            invited["data"]["id"].as_str().unwrap().to_owned(),
            token_for(&app, "bob@b.example").await,
        )
    };
    let refused = async |token: &str| {
        let accept = json!({ "token": token, "password": PASSWORD });
        app.anonymous().post("/api/auth/invitations/accept", accept).await.is(400);
    };
    let ((_, replaced), (id, withdrawn)) = (invite().await, invite().await);
    refused(&replaced).await;
    shop.owner.delete(&format!("/api/v1/members/{id}")).await.is(204);
    refused(&withdrawn).await;
    let (_, late) = invite().await;
    app.advance(7 * 24 * 3600).await;
    refused(&late).await;
    let left = shop.owner.get("/api/v1/members").await.is(200);
    assert_eq!(left["data"].as_array().unwrap().len(), 1, "{left}");
    app.finish().await;
}

#[actix_rt::test]
async fn an_invitation_does_not_change_an_account_whose_address_is_proved() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    let email = format!("owner@{}.example", other.slug);
    shop.owner
        .post("/api/v1/members", json!({ "email": email, "role": "member" }))
        .await
        .is(201);
    let token = token_for(&app, &email).await;
    let accepted = json!({ "token": token, "password": "another long one" });
    app.anonymous().post("/api/auth/invitations/accept", accepted).await.is(200);
    let session = sign_in(&app, &email, PASSWORD).await;
    session.header("X-Tenant", &shop.slug).get("/api/v1/products").await.is(200);
    shop.owner
        .post("/api/v1/members", json!({ "email": email, "role": "member" }))
        .await
        .is(409);
    assert_eq!(mails_to(&app, &email).len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn an_operator_who_names_an_unproved_account_as_owner_makes_it_his_choice() {
    let app = TestApp::start().await;
    let squatted = json!({ "email": "ada@b.example", "password": "squatters password" });
    app.anonymous().post("/api/auth/register", squatted.clone()).await.is(201);
    let session = sign_in(&app, "ada@b.example", "squatters password").await;
    let owner = json!({ "email": "ada@b.example", "password": PASSWORD });
    let tenant = json!({ "name": "Ada", "slug": "ada", "dialect": "fondaco", "owner": owner });
    app.operator().post("/operator/v1/tenants", tenant).await.is(201);
    session.get("/api/auth/sessions").await.is(401);
    app.anonymous().post("/api/auth/login", squatted).await.is(401);
    sign_in(&app, "ada@b.example", PASSWORD)
        .await
        .get("/api/v1/products")
        .await
        .is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn an_owner_changes_what_a_member_may_do_and_stays_when_he_is_the_last() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let invited = json!({ "email": "bob@b.example", "role": "owner" });
    let invited = shop.owner.post("/api/v1/members", invited).await.is(201);
    // What somebody is invited as may change, too.
    let path = format!("/api/v1/members/{}", invited["data"]["id"].as_str().unwrap());
    let changed = shop.owner.patch(&path, json!({ "role": "member" })).await.is(200);
    assert_eq!(
        (&changed["data"]["role"], &changed["data"]["status"]),
        (&json!("member"), &json!("invited"))
    );
    let token = token_for(&app, "bob@b.example").await;
    let accepted = json!({ "token": token, "password": PASSWORD, "name": "Bob" });
    app.anonymous().post("/api/auth/invitations/accept", accepted).await.is(200);
    let bob = sign_in(&app, "bob@b.example", PASSWORD).await;
    let members = bob.get("/api/v1/members").await.is(200);
    let place = |number: usize| format!("/api/v1/members/{}", members["data"][number]["id"].as_str().unwrap());
    bob.patch(&place(1), json!({ "role": "owner" })).await.is(403);
    shop.owner.patch(&place(0), json!({ "role": "member" })).await.is(409);
    shop.owner.patch(&place(1), json!({ "role": "king" })).await.is(400);
    shop.owner.patch(&place(1), json!({})).await.is(400);
    assert_eq!(
        shop.owner.patch(&place(1), json!({ "role": "owner" })).await.is(200)["data"]["role"],
        "owner"
    );
    bob.post("/api/v1/api-keys", json!({ "name": "mine" })).await.is(201);
    assert_eq!(
        bob.patch(&place(0), json!({ "role": "member" })).await.is(200)["data"]["role"],
        "member"
    );
    shop.owner.post("/api/v1/api-keys", json!({ "name": "mine" })).await.is(403);
    let other = app.shop("fondaco").await;
    other.owner.patch(&place(1), json!({ "role": "member" })).await.is(404);
    app.finish().await;
}
