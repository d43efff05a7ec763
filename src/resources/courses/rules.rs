//! Pure decisions about courses: which parts stay, how far somebody is, what a certificate is called.

use super::types::{AskedLesson, AskedModule, LessonView, ModuleView};
use crate::domain::{Error, Result};
pub use crate::resources::products::rules::status_name;
use entities::enrollment;
use entities::product::Status;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Letters of certificate numbers: none that are taken for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a number's random part: 60 bits.
const NUMBER_LETTERS: u32 = 12;

/// What is told of a change of status.
pub fn status_event(old: Option<Status>, new: Status) -> Option<&'static str> {
    match new {
        _ if old == Some(new) => None,
        Status::Published => Some("course.published"),
        Status::Archived => Some("course.archived"),
        Status::Draft => None,
    }
}

/// Whole percent of a course that is done; 100 only for who completed it.
pub fn percent(done: i64, total: i64, is_complete: bool) -> i64 {
    match (is_complete, total) {
        (true, _) => 100,
        (false, ..=0) => 0,
        (false, total) => (done * 100 / total).clamp(0, 99),
    }
}

/// How a seat stands, in a word.
pub fn standing(seat: &enrollment::Model) -> &'static str {
    match (seat.revoked_at, seat.completed_at) {
        (Some(_), _) => "revoked",
        (None, Some(_)) => "completed",
        (None, None) => "active",
    }
}

/// A certificate's number: year and chance.
pub fn certificate_number(year: i32, chance: [u8; 8]) -> String {
    let chance = u64::from_be_bytes(chance);
    let letters: String = (0..NUMBER_LETTERS)
        .map(|place| usize::try_from(chance >> (5 * place) & 31).unwrap_or(0))
        .map(|index| char::from(LETTERS[index]))
        .collect();
    format!("CT-{year:04}-{letters}")
}

/// The content a course gets: parts that are meant keep their ids, others take fresh ones.
///
/// # Errors
/// `Validation` for an id that is no part of this course, or comes twice.
pub fn content(old: &[ModuleView], asked: &[AskedModule], mut fresh: impl FnMut() -> Uuid) -> Result<Vec<ModuleView>> {
    let mut claims = Claims::new(old);
    claims.named(asked)?;
    let mut made = Vec::with_capacity(asked.len());
    for (module, position) in asked.iter().zip(1_i64..) {
        let kept = module.id.or_else(|| claims.module(&module.title));
        let lessons = lessons(&mut claims, kept, &module.lessons, &mut fresh);
        made.push(ModuleView {
            id: kept.unwrap_or_else(&mut fresh),
            title: module.title.clone(),
            position,
            lessons,
        });
    }
    Ok(made)
}

fn lessons(
    claims: &mut Claims<'_>,
    module: Option<Uuid>,
    asked: &[AskedLesson],
    fresh: &mut impl FnMut() -> Uuid,
) -> Vec<LessonView> {
    let mut made = Vec::with_capacity(asked.len());
    for (lesson, position) in asked.iter().zip(1_i64..) {
        let kept = lesson.id.or_else(|| claims.lesson(module?, &lesson.title));
        made.push(LessonView {
            id: kept.unwrap_or_else(&mut *fresh),
            title: lesson.title.clone(),
            position,
            kind: lesson.kind.clone(),
            duration_seconds: lesson.duration_seconds,
        });
    }
    made
}

/// Which parts of a course somebody has asked for already.
struct Claims<'a> {
    modules: HashMap<Uuid, &'a ModuleView>,
    order: Vec<&'a ModuleView>,
    taken: HashSet<Uuid>,
}

impl<'a> Claims<'a> {
    fn new(old: &'a [ModuleView]) -> Self {
        Self {
            modules: old.iter().map(|module| (module.id, module)).collect(),
            order: old.iter().collect(),
            taken: HashSet::new(),
        }
    }

