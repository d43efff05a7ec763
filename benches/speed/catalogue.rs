//! Lists of products in a shop of 100 and in one of 100,000, side by side in one database: every order, both ways, the
//! first page and one from the middle; then filters and searches.

use super::Outcome;
use super::bulk;
use super::place::Place;
use super::plan::Plan;
use super::samples::Samples;
use super::seed::{self, Tenant};
use super::served::Served;
use super::table::{Bar, Table};
use super::timed::{self, Question};
use entities::product::{self, Column};
use fondaco::domain::Mode;
use fondaco::domain::cursor::Cursor;
use fondaco::store::Store;
use sea_orm::sea_query::Order;
use sea_orm::{ModelTrait, QueryOrder, QuerySelect, Value};
use serde_json::json;

/// Products of the two shops.
const SIZES: [u64; 2] = [100, 100_000];
/// How orders are asked for, the names cursors have for them, and their columns.
const SORTS: [(&str, &str, Column); 7] = [
    ("created_at", "created_at", Column::CreatedAt),
    ("updated_at", "updated_at", Column::UpdatedAt),
    ("name", "name", Column::Name),
    ("price", "price_minor", Column::PriceMinor),
    ("slug", "slug", Column::Slug),
    ("is_active", "is_active", Column::Status),
    ("is_featured", "is_featured", Column::IsFeatured),
];
/// The orders that the contract of Sellf prints.
const SELLF_SORTS: usize = 4;
/// Narrowed lists of the dialects with cursors.
const FILTERS: [(&str, &str); 12] = [
    ("the published ones", "status=active"),
    ("all but the published ones", "status=inactive"),
    ("drafts", "status=draft"),
    ("a label half of them have", "tag=common"),
    ("a label five of them have", "category=rare"),
    ("two labels", "category=rare&tag=rare"),
    ("a search for a word that all have", "search=course"),
    ("the same, by name", "search=course&sort_by=name&sort_order=asc"),
    ("a search for a word that five have", "search=zanzibar"),
    (
        "the same, published ones by price",
        "search=zanzibar&status=active&sort_by=price",
    ),
    ("a search for two letters", "search=za"),
    ("a search for what none has", "search=nowhere-to-be-found"),
];
/// Narrowed lists of OpenClaw's creators.
const NUMBERED_FILTERS: [(&str, &str); 6] = [
    ("drafts", "status=draft"),
    ("a type that five have", "type=poster"),
    ("a type that all others have", "type=digital"),
    ("a range of prices that a tenth is in", "min_price=1000&max_price=2000"),
    ("a range of prices that all are in, by price", "min_price=1&sort=price_asc"),
    ("a search for a word that five have", "search=zanzibar"),
];

/// Keys of one shop, by dialect.
struct Keys {
    native: String,
    sellf: String,
    openclaw: String,
}

/// Which of them.
type KeyOf = fn(&Keys) -> &String;

/// The shops and where the middle of each order is, upward and downward.
struct Shops {
    keys: Vec<Keys>,
    middles: Vec<Vec<[String; 2]>>,
}

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    for place in Place::each(plan)? {
        let shops = place.with_store(seeded)?;
        let server = place.serve()?;
        let street = Street {
            server: &server,
            plan,
            shops: &shops,
            database: place.name(),
        };
        table.note(&format!(
            "the figure is a page of {} products by one of {}, of 20 each; in brackets both times ({})",
            SIZES[1],
            SIZES[0],
            place.name()
        ));
        street.orders(table)?;
        street.numbered(table)?;
        street.narrowed(table)?;
        street.new_searches(table)?;
        server.stop()?;
    }
    Ok(())
}

async fn seeded(store: Store) -> Outcome<Shops> {
    let natives = seed::tenants(&store, &[Tenant::PLENTY; SIZES.len()]).await?.concat();
    let mut shops = Shops {
        keys: Vec::new(),
        middles: Vec::new(),
    };
    for ((shop, size), native) in SIZES.into_iter().enumerate().zip(natives) {
        bulk::products(&store, shop, size).await?;
        let mut middles = Vec::new();
        for (_, name, column) in SORTS {
            let up = middle(&store, shop, size / 2, (name, column, Order::Asc)).await?;
            let down = middle(&store, shop, size / 2, (name, column, Order::Desc)).await?;
            middles.push([up, down]);
        }
        shops.middles.push(middles);
        shops.keys.push(Keys {
            sellf: seed::key_of(&store, shop, &native, ("sellf", "sf_live_")).await?,
            openclaw: seed::key_of(&store, shop, &native, ("openclaw", "ocb_live_")).await?,
            native,
        });
    }
    Ok(shops)
}

