//! One line of a view: `out=path:conversion?|default`.
//!
//! * `out` is the member's name in the answer; by default the last part of the path in the dialect's casing;
//! * `path` leads into the neutral value, parts joined by full stops; `.` is the value itself, nothing at all a constant;
//! * `conversion` is one of the list in [`Conversion`]; by default moments are recognised by their name's end, `_at`;
//! * `?` leaves the member out when the neutral value has none; otherwise it is null;
//! * `|default` stands in for an absent or null value, as JSON or else as bare text;
//! * `@view` takes over all lines of another view.

use serde::Deserialize;
use serde_json::Value;

/// How a neutral value becomes the dialect's.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Conversion {
    /// Moments by name, everything else as it is.
    Auto,
    /// As it is, whatever the name.
    Plain,
    /// Epoch milliseconds as text.
    Moment,
    /// Minor units in the unit of the dialect's catalogue.
    Money,
    /// Minor units in whole currency.
    Major,
    /// The text, or the id's 32 hex digits, behind a prefix.
    Text(String),
    /// Through another view; lists one by one.
    View(String),
    /// Through a table of `[maps]`.
    Map(String),
    /// Respelt and its moments written, at every depth.
    Deep,
    /// Capital letters.
    Upper,
    /// Small letters.
    Lower,
    /// The number of items.
    Count,
}

/// One parsed line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Entry {
    /// All lines of another view.
    Include(String),
    /// One member.
    Member(Member),
}

/// One member of a view.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    /// The printed name; `None` means the path's last part in the casing in force.
    pub(super) out: Option<String>,
    /// Parts of the path; empty for the value itself and for constants.
    pub(super) path: Vec<String>,
    pub(super) constant: bool,
    pub(super) conversion: Conversion,
    pub(super) optional: bool,
    pub(super) default: Option<Value>,
}

impl Member {
    /// The neutral name of the member: the path's last part, else the printed name.
    pub(super) fn neutral(&self) -> &str {
        self.path
            .last()
            .map_or(self.out.as_deref().unwrap_or_default(), String::as_str)
    }
}

impl TryFrom<String> for Entry {
    type Error = String;

    fn try_from(line: String) -> Result<Self, String> {
        if let Some(view) = line.strip_prefix('@') {
            return Ok(Self::Include(view.to_owned()));
        }
        let (front, default) = match line.split_once('|') {
            Some((front, text)) => (
                front,
                Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))),
            ),
            None => (line.as_str(), None),
        };
        let (front, optional) = front.strip_suffix('?').map_or((front, false), |front| (front, true));
        let (out, rest) = front
            .split_once('=')
            .map_or((None, front), |(out, rest)| (Some(out.to_owned()), rest));
        let (path, conversion) = rest.split_once(':').map_or((rest, None), |(path, name)| (path, Some(name)));
        let conversion = conversion.map_or(Ok(Conversion::Auto), |name| {
            conversion_named(name).ok_or_else(|| format!("`{line}`: no conversion is called `{name}`; use {KNOWN}"))
        })?;
        let constant = path.is_empty();
        if constant && (default.is_none() || out.is_none()) {
            return Err(format!(
                "`{line}`: a line without a path needs a name and a default, as in `revoked=|true`"
            ));
        }
        if path == "." && out.is_none() {
            return Err(format!(
                "`{line}`: the whole value needs a name, as in `product=.:view(brief)`"
            ));
        }
        let path = if constant || path == "." {
            Vec::new()
        } else {
            path.split('.').map(str::to_owned).collect()
        };
        Ok(Self::Member(Member {
            out,
            path,
            constant,
            conversion,
            optional,
            default,
        }))
    }
}

const KNOWN: &str = "plain, moment, money, major, text(prefix), view(name), map(name), deep, upper, lower or count";

fn conversion_named(name: &str) -> Option<Conversion> {
    let (word, argument) = match name.split_once('(') {
        Some((word, rest)) => (word, Some(rest.strip_suffix(')')?.to_owned())),
        None => (name, None),
    };
    Some(match (word, argument) {
        ("plain", None) => Conversion::Plain,
        ("moment", None) => Conversion::Moment,
        ("money", None) => Conversion::Money,
        ("major", None) => Conversion::Major,
        ("text", Some(prefix)) => Conversion::Text(prefix),
        ("view", Some(view)) => Conversion::View(view),
        ("map", Some(map)) => Conversion::Map(map),
        ("deep", None) => Conversion::Deep,
        ("upper", None) => Conversion::Upper,
        ("lower", None) => Conversion::Lower,
        ("count", None) => Conversion::Count,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn member(line: &str) -> Member {
        match Entry::try_from(line.to_owned()).unwrap() {
            Entry::Member(member) => member,
            Entry::Include(view) => panic!("{view}"),
        }
    }

    #[test]
    fn reads_every_part_of_a_line() {
        let line = member("price=attributes.price_minor:money?|0");
        assert_eq!(line.out.as_deref(), Some("price"));
        assert_eq!(line.path, ["attributes", "price_minor"]);
        assert_eq!(line.conversion, Conversion::Money);
        assert!(line.optional);
        assert_eq!(line.default, Some(json!(0)));
        assert_eq!(member("created_at").neutral(), "created_at");
        assert_eq!(member("type=kind|skill").default, Some(json!("skill")));
        assert!(member("revoked=|true").constant);
        assert_eq!(member("id:text(evt_)").conversion, Conversion::Text("evt_".to_owned()));
        assert_eq!(Entry::try_from("@brief".to_owned()), Ok(Entry::Include("brief".to_owned())));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(
            Entry::try_from("price:euros".to_owned())
                .unwrap_err()
                .contains("no conversion is called `euros`")
        );
        assert!(Entry::try_from("revoked=".to_owned()).is_err());
        assert!(Entry::try_from(".:view(x)".to_owned()).is_err());
    }
}
