//! What a credential may do, in neutral names; dialects spell them their own way.

use std::fmt;

macro_rules! scopes {
    ($( $variant:ident = $name:literal; )*) => {
        /// One neutral permission, `resource:verb`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "the names say it: the resource and what may be done to it")]
        pub enum Scope { $( $variant, )* }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Scope] = &[$( Scope::$variant, )*];

            /// The neutral name, `resource:verb`.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }
        }
    };
}

scopes! {
    ProductsRead = "products:read"; ProductsWrite = "products:write";
    UsersRead = "users:read"; UsersWrite = "users:write";
    CouponsRead = "coupons:read"; CouponsWrite = "coupons:write";
    AnalyticsRead = "analytics:read";
    PaymentsRead = "payments:read"; PaymentsWrite = "payments:write"; PaymentsRefund = "payments:refund";
    WebhooksRead = "webhooks:read"; WebhooksWrite = "webhooks:write";
    IntegrationsWrite = "integrations:write";
    RefundRequestsRead = "refund-requests:read"; RefundRequestsWrite = "refund-requests:write";
    SystemRead = "system:read"; SystemWrite = "system:write";
    PurchasesRead = "purchases:read"; PurchasesWrite = "purchases:write";
    DownloadsRead = "downloads:read";
    ReviewsWrite = "reviews:write";
    CoursesRead = "courses:read"; CoursesWrite = "courses:write";
    StudentsRead = "students:read"; StudentsWrite = "students:write";
    EnrollmentsWrite = "enrollments:write";
    OrdersRead = "orders:read";
    LicensesRead = "licenses:read"; LicensesWrite = "licenses:write";
    MachinesRead = "machines:read"; MachinesWrite = "machines:write";
    PoliciesRead = "policies:read"; PoliciesWrite = "policies:write";
    EntitlementsRead = "entitlements:read"; EntitlementsWrite = "entitlements:write";
}

impl Scope {
    /// Reads a neutral name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of scopes, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(u64);

impl ScopeSet {
    /// No permission at all.
    pub const NONE: Self = Self(0);
    /// Every permission, also those added later.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether the scope is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u64) != 0
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | (1 << scope as u64))
    }

    /// Everything in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is allowed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes in the set, in catalogue order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::NONE, Self::with)
    }
}
