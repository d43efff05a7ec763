//! What the owners of an endpoint are told by mail when it fails: early, and when it is switched off.

use super::record::Made;
use crate::clock::Ids;
use crate::domain::Result;
use crate::store::Tx;
use crate::store::mails::{self, Note};
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

    /// Why it was switched off, or how it failed last.
    fn reason(self, last_error: &str) -> String {
        match self {
            Self::Failing => last_error.to_owned(),
            Self::Disabled("gone") => "it answered 410 Gone.".to_owned(),
            Self::Disabled(_) => {
                format!("every delivery has failed for seven days, the last one like this:\n\n{last_error}")
            }
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
            let note = Note {
                tenant: endpoint.tenant,
                kind: self.kind(),
                recipient: person.email,
                values: vec![
                    ("endpoint_url", endpoint.url.clone()),
                    ("reason", self.reason(&last_error(made))),
                ],
            };
            mails::write(tx, &note, ids.uuid(at), at).await?;
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
