//! The bytes of webhooks in a table of their own: what is sent to many subscribers is written once, and a delivery's row,
//! which changes with every try, is short.

const UP: &[&str] = &[
    "create table bodies (
        event UUID not null,
        place integer not null,
        text text not null,
        primary key (event, place)
    )",
    "alter table deliveries add column body_place integer not null default 0",
    "update deliveries set body_place = (
        select count(*) from deliveries as other where other.event = deliveries.event and other.id < deliveries.id
    )",
    "insert into bodies (event, place, text) select event, body_place, body from deliveries",
    "alter table deliveries drop column body",
];

const DOWN: &[&str] = &[
    "alter table deliveries add column body text not null default ''",
    "update deliveries set body = coalesce(
        (select text from bodies where bodies.event = deliveries.event and bodies.place = deliveries.body_place), ''
    )",
    "alter table deliveries drop column body_place",
    "drop table bodies",
];

migration!();
