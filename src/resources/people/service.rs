//! One function per operation.

use super::passwords;
use super::store;
use super::types::{ChangePassword, Login, OpenedView, PersonView, Register, SessionView};
use crate::actors::meter::MeterKey;
use crate::context::{Answer, Ctx};
use crate::domain::api_key;
use crate::domain::dialect::{Done, PageInfo};
use crate::domain::rate_limit::Limits;
use crate::domain::{Code, Error, Result, Timestamp};
use secrecy::SecretString;
use std::time::Duration;

/// How long a session lasts.
const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Sign-ins tried on one account in a minute.
const LOGINS_PER_ACCOUNT: u32 = 10;
/// Sign-ins tried from one address in a minute.
const LOGINS_PER_ADDRESS: u32 = 60;

/// Registers a person.
///
/// # Errors
/// `AlreadyExists`: the one place that tells that an address is known.
pub async fn register(ctx: &Ctx, form: Register) -> Result<Answer> {
    let key = MeterKey::Op("people.register", ctx.address);
    ctx.house.actors.meter(key, per_minute(LOGINS_PER_ADDRESS), ctx.now).await?;
    let digest = passwords::hash(&ctx.house.ids, SecretString::from(form.password)).await?;
    let row = entities::person::Model {
        id: ctx.id(),
        email: form.email.to_lowercase(),
        name: form.name,
        password_hash: Some(digest),
        email_verified_at: None,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    ctx.command(async move |tx| {
        if store::by_email(tx, &row.email).await?.is_some() {
            return Err(Error::new(Code::AlreadyExists, "This address is registered."));
        }
        store::insert(tx, &row).await?;
        Answer::created("person", &PersonView::from(&row))
    })
    .await
}

/// Opens a session.
///
/// # Errors
/// `InvalidToken` for a wrong address or password, alike; `RateLimited` per account and per address.
pub async fn login(ctx: &Ctx, form: Login, user_agent: Option<String>) -> Result<Answer> {
    let email = form.email.to_lowercase();
    let actors = &ctx.house.actors;
    actors
        .meter(
            MeterKey::Op("people.login", ctx.address),
            per_minute(LOGINS_PER_ADDRESS),
            ctx.now,
        )
        .await?;
    actors
        .meter(MeterKey::Login(email.clone()), per_minute(LOGINS_PER_ACCOUNT), ctx.now)
        .await?;
    let person = store::by_email(ctx.store().read(), &email).await?;
    let digest = person.as_ref().and_then(|person| person.password_hash.clone());
    let good = passwords::verify(&ctx.house.ids, SecretString::from(form.password), digest).await?;
    let Some(person) = person.filter(|_| good) else {
        return Err(Error::new(Code::InvalidToken, "Wrong e-mail address or password."));
    };
    let token = api_key::mint_session(ctx.house.ids.bytes());
    let digest = token.digest();
    let token = token.expose().to_owned();
    let expires_at = ctx.now + SESSION_LIFE;
    let session = entities::session::Model {
        id: ctx.id(),
        person: person.id,
        digest: digest.0.to_vec(),
        created_at: ctx.now.0,
        expires_at: expires_at.0,
        last_seen_at: ctx.now.0,
        address: Some(ctx.address.to_string()),
        user_agent: user_agent.map(|text| text.chars().take(200).collect()),
    };
    ctx.store()
        .command(async move |tx| store::insert_session(tx, &session).await)
        .await?;
    let secure = if ctx.house.public_url.starts_with("https://") {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "fondaco_session={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        SESSION_LIFE.as_secs()
    );
    let opened = OpenedView {
        token,
        expires_at,
        person: PersonView::from(&person),
    };
    Ok(Answer::one("login", &opened)?.header("Set-Cookie", cookie))
}

/// Ends the session that asks.
///
/// # Errors
/// `SessionRequired`.
pub async fn logout(ctx: &Ctx) -> Result<Answer> {
    let session = ctx.person()?.session;
    ctx.store()
        .command(async move |tx| store::end_session(tx, session).await)
        .await?;
    Ok(Answer::Empty.header(
        "Set-Cookie",
        "fondaco_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0".to_owned(),
    ))
}

/// Lists one's sessions.
///
/// # Errors
/// `SessionRequired`.
pub async fn sessions(ctx: &Ctx) -> Result<Answer> {
    let signed = ctx.person()?;
    let rows = store::sessions_of(ctx.store().read(), signed.person, ctx.now).await?;
    let views: Vec<SessionView> = rows
        .into_iter()
        .map(|row| SessionView {
            id: row.id,
            is_current: row.id == signed.session,
            address: row.address,
            user_agent: row.user_agent,
            created_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
        })
        .collect();
    Answer::page("session", &views, PageInfo::default())
}

/// Ends all of one's sessions but the one that asks.
///
/// # Errors
/// `SessionRequired`.
pub async fn end_other_sessions(ctx: &Ctx) -> Result<Answer> {
    let (person, session) = (ctx.person()?.person, ctx.person()?.session);
    ctx.store()
        .command(async move |tx| store::end_sessions_but(tx, person, session).await)
        .await?;
    Ok(Answer::Empty)
}

/// Changes the password and ends the other sessions.
///
/// # Errors
/// `Validation` where the current password is wrong.
pub async fn change_password(ctx: &Ctx, form: ChangePassword) -> Result<Answer> {
    let signed = ctx.person()?;
    let (person_id, session) = (signed.person, signed.session);
    let person = store::by_id(ctx.store().read(), person_id)
        .await?
        .ok_or_else(|| Error::not_found("person"))?;
    let current = SecretString::from(form.current_password);
    ctx.house
        .actors
        .meter(MeterKey::Login(person.email.clone()), per_minute(LOGINS_PER_ACCOUNT), ctx.now)
        .await?;
    if !passwords::verify(&ctx.house.ids, current, person.password_hash.clone()).await? {
        return Err(Error::field("current_password", "wrong", "current_password is wrong"));
    }
    let digest = passwords::hash(&ctx.house.ids, SecretString::from(form.password)).await?;
    let now = ctx.now;
    ctx.command(async move |tx| {
        let mut row = person.clone();
        row.password_hash = Some(digest.clone());
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        store::end_sessions_but(tx, person_id, session).await?;
        Answer::with(Done::Ok, "person", &PersonView::from(&row))
    })
    .await
}

fn per_minute(limit: u32) -> Limits {
    Limits {
        per_minute: Some(limit),
        per_day: None,
    }
}
