use super::{Described, Section, compared, list, maybe, number, place, text};
use crate::resources::inventory::ServiceItem;

impl Described for ServiceItem {
    fn sections(&self) -> Vec<Section> {
        let Some(details) = &self.details else { return Vec::new() };
        let facts = vec![
            ("description", maybe(details.description.as_ref())),
            ("kind", maybe(self.client.as_ref())),
            ("owner", maybe(self.owner.as_ref())),
            ("domain", maybe(self.domain.as_ref())),
            ("declared at", place(details.place.as_ref())),
            ("principals", list(&self.principals)),
            ("produces", list(&self.produces)),
            ("consumes", list(&self.consumes)),
            ("groups", list(&self.groups)),
            ("members now", number(self.members)),
            ("left to read", number(self.lag)),
            ("ACLs", number(self.acls)),
            ("SCRAM", list(self.scram.as_deref().unwrap_or_default())),
        ];
        let grants = details
            .grants
            .iter()
            .map(|grant| vec![text(&grant.grant), list(&grant.operations), list(&grant.missing), list(&grant.extra)]);
        let head = ["grant", "as declared", "missing", "not declared"];
        let sections = [
            Section::of_facts(facts),
            compared("quotas", &details.quotas),
            Section::new("grants", &head, grants.collect()),
        ];
        sections.into_iter().flatten().collect()
    }
}
