//! Pure decisions about the embedded checkout.

use crate::domain::{Code, Error, Timestamp};
use crate::resources::sales::goods::Goods;
use entities::product::Model;

/// Longest `Origin` that is looked at; the longest host name has 253 characters.
const ORIGIN_MAX: usize = 300;

/// The origin a page is of, where the header says one.
pub(super) fn origin(header: Option<&str>) -> Option<&str> {
    header.filter(|origin| origin.len() <= ORIGIN_MAX && *origin != "null" && origin.contains("://"))
}

/// Whether a product may be sold on other sites at present.
pub(super) fn is_embeddable(product: &Model, now: Timestamp) -> bool {
    let goods = Goods(product);
    let is_enabled = product.attributes.get("embed_enabled").and_then(|enabled| enabled.as_bool());
    is_enabled == Some(true) && goods.is_for_sale(now) && !goods.is_subscription()
}

/// The word in `type` for a refusal.
pub(super) fn type_of(error: &Error) -> &'static str {
    match error.code {
        Code::Validation | Code::Malformed => "validation_error",
        Code::Forbidden => "origin_not_allowed",
        Code::NotFound => "not_found",
        Code::RateLimited => "rate_limited",
        Code::Unavailable => "service_unavailable",
        Code::Internal => "internal_error",
        other => other.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_a_page_can_have() {
        assert_eq!(origin(Some("https://a.example")), Some("https://a.example"));
        for none in [None, Some("null"), Some(""), Some("a.example")] {
            assert_eq!(origin(none), None);
        }
    }
}
