//! Services that are declared: what they ask of topics that are adopted, written to their files.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::Import;
use super::super::fold::{Consents, fold, is_expressible, is_plain};
use super::{ABOUT_RAW, OF_CLUSTER, OF_FILES, Services, names_one, raw_entries, reason};
use crate::model::{PatternType, Principal, counted};
use crate::ports::kafka::{Acl, AclOperation, AclResourceType};
use crate::resources::acl::{GrantSpec, principals_of};
use crate::resources::additions::Addition;
use crate::resources::consent;
use crate::source::Node;
use crate::source::write::scalar;

impl Services<'_> {
    /// Adds to a declared service what its principal may do with topics that are adopted and that it does not ask for yet, or only
    /// by raw entries of an earlier import, which go where they fold.
    pub(super) fn extend(&mut self, import: &mut Import<'_>, spec: &GrantSpec, principal: &Principal, acls: &[&Acl]) {
        let service = spec.service.as_str();
        let workspace = import.request.workspace;
        let clusters = workspace.clusters.values().filter(|cluster| workspace.selects(&spec.clusters, cluster));
        // On another cluster the entries may be all that gives the access.
        let ours = if clusters.count() == 1 { raw_of_imports(spec, principal) } else { Vec::new() };
        let is_open = |acl: &Acl| !self.asked_for.contains(acl) || ours.iter().any(|(_, raw)| raw == acl);
        let is_new = |acl: &&&Acl| names_one(acl, &import.topics) && is_open(acl);
        let topics: BTreeSet<&str> = acls.iter().filter(is_new).map(|acl| &*acl.name).collect();
        if topics.is_empty() {
            return;
        }
        let path = workspace.sources.file(spec.service.span.file).path.clone();
        if principals_of(&self.skeleton.cluster, service, &spec.principals).len() > 1 {
            import.made.left.push(format!(
                "what {principal} may do with {} is not written to {}: the service has several principals, and what it asks for \
                 is given to all",
                counted(topics.len() as u64, "topic"),
                path.display()
            ));
            return;
        }
        // Groups count as they are granted; that the manifest has them already is no hindrance.
        let is_about = |acl: &&Acl| acl.resource == AclResourceType::Group || topics.contains(&*acl.name);
        let about: Vec<&Acl> = acls.iter().copied().filter(is_about).collect();
        let is_adopted = |topic: &str| topics.contains(topic);
        let readers = &import.found.readers;
        let (may_produce, may_consume) = (&is_adopted, &is_adopted);
        let asked = fold(service, &about, &Consents { may_produce, may_consume, readers, is_new: false });
        let Some(mut text) = import.text_of(&path) else { return };
        let produces: Vec<&str> = asked
            .produces
            .iter()
            .copied()
            .filter(|topic| !spec.produces.iter().any(|it| it.topic.as_str() == *topic))
            .collect();
        let consumes = asked.consumes.iter().copied();
        let consumes: Vec<_> =
            consumes.filter(|(topic, _)| !spec.consumes.iter().any(|it| it.topic.as_str() == *topic)).collect();
        let raw =
            asked.raw.iter().filter(|acl| acl.resource == AclResourceType::Topic && !self.asked_for.contains(**acl));
        let raw: Vec<_> =
            raw.filter(|acl| is_expressible(acl)).map(|acl| ("raw", raw_item(acl, reason(import.found)))).collect();
        import.made.counts.raw += raw.len();
        let produced = produces.iter().map(|topic| ("produces", scalar(topic)));
        let consumed = consumes.iter().map(|(topic, group)| ("consumes", consumes_text(spec, topic, *group)));
        let mut is_all = true;
        for (key, item) in produced.chain(consumed).chain(raw) {
            match consent::with_item(&path, &text, ("service", service), key, &item) {
                Some(edited) => text = edited,
                None => {
                    is_all = false;
                    import.made.left.push(format!("add to `{key}` in {}: {item}", path.display()));
                }
            }
        }
        let is_said = |acl: &Acl| match (acl.resource, acl.operation) {
            _ if !is_plain(acl) || acl.pattern != PatternType::Literal => false,
            (AclResourceType::Topic, AclOperation::Write) => produces.contains(&&*acl.name),
            (AclResourceType::Topic, AclOperation::Read) => consumes.iter().any(|(topic, _)| **topic == *acl.name),
            (AclResourceType::Topic, AclOperation::Describe) => {
                produces.contains(&&*acl.name) || consumes.iter().any(|(topic, _)| **topic == *acl.name)
            }
            (AclResourceType::Group, AclOperation::Read) => {
                consumes.iter().any(|(_, group)| group.unwrap_or(service) == &*acl.name)
            }
            _ => false,
        };
        if is_all {
            let said = ours.iter().filter(|(_, acl)| is_said(acl)).map(|(place, _)| *place);
            text = without_raw(import, service, &path, text, said);
        }
        self.note(service, &asked);
        import.made.changed.insert(path, text);
    }
}

/// The text of a service's file without these of its raw entries.
fn without_raw(
    import: &mut Import<'_>,
    service: &str,
    path: &Path,
    mut text: String,
    places: impl DoubleEndedIterator<Item = usize>,
) -> String {
    // The last one first, so that the places of others stay.
    for place in places.rev() {
        let addition = Addition::to(&text, |node| node.get("service").and_then(Node::scalar) == Some(service));
        match addition.and_then(|addition| addition.without_item("raw", place, ABOUT_RAW)) {
            Some(edited) => text = edited,
            None => import.made.left.push(format!("take entry {} out of `raw` in {}", place + 1, path.display())),
        }
    }
    text
}

/// An entry of `consumes` of a service that is declared: the group is named where it is not the service's own.
fn consumes_text(spec: &GrantSpec, topic: &str, group: Option<&str>) -> String {
    let own = || match (&spec.streams, &spec.connect) {
        (None, None) => Some(spec.service.value.to_string()),
        (Some(streams), _) => Some(streams.application_id.value.to_string()),
        // The connectors' groups, whichever they are.
        (None, Some(_)) => None,
    };
    let group = group.map(str::to_owned).or_else(|| Some(spec.service.value.to_string()));
    match group.filter(|group| own().as_ref() != Some(group)) {
        Some(group) => format!("{{ topic: {}, group: {} }}", scalar(topic), scalar(&group)),
        None => scalar(topic),
    }
}

/// The raw entries of a service for which nobody but an import has given a reason, with their places.
fn raw_of_imports(spec: &GrantSpec, principal: &Principal) -> Vec<(usize, Acl)> {
    let raw = spec.raw.iter().enumerate().filter(|(_, raw)| [OF_FILES, OF_CLUSTER].contains(&raw.reason.as_str()));
    raw.map(|(place, raw)| (place, raw.to_acl(principal))).collect()
}

fn raw_item(acl: &Acl, reason: &str) -> String {
    let pairs: Vec<String> =
        raw_entries(acl, reason).into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{ {} }}", pairs.join(", "))
}
