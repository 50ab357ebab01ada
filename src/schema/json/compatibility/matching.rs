use std::collections::VecDeque;

/// A maximum matching between the left side, whose neighbours on the right are given, and the right side: the partner
/// of each on the left.
pub(super) fn maximum(edges: &[Vec<usize>], right: usize) -> Vec<Option<usize>> {
    let mut partner: Vec<Option<usize>> = vec![None; edges.len()];
    let mut taken: Vec<Option<usize>> = vec![None; right];
    // From whom a place on the right was reached tells the way back. What a search in vain has reached leads to nothing
    // free, now and ever after, so that it is left as it is.
    let mut reached: Vec<Option<usize>> = vec![None; right];
    for start in 0..edges.len() {
        let mut fresh = Vec::new();
        let mut queue = VecDeque::from([start]);
        let mut free = None;
        'search: while let Some(left) = queue.pop_front() {
            for &place in &edges[left] {
                if reached[place].is_some() {
                    continue;
                }
                reached[place] = Some(left);
                fresh.push(place);
                match taken[place] {
                    Some(other) => queue.push_back(other),
                    None => {
                        free = Some(place);
                        break 'search;
                    }
                }
            }
        }
        if free.is_none() {
            continue;
        }
        // Everybody on the way moves to the place that was found next to theirs.
        while let Some(place) = free {
            let left = reached[place].unwrap_or(start);
            free = partner[left].replace(place);
            taken[place] = Some(left);
        }
        fresh.into_iter().for_each(|place| reached[place] = None);
    }
    partner
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The size of a maximum matching, by trying everything.
    fn size(edges: &[Vec<usize>], used: u32) -> usize {
        let Some((first, others)) = edges.split_first() else { return 0 };
        let with =
            first.iter().filter(|place| used & (1 << **place) == 0).map(|place| 1 + size(others, used | 1 << place));
        with.chain([size(others, used)]).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn nobody_finds_a_larger_one(
            edges in proptest::collection::vec(proptest::collection::vec(0_usize..6, 0..5), 0..7),
        ) {
            let partners = maximum(&edges, 6);
            let mut places: Vec<usize> = partners.iter().flatten().copied().collect();
            prop_assert_eq!(places.len(), size(&edges, 0));
            places.sort_unstable();
            places.dedup();
            prop_assert_eq!(places.len(), partners.iter().flatten().count());
            for (left, place) in partners.iter().enumerate() {
                prop_assert!(place.is_none_or(|place| edges[left].contains(&place)));
            }
        }
    }
}
