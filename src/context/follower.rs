//! Who hears of a change of a product in the command that makes it: slices that stand above the one of products.

use super::Deed;
use crate::domain::Result;
use crate::store::Tx;
use entities::product::Model;
use futures_util::future::LocalBoxFuture;

/// Is told a product as it was and as it is.
pub type Follower = for<'a> fn(&'a Tx, &'a Deed, (&'a Model, &'a Model)) -> LocalBoxFuture<'a, Result<()>>;
