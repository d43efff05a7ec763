//! Files of a folder: further brands, changed presets, and what is refused.

use super::super::{Dialects, Done, Hints, Rule, Unit};
use super::{object, product};
use crate::domain::{Error, Mode};
use serde_json::json;

fn load(files: &[(&str, &str)]) -> Result<Dialects, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Dialects::load(Some(folder.path()))
}

const ACME: &str = r#"
extends = "sellf"
brand = "Acme"

[routing]
hosts = ["api.acme.test"]

[keys]
live = "acme_live_"
test = "acme_test_"

[casing]
body = "camel"

[errors.codes]
not_found = "GONE_FISHING"

[forms."products.create".fields]
titleText = { to = "name", required = true }

[webhooks]
body = ["kind=event", "at=created_at", "payload=data"]
"#;

#[test]
fn a_further_brand_is_one_file() {
    let all = load(&[("acme.toml", ACME), ("notes.txt", "not a dialect")]).unwrap();
    let acme = all.get("acme").unwrap();
    assert_eq!(acme.brand, "Acme");
    assert_eq!(acme.webhooks.deadline_s, 5);
    assert_eq!(acme.money.catalog, Unit::Major);
    let hints = Hints {
        host: Some("API.acme.test:8080"),
        path: "/v1/products",
        ..Hints::default()
    };
    let choice = all.choose(&hints, "fondaco");
    assert_eq!((choice.dialect.name.as_str(), choice.by), ("acme", Rule::Host));
    assert_eq!(
        all.by_key("acme_test_00").map(|(dialect, mode)| (dialect.name.clone(), mode)),
        Some(("acme".to_owned(), Mode::Test))
    );
    assert_eq!(
        acme.read("products.create", &object(json!({"titleText": "A"}))).unwrap()["name"],
        "A"
    );
    let error = acme.error(None, &Error::not_found("product"), "r").body.unwrap();
    assert_eq!(error["error"]["code"], "GONE_FISHING");
    let shown = acme.one("products.get", Done::Ok, "product", &product()).body.unwrap();
    assert_eq!(
        (&shown["data"]["price"], &shown["data"]["createdAt"]),
        (&json!(29.9), &json!("2026-01-10T08:00:00.000Z"))
    );
}

#[test]
fn a_preset_can_be_changed_by_a_file_of_its_name() {
    let all = load(&[("sellf.toml", "extends = \"sellf\"\n[money]\ncatalog = \"minor\"\n")]).unwrap();
    let sellf = all.get("sellf").unwrap();
    assert_eq!(sellf.money.catalog, Unit::Minor);
    assert_eq!(sellf.keys.live, "sf_live_");
    assert_eq!(all.names().count(), 6);
}

#[test]
fn bad_files_are_refused_with_key_value_and_remedy() {
    let keys = "brand = \"X\"\n[keys]\nlive = \"xx_live_\"\n";
    for (extra, parts) in [
        (
            "[limits]\nper_minute = \"many\"",
            &["x.toml", "limits.per_minute", "many"][..],
        ),
        ("[limits]\nper_minute = 0", &["limits.per_minute", "`0`", "use 1 to 1000"]),
        ("[limits]\nper_minut = 5", &["per_minut", "unknown field"]),
        ("[errors.codes]\nno_such = \"X\"", &["errors.codes", "no_such", "not_found"]),
        (
            "[errors.codes]\nvalidation = { code = \"X\", status = 200 }",
            &["validation.status", "200", "400 to 599"],
        ),
        ("[ops.\"a.b\".codes]\nodd = \"X\"", &["ops.\"a.b\".codes", "odd"]),
        (
            "[scopes.names]\nread = [\"products:look\"]",
            &["scopes.names.read", "products:look", "products:read"],
        ),
        (
            "[views]\nproduct = [\"price=price_minor:euros\"]",
            &["views.product", "euros", "money"],
        ),
        ("[views]\nproduct = [\"x:view(nowhere)\"]", &["views.\"product\"", "nowhere"]),
        ("[views]\nproduct = [\"x:map(nowhere)\"]", &["nowhere", "[maps]"]),
        ("[forms.\"a.b\"]\nlike = \"c.d\"", &["forms.\"a.b\".like", "c.d"]),
        ("[forms.\"a.b\".fields]\nx = { type = \"colour\" }", &["type", "colour"]),
        ("[forms.\"a.b\".fields]\nx = { pattern = \"(\" }", &["pattern", "("]),
        (
            "[forms.\"a.b\".fields]\nx = { type = \"enum\" }",
            &["enum without values", "one_of"],
        ),
        ("[forms.\"a.b\".fields]\nx = {}\ny = { to = \"x\" }", &["same neutral member"]),
        ("[routing]\nprefixes = [\"/v1/\"]", &["routing", "/v1/", "openclaw"]),
        (
            "[webhooks]\nretried_on = \"sometimes\"",
            &["webhooks.retried_on", "sometimes"],
        ),
        ("[money\n", &["not TOML"]),
    ] {
        let error = load(&[("x.toml", &format!("{keys}{extra}\n"))]).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in: {error}");
        }
    }
}

#[test]
fn names_and_keys_lead_to_one_dialect_alone() {
    let key = |prefix: &str| format!("brand = \"X\"\n[keys]\nlive = \"{prefix}\"\n");
    assert!(
        load(&[("x.toml", &key("sf_live_"))])
            .unwrap_err()
            .contains("claims the key prefix `sf_live_`, which `sellf` has")
    );
    assert!(
        load(&[("x.toml", "extends = \"sellf\"\n")])
            .unwrap_err()
            .contains("key prefix")
    );
    assert!(
        load(&[("sellf.toml", &key("zz_"))])
            .unwrap_err()
            .contains("extends = \"sellf\"")
    );
    assert!(
        load(&[("x.toml", "extends = \"nobody\"\n")])
            .unwrap_err()
            .contains("no such dialect")
    );
    assert!(
        load(&[("x.toml", "extends = \"x\"\n")])
            .unwrap_err()
            .contains("the chain has no end")
    );
    assert!(load(&[("X y.toml", &key("zz_"))]).unwrap_err().contains("a-z"));
    assert!(load(&[("x.toml", &key("no prefix"))]).unwrap_err().contains("keys.live"));
    assert!(load(&[("x.toml", "brand = \"X\"\n")]).unwrap_err().contains("keys"));
    assert!(
        Dialects::load(Some(std::path::Path::new("/nowhere/at/all")))
            .unwrap_err()
            .contains("/nowhere/at/all")
    );
}
