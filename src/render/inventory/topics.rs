use super::{Described, Section, compared, list, mark, maybe, number, place, text, yes};
use crate::resources::inventory::{Cell, TopicDetails, TopicItem};

impl Described for TopicItem {
    fn sections(&self) -> Vec<Section> {
        let Some(details) = &self.details else { return Vec::new() };
        let facts = vec![
            ("description", maybe(details.description.as_ref())),
            ("owner", maybe(self.owner.as_ref())),
            ("class", maybe(self.class.as_ref())),
            ("managed by", maybe(self.managed_by)),
            ("declared at", place(details.place.as_ref())),
            ("subjects", list(&self.subjects)),
            ("records, at most", number(self.records)),
            ("size of all replicas", self.bytes.map_or(Cell::Nothing, Cell::Bytes)),
            ("rate of the last hour", self.records_per_second.map_or(Cell::Nothing, Cell::PerSecond)),
            ("last write", maybe(details.last_write)),
        ];
        [
            Section::of_facts(facts),
            compared("values", &details.values),
            readers(details),
            clients(details),
            partitions(details),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn readers(details: &TopicDetails) -> Option<Section> {
    let rows = details.readers.iter().map(|group| {
        let late = group.lag.zip(group.max_lag).is_some_and(|(lag, most)| lag > most);
        vec![
            text(&group.group),
            list(&group.services),
            maybe(group.state.as_ref()),
            number(group.members),
            number(group.lag),
            number(group.max_lag),
            mark(late, "late"),
        ]
    });
    Section::new("groups", &["group", "services", "state", "members", "lag", "allowed", ""], rows.collect())
}

fn clients(details: &TopicDetails) -> Option<Section> {
    let rows = details.clients.iter().map(|client| {
        vec![
            text(&client.client),
            text(client.access),
            yes(client.named_by_topic),
            yes(client.asked_by_service),
            client.granted.map_or(Cell::Nothing, yes),
        ]
    });
    Section::new("clients", &["client", "access", "named by topic", "asked for", "granted"], rows.collect())
}

fn partitions(details: &TopicDetails) -> Option<Section> {
    let offset = |offset: Option<i64>| maybe(offset);
    let rows = details.partitions.iter().map(|partition| {
        let lagging = partition.isr.len() < partition.replicas.len();
        vec![
            Cell::Number(partition.partition),
            list(&partition.replicas),
            list(&partition.isr),
            offset(partition.earliest),
            offset(partition.latest),
            partition.bytes.map_or(Cell::Nothing, Cell::Bytes),
            mark(lagging, "under-replicated"),
        ]
    });
    let head = ["partition", "replicas", "in sync", "first offset", "end offset", "size", ""];
    Section::new("partitions", &head, rows.collect())
}
