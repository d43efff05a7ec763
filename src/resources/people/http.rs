//! Handlers of the JSON routes.

use super::service::{self, Asked, Visitor};
use super::types::{Address, AddressOrToken, ChangePassword, Login, Register, ResetPassword};
use crate::context::Answer;
use crate::domain::{Error, Result};
use crate::http::Call;

pub(super) async fn register(call: Call) -> Result<Answer> {
    service::register(&call.ctx, call.form::<Register>()?).await
}

pub(super) async fn verify(call: Call) -> Result<Answer> {
    service::verify(&call.ctx, asked(&call)?).await
}

pub(super) async fn login(call: Call) -> Result<Answer> {
    service::login(&call.ctx, call.form::<Login>()?, visitor(&call)).await
}

pub(super) async fn link(call: Call) -> Result<Answer> {
    match asked(&call)? {
        Asked::Address(email) => service::ask_link(&call.ctx, &email).await,
        Asked::Token(token) => service::redeem_link(&call.ctx, &token, visitor(&call)).await,
    }
}

pub(super) async fn logout(call: Call) -> Result<Answer> {
    service::logout(&call.ctx).await
}

pub(super) async fn sessions(call: Call) -> Result<Answer> {
    service::list(&call.ctx).await
}

pub(super) async fn end_sessions(call: Call) -> Result<Answer> {
    service::end_others(&call.ctx).await
}

pub(super) async fn end_session(call: Call) -> Result<Answer> {
    service::end(&call.ctx, call.id("id")?).await
}

pub(super) async fn forgot(call: Call) -> Result<Answer> {
    service::forgot(&call.ctx, &call.form::<Address>()?.email).await
}

pub(super) async fn reset(call: Call) -> Result<Answer> {
    service::reset(&call.ctx, call.form::<ResetPassword>()?).await
}

pub(super) async fn change_password(call: Call) -> Result<Answer> {
    service::change(&call.ctx, call.form::<ChangePassword>()?).await
}

/// What a session is opened with.
pub(super) fn visitor(call: &Call) -> Visitor {
    Visitor {
        user_agent: call.header("user-agent").map(str::to_owned),
        is_cross_site: call.is_cross_site(),
    }
}

/// The token, or else the address.
fn asked(call: &Call) -> Result<Asked> {
    let form = call.form::<AddressOrToken>()?;
    match (form.token, form.email) {
        (Some(token), _) => Ok(Asked::Token(token)),
        (None, Some(email)) => Ok(Asked::Address(email)),
        (None, None) => Err(Error::field("token", "required", "Either token or email is required.")),
    }
}
