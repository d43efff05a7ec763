//! One function per operation.

use super::super::rules::{self, Token};
use super::super::service::{admit_mail, bad_token, vouch};
use super::super::types::PersonView;
use super::super::{letters, passwords, store as people};
use super::store;
use super::types::{AcceptInvitation, ChangeMember, Invite, MemberView, MembershipView, TenantView};
use crate::actors::MeterKey;
use crate::context::{Answer, Ctx};
use crate::domain::dialect::PageInfo;
use crate::domain::rate_limit::Limits;
use crate::domain::{Code, Error, Result};
use crate::store::AuditEntry;
use crate::store::mails::{self, Letter, Mail};
use entities::membership::Role;
use entities::{invitation, membership, person};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// How long an invitation is good.
const INVITATION_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Members and invitations of one tenant.
const MEMBERS_MAX: u64 = 200;
/// Attempts to accept from one address in a minute.
const ACCEPTS: Limits = Limits::per_minute(60);

/// Lists members, the first one first, and then open invitations.
///
/// # Errors
/// `Forbidden` without a tenant.
pub async fn list(ctx: &Ctx) -> Result<Answer> {
    let (tenant, db) = (ctx.room()?.tenant, ctx.store().read());
    let members = store::members(db, tenant, MEMBERS_MAX).await?;
    let invited = store::invitations(db, tenant, ctx.now, MEMBERS_MAX).await?;
    let views: Vec<MemberView> = members
        .iter()
        .map(|(row, person)| MemberView::active(row, person))
        .chain(invited.iter().map(MemberView::invited))
        .collect();
    Answer::page("member", &views, PageInfo::default())
}

/// Invites somebody by mail; a new invitation voids an older one to the same address.
///
/// # Errors
/// `AlreadyExists` for a member; `LimitReached`; `RateLimited` per account and per address.
pub async fn invite(ctx: &Ctx, form: Invite) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let inviter = ctx.person()?.person;
    let email = form.email.to_lowercase();
    admit_mail(ctx, &email).await?;
    let token = Token::mint(ctx.house.ids.bytes());
    let row = invitation::Model {
        id: ctx.id(),
        tenant: room.tenant,
        email: email.clone(),
        role: form.role,
        invited_by: inviter,
        digest: token.digest(),
        created_at: ctx.now.0,
        expires_at: (ctx.now + INVITATION_LIFE).0,
    };
    let name = store::tenant_name(ctx.store().read(), room.tenant)
        .await?
        .unwrap_or(room.slug);
    let (subject, body) = letters::invitation(&name, &ctx.house.public_url, token.expose());
    let letter = Letter {
        tenant: Some(room.tenant),
        kind: "member_invitation",
        recipient: email,
        subject,
        body,
    };
    let mail = Mail::plain(letter, ctx.id(), ctx.now).sealed(&ctx.house.sealer, ctx.house.ids.bytes())?;
    let entry = entry(
        ctx,
        room.tenant,
        "member.invited",
        row.id,
        json!({"email": row.email, "role": row.role}),
    );
    let answer = ctx
        .command(async move |tx| {
            if store::is_member(tx, row.tenant, &row.email).await? {
                return Err(Error::new(Code::AlreadyExists, "This person is a member already."));
            }
            if store::count(tx, row.tenant).await? >= MEMBERS_MAX {
                return Err(Error::new(
                    Code::LimitReached,
                    "A shop can have 200 members and open invitations.",
                ));
            }
            store::replace_invitation(tx, &row).await?;
            mails::queue(tx, &mail).await?;
            tx.audit(entry.clone());
            Answer::created("member", &MemberView::invited(&row))
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}

/// Whether somebody is a member or invited.
///
/// # Errors
/// `NotFound` where he is neither.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    let (db, tenant) = (ctx.store().read(), ctx.room()?.tenant);
    let is_known = store::member(db, tenant, id).await?.is_some() || store::invitation(db, tenant, id, ctx.now).await?.is_some();
    is_known.then_some(()).ok_or_else(|| Error::not_found("member"))
}

