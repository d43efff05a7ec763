//! Shops by the hundred thousand products and the million payments, made by the database itself.

use super::Outcome;
use super::seed::tenant_id;
use fondaco::store::{Store, grams};
use sea_orm::{ConnectionTrait as _, DbBackend};

/// Rows of one command: a command must not run into its deadline.
const CHUNK: u64 = 25_000;
/// Products of each shop that a rare word, label or kind finds, and payments of its rarest buyer.
pub(super) const RARE: u64 = 5;
/// Products that payments are spread over.
const SOLD: u64 = 50;
/// Days that payments are spread over, the last of them today.
const DAYS: i64 = 400;
const DAY_MS: i64 = 86_400_000;

/// What differs between the databases.
#[derive(Clone, Copy)]
struct Sql {
    is_sqlite: bool,
}

impl Sql {
    fn of(store: &Store) -> Self {
        Self {
            is_sqlite: store.backend() == DbBackend::Sqlite,
        }
    }

    /// The numbers of a range, as `n(i)`.
    fn numbers(self, from: u64, to: u64) -> String {
        let last = to - 1;
        match self.is_sqlite {
            true => format!("with recursive n(i) as (select {from} union all select i + 1 from n where i < {last})"),
            false => format!("with n(i) as (select generate_series({from}::bigint, {last}::bigint))"),
        }
    }

    /// The id of the n-th row of a table and shop, `n` being an expression.
    fn id(self, table: u8, shop: usize, n: &str) -> String {
        let prefix = format!("0192f0c17b5e7{table:02x}0");
        let low = format!("({n}) + {}", (shop as u64) << 32);
        match self.is_sqlite {
            true => format!("unhex('{prefix}8' || substr('000000000000000' || printf('%x', {low}), -15))"),
            false => format!("('{prefix}8' || lpad(to_hex({low}), 15, '0'))::uuid"),
        }
    }

    fn tenant(self, shop: usize) -> String {
        let hex = tenant_id(shop).simple();
        match self.is_sqlite {
            true => format!("unhex('{hex}')"),
            false => format!("'{hex}'::uuid"),
        }
    }
}

/// Tables that get ids here.
const PRODUCT: u8 = 0x10;
const LABEL: u8 = 0x11;
const CUSTOMER: u8 = 0x12;
const PAYMENT: u8 = 0x13;
const LINE: u8 = 0x14;

/// The id of a shop's n-th product.
pub(super) fn product_id(shop: usize, n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u64_pair(
        0x0192_f0c1_7b5e_7000 | u64::from(PRODUCT) << 4,
        0x8000_0000_0000_0000 | (((shop as u64) << 32) + n),
    )
}

/// Runs statements made from ranges of numbers, a command for each range.
async fn in_chunks(store: &Store, count: u64, statements: impl Fn(&str) -> Vec<String>) -> Outcome {
    let sql = Sql::of(store);
    let mut from = 0;
    while from < count {
        let to = (from + CHUNK).min(count);
        run(store, statements(&sql.numbers(from, to))).await?;
        from = to;
    }
    Ok(())
}

