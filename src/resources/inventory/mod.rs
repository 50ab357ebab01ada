//! What there is, the declared and the live side by side: topics, groups, services and subjects as lists and one by one.

mod groups;
mod needs;
mod services;
mod subjects;
mod topics;
mod unseen;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::acl::services_by_group;
use super::impact::{Facts, GroupFacts};
use super::{Desired, Difference, Live, difference, schema};
use crate::model::{Address, GroupId, Kind, Timestamp, TopicName};
use crate::plan::Action;
use crate::ports::Failure;
use crate::source::word_enum;

pub use groups::{GroupDetails, GroupItem, GroupMemberItem, GroupTopic, groups};
pub use needs::{Asked, needs};
pub use services::{GrantItem, ServiceDetails, ServiceItem, services};
pub use subjects::{ReferenceItem, SubjectDetails, SubjectItem, subjects};
pub use topics::{ComparedValue, Partition, TopicClient, TopicDetails, TopicGroup, TopicItem, topics};

word_enum! {
    /// How what is declared and what is there stand to each other.
    Status, "status", {
        /// It is there as declared.
        Settled = "settled",
        /// It is there otherwise than declared.
        Differs = "differs",
        /// It is declared and not there.
        Missing = "missing",
        /// It is there and declared to be gone.
        Leaving = "leaving",
        /// It is declared, and somebody else's to change.
        Observed = "observed",
        /// Nothing declares it.
        Unmanaged = "unmanaged",
        /// It could not be seen.
        Unseen = "unseen",
        /// It is declared, and nobody has looked whether it is there.
        Declared = "declared",
    }
}

/// A list of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inventory<I> {
    /// The version of this document: 1.
    pub format_version: u32,
    /// The cluster's name in the workspace.
    pub cluster: String,
    /// The id that its brokers answered; `None` where they were not asked.
    pub cluster_id: Option<String>,
    /// When offsets, sizes and groups were read; `None` where they were not.
    pub measured_at: Option<Timestamp>,
    /// What could not be read, in sentences.
    pub missing: Vec<String>,
    /// `topics`, `groups`, `services` or `schemas`.
    pub kind: &'static str,
    /// The items.
    pub items: Vec<I>,
}

/// An item of a list.
pub trait Item: Serialize {
    /// What a list of them is called.
    const KIND: &'static str;

    /// The columns of the list; the first is the name.
    const COLUMNS: &'static [&'static str];

    /// Its name.
    fn name(&self) -> &str;

    /// How the declared and the live stand to each other.
    fn status(&self) -> Status;

    /// What it has in a column, by the column's place in [`Item::COLUMNS`].
    fn cell(&self, column: usize) -> Cell;
}

/// What an item has in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing, or nothing that is known.
    Nothing,
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
    /// Bytes.
    Bytes(u64),
    /// How many a second.
    PerSecond(f64),
}

impl Cell {
    /// A text where there is one.
    fn of_text(text: Option<&(impl ToString + ?Sized)>) -> Self {
        text.map_or(Cell::Nothing, |text| Cell::Text(text.to_string()))
    }

    /// A number where it is known.
    fn of_number(number: Option<u64>) -> Self {
        number.map_or(Cell::Nothing, Cell::Number)
    }

    fn amount(&self) -> Option<f64> {
        match self {
            Cell::Number(number) | Cell::Bytes(number) => Some(*number as f64),
            Cell::PerSecond(rate) => Some(*rate),
            Cell::Nothing | Cell::Text(_) => None,
        }
    }

    /// Texts in their order, amounts from the largest on, what is not known last.
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Cell::Nothing, Cell::Nothing) => Ordering::Equal,
            (Cell::Nothing, _) => Ordering::Greater,
            (_, Cell::Nothing) => Ordering::Less,
            (Cell::Text(own), Cell::Text(other)) => own.cmp(other),
            _ => other.amount().unwrap_or(0.0).total_cmp(&self.amount().unwrap_or(0.0)),
        }
    }
}

impl<I: Item> Inventory<I> {
    /// Of what was seen, with the items.
    pub fn new(seen: &Seen<'_>, items: Vec<I>) -> Self {
        Self {
            format_version: 1,
            cluster: seen.desired.cluster.cluster.value.to_string(),
            cluster_id: (!seen.is_offline).then(|| seen.live.cluster.id.clone()),
            measured_at: seen.facts.map(|facts| facts.taken_at),
            missing: Vec::new(),
            kind: I::KIND,
            items,
        }
    }

