//! What comes in: streamed, bounded, counted, and gone when it should be.

use super::{published, upload};
use crate::harness::TestApp;
use serde_json::json;
use std::path::Path;

/// Files that lie in the folder, those on their way in too.
fn stored(app: &TestApp) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path().is_dir() {
                true => walk(&entry.path(), found),
                false => found.push(entry.path().display().to_string()),
            }
        }
    }
    let mut found = Vec::new();
    walk(&app.data().join("files"), &mut found);
    found
}

#[actix_rt::test]
async fn a_version_is_kept_with_its_checksum_and_shown_to_everybody() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let made = upload(&shop, &slug, "1.0.0", b"hello").await.is(201);
    let version = &made["version"];
    assert_eq!(
        version["sha256"],
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    );
    assert_eq!(
        (&version["size_bytes"], &version["file_name"]),
        (&json!(5), &json!("skill.zip"))
    );
    upload(&shop, &slug, "1.0.0", b"other").await.is(409);
    let shown = app.anonymous().get(&format!("/v1/products/{slug}")).await.is(200);
    let versions = shown["product"]["versions"].as_array().unwrap();
    assert_eq!((versions.len(), &versions[0]["changelog"]), (1, &json!("What is new.")));
    let list = shop.api.get(&format!("/v1/creator/products/{slug}/versions")).await.is(200);
    assert_eq!((&list["total"], &list["versions"][0]["id"]), (&json!(1), &version["id"]));
    assert_eq!(stored(&app).len(), 1, "{:?}", stored(&app));
    app.finish().await;
}

#[actix_rt::test]
async fn the_same_product_takes_files_under_its_id_in_the_native_form() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let id = shop
        .owner
        .post(
            "/api/v1/products",
            json!({ "name": "Brushes", "slug": "brushes", "price": 9, "description": "d" }),
        )
        .await;
    let id = id.is(201)["data"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/products/{id}/versions");
    let made = shop
        .api
        .upload("POST", &path, &[("version", "1")], ("a.zip", b"x"))
        .await
        .is(201);
    assert_eq!(made["data"]["product_id"], json!(id));
    let other = app.shop("sellf").await;
    other.api.get(&path).await.is(404);
    other
        .api
        .upload("POST", &path, &[("version", "2")], ("a.zip", b"x"))
        .await
        .is(404);
    shop.api.post(&path, json!({ "version": "3" })).await.is(415);
    assert_eq!(stored(&app).len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn what_does_not_fit_is_told_as_such_and_leaves_nothing_behind() {
    let app = TestApp::with(&[("upload_max_bytes", "1000"), ("tenant_quota_bytes", "1500")]).await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    upload(&shop, &slug, "big", &[7; 1001]).await.is(413);
    upload(&shop, &slug, "huge", &vec![7; 3 * 1024 * 1024]).await.is(413);
    upload(&shop, &slug, "empty", b"").await.is(400);
    upload(&shop, &slug, "", b"x").await.is(400);
    let path = format!("/v1/creator/products/{slug}/versions");
    shop.api.upload("POST", &path, &[], ("a.zip", b"x")).await.is(400);
    upload(&shop, &slug, "1", &[7; 1000]).await.is(201);
    upload(&shop, &slug, "2", &[7; 501]).await.is(413);
    let last = upload(&shop, &slug, "2", &[7; 500]).await.is(201);
    upload(&shop, &slug, "3", &[7; 1]).await.is(413);
    let last = format!("{path}/{}", last["version"]["id"].as_str().unwrap());
    shop.api.delete(&last).await.is(200);
    upload(&shop, &slug, "3", &[7; 1]).await.is(201);
    assert_eq!(stored(&app).len(), 2, "{:?}", stored(&app));
    app.finish().await;
}

#[actix_rt::test]
async fn odd_names_never_meet_the_disk() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let path = format!("/v1/creator/products/{slug}/versions");
    for (number, (given, shown)) in [
        ("../../../etc/passwd", "passwd"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("C:\\\\x\\\\evil.exe", "evil.exe"),
        ("a b;c.zip", "a b;c.zip"),
    ]
    .into_iter()
    .enumerate()
    {
        let version = number.to_string();
        let made = shop
            .api
            .upload("POST", &path, &[("version", &version)], (given, b"x"))
            .await
            .is(201);
        assert_eq!(made["version"]["file_name"], shown, "{given}");
    }
    let files = app.data().join("files").display().to_string();
    assert!(
        stored(&app)
            .iter()
            .all(|file| file.starts_with(&files) && !file.contains(".."))
    );
    assert_eq!(stored(&app).len(), 5);
    app.finish().await;
}

#[actix_rt::test]
async fn a_file_is_replaced_checked_and_deleted() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let made = upload(&shop, &slug, "1", b"first").await.is(201);
    let path = format!(
        "/v1/creator/products/{slug}/versions/{}",
        made["version"]["id"].as_str().unwrap()
    );
    let check = shop.api.post(&format!("{path}/verify"), json!({})).await.is(200);
    assert_eq!((&check["is_intact"], &check["size_bytes"]), (&json!(true), &json!(5)));
    let put = shop
        .api
        .upload("PUT", &path, &[("changelog", "Mended.")], ("b.zip", b"second"))
        .await
        .is(200);
    assert_eq!(
        (&put["version"]["version"], &put["version"]["size_bytes"]),
        (&json!("1"), &json!(6))
    );
    assert_eq!(stored(&app).len(), 1);
    std::fs::write(&stored(&app)[0], b"spoilt").unwrap();
    let check = shop.api.post(&format!("{path}/verify"), json!({})).await.is(200);
    assert_eq!(check["is_intact"], false);
    let stranger = app.shop("openclaw").await;
    stranger.api.delete(&path).await.is(404);
    shop.api.delete(&path).await.is(200);
    shop.api.delete(&path).await.is(404);
    assert_eq!(stored(&app), Vec::<String>::new());
    app.finish().await;
}

#[actix_rt::test]
async fn the_same_upload_sent_again_is_one_version() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    let path = format!("/v1/creator/products/{slug}/versions");
    let again = shop.api.header("Idempotency-Key", "once");
    let first = again
        .upload("POST", &path, &[("version", "1")], ("a.zip", b"x"))
        .await
        .is(201);
    let second = again.upload("POST", &path, &[("version", "1")], ("a.zip", b"x")).await;
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.is(201), first);
    assert!(again.upload("POST", &path, &[("version", "1")], ("a.zip", b"y")).await.status >= 400);
    assert_eq!(stored(&app).len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn what_would_grow_when_unpacked_is_kept_and_given_out_as_it_came() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One" })).await;
    // The head of an archive that claims to hold 4 GiB in a hundred bytes.
    let mut bomb = b"PK\x03\x04\x14\x00\x00\x00\x08\x00".to_vec();
    bomb.extend([0, 0, 0, 0, 1, 2, 3, 4, 100, 0, 0, 0, 255, 255, 255, 255]);
    bomb.extend([0; 100]);
    let made = upload(&shop, &slug, "1", &bomb).await.is(201);
    assert_eq!(made["version"]["size_bytes"], json!(bomb.len()));
    let ann = crate::files::buyer(&app, "ann").await;
    let purchase = crate::files::bought(&app, &ann, &slug).await;
    let link = crate::files::link(&app, &ann, &purchase).await;
    let got = app.anonymous().header("Accept-Encoding", "gzip").get(&link).await;
    assert_eq!((got.body.as_ref(), got.header("content-encoding")), (bomb.as_slice(), ""));
    app.finish().await;
}
