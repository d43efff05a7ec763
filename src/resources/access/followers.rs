//! Those who are told when an access begins or ends, in the same transaction.

use super::types::Change;
use crate::context::Deed;
use crate::domain::Result;
use crate::resources::courses::enrollments;
use crate::store::Tx;

pub(super) async fn tell(tx: &Tx, deed: &Deed, change: &Change<'_>) -> Result<()> {
    let seat = enrollments::types::Change {
        customer: change.customer.id,
        product: change.product.id,
        is_live: change.began,
    };
    enrollments::service::follow(tx, deed, &seat).await
}
