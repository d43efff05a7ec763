//! A signed-in person: which tenant he acts for, in which mode, and whether he may.

use super::{Door, Entry, Refused, suspended_tenant};
use crate::actors::Refusal;
use crate::actors::meter::MeterKey;
use crate::context::{Principal, Room, Signed};
use crate::domain::api_key::Digest;
use crate::domain::dialect::Dialect;
use crate::domain::rate_limit::{Limits, Quota};
use crate::domain::{Code, Error, Mode};
use crate::http::cors;
use crate::http::credential::Carrier;
use crate::http::route::Guard;
use crate::store::credentials;
use std::sync::Arc;
use uuid::Uuid;

/// What somebody without a shop is told.
const NO_SHOP: &str = "Only somebody who owns a shop can do this.";
/// Calls a person's sessions may make in a clock minute, where his shop's dialect counts them.
pub(super) const PERSON_PER_MINUTE: u32 = 1_200;

impl Door<'_> {
    /// A session; `None` where the token proves nothing.
    pub(super) async fn session(&self, token: &str, carrier: Carrier) -> Result<Option<Entry>, Refused> {
        let digest = Digest::of(token);
        let found = credentials::session_by_digest(&self.house.store, &digest.0).await?;
        let Some(found) = found.filter(|found| found.session.expires_at > self.now.0) else {
            return Ok(None);
        };
        if let Err(error) = credentials::touch_session(&self.house.store, &found.session, self.now).await {
            tracing::debug!(%error, "when a session was last seen was not written");
        }
        let wanted = self.header("x-tenant");
        let membership = match wanted {
            Some(slug) => found.memberships.iter().find(|(_, tenant)| tenant.slug == slug),
            None => found.memberships.first(),
        };
        let mode = self
            .header("x-mode")
            .map_or(Ok(Mode::Live), |text| Mode::parse(text).ok_or(()));
        let room = membership.and_then(|(_, tenant)| Room::of(tenant, mode.unwrap_or(Mode::Live)));
        let dialect = room.as_ref().and_then(|room| self.house.dialects.get(&room.dialect)).cloned();
        let quota = self.count(dialect.as_deref(), found.person.id).await?;
        let signed = Signed {
            session: found.session.id,
            person: found.person.id,
            email: found.person.email.clone(),
            verified: found.person.email_verified_at.is_some(),
            role: membership.map(|(member, _)| member.role),
        };
        let is_suspended = membership.is_some_and(|(_, tenant)| tenant.suspended);
        let refusal = if carrier == Carrier::Cookie && self.is_cross_site() {
            Some(Error::new(
                Code::Forbidden,
                "A cookie is no proof for a request from another site.",
            ))
        } else if wanted.is_some() && membership.is_none() {
            Some(Error::not_found("tenant"))
        } else if mode.is_err() {
            Some(Error::malformed("`X-Mode` is `live` or `test`."))
        } else {
            let named = room.as_ref().and_then(|room| self.names_another(&room.slug, room.tenant));
            self.person_refused(&signed, is_suspended).or(named)
        };
        if let Some(error) = refusal {
            let tenant = room.map(|room| room.tenant);
            return Err(Refused {
                error,
                quota,
                dialect,
                tenant,
            });
        }
        Ok(Some(Entry {
            principal: Principal::Person(Arc::new(signed)),
            room,
            dialect,
            quota,
        }))
    }

    /// Counts a call of a person's, where his shop's dialect does.
    async fn count(&self, dialect: Option<&Dialect>, person: Uuid) -> Result<Option<Quota>, Refusal> {
        if dialect.is_some_and(|dialect| !dialect.limits.counts_sessions) {
            return Ok(None);
        }
        let (key, limits) = (MeterKey::Person(person), Limits::per_minute(PERSON_PER_MINUTE));
        self.house.actors.metered(key, limits, 1, self.now).await.map(Some)
    }

    /// Why somebody who is signed in may not call this route.
    fn person_refused(&self, signed: &Signed, is_suspended: bool) -> Option<Error> {
        let needs_tenant = match self.route.guard {
            Guard::Scope(_) | Guard::License(_) | Guard::Credential if signed.role.is_none() => {
                return Some(Error::new(Code::NoShop, NO_SHOP));
            }
            Guard::Session | Guard::Owner | Guard::OperatorOrSession if signed.role.is_none() => {
                return Some(Error::new(Code::Forbidden, NO_SHOP));
            }
            Guard::Owner | Guard::Everything if !signed.is_owner() => {
                return Some(Error::new(Code::Forbidden, "Only the shop's owner can do this."));
            }
            Guard::Scope(_)
            | Guard::License(_)
            | Guard::Credential
            | Guard::Session
            | Guard::Owner
            | Guard::OperatorOrSession
            | Guard::Everything => true,
            Guard::Public(_) | Guard::Buyer(_) | Guard::Person | Guard::Operator => false,
        };
        (needs_tenant && is_suspended).then(suspended_tenant)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether a browser says that another site made it send this writing request.
    fn is_cross_site(&self) -> bool {
        if self.request.method().is_safe() {
            return false;
        }
        let site = self
            .header("sec-fetch-site")
            .is_some_and(|site| !matches!(site, "same-origin" | "none"));
        let origin = self
            .header("origin")
            .is_some_and(|origin| !cors::is_own(&self.house.public_url, origin));
        site || origin
    }
}
