//! One function per operation.

use super::rules;
use super::types::{Draft, KindView, PreviewView};
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx};
use crate::domain::dialect::{Done, PageInfo};
use crate::domain::letter::{self, Kind};
use crate::domain::rate_limit::Limits;
use crate::domain::{Error, Result};
use crate::store::mails::{self, Letter, Mail, SUBJECT};
use crate::store::{AuditEntry, settings};
use serde_json::{Map, Value, json};

/// Mails a person may send himself in a minute.
const TESTS: Limits = Limits::per_minute(10);

/// Finds a kind.
///
/// # Errors
/// `NotFound`.
pub fn kind(name: &str) -> Result<&'static Kind> {
    letter::find(name).ok_or_else(|| Error::not_found("kind of mail"))
}

/// Lists every kind as it is in force.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn list(ctx: &Ctx) -> Result<Answer> {
    let kept = settings::read(ctx.store(), ctx.room()?.tenant, SUBJECT).await?;
    page(&kept)
}

fn page(kept: &Value) -> Result<Answer> {
    let views: Vec<KindView> = letter::KINDS.iter().map(|kind| rules::in_force(kind, kept)).collect();
    let count = u32::try_from(views.len()).unwrap_or(u32::MAX);
    let info = PageInfo {
        limit: count,
        cursor: None,
        next_cursor: None,
        total: Some(u64::from(count)),
        page: None,
    };
    Answer::page("mail_kind", &views, info)
}

/// Changes kinds and lists them all.
///
/// # Errors
/// `Validation` with everything that is wrong, unknown placeholders among it.
pub async fn update(ctx: &Ctx, body: &Map<String, Value>) -> Result<Answer> {
    let tenant = ctx.room()?.tenant;
    let changes = rules::changes(body)?;
    let now = ctx.now;
    let entry = AuditEntry {
        id: ctx.id(),
        tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: "mails.updated".to_owned(),
        target: tenant.to_string(),
        detail: json!({"kinds": changes.keys().collect::<Vec<_>>()}),
        happened_at: now,
    };
    ctx.command(async move |tx| {
        let kept = settings::change(tx, tenant, SUBJECT, now, |kept| {
            *kept = rules::merged(kept, &changes);
            Ok(kept.clone())
        })
        .await?;
        tx.audit(entry.clone());
        page(&kept)
    })
    .await
}

/// Shows a mail with made-up values.
///
/// # Errors
/// `Validation` for a draft that could not be kept.
pub async fn preview(ctx: &Ctx, kind: &'static Kind, draft: Draft) -> Result<Answer> {
    let shown = drawn(ctx, kind, draft).await?;
    Answer::one("mail_preview", &shown)
}

/// Sends such a mail to whoever asks, also where the kind is switched off.
///
/// # Errors
/// As [`preview`]; `RateLimited`.
pub async fn test(ctx: &Ctx, kind: &'static Kind, draft: Draft) -> Result<Answer> {
    let person = ctx.person()?;
    let mut shown = drawn(ctx, kind, draft).await?;
    let key = MeterKey::Login(format!("mail-test:{}", person.person));
    ctx.house.actors.meter(key, TESTS, ctx.now).await?;
    let letter = Letter {
        tenant: Some(ctx.room()?.tenant),
        kind: kind.name,
        recipient: person.email.clone(),
        subject: shown.subject.clone(),
        body: shown.body.clone(),
    };
    shown.recipient = Some(person.email.clone());
    let mail = Mail::plain(letter, ctx.id(), ctx.now);
    let answer = ctx
        .command(async move |tx| {
            mails::insert(tx, &mail).await?;
            Answer::with(Done::Accepted, "mail_preview", &shown)
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}

async fn drawn(ctx: &Ctx, kind: &'static Kind, draft: Draft) -> Result<PreviewView> {
    let (shop, kept) = settings::with_name(ctx.store().read(), ctx.room()?.tenant, SUBJECT).await?;
    let force = rules::in_force(kind, &kept);
    let drafts = [("subject", &draft.subject), ("body", &draft.body)];
    let errors: Vec<_> = drafts
        .into_iter()
        .filter_map(|(member, text)| {
            let text = rules::text_fits(kind, member, text.as_deref()?).err()?;
            Some(rules::wrong(member, "invalid", &text))
        })
        .collect();
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    let mut values = kind.samples();
    values.retain(|(name, _)| *name != "shop_name");
    values.push(("shop_name", shop));
    Ok(PreviewView {
        kind: kind.name,
        recipient: None,
        subject: letter::fill_line(&draft.subject.unwrap_or(force.subject), &values),
        body: letter::fill(&draft.body.unwrap_or(force.body), &values),
    })
}
