//! How pages are asked for and how they are announced.

use super::Dialect;
use super::entry::Entry;
use crate::domain::{Error, FieldError, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The page number beyond which nobody reads on; it keeps offsets within bounds.
const PAGE_MAX: u32 = 100_000;

/// How a list is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageStyle {
    /// By a cursor that the answer before gave.
    #[default]
    Cursor,
    /// By page numbers, from 1.
    Page,
    /// Not at all; the bound alone applies.
    None,
}

/// What a size outside the bounds means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutOfRange {
    /// Too large becomes the maximum; anything else the default.
    #[default]
    Clamp,
    /// A validation error.
    Refuse,
}

/// What a cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CursorForm {
    /// A text only the server understands.
    #[default]
    Opaque,
    /// The id of the last row of the page before.
    RowId,
}

/// The settings of `[paging]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PagingRules {
    /// How a list is cut.
    pub style: PageStyle,
    /// Rows of a page that names no size.
    pub default: u32,
    /// Most rows of a page.
    pub max: u32,
    /// What a size outside 1 to `max` means.
    pub out_of_range: OutOfRange,
    /// What a cursor is.
    pub cursor: CursorForm,
    /// Query parameter of the size.
    pub limit_name: String,
    /// Query parameter of the cursor.
    pub cursor_name: String,
    /// Query parameter of the page number.
    pub page_name: String,
    /// The member the announcement stands in; at the top where there is none.
    pub(super) within: Option<String>,
    /// What is announced, as the lines of a view.
    pub(super) members: Vec<Entry>,
}

impl Default for PagingRules {
    fn default() -> Self {
        Self {
            style: PageStyle::Cursor,
            default: 20,
            max: 100,
            out_of_range: OutOfRange::Clamp,
            cursor: CursorForm::Opaque,
            limit_name: "limit".to_owned(),
            cursor_name: "cursor".to_owned(),
            page_name: "page".to_owned(),
            within: None,
            members: Vec::new(),
        }
    }
}

/// The number a text says; one too large for a number is the largest there is.
fn page_number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}

/// The page a caller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows wanted, within the dialect's bounds.
    pub limit: u32,
    /// Where to go on, as the caller sent it.
    pub cursor: Option<String>,
    /// The page's number from 1, in dialects that count pages.
    pub page: Option<u32>,
    /// What a cursor of this dialect is.
    pub cursor_form: CursorForm,
}

/// What is known about a page that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct PageInfo {
    /// The size in force.
    pub limit: u32,
    /// The cursor this page was asked with.
    pub cursor: Option<String>,
    /// Where to go on; `None` on the last page.
    pub next_cursor: Option<String>,
    /// All rows that match, where they were counted.
    pub total: Option<u64>,
    /// The page's number from 1, in dialects that count pages.
    pub page: Option<u32>,
}

impl Dialect {
    /// Reads size, cursor and page number from a query; empty values count as absent.
    pub fn page_request(&self, query: &[(String, String)]) -> Result<PageRequest> {
        let rules = &self.paging;
        let sent = |name: &str| {
            query
                .iter()
                .find(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| value.as_str())
        };
        let mut wrong = Vec::new();
        let limit = match sent(&rules.limit_name) {
            None => rules.default,
            Some(text) => self.page_size(text).unwrap_or_else(|| {
                wrong.push(fault(
                    "limit",
                    "range",
                    format!("{} must be 1 to {}", rules.limit_name, rules.max),
                ));
                rules.default
            }),
        };
        let cursor = sent(&rules.cursor_name)
            .filter(|_| rules.style == PageStyle::Cursor)
            .map(str::to_owned);
        if rules.cursor == CursorForm::RowId && cursor.as_deref().is_some_and(|text| Uuid::try_parse(text).is_err()) {
            wrong.push(fault(
                "cursor",
                "cursor",
                format!("{} must be a cursor of this list", rules.cursor_name),
            ));
        }
        let page = (rules.style == PageStyle::Page)
            .then(|| sent(&rules.page_name).and_then(page_number).unwrap_or(1).clamp(1, PAGE_MAX));
        if wrong.is_empty() {
            Ok(PageRequest {
                limit,
                cursor,
                page,
                cursor_form: rules.cursor,
            })
        } else {
            Err(Error::fields(wrong))
        }
    }

