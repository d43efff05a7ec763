//! Text within columns.

use sea_orm::Condition;
use sea_orm::sea_query::{Expr, ExprTrait, Func, IntoColumnRef, LikeExpr, SimpleExpr};

/// Letters beyond ASCII whose capitals are looked for; a text with more has the first ones folded.
const FOLDED_MAX: usize = 32;

/// Whether a column holds a text, whatever the case; `%` and `_` stand for themselves.
pub fn contains(column: impl IntoColumnRef, text: &str) -> Condition {
    holds(Expr::col(column), text)
}

/// The same of what is made of columns.
///
/// SQLite folds the letters of ASCII alone, and PostgreSQL those that its locale knows. So each other letter of the text is
/// made small in the column by name, which both do alike; what surrounds these letters is sought first, since an index may
/// find it.
pub fn holds(whole: SimpleExpr, text: &str) -> Condition {
    let held = |whole: SimpleExpr, pattern: String| {
        let like = LikeExpr::new(format!("%{pattern}%")).escape('\\');
        Expr::expr(Func::lower(whole)).like(like)
    };
    if text.is_ascii() {
        return Condition::all().add(held(whole, escaped(&text.to_ascii_lowercase())));
    }
    let small: String = text.chars().map(folded).collect();
    let around: String = text
        .chars()
        .map(|letter| if letter.is_ascii() { letter } else { '\0' })
        .collect();
    let around = escaped(&around.to_ascii_lowercase()).replace('\0', "%");
    let mut replaced = whole.clone();
    for (capital, letter) in capitals(text) {
        let places = [replaced, capital.to_string().into(), letter.to_string().into()];
        replaced = Func::cust("replace").args(places).into();
    }
    Condition::all().add(held(whole, around)).add(held(replaced, escaped(&small)))
}

/// Each letter beyond ASCII of a text that has another form, as it may stand in a column, with its small one.
fn capitals(text: &str) -> Vec<(char, char)> {
    let mut found: Vec<(char, char)> = Vec::new();
    for letter in text.chars().filter(|letter| !letter.is_ascii()) {
        let small = folded(letter);
        for form in [letter, single(small.to_uppercase()).unwrap_or(small)] {
            if form != small && !found.contains(&(form, small)) && found.len() < FOLDED_MAX {
                found.push((form, small));
            }
        }
    }
    found
}

/// A letter's small form: that of its capital, so that forms of the same capital are one.
fn folded(letter: char) -> char {
    let capital = single(letter.to_uppercase()).unwrap_or(letter);
    single(capital.to_lowercase()).unwrap_or(letter)
}

/// The one letter there is; `None` for more.
fn single(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

/// A column that no index is used for: where the database would begin with the wrong one.
pub fn unindexed(column: impl IntoColumnRef) -> SimpleExpr {
    let column = column.into_column_ref();
    Expr::expr(Func::coalesce([Expr::col(column.clone()), Expr::col(column)]))
}

/// A text in which `\`, `%` and `_` stand for themselves.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_one_small_form() {
        let small = |text: &str| text.chars().map(folded).collect::<String>();
        assert_eq!(small("ÄRGER"), "ärger");
        assert_eq!(small("ΟΔΟΣ"), small("οδος"));
        assert_eq!(small("straße"), "straße");
        assert_eq!(capitals("Ärger mit ß"), [('Ä', 'ä')]);
        assert_eq!(capitals("ärgerlich"), [('Ä', 'ä')]);
        assert_eq!(capitals("日本"), []);
        let many: String = ('а'..='я').chain('α'..='ω').collect();
        assert_eq!(capitals(&many).len(), FOLDED_MAX);
    }
}
