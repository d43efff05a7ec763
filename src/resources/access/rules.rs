//! What follows from the entries of an access.

use entities::entitlement::{Action, Cause, Model};
use uuid::Uuid;

/// One reason for an access, after all its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What it rests on.
    pub cause: Cause,
    /// Which one of those.
    pub cause_id: Uuid,
    /// When it ends, in epoch milliseconds; `None` is never.
    pub until: Option<i64>,
    /// Whether it holds.
    pub is_open: bool,
}

/// The claims behind an access, in the order they first appeared.
pub fn claims(entries: &[Model]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for entry in entries {
        let known = claims
            .iter()
            .position(|claim| claim.cause == entry.cause && claim.cause_id == entry.cause_id);
        let place = known.unwrap_or(claims.len());
        if known.is_none() {
            claims.push(Claim {
                cause: entry.cause,
                cause_id: entry.cause_id,
                until: entry.until_at,
                is_open: false,
            });
        }
        let Some(claim) = claims.get_mut(place) else { continue };
        match entry.action {
            Action::Gave => (claim.is_open, claim.until) = (true, entry.until_at),
            Action::Extended => claim.until = entry.until_at,
            Action::Took | Action::Expired => claim.is_open = false,
        }
    }
    claims
}

/// Whether an access holds, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing speaks for it any more.
    Ended,
    /// It holds until the last of its claims ends; `None` is for ever.
    Holds(Option<i64>),
}

/// What the claims amount to.
pub fn standing(claims: &[Claim]) -> Standing {
    let open: Vec<&Claim> = claims.iter().filter(|claim| claim.is_open).collect();
    if open.is_empty() {
        return Standing::Ended;
    }
    if open.iter().any(|claim| claim.until.is_none()) {
        return Standing::Holds(None);
    }
    Standing::Holds(open.iter().filter_map(|claim| claim.until).max())
}

#[cfg(test)]
mod tests {
    use super::*;
    use entities::entitlement::Goods;
    use proptest::prelude::*;

    fn entry(action: Action, cause: u128, until: Option<i64>) -> Model {
        Model {
            id: Uuid::nil(),
            tenant: Uuid::nil(),
            mode: entities::Mode::Live,
            access: Uuid::nil(),
            goods: Goods::Product,
            goods_id: Uuid::nil(),
            action,
            cause: Cause::Payment,
            cause_id: Uuid::from_u128(cause),
            until_at: until,
            actor: None,
            reason: None,
            happened_at: 0,
        }
    }

    #[test]
    fn an_access_holds_until_the_last_claim_ends() {
        use Action::{Expired, Extended, Gave, Took};
        let cases: &[(&[Model], Standing)] = &[
            (&[], Standing::Ended),
            (&[entry(Gave, 1, None)], Standing::Holds(None)),
            (&[entry(Gave, 1, Some(5)), entry(Gave, 2, Some(9))], Standing::Holds(Some(9))),
            (
                &[entry(Gave, 1, Some(5)), entry(Gave, 2, Some(9)), entry(Took, 2, None)],
                Standing::Holds(Some(5)),
            ),
            (
                &[entry(Gave, 1, None), entry(Gave, 2, Some(9)), entry(Took, 1, None)],
                Standing::Holds(Some(9)),
            ),
            (&[entry(Gave, 1, Some(5)), entry(Extended, 1, None)], Standing::Holds(None)),
            (&[entry(Gave, 1, Some(5)), entry(Expired, 1, None)], Standing::Ended),
            (
                &[entry(Gave, 1, Some(5)), entry(Took, 1, None), entry(Gave, 1, Some(7))],
                Standing::Holds(Some(7)),
            ),
        ];
        for (entries, expected) in cases {
            assert_eq!(standing(&claims(entries)), *expected, "{entries:?}");
        }
    }

    proptest! {
        #[test]
        fn taking_every_cause_ends_every_access(causes in proptest::collection::vec((1_u128..6, proptest::option::of(0_i64..50)), 0..20)) {
            let mut entries: Vec<Model> = causes.iter().map(|(cause, until)| entry(Action::Gave, *cause, *until)).collect();
            prop_assert_eq!(standing(&claims(&entries)) == Standing::Ended, causes.is_empty());
            entries.extend(causes.iter().map(|(cause, _)| entry(Action::Took, *cause, None)));
            prop_assert_eq!(standing(&claims(&entries)), Standing::Ended);
        }
    }
}
