//! A dialect's delivery rules in the domain's terms.

use crate::actors::deps::Deps;
use crate::domain::dialect::Dialect;
use crate::domain::retry::{JITTER_PERMILLE_MAX, RetryPolicy};
use entities::delivery::Status;
use entities::endpoint;

/// Longest deadline a dialect file may set, in seconds: half of a lease, so that recording fits into it.
const DEADLINE_MAX_S: u32 = 30;

/// When a delivery of this dialect is tried again.
pub fn policy(dialect: &Dialect) -> RetryPolicy {
    let rules = &dialect.webhooks;
    RetryPolicy {
        waits_s: rules.waits_s.clone(),
        retried: rules.retried_on,
        honour: rules.honour_retry_after,
        deadline_s: rules.deadline_s.clamp(1, DEADLINE_MAX_S),
    }
}

/// Chance for one retry, 0 to 200 thousandths; none on the sandbox clock.
pub fn jitter_permille(deps: &Deps) -> u16 {
    if deps.has_jitter {
        u16::from_be_bytes(deps.ids.bytes()) % (JITTER_PERMILLE_MAX + 1)
    } else {
        0
    }
}

/// What becomes of waiting deliveries when their endpoint is switched off.
pub fn waiting_become(dialect: &Dialect) -> Status {
    match dialect.webhooks.gives_up_when_off {
        true => Status::PermanentlyFailed,
        false => Status::Held,
    }
}

/// Whether an endpoint wants an event of this dialect name that touches these products.
pub fn wants(dialect: &Dialect, endpoint: &endpoint::Model, name: &str, products: &[uuid::Uuid]) -> bool {
    let was_never_on = !endpoint.is_active && endpoint.disabled_at.is_none();
    if was_never_on && dialect.webhooks.leaves_out_never_on {
        return false;
    }
    let is_subscribed = endpoint
        .events
        .iter()
        .any(|wanted| wanted == name || (wanted == "*" && dialect.in_wildcard(name)));
    let is_about_his = match endpoint.product_filter {
        endpoint::ProductFilter::All => true,
        endpoint::ProductFilter::Selected => {
            products.is_empty() || products.iter().any(|product| endpoint.product_ids.contains(product))
        }
    };
    is_subscribed && is_about_his
}
