//! Courses with modules and lessons, who is enrolled in them, what they have done, certificates, live sessions, recordings.

// Title, slug, price and status of a course are those of its product: there is one truth of what is sold.
const UP: &[&str] = &[
    "create table courses (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        product UUID not null references products (id),
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index courses_product_key on courses (product)",
    "create index courses_page on courses (tenant, mode, created_at, id)",
    "create table course_modules (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        course UUID not null references courses (id),
        title text not null,
        position bigint not null
    )",
    "create index course_modules_course on course_modules (course, position)",
    "create table lessons (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        course UUID not null references courses (id),
        module UUID not null references course_modules (id),
        title text not null,
        kind text not null,
        duration_seconds bigint,
        position bigint not null
    )",
    "create index lessons_course on lessons (course, position)",
    "create index lessons_module on lessons (module)",
    "create table enrollments (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        customer UUID not null references customers (id),
        course UUID not null references courses (id),
        enrolled_at bigint not null,
        completed_at bigint,
        revoked_at bigint,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create unique index enrollments_pair_key on enrollments (customer, course)",
    "create index enrollments_course on enrollments (course, customer)",
    "create index enrollments_window on enrollments (tenant, mode, enrolled_at)",
    "create table lesson_progress (
        enrollment UUID not null references enrollments (id),
        lesson UUID not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        completed_at bigint not null,
        constraint lesson_progress_pkey primary key (enrollment, lesson)
    )",
    "create index lesson_progress_lesson on lesson_progress (lesson)",
    "create table certificates (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        enrollment UUID not null references enrollments (id),
        customer UUID not null references customers (id),
        course UUID not null references courses (id),
        number text not null,
        holder text not null,
        course_title text not null,
        issued_at bigint not null
    )",
    "create unique index certificates_enrollment_key on certificates (enrollment)",
    "create unique index certificates_number_key on certificates (number)",
    "create table live_sessions (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        course UUID not null references courses (id),
        title text not null,
        starts_at bigint not null,
        started_at bigint,
        ended_at bigint,
        created_at bigint not null,
        updated_at bigint not null
    )",
    "create index live_sessions_page on live_sessions (course, starts_at, id)",
    "create table recordings (
        id UUID primary key not null,
        tenant UUID not null references tenants (id),
        mode text not null,
        live_session UUID not null references live_sessions (id),
        course UUID not null references courses (id),
        title text not null,
        url text not null,
        duration_seconds bigint,
        ready_at bigint not null
    )",
    "create index recordings_live_session on recordings (live_session, ready_at)",
    "create table receipts (
        payment UUID primary key not null references payments (id),
        tenant UUID not null references tenants (id),
        mode text not null,
        token text not null
    )",
    "create unique index receipts_token_key on receipts (token)",
    "create index payments_paid on payments (tenant, mode, paid_at) where paid_at is not null",
    "create index refunds_completed on refunds (tenant, mode, completed_at) where completed_at is not null",
];

const DOWN: &[&str] = &[
    "drop index refunds_completed",
    "drop index payments_paid",
    "drop table receipts",
    "drop table recordings",
    "drop table live_sessions",
    "drop table certificates",
    "drop table lesson_progress",
    "drop table enrollments",
    "drop table lessons",
    "drop table course_modules",
    "drop table courses",
];

migration!();
