//! What the owners of an endpoint are told by mail when it fails: early, and when it is switched off.

use super::record::Made;
use crate::clock::Ids;
use crate::domain::Result;
use crate::store::Tx;
use crate::store::mails::{self, Letter, Mail};
use entities::{endpoint, membership, person};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

/// Owners told about one endpoint.
const OWNERS_MAX: u64 = 20;

/// What they are told.
#[derive(Clone, Copy)]
pub(super) enum Notice {
    /// It has failed for a day.
    Failing,
    /// It was switched off for this reason.
    Disabled(&'static str),
}

impl Notice {
    fn kind(self) -> &'static str {
        match self {
            Self::Failing => "webhook_endpoint_failing",
            Self::Disabled(_) => "webhook_endpoint_disabled",
        }
    }

    fn subject(self) -> &'static str {
        match self {
            Self::Failing => "A webhook endpoint keeps failing",
            Self::Disabled(_) => "A webhook endpoint was switched off",
        }
    }

    fn text(self, url: &str, last_error: &str) -> String {
        match self {
            Self::Failing => format!(
                "Deliveries to\n\n{url}\n\nhave failed for more than a day, the last one like this:\n\n{last_error}\n\nThey are \
                 tried again on schedule. After seven days of failures the endpoint is switched off.\n"
            ),
            Self::Disabled("gone") => format!(
                "The endpoint\n\n{url}\n\nanswered 410 Gone and was switched off. Waiting deliveries are kept and can be \
                 replayed once it is switched on again.\n"
            ),
            Self::Disabled(_) => format!(
                "Every delivery to\n\n{url}\n\nhas failed for seven days, so the endpoint was switched off. The last one failed \
                 like this:\n\n{last_error}\n\nWaiting deliveries are kept and can be replayed once it is switched on again.\n"
            ),
        }
    }

    /// Queues one mail per owner in the command that records `made`, the attempt that brought it about.
    pub(super) async fn send(self, tx: &Tx, ids: &Ids, endpoint: &endpoint::Model, made: &Made) -> Result<()> {
        let owners = membership::of_tenant(endpoint.tenant)
            .filter(membership::Column::Role.eq(membership::Role::Owner))
            .find_also_related(person::Entity)
            .limit(OWNERS_MAX)
            .all(tx)
            .await?;
        let at = made.ended_at;
        for person in owners.into_iter().filter_map(|(_, person)| person) {
            let letter = Letter {
                tenant: Some(endpoint.tenant),
                kind: self.kind(),
                recipient: person.email,
                subject: self.subject().to_owned(),
                body: self.text(&endpoint.url, &last_error(made)),
            };
            mails::queue(tx, &Mail::plain(letter, ids.uuid(at), at)).await?;
        }
        Ok(())
    }
}

/// How the attempt failed, in words for the endpoint's owner.
fn last_error(made: &Made) -> String {
    match &made.attempt.error {
        Some(error) => error.clone(),
        None => format!("it answered with status {}", made.attempt.http_status),
    }
}
