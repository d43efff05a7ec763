//! Places at a sale price that are held while somebody pays, fees that the provider is still to be asked for, and captchas
//! that were shown.

const UP: &[&str] = &[
    "create table sale_holds (
        checkout UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        product UUID not null,
        until_at bigint not null
    )",
    "create index sale_holds_product on sale_holds (tenant, mode, product, until_at)",
    "create index sale_holds_until on sale_holds (until_at)",
    "create table fee_readings (
        payment UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        attempt bigint not null,
        due_at bigint not null
    )",
    "create index fee_readings_due on fee_readings (due_at)",
    "create table captcha_solutions (
        digest BYTES primary key not null,
        until_at bigint not null
    )",
    "create index captcha_solutions_until on captcha_solutions (until_at)",
];

const DOWN: &[&str] = &[
    "drop table captcha_solutions",
    "drop table fee_readings",
    "drop table sale_holds",
];

migration!();
