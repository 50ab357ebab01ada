use super::{Described, Section, list, mark, maybe, number, text, yes};
use crate::resources::inventory::GroupItem;

impl Described for GroupItem {
    fn sections(&self) -> Vec<Section> {
        let Some(details) = &self.details else { return Vec::new() };
        let facts = vec![
            ("services", list(&self.services)),
            ("owner", list(&self.owners)),
            ("state", maybe(self.state.as_ref())),
            ("left to read", number(self.lag)),
            ("not read", list(&details.missing)),
        ];
        let topics = details.topics.iter().map(|topic| {
            let late = topic.lag.zip(topic.max_lag).is_some_and(|(lag, most)| lag > most);
            vec![
                text(&topic.topic),
                yes(topic.declared),
                number(topic.partitions),
                number(topic.lag),
                number(topic.max_lag),
                mark(late, "late"),
            ]
        });
        let members = details
            .members
            .iter()
            .map(|member| vec![text(&member.client_id), text(&member.host), list(&member.topics)]);
        let head = ["topic", "declared", "partitions", "lag", "allowed", ""];
        [
            Section::of_facts(facts),
            Section::new("topics", &head, topics.collect()),
            Section::new("members", &["client id", "host", "topics"], members.collect()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