    fn page_size(&self, text: &str) -> Option<u32> {
        let rules = &self.paging;
        let asked = text.parse::<i64>().ok();
        match (rules.out_of_range, asked) {
            (_, Some(size)) if (1..=i64::from(rules.max)).contains(&size) => u32::try_from(size).ok(),
            (OutOfRange::Refuse, _) => None,
            (OutOfRange::Clamp, Some(size)) if size > 0 => Some(rules.max),
            (OutOfRange::Clamp, _) => Some(rules.default),
        }
    }

    /// The members that announce a page of `count` rows.
    pub(super) fn page_members(&self, info: &PageInfo, count: usize) -> Map<String, Value> {
        let pages = info.total.map(|total| total.div_ceil(u64::from(info.limit.max(1))));
        let mut facts = json!({
            "cursor": info.cursor,
            "next_cursor": info.next_cursor,
            "has_more": info.next_cursor.is_some(),
            "limit": info.limit,
            "page": info.page,
            "count": count,
        });
        if let (Some(total), Some(pages), Some(members)) = (info.total, pages, facts.as_object_mut()) {
            members.insert("total".to_owned(), total.into());
            members.insert("total_pages".to_owned(), pages.into());
            let more = info.page.is_some_and(|page| u64::from(page) < pages);
            members.insert("has_more".to_owned(), (info.next_cursor.is_some() || more).into());
        }
        self.painter().lines(&self.paging.members, &facts, 0)
    }
}

fn fault(field: &'static str, rule: &'static str, message: String) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
        rule,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dialects;
    use super::*;

    fn asked(dialect: &str, query: &[(&str, &str)]) -> Result<PageRequest> {
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Dialects::load(None).unwrap().get(dialect).unwrap().page_request(&query)
    }

    #[test]
    fn sizes_are_lowered_or_refused_as_the_contract_says() {
        for (dialect, sent, limit) in [
            ("sellf", "500", Some(100)),
            ("sellf", "0", Some(20)),
            ("sellf", "many", Some(20)),
            ("sellf", "7", Some(7)),
            ("licentric", "100", Some(100)),
            ("licentric", "101", None),
            ("licentric", "0", None),
            ("bigclass", "x", None),
            ("cgls", "500", Some(500)),
        ] {
            assert_eq!(
                asked(dialect, &[("limit", sent)]).ok().map(|page| page.limit),
                limit,
                "{dialect} {sent}"
            );
        }
        for (dialect, limit) in [("fondaco", 20), ("openclaw", 12), ("licentric", 25), ("bigclass", 20)] {
            assert_eq!(asked(dialect, &[("limit", "")]).unwrap().limit, limit);
        }
    }

    #[test]
    fn pages_are_found_by_cursor_or_number() {
        let page = asked("openclaw", &[("page", "3"), ("per_page", "5"), ("cursor", "x")]).unwrap();
        assert_eq!(
            page,
            PageRequest {
                limit: 5,
                cursor: None,
                page: Some(3),
                cursor_form: CursorForm::Opaque
            }
        );
        assert_eq!(asked("openclaw", &[("page", "-1")]).unwrap().page, Some(1));
        let far = asked("openclaw", &[("page", "99999999999")]).unwrap();
        assert_eq!(far.page, Some(PAGE_MAX));
        assert_eq!(asked("sellf", &[("cursor", "abc")]).unwrap().cursor.as_deref(), Some("abc"));
        assert!(asked("licentric", &[("cursor", "d9e5f0a1-4c82-5e6f-a023-9b7c4d8e5f60")]).is_ok());
        let error = asked("licentric", &[("cursor", "abc"), ("limit", "0")]).unwrap_err();
        assert_eq!(error.fields.len(), 2);
    }
}
