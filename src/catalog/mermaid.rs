use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::party::{Access, Consent, Party, PartyKind};
use super::topic::Topic;
use crate::resources::catalog::ServiceKind;

/// The most topics and the most arrows that one flow can show so that people can follow it.
const MOST_TOPICS: usize = 25;
const MOST_EDGES: usize = 60;

/// Whether people can follow one flow of all these topics.
pub fn is_readable(topics: &[&Topic<'_>]) -> bool {
    let flow = Flow::of(topics);
    flow.topics.len() <= MOST_TOPICS && flow.edges.len() <= MOST_EDGES
}

/// Who writes and reads topics, as a Mermaid flowchart; `None` where nobody does.
///
/// A role that may read by its patterns is left out, because it would stand beside every topic; one that may write is
/// shown.
pub fn flow(topics: &[&Topic<'_>]) -> Option<String> {
    let flow = Flow::of(topics);
    (!flow.edges.is_empty()).then(|| flow.draw())
}

#[derive(Default)]
struct Flow {
    /// The declarations of parties and topics, by their ids.
    parties: BTreeMap<String, String>,
    topics: BTreeMap<String, String>,
    edges: Vec<Edge>,
    ids: Ids,
}

struct Edge {
    from: String,
    to: String,
    /// Whether it is about dead letters or the work of an operator.
    aside: bool,
}

impl Flow {
    fn of(topics: &[&Topic<'_>]) -> Self {
        let mut flow = Self::default();
        for topic in topics.iter().filter(|topic| !topic.is_leaving()) {
            flow.add(topic);
        }
        flow
    }

    fn add(&mut self, topic: &Topic<'_>) {
        let name = topic.name().as_str();
        let id = self.ids.of('t', name);
        let dead_letters = topic.companion.is_some();
        let class = if dead_letters { ":::deadLetters" } else { ":::topic" };
        self.topics.insert(id.clone(), format!("{id}([\"{}\"]){class}", label(name)));
        for producer in &topic.producers {
            let from = self.party(&producer.party);
            self.edges.push(Edge { from, to: id.clone(), aside: dead_letters || is_aside(producer) });
        }
        let readers = topic.consumers.iter().map(|consumer| &consumer.access);
        for reader in readers.filter(|access| access.consent != Consent::Pattern) {
            let to = self.party(&reader.party);
            self.edges.push(Edge { from: id.clone(), to, aside: dead_letters || is_aside(reader) });
        }
    }

    fn party(&mut self, party: &Party<'_>) -> String {
        let id = self.ids.of('s', party.name);
        let name = label(party.name);
        let shape = match party.kind {
            PartyKind::Service(ServiceKind::Service) => format!("{id}[\"{name}\"]"),
            PartyKind::Service(ServiceKind::Streams) => format!("{id}[\"{name} (Streams)\"]"),
            PartyKind::Service(ServiceKind::Connect) => format!("{id}[\"{name} (Connect)\"]"),
            PartyKind::Service(ServiceKind::External) => format!("{id}[[\"{name} (external)\"]]:::external"),
            PartyKind::Role => format!("{id}{{{{\"{name} (role)\"}}}}:::role"),
            PartyKind::Undeclared => format!("{id}[\"{name} (not declared)\"]:::external"),
        };
        self.parties.insert(id.clone(), shape);
        id
    }

    fn draw(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for line in self.parties.values().chain(self.topics.values()) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {line}");
        }
        for edge in &self.edges {
            let arrow = if edge.aside { "-.->" } else { "-->" };
            let _ = writeln!(text, "  {} {arrow} {}", edge.from, edge.to);
        }
        // Lines only, no colours: they have to be seen on light and on dark pages.
        text.push_str("  classDef topic stroke-width:2px\n");
        text.push_str("  classDef deadLetters stroke-dasharray:4 3\n");
        text.push_str("  classDef external stroke-dasharray:8 3\n");
        text.push_str("  classDef role stroke-dasharray:2 2\n");
        text
    }
}

fn is_aside(access: &Access<'_>) -> bool {
    access.party.kind == PartyKind::Role
}

/// Ids that Mermaid takes, made of names, so that a new topic changes few lines of the file.
#[derive(Default)]
struct Ids {
    by_name: BTreeMap<(char, String), String>,
    taken: BTreeSet<String>,
}

impl Ids {
    fn of(&mut self, kind: char, name: &str) -> String {
        if let Some(known) = self.by_name.get(&(kind, name.to_owned())) {
            return known.clone();
        }
        // The prefix keeps words such as `end`, which Mermaid reads as its own, from being an id.
        let safe = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
        let base: String = [kind, '_'].into_iter().chain(safe).collect();
        let mut id = base.clone();
        let mut number = 1;
        while !self.taken.insert(id.clone()) {
            number += 1;
            id = format!("{base}_{number}");
        }
        self.by_name.insert((kind, name.to_owned()), id.clone());
        id
    }
}

/// Text between double quotes in a flowchart: whatever could mean something to Mermaid or HTML as its number.
fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '/') {
            label.push(c);
        } else {
            label.push_str(&format!("#{};", c as u32));
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_different_where_names_are() {
        let mut ids = Ids::default();
        assert_eq!(ids.of('t', "a.b_c"), "t_a_b_c");
        assert_eq!(ids.of('t', "a_b.c"), "t_a_b_c_2");
        assert_eq!(ids.of('s', "end"), "s_end");
        assert_eq!(ids.of('t', "a.b_c"), "t_a_b_c");
    }

    #[test]
    fn labels_mean_nothing_to_mermaid() {
        assert_eq!(label("media.raw_ingest.v1"), "media.raw_ingest.v1");
        assert_eq!(label("\"]; %%{x}<b>"), "#34;#93;#59; #37;#37;#123;x#125;#60;b#62;");
    }
}
