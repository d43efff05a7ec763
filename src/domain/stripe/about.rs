//! What an event is about: the names it gives to a product, a subscription, a payment.

use super::{Incoming, META_CHECKOUT, META_PRODUCT, META_TENANT, Metadata, RefundSeen};
use uuid::Uuid;

/// Under which names a product is told where a shop began something at Stripe by hand: by its id or by its public name.
const PRODUCT_NAMES: [&str; 3] = [META_PRODUCT, "productId", "product"];

impl Incoming {
    /// What we sent along with the thing it is about.
    pub fn metadata(&self) -> Option<&Metadata> {
        match self {
            Self::CheckoutCompleted(seen) => Some(&seen.metadata),
            Self::IntentSucceeded(seen) => Some(&seen.metadata),
            Self::Refunded(seen) => Some(&seen.metadata),
            Self::SubscriptionCreated(seen)
            | Self::SubscriptionUpdated(seen)
            | Self::SubscriptionDeleted(seen)
            | Self::SubscriptionTrialEnding(seen) => Some(&seen.metadata),
            Self::InvoiceUpcoming(seen) | Self::InvoicePaid(seen) | Self::InvoiceFailed(seen) => Some(&seen.metadata),
            Self::Disputed(_) | Self::Ignored => None,
        }
    }

    fn metadata_mut(&mut self) -> Option<&mut Metadata> {
        match self {
            Self::CheckoutCompleted(seen) => Some(&mut seen.metadata),
            Self::IntentSucceeded(seen) => Some(&mut seen.metadata),
            Self::Refunded(seen) => Some(&mut seen.metadata),
            Self::SubscriptionCreated(seen)
            | Self::SubscriptionUpdated(seen)
            | Self::SubscriptionDeleted(seen)
            | Self::SubscriptionTrialEnding(seen) => Some(&mut seen.metadata),
            Self::InvoiceUpcoming(seen) | Self::InvoicePaid(seen) | Self::InvoiceFailed(seen) => Some(&mut seen.metadata),
            Self::Disputed(_) | Self::Ignored => None,
        }
    }

    /// How a shop names its product by hand; `None` where it says nothing, or says what we tell it ourselves.
    pub fn product_told(&self) -> Option<&str> {
        let metadata = self.metadata()?;
        if metadata.contains_key(META_CHECKOUT) || metadata.contains_key(META_TENANT) {
            return None;
        }
        let told = PRODUCT_NAMES.into_iter().find_map(|name| metadata.get(name));
        told.map(|told| told.trim()).filter(|told| !told.is_empty())
    }

    /// Names the product by its id, which is all that is asked for later.
    pub fn name_product(&mut self, id: Uuid) {
        if let Some(metadata) = self.metadata_mut() {
            metadata.insert(META_PRODUCT.to_owned(), id.to_string());
        }
    }

    /// The subscription it is about.
    pub fn subscription(&self) -> Option<&str> {
        match self {
            Self::CheckoutCompleted(seen) => seen.subscription.as_deref(),
            Self::SubscriptionCreated(seen)
            | Self::SubscriptionUpdated(seen)
            | Self::SubscriptionDeleted(seen)
            | Self::SubscriptionTrialEnding(seen) => Some(&seen.subscription),
            Self::InvoiceUpcoming(seen) | Self::InvoicePaid(seen) | Self::InvoiceFailed(seen) => seen.subscription.as_deref(),
            _ => None,
        }
    }

    /// The payment it is about.
    pub fn intent(&self) -> Option<&str> {
        match self {
            Self::CheckoutCompleted(seen) => seen.intent.as_deref(),
            Self::IntentSucceeded(seen) => Some(&seen.intent),
            Self::Refunded(seen) => seen.intent.as_deref(),
            Self::Disputed(seen) => seen.intent.as_deref(),
            Self::InvoicePaid(seen) => seen.intent.as_deref(),
            _ => None,
        }
    }
}

impl RefundSeen {
    /// Whether all that was charged went back; one refund by itself does not tell.
    pub fn is_whole(&self) -> bool {
        let is_done = self.status == "succeeded";
        match (self.total_minor, self.charged_minor) {
            (Some(total), Some(charged)) => is_done && total >= charged,
            _ => is_done && self.refund.is_none(),
        }
    }
}
