//! Tables as comma-separated values that are safe to open in a spreadsheet.

/// One row: every cell quoted, and one that a program would take for a formula made a plain text by an apostrophe.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = cells.into_iter().map(cell).collect();
    quoted.join(",")
}

fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(row(["a", "b \"c\", d", ""]), r#""a","b ""c"", d","""#);
        assert_eq!(
            row(["=1+1", "+4", "-2", "@x", "\tx"]),
            "\"'=1+1\",\"'+4\",\"'-2\",\"'@x\",\"'\tx\""
        );
    }
}
