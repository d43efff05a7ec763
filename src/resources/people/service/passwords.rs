//! Passwords: forgotten, set anew by a mailed link, changed in a session.

use super::super::rules::{self, Purpose};
use super::super::types::{ChangePassword, PersonView, ResetPassword};
use super::super::{passwords, store};
use super::links::{bad_token, mail_link, redeem};
use super::{Act, PER_ACCOUNT, PER_ADDRESS, prove};
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx};
use crate::domain::{Error, Result};
use secrecy::SecretString;

/// Mails a link that sets a new password; answers alike whether the address is known or not.
///
/// # Errors
/// `RateLimited` per account and per address.
pub async fn forgot(ctx: &Ctx, email: &str) -> Result<Answer> {
    mail_link(ctx, Purpose::Reset, email, |_| true).await
}

/// Sets a new password by the token of a mailed link; ends every session and proves the address.
///
/// # Errors
/// `Validation` for a token that is not good (any more).
pub async fn reset(ctx: &Ctx, form: ResetPassword) -> Result<Answer> {
    ctx.house
        .actors
        .meter(MeterKey::Op("people.redeem", ctx.address), PER_ADDRESS, ctx.now)
        .await?;
    let (digest, now) = (rules::digest(&form.token), ctx.now);
    // Looked up before the costly hash, so that guesses cost little.
    let known = store::good_token(ctx.store().read(), Purpose::Reset, &digest, now)
        .await?
        .and_then(|row| row.person);
    let act = Act::new(ctx, known.ok_or_else(bad_token)?, "person.password_reset");
    let hash = passwords::hash(&ctx.house.ids, SecretString::from(form.password)).await?;
    ctx.store()
        .command(async move |tx| {
            let mut person = redeem(tx, Purpose::Reset, &digest, now).await?;
            person.password_hash = Some(hash.clone());
            prove(tx, &mut person, now).await?;
            store::end_sessions(tx, person.id, None).await?;
            store::void_tokens(tx, person.id, &Purpose::ALL).await?;
            act.audit(tx).await?;
            Answer::one("person", &PersonView::from(&person))
        })
        .await
}

/// Changes the password, or sets a first one, and ends the other sessions.
///
/// # Errors
/// `Validation` where the current password is wrong or missing.
pub async fn change(ctx: &Ctx, form: ChangePassword) -> Result<Answer> {
    let (person_id, session) = (ctx.person()?.person, ctx.person()?.session);
    let person = store::by_id(ctx.store().read(), person_id)
        .await?
        .ok_or_else(|| Error::not_found("person"))?;
    ctx.house
        .actors
        .meter(MeterKey::Login(person.email.clone()), PER_ACCOUNT, ctx.now)
        .await?;
    if let Some(digest) = person.password_hash {
        let Some(current) = form.current_password.map(SecretString::from) else {
            return Err(Error::field("current_password", "required", "current_password is required"));
        };
        if !passwords::verify(&ctx.house.ids, current, Some(digest)).await? {
            return Err(Error::field("current_password", "wrong", "current_password is wrong"));
        }
    }
    let hash = passwords::hash(&ctx.house.ids, SecretString::from(form.password)).await?;
    let (now, act) = (ctx.now, Act::new(ctx, person_id, "person.password_changed"));
    ctx.command(async move |tx| {
        let mut row = store::by_id(tx, person_id).await?.ok_or_else(|| Error::not_found("person"))?;
        row.password_hash = Some(hash.clone());
        row.updated_at = now.0;
        store::replace(tx, &row).await?;
        store::end_sessions(tx, person_id, Some(session)).await?;
        store::void_tokens(tx, person_id, &[Purpose::Reset, Purpose::Link]).await?;
        act.audit(tx).await?;
        Answer::one("person", &PersonView::from(&row))
    })
    .await
}
