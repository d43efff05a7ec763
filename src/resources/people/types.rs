//! What goes in and out, in neutral names.

use crate::domain::Timestamp;
use entities::person::Model;
use entities::session;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A registration.
#[derive(Deserialize)]
pub struct Register {
    /// Address; compared in lower case.
    pub email: String,
    /// 8 to 200 characters.
    pub password: String,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
}

/// A sign-in.
#[derive(Deserialize)]
pub struct Login {
    /// Address.
    pub email: String,
    /// Password.
    pub password: String,
}

/// A change of password.
#[derive(Deserialize)]
pub struct ChangePassword {
    /// The one that holds now; needed where there is one.
    #[serde(default)]
    pub current_password: Option<String>,
    /// The one to come.
    pub password: String,
}

/// An address that a mail is asked for.
#[derive(Deserialize)]
pub struct Address {
    /// Address.
    pub email: String,
}

/// A new password by a mailed link.
#[derive(Deserialize)]
pub struct ResetPassword {
    /// The mail's token.
    pub token: String,
    /// The password to come.
    pub password: String,
}

/// An address that a link is asked for, or the token of one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AddressOrToken {
    /// The mail's token.
    pub token: Option<String>,
    /// Where to mail one.
    pub email: Option<String>,
}

/// A person as he is told to himself.
#[derive(Clone, Debug, Serialize)]
pub struct PersonView {
    /// Identity.
    pub id: Uuid,
    /// Address.
    pub email: String,
    /// For people.
    pub name: Option<String>,
    /// When the address was proved.
    pub email_verified_at: Option<Timestamp>,
    /// When he registered.
    pub created_at: Timestamp,
}

impl From<&Model> for PersonView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            email: row.email.clone(),
            name: row.name.clone(),
            email_verified_at: row.email_verified_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
        }
    }
}

/// A session that was just opened.
#[derive(Serialize)]
pub struct OpenedView {
    /// The bearer form of the session; shown once.
    pub token: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub person: PersonView,
}

/// A session as its owner sees it.
#[derive(Serialize)]
pub struct SessionView {
    /// Identity.
    pub id: Uuid,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// Where it was opened.
    pub address: Option<String>,
    /// What opened it.
    pub user_agent: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

impl SessionView {
    /// The view of a row, seen from the session that asks.
    pub fn new(row: session::Model, asking: Uuid) -> Self {
        Self {
            id: row.id,
            is_current: row.id == asking,
            address: row.address,
            user_agent: row.user_agent,
            created_at: Timestamp(row.created_at),
            last_seen_at: Timestamp(row.last_seen_at),
            expires_at: Timestamp(row.expires_at),
        }
    }
}
