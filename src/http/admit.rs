//! From what a request presents to who asks: one question to the tenant's actor for a key, one read for a session.

mod holding;
mod limits;
mod session;

use super::credential::Presented;
use super::route::{Guard, Route};
use crate::actors::tenant::messages::{Admit, Refusal};
use crate::context::{House, Principal, Room};
use crate::domain::api_key;
use crate::domain::dialect::{Choice, Dialect, Rule};
use crate::domain::rate_limit::Quota;
use crate::domain::{Code, Error, Kind, Mode, Scope, ScopeSet, Timestamp};
use crate::store::credentials;
use actix_web::HttpRequest;
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

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
        // A route that asks for nothing looks at no key: neither a probe nor a sign-in fails for a key that has ended.
        let is_open = self.route.guard == Guard::Public(None);
        if let Some(raw) = self.presented.key(&self.house.dialects).filter(|_| !is_open) {
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
            Guard::Session | Guard::Owner | Guard::Person | Guard::Operator | Guard::OperatorOrSession
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
            Guard::Session | Guard::Owner | Guard::Person | Guard::Operator | Guard::OperatorOrSession => {
                u32::from(dialect.status_of(Code::SessionRequired) != 401)
            }
            _ => 1,
        };
        (scope, cost)
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
