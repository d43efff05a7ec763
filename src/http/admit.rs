//! From what a request presents to who asks: one question to the tenant's actor for a key, one read for a session.

use super::credential::{Carrier, Presented};
use super::route::Guard;
use crate::actors::meter::MeterKey;
use crate::actors::tenant::messages::Admit;
use crate::context::{House, Principal, Room, Signed};
use crate::domain::api_key::{self, Digest, TenantRoute};
use crate::domain::dialect::{Choice, Dialect, Rule};
use crate::domain::rate_limit::{Limits, Quota};
use crate::domain::{Code, Error, Mode, Scope, Timestamp};
use crate::store::credentials;
use actix_web::HttpRequest;
use std::net::IpAddr;
use std::sync::Arc;

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
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self {
            error,
            quota: None,
            dialect: None,
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
    /// Who may call the route.
    pub guard: Guard,
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
        let result = self.judge().await;
        let Err(mut refused) = result else { return result };
        if refused.error.code.kind() == crate::domain::Kind::Unauthenticated && refused.quota.is_none() {
            let limits = Limits {
                per_minute: Some(FAILURES_PER_MINUTE),
                per_day: None,
            };
            let key = MeterKey::FailedAuth(self.address);
            let counted = matches!(refused.error.code, Code::InvalidToken);
            let metered = if counted {
                self.house.actors.meter(key, limits, self.now).await
            } else {
                self.house.actors.meter_peek(key, limits, self.now).await
            };
            match metered {
                Ok(quota) => refused.quota = Some(quota),
                Err(error) if counted => refused.error = error,
                Err(_) => {}
            }
        }
        Err(refused)
    }

    async fn judge(&self) -> Result<Entry, Refused> {
        if let Some(secret) = &self.presented.secret {
            return self.operator(secret).await;
        }
        if self.guard == Guard::Operator {
            return match &self.presented.authorization {
                None => Err(unauthenticated().into()),
                Some(secret) => self.operator(secret).await,
            };
        }
        let session = self.presented.session();
        if let (Guard::OperatorOrSession, None, Some(secret)) = (self.guard, session, &self.presented.authorization) {
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
        match self.guard {
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
        let Some((dialect, mode)) = self.house.dialects.by_key(raw) else {
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
            None => self.directory(&digest).await?,
        };
        let (scope, cost) = match self.guard {
            Guard::Scope(scope) | Guard::Public(Some(scope)) => (Some(scope), 1),
            Guard::Public(None) | Guard::Credential => (None, 1),
            // A key that can never open the route is told so without a charge where that is a 401.
            Guard::Session | Guard::Person | Guard::Operator | Guard::OperatorOrSession => {
                (None, u32::from(dialect.status_of(Code::SessionRequired) != 401))
            }
        };
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
                return Err(Refused {
                    error: self.name_scope(refusal.error, scope, dialect),
                    quota: refusal.quota,
                    dialect: answer_dialect,
                });
            }
        };
        if matches!(
            self.guard,
            Guard::Session | Guard::Person | Guard::Operator | Guard::OperatorOrSession
        ) {
            let error = Error::new(Code::SessionRequired, "A key cannot do this; sign in instead.");
            return Err(Refused {
                error,
                quota: Some(admitted.quota),
                dialect: answer_dialect,
            });
        }
        let key = admitted.key;
        let is_foreign = |name: &str| name != key.tenant_slug && uuid::Uuid::try_parse(name) != Ok(key.tenant);
        if self.named_tenant.is_some_and(is_foreign) {
            let error = Error::new(Code::ForeignTenant, "Nothing of that creator is within this key's reach.");
            return Err(Refused {
                error,
                quota: Some(admitted.quota),
                dialect: answer_dialect,
            });
        }
        let room = Room {
            tenant: key.tenant,
            mode,
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

    fn name_scope(&self, mut error: Error, scope: Option<Scope>, dialect: &Dialect) -> Error {
        if let (Code::ScopeMissing, Some(scope)) = (error.code, scope) {
            error.message = format!("This key lacks the scope `{}`.", dialect.scope_name(scope)).into();
        }
        error
    }

    /// Keys without a checksum of ours, such as imported ones, are found by their digest.
    async fn directory(&self, digest: &Digest) -> Result<TenantRoute, Refused> {
        credentials::route_of_digest(&self.house.store, digest)
            .await?
            .ok_or_else(|| invalid_token().into())
    }

    /// A session; `None` where the token proves nothing.
    async fn session(&self, token: &str, carrier: Carrier) -> Result<Option<Entry>, Refused> {
        let digest = Digest::of(token);
        let found = credentials::session_by_digest(&self.house.store, &digest.0).await?;
        let Some(found) = found.filter(|found| found.session.expires_at > self.now.0) else {
            return Ok(None);
        };
        if carrier == Carrier::Cookie && self.cross_site() {
            return Err(Error::new(Code::Forbidden, "A cookie is no proof for a request from another site.").into());
        }
        let limits = Limits {
            per_minute: Some(PERSON_PER_MINUTE),
            per_day: None,
        };
        let quota = self
            .house
            .actors
            .meter(MeterKey::Person(found.person.id), limits, self.now)
            .await?;
        let wanted = self.request.headers().get("x-tenant").and_then(|value| value.to_str().ok());
        let membership = match wanted {
            Some(slug) => found.memberships.iter().find(|(_, tenant)| tenant.slug == slug),
            None => found.memberships.first(),
        };
        if wanted.is_some() && membership.is_none() {
            return Err(Error::not_found("tenant").into());
        }
        let signed = Signed {
            session: found.session.id,
            person: found.person.id,
            email: found.person.email.clone(),
            verified: found.person.email_verified_at.is_some(),
            role: membership.map(|(member, _)| member.role),
        };
        let mode = match self.request.headers().get("x-mode").and_then(|value| value.to_str().ok()) {
            None => Mode::Live,
            Some(text) => Mode::parse(text).ok_or_else(|| Error::malformed("`X-Mode` is `live` or `test`."))?,
        };
        let room = membership.and_then(|(_, tenant)| Room::of(tenant, mode));
        let suspended = membership.is_some_and(|(_, tenant)| tenant.suspended);
        let dialect = room.as_ref().and_then(|room| self.house.dialects.get(&room.dialect)).cloned();
        let refusal = match self.guard {
            Guard::Scope(_) | Guard::Credential if room.is_none() => Some(unauthenticated()),
            Guard::Session | Guard::OperatorOrSession if room.is_none() => {
                Some(Error::new(Code::Forbidden, "Only somebody who owns a shop can do this."))
            }
            Guard::Scope(_) | Guard::Credential | Guard::Session if suspended => Some(suspended_tenant()),
            _ => None,
        };
        match refusal {
            Some(error) => Err(Refused {
                error,
                quota: Some(quota),
                dialect,
            }),
            None => Ok(Some(Entry {
                principal: Principal::Person(Arc::new(signed)),
                room,
                dialect,
                quota: Some(quota),
            })),
        }
    }

    /// Whether a browser says that another site made it send this writing request.
    fn cross_site(&self) -> bool {
        if self.request.method().is_safe() {
            return false;
        }
        let header = |name: &str| self.request.headers().get(name).and_then(|value| value.to_str().ok());
        let site = header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
        let origin = header("origin").is_some_and(|origin| origin != self.house.public_url);
        site || origin
    }
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
