//! A key: found by its own route or by the directory, judged by its tenant's actor, and then by the route it came to.

use super::{Door, Entry, Refused, invalid_token};
use crate::actors::tenant::messages::{Admit, KeyRecord};
use crate::context::{Principal, Room};
use crate::domain::api_key;
use crate::domain::dialect::{Dialect, Rule};
use crate::domain::{Code, Error, Mode, Scope, ScopeSet};
use crate::http::route::Guard;
use std::sync::Arc;
use uuid::Uuid;

impl Door<'_> {
    /// Asks in one message whether the key may come in.
    pub(super) async fn key(&self, raw: &str) -> Result<Entry, Refused> {
        let Some((dialect, _)) = self.house.dialects.by_key(raw) else {
            return Err(invalid_token().into());
        };
        let is_native = dialect.name == self.house.dialects.native().name;
        let is_foreign = self.choice.by == Rule::Path && self.choice.dialect.name != dialect.name;
        if is_foreign && !is_native {
            return Err(invalid_token().into());
        }
        if !is_native && self.knows_no_bearer() && self.presented.is_bearer(raw) {
            return Err(invalid_token().into());
        }
        let answered_in = (!is_foreign).then(|| dialect.clone());
        let parsed = api_key::parse(raw);
        let route = match parsed.route {
            Some(route) => route,
            // Keys without a checksum of ours, such as imported ones, are found by their digest.
            None => self.house.actors.locate(parsed.digest).await?.ok_or_else(invalid_token)?,
        };
        let (scope, cost) = self.need(dialect);
        let admit = Admit {
            digest: parsed.digest,
            scope,
            cost,
            address: self.address,
            now: self.now,
        };
        let admitted = self.house.actors.admit(route, admit).await.map_err(|refusal| {
            let refused = Refused::from(refusal);
            Refused {
                error: name_scope(refused.error, scope, dialect),
                dialect: answered_in.clone(),
                ..refused
            }
        })?;
        let (key, quota) = (admitted.key, Some(admitted.quota));
        if let Some(error) = self.key_refused(&key) {
            return Err(Refused {
                error,
                quota,
                dialect: answered_in,
                tenant: Some(key.tenant),
            });
        }
        Ok(Entry {
            room: Some(room(&key)),
            principal: Principal::Key(key),
            dialect: answered_in,
            quota,
        })
    }

    /// What the key must hold and what the call costs it.
    fn need(&self, dialect: &Dialect) -> (Option<Scope>, u32) {
        let scope = match self.route.guard {
            Guard::Scope(scope) | Guard::Buyer(scope) | Guard::License(scope) | Guard::Public(Some(scope)) => Some(scope),
            _ => None,
        };
        let cost = match self.route.guard {
            // The address is charged instead.
            _ if self.tier().is_some() => 0,
            // A key that can never open the route is told so without a charge where that is a 401.
            guard if is_closed_to_keys(guard) => u32::from(dialect.status_of(Code::SessionRequired) != 401),
            _ => 1,
        };
        (scope, cost)
    }

    /// Why a good key may not call this route.
    fn key_refused(&self, key: &Arc<KeyRecord>) -> Option<Error> {
        let guard = self.route.guard;
        if is_closed_to_keys(guard) {
            return Some(Error::new(Code::SessionRequired, "A key cannot do this; sign in instead."));
        }
        if guard == Guard::Everything && (key.scopes != ScopeSet::ALL || key.mode != Mode::Live) {
            return Some(Error::new(
                Code::ScopeMissing,
                "Only a live key with full access can do this.",
            ));
        }
        self.names_another(&key.tenant_slug, key.tenant)
    }

    /// The refusal of a call that names another tenant than the credential's.
    pub(super) fn names_another(&self, slug: &str, id: Uuid) -> Option<Error> {
        let is_foreign = |name: &str| name != slug && Uuid::try_parse(name) != Ok(id);
        self.named_tenant.is_some_and(is_foreign).then(|| {
            Error::new(
                Code::ForeignTenant,
                "Nothing of that creator is within this credential's reach.",
            )
        })
    }
}

const fn is_closed_to_keys(guard: Guard) -> bool {
    matches!(
        guard,
        Guard::Session | Guard::Owner | Guard::Person | Guard::Operator | Guard::OperatorOrSession
    )
}

fn room(key: &KeyRecord) -> Room {
    Room {
        tenant: key.tenant,
        mode: key.mode,
        slug: key.tenant_slug.clone(),
        dialect: key.tenant_dialect.clone(),
        route: key.route,
    }
}

fn name_scope(mut error: Error, scope: Option<Scope>, dialect: &Dialect) -> Error {
    if let (Code::ScopeMissing, Some(scope)) = (error.code, scope) {
        error.message = format!("This key lacks the scope `{}`.", dialect.scope_name(scope)).into();
    }
    error
}
