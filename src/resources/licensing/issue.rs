//! The making, the changing and the ending of licences: what every contract's operations come down to.

use super::keys::{self, Form};
use super::views::{LicenseView, Surroundings};
use super::{rules, store};
use crate::context::{Deed, House};
use crate::domain::Result;
use crate::store::Tx;
use entities::license::{Kind, Model, Status};
use entities::{policy, product};
use serde_json::json;
use uuid::Uuid;

/// A licence about to be made; what it leaves out its policy says.
pub struct Order<'a> {
    /// What it is a licence of.
    pub product: &'a product::Model,
    /// The rules it follows.
    pub policy: Option<&'a policy::Model>,
    /// The form of its key.
    pub form: Form,
    /// What makes it: `api`, `purchase`, `hook`.
    pub source: &'static str,
}

/// A licence as it begins, with its key in clear: to be completed, and handed to [`issue`].
///
/// # Errors
/// `Internal` where the key cannot be sealed.
pub fn draft(house: &House, deed: &Deed, order: Order<'_>) -> Result<(Model, String)> {
    let id = deed.id();
    let minted = keys::mint(house, id, &order.form)?;
    let now = deed.now.0;
    let row = Model {
        id,
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        product: order.product.id,
        policy: order.policy.map(|policy| policy.id),
        payment: None,
        customer: None,
        digest: minted.digest.0.to_vec(),
        key_sealed: minted.sealed,
        source: order.source.to_owned(),
        name: None,
        email: None,
        holder_name: None,
        tier: None,
        domain: None,
        variant: None,
        kind: Kind::PerMachine,
        status: Status::Active,
        threat_level: 0,
        max_machines: None,
        max_uses: None,
        max_concurrent: None,
        machines_count: 0,
        uses_count: 0,
        violations_count: 0,
        tries_count: 0,
        tries_since_at: None,
        features: Vec::new().into(),
        unlocked_products: Vec::new().into(),
        discount_code: None,
        purchase_ref: None,
        bundle_ref: None,
        order_ref: None,
        order_hash: None,
        token: None,
        metadata: json!({}).into(),
        expires_at: rules::end_from(order.policy, deed.now),
        due_at: None,
        activated_at: None,
        suspended_at: None,
        revoked_at: None,
        revoke_reason: None,
        banned_at: None,
        dispute_reason: None,
        disputed_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    Ok((row, minted.key))
}

/// Writes a licence down and tells of it.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn issue(tx: &Tx, deed: &Deed, mut row: Model) -> Result<(Model, LicenseView)> {
    row.due_at = row.expires_at;
    store::insert(tx, &row).await?;
    store::count_license(tx, &row, 1).await?;
    let view = tell(tx, deed, "license.created", &row).await?;
    Ok((row, view))
}

/// Writes a changed licence back and tells what happened to it.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn change(tx: &Tx, deed: &Deed, row: &mut Model, event: &str) -> Result<LicenseView> {
    row.updated_at = deed.now.0;
    store::replace(tx, row).await?;
    tell(tx, deed, event, row).await
}

/// Withdraws a licence, and tells of it unless it is withdrawn already.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn revoke(tx: &Tx, deed: &Deed, row: &mut Model, reason: Option<&str>) -> Result<LicenseView> {
    if matches!(row.status, Status::Revoked | Status::Banned) {
        let around = Surroundings::of(tx, &deed.room, std::slice::from_ref(row)).await?;
        return Ok(around.view(row, deed.now));
    }
    row.status = Status::Revoked;
    row.revoked_at = Some(deed.now.0);
    row.revoke_reason = reason.map(ToOwned::to_owned);
    row.due_at = None;
    change(tx, deed, row, "license.revoked").await
}

/// Tells of a licence.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn tell(tx: &Tx, deed: &Deed, event: &str, row: &Model) -> Result<LicenseView> {
    let around = Surroundings::of(tx, &deed.room, std::slice::from_ref(row)).await?;
    let view = around.view(row, deed.now);
    let mut told = view.clone();
    if event == "license.revoked" {
        told.product = around.product(row);
        told.crl_url = Some(format!(
            "{}/api/licenses/revoked?seller={}",
            deed.public_url, deed.room.tenant
        ));
    }
    tx.emit(deed.event(event, "license", &told, vec![row.product])?);
    Ok(view)
}

/// Nothing of that id or key.
pub fn missing() -> crate::domain::Error {
    crate::domain::Error::not_found("license").with_text("license_not_found")
}

/// A body names something that is not there.
pub fn dangling(what: &str, id: Uuid) -> crate::domain::Error {
    let message = format!("There is no {what} {id}.");
    crate::domain::Error::new(crate::domain::Code::BusinessRule, message).with_text("reference_not_found")
}
