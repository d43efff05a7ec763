//! Reads the arguments, chooses the cryptography for TLS and does what is asked; everything else is in the library.

use clap::Parser as _;
use fondaco::cli::{Arguments, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Two providers may be compiled in by dependencies; the first to be installed wins, and ring is the one we want.
    rustls::crypto::ring::default_provider().install_default().ok();
    run(arguments)
}
