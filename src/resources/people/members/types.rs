//! What goes in and out, in neutral names.

use super::super::types::PersonView;
use crate::domain::Timestamp;
use entities::membership::Role;
use entities::{invitation, membership, person, tenant};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An invitation.
#[derive(Clone, Deserialize)]
pub struct Invite {
    /// Address; compared in lower case.
    pub email: String,
    /// What he is to be.
    pub role: Role,
}

/// A change of a member.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ChangeMember {
    /// What he is to be.
    pub role: Role,
}

/// The acceptance of one.
#[derive(Deserialize)]
pub struct AcceptInvitation {
    /// The mail's token.
    pub token: String,
    /// For an account that is new or whose address was never proved; another one keeps its own.
    #[serde(default)]
    pub password: Option<String>,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
}

/// A member, or somebody who is invited.
#[derive(Clone, Debug, Serialize)]
pub struct MemberView {
    /// The person's id, or the invitation's.
    pub id: Uuid,
    /// Address.
    pub email: String,
    /// For people.
    pub name: Option<String>,
    /// What he may do.
    pub role: Role,
    /// `active` or `invited`.
    pub status: &'static str,
    /// When he joined or was invited.
    pub created_at: Timestamp,
    /// When the invitation runs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl MemberView {
    /// The view of a member.
    pub fn active(row: &membership::Model, person: &person::Model) -> Self {
        Self {
            id: person.id,
            email: person.email.clone(),
            name: person.name.clone(),
            role: row.role,
            status: "active",
            created_at: Timestamp(row.created_at),
            expires_at: None,
        }
    }

    /// The view of an open invitation.
    pub fn invited(row: &invitation::Model) -> Self {
        Self {
            id: row.id,
            email: row.email.clone(),
            name: None,
            role: row.role,
            status: "invited",
            created_at: Timestamp(row.created_at),
            expires_at: Some(Timestamp(row.expires_at)),
        }
    }
}

/// What an accepted invitation gave.
#[derive(Clone, Debug, Serialize)]
pub struct MembershipView {
    /// Where.
    pub tenant: TenantView,
    /// What.
    pub role: Role,
    /// Whom.
    pub person: PersonView,
}

/// A tenant as its members are told of it.
#[derive(Clone, Debug, Serialize)]
pub struct TenantView {
    /// Identity.
    pub id: Uuid,
    /// The name in `X-Tenant`.
    pub slug: String,
    /// For people.
    pub name: String,
    /// The dialect it speaks.
    pub dialect: String,
}

impl From<&tenant::Model> for TenantView {
    fn from(row: &tenant::Model) -> Self {
        Self {
            id: row.id,
            slug: row.slug.clone(),
            name: row.name.clone(),
            dialect: row.dialect.clone(),
        }
    }
}
