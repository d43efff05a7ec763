//! The parts of a product that lists of rules cannot say: what it delivers, its films, the fields of its checkout.

use super::selling::fault;
use crate::domain::FieldError;
use serde_json::{Map, Value};
use std::collections::HashSet;
use url::{Host, Url};

/// Kinds of content.
const KINDS: [&str; 4] = ["video_embed", "download_link", "hosted_video", "hosted_file"];
/// Longest id and title of a content item.
const ITEM_ID_MAX: usize = 100;
const ITEM_TITLE_MAX: usize = 200;
const ITEM_TEXT_MAX: usize = 2_000;
/// Most items of one product.
const ITEMS_MAX: usize = 200;
/// Longest address.
const URL_MAX: usize = 2_048;
/// Longest label or placeholder of a checkout field.
const LABEL_MAX: usize = 200;
/// Languages a label may be given in.
const LANGUAGES: [&str; 2] = ["en", "pl"];
/// Houses whose films may be shown inside a page; their subdomains count too.
const FILM_HOSTS: [&str; 15] = [
    "youtube.com",
    "youtube-nocookie.com",
    "youtu.be",
    "vimeo.com",
    "loom.com",
    "wistia.com",
    "wistia.net",
    "dailymotion.com",
    "dai.ly",
    "twitch.tv",
    "mediadelivery.net",
    "b-cdn.net",
    "bunnycdn.com",
    "cloudflarestream.com",
    "videodelivery.net",
];

/// Finds the faults of what was sent.
pub(super) fn faults(sent: &Map<String, Value>, faults: &mut Vec<FieldError>) {
    if let Some(url) = sent.get("preview_video_url").and_then(Value::as_str)
        && !is_film(url)
    {
        faults.push(fault(
            "attributes.preview_video_url",
            "url",
            "Preview video url must be an https address of a known video host",
        ));
    }
    if let Some(Value::Object(config)) = sent.get("content_config") {
        content(config, faults);
    }
    if let Some(Value::Array(fields)) = sent.get("custom_checkout_fields") {
        checkout_fields(fields, faults);
    }
}

fn content(config: &Map<String, Value>, faults: &mut Vec<FieldError>) {
    const PATH: &str = "attributes.content_config";
    if let Some(url) = config.get("redirect_url").filter(|url| !url.is_null() && *url != "")
        && !url.as_str().is_some_and(is_https)
    {
        faults.push(fault(
            format!("{PATH}.redirect_url"),
            "url",
            "Redirect url must be an https address",
        ));
    }
    let items = match config.get("content_items") {
        None => return,
        Some(Value::Array(items)) if items.len() <= ITEMS_MAX => items,
        Some(_) => {
            let text = format!("Content items must be a list of at most {ITEMS_MAX}");
            return faults.push(fault(format!("{PATH}.content_items"), "type", text));
        }
    };
    for (place, item) in items.iter().enumerate() {
        let path = format!("{PATH}.content_items.{place}");
        match item {
            Value::Object(item) => item_faults(item, &path, faults),
            _ => faults.push(fault(path, "type", "A content item must be an object")),
        }
    }
}

fn item_faults(item: &Map<String, Value>, path: &str, faults: &mut Vec<FieldError>) {
    let mut told = |member: &str, text: String| faults.push(fault(format!("{path}.{member}"), "content_item", text));
    let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
    if !KINDS.contains(&kind) {
        told("type", format!("Type must be one of: {}", KINDS.join(", ")));
    }
    for (member, max, is_required) in [
        ("id", ITEM_ID_MAX, false),
        ("title", ITEM_TITLE_MAX, true),
        ("description", ITEM_TEXT_MAX, false),
    ] {
        let is_good = match item.get(member) {
            None | Some(Value::Null) => !is_required,
            Some(Value::String(text)) => text.chars().count() <= max && !(is_required && text.trim().is_empty()),
            Some(_) => false,
        };
        if !is_good {
            told(
                member,
                format!("{member} must be a text of {} to {max} characters", u8::from(is_required)),
            );
        }
    }
    if item
        .get("order")
        .is_some_and(|order| order.as_u64().is_none_or(|order| order > 10_000))
    {
        told("order", "order must be a whole number from 0".to_owned());
    }
    if item.get("is_active").is_some_and(|flag| !flag.is_boolean()) {
        told("is_active", "is_active must be true or false".to_owned());
    }
    match item.get("config") {
        None => {}
        Some(Value::Object(config)) => {
            let urls = config.iter().filter(|(name, _)| name.ends_with("url"));
            for (name, url) in urls.filter(|(_, url)| !url.is_null() && **url != "") {
                let (is_good, wanted) = match (kind, url.as_str()) {
                    ("video_embed", Some(url)) => (is_film(url), "an https address of a known video host"),
                    (_, Some(url)) => (is_https(url), "a public https address"),
                    (_, None) => (false, "a text"),
                };
                if !is_good {
                    told(&format!("config.{name}"), format!("{name} must be {wanted}"));
                }
            }
        }
        Some(_) => told("config", "config must be an object".to_owned()),
    }
}

