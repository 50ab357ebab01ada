//! Subjects that the registry of a cluster has otherwise, which comes to a workspace with manifests for others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{Declared, Joining, path_of};
use crate::import::{FoundRegistry, FoundSubject};
use crate::model::{Subject, counted};
use crate::resources::schema::DesiredSubject;
use crate::resources::topic::ReferenceSpec;
use crate::resources::{Desired, Workspace};
use crate::schema::{ReferenceVersion, is_met_by};

impl Joining<'_> {
    /// Leaves subjects to the other clusters that the registry of this one has not, or has otherwise, and asks which one holds
    /// where it has one.
    pub(super) fn select_subjects(&mut self, mut shared: Workspace) -> Option<Workspace> {
        let found = self.found;
        let Some(registry) = &found.registry else { return Some(shared) };
        let mut asked = Vec::new();
        // A subject that several manifests ask for is left by one after the other.
        loop {
            if !self.leave_subjects(&shared, registry, &mut asked) {
                break;
            }
            shared = self.load()?;
        }
        if let Some((first, path)) = asked.first() {
            let more = match asked.len() - 1 {
                0 => String::new(),
                more => format!(", and so of {}", counted(more as u64, "more subject")),
            };
            self.made.questions.push(format!(
                "which schema of {first} holds on `{}`{more}? Its registry has another one ({})",
                self.request.cluster,
                path.display()
            ));
        }
        Some(shared)
    }

    /// Answers whether a manifest is another one now.
    fn leave_subjects(
        &mut self,
        shared: &Workspace,
        registry: &FoundRegistry,
        asked: &mut Vec<(Subject, PathBuf)>,
    ) -> bool {
        let Some(cluster) = shared.clusters.get(self.request.cluster) else { return false };
        let (desired, _) = Desired::resolve(shared, cluster);
        let mut left: BTreeSet<(&str, &str)> = BTreeSet::new();
        let mut is_edited = false;
        let differing = desired.subjects.iter().filter_map(|(subject, wanted)| {
            let there = registry.subjects.get(subject);
            let is_same = there.is_some_and(|there| is_as_declared(self.found.is_declared, registry, wanted, there));
            (!is_same).then_some((subject, wanted.topic.as_ref(), there.is_some()))
        });
        let unwanted = desired.removed_subjects.keys().filter(|subject| registry.subjects.contains_key(*subject));
        let differing: Vec<_> = differing.chain(unwanted.map(|subject| (subject, None, false))).collect();
        for (subject, topic, is_there) in differing {
            let (document, within, span, selectors) = match topic.and_then(|topic| shared.topics.get(topic)) {
                Some(topic) => {
                    let selectors = topic.schema.as_ref().map_or(&[][..], |schema| &schema.clusters);
                    let document = Declared { kind: "topic", name: topic.topic.as_str() };
                    (document, &["schema"][..], topic.topic.span, selectors)
                }
                None => {
                    let Some(spec) = shared.subjects.get(subject) else { continue };
                    let document = Declared { kind: "subject", name: spec.subject.as_str() };
                    (document, &[][..], spec.subject.span, &spec.clusters[..])
                }
            };
            let path = path_of(shared, span);
            // Key and value of a topic are left out together.
            if left.insert((document.kind, document.name)) {
                is_edited |= self.restrict(&path, document, within, selectors);
            }
            if is_there && !asked.iter().any(|(known, _)| known == subject) {
                let question = format!(
                    "question: the registry of `{}` has another schema, level or references of {subject}; which one holds there?",
                    self.request.cluster
                );
                self.comment(&path, document, &question);
                asked.push((subject.clone(), path));
            }
        }
        is_edited
    }
}

/// Whether a registry has a subject as it is declared. What files of another tool leave open is no difference.
fn is_as_declared(is_open: bool, registry: &FoundRegistry, wanted: &DesiredSubject, there: &FoundSubject) -> bool {
    let has = &there.latest.schema;
    let level = there.level.as_deref().or(registry.level.as_deref());
    let asked_level = wanted.compatibility.value.to_registry();
    let is_level = level.map_or(is_open, |level| level.eq_ignore_ascii_case(&asked_level));
    let is_text = has.format == wanted.format && is_met_by(wanted.format, &wanted.text, &has.text);
    let held: BTreeMap<(&str, &Subject), u32> =
        has.references.iter().map(|held| ((held.name.as_str(), &held.subject), held.version)).collect();
    let newest = |subject: &Subject| registry.subjects.get(subject).map(|found| found.latest.version);
    let is_held = |spec: &ReferenceSpec| {
        let Some(held) = held.get(&(spec.name.as_str(), &spec.subject.value)) else { return false };
        let asked = match spec.version.map(|version| version.value) {
            Some(ReferenceVersion::Number(number)) => number,
            _ => newest(&spec.subject.value).unwrap_or(*held),
        };
        asked == *held || (is_open && [asked, *held].contains(&0))
    };
    let is_referring = held.len() == wanted.references.len() && wanted.references.iter().all(is_held);
    is_level && is_text && is_referring
}
