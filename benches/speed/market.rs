//! The marketplace's list, as anybody may read it: every order and filter over a hundred products and over many.

use super::Outcome;
use super::admission::{report, report_yardstick};
use super::backlog::ask;
use super::load::{Load, each_key};
use super::place::Place;
use super::plan::Plan;
use super::rounds::{self, Cell};
use super::samples::Samples;
use super::shelf::{self, RARE};
use super::table::{Bar, Table};

/// Products of the small shelf.
const FEW: usize = 100;
/// What a page may cost that an index alone finds: the large shelf's by the small one's.
const WALK_MAX: f64 = 1.5;
/// What a page may cost whose exact total has to be counted.
const COUNT_MAX: f64 = 10.0;

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    for (few, many) in Place::each(plan)?.into_iter().zip(Place::each(plan)?) {
        on([few, many], plan, table)?;
    }
    Ok(())
}

/// What is looked at in a catalogue: what it is, where in the small and where in the large one, and the bar.
type Look = (&'static str, [String; 2], f64);

fn on([few, many]: [Place; 2], plan: &Plan, table: &mut Table) -> Outcome {
    // A tenth of the largest tables: a hundred thousand, unless asked otherwise.
    let products = usize::try_from(plan.many / 10)?.max(FEW);
    for (place, count) in [(&few, FEW), (&many, products)] {
        place.with_store(async |store| shelf::fill(&store, count).await)?;
    }
    let (of_few, of_many) = (few.serve()?, many.serve()?);
    let anonymous = [String::new()];
    let cell = |to, path| Cell::new(Load::new(to, 64, each_key(path, &anonymous)));
    let mut cells = [cell(of_many.beside, "/bare"), cell(of_many.app, "/v1/products")];
    rounds::measure(&of_many, plan, &mut cells)?;
    let ([bare, first], name) = (&cells, many.name());
    report_yardstick(table, &format!("bare actix-web handler, 64 connections ({name})"), bare);
    report(
        table,
        &format!("GET /v1/products, a page of 12 of {products} ({name})"),
        first,
        bare,
        Bar::None,
    );
    table.row("  server CPU per request", "us", &first.cpu_us, Bar::None);
    for (what, [path_few, path_many], max) in looks(products) {
        let [mut took_few, mut took_many] = <[Samples; 2]>::default();
        for _ in 0..plan.rounds {
            took_few.extend(ask(&of_few, &path_few, "")?);
            took_many.extend(ask(&of_many, &path_many, "")?);
        }
        for (count, took) in [(FEW, &took_few), (products, &took_many)] {
            table.one(&format!("{count} products ({name}): {what}"), "us", took.median(), Bar::None);
        }
        let ratio = took_many.median() / took_few.median();
        table.one("  many by few", "ratio", ratio, Bar::AtMost(max));
    }
    of_few.stop()?;
    of_many.stop()
}

/// Every way to look at a catalogue, of so many products in the large one.
fn looks(products: usize) -> Vec<Look> {
    let last = products / 100;
    let slugs = [FEW / 2, products / 2].map(|n| format!("/v1/products/{}", shelf::slug(n)));
    let list = |query: &str| [format!("/v1/products?{query}"), format!("/v1/products?{query}")];
    vec![
        ("the newest", list("sort=newest"), WALK_MAX),
        ("the most popular", list("sort=popular"), WALK_MAX),
        ("the cheapest", list("sort=price_asc"), WALK_MAX),
        ("the dearest", list("sort=price_desc"), WALK_MAX),
        ("the best rated", list("sort=rating"), WALK_MAX),
        ("one product by its address", slugs, WALK_MAX),
        ("of one type", list("type=skill"), COUNT_MAX),
        ("of one category", list("category=design"), COUNT_MAX),
        (
            "of two categories, the cheapest",
            list("category=design,data&sort=price_asc"),
            COUNT_MAX,
        ),
        ("between two prices", list("min_price=500&max_price=900"), COUNT_MAX),
        (
            "of one type, between two prices, the best rated",
            list("type=agent&min_price=500&max_price=9000&sort=rating"),
            COUNT_MAX,
        ),
        ("search for a rare word", list(&format!("search={RARE}")), COUNT_MAX),
        ("search for a word of every eighth", list("search=golden"), COUNT_MAX),
        ("search for nothing there is", list("search=zzyzx"), COUNT_MAX),
        (
            "the last page of hundred",
            [1, last].map(|page| format!("/v1/products?per_page=100&page={page}")),
            COUNT_MAX,
        ),
    ]
}
