//! What stands around products: labels, bundles, offers, bumps, variants, waiting lists; and every rule of a product.

mod bumps;
mod identity;
mod labels;
mod large;
mod lists;
mod offers;
mod products;
mod variants;
mod waitlist;

use crate::harness::{Client, Shop};
use serde_json::{Value, json};

pub(super) const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// Makes a product with any further members; returns it.
pub(super) async fn product(shop: &Shop, slug: &str, more: Value) -> Value {
    let mut body = json!({ "name": format!("P {slug}"), "slug": slug, "price": 10 });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    shop.api.post("/api/v1/products", body).await.is(201)["data"].clone()
}

/// The id of a thing.
pub(super) fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id in {thing}")).to_owned()
}

/// The ids of a page, in order.
pub(super) async fn page(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.is(200);
    page["data"].as_array().unwrap().iter().map(id).collect()
}

/// The names of the fields that an answer finds fault with.
#[track_caller]
pub(super) fn faulty(answer: crate::harness::Answer, code: &str) -> Vec<String> {
    let body = answer.is(400);
    assert_eq!(body["error"]["code"], code, "{body}");
    let details = body["error"]["details"].as_object();
    details.map_or_else(Vec::new, |details| details.keys().cloned().collect())
}
