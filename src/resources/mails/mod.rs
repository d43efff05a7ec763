//! The mails of a shop: which kinds are written, and in whose words.
//!
//! The kinds and their usual texts are in `domain::letter`; what a shop says otherwise is in its settings. Whoever wants a
//! mail written goes through `store::mails`, which looks there.

mod http;
mod rules;
pub mod service;
pub mod types;

use crate::http::{Guard, Route};
use crate::route;

/// Every place mails are set at.
pub const ROUTES: &[Route] = &[
    route!("mails.list", GET "/api/v1/settings/mails", Guard::Owner, "Lists the kinds of mail with their texts.", "mail_kind", http::list),
    route!("mails.update", PATCH "/api/v1/settings/mails", Guard::Owner, "Switches kinds of mail on or off and changes their texts.", "mail_kind", http::update),
    route!("mails.preview", POST "/api/v1/settings/mails/{kind}/preview", Guard::Owner, "Shows a mail with made-up values.", "mail_preview", http::preview),
    route!("mails.test", POST "/api/v1/settings/mails/{kind}/test", Guard::Owner, "Sends such a mail to oneself.", "mail_preview", http::test),
];
