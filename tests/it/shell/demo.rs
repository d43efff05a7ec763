//! `fondaco demo` in every dialect.

use crate::harness::Process;
use std::time::{Duration, Instant};

fn shows_a_verified_delivery(dialect: &str) {
    let begun = Instant::now();
    let output = Process::run(&["demo", "--dialect", dialect]);
    let told = String::from_utf8_lossy(&output.stdout);
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{trouble}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    for part in ["webhook-signature: v1,", "equals the header", "Verified: "] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
}

macro_rules! demos {
    ($($dialect:ident),*) => {
        $(
            #[test]
            fn $dialect() {
                shows_a_verified_delivery(stringify!($dialect));
            }
        )*
    };
}

demos!(fondaco, sellf, openclaw, licentric, bigclass, cgls);

#[test]
fn a_dialect_that_does_not_exist_is_told_with_those_that_do() {
    let output = Process::run(&["demo", "--dialect", "klingon"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("klingon") && told.contains("licentric"), "{told}");
}
