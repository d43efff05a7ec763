//! Who there is: registration, and what follows from a proved address.

use super::super::rules::Purpose;
use super::super::types::{PersonView, Register};
use super::super::{passwords, store};
use super::PER_ADDRESS;
use super::links::Prepared;
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx};
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::customers::service as customers;
use crate::store::Tx;
use entities::person::Model;
use secrecy::SecretString;
use uuid::Uuid;

/// Registers a person and mails a link that proves the address.
///
/// # Errors
/// `AlreadyExists`: the one place that tells that an address is known.
pub async fn register(ctx: &Ctx, form: Register) -> Result<Answer> {
    ctx.house
        .actors
        .meter(MeterKey::Op("people.register", ctx.address), PER_ADDRESS, ctx.now)
        .await?;
    let email = form.email.to_lowercase();
    if store::by_email(ctx.store().read(), &email).await?.is_some() {
        return Err(taken());
    }
    let digest = passwords::hash(&ctx.house.ids, SecretString::from(form.password)).await?;
    let row = Model {
        id: ctx.id(),
        email,
        name: form.name,
        password_hash: Some(digest),
        email_verified_at: None,
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    };
    let link = Prepared::new(ctx, Purpose::Verify, &row.email, Some(row.id))?;
    let answer = ctx
        .command(async move |tx| {
            if store::by_email(tx, &row.email).await?.is_some() {
                return Err(taken());
            }
            store::insert(tx, &row).await?;
            link.queue(tx).await?;
            Answer::created("person", &PersonView::from(&row))
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}

fn taken() -> Error {
    Error::new(Code::AlreadyExists, "This address is registered.")
}

/// Makes sure of a person whose address somebody trusted vouches for, and answers his id.
///
/// A new one is added as given. One whose address is proved stays as he is; one who never proved it may be anybody, so
/// that what he set gives way to what is given, and his sessions end.
///
/// # Errors
/// What the database says.
pub async fn vouch(tx: &Tx, given: &Model) -> Result<Uuid> {
    let Some(mut row) = store::by_email(tx, &given.email).await? else {
        store::insert(tx, given).await?;
        on_proved(tx, given).await?;
        return Ok(given.id);
    };
    let now = Timestamp(given.updated_at);
    if row.email_verified_at.is_none() {
        row.password_hash = given.password_hash.clone();
        row.name = given.name.clone().or(row.name);
        prove(tx, &mut row, now).await?;
    }
    Ok(row.id)
}

/// Marks the address as proved and writes the row. On the first proof whoever registered the address before it was proved
/// loses his sessions and links; the caller has cleared or replaced his password.
pub(in crate::resources::people) async fn prove(tx: &Tx, row: &mut Model, now: Timestamp) -> Result<()> {
    row.updated_at = now.0;
    if row.email_verified_at.is_some() {
        return store::replace(tx, row).await;
    }
    row.email_verified_at = Some(now.0);
    store::replace(tx, row).await?;
    store::end_sessions(tx, row.id, None).await?;
    store::void_tokens(tx, row.id, &Purpose::ALL).await?;
    on_proved(tx, row).await
}

/// Called in the transaction in which a person's address is proved for the first time: whatever was bought for that address
/// before becomes his here.
///
/// # Errors
/// What the database says.
pub async fn on_proved(tx: &Tx, person: &Model) -> Result<()> {
    let claimed = customers::claim(tx, person.id, &person.email).await?;
    tracing::debug!(person.id = %person.id, claimed, "an address is proved");
    Ok(())
}
