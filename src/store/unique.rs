//! The unique rules that callers may run into, and what they are told.
//!
//! Services look before they write, which is exact where one writer runs all commands; several processes on one PostgreSQL
//! may still collide, and then the rule itself answers. SQLite names the columns of a broken rule, PostgreSQL the rule: one
//! table knows both spellings.

use crate::domain::Code;

/// A unique rule that callers may run into.
pub(super) struct Unique {
    /// As SQLite spells it: the columns.
    columns: &'static str,
    /// As PostgreSQL spells it: the name of the index or constraint.
    name: &'static str,
    /// What a caller is told who breaks it.
    pub(super) code: Code,
    /// The neutral field that collides; empty where no field of the caller's does.
    pub(super) field: &'static str,
    /// For people.
    pub(super) message: &'static str,
    /// Key of the text a dialect's contract may fix.
    pub(super) text: &'static str,
}

/// The rule that PostgreSQL names.
pub(super) fn by_name(name: &str) -> Option<&'static Unique> {
    UNIQUE.iter().find(|rule| rule.name == name)
}

/// The rule that SQLite names.
pub(super) fn by_columns(columns: &str) -> Option<&'static Unique> {
    UNIQUE.iter().find(|rule| rule.columns == columns)
}

const fn taken(columns: &'static str, name: &'static str, field: &'static str, message: &'static str) -> Unique {
    Unique {
        columns,
        name,
        code: Code::AlreadyExists,
        field,
        message,
        text: name,
    }
}

const UNIQUE: &[Unique] = &[
    taken("tenants.slug", "tenants_slug_key", "slug", "This slug is taken."),
    taken("persons.email", "persons_email_key", "email", "This e-mail address is taken."),
    taken(
        "memberships.person, memberships.tenant",
        "memberships_pkey",
        "person_id",
        "This person is a member already.",
    ),
    taken(
        "invitations.tenant, invitations.email",
        "invitations_email_key",
        "email",
        "This address is invited already.",
    ),
    taken("api_keys.digest", "api_keys_digest_key", "key", "This key exists already."),
    taken(
        "products.tenant, products.mode, products.slug",
        "products_slug_key",
        "slug",
        "A product with this slug exists already.",
    ),
    taken(
        "product_versions.product, product_versions.version",
        "product_versions_version_key",
        "version",
        "This product has a version of that name already.",
    ),
    taken(
        "product_labels.product, product_labels.label",
        "product_labels_pkey",
        "label_id",
        "The product bears this label already.",
    ),
    taken(
        "bundle_parts.bundle, bundle_parts.part",
        "bundle_parts_pkey",
        "part_id",
        "This product is a part of the bundle already.",
    ),
    taken(
        "public_names.namespace, public_names.name",
        "public_names_pkey",
        "name",
        "This name is taken.",
    ),
    taken(
        "coupons.tenant, coupons.mode, coupons.code",
        "coupons_code_key",
        "code",
        "A coupon with this code exists already.",
    ),
    taken(
        "coupon_redemptions.checkout",
        "coupon_redemptions_checkout_key",
        "code",
        "This purchase has a coupon already.",
    ),
    taken(
        "reviews.product, reviews.author",
        "reviews_author_key",
        "product_id",
        "This product was reviewed by you already.",
    ),
    taken(
        "labels.tenant, labels.mode, labels.kind, labels.slug",
        "labels_slug_key",
        "slug",
        "This slug is taken.",
    ),
    taken(
        "order_bumps.main_product, order_bumps.bump_product",
        "order_bumps_pair",
        "bump_product_id",
        "This product is offered there already.",
    ),
    taken(
        "one_time_offers.product",
        "one_time_offers_active",
        "oto_product_id",
        "This product is followed by an offer already.",
    ),
    taken(
        "variant_groups.tenant, variant_groups.mode, variant_groups.slug",
        "variant_groups_slug_key",
        "slug",
        "A group with this slug exists already.",
    ),
    taken(
        "variant_links.variant_group, variant_links.product",
        "variant_links_pair",
        "product_id",
        "This product is in the group already.",
    ),
    taken(
        "waitlist_entries.product, waitlist_entries.email",
        "waitlist_entries_pair",
        "email",
        "This address is on the list already.",
    ),
    taken(
        "customers.tenant, customers.mode, customers.email",
        "customers_email_key",
        "email",
        "A customer with this e-mail address exists already.",
    ),
    taken(
        "accesses.tenant, accesses.mode, accesses.customer, accesses.product",
        "accesses_pair_key",
        "product_id",
        "This customer has the product already.",
    ),
    taken(
        "courses.product",
        "courses_product_key",
        "product_id",
        "This product is a course already.",
    ),
    taken(
        "enrollments.customer, enrollments.course",
        "enrollments_pair_key",
        "student_id",
        "This student is enrolled already.",
    ),
    taken(
        "certificates.enrollment",
        "certificates_enrollment_key",
        "",
        "This enrolment has its certificate already.",
    ),
    taken(
        "features.tenant, features.mode, features.code",
        "features_code_key",
        "code",
        "An entitlement with this code exists already.",
    ),
    taken(
        "machines.license, machines.fingerprint",
        "machines_fingerprint_key",
        "fingerprint",
        "A machine of this fingerprint is active already.",
    ),
    taken(
        "license_variants.product, license_variants.code",
        "license_variants_code_key",
        "code",
        "The product has a variant of this code already.",
    ),
    taken(
        "trial_codes.tenant, trial_codes.mode, trial_codes.code",
        "trial_codes_code_key",
        "code",
        "This trial code exists already.",
    ),
    taken("receivers.token", "receivers_pkey", "token", "This receiver exists already."),
    Unique {
        columns: "idempotency.principal, idempotency.route, idempotency.key_digest",
        name: "idempotency_key",
        code: Code::IdempotencyInFlight,
        field: "",
        message: "A request with this Idempotency-Key is being worked on.",
        text: "idempotency_in_flight",
    },
];

/// Both spellings of every listed rule.
#[cfg(test)]
pub(super) fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    UNIQUE.iter().map(|rule| (rule.columns, rule.name))
}
