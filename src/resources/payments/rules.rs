//! Pure decisions about reading payments: orders, dates, cells.

use super::types::ExportPayments;
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use serde_json::{Map, Value};

/// Columns a list may be ordered by.
pub const SORTS: &[&str] = &["created_at", "amount", "customer_email"];
/// Bytes of a payment's metadata as JSON.
const METADATA_MAX: usize = 65_536;
/// Longest span that `date_range` may name, in days.
const SPAN_MAX: i64 = 3_650;

/// The column and direction a list is asked for in; `sort` goes before the pair.
///
/// # Errors
/// `Malformed` for a column that lists are not ordered by.
pub fn order(sort: Option<&str>, sort_by: Option<&str>, sort_order: Option<&str>) -> Result<(&'static str, bool)> {
    let (name, descending) = match (sort, sort_by) {
        (Some(sort), _) => sort.strip_prefix('-').map_or((sort, false), |name| (name, true)),
        (None, by) => (by.unwrap_or(SORTS[0]), sort_order != Some("asc")),
    };
    let known = SORTS.iter().find(|known| **known == name);
    known
        .map(|known| (*known, descending))
        .ok_or_else(|| Error::malformed(format!("sort must be one of: {}.", SORTS.join(", "))))
}

/// The first moment a filter lets through; a text that is no date filters nothing.
pub fn from(text: Option<&str>) -> Option<i64> {
    let text = text?.trim();
    moment(text).map(|at| at.0)
}

/// The last moment a filter lets through, which is in it: of a day without a time, its end.
pub fn to(text: Option<&str>) -> Option<i64> {
    let text = text?.trim();
    moment(text).map(|at| if text.len() == 10 { at.0 + DAY_MS - 1 } else { at.0 })
}

fn moment(text: &str) -> Option<Timestamp> {
    if text.len() == 10 {
        Timestamp::parse(&format!("{text}T00:00:00Z"))
    } else {
        Timestamp::parse(text)
    }
}

/// The moments an export is asked for: dates, or so many days back.
///
/// # Errors
/// `Validation` where the days are no number from 1 to 3650, or a date is none.
pub fn span(asked: &ExportPayments, now: Timestamp) -> Result<(Option<i64>, Option<i64>)> {
    let bad = |field, text| Error::field(field, "date", text);
    let read = |text: Option<&str>, field| match text.filter(|text| !text.trim().is_empty()) {
        Some(text) if moment(text.trim()).is_none() => Err(bad(field, format!("{field} must be a date"))),
        other => Ok(other.map(str::to_owned)),
    };
    let (mut first, last) = (
        from(read(asked.date_from.as_deref(), "date_from")?.as_deref()),
        to(read(asked.date_to.as_deref(), "date_to")?.as_deref()),
    );
    let days = match asked.date_range.as_deref() {
        None | Some("all" | "") => None,
        Some(text) => {
            let days = text.parse::<i64>().ok().filter(|days| (1..=SPAN_MAX).contains(days));
            Some(days.ok_or_else(|| bad("date_range", "dateRange must be `all` or 1 to 3650 days".to_owned()))?)
        }
    };
    if let Some(days) = days.filter(|_| first.is_none() && last.is_none()) {
        first = Some(now.0 - days * DAY_MS);
    }
    Ok((first, last))
}

/// A payment's metadata after a change: members given replace those of their name.
///
/// # Errors
/// `Validation` for more of it than is kept.
pub fn merged(old: &Value, change: &Map<String, Value>) -> Result<Value> {
    let mut merged = old.as_object().cloned().unwrap_or_default();
    for (name, value) in change {
        merged.insert(name.clone(), value.clone());
    }
    let merged = Value::Object(merged);
    if merged.to_string().len() > METADATA_MAX {
        return Err(Error::field(
            "metadata",
            "too_long",
            "metadata must be at most 64 KiB as JSON",
        ));
    }
    Ok(merged)
}

/// Adds a cell in quotes; one that a spreadsheet would take for a formula gets an apostrophe before it.
pub fn cell(line: &mut String, text: &str) {
    line.push('"');
    if text.starts_with(['=', '+', '-', '@']) {
        line.push('\'');
    }
    for letter in text.chars() {
        if letter == '"' {
            line.push('"');
        }
        line.push(letter);
    }
    line.push('"');
}

/// Cells of one row, with commas between them.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (number, text) in cells.into_iter().enumerate() {
        if number > 0 {
            line.push(',');
        }
        cell(&mut line, text);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_cannot_become_formulas_nor_leave_their_quotes() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@A1", "\"'@A1\""),
            ("a=b", "\"a=b\""),
            ("say \"hi\", or\nnot", "\"say \"\"hi\"\", or\nnot\""),
            ("", "\"\""),
        ] {
            let mut line = String::new();
            cell(&mut line, text);
            assert_eq!(line, expected);
        }
        assert_eq!(row(["a", "b"]), "\"a\",\"b\"");
    }

    #[test]
    fn dates_are_inclusive_and_nonsense_filters_nothing() {
        assert_eq!(from(Some("2026-05-19")), Some(1_779_148_800_000));
        assert_eq!(to(Some("2026-05-19")), Some(1_779_235_199_999));
        assert_eq!(to(Some("2026-05-19T00:00:00Z")), Some(1_779_148_800_000));
        assert_eq!((from(Some("soon")), to(Some("")), from(None)), (None, None, None));
    }

    #[test]
    fn a_span_is_dates_or_days_back() {
        let asked = |value: Value| serde_json::from_value::<ExportPayments>(value).unwrap();
        let now = Timestamp(1_779_148_800_000);
        let of = |value| span(&asked(value), now);
        assert_eq!(of(json!({})).unwrap(), (None, None));
        assert_eq!(of(json!({ "date_range": "all" })).unwrap(), (None, None));
        assert_eq!(of(json!({ "date_range": "2" })).unwrap(), (Some(now.0 - 2 * DAY_MS), None));
        assert_eq!(
            of(json!({ "date_range": "2", "date_from": "2026-05-19" })).unwrap(),
            (Some(now.0), None)
        );
        for bad in [
            json!({ "date_range": "0" }),
            json!({ "date_range": "3651" }),
            json!({ "date_range": "x" }),
            json!({ "date_to": "x" }),
        ] {
            assert!(of(bad).is_err());
        }
    }

    #[test]
    fn metadata_is_merged_one_level_deep() {
        let change = json!({ "a": { "x": 1 }, "b": null });
        let merged = merged(&json!({ "a": { "y": 2 }, "c": 3 }), change.as_object().unwrap()).unwrap();
        assert_eq!(merged, json!({ "a": { "x": 1 }, "c": 3, "b": null }));
        let huge = json!({ "a": "x".repeat(70_000) });
        assert!(super::merged(&json!({}), huge.as_object().unwrap()).is_err());
    }
}
