//! The outbox of mails: written by the command that asks for a mail, emptied by the courier.
//!
//! `queue` is the one way in, so that a kind of mail a tenant does not want can be held back in one place. A body that
//! carries a token is sealed at rest and gone once the mail is sent or given up.

use super::{Store, Tx, settings};
use crate::domain::letter;
use crate::domain::seal::Sealer;
use crate::domain::{Error, Result, Timestamp};
use entities::mail::{self, Column, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long a claim lasts, in milliseconds of real time: longer than the deadline of a sending and its record after it.
const LEASE_MS: i64 = 60_000;
/// How long a mail that is done with stays listed, without its body.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// What somebody is to read.
#[derive(Clone, Debug)]
pub struct Letter {
    /// For whose business; `None` where it is between the server and a person.
    pub tenant: Option<Uuid>,
    /// What it is about, such as `password_reset`.
    pub kind: &'static str,
    /// Address, lower case.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// A mail of a kind whose text a shop may change: what it is about, and what stands in its places.
#[derive(Clone, Debug)]
pub struct Note {
    /// For whose business.
    pub tenant: Uuid,
    /// A kind of [`letter::KINDS`].
    pub kind: &'static str,
    /// Address, lower case.
    pub recipient: String,
    /// What stands in its places; `shop_name` is added.
    pub values: Vec<(&'static str, String)>,
}

/// The subject of a tenant's settings that holds his mails: kind -> `{enabled, subject, body}`.
pub const SUBJECT: &str = "mails";

/// A letter ready to be queued.
#[derive(Clone, Debug)]
pub struct Mail {
    row: Model,
}

impl Mail {
    /// A letter without secrets, due at once.
    pub fn plain(letter: Letter, id: Uuid, now: Timestamp) -> Self {
        Self {
            row: Model {
                id,
                tenant: letter.tenant,
                kind: letter.kind.to_owned(),
                recipient: letter.recipient,
                subject: letter.subject,
                body_text: letter.body,
                is_sealed: false,
                created_at: now.0,
                sent_at: None,
                attempts: 0,
                due_at: now.0,
                given_up_at: None,
                last_error: None,
                lease_owner: None,
                lease_until_at: None,
            },
        }
    }

    /// The same mail with its body sealed; `nonce` is random and used once.
    ///
    /// # Errors
    /// `Internal` for a body of many gigabytes.
    pub fn sealed(mut self, sealer: &Sealer, nonce: [u8; 12]) -> Result<Self> {
        let context = context(self.row.id);
        let sealed = sealer.seal(self.row.body_text.as_bytes(), nonce, &context);
        self.row.body_text = sealed.map_err(Error::internal)?;
        self.row.is_sealed = true;
        Ok(self)
    }

    /// The same row, done with from the start and addressed to nobody: what is written for an unknown address, so that
    /// the time of an answer does not tell.
    #[must_use]
    pub fn to_nobody(mut self) -> Self {
        self.row.recipient.clear();
        self.row.body_text.clear();
        self.row.sent_at = Some(self.row.created_at);
        self
    }
}

/// Adds a mail to the outbox in the command's own transaction; poke the courier after the commit. A kind its tenant has
/// switched off goes nowhere.
///
/// # Errors
/// What the database says.
pub async fn queue(tx: &Tx, mail: &Mail) -> Result<()> {
    if let Some(tenant) = mail.row.tenant
        && letter::find(&mail.row.kind).is_some()
    {
        let (_, kept) = settings::with_name(tx, tenant, SUBJECT).await?;
        if is_off(&kept, &mail.row.kind) {
            return Ok(());
        }
    }
    insert(tx, mail).await
}

/// Writes a mail in the tenant's own words and queues it; nothing is written where he has switched the kind off.
///
/// # Errors
/// What the database says.
pub async fn write(tx: &Tx, note: &Note, id: Uuid, now: Timestamp) -> Result<()> {
    match compose(tx, note, id, now).await? {
        Some(mail) => insert(tx, &mail).await,
        None => Ok(()),
    }
}

/// A mail in the tenant's own words; `None` where he has switched the kind off.
///
/// # Errors
/// `Internal` for a kind there is not; what the database says.
pub async fn compose(tx: &Tx, note: &Note, id: Uuid, now: Timestamp) -> Result<Option<Mail>> {
    let (name, kept) = settings::with_name(tx, note.tenant, SUBJECT).await?;
    if is_off(&kept, note.kind) {
        return Ok(None);
    }
    let kind = letter::find(note.kind).ok_or_else(|| Error::internal("a mail of no kind"))?;
    let own = |member: &str| kept.get(note.kind)?.get(member)?.as_str().map(str::to_owned);
    let mut values = note.values.clone();
    values.push(("shop_name", name));
    let letter = Letter {
        tenant: Some(note.tenant),
        kind: note.kind,
        recipient: note.recipient.clone(),
        subject: letter::fill_line(&own("subject").unwrap_or_else(|| kind.subject.to_owned()), &values),
        body: letter::fill(&own("body").unwrap_or_else(|| kind.body.to_owned()), &values),
    };
    Ok(Some(Mail::plain(letter, id, now)))
}

fn is_off(kept: &Value, kind: &str) -> bool {
    let enabled = kept.get(kind).and_then(|own| own.get("enabled"));
    enabled == Some(&Value::Bool(false))
}

/// Adds a mail whatever its tenant has switched off, such as one he asked for to try it.
///
/// # Errors
/// What the database says.
pub async fn insert(tx: &Tx, mail: &Mail) -> Result<()> {
    let row = mail.row.clone().into_active_model();
    mail::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Reads a waiting mail's body; `None` where it is sealed and the master key is another one.
pub fn open(row: &Model, sealer: &Sealer) -> Option<Zeroizing<String>> {
    match row.is_sealed {
        true => sealer.open_text(&row.body_text, &context(row.id)),
        false => Some(Zeroizing::new(row.body_text.clone())),
    }
}

fn context(id: Uuid) -> String {
    format!("mail:{id}")
}

/// Who claims what.
#[derive(Clone, Debug)]
pub struct Search {
    /// Node and boot.
    pub owner: String,
    /// Whether no other process works on this database, so that others' claims are those of the dead.
    pub is_alone: bool,
    /// Due by then, on the server's clock.
    pub now: Timestamp,
    /// On the real clock.
    pub real_now: Timestamp,
    /// Mails at most.
    pub limit: u64,
}

impl Search {
    fn is_free(&self) -> Condition {
        let free = Condition::any()
            .add(Column::LeaseUntilAt.is_null())
            .add(Column::LeaseUntilAt.lte(self.real_now.0));
        match self.is_alone {
            true => free.add(Column::LeaseOwner.ne(self.owner.clone())),
            false => free,
        }
    }
}

/// Claims due mails that nobody is sending, the longest due first.
///
/// # Errors
/// What the database says.
pub async fn claim(store: &Store, search: Search) -> Result<Vec<Model>> {
    let due: Vec<Uuid> = mail::due(search.now.0)
        .filter(search.is_free())
        .select_only()
        .column(Column::Id)
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(search.limit)
        .into_tuple()
        .all(store.read())
        .await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    store
        .command(async move |tx| {
            let claimed = mail::update_waiting()
                .filter(Column::Id.is_in(due.iter().copied()))
                .filter(search.is_free())
                .col_expr(Column::LeaseOwner, Expr::value(search.owner.clone()))
                .col_expr(Column::LeaseUntilAt, Expr::value(search.real_now.0.saturating_add(LEASE_MS)))
                .exec_with_returning(tx)
                .await?;
            Ok(claimed)
        })
        .await
}

/// What became of an attempt to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way.
    Yes(Timestamp),
    /// It will be tried again then.
    Again(Timestamp, String),
    /// It never will.
    Never(Timestamp, String),
}

/// Records an attempt and ends the claim, if `owner` still holds it; a mail that is done with keeps no body.
///
/// # Errors
/// What the database says.
pub async fn record(store: &Store, owner: &str, id: Uuid, sent: Sent) -> Result<()> {
    let owner = owner.to_owned();
    store
        .command(async move |tx| {
            let update = mail::update_waiting()
                .filter(Column::Id.eq(id))
                .filter(Column::LeaseOwner.eq(owner.clone()))
                .col_expr(Column::LeaseOwner, Expr::value(Option::<String>::None))
                .col_expr(Column::LeaseUntilAt, Expr::value(Option::<i64>::None));
            let failed = |reason: &String| (Expr::col(Column::Attempts).add(1), Expr::value(reason.clone()));
            let update = match &sent {
                Sent::Yes(at) => update
                    .col_expr(Column::SentAt, Expr::value(at.0))
                    .col_expr(Column::BodyText, Expr::value("")),
                Sent::Again(at, reason) => update
                    .col_expr(Column::DueAt, Expr::value(at.0))
                    .col_expr(Column::Attempts, failed(reason).0)
                    .col_expr(Column::LastError, failed(reason).1),
                Sent::Never(at, reason) => update
                    .col_expr(Column::GivenUpAt, Expr::value(at.0))
                    .col_expr(Column::BodyText, Expr::value(""))
                    .col_expr(Column::Attempts, failed(reason).0)
                    .col_expr(Column::LastError, failed(reason).1),
            };
            update.exec(tx).await?;
            Ok(())
        })
        .await
}

/// Tells the next moment after `after` at which a mail falls due, on the server's clock.
///
/// # Errors
/// What the database says.
pub async fn next_after(store: &Store, after: Timestamp) -> Result<Option<Timestamp>> {
    let due_at: Option<i64> = mail::waiting()
        .filter(Column::DueAt.gt(after.0))
        .select_only()
        .column(Column::DueAt)
        .order_by_asc(Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(store.read())
        .await?;
    Ok(due_at.map(Timestamp))
}

/// Removes what has served: mails done with for long, and links and invitations that have run out.
///
/// # Errors
/// What the database says.
pub async fn purge(store: &Store, now: Timestamp) -> Result<()> {
    store
        .command(async move |tx| {
            mail::delete_done((now - KEPT).0).exec(tx).await?;
            entities::token::delete_expired(now.0).exec(tx).await?;
            entities::invitation::delete_expired(now.0).exec(tx).await?;
            entities::session::delete_expired(now.0).exec(tx).await?;
            Ok(())
        })
        .await
}

#[cfg(test)]
impl Mail {
    pub(crate) fn with_attempts(mut self, attempts: i32) -> Model {
        self.row.attempts = attempts;
        self.row
    }
}
