//! The API description: valid OpenAPI 3.1, and every route in it.

use crate::dialects::contract::ALL;
use crate::harness::TestApp;
use fondaco::resources::routes;
use serde_json::Value;
use std::collections::BTreeSet;

/// A route's path as the description writes it.
fn described(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.split_once(':') {
        Some((name, _)) if part.starts_with('{') => format!("{name}}}"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (path, method, operation))
    })
}

#[actix_rt::test]
async fn it_has_every_route_and_no_other() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("/openapi.json").await.is(200);
    let found: BTreeSet<_> = operations(&document)
        .map(|(path, method, _)| format!("{method} {path}"))
        .collect();
    let served = routes().iter();
    let served: BTreeSet<_> = served
        .map(|route| format!("{} {}", route.method.as_str().to_lowercase(), described(route.path)))
        .collect();
    assert_eq!(found, served);
    app.finish().await;
}

#[actix_rt::test]
async fn it_is_sound_in_every_dialect() {
    let app = TestApp::start().await;
    for dialect in ALL {
        let document = app.anonymous().get(&format!("/openapi.json?dialect={dialect}")).await.is(200);
        assert_eq!(document["openapi"], "3.1.0");
        assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            let place = format!("{dialect}: {method} {path}");
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
                "{place}: its id is not its own"
            );
            is_sound(&document, path, operation, &place);
        }
        references_resolve(&document, &document, dialect);
    }
    app.finish().await;
}

/// What the specification asks of every operation.
fn is_sound(document: &Value, path: &str, operation: &Value, place: &str) {
    let parameters = operation["parameters"].as_array().unwrap();
    let places: BTreeSet<_> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect();
    let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
    let named: BTreeSet<_> = in_path
        .filter(|one| one["required"] == true)
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(places, named, "{place}");
    let keys: BTreeSet<_> = parameters
        .iter()
        .map(|one| (one["in"].to_string(), one["name"].to_string()))
        .collect();
    assert_eq!(keys.len(), parameters.len(), "{place}: a parameter stands there twice");
    assert!(parameters.iter().all(|one| one["schema"].is_object()), "{place}");
    let responses = operation["responses"].as_object().unwrap();
    for (status, response) in responses {
        let is_status = status == "default" || status.len() == 3;
        assert!(is_status && response["description"].is_string(), "{place}: {status}");
    }
    for requirement in operation["security"].as_array().unwrap() {
        for scheme in requirement.as_object().unwrap().keys() {
            assert!(
                document["components"]["securitySchemes"][scheme].is_object(),
                "{place}: {scheme}"
            );
        }
    }
    if let Some(body) = operation.get("requestBody") {
        let content = body["content"].as_object().unwrap();
        assert!(!content.is_empty(), "{place}");
        assert!(content.values().all(|kind| kind["schema"].is_object()), "{place}");
    }
}

fn references_resolve(document: &Value, value: &Value, dialect: &str) {
    match value {
        Value::Object(members) => {
            if let Some(pointer) = members.get("$ref").and_then(Value::as_str) {
                let found = pointer.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                assert!(found.is_some(), "{dialect}: {pointer} leads nowhere");
            }
            members
                .values()
                .for_each(|member| references_resolve(document, member, dialect));
        }
        Value::Array(items) => items.iter().for_each(|item| references_resolve(document, item, dialect)),
        _ => {}
    }
}

#[actix_rt::test]
async fn the_page_that_reads_it_asks_nobody_else() {
    let app = TestApp::start().await;
    assert_eq!(app.anonymous().get("/docs").await.header("location"), "/docs/");
    let page = app.anonymous().get("/docs/").await;
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{}",
        page.header("content-type")
    );
    let text = page.text();
    assert!(
        !text.contains("src=\"http") && !text.contains("href=\"http") && !text.contains("//cdn"),
        "{text}"
    );
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        app.anonymous().get(&format!("/docs/{file}")).await.is(200);
    }
    app.anonymous().get("/docs/nothing.js").await.is(404);
    app.anonymous().get("/docs/../Cargo.toml").await.is(404);
    app.anonymous().get("/docs/%2e%2e/Cargo.toml").await.is(404);
    app.finish().await;
}
