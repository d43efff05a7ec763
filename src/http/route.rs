//! A route is data: the operation, where it stands, who may call it, and the handler.

use super::call::Call;
use super::deprecation::Deprecation;
use crate::context::{Answer, Room};
use crate::domain::{Result, Scope};
use actix_web::http::Method;
use futures_util::future::LocalBoxFuture;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody; a key that is sent must hold the scope.
    Public(Option<Scope>),
    /// A key that holds the scope, or an owner's session.
    Scope(Scope),
    /// A key that holds the scope, or any signed-in person.
    Buyer(Scope),
    /// A licence key, for what is its own; else as `Scope`.
    License(Scope),
    /// Any good credential of a tenant.
    Credential,
    /// A live key that may do everything, or the owner's session.
    Everything,
    /// The session of a tenant's owner or member; keys are refused.
    Session,
    /// The session of a tenant's owner; members and keys are refused.
    Owner,
    /// Any signed-in person.
    Person,
    /// The operator, by the admin secret.
    Operator,
    /// The operator, or an owner's session.
    OperatorOrSession,
}

/// How a route's body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// JSON, at most 1 MiB.
    Json,
    /// Bytes as they come, at most 1 MiB.
    Raw,
    /// A form with a file in it (`multipart/form-data`), which flows to disk; as large as an upload may be.
    Upload,
}

/// A handler: one service call between reading and answering.
pub type Handler = fn(Call) -> LocalBoxFuture<'static, Result<Answer>>;

/// Finds the shop that a call is about; none where it names none.
pub type ShopOf = for<'a> fn(&'a Call) -> LocalBoxFuture<'a, Result<Option<Room>>>;

/// One operation at one place.
#[derive(Clone)]
pub struct Route {
    /// Operation id, `slice.verb`: the key of forms, views and replies in a dialect's file.
    pub op: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with `{name}` places.
    pub path: &'static str,
    /// Who may call it.
    pub guard: Guard,
    /// How its body is read.
    pub body: Body,
    /// What it does, in one line, for the API document.
    pub summary: &'static str,
    /// The view its answer is rendered with, for the API document.
    pub view: &'static str,
    /// When it was marked deprecated and when it will end.
    pub deprecated: Option<Deprecation>,
    /// Whether an answer to a POST is kept for a repetition of its `Idempotency-Key`.
    pub is_remembered: bool,
    /// Tells at whose shop a person acts, whose conventions he then meets; without it they are those of his credential.
    pub shop: Option<ShopOf>,
    /// The handler.
    pub handler: Handler,
}

impl Route {
    /// The same route, where a person meets the conventions of the shop that this tells.
    #[must_use]
    pub const fn at_shop(mut self, shop: ShopOf) -> Self {
        self.shop = Some(shop);
        self
    }

    /// The same route, reading its body as it comes.
    #[must_use]
    pub const fn raw(mut self) -> Self {
        self.body = Body::Raw;
        self
    }

    /// The same route, taking a form with a file.
    #[must_use]
    pub const fn upload(mut self) -> Self {
        self.body = Body::Upload;
        self
    }

    /// The same route, marked deprecated; a whole version is marked by doing so with each of its routes.
    #[must_use]
    pub const fn deprecated(mut self, deprecation: Deprecation) -> Self {
        self.deprecated = Some(deprecation);
        self
    }

    /// The same route, whose answers are never kept: sign-ins, whose answer is a credential, and hooks, whose senders
    /// name their messages themselves.
    #[must_use]
    pub const fn unremembered(mut self) -> Self {
        self.is_remembered = false;
        self
    }
}

/// Writes a route: `route!("products.list", GET "/api/v1/products", Guard::Scope(..), "Lists products.", "product", http::list)`.
#[macro_export]
macro_rules! route {
    ($op:literal, $method:ident $path:literal, $guard:expr, $summary:literal, $view:literal, $handler:path) => {
        $crate::http::route::Route {
            op: $op,
            method: actix_web::http::Method::$method,
            path: $path,
            guard: $guard,
            body: $crate::http::route::Body::Json,
            summary: $summary,
            view: $view,
            deprecated: None,
            is_remembered: true,
            shop: None,
            handler: |call| Box::pin($handler(call)),
        }
    };
}
