//! Numbers of several rounds, and what is made of them.

/// One number per round.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(Vec<f64>);

impl Samples {
    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(super) fn median(&self) -> f64 {
        quantile(&self.sorted(), 0.5)
    }

    /// The number that this share of all do not exceed.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        quantile(&self.sorted(), share)
    }

    /// Lowest and highest.
    pub(super) fn range(&self) -> (f64, f64) {
        let sorted = self.sorted();
        (
            sorted.first().copied().unwrap_or(f64::NAN),
            sorted.last().copied().unwrap_or(f64::NAN),
        )
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Round by round, this by that: neighbours of the same round met the same weather.
    pub(super) fn by(&self, that: &Self) -> Self {
        self.0.iter().zip(&that.0).map(|(a, b)| a / b).collect()
    }

    /// Round by round, this less that.
    pub(super) fn less(&self, that: &Self) -> Self {
        self.0.iter().zip(&that.0).map(|(a, b)| a - b).collect()
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Extend<f64> for Samples {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        self.0.extend(values);
    }
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = (share * whole(last)).round();
    sorted.get(place as usize).copied().unwrap_or(f64::NAN)
}

/// A count as a number to reckon with.
pub(super) fn whole(count: usize) -> f64 {
    count as f64
}

/// A large count as a number to reckon with.
pub(super) fn large(count: u64) -> f64 {
    count as f64
}
