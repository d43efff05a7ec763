//! Handlers; the cookie of a session is made and unmade here.

use super::service;
use super::types::{ChangePassword, Login, Register};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;

pub(super) async fn register(call: Call) -> Result<Answer> {
    service::register(&call.ctx, call.form::<Register>()?).await
}

pub(super) async fn login(call: Call) -> Result<Answer> {
    let agent = call.header("user-agent").map(str::to_owned);
    service::login(&call.ctx, call.form::<Login>()?, agent).await
}

pub(super) async fn logout(call: Call) -> Result<Answer> {
    service::logout(&call.ctx).await
}

pub(super) async fn sessions(call: Call) -> Result<Answer> {
    service::sessions(&call.ctx).await
}

pub(super) async fn end_sessions(call: Call) -> Result<Answer> {
    service::end_other_sessions(&call.ctx).await
}

pub(super) async fn change_password(call: Call) -> Result<Answer> {
    service::change_password(&call.ctx, call.form::<ChangePassword>()?).await
}
