use std::collections::HashSet;

use prost_reflect::{EnumDescriptor, MessageDescriptor};

/// The numbers and names that a message or enum keeps from being used.
pub struct Reserved {
    /// From and to, both inside, in order and apart.
    ranges: Vec<(i64, i64)>,
    names: HashSet<String>,
}

impl Reserved {
    /// Those of a message.
    pub fn of_message(message: &MessageDescriptor) -> Self {
        let ranges = message.reserved_ranges().map(|range| (i64::from(range.start), i64::from(range.end) - 1));
        Self::new(ranges.collect(), message.reserved_names())
    }

    /// The numbers of a message that are left to extensions.
    pub fn for_extensions(message: &MessageDescriptor) -> Self {
        let ranges = message.extension_ranges().map(|range| (i64::from(range.start), i64::from(range.end) - 1));
        Self::new(ranges.collect(), std::iter::empty())
    }

    /// Those of an enum.
    pub fn of_enum(declared: &EnumDescriptor) -> Self {
        let ranges = declared.reserved_ranges().map(|range| (i64::from(*range.start()), i64::from(*range.end())));
        Self::new(ranges.collect(), declared.reserved_names())
    }

    fn new<'n>(mut ranges: Vec<(i64, i64)>, names: impl Iterator<Item = &'n str>) -> Self {
        ranges.sort_unstable();
        let mut apart: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match apart.last_mut() {
                Some((_, end)) if from <= *end + 1 => *end = to.max(*end),
                _ => apart.push((from, to)),
            }
        }
        Self { ranges: apart, names: names.map(str::to_owned).collect() }
    }

    /// Whether a number is reserved.
    pub fn has_number(&self, number: i64) -> bool {
        let behind = self.ranges.partition_point(|(from, _)| *from <= number);
        behind > 0 && number <= self.ranges[behind - 1].1
    }

    /// Whether a name is reserved.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The first numbers that are reserved here, and neither reserved in `other` nor among the sorted `used`; as a range.
    pub fn first_released(&self, other: &Reserved, used: &[i64]) -> Option<(i64, i64)> {
        self.ranges.iter().find_map(|(from, to)| {
            let mut next = *from;
            while next <= *to {
                let behind = other.ranges.partition_point(|(start, _)| *start <= next);
                if behind > 0 && next <= other.ranges[behind - 1].1 {
                    next = other.ranges[behind - 1].1 + 1;
                    continue;
                }
                let place = used.partition_point(|number| *number < next);
                if used.get(place) == Some(&next) {
                    next += 1;
                    continue;
                }
                let until_reserved = other.ranges.get(behind).map_or(*to, |(start, _)| start - 1);
                let until_used = used.get(place).map_or(*to, |number| number - 1);
                return Some((next, until_reserved.min(until_used).min(*to)));
            }
            None
        })
    }

    /// The names that are reserved here, and neither reserved in `other` nor used there; in order.
    pub fn released_names(&self, other: &Reserved, is_used: impl Fn(&str) -> bool) -> Vec<&str> {
        let gone = |name: &&String| !other.names.contains(*name) && !is_used(name);
        let mut released: Vec<&str> = self.names.iter().filter(gone).map(String::as_str).collect();
        released.sort_unstable();
        released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(ranges: &[(i64, i64)]) -> Reserved {
        Reserved::new(ranges.to_vec(), std::iter::empty())
    }

    #[test]
    fn numbers_in_ranges() {
        let reserved = ranges(&[(9, 11), (2, 4), (5, 5), (10, 20)]);
        assert_eq!(reserved.ranges, [(2, 5), (9, 20)]);
        let has: Vec<i64> = (0..25).filter(|number| reserved.has_number(*number)).collect();
        assert_eq!(has, (2..=5).chain(9..=20).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_that_are_released() {
        let old = ranges(&[(2, 5), (9, 20)]);
        assert_eq!(old.first_released(&ranges(&[(1, 30)]), &[]), None);
        assert_eq!(old.first_released(&ranges(&[]), &[2, 3, 4, 5]), Some((9, 20)));
        assert_eq!(old.first_released(&ranges(&[(2, 3), (9, 20)]), &[4]), Some((5, 5)));
        assert_eq!(old.first_released(&ranges(&[(2, 10), (15, 16)]), &[13]), Some((11, 12)));
        assert_eq!(
            ranges(&[(1, i64::from(i32::MAX))]).first_released(&ranges(&[]), &[]),
            Some((1, i64::from(i32::MAX)))
        );
    }
}
