//! What the server does per second, beside yardsticks measured in the same run: `cargo bench`.
//!
//! `cargo bench -- admission writes` runs some sections; `--postgres URL` adds PostgreSQL, `--rounds N` changes how often
//! each cell is measured (5). Servers under test are child processes (`serve`) built by `App::build`, so that their CPU
//! time can be told from the load generator's; yardsticks take turns with what is measured against them, and what is
//! printed is the median of the rounds. Wall figures of a busy machine say little, ratios more, CPU time per request most.
//!
//! `plan` knows the arguments, `table` prints, `served` starts servers, `load` asks, `receiver` is sent webhooks, `seed`,
//! `bulk`, `grown`, `issued` and `shelf` fill databases; the other files are the sections.

mod admission;
mod analytics;
mod backlog;
mod bulk;
mod catalogue;
mod child;
mod deliveries;
mod downloads;
mod export;
mod grown;
mod isolation;
mod issued;
mod licences;
mod load;
mod market;
mod memory;
mod place;
mod plan;
mod poster;
mod postgres;
mod purchases;
mod raw;
mod reads;
mod receiver;
mod rounds;
mod samples;
mod seed;
mod served;
mod shelf;
mod table;
mod timed;
mod writer;
mod writes;

use plan::{Plan, Role};
use std::error::Error;
use std::process::ExitCode;
use table::Table;

/// What anything here comes to.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    // A second provider may be compiled in; ring is the one the server uses.
    rustls::crypto::ring::default_provider().install_default().ok();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match Role::read(&arguments) {
        Ok(Role::Serve(settings)) => child::serve(&settings),
        Ok(Role::Post(words)) => poster::run(&words),
        Ok(Role::Measure(plan)) => measure(&plan),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            table::say(&format!("stopped: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(plan: &Plan) -> Outcome {
    let mut table = Table::begin(plan);
    for section in plan.sections() {
        if let Err(error) = section.run(plan, &mut table) {
            table.broken(section.name, &error.to_string());
        }
    }
    table.end();
    Ok(())
}
