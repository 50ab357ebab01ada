use super::{Described, Section, list, maybe, number, place, text};
use crate::resources::inventory::{Cell, SubjectItem};

impl Described for SubjectItem {
    fn sections(&self) -> Vec<Section> {
        let Some(details) = &self.details else { return Vec::new() };
        let facts = vec![
            ("topic", maybe(self.topic.as_ref())),
            ("owner", maybe(self.owner.as_ref())),
            ("format", maybe(self.format)),
            ("declared at", place(details.place.as_ref())),
            ("compatibility", maybe(self.compatibility)),
            (
                "compatibility in the registry",
                maybe(self.live_compatibility.as_ref().map(|level| level.to_lowercase())),
            ),
            ("newest version", number(self.version.map(u64::from))),
            ("its id", number(self.id)),
            ("earlier versions in Git", Cell::Number(self.kept)),
            ("referred to by", list(&details.referred_by)),
        ];
        let references = self
            .references
            .iter()
            .map(|reference| vec![text(&reference.name), text(&reference.subject), text(&reference.version)]);
        let lines = details.text.iter().flat_map(|text| laid_out(text)).map(|line| vec![text(line)]);
        [
            Section::of_facts(facts),
            Section::new("references", &["name", "subject", "version"], references.collect()),
            Section::new("newest version in the registry", &[""], lines.collect()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The lines of a schema. Registries keep those that are JSON in one.
fn laid_out(schema: &str) -> Vec<String> {
    let parsed = serde_json::from_str::<serde_json::Value>(schema);
    let pretty = parsed.ok().and_then(|schema| serde_json::to_string_pretty(&schema).ok());
    pretty.as_deref().unwrap_or(schema).lines().map(str::to_owned).collect()
}
