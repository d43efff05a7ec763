//! Sessions: opened, listed, ended.

use super::super::types::{Login, OpenedView, PersonView, SessionView};
use super::super::{passwords, store};
use super::{Act, PER_ACCOUNT, PER_ADDRESS};
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx};
use crate::domain::api_key::{self, ApiKey};
use crate::domain::dialect::PageInfo;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::store::Tx;
use entities::{person, session};
use secrecy::SecretString;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long a session lasts.
const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Characters kept of what a client calls itself.
const USER_AGENT_MAX: usize = 200;

/// What a session is opened with.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Whether another site made the browser send this: then no cookie is set, or that site could sign its visitors in as
    /// somebody else.
    pub is_cross_site: bool,
}

/// A session about to be opened.
#[derive(Clone)]
pub(super) struct Opening {
    id: Uuid,
    token: Arc<ApiKey>,
    opened_at: Timestamp,
    address: String,
    visitor: Visitor,
}

impl Opening {
    pub(super) fn new(ctx: &Ctx, visitor: Visitor) -> Self {
        Self {
            id: ctx.id(),
            token: Arc::new(api_key::mint_session(ctx.house.ids.bytes())),
            opened_at: ctx.now,
            address: ctx.address.to_string(),
            visitor,
        }
    }

    fn expires_at(&self) -> Timestamp {
        self.opened_at + SESSION_LIFE
    }

    /// Writes the session and the act of opening it, whose person is set here.
    pub(super) async fn open(&self, tx: &Tx, person: &person::Model, act: &Act) -> Result<()> {
        let agent = self.visitor.user_agent.as_ref();
        let row = session::Model {
            id: self.id,
            person: person.id,
            digest: self.token.digest().0.to_vec(),
            created_at: self.opened_at.0,
            expires_at: self.expires_at().0,
            last_seen_at: self.opened_at.0,
            address: Some(self.address.clone()),
            user_agent: agent.map(|text| text.chars().take(USER_AGENT_MAX).collect()),
        };
        store::insert_session(tx, &row).await?;
        store::note_sign_in(tx, person.id, self.opened_at).await?;
        let act = Act {
            person: person.id,
            target: self.id.to_string(),
            detail: json!({"address": self.address}),
            ..act.clone()
        };
        act.audit(tx).await
    }

    /// The token, shown once, and the cookie.
    pub(super) fn answer(&self, ctx: &Ctx, person: &person::Model) -> Result<Answer> {
        let token = self.token.expose().to_owned();
        let secure = if ctx.house.public_url.starts_with("https://") {
            "; Secure"
        } else {
            ""
        };
        let life = SESSION_LIFE.as_secs();
        let cookie = format!("fondaco_session={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={life}{secure}");
        let opened = OpenedView {
            token,
            expires_at: self.expires_at(),
            person: PersonView::from(person),
        };
        let answer = Answer::one("login", &opened)?;
        Ok(if self.visitor.is_cross_site {
            answer
        } else {
            answer.header("Set-Cookie", cookie)
        })
    }
}

/// Opens a session.
///
/// # Errors
/// `InvalidToken` for a wrong address or password, alike; `RateLimited` per account and per address.
pub async fn login(ctx: &Ctx, form: Login, visitor: Visitor) -> Result<Answer> {
    let email = form.email.to_lowercase();
    let actors = &ctx.house.actors;
    actors
        .meter(MeterKey::Op("people.login", ctx.address), PER_ADDRESS, ctx.now)
        .await?;
    actors.meter(MeterKey::Login(email.clone()), PER_ACCOUNT, ctx.now).await?;
    let person = store::by_email(ctx.store().read(), &email).await?;
    let digest = person.as_ref().and_then(|person| person.password_hash.clone());
    let good = passwords::verify(&ctx.house.ids, SecretString::from(form.password), digest.clone()).await?;
    let Some(person) = person.filter(|_| good) else {
        return Err(wrong());
    };
    let opening = Opening::new(ctx, visitor);
    let done = opening.clone();
    let act = Act::new(ctx, person.id, "session.opened");
    let person = ctx
        .store()
        .command(async move |tx| {
            // A password that was changed while this one was being checked opens nothing.
            let row = store::by_id(tx, person.id)
                .await?
                .filter(|row| row.password_hash == digest)
                .ok_or_else(wrong)?;
            opening.open(tx, &row, &act).await?;
            Ok(row)
        })
        .await?;
    done.answer(ctx, &person)
}

fn wrong() -> Error {
    Error::new(Code::InvalidToken, "Wrong e-mail address or password.")
}

/// Ends the session that asks.
///
/// # Errors
/// `SessionRequired`.
pub async fn logout(ctx: &Ctx) -> Result<Answer> {
    let signed = ctx.person()?;
    let (person, session) = (signed.person, signed.session);
    let mut act = Act::new(ctx, person, "session.ended");
    act.target = session.to_string();
    ctx.store()
        .command(async move |tx| {
            store::end_session(tx, person, session).await?;
            act.audit(tx).await
        })
        .await?;
    Ok(without_cookie(Answer::Empty))
}

/// Lists one's sessions.
///
/// # Errors
/// `SessionRequired`.
pub async fn list(ctx: &Ctx) -> Result<Answer> {
    let signed = ctx.person()?;
    let rows = store::sessions_of(ctx.store().read(), signed.person, ctx.now).await?;
    let views: Vec<SessionView> = rows.into_iter().map(|row| SessionView::new(row, signed.session)).collect();
    Answer::page("session", &views, PageInfo::default())
}

/// Ends all of one's sessions but the one that asks.
///
/// # Errors
/// `SessionRequired`.
pub async fn end_others(ctx: &Ctx) -> Result<Answer> {
    let (person, session) = (ctx.person()?.person, ctx.person()?.session);
    let act = Act::new(ctx, person, "session.others_ended");
    ctx.store()
        .command(async move |tx| {
            store::end_sessions(tx, person, Some(session)).await?;
            act.audit(tx).await
        })
        .await?;
    Ok(Answer::Empty)
}

/// Ends one of one's sessions.
///
/// # Errors
/// `SessionRequired`; `NotFound` for another person's.
pub async fn end(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (person, session) = (ctx.person()?.person, ctx.person()?.session);
    let mut act = Act::new(ctx, person, "session.ended");
    act.target = id.to_string();
    ctx.store()
        .command(async move |tx| {
            if !store::end_session(tx, person, id).await? {
                return Err(Error::not_found("session"));
            }
            act.audit(tx).await
        })
        .await?;
    Ok(if id == session {
        without_cookie(Answer::Empty)
    } else {
        Answer::Empty
    })
}

fn without_cookie(answer: Answer) -> Answer {
    answer.header(
        "Set-Cookie",
        "fondaco_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0".to_owned(),
    )
}
