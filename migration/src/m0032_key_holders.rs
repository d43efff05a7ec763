//! Keys of people who have no shop.

const UP: &[&str] = &["create table key_holders (
        person UUID primary key not null references persons (id),
        tenant UUID not null unique references tenants (id),
        created_at bigint not null
    )"];

const DOWN: &[&str] = &["drop table key_holders"];

migration!();
