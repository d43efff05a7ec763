//! The house rules that a compiler does not know, checked on the source text: no server, no database, under a second.
//!
//! Each test is one rule and lists every place that breaks it, with what to do about it.

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/source.rs"]
mod source;

use source::{presets, read, report, rust_files, text_files};
use std::collections::{BTreeMap, BTreeSet};

/// Lines at which a file is listed, and at which the check fails.
const LINES_LISTED: usize = 400;
const LINES_MAX: usize = 500;

/// Variables that packagers and scripts rely on; the list only grows.
const PROMISED_VARIABLES: &str = "bind public_url data database_url redis_url admin_secret master_key default_dialect \
    webhooks_allow_networks webhooks_allow_http sandbox_clock stripe_secret_key stripe_api_base stripe_webhook_secret \
    storage_url inbound_webhook_secret smtp_url upload_max_bytes tenant_quota_bytes dialects_dir release_feed release_key \
    metrics_bind trusted_proxies";

/// Series that boards and alerts rely on; the list only grows.
const PROMISED_SERIES: &str = "http_requests_total http_request_duration_seconds rate_limited_total \
    webhook_deliveries_total webhook_delivery_lag_seconds webhook_pending actor_restarts_total mailbox_full_total \
    tenants_active sandbox_clock_offset_seconds";

#[test]
#[expect(clippy::print_stdout, reason = "a list for whoever asks with --nocapture")]
fn files_stay_short_enough_to_be_read() {
    let mut broken = Vec::new();
    for file in rust_files() {
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            broken.push(format!(
                "{}: {lines} lines; split it by operation, never by kind of function",
                file.path
            ));
        } else if lines > LINES_LISTED {
            println!(
                "{}: {lines} lines; split it by operation before it reaches {LINES_MAX}",
                file.path
            );
        }
    }
    report(broken);
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let files = rust_files().into_iter().filter(|file| !file.text.starts_with("//! "));
    report(
        files
            .map(|file| format!("{}: begin with //! and one sentence that says what it is", file.path))
            .collect(),
    );
}

#[test]
fn modules_are_named_for_a_concept() {
    const VAGUE: [&str; 9] = [
        "util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "shared",
    ];
    let mut broken = Vec::new();
    for file in rust_files() {
        if file.path.split('/').any(|part| VAGUE.contains(&part.trim_end_matches(".rs"))) {
            broken.push(format!("{}: name the module for what it holds", file.path));
        }
    }
    report(broken);
}

#[test]
fn every_source_file_is_part_of_its_crate() {
    let files = rust_files();
    let texts: BTreeMap<&str, &str> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let mut broken = Vec::new();
    for path in texts.keys().filter(|path| path.contains("src/")) {
        let module = path.trim_end_matches(".rs").trim_end_matches("/mod");
        let Some((parent, name)) = module.rsplit_once('/') else {
            continue;
        };
        let parents = [format!("{parent}/mod.rs"), format!("{parent}.rs"), format!("{parent}/lib.rs")];
        let declared = parents.iter().filter_map(|parent| texts.get(parent.as_str()));
        let named = |text: &&str| text.lines().any(|line| line.trim().ends_with(&format!("mod {name};")));
        if !matches!(name, "lib" | "main") && !declared.into_iter().any(named) {
            broken.push(format!("{path}: no module declares it; declare it or remove it"));
        }
    }
    report(broken);
}

#[test]
fn lints_are_expected_with_a_reason_and_nothing_is_left_undone() {
    // Written in halves, so that this file does not find itself.
    let banned = [
        (
            ["#[", "allow("],
            "write #[expect(lint, reason = \"…\")], which complains when it is no longer needed",
        ),
        (["#![", "allow("], "write #[expect(lint, reason = \"…\")] where it is needed"),
        (["to", "do!("], "finish it or return an error"),
        (["unimple", "mented!("], "finish it or return an error"),
        (["db", "g!("], "use tracing, or remove it"),
        (["#[", "ignore"], "mend the test or remove it"),
        (["FIX", "ME"], "mend it, or open an issue and name its number"),
    ];
    let mut broken = Vec::new();
    for file in rust_files() {
        for (number, line) in file.text.lines().enumerate() {
            for (halves, instead) in &banned {
                if line.contains(&halves.concat()) {
                    broken.push(format!(
                        "{}:{}: {} is banned; {instead}",
                        file.path,
                        number + 1,
                        halves.concat()
                    ));
                }
            }
        }
    }
    report(broken);
}