/// Changes what a member may do, from his next call on, or what somebody who is invited is to be.
///
/// # Errors
/// `NotFound`; `Conflict` for the last owner.
pub async fn update(ctx: &Ctx, id: Uuid, change: ChangeMember) -> Result<Answer> {
    let (tenant, now) = (ctx.room()?.tenant, ctx.now);
    let changed = entry(ctx, tenant, "member.role_changed", id, json!({"role": change.role}));
    ctx.command(async move |tx| {
        if let Some((mut row, person)) = store::member(tx, tenant, id).await? {
            let steps_down = row.role == Role::Owner && change.role != Role::Owner;
            if steps_down && store::count_owners(tx, tenant).await? <= 1 {
                return Err(Error::new(Code::Conflict, "A shop keeps at least one owner."));
            }
            if row.role != change.role {
                row.role = change.role;
                store::set_role(tx, &row).await?;
                tx.audit(changed.clone());
            }
            return Answer::one("member", &MemberView::active(&row, &person));
        }
        let mut row = store::invitation(tx, tenant, id, now)
            .await?
            .ok_or_else(|| Error::not_found("member"))?;
        if row.role != change.role {
            row.role = change.role;
            store::set_invited_role(tx, &row).await?;
            tx.audit(changed.clone());
        }
        Answer::one("member", &MemberView::invited(&row))
    })
    .await
}

/// Removes a member, whose sessions lose the tenant at once, or withdraws an invitation.
///
/// # Errors
/// `NotFound`; `Conflict` for the last owner.
pub async fn remove(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (tenant, now) = (ctx.room()?.tenant, ctx.now);
    let removed = entry(ctx, tenant, "member.removed", id, json!({}));
    let withdrawn = entry(ctx, tenant, "member.invitation_withdrawn", id, json!({}));
    ctx.command(async move |tx| {
        if let Some((row, person)) = store::member(tx, tenant, id).await? {
            if row.role == Role::Owner && store::count_owners(tx, tenant).await? <= 1 {
                return Err(Error::new(Code::Conflict, "A shop keeps at least one owner."));
            }
            store::delete(tx, tenant, id).await?;
            tx.audit(removed.clone());
            return Answer::deleted("member", &MemberView::active(&row, &person));
        }
        let row = store::invitation(tx, tenant, id, now)
            .await?
            .ok_or_else(|| Error::not_found("member"))?;
        store::delete_invitation(tx, &row).await?;
        tx.audit(withdrawn.clone());
        Answer::deleted("member", &MemberView::invited(&row))
    })
    .await
}

/// Makes whoever holds the mailed token a member. A new account is made where there is none; the mail proves the address.
///
/// # Errors
/// `Validation` for a token that is not good (any more).
pub async fn accept(ctx: &Ctx, form: AcceptInvitation) -> Result<Answer> {
    ctx.house
        .actors
        .meter(MeterKey::Op("members.accept", ctx.address), ACCEPTS, ctx.now)
        .await?;
    let (digest, now) = (rules::digest(&form.token), ctx.now);
    // Looked up before the costly hash, so that guesses cost little.
    let (invited, _) = store::by_digest(ctx.store().read(), &digest, now)
        .await?
        .ok_or_else(bad_token)?;
    let hash = match form.password.map(SecretString::from) {
        Some(password) => Some(passwords::hash(&ctx.house.ids, password).await?),
        None => None,
    };
    let given = invitee(ctx, invited.email, form.name, hash);
    let entry = entry(
        ctx,
        invited.tenant,
        "member.joined",
        invited.id,
        json!({"role": invited.role}),
    );
    ctx.store()
        .command(async move |tx| {
            let (row, tenant) = store::by_digest(tx, &digest, now).await?.ok_or_else(bad_token)?;
            if !store::delete_invitation(tx, &row).await? {
                return Err(bad_token());
            }
            let id = vouch(tx, &given).await?;
            let person = people::by_id(tx, id).await?.ok_or_else(bad_token)?;
            let joined = membership::Model {
                person: id,
                tenant: row.tenant,
                role: row.role,
                created_at: now.0,
            };
            if store::member(tx, row.tenant, id).await?.is_none() {
                store::insert(tx, &joined).await?;
            }
            let entry = AuditEntry {
                actor: format!("person:{id}"),
                target: id.to_string(),
                ..entry.clone()
            };
            tx.audit(entry);
            let view = MembershipView {
                tenant: TenantView::from(&tenant),
                role: row.role,
                person: PersonView::from(&person),
            };
            Answer::one("membership", &view)
        })
        .await
}

/// Whom the mail's token vouches for.
fn invitee(ctx: &Ctx, email: String, name: Option<String>, password_hash: Option<String>) -> person::Model {
    person::Model {
        id: ctx.id(),
        email,
        name,
        password_hash,
        email_verified_at: Some(ctx.now.0),
        created_at: ctx.now.0,
        updated_at: ctx.now.0,
    }
}

fn entry(ctx: &Ctx, tenant: Uuid, action: &str, target: Uuid, detail: Value) -> AuditEntry {
    AuditEntry {
        id: ctx.id(),
        tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: action.to_owned(),
        target: target.to_string(),
        detail,
        happened_at: ctx.now,
    }
}
