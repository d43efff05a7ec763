//! The question that programs ask at every start: is this key good?

use super::account;
use super::store::{self, Seen, Watch};
use super::types::{ValidateKey, ValidationAnswer, ValidationFact};
use crate::context::{Ctx, Deed, Room};
use crate::domain::{Result, license_key};
use crate::resources::licensing::rules::{self, Question};
use crate::resources::licensing::store::glance::Glance;
use crate::resources::licensing::views::MachineView;
use crate::resources::licensing::{issue, store as shared, uses};
use crate::store::Tx;
use entities::license::Status;
use entities::machine;
use entities::policy::Expiration;
use sea_orm::ConnectionTrait;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// What is told of it.
const EVENTS: [&str; 2] = ["validation.success", "validation.failed"];

/// Answers whether a key is good, and who signs the answer; a refusal is an answer, too.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn validate_key(ctx: &Ctx, asked: ValidateKey) -> Result<(Option<Uuid>, ValidationAnswer)> {
    let db = ctx.store().read();
    let digest = license_key::digest(&asked.key);
    let asking = asking(ctx);
    let Some(seen) = asking.glance.seen(db, &digest).await? else {
        return Ok((account::likely(ctx, &asked.key).await?, unknown()));
    };
    let tenant = seen.license.tenant;
    let found = judge(db, ctx, seen, &asked).await?;
    if !found.is_written() && (!found.valid || ctx.house.uses.has_room(found.seen.license.id)) {
        if found.valid {
            ctx.house.uses.add(uses::of(&found.seen.license));
        }
        return Ok((Some(tenant), found.answer(ctx)));
    }
    let Some(room) = Room::find(db, tenant, found.seen.license.mode).await? else {
        return Ok((None, unknown()));
    };
    let (within, deed) = (ctx.clone(), Deed::of_house(&ctx.house, room, ctx.now));
    let answer = ctx.store().command(async move |tx| {
        // Read again: what counts is what stands there now.
        match store::seen(tx, &digest, &asking.watch).await? {
            Some(seen) => {
                let mut found = judge(tx, &within, seen, &asked).await?;
                write(tx, &deed, &mut found, asked.fingerprint.clone()).await?;
                Ok(found.answer(&within))
            }
            None => Ok(unknown()),
        }
    });
    Ok((Some(tenant), answer.await?))
}

/// How it is asked, whoever asks: the same for the life of the process.
struct Asking {
    watch: Watch,
    glance: Glance,
}

fn asking(ctx: &Ctx) -> Arc<Asking> {
    const NAME: &str = "licenses:asking";
    ctx.house.memory.get(NAME).unwrap_or_else(|| {
        let watch = watch(ctx, &EVENTS);
        let glance = Glance::new(ctx.store().backend(), &watch);
        ctx.house.memory.keep(NAME.to_owned(), Asking { watch, glance })
    })
}

/// Which endpoints may want events of these names.
pub(in crate::resources::licensing) fn watch(ctx: &Ctx, events: &[&str]) -> Watch {
    let mut watch = Watch {
        dialects: Vec::new(),
        names: Vec::new(),
    };
    for dialect in ctx.house.dialects.all() {
        let names = events.iter().filter_map(|event| dialect.event_name(event));
        let names: Vec<String> = names.filter(|name| dialect.subscribable(name)).collect();
        if !names.is_empty() {
            watch.dialects.push(dialect.name.clone());
            watch.names.extend(names);
        }
    }
    watch.names.sort_unstable();
    watch.names.dedup();
    watch
}

/// A validation with its verdict.
struct Found {
    seen: Seen,
    machine: Option<machine::Model>,
    held: Vec<String>,
    valid: bool,
    code: &'static str,
    is_over: bool,
}

impl Found {
    /// Whether anything has to be written down.
    fn is_written(&self) -> bool {
        let is_counted = rules::uses_max(&self.seen.license, self.seen.policy.as_ref()).is_some();
        let is_first = self.seen.license.activated_at.is_none();
        self.is_over || self.seen.is_watched || (self.valid && (is_counted || is_first))
    }

    fn answer(&self, ctx: &Ctx) -> ValidationAnswer {
        let row = &self.seen.license;
        ValidationAnswer {
            valid: self.valid,
            code: self.code,
            license: Some(json!({
                "id": row.id, "status": rules::standing(row, ctx.now).name(), "name": row.name,
                "expires_at": row.expires_at, "max_machines_override": row.max_machines,
                "max_uses_override": row.max_uses, "uses_count": row.uses_count + ctx.house.uses.waiting(row.id),
            })),
            machine: self.machine.as_ref().map(|machine| MachineView::new(machine, ctx.now)),
            entitlements: self.held.clone(),
            metadata: json!({}),
        }
    }
}

async fn judge(db: &impl ConnectionTrait, ctx: &Ctx, seen: Seen, asked: &ValidateKey) -> Result<Found> {
    let (license, policy) = (&seen.license, seen.policy.as_ref());
    let machine = match asked.fingerprint.as_deref() {
        Some(fingerprint) => shared::machine_of(db, license, fingerprint).await?,
        None => None,
    };
    let inherited = policy.map(|policy| policy.features.0.as_slice()).unwrap_or_default();
    let ids = [license.features.0.as_slice(), inherited].concat();
    let features = shared::features(db, license.tenant, license.mode, ids).await?;
    let held: Vec<String> = features.into_iter().map(|feature| feature.code).collect();
    let question = Question {
        license,
        policy,
        has_fingerprint: asked.fingerprint.is_some(),
        machine: machine.as_ref(),
        held: &held,
        wanted: &asked.entitlements,
        now: ctx.now,
    };
    let (valid, code) = rules::validate(&question);
    let is_expired = rules::standing(license, ctx.now) == Status::Expired;
    let is_over = is_expired && rules::expiration(policy) == Expiration::Revoke;
    Ok(Found {
        seen,
        machine,
        held,
        valid,
        code,
        is_over,
    })
}

/// Counts a use, remembers the first one, and tells who listens.
async fn write(tx: &Tx, deed: &Deed, found: &mut Found, fingerprint: Option<String>) -> Result<()> {
    let Seen {
        license,
        policy,
        is_watched,
    } = &mut found.seen;
    if found.is_over {
        issue::revoke(tx, deed, license, Some("expired")).await?;
    } else if found.valid {
        let max = rules::uses_max(license, policy.as_ref());
        license.uses_count += 1;
        let is_first = license.activated_at.is_none();
        license.activated_at = license.activated_at.or(Some(deed.now.0));
        if is_first {
            issue::change(tx, deed, license, "license.activated").await?;
        } else {
            store::count_use(tx, license).await?;
        }
        if max == Some(license.uses_count) {
            issue::tell(tx, deed, "license.limit_reached", license).await?;
        }
    }
    if *is_watched {
        let fact = ValidationFact {
            license_id: license.id,
            valid: found.valid,
            code: found.code,
            fingerprint,
            validated_at: deed.now,
        };
        let name = EVENTS[usize::from(!found.valid)];
        tx.emit(deed.event(name, "validation", &fact, vec![license.product])?);
    }
    Ok(())
}

fn unknown() -> ValidationAnswer {
    ValidationAnswer {
        valid: false,
        code: "NOT_FOUND",
        license: None,
        machine: None,
        entitlements: Vec::new(),
        metadata: json!({}),
    }
}
