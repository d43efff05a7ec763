//! What a form says about an endpoint, judged and laid over its row.

use super::types::EndpointFields;
use crate::context::{Ctx, House};
use crate::domain::network::is_reserved_header;
use crate::domain::{Error, Result};
use entities::endpoint::{Model, ProductFilter};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Products an endpoint can be narrowed to.
const PRODUCTS_MAX: usize = 50;
/// Headers an endpoint can add, and how long name and value may be together.
const HEADERS_MAX: (usize, usize) = (20, 2_048);

/// Bytes of JSON that an endpoint can add to each body.
const CUSTOM_FIELDS_MAX: usize = 16 * 1_024;

/// Lays the members that creation and change share over a row; switching it on forgets its failures,
/// and switching it off keeps when.
pub(super) fn apply(ctx: &Ctx, row: &mut Model, fields: &EndpointFields, is_new: bool) -> Result<()> {
    if let Some(description) = &fields.description {
        row.description.clone_from(description);
    }
    if let Some(active) = fields.is_active {
        if active && !row.is_active {
            (row.failing_since_at, row.failures, row.failure_days, row.last_failure_day) = (None, 0, 0, None);
            (row.warned_at, row.disabled_at, row.disabled_reason) = (None, None, None);
        }
        if !active && row.is_active && !is_new {
            row.disabled_at = Some(ctx.now.0);
        }
        row.is_active = active;
    }
    apply_products(row, fields)?;
    if let Some(headers) = &fields.custom_headers {
        let headers = headers.clone().unwrap_or_default();
        let own = ctx.dialect.webhook_header_names();
        let is_own = |name: &&String| own.iter().any(|own| own.eq_ignore_ascii_case(name));
        if let Some(name) = headers.keys().find(is_own) {
            let text = format!("`{name}` is a header of every delivery and cannot be replaced.");
            return Err(Error::field("custom_headers", "reserved", text));
        }
        row.custom_headers_sealed = seal_headers(&ctx.house, row.id, &headers)?;
    }
    if let Some(custom) = &fields.custom_payload_fields {
        let reserved = ctx.dialect.reserved_fields();
        if let Some(name) = custom.iter().flat_map(|map| map.keys()).find(|name| reserved.contains(name)) {
            let text = format!("`{name}` is a member of every body and cannot be replaced.");
            return Err(Error::field("custom_payload_fields", "reserved", text));
        }
        let size = custom
            .as_ref()
            .map_or(0, |map| serde_json::to_string(map).map_or(0, |text| text.len()));
        if size > CUSTOM_FIELDS_MAX {
            let text = format!("custom_payload_fields takes {CUSTOM_FIELDS_MAX} bytes of JSON; these are {size}.");
            return Err(Error::field("custom_payload_fields", "too_long", text));
        }
        row.custom_fields = custom.clone().map(|map| Value::Object(map).into());
    }
    if let Some(selection) = &fields.payload_field_selection {
        row.field_selection = selection.clone().map(|names| json!(names).into());
    }
    Ok(())
}

fn apply_products(row: &mut Model, fields: &EndpointFields) -> Result<()> {
    let Some(mode) = fields.product_filter_mode.as_deref() else {
        return match &fields.product_ids {
            Some(ids) if !ids.is_empty() => {
                let text = "product_filter_mode must come with product_ids";
                Err(Error::field("product_filter_mode", "required", text))
            }
            _ => Ok(()),
        };
    };
    if mode != "selected" {
        (row.product_filter, row.product_ids) = (ProductFilter::All, Vec::new().into());
        return Ok(());
    }
    let mut ids = fields.product_ids.clone().unwrap_or_else(|| row.product_ids.0.clone());
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > PRODUCTS_MAX {
        return Err(Error::field("product_ids", "count", "product_ids takes 1 to 50 products"));
    }
    (row.product_filter, row.product_ids) = (ProductFilter::Selected, ids.into());
    Ok(())
}

/// Judges where an endpoint sends: by its text, and by what its name resolves to where that is known at once. Every send
/// judges it again.
pub(super) async fn check_url(ctx: &Ctx, url: &str) -> Result<()> {
    let refused = |reason: String| Error::field("url", "url", format!("url cannot be used: it {reason}"));
    ctx.house.egress.check(url).map_err(|reason| refused(reason.to_string()))?;
    match ctx.house.actors.forbids(url).await {
        Some(kind) => Err(refused(format!("must not point to a {kind} address"))),
        None => Ok(()),
    }
}

fn seal_headers(house: &House, id: Uuid, headers: &BTreeMap<String, String>) -> Result<Option<String>> {
    if headers.is_empty() {
        return Ok(None);
    }
    let wrong = |rule: &'static str, text: String| Err(Error::field("custom_headers", rule, text));
    let long = headers.iter().any(|(name, value)| name.len() + value.len() > HEADERS_MAX.1);
    if headers.len() > HEADERS_MAX.0 || long {
        return wrong(
            "count",
            format!(
                "custom_headers takes {} headers of {} characters",
                HEADERS_MAX.0, HEADERS_MAX.1
            ),
        );
    }
    if let Some((name, _)) = headers.iter().find(|(name, value)| !is_sendable(name, value)) {
        return wrong("header", format!("`{name}` cannot be sent as a header"));
    }
    let text = serde_json::to_vec(headers).map_err(Error::internal)?;
    let sealed = house
        .sealer
        .seal(&text, house.ids.bytes(), &super::service::headers_context(id));
    sealed.map(Some).map_err(Error::internal)
}

/// Whether a user may add the header: well formed (RFC 9110 §5.6.2), and none that is the client's own to set.
fn is_sendable(name: &str, value: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let is_text = |b: u8| b == b'\t' || (b' '..=b'~').contains(&b);
    !name.is_empty() && name.bytes().all(is_token) && value.bytes().all(is_text) && !is_reserved_header(name)
}

#[cfg(test)]
mod tests {
    use super::is_sendable;

    #[test]
    fn headers_that_steer_the_connection_are_not_the_owners() {
        for name in ["X-Source", "Authorization", "x-api-key"] {
            assert!(is_sendable(name, "a value"), "{name}");
        }
        for name in [
            "Host",
            "content-length",
            "Transfer-Encoding",
            "Proxy-Authorization",
            "",
            "two words",
            "x:y",
        ] {
            assert!(!is_sendable(name, "a value"), "{name}");
        }
        assert!(!is_sendable("X-Source", "one\r\ntwo: three"));
    }
}