#[test]
fn no_slice_names_a_dialect() {
    let names: Vec<_> = presets().into_iter().filter(|name| name != "fondaco").collect();
    let mut broken = Vec::new();
    for file in rust_files()
        .into_iter()
        .filter(|file| file.path.starts_with("src/resources/"))
    {
        for (number, line) in file.text.lines().enumerate() {
            for name in names.iter().filter(|name| line.contains(&format!("\"{name}\""))) {
                let place = format!("{}:{}", file.path, number + 1);
                broken.push(format!(
                    "{place}: names the dialect {name}; make the difference a field of its file"
                ));
            }
        }
    }
    report(broken);
}

#[test]
fn every_setting_is_explained_and_every_promised_one_exists() {
    let keys = read("src/config/keys.rs");
    let known: BTreeSet<_> = keys
        .lines()
        .filter_map(|line| line.strip_prefix("    \"")?.split_once("\" = "))
        .map(|(name, _)| name)
        .collect();
    let explained: Vec<_> = read("config/fondaco.toml")
        .lines()
        .filter_map(|line| line.strip_prefix('#')?.split_once(" = "))
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        .collect();
    let mut broken = Vec::new();
    for name in PROMISED_VARIABLES.split_whitespace().filter(|name| !known.contains(name)) {
        broken.push(format!("src/config/keys.rs: users rely on {name}; put it back"));
    }
    for name in &known {
        match explained.iter().filter(|line| line == name).count() {
            1 => {}
            0 => broken.push(format!("config/fondaco.toml: explain {name} in a line `#{name} = …`")),
            _ => broken.push(format!("config/fondaco.toml: {name} stands there twice")),
        }
    }
    for name in explained.iter().filter(|name| !known.contains(name.as_str())) {
        broken.push(format!("config/fondaco.toml: {name} is no setting (src/config/keys.rs)"));
    }
    report(broken);
}

#[test]
fn every_preset_is_named_where_people_look_for_it() {
    let mut broken = Vec::new();
    for name in presets() {
        for place in [
            "README.md",
            "config/fondaco.toml",
            "src/config/keys.rs",
            "src/cli/demo/plan.rs",
        ] {
            if !read(place).contains(&name) {
                broken.push(format!("{place}: does not know the dialect {name} of config/dialects"));
            }
        }
    }
    report(broken);
}

#[test]
fn every_promised_series_is_counted() {
    let series = read("src/telemetry/series.rs");
    let missing = PROMISED_SERIES
        .split_whitespace()
        .filter(|name| !series.contains(&format!("\"fondaco_{name}\"")));
    report(
        missing
            .map(|name| format!("src/telemetry/series.rs: boards rely on fondaco_{name}; put it back"))
            .collect(),
    );
}

#[test]
fn nothing_tells_of_the_machine_it_was_written_on() {
    // Written in halves, so that this file does not find itself.
    let words = [
        ["/wo", "rk/"],
        ["/fa", "rm/"],
        ["../sha", "red"],
        ["farm-", "studio"],
        ["farm-", "bench"],
        ["/home", "/"],
    ];
    let mut broken = Vec::new();
    for (path, text) in text_files() {
        for (number, line) in text.lines().enumerate() {
            for word in words
                .iter()
                .map(|halves| halves.concat())
                .filter(|word| line.contains(word.as_str()))
            {
                broken.push(format!("{path}:{}: {word} means nothing to a reader elsewhere", number + 1));
            }
        }
    }
    report(broken);
}
