//! `tests/ENDPOINTS.md` says which test covers which endpoint; here is checked that it says the truth.

use fondaco::http::Route;
use fondaco::resources::routes;
use std::fs;
use std::path::Path;

/// Endpoints that each contract's documents print, as far as its table stands.
const PRINTED: &[(&str, usize)] = &[
    ("sellf", 63 + 8 + 5 + 3),
    ("openclaw", 22 + 8),
    ("bigclass", 7 + 13),
    ("licentric", 2 + 44),
    ("cgls", 3 + 35),
];

/// One row of a table.
struct Row {
    contract: String,
    method: String,
    path: String,
    test: String,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ENDPOINTS.md")).unwrap();
    let (mut contract, mut rows) = (String::new(), Vec::new());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut contract);
        }
        let cells: Vec<&str> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        if let ["", method, path, _, test, ""] = cells[..]
            && path.starts_with('/')
        {
            rows.push(Row {
                contract: contract.clone(),
                method: method.to_owned(),
                path: path.to_owned(),
                test: test.to_owned(),
            });
        }
    }
    rows
}

/// A path without the names of its places.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn is_route(row: &Row, route: &Route) -> bool {
    route.method == row.method.as_str() && shape(route.path) == shape(&row.path)
}

/// Whether a test of this path is there: `area::file::name` or `area::name`.
fn is_test(path: &str) -> bool {
    let (place, name) = path.rsplit_once("::").unwrap_or(("", path));
    let place = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it")
        .join(place.replace("::", "/"));
    let files = [place.with_extension("rs"), place.join("mod.rs")];
    files.iter().any(|file| {
        let text = fs::read_to_string(file).unwrap_or_default();
        text.contains(&format!("async fn {name}() {{")) || text.contains(&format!("\nfn {name}() {{"))
    })
}

#[test]
fn every_row_names_a_route_and_a_test_that_are_there() {
    let mut wrong = Vec::new();
    for row in rows() {
        if !routes().iter().any(|route| is_route(&row, route)) {
            wrong.push(format!("{}: no route {} {}", row.contract, row.method, row.path));
        }
        if !is_test(&row.test) {
            wrong.push(format!("{} {}: no test {}", row.method, row.path, row.test));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_endpoint_that_a_contract_prints_has_one_row() {
    let rows = rows();
    for (contract, printed) in PRINTED {
        let own = rows.iter().filter(|row| row.contract == *contract);
        let mut named: Vec<String> = own.map(|row| format!("{} {}", row.method, shape(&row.path))).collect();
        named.sort();
        named.dedup();
        assert_eq!(named.len(), *printed, "{contract}");
    }
}
