//! The closed catalogue of everything that can go wrong, in neutral words.
//!
//! A dialect gives each code its own spelling and, where its contract says so, its own status.

/// What sort of trouble a code stands for; it decides the default status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The caller sent something that breaks a rule.
    Invalid,
    /// No credential, or one that proves nothing.
    Unauthenticated,
    /// A good credential that may not do this.
    Forbidden,
    /// Nothing there for this caller.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The body is beyond its bound.
    TooLarge,
    /// The body's media type is not one the route reads.
    Unsupported,
    /// The state of the thing does not allow it.
    Conflict,
    /// It was there once and never will be again.
    Gone,
    /// Well formed, but a business rule says no.
    Unprocessable,
    /// Too many calls; the error says when to come back.
    RateLimited,
    /// The server cannot do it now; the error says when to come back.
    Unavailable,
    /// The server is at fault.
    Internal,
}

impl Kind {
    /// The status a dialect uses unless its file says otherwise (RFC 9110).
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::Unsupported => 415,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::Unprocessable => 422,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident; )*) => {
        /// A stable, neutral error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $( $(#[$doc])* $variant, )* }

        impl Code {
            /// Every code there is, in catalogue order.
            pub const ALL: &'static [Code] = &[$( Code::$variant, )*];

            /// The stable snake_case name, the key of a dialect's `[errors]` table.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// What sort of trouble it is.
            pub const fn kind(self) -> Kind {
                match self { $( Self::$variant => Kind::$kind, )* }
            }
        }
    };
}

codes! {
    /// A field breaks its rule; `Error::fields` names each.
    Validation = "validation", Invalid;
    /// Not JSON, a path id of the wrong form, a bad cursor or filter value.
    Malformed = "malformed", Invalid;
    /// No credential was sent.
    Unauthenticated = "unauthenticated", Unauthenticated;
    /// The credential is malformed, unknown, expired, revoked or disabled.
    InvalidToken = "invalid_token", Unauthenticated;
    /// A key came where only a person's session will do.
    SessionRequired = "session_required", Unauthenticated;
    /// Somebody signed in who has no shop, where only a shop's people may come in.
    NoShop = "no_shop", Unauthenticated;
    /// Not this caller's to do.
    Forbidden = "forbidden", Forbidden;
    /// The key lacks the scope; the message names it.
    ScopeMissing = "scope_missing", Forbidden;
    /// Nothing of that id for this tenant.
    NotFound = "not_found", NotFound;
    /// A key names a tenant that is not its own.
    ForeignTenant = "foreign_tenant", NotFound;
    /// No such route.
    NoRoute = "no_route", NotFound;
    /// The route does not take this method.
    MethodNotAllowed = "method_not_allowed", MethodNotAllowed;
    /// The body or a header is over its cap.
    TooLarge = "payload_too_large", TooLarge;
    /// The media type is not one the route reads.
    UnsupportedMediaType = "unsupported_media_type", Unsupported;
    /// The state of the thing forbids it.
    Conflict = "conflict", Conflict;
    /// A thing of that unique name exists.
    AlreadyExists = "already_exists", Conflict;
    /// A stated maximum number of things is reached.
    LimitReached = "limit_reached", Conflict;
    /// The same `Idempotency-Key` is being worked on.
    IdempotencyInFlight = "idempotency_in_flight", Conflict;
    /// The same `Idempotency-Key` came with another body.
    IdempotencyMismatch = "idempotency_mismatch", Unprocessable;
    /// Well formed, but a business rule says no.
    BusinessRule = "business_rule", Unprocessable;
    /// It is gone for good.
    Gone = "gone", Gone;
    /// A bucket is empty; `Error::retry_after_s` says how long.
    RateLimited = "rate_limited", RateLimited;
    /// Overloaded, starting, stopping or cut off from the database.
    Unavailable = "unavailable", Unavailable;
    /// A fault of the server; the source is in the log only.
    Internal = "internal", Internal;
}

#[cfg(test)]
mod tests {
    use super::Code;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_snake_case() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        }
    }
}
