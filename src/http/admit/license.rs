//! A licence key as a credential: whoever has it may speak for the machines of that licence, and for nothing else.

use super::{Door, Entry, Refused, invalid_token};
use crate::actors::meter::MeterKey;
use crate::context::{LicenseRecord, Principal, Room};
use crate::domain::rate_limit::Limits;
use crate::domain::{Mode, license_key};
use crate::http::route::Guard;
use crate::store::credentials;
use std::sync::Arc;

impl Door<'_> {
    /// The licence key of the request, where the route takes one.
    pub(super) fn license_key(&self) -> Option<&str> {
        let is_taken = matches!(self.route.guard, Guard::License(_)) && self.presented.is_license();
        self.presented.authorization.as_deref().filter(|_| is_taken)
    }

    /// Asks who a licence key belongs to; what the licence may still do is for the operation to judge.
    pub(super) async fn license(&self, key: &str) -> Result<Entry, Refused> {
        let digest = license_key::digest(key);
        let found = credentials::license_by_digest(&self.house.store, &digest.0).await?;
        let (license, tenant) = found.ok_or_else(invalid_token)?;
        let mode = Mode::from(license.mode);
        let room = Room::of(&tenant, mode).ok_or_else(invalid_token)?;
        let quota = match self.tier() {
            // The address is charged instead.
            Some(_) => None,
            None => {
                let limits = Limits::per_minute(self.choice.dialect.limits.per_minute);
                let key = MeterKey::License(license.id, self.address);
                Some(self.house.actors.metered(key, limits, 1, self.now).await?)
            }
        };
        let record = LicenseRecord {
            id: license.id,
            tenant: license.tenant,
            mode,
        };
        Ok(Entry {
            principal: Principal::License(Arc::new(record)),
            room: Some(room),
            dialect: None,
            quota,
        })
    }
}
