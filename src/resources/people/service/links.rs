//! Links by mail: asked for by address, redeemed by token, good once.

use super::super::rules::{self, Purpose, Token};
use super::super::types::PersonView;
use super::super::{letters, store};
use super::sessions::{Opening, Visitor};
use super::{Act, PER_ADDRESS, on_proved, prove};
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx};
use crate::domain::dialect::Done;
use crate::domain::rate_limit::Limits;
use crate::domain::{Error, Result, Timestamp};
use crate::store::Tx;
use crate::store::mails::{self, Letter, Mail};
use entities::{person, token};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Mails to one address: enough for somebody impatient, too few to fill a mailbox.
const MAILS_PER_ACCOUNT: Limits = Limits {
    per_minute: Some(5),
    per_day: Some(50),
};
/// Mails asked for from one address of the network in a minute.
const MAILS_PER_ADDRESS: Limits = Limits::per_minute(30);

/// A link with its mail, made before the transaction that queues both.
#[derive(Clone)]
pub(super) struct Prepared {
    owner: Uuid,
    row: token::Model,
    mail: Mail,
}

impl Prepared {
    /// Prepares a link for the person, or, for nobody, the very same work that leads nowhere.
    pub(super) fn new(ctx: &Ctx, purpose: Purpose, email: &str, person: Option<Uuid>) -> Result<Self> {
        let token = Token::mint(ctx.house.ids.bytes());
        let (subject, body) = letters::link(purpose, &ctx.house.public_url, token.expose());
        let letter = Letter {
            tenant: None,
            kind: purpose.mail_kind(),
            recipient: email.to_owned(),
            subject,
            body,
        };
        let mail = Mail::plain(letter, ctx.id(), ctx.now).sealed(&ctx.house.sealer, ctx.house.ids.bytes())?;
        let row = token::Model {
            id: ctx.id(),
            person,
            purpose: purpose.name().to_owned(),
            digest: token.digest(),
            payload: json!({}).into(),
            expires_at: (ctx.now + purpose.life()).0,
            used_at: None,
            created_at: ctx.now.0,
        };
        let mail = if person.is_some() { mail } else { mail.to_nobody() };
        Ok(Self {
            owner: person.unwrap_or(row.id),
            row,
            mail,
        })
    }

    /// Puts the link in the place of older ones and its mail into the outbox.
    pub(super) async fn queue(&self, tx: &Tx) -> Result<()> {
        store::replace_token(tx, self.owner, &self.row).await?;
        mails::queue(tx, &self.mail).await
    }
}

/// How long a link in a shop's own mail signs in.
const BUYER_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A link that signs in whoever reads the mail it stands in, a person known before or not: reading the mail is the proof of
/// the address, and only then is there a person.
pub struct BuyerLink {
    row: token::Model,
    token: Token,
}

impl BuyerLink {
    /// Makes a link for an address, which must be in lower case.
    pub fn new(ctx: &Ctx, email: &str) -> Self {
        let token = Token::mint(ctx.house.ids.bytes());
        let row = token::Model {
            id: ctx.id(),
            person: None,
            purpose: Purpose::Link.name().to_owned(),
            digest: token.digest(),
            payload: json!({ BUYER: email, "id": ctx.id() }).into(),
            expires_at: (ctx.now + BUYER_LIFE).0,
            used_at: None,
            created_at: ctx.now.0,
        };
        Self { row, token }
    }

    /// The link, for a mail that is sealed at rest.
    pub fn url(&self, public_url: &str) -> String {
        format!("{public_url}/auth/link?token={}", self.token.expose())
    }

    /// Makes it good, in the command that queues the mail.
    ///
    /// # Errors
    /// What the database says.
    pub async fn write(&self, tx: &Tx) -> Result<()> {
        store::replace_token(tx, self.row.id, &self.row).await
    }
}