fn checkout_fields(fields: &[Value], faults: &mut Vec<FieldError>) {
    let mut seen = HashSet::new();
    for (place, field) in fields.iter().enumerate() {
        let path = format!("attributes.custom_checkout_fields.{place}");
        let id = field.get("id").and_then(Value::as_str).unwrap_or_default();
        if id.starts_with("_sellf_") {
            faults.push(fault(
                format!("{path}.id"),
                "reserved",
                "Ids that begin with _sellf_ are reserved",
            ));
        }
        if !seen.insert(id) {
            faults.push(fault(
                format!("{path}.id"),
                "duplicate",
                format!("The id `{id}` is there already"),
            ));
        }
        for (member, is_required) in [("label", true), ("placeholder", false)] {
            let value = field.get(member).filter(|value| is_required || !value.is_null());
            if value.is_some_and(|value| !is_label(value)) {
                let text = format!("{member} must be a text of up to {LABEL_MAX} characters, or one for each of en and pl");
                faults.push(fault(format!("{path}.{member}"), "label", text));
            }
        }
    }
}

fn is_label(value: &Value) -> bool {
    let is_text = |value: &Value| {
        let text = value.as_str();
        text.is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= LABEL_MAX)
    };
    match value {
        Value::Object(texts) => {
            !texts.is_empty()
                && texts
                    .iter()
                    .all(|(name, text)| LANGUAGES.contains(&name.as_str()) && is_text(text))
        }
        value => is_text(value),
    }
}

/// An https address with a public name.
fn is_https(text: &str) -> bool {
    https_host(text).is_some()
}

fn is_film(text: &str) -> bool {
    https_host(text).is_some_and(|host| {
        FILM_HOSTS
            .iter()
            .any(|known| host == *known || host.strip_suffix(known).is_some_and(|front| front.ends_with('.')))
    })
}

/// The name in an https address without user and password; addresses of machines and local names are none.
fn https_host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL_MAX)?;
    let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    match url.host()? {
        Host::Domain(name) if is_plain && name.contains('.') && !name.ends_with(".local") => Some(name.to_ascii_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(sent: Value) -> Vec<String> {
        let mut found = Vec::new();
        faults(sent.as_object().unwrap(), &mut found);
        found.into_iter().map(|fault| fault.field.into_owned()).collect()
    }

    #[test]
    fn films_come_from_known_houses_over_https() {
        for good in [
            "https://www.youtube.com/watch?v=1",
            "https://youtu.be/1",
            "https://player.vimeo.com/video/1",
        ] {
            assert!(told(json!({ "preview_video_url": good })).is_empty(), "{good}");
        }
        for bad in [
            "http://www.youtube.com/watch?v=1",
            "https://notyoutube.com/1",
            "https://youtube.com.evil.example/1",
            "https://me:pw@youtube.com/1",
            "https://127.0.0.1/1",
        ] {
            assert_eq!(
                told(json!({ "preview_video_url": bad })),
                ["attributes.preview_video_url"],
                "{bad}"
            );
        }
    }

    #[test]
    fn items_of_content_are_told_by_their_place() {
        let item = |kind: &str, url: &str| json!({ "id": "1", "type": kind, "title": "A", "config": { "embed_url": url }, "order": 0, "is_active": true });
        let good = [
            item("video_embed", "https://vimeo.com/1"),
            item("download_link", "https://files.example/a.zip"),
        ];
        assert!(told(json!({ "content_config": { "content_items": good } })).is_empty());
        let bad = [
            item("video_embed", "http://vimeo.com/1"),
            item("film", "https://vimeo.com/1"),
            json!(1),
        ];
        assert_eq!(
            told(json!({ "content_config": { "content_items": bad } })),
            [
                "attributes.content_config.content_items.0.config.embed_url",
                "attributes.content_config.content_items.1.type",
                "attributes.content_config.content_items.2",
            ]
        );
        assert_eq!(
            told(json!({ "content_config": { "content_items": {} } })),
            ["attributes.content_config.content_items"]
        );
    }

    #[test]
    fn fields_of_the_checkout_have_ids_of_their_own() {
        let field = |id: &str, label: Value| json!({ "id": id, "type": "text", "label": label });
        let good = [
            field("site", json!("Site")),
            field("name", json!({ "en": "Name", "pl": "Imię" })),
        ];
        assert!(told(json!({ "custom_checkout_fields": good })).is_empty());
        let bad = [
            field("site", json!("Site")),
            field("site", json!("")),
            field("_sellf_x", json!({ "de": "Name" })),
        ];
        assert_eq!(
            told(json!({ "custom_checkout_fields": bad })),
            [
                "attributes.custom_checkout_fields.1.id",
                "attributes.custom_checkout_fields.1.label",
                "attributes.custom_checkout_fields.2.id",
                "attributes.custom_checkout_fields.2.label",
            ]
        );
    }
}
