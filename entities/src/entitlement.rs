//! Why somebody may use something: what gave it, prolonged it and took it, in order; rows are only added.

use crate::Mode;
use sea_orm::entity::prelude::*;

words! {
    /// What happened to a claim.
    Action {
        /// It began.
        Gave = "gave",
        /// Its end was moved.
        Extended = "extended",
        /// It was withdrawn.
        Took = "took",
        /// Its time ran out.
        Expired = "expired",
    }
}

words! {
    /// What a claim rests on.
    Cause {
        /// A payment.
        Payment = "payment",
        /// A bundle in a payment, or given by hand.
        Bundle = "bundle",
        /// A subscription.
        Subscription = "subscription",
        /// A product that costs nothing.
        Free = "free",
        /// Somebody of the tenant.
        Admin = "admin",
        /// An enrolment made over the API.
        Enrollment = "enrollment",
    }
}

words! {
    /// Kinds of goods.
    Goods {
        /// A product with all that belongs to it.
        Product = "product",
        /// A licence.
        License = "license",
        /// A course.
        Course = "course",
    }
}

/// One cause.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tenant: Uuid,
    pub mode: Mode,
    pub access: Uuid,
    pub goods: Goods,
    pub goods_id: Uuid,
    pub action: Action,
    pub cause: Cause,
    pub cause_id: Uuid,
    pub until_at: Option<i64>,
    pub actor: Option<String>,
    pub reason: Option<String>,
    pub happened_at: i64,
}

no_relations!();
scoped!();
unscoped!();
