//! Handlers of the routes where the operator names a creator in the body.

use super::service;
use super::types::{CreateKey, ListKeys, RevokeRaw};
use crate::context::{Answer, Principal};
use crate::domain::Result;
use crate::domain::dialect::PageInfo;
use crate::http::Call;

/// A key of the contract that the verb is of, whatever the creator's own.
pub(super) async fn create(call: Call) -> Result<Answer> {
    let mut form: CreateKey = call.form()?;
    form.dialect = Some(call.ctx.dialect.name.clone());
    service::create(&call.ctx, form).await
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    match (&call.ctx.room, &call.ctx.principal) {
        (None, Principal::Operator { named: None }) => service::list_all(&call.ctx).await,
        (None, _) => Answer::page::<()>("api_key", &[], PageInfo::default()),
        (Some(_), _) => {
            let filter = ListKeys {
                dialect: Some(call.ctx.dialect.name.clone()),
                ..ListKeys::default()
            };
            service::list(&call.ctx, filter, call.page()?).await
        }
    }
}

pub(super) async fn revoke(call: Call) -> Result<Answer> {
    service::revoke_raw(&call.ctx, call.form::<RevokeRaw>()?).await
}
