//! What is to be measured.

use super::table::Table;
use super::{
    Outcome, admission, analytics, backlog, catalogue, deliveries, downloads, export, isolation, licences, market, memory,
    purchases, reads, writes,
};
use std::time::Duration;

/// What this process is for.
pub(super) enum Role {
    /// A server under test, with its settings as `key=value`.
    Serve(Vec<String>),
    /// A yardstick that needs a process of its own.
    Post(Vec<String>),
    /// Everything else.
    Measure(Plan),
}

impl Role {
    /// Reads the arguments.
    pub(super) fn read(arguments: &[String]) -> Outcome<Self> {
        match arguments.split_first() {
            Some((word, rest)) if word == "serve" => Ok(Self::Serve(rest.to_vec())),
            Some((word, rest)) if word == "post" => Ok(Self::Post(rest.to_vec())),
            _ => Plan::read(arguments).map(Self::Measure),
        }
    }
}

/// A part of the table.
pub(super) struct Section {
    /// How it is asked for.
    pub(super) name: &'static str,
    run: fn(&Plan, &mut Table) -> Outcome,
}

impl Section {
    pub(super) fn run(&self, plan: &Plan, table: &mut Table) -> Outcome {
        table.section(self.name);
        (self.run)(plan, table)
    }
}

const SECTIONS: &[Section] = &[
    Section {
        name: "admission",
        run: admission::run,
    },
    Section {
        name: "flood",
        run: admission::flood,
    },
    Section {
        name: "reads",
        run: reads::run,
    },
    Section {
        name: "writes",
        run: writes::run,
    },
    Section {
        name: "deliveries",
        run: deliveries::run,
    },
    Section {
        name: "isolation",
        run: isolation::run,
    },
    Section {
        name: "memory",
        run: memory::run,
    },
    Section {
        name: "retries",
        run: backlog::retries,
    },
    Section {
        name: "logs",
        run: backlog::logs,
    },
    Section {
        name: "catalogue",
        run: catalogue::run,
    },
    Section {
        name: "analytics",
        run: analytics::run,
    },
    Section {
        name: "purchases",
        run: purchases::run,
    },
    Section {
        name: "export",
        run: export::run,
    },
    Section {
        name: "licences",
        run: licences::run,
    },
    Section {
        name: "market",
        run: market::run,
    },
    Section {
        name: "downloads",
        run: downloads::run,
    },
];

/// Sections, databases and patience.
pub(super) struct Plan {
    wanted: Vec<String>,
    /// How often each cell is measured.
    pub(super) rounds: usize,
    /// How long a cell is measured each time.
    pub(super) window: Duration,
    /// Where a PostgreSQL server is, besides SQLite.
    pub(super) postgres: Option<String>,
    /// Threads of the server.
    pub(super) workers: usize,
    /// Rows of the big tables.
    pub(super) many: u64,
    /// Tenants known to the server.
    pub(super) tenants: usize,
}

impl Plan {
    fn read(arguments: &[String]) -> Outcome<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut plan = Self {
            wanted: Vec::new(),
            rounds: 5,
            window: Duration::from_millis(800),
            postgres: None,
            workers: cores,
            many: 1_000_000,
            tenants: 100_000,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                // What cargo adds.
                "--bench" => {}
                "--postgres" => plan.postgres = Some(value()?.clone()),
                "--rounds" => plan.rounds = value()?.parse::<usize>()?.max(1),
                "--window-ms" => plan.window = Duration::from_millis(value()?.parse()?),
                "--workers" => plan.workers = value()?.parse::<usize>()?.max(1),
                "--rows" => plan.many = value()?.parse()?,
                "--tenants" => plan.tenants = value()?.parse()?,
                name if SECTIONS.iter().any(|section| section.name == name) => plan.wanted.push(name.to_owned()),
                other => {
                    let names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
                    return Err(format!("there is no section {other}; the sections are: {}", names.join(" ")).into());
                }
            }
        }
        Ok(plan)
    }

    /// What to run, in the table's order.
    pub(super) fn sections(&self) -> impl Iterator<Item = &'static Section> {
        SECTIONS
            .iter()
            .filter(|section| self.wanted.is_empty() || self.wanted.iter().any(|name| name == section.name))
    }
}
