//! What goes out: by link, for fifteen minutes, whole or in pieces.

use super::{bought, buyer, link, published, upload};
use crate::harness::{Client, TestApp};
use serde_json::json;

/// A paid product with a file of 1,000 bytes; the buyer and the path of a link to it.
async fn linked(app: &TestApp) -> (Client, String, String) {
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let bytes: Vec<u8> = (0..1000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    upload(&shop, &slug, "1.0", &bytes).await.is(201);
    let ann = buyer(app, "ann").await;
    let purchase = bought(app, &ann, &slug).await;
    let path = link(app, &ann, &purchase).await;
    (ann, purchase, path)
}

#[actix_rt::test]
async fn a_link_gives_the_file_whole_or_in_pieces() {
    let app = TestApp::start().await;
    let (_, _, path) = linked(&app).await;
    let all = app.anonymous().get(&path).await;
    assert_eq!(
        (all.status, all.body.len(), all.header("content-length")),
        (200, 1000, "1000")
    );
    assert_eq!(all.header("content-disposition"), "attachment; filename=\"skill.zip\"");
    assert_eq!(
        (all.header("accept-ranges"), all.header("content-type")),
        ("bytes", "application/zip")
    );
    let tag = all.header("etag").to_owned();
    for (range, status, from, to, shown) in [
        ("bytes=0-99", 206, 0, 100, "bytes 0-99/1000"),
        ("bytes=990-", 206, 990, 1000, "bytes 990-999/1000"),
        ("bytes=-10", 206, 990, 1000, "bytes 990-999/1000"),
        ("bytes=900-5000", 206, 900, 1000, "bytes 900-999/1000"),
        ("bytes=5-2", 200, 0, 1000, ""),
        ("bytes=1000-", 416, 0, 0, "bytes */1000"),
    ] {
        let piece = app.anonymous().header("Range", range).get(&path).await;
        assert_eq!((piece.status, piece.header("content-range")), (status, shown), "{range}");
        if status != 416 {
            assert_eq!(piece.body, all.body.slice(from..to), "{range}");
        }
    }
    let none = app.anonymous().header("If-None-Match", &tag).get(&path).await;
    assert_eq!((none.status, none.body.len(), none.header("etag")), (304, 0, tag.as_str()));
    let same = app.anonymous().header("Range", "bytes=0-0");
    assert_eq!(same.header("If-Range", &tag).get(&path).await.status, 206);
    assert_eq!(same.header("If-Range", "\"other\"").get(&path).await.status, 200);
    let head = app.anonymous().call("HEAD", &path, None).await;
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, "1000", 0)
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_link_is_good_for_900_seconds_and_not_one_more() {
    let app = TestApp::start().await;
    let (ann, purchase, path) = linked(&app).await;
    app.advance(899).await;
    app.anonymous().get(&path).await.is(200);
    app.advance(1).await;
    app.anonymous().get(&path).await.is(403);
    let fresh = link(&app, &ann, &purchase).await;
    app.anonymous().get(&fresh).await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn a_link_with_any_other_character_opens_nothing() {
    let app = TestApp::start().await;
    let (_, _, path) = linked(&app).await;
    for place in 1..path.len() {
        let mut changed = path.clone();
        let other = if &path[place..=place] == "0" { "1" } else { "0" };
        changed.replace_range(place..=place, other);
        let status = app.anonymous().get(&changed).await.status;
        assert!((400..500).contains(&status), "{status} for {changed}");
    }
    let unsigned = path.split("&signature").next().unwrap();
    app.anonymous().get(unsigned).await.is(403);
    app.anonymous().get(path.split('?').next().unwrap()).await.is(403);
    let id = path.split('/').nth(2).unwrap();
    for odd in ["..%2f..%2fetc%2fpasswd", "%00", "a/../../b", "."] {
        let status = app
            .anonymous()
            .get(&format!("/files/{id}/{odd}?expires=1&signature=1"))
            .await
            .status;
        assert!((400..500).contains(&status), "{odd}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn the_newest_version_is_the_one_that_is_served() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Free Skill" })).await;
    let ann = buyer(&app, "ann").await;
    let purchase = bought(&app, &ann, &slug).await;
    let download = format!("/v1/library/{purchase}/download");
    ann.get(&download).await.is(404);
    upload(&shop, &slug, "1", b"one").await.is(201);
    app.advance(60).await;
    upload(&shop, &slug, "2", b"two").await.is(201);
    let old = link(&app, &ann, &purchase).await;
    assert_eq!(app.anonymous().get(&old).await.text(), "two");
    let list = shop.api.get(&format!("/v1/creator/products/{slug}/versions")).await.is(200);
    let newest = list["versions"][0]["id"].as_str().unwrap();
    shop.api
        .delete(&format!("/v1/creator/products/{slug}/versions/{newest}"))
        .await
        .is(200);
    let fresh = link(&app, &ann, &purchase).await;
    assert_eq!(app.anonymous().get(&fresh).await.text(), "one");
    app.anonymous().get(&old).await.is(404);
    app.finish().await;
}
