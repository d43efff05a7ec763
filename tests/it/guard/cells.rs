//! What each caller is told at each route, by the contracts.

use crate::dialects::contract::Refusal;
use fondaco::domain::Scope;
use fondaco::http::{Guard, Route};

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    Malformed,
    Mistyped,
    Unknown,
    Expired,
    Revoked,
    OtherTenant,
    WithoutScope,
    Spent,
}

impl Who {
    pub(super) const ALL: [Self; 9] = [
        Self::Nobody,
        Self::Malformed,
        Self::Mistyped,
        Self::Unknown,
        Self::Expired,
        Self::Revoked,
        Self::OtherTenant,
        Self::WithoutScope,
        Self::Spent,
    ];

    /// Whether what he shows proves nothing.
    fn is_bad(self) -> bool {
        matches!(
            self,
            Self::Malformed | Self::Mistyped | Self::Unknown | Self::Expired | Self::Revoked
        )
    }
}

/// What a cell must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// This refusal.
    Refused(Refusal),
    /// Neither 401, 403 nor 429: the route is open to him, whatever it says then.
    Open,
    /// Such a caller cannot be at such a route.
    Nothing,
}

/// The dialect that speaks at a path when the caller is of `dialect`.
pub(super) fn speaker<'a>(path: &str, dialect: &'a str) -> &'a str {
    const LICENTRIC: [&str; 4] = ["licenses", "machines", "policies", "entitlements"];
    const BIG_CLASS: [&str; 5] = ["courses", "students", "orders", "enrollments", "live-sessions"];
    let first = path
        .strip_prefix("/api/v1/")
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    let is_verb = path
        .rsplit_once('/')
        .is_some_and(|(before, verb)| before.is_empty() && verb.contains(char::is_uppercase));
    match () {
        () if path.starts_with("/operator/") || path.starts_with("/api/auth/") => "fondaco",
        () if path.starts_with("/v1/") => "openclaw",
        () if is_verb => "cgls",
        // The native dialect's keys bring their own words along on shared paths.
        () if dialect == "fondaco" => dialect,
        () if LICENTRIC.contains(&first) => "licentric",
        () if BIG_CLASS.contains(&first) || path.starts_with("/api/v1/analytics/summary") => "bigclass",
        () => dialect,
    }
}

/// What a caller of a dialect must be told at a route.
pub(super) fn expected(route: &Route, dialect: &str, who: Who) -> Expect {
    use Expect::{Nothing, Open, Refused};
    let speaker = speaker(route.path, dialect);
    // A key of another contract's is nothing at a path that belongs to one.
    let is_foreign = speaker != dialect && dialect != "fondaco";
    let is_operators = matches!(route.guard, Guard::Operator | Guard::OperatorOrSession);
    let by_secret = dialect == "cgls" && is_operators;
    match (route.guard, who) {
        (Guard::Public(None), Who::OtherTenant | Who::WithoutScope | Who::Spent) => Nothing,
        (Guard::Public(None), _) => Open,
        (Guard::Public(Some(_)), Who::Nobody) => Open,
        (_, Who::Nobody) => Refused(Refusal::Anonymous),
        // The operator's secret is no key, and his routes look for nothing but a bearer.
        (Guard::Operator, Who::OtherTenant) => Nothing,
        (Guard::Operator, _) if by_secret => Refused(Refusal::Anonymous),
        (_, Who::OtherTenant) if !has_place(route) => Nothing,
        (Guard::Public(_), Who::OtherTenant) => Nothing,
        _ if is_operators && (!by_secret || who.is_bad()) => Refused(Refusal::BadCredential),
        _ if who.is_bad() => Refused(Refusal::BadCredential),
        (Guard::Session | Guard::Owner | Guard::Person, Who::OtherTenant) => Refused(Refusal::NotFound),
        _ if is_foreign => Refused(Refusal::BadCredential),
        // Its contract has an empty page for a customer nobody knows.
        (_, Who::OtherTenant) if route.op == "users.access_list" => Open,
        (_, Who::OtherTenant) => Refused(Refusal::NotFound),
        // Where the refusal is a 403 it costs a call, and 429 goes before it.
        (Guard::Session | Guard::Owner | Guard::Person | Guard::OperatorOrSession, Who::Spent)
            if matches!(dialect, "openclaw" | "bigclass") =>
        {
            Refused(Refusal::Limit)
        }
        (Guard::Session | Guard::Owner | Guard::Person | Guard::OperatorOrSession, _) => Refused(Refusal::KeyWherePerson),
        // Where an operation counts addresses, a key with no calls left is as good as any.
        (Guard::License(_), Who::Spent) if route.op == "machines.create" && speaker == "licentric" => Open,
        (_, Who::Spent) => Refused(Refusal::Limit),
        (Guard::Credential, Who::WithoutScope) => Open,
        (_, Who::WithoutScope) if dialect == "cgls" => Nothing,
        (_, Who::WithoutScope) => Refused(Refusal::Scope),
        _ => Nothing,
    }
}

/// Whether a path names a thing of a tenant's.
pub(super) fn has_place(route: &Route) -> bool {
    route.path.contains('{')
}

/// The scope a route asks a key for.
pub(super) fn scope(route: &Route) -> Option<Scope> {
    match route.guard {
        Guard::Scope(scope) | Guard::Buyer(scope) | Guard::License(scope) | Guard::Public(Some(scope)) => Some(scope),
        _ => None,
    }
}
