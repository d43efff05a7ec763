//! Those who are told when an access begins or ends, in the same transaction.

use super::types::Change;
use crate::context::Deed;
use crate::domain::Result;
use crate::store::Tx;

pub(super) async fn tell(_tx: &Tx, _deed: &Deed, _change: &Change<'_>) -> Result<()> {
    Ok(())
}
