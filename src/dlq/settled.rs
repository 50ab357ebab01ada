use std::collections::BTreeMap;

use roaring::RoaringTreemap;

/// The dead letters of a topic whose fate is known, by partition and offset: at most a bit for each offset, and far less
/// where those of a stretch are settled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settled(BTreeMap<i32, RoaringTreemap>);

impl Settled {
    /// Adds one; says whether it was not known before.
    pub fn insert(&mut self, partition: i32, offset: i64) -> bool {
        u64::try_from(offset).is_ok_and(|offset| self.0.entry(partition).or_default().insert(offset))
    }

    /// Whether its fate is known.
    pub fn contains(&self, partition: i32, offset: i64) -> bool {
        let offsets = self.0.get(&partition);
        offsets.is_some_and(|offsets| u64::try_from(offset).is_ok_and(|offset| offsets.contains(offset)))
    }

    /// The first offset from one on whose fate is not known, before another one.
    pub fn first_open(&self, partition: i32, from: i64, to: i64) -> Option<i64> {
        let is_full = |end: i64| self.count(partition, from, end) == u64::try_from(end - from).unwrap_or(0);
        if from >= to || is_full(to) {
            return None;
        }
        // As long as all are known they are as many as the offsets: once they are not, they are not for any longer stretch.
        let (mut full, mut open) = (from, to);
        while open - full > 1 {
            let middle = full + (open - full) / 2;
            if is_full(middle) { full = middle } else { open = middle }
        }
        Some(full)
    }

    /// How many there are from an offset on, up to another.
    pub fn count(&self, partition: i32, from: i64, to: i64) -> u64 {
        let Some(offsets) = self.0.get(&partition) else { return 0 };
        let before = |offset: i64| match u64::try_from(offset) {
            Ok(0) | Err(_) => 0,
            Ok(offset) => offsets.rank(offset - 1),
        };
        before(to).saturating_sub(before(from))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(offsets in proptest::collection::vec(-1_i64..200, 0..100), from in -5_i64..200, length in 0_i64..100) {
            let mut settled = Settled::default();
            let mut expected = BTreeSet::new();
            for offset in offsets {
                prop_assert_eq!(settled.insert(1, offset), offset >= 0 && expected.insert(offset));
            }
            for offset in -1..200 {
                prop_assert_eq!(settled.contains(1, offset), expected.contains(&offset));
                prop_assert!(!settled.contains(0, offset));
            }
            let open = (from..from + length).find(|offset| !expected.contains(offset));
            prop_assert_eq!(settled.first_open(1, from, from + length), open);
            let count = expected.range(from..from + length).count() as u64;
            prop_assert_eq!(settled.count(1, from, from + length), count);
        }
    }
}
