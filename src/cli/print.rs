//! What people read: answers on standard output, trouble on standard error.

use serde_json::Value;
use std::error::Error;
use std::io::{Write as _, stderr, stdout};

/// Prints one line; a reader that went away is no error of ours.
pub(super) fn say(line: impl AsRef<str>) {
    let mut out = stdout().lock();
    if writeln!(out, "{}", line.as_ref()).is_ok() {
        out.flush().ok();
    }
}

/// Prints an error with all that lies behind it.
pub(super) fn complain(error: &(dyn Error + 'static)) {
    let mut text = format!("fondaco: {error}");
    let mut source = error.source();
    while let Some(deeper) = source {
        let said = deeper.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = deeper.source();
    }
    writeln!(stderr(), "{text}").ok();
}

/// Prints rows in columns as wide as their widest cell, under headings.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String]| {
        let padded: Vec<_> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        say(padded.join("  ").trim_end());
    };
    line(&headings.iter().map(|heading| heading.to_uppercase()).collect::<Vec<_>>());
    rows.iter().for_each(|row| line(row));
}

/// A member of an answer as one cell.
pub(super) fn cell(value: &Value, member: &str) -> String {
    match &value[member] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned))
            .collect::<Vec<_>>()
            .join(","),
        other => other.to_string(),
    }
}