    /// Sorts by a column: names and words in their order, amounts from the largest on. Those that have the same there stay
    /// in the order of their names.
    pub fn sort_by(&mut self, column: usize, reverse: bool) {
        self.items.sort_by_cached_key(|item| Key { cell: item.cell(column), reverse });
    }
}

/// What items are sorted by. What is not known is last in either direction.
struct Key {
    cell: Cell,
    reverse: bool,
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.cell.order(&other.cell);
        let known = self.cell != Cell::Nothing && other.cell != Cell::Nothing;
        if self.reverse && known { order.reverse() } else { order }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Key {}

/// What lists are made from: what is declared, what was seen, and how they differ.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The desired state.
    pub desired: &'a Desired<'a>,
    /// The live state.
    pub live: &'a Live,
    /// What was measured, where it was.
    pub facts: Option<&'a Facts>,
    changes: BTreeMap<Address, Action>,
    hidden: BTreeMap<Address, Failure>,
    is_offline: bool,
}

impl<'a> Seen<'a> {
    /// Compares the desired with the live state, as far as the list tells of it.
    pub fn new(desired: &'a Desired<'a>, live: &'a Live, facts: Option<&'a Facts>, asked: &Asked) -> Self {
        let Difference { changes, incomplete, .. } = match asked {
            Asked::Subjects => schema::diff(desired, live.registry.as_ref()),
            Asked::Topics(_) | Asked::Groups(_) | Asked::Services => difference(desired, live),
        };
        Self {
            desired,
            live,
            facts,
            changes: changes.into_iter().map(|change| (change.address, change.action)).collect(),
            hidden: incomplete.into_iter().map(|incomplete| (incomplete.address, incomplete.failure)).collect(),
            is_offline: false,
        }
    }

    /// What is declared alone, beside a live state that nobody has read.
    pub fn offline(desired: &'a Desired<'a>, unread: &'a Live) -> Self {
        let (changes, hidden) = (BTreeMap::new(), BTreeMap::new());
        Self { desired, live: unread, facts: None, changes, hidden, is_offline: true }
    }

    /// What a plan would do with a resource.
    fn change(&self, address: &Address) -> Option<Action> {
        self.changes.get(address).copied()
    }

    /// Whether a resource, or its whole kind, could not be seen.
    fn is_hidden(&self, address: &Address) -> bool {
        self.hidden.contains_key(address) || self.hidden.contains_key(&Address { kind: address.kind, name: "*".into() })
    }

    /// The addresses of a kind that start so, of changes and of what could not be seen.
    fn concerned(&self, kind: Kind, start: &str) -> (bool, bool) {
        let from = Address { kind, name: start.to_owned() };
        let of = |address: &Address| address.kind == kind && address.name.starts_with(start);
        let changes = self.changes.range(from.clone()..).next().is_some_and(|(address, _)| of(address));
        let hidden = self.hidden.range(from..).next().is_some_and(|(address, _)| of(address));
        (changes, hidden || self.hidden.contains_key(&Address { kind, name: "*".into() }))
    }

    /// The groups that were seen.
    fn groups(&self) -> impl Iterator<Item = (&'a GroupId, &'a GroupFacts)> {
        self.facts.into_iter().flat_map(|facts| &facts.groups)
    }

    /// A group, where it was seen.
    fn group(&self, id: &str) -> Option<&'a GroupFacts> {
        self.facts?.groups.get(id)
    }

    /// How many records a group has left to read in a topic; `None` where it has no offsets there, or ends are not known.
    fn lag(&self, group: &GroupFacts, topic: &TopicName) -> Option<u64> {
        super::impact::lag(group.committed.get(topic)?, self.facts?.topics.get(topic)?)
    }

    /// The groups that manifests name, each with the services that do. A leaving service names none.
    fn declared_groups(&self) -> BTreeMap<String, BTreeSet<&'a str>> {
        services_by_group(self.desired, |grants| !grants.is_leaving())
    }

    /// The most records that a service may be behind in a topic.
    fn objective(&self, service: &str, topic: &str) -> Option<u64> {
        let consumers = &self.desired.workspace.topics.get(topic)?.consumers;
        let consumer = consumers.iter().find(|consumer| consumer.service.as_str() == service)?;
        Some(u64::from(consumer.max_lag?.value))
    }

    /// The team that answers for a service or a role.
    fn owner_of_client(&self, name: &str) -> Option<&'a str> {
        let catalog = &self.desired.workspace.catalog;
        let service = catalog.services.get(name).map(|service| &service.owner);
        let owner = service.or_else(|| catalog.roles.get(name).map(|role| &role.owner));
        owner.map(|owner| owner.as_str())
    }
}

#[cfg(test)]
mod tests;
