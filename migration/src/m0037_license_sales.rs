//! Licences are found by the provider's name for their purchase, whoever's they are. Codes are kept as their creators wrote
//! them and compared without regard to case.

const UP: &[&str] = &[
    "create index licenses_purchase_anywhere on licenses (purchase_ref) where purchase_ref is not null",
    "alter table coupons add column code_given text",
    "alter table trial_codes add column folded text not null default ''",
    "update trial_codes set folded = upper(code)",
    "create index trial_codes_folded on trial_codes (tenant, mode, folded)",
];

const DOWN: &[&str] = &[
    "drop index trial_codes_folded",
    "alter table trial_codes drop column folded",
    "alter table coupons drop column code_given",
    "drop index licenses_purchase_anywhere",
];

migration!();
