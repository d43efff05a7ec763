//! The presets seen from outside: what each reads and how each answers.

mod errors;
mod events;
mod files;
mod forms;
mod plans;
mod views;

use super::{Dialect, Dialects};
use serde_json::{Map, Value, json};
use std::sync::{Arc, LazyLock};

/// All presets in the order of their loading.
const NAMES: [&str; 6] = ["fondaco", "sellf", "openclaw", "licentric", "bigclass", "cgls"];

fn all() -> &'static Dialects {
    static ALL: LazyLock<Dialects> = LazyLock::new(|| Dialects::load(None).unwrap());
    &ALL
}

fn preset(name: &str) -> Arc<Dialect> {
    Arc::clone(all().get(name).unwrap())
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A product in neutral words.
fn product() -> Value {
    json!({
        "id": "d9e5f0a1-4c82-5e6f-a023-9b7c4d8e5f60",
        "name": "Desktop App",
        "slug": "desktop-app",
        "code": "desktop-app",
        "description": "An app",
        "long_description": null,
        "icon": "📦",
        "image_url": null,
        "thumbnail_url": null,
        "price_minor": 2990,
        "currency": "USD",
        "kind": "skill",
        "status": "published",
        "visibility": "live",
        "is_active": true,
        "is_listed": true,
        "is_featured": false,
        "features": null,
        "key_prefix": "DSK",
        "metadata": { "createdBy_hand": 1 },
        "licenses_count": 0,
        "tenant_id": "a0b1c2d3-7f15-8192-a356-ce0f1a2b3c4d",
        "created_at": 1_768_032_000_000_i64,
        "updated_at": 1_768_032_000_000_i64,
        "deleted_at": null,
        "published_at": 1_768_032_000_000_i64,
        "attributes": { "vat_rate": 23, "sale_price_minor": 1950, "available_from_at": 1_768_032_000_000_i64 },
    })
}

#[test]
fn every_preset_loads_and_the_native_one_is_first() {
    let all = all();
    assert_eq!(all.names().collect::<Vec<_>>(), NAMES);
    assert_eq!(all.native().name, NAMES[0]);
    let waits: Vec<usize> = all.all().iter().map(|dialect| dialect.webhooks.waits_s.len()).collect();
    assert_eq!(waits, [6, 4, 6, 6, 6, 6]);
    let deadlines: Vec<u32> = all.all().iter().map(|dialect| dialect.webhooks.deadline_s).collect();
    assert_eq!(deadlines, [10, 5, 10, 10, 10, 10]);
}
