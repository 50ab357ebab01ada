use std::collections::{BTreeMap, BTreeSet};

use super::escape::one_line;
use super::model::Model;

/// A heading of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target<'m> {
    /// The page.
    Page,
    /// All topics in one table.
    Topics,
    /// The clusters.
    Clusters,
    /// What kinds of topic there are.
    Classes,
    /// A domain.
    Domain(&'m str),
    /// A topic.
    Topic(&'m str),
    /// Schemas that others use.
    SharedSchemas,
    /// One of them, by subject.
    Subject(&'m str),
    /// All services.
    Services,
    /// A service.
    Service(&'m str),
    /// All roles.
    Roles,
    /// A role.
    Role(&'m str),
    /// All teams.
    Teams,
    /// A team.
    Team(&'m str),
}

impl Target<'_> {
    /// The heading's words.
    pub fn title(&self) -> String {
        match self {
            Target::Page => "Event catalog".to_owned(),
            Target::Topics => "Topics".to_owned(),
            Target::Clusters => "Clusters".to_owned(),
            Target::Classes => "Classes of topics".to_owned(),
            Target::Domain(name) => format!("Domain {}", one_line(name)),
            Target::SharedSchemas => "Shared schemas".to_owned(),
            Target::Services => "Services".to_owned(),
            Target::Roles => "Roles".to_owned(),
            Target::Teams => "Teams".to_owned(),
            Target::Topic(name)
            | Target::Subject(name)
            | Target::Service(name)
            | Target::Role(name)
            | Target::Team(name) => one_line(name),
        }
    }

    /// How deep the heading is, from 1.
    pub fn level(&self) -> usize {
        match self {
            Target::Page => 1,
            Target::Topic(_) | Target::Subject(_) | Target::Service(_) | Target::Role(_) | Target::Team(_) => 3,
            _ => 2,
        }
    }
}

/// The headings in their order, with their anchors.
pub struct Outline<'m> {
    headings: Vec<Target<'m>>,
    anchors: BTreeMap<Target<'m>, String>,
}

impl<'m> Outline<'m> {
    /// The headings of a catalog. A part that would be empty has none.
    pub fn of(model: &'m Model<'_>) -> Self {
        let mut headings = vec![Target::Page, Target::Topics];
        if !model.clusters.is_empty() {
            headings.push(Target::Clusters);
        }
        if !model.classes.is_empty() {
            headings.push(Target::Classes);
        }
        for domain in &model.domains {
            headings.push(Target::Domain(domain.name));
            headings.extend(domain.topics.iter().map(|topic| Target::Topic(topic.name().as_str())));
        }
        let subjects = model.shared.iter().map(|shared| Target::Subject(shared.spec.subject.as_str()));
        section(&mut headings, Target::SharedSchemas, subjects);
        let services = model.services.iter().map(|service| Target::Service(service.party.name));
        section(&mut headings, Target::Services, services);
        section(&mut headings, Target::Roles, model.roles.keys().map(|name| Target::Role(name)));
        section(&mut headings, Target::Teams, model.teams.keys().map(|name| Target::Team(name)));
        let anchors = anchors(&headings);
        Self { headings, anchors }
    }

    /// The headings of the second level.
    pub fn sections(&self) -> impl Iterator<Item = &Target<'m>> {
        self.headings.iter().filter(|heading| heading.level() == 2)
    }

    /// The anchor of a heading; `None` where the catalog has no such heading.
    pub fn anchor<'a>(&'a self, target: Target<'a>) -> Option<&'a str> {
        self.anchors.get(&target).map(String::as_str)
    }
}

fn section<'m>(headings: &mut Vec<Target<'m>>, title: Target<'m>, parts: impl Iterator<Item = Target<'m>>) {
    let mut parts = parts.peekable();
    if parts.peek().is_some() {
        headings.push(title);
        headings.extend(parts);
    }
}

fn anchors<'m>(headings: &[Target<'m>]) -> BTreeMap<Target<'m>, String> {
    let mut taken = BTreeSet::new();
    let mut anchors = BTreeMap::new();
    for heading in headings {
        let slug = slug(&heading.title());
        let mut anchor = slug.clone();
        let mut number = 0;
        while !taken.insert(anchor.clone()) {
            number += 1;
            anchor = format!("{slug}-{number}");
        }
        anchors.insert(*heading, anchor);
    }
    anchors
}

/// The anchor that GitHub gives to a heading: lower case, without punctuation, spaces as hyphens.
pub fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        assert_eq!(slug("media.raw_ingest.v1"), "mediaraw_ingestv1");
        assert_eq!(slug("Shared schemas"), "shared-schemas");
        let headings = [Target::Services, Target::Topic("a.bc"), Target::Topic("ab.c"), Target::Service("services")];
        let anchors = anchors(&headings);
        let found: Vec<_> = headings.iter().map(|heading| anchors[heading].as_str()).collect();
        assert_eq!(found, ["services", "abc", "abc-1", "services-1"]);
    }
}
