//! Which layer may use which: the direction is downward, and slices meet by service only.

use crate::source::{report, rust_files};
use std::collections::{BTreeMap, BTreeSet};

/// Where a file may not reach, the reason, and what it may use instead. The first row whose place fits decides.
const LAYERS: &[Layer] = &[
    Layer {
        place: |path| path.starts_with("src/domain/"),
        never: &[
            "actix",
            "actix_web",
            "actix_rt",
            "sea_orm",
            "tokio",
            "reqwest",
            "entities",
            "metrics",
            "tracing",
            "std::net::TcpStream",
            "std::time::SystemTime",
            "std::time::Instant",
            "ring::rand",
            "crate::clock",
            "crate::store",
            "crate::actors",
            "crate::http",
            "crate::resources",
            "crate::config",
            "crate::app",
            "crate::cli",
            "crate::telemetry",
        ],
        because: "the domain is pure: values in, values out; time, chance and ids are arguments",
    },
    Layer {
        place: |path| path.starts_with("src/store/"),
        never: &[
            "actix",
            "actix_web",
            "reqwest",
            "crate::http",
            "crate::actors",
            "crate::resources",
            "crate::app",
            "crate::cli",
        ],
        because: "the store knows rows, not who asks for them",
    },
    Layer {
        place: |path| path.starts_with("src/files/"),
        never: &[
            "actix",
            "actix_web",
            "sea_orm",
            "crate::store",
            "crate::http",
            "crate::actors",
            "crate::resources",
            "crate::app",
            "crate::cli",
        ],
        because: "files are bytes under an id; what they belong to is above them",
    },
    Layer {
        place: |path| path.starts_with("src/payments/"),
        never: &[
            "actix",
            "actix_web",
            "crate::http",
            "crate::actors",
            "crate::context",
            "crate::resources",
            "crate::app",
            "crate::cli",
        ],
        because: "the payments port moves money for whoever asks; goods and books are above it",
    },
    Layer {
        place: |path| path.starts_with("src/actors/"),
        never: &["actix_web", "crate::http", "crate::resources", "crate::app", "crate::cli"],
        because: "actors own memory and timing; requests and resources are above them",
    },
    Layer {
        place: |path| path.starts_with("src/http/") && path != "src/http/mod.rs",
        never: &["sea_orm", "entities", "crate::resources", "crate::app", "crate::cli"],
        because: "the web toolkit knows no resource; the one list of slices is in http/mod.rs",
    },
    Layer {
        place: |path| is_slice_file(path, "http"),
        never: &[
            "sea_orm",
            "entities",
            "crate::store",
            "crate::actors",
            "crate::app",
            "crate::cli",
        ],
        because: "a handler extracts, makes one service call and replies",
    },
    Layer {
        place: |path| is_slice_file(path, "store"),
        never: &[
            "actix",
            "actix_web",
            "crate::http",
            "crate::actors",
            "crate::app",
            "crate::cli",
        ],
        because: "queries take a Store or a Tx and return rows",
    },
    Layer {
        place: |path| path.starts_with("src/resources/") && !path.ends_with("tests.rs"),
        never: &[
            "actix",
            "crate::app",
            "crate::cli",
            "sea_orm::ActiveModelTrait",
            "sea_orm::ColumnTrait",
            "sea_orm::EntityTrait",
            "sea_orm::PaginatorTrait",
            "sea_orm::QueryFilter",
            "sea_orm::QueryOrder",
            "sea_orm::QuerySelect",
            "sea_orm::sea_query",
        ],
        because: "a service is told everything by its Ctx, and a slice's queries are in its store",
    },
    Layer {
        place: |path| path.starts_with("src/resources/"),
        never: &["actix", "crate::app", "crate::cli"],
        because: "a service is told everything by its Ctx",
    },
    Layer {
        place: |path| path.starts_with("src/config/") || path.starts_with("src/telemetry/") || path == "src/clock.rs",
        never: &[
            "actix",
            "actix_web",
            "sea_orm",
            "crate::store",
            "crate::actors",
            "crate::http",
            "crate::resources",
            "crate::app",
            "crate::cli",
        ],
        because: "settings, telemetry and the clock are below everything but the domain",
    },
    Layer {
        place: |path| path.starts_with("src/cli/"),
        never: &[
            "sea_orm",
            "entities",
            "crate::store",
            "crate::actors",
            "crate::http",
            "crate::resources",
        ],
        because: "commands build an App or talk HTTP to a running one",
    },
];

struct Layer {
    place: fn(&str) -> bool,
    never: &'static [&'static str],
    because: &'static str,
}

/// A slice's file or folder of that name: `products/http.rs`, `products/http/list.rs`, in a family one deeper.
fn is_slice_file(path: &str, name: &str) -> bool {
    path.starts_with("src/resources/") && (path.ends_with(&format!("/{name}.rs")) || path.contains(&format!("/{name}/")))
}

#[test]
fn layers_import_downward_only() {
    let mut broken = Vec::new();
    for file in rust_files() {
        let Some(layer) = LAYERS.iter().find(|layer| (layer.place)(&file.path)) else {
            continue;
        };
        for (line, path) in file.references() {
            for never in layer.never {
                if path == *never || path.starts_with(&format!("{never}::")) {
                    broken.push(format!("{}:{line}: uses {path}, but {}", file.path, layer.because));
                }
            }
        }
    }
    report(broken);
}

#[test]
fn slices_call_one_another_by_service_and_in_no_circle() {
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut broken = Vec::new();
    for file in rust_files()
        .into_iter()
        .filter(|file| file.path.starts_with("src/resources/"))
    {
        let own = file
            .path
            .split('/')
            .nth(2)
            .unwrap_or_default()
            .trim_end_matches(".rs")
            .to_owned();
        for (line, path) in file.references() {
            let Some(rest) = path.strip_prefix("crate::resources::") else {
                continue;
            };
            let other = rest.split("::").next().unwrap_or_default().to_owned();
            if other == own || own == "mod" {
                continue;
            }
            if rest.split("::").any(|part| part == "store") {
                broken.push(format!(
                    "{}:{line}: reaches into the store of {other}; call its service",
                    file.path
                ));
            }
            calls.entry(own.clone()).or_default().insert(other);
        }
    }
    for start in calls.keys() {
        if let Some(circle) = circle_from(start, &calls) {
            broken.push(format!("slices call in a circle: {circle}; move what both need into a third"));
        }
    }
    report(broken);
}

fn circle_from(start: &str, calls: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let mut open: Vec<Vec<&str>> = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while let Some(trail) = open.pop() {
        for next in calls.get(*trail.last()?).into_iter().flatten() {
            if next == start {
                return Some([trail.as_slice(), &[start]].concat().join(" -> "));
            }
            if seen.insert(next.as_str()) {
                open.push([trail.as_slice(), &[next.as_str()]].concat());
            }
        }
    }
    None
}