async fn run(store: &Store, statements: Vec<String>) -> Outcome {
    store
        .command(async move |tx| {
            for statement in &statements {
                tx.execute_unprepared(statement).await?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// What the server's own housekeeping, and PostgreSQL's, do within minutes.
async fn settle(store: &Store, tables: &[&str]) -> Outcome {
    while grams::add(store).await? {}
    match Sql::of(store).is_sqlite {
        true => Ok(()),
        false => run(store, tables.iter().map(|table| format!("analyze {table}")).collect()).await,
    }
}

/// Fills a shop with products: every order of theirs differs from the order they were made in. Of each ten one is a draft,
/// one archived; half have the common labels; [`RARE`] have the rare word, kind and labels.
pub(super) async fn products(store: &Store, shop: usize, count: u64) -> Outcome {
    let sql = Sql::of(store);
    let (tenant, id) = (sql.tenant(shop), sql.id(PRODUCT, shop, "i"));
    let rare = format!("i % {} = 0", (count / RARE).max(1));
    let made_at = "1770000000000";
    let label = |n: u8| sql.id(LABEL, shop, &n.to_string());
    let labels = [
        ("tag", "common"),
        ("tag", "rare"),
        ("category", "common"),
        ("category", "rare"),
    ];
    let labels = labels.iter().zip(0_u8..).map(|((kind, name), n)| {
        format!(
            "insert into labels (id, tenant, mode, kind, name, slug, created_at) \
             values ({}, {tenant}, 'live', '{kind}', '{name}', '{name}', {made_at})",
            label(n)
        )
    });
    run(store, labels.collect()).await?;
    in_chunks(store, count, |numbers| {
        let rows = format!(
            "{numbers} insert into products (id, tenant, mode, slug, name, description, kind, status, is_listed, is_featured, \
             price_minor, currency, key_prefix, metadata, attributes, licenses_count, published_at, rating_sum, rating_count, \
             rating_rank, sales_count, views_count, created_at, updated_at) select {id}, {tenant}, 'live', \
             'product-' || ((i * 7919) % 1000003), 'Course ' || ((i * 104729) % 1000003) || \
             case when {rare} then ' of Zanzibar' else '' end, \
             'A course in twelve parts with exercises, a forum and a certificate at its end.', \
             case when {rare} then 'poster' else 'digital' end, \
             case i % 10 when 3 then 'draft' when 4 then 'archived' else 'published' end, true, i % 50 = 7, \
             100 + (i * 31) % 9900, 'USD', 'LIC', '{{}}', '{{}}', 0, {made_at}, 0, 0, 0, 0, 0, {made_at} + i, \
             {made_at} + (i * 15485863) % 1000003 from n"
        );
        let link = |n: u8, wanted: &str| {
            format!(
                "{numbers} insert into product_labels (product, label, tenant, mode, place) \
                 select {id}, {}, {tenant}, 'live', {} from n where {wanted}",
                label(n),
                n / 2
            )
        };
        vec![
            rows,
            link(0, "i % 2 = 0"),
            link(1, &rare),
            link(2, "i % 2 = 1"),
            link(3, &rare),
        ]
    })
    .await?;
    run(store, vec![counted(&sql, shop, "products", "deleted_at is null")]).await?;
    for status in ["draft", "archived", "published"] {
        let name = if status == "published" { "active" } else { status };
        let wanted = format!("deleted_at is null and status = '{status}'");
        run(store, vec![counted(&sql, shop, &format!("products.{name}"), &wanted)]).await?;
    }
    settle(store, &["products", "product_labels", "labels"]).await
}

/// The statement that sets a counter of a shop's products to what there is.
fn counted(sql: &Sql, shop: usize, name: &str, wanted: &str) -> String {
    let tenant = sql.tenant(shop);
    format!(
        "insert into counters (tenant, mode, name, value) \
         select {tenant}, 'live', '{name}', count(*) from products where tenant = {tenant} and mode = 'live' and {wanted}"
    )
}

/// Fills a shop that has products with payments of the last 400 days, each of one line, and with a fifth as many buyers. Of
/// a hundred one was given back, of five hundred one was refused, of a thousand one waits; one buyer has an address like no
/// other. The sums of the days are those that sales would have kept.
pub(super) async fn payments(store: &Store, shop: usize, count: u64, now: i64) -> Outcome {
    let sql = Sql::of(store);
    let tenant = sql.tenant(shop);
    let buyers = (count / RARE).max(1);
    let address = |n: &str| format!("case {n} when 0 then 'zanzibar@example.org' else 'buyer' || ({n}) || '@example.com' end");
    let first = (now / DAY_MS - DAYS + 1) * DAY_MS;
    let step = (now - first) / i64::try_from(count)?;
    let customer = sql.id(CUSTOMER, shop, "i");
    in_chunks(store, buyers, |numbers| {
        vec![format!(
            "{numbers} insert into customers (id, tenant, mode, email, attributes, created_at, updated_at) \
             select {customer}, {tenant}, 'live', {}, '{{}}', {first} + i, {first} + i from n",
            address("i")
        )]
    })
    .await?;
    let (id, line) = (sql.id(PAYMENT, shop, "i"), sql.id(LINE, shop, "i"));
    let (buyer, product) = (
        sql.id(CUSTOMER, shop, &format!("i % {buyers}")),
        sql.id(PRODUCT, shop, &format!("(i / 7) % {SOLD}")),
    );
    let amount = "500 + (i * 37) % 20000";
    let currency = "case when i % 10 = 0 then 'EUR' else 'USD' end";
    in_chunks(store, count, |numbers| {
        let rows = format!(
            "{numbers} insert into payments (id, tenant, mode, customer, email, product, provider, intent_ref, session_ref, \
             status, amount_minor, currency, fee_minor, tax_status, refunded_minor, discount_minor, metadata, attributes, \
             paid_at, created_at, updated_at) select {id}, {tenant}, 'live', {buyer}, {}, {product}, 'sandbox', \
             'pi_test_{shop}_' || i, 'cs_test_{shop}_' || i, \
             case when i % 100 = 11 then 'refunded' when i % 500 = 12 then 'failed' when i % 1000 = 13 then 'pending' \
             else 'completed' end, {amount}, {currency}, 30, 'none', \
             case when i % 100 = 11 then {amount} when i % 100 = 14 then 100 else 0 end, 0, '{{}}', \
             '{{\"is_guest\":true,\"source\":\"checkout\"}}', {first} + i * {step}, {first} + i * {step}, {first} + i * {step} \
             from n",
            address(&format!("i % {buyers}"))
        );
        let lines = format!(
            "{numbers} insert into payment_lines (id, tenant, mode, payment, product, item_type, product_name, quantity, \
             unit_price_minor, total_minor, currency, vat_exempt, metadata, position) select {line}, {tenant}, 'live', {id}, \
             {product}, 'main_product', 'Course', 1, {amount}, {amount}, {currency}, false, '{{}}', 0 from n"
        );
        vec![rows, lines]
    })
    .await?;
    rolled_up(store, &sql, shop).await?;
    settle(store, &["payments", "payment_lines", "customers", "sales_days"]).await
}

/// Sums payments by day, each product for itself and all together, and counts them.
async fn rolled_up(store: &Store, sql: &Sql, shop: usize) -> Outcome {
    let tenant = sql.tenant(shop);
    let nobody = match sql.is_sqlite {
        true => "zeroblob(16)",
        false => "'00000000-0000-0000-0000-000000000000'::uuid",
    };
    let wanted = format!("from payments where tenant = {tenant} and mode = 'live'");
    let sums = |product: &str| {
        format!(
            "insert into sales_days (tenant, mode, product, day, currency, payments, revenue_minor, refunded_minor) \
             select {tenant}, 'live', {product}, created_at / {DAY_MS}, currency, count(*), sum(amount_minor), \
             sum(refunded_minor) {wanted} and status = 'completed' group by {product}, created_at / {DAY_MS}, currency"
        )
    };
    run(store, vec![sums("product")]).await?;
    let all = format!(
        "insert into sales_days (tenant, mode, product, day, currency, payments, revenue_minor, refunded_minor) \
         select tenant, mode, {nobody}, day, currency, sum(payments), sum(revenue_minor), sum(refunded_minor) \
         from sales_days where tenant = {tenant} and mode = 'live' group by tenant, mode, day, currency"
    );
    let counter =
        format!("insert into counters (tenant, mode, name, value) select {tenant}, 'live', 'payments', count(*) {wanted}");
    run(store, vec![all, counter]).await
}
