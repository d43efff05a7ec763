//! From what a request presents to who asks: one question to the tenant's actor for a key, one read for a session.

use super::cors;
use super::credential::{Carrier, Presented};
use super::route::{Guard, Route};
use crate::actors::meter::MeterKey;
use crate::actors::tenant::messages::{Admit, Refusal};
use crate::context::{House, Principal, Room, Signed};
use crate::domain::api_key::{self, Digest};
use crate::domain::dialect::{Choice, Dialect, Rule};
use crate::domain::rate_limit::{Limits, Quota, Window};
use crate::domain::time::DAY_MS;
use crate::domain::{Code, Error, Kind, Mode, Scope, ScopeSet, Timestamp};
use crate::store::credentials;
use actix_web::HttpRequest;
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// Failed authentications an address may make in a clock minute.
const FAILURES_PER_MINUTE: u32 = 60;
/// Calls a person's sessions may make in a clock minute.
const PERSON_PER_MINUTE: u32 = 1_200;

/// Who may come in.
pub struct Entry {
    /// Who asks.
    pub principal: Principal,
    /// The room the credential opens.
    pub room: Option<Room>,
    /// The dialect of the answer, where the credential has a say in it.
    pub dialect: Option<Arc<Dialect>>,
    /// What is left of the caller's limits.
    pub quota: Option<Quota>,
}

/// A refusal, with what is left where that is known.
pub struct Refused {
    /// Why.
    pub error: Error,
    /// What is left of the caller's limits.
    pub quota: Option<Quota>,
    /// The dialect of the refusal, where the credential has a say in it.
    pub dialect: Option<Arc<Dialect>>,
    /// Whose credential it was, where it proved anything.
    pub tenant: Option<Uuid>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self {
            error,
            quota: None,
            dialect: None,
            tenant: None,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let tenant = refusal.key.map(|key| key.tenant);
        Self {
            error: refusal.error,
            quota: refusal.quota,
            dialect: None,
            tenant,
        }
    }
}

/// The question: may this request come in?
pub struct Door<'a> {
    /// The process-wide parts.
    pub house: &'a House,
    /// The request.
    pub request: &'a HttpRequest,
    /// What it presents.
    pub presented: &'a Presented,
    /// The dialect its path and credential chose.
    pub choice: &'a Choice,
    /// The route that was met.
    pub route: &'static Route,
    /// Where the call comes from.
    pub address: IpAddr,
    /// The call's moment.
    pub now: Timestamp,
    /// The tenant that an operator's call names in its body.
    pub named_tenant: Option<&'a str>,
}