/// The cursor of a row in the middle of an order.
async fn middle(store: &Store, shop: usize, behind: u64, (name, column, order): (&str, Column, Order)) -> Outcome<String> {
    let select = product::of(seed::tenant_id(shop), Mode::Live)
        .order_by(column, order.clone())
        .order_by(Column::Id, order.clone())
        .offset(behind);
    let row = select.one(store.read()).await?.ok_or("the shop is too small")?;
    let value = match row.get(column) {
        Value::BigInt(Some(number)) => json!(number),
        Value::Bool(Some(truth)) => json!(truth),
        Value::String(Some(text)) => json!(text),
        other => return Err(format!("no cursor holds {other:?}").into()),
    };
    let cursor = Cursor {
        sort: name.to_owned(),
        descending: matches!(order, Order::Desc),
        value,
        id: row.id,
    };
    Ok(cursor.encode())
}

struct Street<'a> {
    server: &'a Served,
    plan: &'a Plan,
    shops: &'a Shops,
    database: &'a str,
}

impl Street<'_> {
    /// Asks both shops.
    fn ask(&self, key: KeyOf, path: impl Fn(usize) -> String) -> Outcome<[Samples; 2]> {
        let question = |shop: usize| {
            let keys = self.shops.keys.get(shop).ok_or("there is no such shop")?;
            Outcome::Ok(Question::get(&path(shop), key(keys)))
        };
        timed::few_and_many(self.server, self.plan, &question(0)?, &question(1)?)
    }

    fn orders(&self, table: &mut Table) -> Outcome {
        let dialects: [(&str, KeyOf, usize); 2] = [
            ("fondaco", |keys| &keys.native, SORTS.len()),
            ("sellf", |keys| &keys.sellf, SELLF_SORTS),
        ];
        for (dialect, key, sorts) in dialects {
            for (place, (asked, _, _)) in SORTS.iter().take(sorts).enumerate() {
                for (direction, order) in ["asc", "desc"].into_iter().enumerate() {
                    let path = format!("/api/v1/products?limit=20&sort_by={asked}&sort_order={order}");
                    let took = self.ask(key, |_| path.clone())?;
                    let what = format!("{dialect}, {asked} {order}, first page");
                    timed::report(table, &what, &took, Bar::AtMost(1.5));
                    let middle = |shop: usize| {
                        let middles = self.shops.middles.get(shop).and_then(|all| all.get(place));
                        middles.map_or("", |both| both.get(direction).map_or("", String::as_str))
                    };
                    let took = self.ask(key, |shop| format!("{path}&cursor={}", middle(shop)))?;
                    timed::report(table, "  from the middle", &took, Bar::AtMost(1.5));
                }
            }
        }
        Ok(())
    }

    fn numbered(&self, table: &mut Table) -> Outcome {
        for sort in ["newest", "popular", "rating", "price_asc", "price_desc"] {
            let path = format!("/v1/creator/products?per_page=20&sort={sort}");
            let took = self.ask(|keys| &keys.openclaw, |_| path.clone())?;
            timed::report(table, &format!("openclaw, {sort}, first page"), &took, Bar::AtMost(1.5));
            let last = |shop: usize| SIZES.get(shop).map_or(1, |size| size / 20);
            let took = self.ask(|keys| &keys.openclaw, |shop| format!("{path}&page={}", last(shop)))?;
            timed::report(table, "  the last page, by its number", &took, Bar::AtMost(1.5));
            let took = self.ask(|keys| &keys.openclaw, |shop| format!("{path}&page={}", last(shop) / 2))?;
            timed::report(table, "  the middle page, by its number", &took, Bar::None);
        }
        Ok(())
    }

    fn narrowed(&self, table: &mut Table) -> Outcome {
        for (what, query) in FILTERS {
            let path = format!("/api/v1/products?limit=20&{query}");
            let took = self.ask(|keys| &keys.sellf, |_| path.clone())?;
            timed::report(table, &format!("sellf, {what}"), &took, Bar::AtMost(10.0));
        }
        for (what, query) in NUMBERED_FILTERS {
            let path = format!("/v1/creator/products?per_page=20&{query}");
            let took = self.ask(|keys| &keys.openclaw, |_| path.clone())?;
            timed::report(table, &format!("openclaw, {what}"), &took, Bar::AtMost(10.0));
        }
        Ok(())
    }

    /// Words that were never sought before: nothing of their answers can be known.
    fn new_searches(&self, table: &mut Table) -> Outcome {
        for (what, word) in [("a few have", "course 4"), ("all have", "")] {
            let mut took = <[Samples; 2]>::default();
            for round in 0..self.plan.rounds * 4 {
                // "twelve parts with exercises", cut at another place each time, or a number.
                let text = match word {
                    "" => "twelve parts with exercises, a forum and a certificate"
                        .chars()
                        .skip(round)
                        .take(24)
                        .collect::<String>(),
                    number => format!("{number}{}", 101 + round * 37),
                };
                let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
                let path = format!("/api/v1/products?limit=20&search={text}");
                for (keys, took) in self.shops.keys.iter().zip(&mut took) {
                    took.push(timed::first(self.server, &Question::get(&path, &keys.sellf))?);
                }
            }
            let what = format!("sellf, a search never made before, for what {what} ({})", self.database);
            timed::report(table, &what, &took, Bar::None);
        }
        Ok(())
    }
}
