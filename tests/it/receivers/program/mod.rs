//! Through the built program, on a clock that runs by itself.

mod examples;
mod hostile;
mod library;
mod licenses;
mod month;

use crate::harness::{ADMIN_SECRET, Process, Shop};
use std::path::Path;

fn serve(data: &Path, settings: &[&str]) -> Process {
    let secret = format!("admin_secret={ADMIN_SECRET}");
    let usual = [
        secret.as_str(),
        "webhooks_allow_http=true",
        "webhooks_allow_networks=127.0.0.0/8",
    ];
    let all = usual.iter().chain(settings);
    let flags: Vec<&str> = all.flat_map(|setting| ["--set", *setting]).collect();
    Process::serve(data, &flags)
}

async fn shop(server: &Process, dialect: &str) -> Shop {
    let operator = server.anonymous().bearer(ADMIN_SECRET);
    Shop::open(&server.anonymous(), &operator, dialect, &format!("shop-{dialect}")).await
}