impl Door<'_> {
    /// Judges the request.
    ///
    /// # Errors
    /// 401, 429, 403 in this order; only a failed authentication counts against the address.
    pub async fn open(&self) -> Result<Entry, Refused> {
        match self.judge().await {
            Ok(entry) => self.in_tier(entry).await,
            Err(refused) if refused.error.kind() == Kind::Unauthenticated && refused.quota.is_none() => {
                Err(self.failed(refused).await)
            }
            Err(refused) if refused.error.kind() == Kind::Forbidden => Err(self.refused_in_tier(refused).await),
            Err(refused) => Err(refused),
        }
    }

    /// A 401: it costs nothing but, where a credential was sent, one of the failures its address may make.
    async fn failed(&self, mut refused: Refused) -> Refused {
        let cost = u32::from(refused.error.code == Code::InvalidToken);
        let key = MeterKey::FailedAuth(self.address);
        let limits = Limits::per_minute(FAILURES_PER_MINUTE);
        let quota = match self.house.actors.metered(key, limits, cost, self.now).await {
            Ok(quota) => quota,
            Err(refusal) => {
                if cost > 0 {
                    refused.error = refusal.error;
                }
                refusal.quota.unwrap_or_default()
            }
        };
        refused.quota = Some(match self.tier() {
            Some((key, limits)) if refused.error.kind() == Kind::Unauthenticated => {
                let seen = self.house.actors.metered(key, limits, 0, self.now).await;
                seen.unwrap_or_else(|refusal| refusal.quota.unwrap_or(quota))
            }
            _ => self.with_day(quota),
        });
        refused
    }

    /// Where a contract counts days too, nothing of the address's day is spent by calls that prove nothing.
    fn with_day(&self, quota: Quota) -> Quota {
        let reset_at = Timestamp(self.now.floor(DAY_MS).0 + DAY_MS);
        let limit = self.choice.dialect.limits.per_day;
        let day = limit.map(|limit| Window {
            limit,
            remaining: limit,
            reset_at,
        });
        Quota { day, ..quota }
    }

    /// The limit per address that stands in place of the caller's own, where the contract has one for the operation.
    fn tier(&self) -> Option<(MeterKey, Limits)> {
        let limit = *self.choice.dialect.limits.tiers.get(self.route.op)?;
        Some((MeterKey::Op(self.route.op, self.address), Limits::per_minute(limit)))
    }

    async fn in_tier(&self, mut entry: Entry) -> Result<Entry, Refused> {
        let Some((key, limits)) = self.tier() else { return Ok(entry) };
        match self.house.actors.metered(key, limits, 1, self.now).await {
            Ok(quota) => {
                entry.quota = Some(quota);
                Ok(entry)
            }
            Err(refusal) => {
                let tenant = entry.room.map(|room| room.tenant);
                Err(Refused {
                    dialect: entry.dialect,
                    tenant,
                    ..Refused::from(refusal)
                })
            }
        }
    }

    /// A 403 costs what a good call costs, and 429 goes before it.
    async fn refused_in_tier(&self, mut refused: Refused) -> Refused {
        let Some((key, limits)) = self.tier() else { return refused };
        match self.house.actors.metered(key, limits, 1, self.now).await {
            Ok(quota) => refused.quota = Some(quota),
            Err(refusal) => (refused.error, refused.quota) = (refusal.error, refusal.quota),
        }
        refused
    }

    async fn judge(&self) -> Result<Entry, Refused> {
        if let Some(secret) = &self.presented.secret {
            return self.operator(secret).await;
        }
        if self.route.guard == Guard::Operator {
            return match &self.presented.authorization {
                None => Err(unauthenticated().into()),
                Some(secret) => self.operator(secret).await,
            };
        }
        let session = self.presented.session();
        if let (Guard::OperatorOrSession, None, Some(secret)) = (self.route.guard, session, &self.presented.authorization) {
            return self.operator(secret).await;
        }
        if let Some((token, carrier)) = session
            && let Some(entry) = self.session(token, carrier).await?
        {
            return Ok(entry);
        }
        if let Some(raw) = self.presented.key(&self.house.dialects) {
            return self.key(raw).await;
        }
        match self.route.guard {
            Guard::Public(_) => Ok(Entry {
                principal: Principal::Anonymous,
                room: None,
                dialect: None,
                quota: None,
            }),
            _ if session.is_some() => Err(invalid_token().into()),
            _ => Err(unauthenticated().into()),
        }
    }

    async fn operator(&self, secret: &str) -> Result<Entry, Refused> {
        if !self.house.is_admin_secret(secret) {
            return Err(invalid_token().into());
        }
        let tenant = match self.named_tenant {
            None => None,
            Some(name) => credentials::tenant_by_name(&self.house.store, name).await?,
        };
        let room = tenant.and_then(|tenant| Room::of(&tenant, Mode::Live));
        let principal = Principal::Operator {
            named: self.named_tenant.map(str::to_owned),
        };
        Ok(Entry {
            principal,
            room,
            dialect: None,
            quota: None,
        })
    }

    /// A key, by one message to its tenant's actor.
    async fn key(&self, raw: &str) -> Result<Entry, Refused> {
        let Some((dialect, _)) = self.house.dialects.by_key(raw) else {
            return Err(invalid_token().into());
        };
        let native = dialect.name == self.house.dialects.native().name;
        let foreign = self.choice.by == Rule::Path && self.choice.dialect.name != dialect.name;
        if foreign && !native {
            return Err(invalid_token().into());
        }
        let parsed = api_key::parse(raw);
        let digest = parsed.digest;
        let route = match parsed.route {
            Some(route) => route,
            // Keys without a checksum of ours, such as imported ones, are found by their digest.
            None => self.house.actors.locate(digest).await?.ok_or_else(invalid_token)?,
        };
        let (scope, cost) = self.need(dialect);
        let admit = Admit {
            digest,
            scope,
            cost,
            address: self.address,
            now: self.now,
        };
        let answer_dialect = (!foreign).then(|| dialect.clone());
        let admitted = match self.house.actors.admit(route, admit).await {
            Ok(admitted) => admitted,
            Err(refusal) => {
                let refused = Refused::from(refusal);
                return Err(Refused {
                    error: name_scope(refused.error, scope, dialect),
                    dialect: answer_dialect,
                    ..refused
                });
            }
        };
        if matches!(
            self.route.guard,
            Guard::Session | Guard::Person | Guard::Operator | Guard::OperatorOrSession
        ) {
            let error = Error::new(Code::SessionRequired, "A key cannot do this; sign in instead.");
            return Err(Refused {
                error,
                quota: Some(admitted.quota),
                dialect: answer_dialect,
                tenant: Some(admitted.key.tenant),
            });
        }
        let key = admitted.key;
        if self.route.guard == Guard::Everything && (key.scopes != ScopeSet::ALL || key.mode != Mode::Live) {
            let error = Error::new(Code::ScopeMissing, "Only a live key with full access can do this.");
            return Err(Refused {
                error,
                quota: Some(admitted.quota),
                dialect: answer_dialect,
                tenant: Some(key.tenant),
            });
        }
        let is_foreign = |name: &str| name != key.tenant_slug && uuid::Uuid::try_parse(name) != Ok(key.tenant);
        if self.named_tenant.is_some_and(is_foreign) {
            let error = Error::new(Code::ForeignTenant, "Nothing of that creator is within this key's reach.");
            return Err(Refused {
                error,
                quota: Some(admitted.quota),
                dialect: answer_dialect,
                tenant: Some(key.tenant),
            });
        }
        let room = Room {
            tenant: key.tenant,
            mode: key.mode,
            slug: key.tenant_slug.clone(),
            dialect: key.tenant_dialect.clone(),
            route,
        };
        Ok(Entry {
            principal: Principal::Key(key),
            room: Some(room),
            dialect: answer_dialect,
            quota: Some(admitted.quota),
        })
    }

    /// What the key must hold and what the call costs it.
    fn need(&self, dialect: &Dialect) -> (Option<Scope>, u32) {
        let scope = match self.route.guard {
            Guard::Scope(scope) | Guard::Public(Some(scope)) => Some(scope),
            _ => None,
        };
        let cost = match self.route.guard {
            // The address is charged instead.
            _ if self.tier().is_some() => 0,
            // A key that can never open the route is told so without a charge where that is a 401.
            Guard::Session | Guard::Person | Guard::Operator | Guard::OperatorOrSession => {
                u32::from(dialect.status_of(Code::SessionRequired) != 401)
            }
            _ => 1,
        };
        (scope, cost)
    }

    /// A session; `None` where the token proves nothing.
    async fn session(&self, token: &str, carrier: Carrier) -> Result<Option<Entry>, Refused> {
        let digest = Digest::of(token);
        let found = credentials::session_by_digest(&self.house.store, &digest.0).await?;
        let Some(found) = found.filter(|found| found.session.expires_at > self.now.0) else {
            return Ok(None);
        };
        let limits = Limits::per_minute(PERSON_PER_MINUTE);
        let quota = self
            .house
            .actors
            .metered(MeterKey::Person(found.person.id), limits, 1, self.now)
            .await?;
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
            self.person_refused(&signed, is_suspended)
        };
        if let Some(error) = refusal {
            let tenant = room.map(|room| room.tenant);
            return Err(Refused {
                error,
                quota: Some(quota),
                dialect,
                tenant,
            });
        }
        Ok(Some(Entry {
            principal: Principal::Person(Arc::new(signed)),
            room,
            dialect,
            quota: Some(quota),
        }))
    }

    /// Why somebody who is signed in may not call this route.
    fn person_refused(&self, signed: &Signed, is_suspended: bool) -> Option<Error> {
        let needs_tenant = match self.route.guard {
            Guard::Scope(_) | Guard::Credential if signed.role.is_none() => return Some(unauthenticated()),
            Guard::Session | Guard::OperatorOrSession if signed.role.is_none() => {
                return Some(Error::new(Code::Forbidden, "Only somebody who owns a shop can do this."));
            }
            Guard::Everything if !signed.is_owner() => {
                return Some(Error::new(Code::Forbidden, "Only the shop's owner can do this."));
            }
            Guard::Scope(_) | Guard::Credential | Guard::Session | Guard::OperatorOrSession | Guard::Everything => true,
            Guard::Public(_) | Guard::Person | Guard::Operator => false,
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

fn name_scope(mut error: Error, scope: Option<Scope>, dialect: &Dialect) -> Error {
    if let (Code::ScopeMissing, Some(scope)) = (error.code, scope) {
        error.message = format!("This key lacks the scope `{}`.", dialect.scope_name(scope)).into();
    }
    error
}

fn unauthenticated() -> Error {
    Error::new(Code::Unauthenticated, "No credential was sent.")
}

fn invalid_token() -> Error {
    Error::new(
        Code::InvalidToken,
        "The credential is malformed, unknown, expired or revoked.",
    )
}

fn suspended_tenant() -> Error {
    Error::new(Code::Forbidden, "This tenant is suspended.")
}