    /// Takes what is asked for by id, before titles are looked at.
    fn named(&mut self, asked: &[AskedModule]) -> Result<()> {
        let known: HashSet<Uuid> = self
            .order
            .iter()
            .flat_map(|module| &module.lessons)
            .map(|lesson| lesson.id)
            .collect();
        for (number, module) in asked.iter().enumerate() {
            if let Some(id) = module.id {
                self.take(id, self.modules.contains_key(&id), format!("modules.{number}.id"))?;
            }
            for (place, lesson) in module.lessons.iter().enumerate() {
                if let Some(id) = lesson.id {
                    self.take(id, known.contains(&id), format!("modules.{number}.lessons.{place}.id"))?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, id: Uuid, is_known: bool, field: String) -> Result<()> {
        match is_known && self.taken.insert(id) {
            true => Ok(()),
            false => Err(Error::field(
                field,
                "unknown",
                "id names no part of this course, or one that comes twice",
            )),
        }
    }

    fn module(&mut self, title: &str) -> Option<Uuid> {
        let found = self
            .order
            .iter()
            .find(|module| module.title == title && !self.taken.contains(&module.id))?;
        self.taken.insert(found.id);
        Some(found.id)
    }

    fn lesson(&mut self, module: Uuid, title: &str) -> Option<Uuid> {
        let found = self
            .modules
            .get(&module)?
            .lessons
            .iter()
            .find(|lesson| lesson.title == title && !self.taken.contains(&lesson.id))?;
        self.taken.insert(found.id);
        Some(found.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(id: u128, title: &str) -> LessonView {
        LessonView {
            id: Uuid::from_u128(id),
            title: title.to_owned(),
            position: 1,
            kind: "video".to_owned(),
            duration_seconds: None,
        }
    }

    fn old() -> Vec<ModuleView> {
        vec![ModuleView {
            id: Uuid::from_u128(1),
            title: "One".to_owned(),
            position: 1,
            lessons: vec![lesson(10, "a"), lesson(11, "b")],
        }]
    }

    fn asked(text: &str) -> Vec<AskedModule> {
        serde_json::from_str(text).unwrap()
    }

    fn ids(made: &[ModuleView]) -> Vec<(u128, Vec<u128>)> {
        let of = |module: &ModuleView| module.lessons.iter().map(|lesson| lesson.id.as_u128()).collect();
        made.iter().map(|module| (module.id.as_u128(), of(module))).collect()
    }

    #[test]
    fn parts_that_are_meant_keep_their_ids() {
        let mut next = 99;
        let mut fresh = || {
            next += 1;
            Uuid::from_u128(next)
        };
        let same = asked(r#"[{"title":"One","lessons":[{"title":"b","type":"video"},{"title":"c","type":"text"}]}]"#);
        assert_eq!(ids(&content(&old(), &same, &mut fresh).unwrap()), [(1, vec![11, 100])]);
        let by_id = r#"[{"title":"New","lessons":[{"id":"00000000-0000-0000-0000-00000000000a","title":"z","type":"video"}]}]"#;
        assert_eq!(ids(&content(&old(), &asked(by_id), &mut fresh).unwrap()), [(101, vec![10])]);
    }

    #[test]
    fn foreign_and_repeated_ids_are_refused() {
        let foreign = asked(r#"[{"id":"00000000-0000-0000-0000-0000000000ff","title":"One"}]"#);
        let error = content(&old(), &foreign, Uuid::nil).unwrap_err();
        assert_eq!(error.fields[0].field, "modules.0.id");
        let twice = r#"[{"id":"00000000-0000-0000-0000-000000000001","title":"a"},{"id":"00000000-0000-0000-0000-000000000001","title":"b"}]"#;
        assert!(content(&old(), &asked(twice), Uuid::nil).is_err());
    }

    #[test]
    fn only_who_completed_is_at_a_hundred() {
        assert_eq!(percent(0, 0, false), 0);
        assert_eq!(percent(1, 3, false), 33);
        assert_eq!(percent(3, 3, false), 99);
        assert_eq!(percent(1, 3, true), 100);
    }

    #[test]
    fn a_change_of_status_is_told_once() {
        assert_eq!(status_event(None, Status::Published), Some("course.published"));
        assert_eq!(status_event(Some(Status::Published), Status::Published), None);
        assert_eq!(status_event(Some(Status::Draft), Status::Archived), Some("course.archived"));
        assert_eq!(status_event(Some(Status::Archived), Status::Draft), None);
    }

    #[test]
    fn numbers_of_certificates_are_long_and_plain() {
        assert_eq!(certificate_number(2026, [0xff; 8]), "CT-2026-ZZZZZZZZZZZZ");
        assert_eq!(certificate_number(2026, [0; 8]), "CT-2026-000000000000");
    }
}
