//! The table: a line for each figure, its yardstick and its bar.

use super::plan::Plan;
use super::samples::Samples;
use std::io::Write as _;

/// What a figure must keep.
#[derive(Clone, Copy)]
pub(super) enum Bar {
    /// Measured for information.
    None,
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    fn text(self) -> String {
        match self {
            Self::None => String::new(),
            Self::AtLeast(bar) => format!(">= {}", figure(bar)),
            Self::AtMost(bar) => format!("<= {}", figure(bar)),
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        let is_met = match self {
            Self::None => return "",
            Self::AtLeast(bar) => value >= bar,
            Self::AtMost(bar) => value <= bar,
        };
        if is_met { "ok" } else { "MISSED" }
    }
}

/// The printed lines, and how many bars were met.
pub(super) struct Table {
    /// The last figure that stood by itself; indented ones say something about it.
    about: String,
    met: usize,
    missed: Vec<String>,
}

impl Table {
    /// Prints what the figures depend on.
    pub(super) fn begin(plan: &Plan) -> Self {
        let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .unwrap_or("")
            .trim_start_matches(['\t', ' ', ':'])
            .to_owned();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let build = if cfg!(debug_assertions) {
            "debug build: figures mean nothing"
        } else {
            "release build"
        };
        say(&format!("{cores} cores {model}; load {}; {build}", busy()));
        say(&format!(
            "{} server workers; median of {} rounds of {} ms each, yardstick in every round; [lowest .. highest]",
            plan.workers,
            plan.rounds,
            plan.window.as_millis()
        ));
        Self {
            about: String::new(),
            met: 0,
            missed: Vec::new(),
        }
    }

    /// Begins a part.
    pub(super) fn section(&mut self, name: &str) {
        say(&format!("\n{name} (load {})", busy()));
    }

    /// A figure with its bar.
    pub(super) fn row(&mut self, what: &str, unit: &str, samples: &Samples, bar: Bar) {
        let value = samples.median();
        let (low, high) = samples.range();
        let range = if samples.len() > 1 {
            format!("[{} .. {}]", figure(low), figure(high))
        } else {
            String::new()
        };
        let verdict = bar.verdict(value);
        let (is_detail, text) = (what.starts_with("  "), what.trim_start());
        if !is_detail {
            what.clone_into(&mut self.about);
        }
        say(&format!(
            "  {what:<80} {:>9} {unit:<9} {range:<24} {:>9} {verdict}",
            figure(value),
            bar.text()
        ));
        match verdict {
            "ok" => self.met += 1,
            "MISSED" => {
                let about = if is_detail {
                    format!("{}: {text}", self.about)
                } else {
                    text.to_owned()
                };
                self.missed.push(format!("{about}: {} {unit}, {}", figure(value), bar.text()));
            }
            _ => {}
        }
    }

    /// A figure of a single measurement.
    pub(super) fn one(&mut self, what: &str, unit: &str, value: f64, bar: Bar) {
        self.row(what, unit, &[value].into_iter().collect(), bar);
    }

    /// A remark.
    pub(super) fn note(&mut self, text: &str) {
        say(&format!("  . {text}"));
    }

    /// A part that could not be measured to its end.
    pub(super) fn broken(&mut self, section: &str, error: &str) {
        say(&format!("  {section} could not be measured: {error}"));
        self.missed.push(format!("{section}: not measured ({error})"));
    }

    /// Prints the sum.
    pub(super) fn end(self) {
        say(&format!("\n{} bars met, {} missed", self.met, self.missed.len()));
        for missed in self.missed {
            say(&format!("  {missed}"));
        }
    }
}

/// Prints a line.
pub(super) fn say(line: &str) {
    // Nobody is left to tell when the output is gone.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn busy() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}

fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
