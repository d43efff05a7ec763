//! Pure decisions: what a review does to its product's average.

/// Millionths of a star, so that averages can be sorted by a whole number.
const RANKS: i64 = 1_000_000;

/// Sum and number of a product's ratings, and what it is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ratings {
    pub sum: i64,
    pub count: i64,
}

impl Ratings {
    /// With one more.
    pub(super) const fn with(self, rating: i64) -> Self {
        Self {
            sum: self.sum + rating,
            count: self.count + 1,
        }
    }

    /// With one taken back.
    pub(super) const fn without(self, rating: i64) -> Self {
        Self {
            sum: self.sum - rating,
            count: self.count - 1,
        }
    }

    /// With one changed.
    pub(super) const fn changed(self, from: i64, to: i64) -> Self {
        Self {
            sum: self.sum - from + to,
            count: self.count,
        }
    }

    /// The average in millionths.
    pub(super) const fn rank(self) -> i64 {
        match self.count {
            0 => 0,
            count => self.sum * RANKS / count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_follows_every_review() {
        let none = Ratings { sum: 0, count: 0 };
        assert_eq!(none.rank(), 0);
        let two = none.with(5).with(4);
        assert_eq!((two.sum, two.count, two.rank()), (9, 2, 4_500_000));
        assert_eq!(two.changed(5, 1).rank(), 2_500_000);
        assert_eq!(two.without(5), none.with(4));
        assert_eq!(two.without(5).without(4), none);
    }
}
