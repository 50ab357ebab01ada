//! What is marked, and what is chosen by that.

use std::collections::BTreeSet;

use super::event::Key;
use super::order::Chosen;
use super::state::{Place, State};
use crate::model::counted;

impl State {
    /// Marks what the cursor is on, or no longer, and goes on to the next one.
    pub(super) fn mark(&mut self) {
        fn toggle<T: Ord>(marked: &mut BTreeSet<T>, one: T) {
            if !marked.remove(&one) {
                marked.insert(one);
            }
        }
        match self.place {
            Place::Groups => {
                if let Some(group) = self.groups.current(self.now) {
                    toggle(&mut self.marked_groups, group.fingerprint);
                }
                self.moved(Key::Down);
            }
            Place::Records => {
                if let Some(record) = self.records.current(self.now) {
                    toggle(&mut self.marked_records, record.at);
                }
                self.moved(Key::Down);
            }
            Place::Queues | Place::Record => {}
        }
    }

    /// Marks everything that is shown, or nothing where all of it is.
    pub(super) fn mark_all(&mut self) {
        fn all<T: Ord>(marked: &mut BTreeSet<T>, shown: BTreeSet<T>) {
            match shown.is_subset(marked) {
                true => marked.retain(|one| !shown.contains(one)),
                false => marked.extend(shown),
            }
        }
        match self.place {
            Place::Groups => {
                let shown = self.groups.visible(self.now).iter().map(|group| group.fingerprint).collect();
                all(&mut self.marked_groups, shown);
            }
            Place::Records => {
                let shown = self.records.visible(self.now).iter().map(|record| record.at).collect();
                all(&mut self.marked_records, shown);
            }
            Place::Queues | Place::Record => {}
        }
    }

    /// What is marked, or what the cursor is on.
    pub(super) fn chosen(&self) -> Option<Chosen> {
        match self.place {
            Place::Queues => None,
            Place::Groups if !self.marked_groups.is_empty() => Some(Chosen::Groups(self.marked_groups.clone())),
            Place::Groups => Some(Chosen::Groups([self.groups.current(self.now)?.fingerprint].into())),
            Place::Records if !self.marked_records.is_empty() => Some(Chosen::Records(self.marked_records.clone())),
            Place::Records => Some(Chosen::Records([self.records.current(self.now)?.at].into())),
            Place::Record => Some(Chosen::Records([self.record?].into())),
        }
    }

    /// What is marked in the list that is looked at: `2 groups marked`.
    pub(super) fn marked(&self) -> Option<String> {
        let (count, one) = match self.place {
            Place::Groups => (self.marked_groups.len(), "group"),
            Place::Records => (self.marked_records.len(), "record"),
            Place::Queues | Place::Record => (0, ""),
        };
        (count > 0).then(|| format!("{} marked", counted(count as u64, one)))
    }
}
