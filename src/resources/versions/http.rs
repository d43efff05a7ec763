//! Handlers: read, one service call, answer.

use super::service;
use super::types::{ReplaceVersion, UploadVersion};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use crate::resources::products;
use uuid::Uuid;

/// The product's id, from its id or its slug in the path.
async fn product(call: &Call) -> Result<Uuid> {
    match call.place("slug") {
        "" => {
            let id = call.id("id")?;
            products::service::exists(&call.ctx, id).await?;
            Ok(id)
        }
        slug => products::service::id_of_slug(&call.ctx, slug).await,
    }
}

pub(super) async fn list(call: Call) -> Result<Answer> {
    let product = product(&call).await?;
    service::list(&call.ctx, product, call.page()?).await
}

pub(super) async fn create(mut call: Call) -> Result<Answer> {
    let product = product(&call).await?;
    let form = call.form::<UploadVersion>()?;
    let file = call.file()?;
    service::create(&call.ctx, product, form, file).await
}

pub(super) async fn replace(mut call: Call) -> Result<Answer> {
    let (product, version) = (product(&call).await?, call.id("version")?);
    let form = call.form::<ReplaceVersion>()?;
    let file = call.file()?;
    service::replace(&call.ctx, (product, version), form, file).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    let product = product(&call).await?;
    service::delete(&call.ctx, product, call.id("version")?).await
}

pub(super) async fn verify(call: Call) -> Result<Answer> {
    let product = product(&call).await?;
    service::verify(&call.ctx, product, call.id("version")?).await
}
