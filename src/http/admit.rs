//! From what a request presents to who asks: one question to the tenant's actor for a key, one read for a session.

mod holding;
mod key;
mod left;
mod license;
mod limits;
mod session;

pub use left::{left, spoken};

use super::credential::Presented;
use super::route::{Guard, Route};
use crate::actors::tenant::messages::Refusal;
use crate::context::{House, Principal, Room};
use crate::domain::dialect::{Choice, Dialect, Rule};
use crate::domain::rate_limit::Quota;
use crate::domain::{Code, Error, Kind, Mode, Timestamp};
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
            Ok(entry) => match self.in_tier(entry).await {
                Ok(entry) => self.in_window(entry).await,
                refused => refused,
            },
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
                Some(_) if self.knows_no_bearer() => Err(invalid_token().into()),
                Some(secret) => self.operator(secret).await,
            };
        }
        if let Some(key) = self.license_key() {
            return self.license(key).await;
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

    /// Whether the contract of the path has no `Authorization` header; native keys and sessions are good in it all the same.
    fn knows_no_bearer(&self) -> bool {
        self.choice.by == Rule::Path && !self.choice.dialect.credential.bearer
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
