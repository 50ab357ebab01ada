/// How much longer each time is than the one before it that is told apart.
const STEP: f64 = 1.02;

/// How many times are told apart: up to some ten years.
const TIMES: usize = 1_024;

/// How long dead letters waited until it was decided what becomes of them, in seconds. However many there are, it takes the same
/// memory: times within 2 % of each other are one.
#[derive(Debug, Clone, PartialEq)]
pub struct Waits {
    counts: Vec<u64>,
    buckets: [u64; Waits::BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Default for Waits {
    fn default() -> Self {
        Self { counts: Vec::new(), buckets: [0; Waits::BOUNDS.len()], count: 0, sum: 0.0 }
    }
}

impl Waits {
    /// The upper bounds of the buckets that a monitoring system is told, in seconds: a minute to two weeks.
    pub const BOUNDS: [f64; 9] = [60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0, 259_200.0, 604_800.0, 1_209_600.0];

    /// Adds one, in milliseconds.
    pub fn add(&mut self, millis: i64) {
        let seconds = millis.max(0) as f64 / 1_000.0;
        self.count += 1;
        self.sum += seconds;
        if let Some(bucket) = Self::BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.buckets[bucket] += 1;
        }
        let at = (seconds.max(1.0).ln() / STEP.ln()).ceil() as usize;
        self.counts.resize(TIMES, 0);
        self.counts[at.min(TIMES - 1)] += 1;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All of them together, in seconds.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// How many there are in each bucket, with its bound; the last one has none.
    pub fn buckets(&self) -> Vec<(f64, u64)> {
        let longer = self.count - self.buckets.iter().sum::<u64>();
        Self::BOUNDS.into_iter().zip(self.buckets).chain([(f64::INFINITY, longer)]).collect()
    }

    /// The time, in seconds, within which this share of them was; none where there are none.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let rank = (self.count as f64 * share).ceil().max(1.0) as u64;
        let mut so_far = 0;
        let at = self.counts.iter().position(|count| {
            so_far += count;
            so_far >= rank
        })?;
        Some(STEP.powi(i32::try_from(at).unwrap_or(i32::MAX)).round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_to_two_hundredths() {
        let mut waits = Waits::default();
        assert_eq!(waits.quantile(0.5), None);
        for seconds in 1..=1_000 {
            waits.add(seconds * 1_000);
        }
        let near = |told: Option<u64>, true_one: f64| {
            let told = told.expect("there are some") as f64;
            assert!((true_one / 1.02..=true_one * 1.03).contains(&told), "{told}, not {true_one}");
        };
        near(waits.quantile(0.5), 500.0);
        near(waits.quantile(0.95), 950.0);
        assert_eq!((waits.count(), waits.sum()), (1_000, 500_500.0));
        assert_eq!(waits.buckets()[..3], [(60.0, 60), (300.0, 240), (900.0, 600)]);
    }

    #[test]
    fn odd_times_are_counted_too() {
        let mut waits = Waits::default();
        for millis in [-5, 0, 1, i64::MAX] {
            waits.add(millis);
        }
        assert_eq!((waits.quantile(0.5), waits.count()), (Some(1), 4));
        assert!(waits.quantile(1.0) > Some(300_000_000));
        assert_eq!((waits.buckets().first(), waits.buckets().last()), (Some(&(60.0, 3)), Some(&(f64::INFINITY, 1))));
    }
}