/// Mails a link that signs a buyer in, where somebody is known by the address or bought with it; answers alike in any case.
///
/// # Errors
/// `RateLimited` per account and per address.
pub async fn ask_buyer_link(ctx: &Ctx, email: &str) -> Result<()> {
    admit_mail(ctx, email).await?;
    let is_known =
        store::by_email(ctx.store().read(), email).await?.is_some() || store::is_buyer(ctx.store().read(), email).await?;
    let link = BuyerLink::new(ctx, email);
    let (subject, body) = letters::link(Purpose::Link, &ctx.house.public_url, link.token.expose());
    let letter = Letter {
        tenant: None,
        kind: Purpose::Link.mail_kind(),
        recipient: email.to_owned(),
        subject,
        body: body.replace("for 15 minutes", "for 24 hours"),
    };
    let mail = Mail::plain(letter, ctx.id(), ctx.now).sealed(&ctx.house.sealer, ctx.house.ids.bytes())?;
    let mail = if is_known { mail } else { mail.to_nobody() };
    ctx.store()
        .command(async move |tx| {
            link.write(tx).await?;
            mails::queue(tx, &mail).await
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(())
}

/// Member of a token's payload that holds a buyer's address.
const BUYER: &str = "email";

/// Whose address a link without a person proves; a new person where nobody is known by it.
async fn buyer(tx: &Tx, row: &token::Model, now: Timestamp) -> Result<person::Model> {
    let email = row
        .payload
        .get(BUYER)
        .and_then(|email| email.as_str())
        .ok_or_else(bad_token)?;
    if let Some(known) = store::by_email(tx, email).await? {
        return Ok(known);
    }
    let id = row.payload.get("id").and_then(|id| id.as_str()?.parse().ok());
    let fresh = person::Model {
        id: id.ok_or_else(bad_token)?,
        email: email.to_owned(),
        name: None,
        password_hash: None,
        email_verified_at: None,
        created_at: now.0,
        updated_at: now.0,
    };
    store::insert(tx, &fresh).await?;
    Ok(fresh)
}

/// Counts a mail that a caller makes the server send to an address.
pub(in crate::resources::people) async fn admit_mail(ctx: &Ctx, email: &str) -> Result<()> {
    let actors = &ctx.house.actors;
    actors
        .meter(MeterKey::Op("people.mail", ctx.address), MAILS_PER_ADDRESS, ctx.now)
        .await?;
    actors
        .meter(MeterKey::Login(format!("mail:{email}")), MAILS_PER_ACCOUNT, ctx.now)
        .await?;
    Ok(())
}

/// Mails a link to the address, where there is a person whom `may_have` lets have it; answers alike in any case.
pub(super) async fn mail_link(ctx: &Ctx, purpose: Purpose, email: &str, may_have: fn(&person::Model) -> bool) -> Result<Answer> {
    let email = email.to_lowercase();
    admit_mail(ctx, &email).await?;
    let person = store::by_email(ctx.store().read(), &email).await?.filter(may_have);
    let link = Prepared::new(ctx, purpose, &email, person.map(|person| person.id))?;
    ctx.store().command(async move |tx| link.queue(tx).await).await?;
    ctx.house.actors.poke_courier();
    Answer::with(Done::Accepted, "accepted", &json!({"accepted": true}))
}

/// What came to a route that both mails links and redeems them.
pub enum Asked {
    /// An address: mail a link to it.
    Address(String),
    /// A token: redeem it.
    Token(String),
}

/// Proves an address by its token, or mails a fresh link to an address that is not proved yet.
///
/// # Errors
/// `Validation` for a token that is not good (any more).
pub async fn verify(ctx: &Ctx, asked: Asked) -> Result<Answer> {
    let token = match asked {
        Asked::Token(token) => token,
        Asked::Address(email) => {
            return mail_link(ctx, Purpose::Verify, &email, |person| person.email_verified_at.is_none()).await;
        }
    };
    ctx.house
        .actors
        .meter(MeterKey::Op("people.redeem", ctx.address), PER_ADDRESS, ctx.now)
        .await?;
    let (digest, now) = (rules::digest(&token), ctx.now);
    ctx.store()
        .command(async move |tx| {
            let mut person = redeem(tx, Purpose::Verify, &digest, now).await?;
            if person.email_verified_at.is_none() {
                // Who registered and who reads the mail agree: password and sessions stay.
                person.email_verified_at = Some(now.0);
                person.updated_at = now.0;
                store::replace(tx, &person).await?;
                on_proved(tx, &person).await?;
            }
            Answer::one("person", &PersonView::from(&person))
        })
        .await
}

/// Mails a sign-in link.
///
/// # Errors
/// `RateLimited` per account and per address.
pub async fn ask_link(ctx: &Ctx, email: &str) -> Result<Answer> {
    mail_link(ctx, Purpose::Link, email, |_| true).await
}

/// Opens a session for whoever holds the token of a sign-in link. Where it is the first proof of the address, a password
/// that somebody set before gives way.
///
/// # Errors
/// `Validation` for a token that is not good (any more).
pub async fn redeem_link(ctx: &Ctx, token: &str, visitor: Visitor) -> Result<Answer> {
    ctx.house
        .actors
        .meter(MeterKey::Op("people.redeem", ctx.address), PER_ADDRESS, ctx.now)
        .await?;
    let (digest, now) = (rules::digest(token), ctx.now);
    let opening = Opening::new(ctx, visitor);
    let done = opening.clone();
    let act = Act::new(ctx, Uuid::nil(), "session.opened");
    let person = ctx
        .store()
        .command(async move |tx| {
            let mut person = redeem(tx, Purpose::Link, &digest, now).await?;
            if person.email_verified_at.is_none() {
                person.password_hash = None;
                prove(tx, &mut person, now).await?;
            }
            opening.open(tx, &person, &act).await?;
            Ok(person)
        })
        .await?;
    done.answer(ctx, &person)
}

/// Uses a link up and answers whose it was.
pub(super) async fn redeem(tx: &Tx, purpose: Purpose, digest: &[u8], now: Timestamp) -> Result<person::Model> {
    let row = store::good_token(tx, purpose, digest, now).await?.ok_or_else(bad_token)?;
    let person = match row.person {
        Some(person) => store::by_id(tx, person).await?.ok_or_else(bad_token)?,
        None => buyer(tx, &row, now).await?,
    };
    if !store::use_token(tx, row.id, now).await? {
        return Err(bad_token());
    }
    Ok(person)
}

/// The one refusal of a mailed token, whatever is wrong with it.
pub(in crate::resources::people) fn bad_token() -> Error {
    Error::field(
        "token",
        "invalid",
        "This token is unknown, used or has run out; ask for a new one.",
    )
}
