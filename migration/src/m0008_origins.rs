//! Origins that may read a tenant's answers, and the directory of keys that came from elsewhere.

const UP: &[&str] = &[
    "create table origins (
        tenant UUID not null,
        origin text not null,
        created_at bigint not null,
        constraint origins_pkey primary key (tenant, origin)
    )",
    "create index origins_origin on origins (origin)",
    "create table key_directory (
        digest BYTES not null,
        route BYTES not null,
        created_at bigint not null,
        constraint key_directory_pkey primary key (digest)
    )",
    "create index key_directory_created_at on key_directory (created_at)",
];

const DOWN: &[&str] = &["drop table key_directory", "drop table origins"];

migration!();
