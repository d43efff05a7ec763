//! Pure decisions about integrations.

use crate::domain::{Error, FieldError, Result};
use serde_json::{Map, Value};
use url::{Host, Url};

/// The conversions token.
pub(super) const TOKEN: &str = "facebook_capi_token";
/// The captcha's secret.
pub(super) const TURNSTILE: &str = "turnstile_secret_key";
/// The members whose values are sealed.
pub(super) const SEALED: [&str; 2] = [TOKEN, TURNSTILE];
/// The member that has a table of its own.
pub(super) const ORIGINS: &str = "embed_allowed_origins";
const CONSENT: &str = "send_conversions_without_consent";
const MODE: &str = "conversion_tracking_mode";

/// The older switch says the same as two of the modes; where both are sent, the mode counts.
pub(super) fn map_consent(changes: &mut Map<String, Value>) {
    let Some(without_consent) = changes.get(CONSENT).and_then(Value::as_bool) else {
        return;
    };
    let mode = if without_consent { "permissive" } else { "strict" };
    changes.entry(MODE).or_insert_with(|| mode.into());
}

/// The origins in the form browsers send, each once.
///
/// # Errors
/// `Validation`, naming each that is none.
pub(super) fn origins(list: &Value) -> Result<Vec<String>> {
    let (mut kept, mut errors) = (Vec::new(), Vec::new());
    for (place, text) in list.as_array().into_iter().flatten().enumerate() {
        match text.as_str().and_then(origin) {
            Some(origin) if !kept.contains(&origin) => kept.push(origin),
            Some(_) => {}
            None => errors.push(FieldError {
                field: format!("{ORIGINS}.{place}").into(),
                message: "must be an origin such as https://shop.example; http is for localhost only".into(),
                rule: "origin",
            }),
        }
    }
    if errors.is_empty() {
        Ok(kept)
    } else {
        Err(Error::fields(errors))
    }
}

/// Scheme, host and port alone; https, or http on the visitor's own machine.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let is_local = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    let is_plain = url.username().is_empty() && url.password().is_none() && !text.contains('*');
    (is_bare && is_safe && is_plain).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn origins_are_kept_as_browsers_send_them() {
        let sent = json!([
            "https://Shop.Example:443/",
            "https://shop.example",
            "http://localhost:3000",
            "https://bücher.example"
        ]);
        let kept = [
            "https://shop.example",
            "http://localhost:3000",
            "https://xn--bcher-kva.example",
        ];
        assert_eq!(origins(&sent).unwrap(), kept);
        assert!(origins(&Value::Null).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_origin_is_named() {
        let sent = json!([
            "http://shop.example",
            "https://shop.example/path",
            "https://*.example",
            "*",
            "null",
            "https://a:b@shop.example",
            "https://shop.example?x=1",
            "ftp://shop.example",
            7,
        ]);
        assert_eq!(origins(&sent).unwrap_err().fields.len(), 9);
    }

    #[test]
    fn the_older_switch_is_a_mode() {
        let mapped = |changes: Value| {
            let mut changes = changes.as_object().cloned().unwrap();
            map_consent(&mut changes);
            changes.get(MODE).cloned()
        };
        assert_eq!(
            mapped(json!({"send_conversions_without_consent": true})),
            Some(json!("permissive"))
        );
        assert_eq!(
            mapped(json!({"send_conversions_without_consent": false})),
            Some(json!("strict"))
        );
        let both = json!({"send_conversions_without_consent": true, "conversion_tracking_mode": "limited"});
        assert_eq!(mapped(both), Some(json!("limited")));
        assert_eq!(mapped(json!({"fb_capi_enabled": true})), None);
    }
}
