//! What a customer looks like in neutral words.

use crate::domain::Timestamp;
use entities::customer::Model;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Who is to be a customer.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// The address, in any case.
    pub email: String,
    /// The name, where it is known.
    pub name: Option<String>,
    /// The person who signed in to do this, where one did.
    pub person: Option<Uuid>,
}

impl Who {
    /// Somebody known by the address alone.
    pub fn at(email: &str) -> Self {
        Self {
            email: email.to_owned(),
            ..Self::default()
        }
    }
}

/// A customer as events tell of him.
#[derive(Clone, Debug, Serialize)]
pub struct CustomerBrief {
    /// The address.
    pub email: String,
    /// What the name begins with.
    pub first_name: Option<String>,
    /// The rest of the name.
    pub last_name: Option<String>,
    /// Which customer it is.
    pub user_id: Option<Uuid>,
}

impl From<&Model> for CustomerBrief {
    fn from(row: &Model) -> Self {
        let name = row.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let (first_name, last_name) = match name.map(|name| name.split_once(' ').ok_or(name)) {
            None => (None, None),
            Some(Ok((first, last))) => (Some(first.to_owned()), Some(last.trim().to_owned())),
            Some(Err(only)) => (Some(only.to_owned()), None),
        };
        Self {
            email: row.email.clone(),
            first_name,
            last_name,
            user_id: Some(row.id),
        }
    }
}

/// A new customer, for `user.created`.
pub(super) fn account(row: &Model) -> Value {
    json!({"id": row.id, "email": row.email, "name": row.name, "created_at": Timestamp(row.created_at)})
}
