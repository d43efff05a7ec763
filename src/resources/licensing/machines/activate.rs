//! Taking a seat.

use super::store;
use super::types::CreateMachine;
use crate::context::{Answer, Ctx, Deed, Principal};
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::views::MachineView;
use crate::resources::licensing::{issue, rules, store as shared};
use crate::store::Tx;
use entities::license::Model;
use entities::machine;
use entities::policy::{self, Uniqueness};
use std::net::IpAddr;

/// Activates a machine; the same one again has its seat already.
///
/// # Errors
/// `Conflict` where the licence is in the way or the fingerprint is taken; `BusinessRule` where the house is full.
pub async fn create(ctx: &Ctx, form: CreateMachine) -> Result<Answer> {
    let (deed, address) = (Deed::of(ctx)?, ctx.address);
    let id = match (&ctx.principal, form.license_id) {
        (Principal::License(license), _) => license.id,
        (_, Some(id)) => id,
        (_, None) => {
            return Err(Error::field(
                "license_id",
                "required",
                "Name the licence, or come with its key",
            ));
        }
    };
    ctx.command(async move |tx| {
        let mut license = shared::license(tx, &deed.room, id).await?.ok_or_else(issue::missing)?;
        let policy = shared::policy_of(tx, &license).await?;
        if let Some(obstacle) = rules::obstacle(&license, policy.as_ref(), deed.now) {
            return Err(obstacle);
        }
        let uniqueness = policy.as_ref().map_or(Uniqueness::PerLicense, |policy| policy.uniqueness);
        if let Some(known) = shared::machine_of(tx, &license, &form.fingerprint).await? {
            return match uniqueness {
                Uniqueness::PerLicense => Answer::one("machine", &MachineView::new(&known, deed.now)),
                _ => Err(taken()),
            };
        }
        make_room(tx, &deed, &license, policy.as_ref(), &form.fingerprint).await?;
        let max = rules::machines_max(&license, policy.as_ref());
        if let Some(max) = max.filter(|max| license.machines_count >= *max) {
            let is_floating = policy.as_ref().is_some_and(|policy| policy.floating);
            return Err(rules::full(max, license.machines_count, is_floating));
        }
        let row = fresh(&deed, &license, policy.as_ref(), &form, address);
        shared::insert(tx, &row).await?;
        license.machines_count += 1;
        license.updated_at = deed.now.0;
        shared::replace(tx, &license).await?;
        let view = MachineView::new(&row, deed.now);
        tx.emit(deed.event("machine.activated", "machine", &view, vec![license.product])?);
        if max == Some(license.machines_count) {
            issue::tell(tx, &deed, "license.limit_reached", &license).await?;
        }
        Answer::created("machine", &view)
    })
    .await
}

/// Where a fingerprint must be unique beyond its licence, the machine that has it moves over, if the policy lets it.
async fn make_room(tx: &Tx, deed: &Deed, license: &Model, policy: Option<&policy::Model>, fingerprint: &str) -> Result<()> {
    let Some(policy) = policy else { return Ok(()) };
    let Some(other) = store::elsewhere(tx, license, policy.uniqueness, fingerprint).await? else {
        return Ok(());
    };
    if !policy.allow_transfer {
        return Err(taken());
    }
    super::service::remove(tx, deed, other).await.map(|_| ())
}

fn taken() -> Error {
    Error::new(Code::Conflict, "A machine of this fingerprint is active already.")
}

fn fresh(deed: &Deed, license: &Model, policy: Option<&policy::Model>, form: &CreateMachine, address: IpAddr) -> machine::Model {
    machine::Model {
        id: deed.id(),
        tenant: license.tenant,
        mode: license.mode,
        license: license.id,
        policy: license.policy,
        fingerprint: form.fingerprint.clone(),
        name: form.name.clone(),
        hostname: form.hostname.clone(),
        platform: form.platform.clone(),
        cores: form.cores,
        address: Some(address.to_string()),
        metadata: form.metadata.clone().unwrap_or_else(|| serde_json::json!({})).into(),
        last_heartbeat_at: None,
        due_at: rules::heartbeat_due(policy, deed.now),
        dead_at: None,
        seat_until_at: None,
        seen_at: deed.now.0,
        created_at: deed.now.0,
        updated_at: deed.now.0,
        deleted_at: None,
    }
}
