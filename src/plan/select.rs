use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::model::{Address, AddressGlob};

/// Which changes of a plan are wanted.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these, with what they depend on; everything where there is none.
    pub targets: Vec<AddressGlob>,
    /// Not these, nor what depends on them.
    pub excludes: Vec<AddressGlob>,
}

/// What a plan says of the selection that it was cut down by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selected {
    /// The patterns of `--target`.
    pub targets: Vec<String>,
    /// The patterns of `--exclude`.
    pub excludes: Vec<String>,
    /// Changes that no target names and that are done all the same, because others depend on them.
    pub pulled_in: Vec<Address>,
    /// How many changes were left out.
    pub left_out: usize,
}

impl Selection {
    /// Whether everything is wanted.
    pub fn is_everything(&self) -> bool {
        self.targets.is_empty() && self.excludes.is_empty()
    }

    /// Whether the patterns alone want this address, whatever depends on it.
    fn names(&self, address: &Address) -> bool {
        (self.targets.is_empty() || self.targets.iter().any(|target| target.matches(address)))
            && !self.excludes.iter().any(|exclude| exclude.matches(address))
    }

    /// The patterns that match none of these addresses: most likely misspelt.
    pub fn unmatched<'s>(&'s self, known: &'s [Address]) -> impl Iterator<Item = &'s AddressGlob> {
        let patterns = self.targets.iter().chain(&self.excludes);
        patterns.filter(|pattern| !known.iter().any(|address| pattern.matches(address)))
    }
}

impl Plan {
    /// Cuts the plan down to what is wanted. What a target depends on comes with it; what depends on something excluded
    /// goes with that, because it could not work.
    pub fn select(&mut self, selection: &Selection) {
        if selection.is_everything() {
            return;
        }
        let excluded = self.closure(
            |address| selection.excludes.iter().any(|exclude| exclude.matches(address)),
            |known, change| {
                change.depends_on.iter().any(|needed| known.contains(needed)).then(|| vec![change.address.clone()])
            },
        );
        let named = self.closure(
            |address| selection.names(address) && !excluded.contains(address),
            |known, change| known.contains(&change.address).then(|| change.depends_on.clone()),
        );
        let before = self.changes.len();
        self.changes.retain(|change| named.contains(&change.address));
        let pulled_in = self.changes.iter().map(|change| &change.address);
        let pulled_in = pulled_in.filter(|address| !selection.names(address)).cloned().collect();
        let of_selected = |resource: &Option<String>| {
            let address = resource.as_ref().and_then(|resource| resource.parse::<Address>().ok());
            address.is_none_or(|address| selection.names(&address) || named.contains(&address))
        };
        self.incomplete.retain(|unseen| selection.names(&unseen.address) || named.contains(&unseen.address));
        self.findings.retain(|finding| of_selected(&finding.resource));
        self.recount();
        self.selected = Some(Selected {
            targets: selection.targets.iter().map(ToString::to_string).collect(),
            excludes: selection.excludes.iter().map(ToString::to_string).collect(),
            pulled_in,
            left_out: before - self.changes.len(),
        });
    }

    /// The addresses of changes that `is_first` names, with those that `more` adds for each change until none is new.
    fn closure(
        &self,
        is_first: impl Fn(&Address) -> bool,
        more: impl Fn(&BTreeSet<Address>, &super::Change) -> Option<Vec<Address>>,
    ) -> BTreeSet<Address> {
        let addresses = self.changes.iter().map(|change| &change.address);
        let mut known: BTreeSet<Address> = addresses.filter(|address| is_first(address)).cloned().collect();
        loop {
            let count = known.len();
            let added: Vec<_> = self.changes.iter().filter_map(|change| more(&known, change)).flatten().collect();
            known.extend(added);
            if known.len() == count {
                return known;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::samples::{change, plan_of};
    use crate::plan::{Action, Change};

    /// A grant on a topic whose schema refers to another.
    fn plan() -> Plan {
        let [shared, schema] = [Address::schema("shared"), Address::schema("a-value")];
        let [a, b] = [Address::topic("a"), Address::topic("b")];
        let change = |address: Address, depends_on: &[Address]| Change {
            depends_on: depends_on.to_vec(),
            ..change(address, Action::Create, Vec::new())
        };
        plan_of(vec![
            change(shared.clone(), &[]),
            change(schema.clone(), std::slice::from_ref(&shared)),
            change(a.clone(), std::slice::from_ref(&schema)),
            change(b, &[]),
            change(Address::grant("service", "topic/a"), std::slice::from_ref(&a)),
        ])
    }

    fn selected(targets: &[&str], excludes: &[&str]) -> Vec<String> {
        let globs = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("glob")).collect();
        let mut plan = plan();
        plan.select(&Selection { targets: globs(targets), excludes: globs(excludes) });
        plan.changes.iter().map(|change| change.address.to_string()).collect()
    }

    #[test]
    fn a_target_brings_what_it_depends_on() {
        assert_eq!(selected(&["topic/a"], &[]), ["schema/shared", "schema/a-value", "topic/a"]);
        assert_eq!(selected(&["topic/b"], &[]), ["topic/b"]);
    }

    #[test]
    fn what_is_not_cut_says_so() {
        let mut plan = plan();
        plan.select(&Selection { targets: vec!["*/*".parse().expect("glob")], excludes: Vec::new() });
        assert_eq!(plan.selected.map(|selected| selected.left_out), Some(0));
    }

    #[test]
    fn what_depends_on_something_excluded_is_left_out_with_it() {
        assert_eq!(selected(&[], &["schema/shared"]), ["topic/b"]);
        assert_eq!(selected(&["topic/*"], &["schema/*"]), ["topic/b"]);
        assert_eq!(selected(&[], &["grant/*"]), ["schema/shared", "schema/a-value", "topic/a", "topic/b"]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_told() {
        let selection = Selection {
            targets: vec!["topic/x*".parse().expect("glob")],
            excludes: vec!["topic/a".parse().expect("glob")],
        };
        let known = [Address::topic("a")];
        assert_eq!(selection.unmatched(&known).map(ToString::to_string).collect::<Vec<_>>(), ["topic/x*"]);
    }
}
