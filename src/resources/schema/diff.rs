use std::collections::BTreeMap;

use super::DesiredSubject;
use super::live::{LiveRegistry, LiveSubject, mark};
use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Kind, Risk, Subject};
use crate::plan::{
    Action, Change, FieldChange, FieldValue, Incomplete, PlannedReference, PlannedVersion, Step, Unmanaged,
    Verification,
};
use crate::ports::registry::{Reference, RegisteredSchema};
use crate::ports::{Failure, Observed};
use crate::resources::{Desired, Difference, fingerprint};
use crate::schema::{self, ReferenceVersion, is_met_by};

/// Compares the subjects of a cluster's registry.
pub fn diff(desired: &Desired<'_>, live: Option<&Observed<LiveRegistry>>) -> Difference {
    let mut difference = Difference::default();
    let live = match live {
        None => return difference,
        Some(Observed::Known(live)) => live,
        Some(Observed::Hidden(failure)) => {
            difference.incomplete = all_unseen(desired, failure);
            return difference;
        }
    };
    let mut differ = Differ { desired, live, registered: BTreeMap::new(), difference: &mut difference };
    for subject in desired.subjects.keys() {
        differ.subject(subject);
    }
    super::delete::deletions(desired, live, &mut difference);
    difference.unmanaged.extend(live.others.iter().map(|subject| {
        Unmanaged {
            kind: "subject".into(),
            name: subject.to_string(),
            reason: "no manifest declares it: adopt it (a topic's schema, or a manifest in schemas/), or delete it (a \
                 manifest in schemas/ with `state: absent` and a `reason`)"
                .into(),
        }
    }));
    difference
}

/// Everything that is declared of a registry that could not be read; the registry itself where nothing is.
fn all_unseen(desired: &Desired<'_>, failure: &Failure) -> Vec<Incomplete> {
    let unseen = |address, span| Incomplete {
        address,
        failure: failure.clone(),
        place: Option::map(span, |span| desired.workspace.place(span)),
    };
    let wanted = desired.subjects.iter().map(|(subject, wanted)| (subject, wanted.span));
    let removed = desired.removed_subjects.iter().map(|(subject, span)| (subject, *span));
    let declared = wanted.chain(removed).map(|(subject, span)| unseen(Address::schema(subject), Some(span)));
    let declared: Vec<_> = declared.collect();
    if !declared.is_empty() {
        return declared;
    }
    let registry = desired.cluster.schema_registry.as_ref().map(|name| name.span);
    vec![unseen(Address { kind: Kind::Schema, name: "*".into() }, registry)]
}

struct Differ<'a> {
    desired: &'a Desired<'a>,
    live: &'a LiveRegistry,
    /// Subjects that were looked at, and whether the plan registers a version of each.
    registered: BTreeMap<Subject, bool>,
    difference: &'a mut Difference,
}

impl Differ<'_> {
    /// Plans a subject after those that it refers to; answers whether a version will be registered.
    fn subject(&mut self, subject: &Subject) -> bool {
        if let Some(registers) = self.registered.get(subject) {
            return *registers;
        }
        // A cycle of references ends here: the second visit sees a subject that registers nothing. The rules report it.
        self.registered.insert(subject.clone(), false);
        let Some(wanted) = self.desired.subjects.get(subject) else { return false };
        let Some(found) = self.live.subjects.get(subject) else {
            let references = self.references(wanted, &[]);
            return self.plan(subject, wanted, None, &None, references, None);
        };
        match (&found.latest, &found.compatibility) {
            (Observed::Known(latest), Observed::Known(level)) => {
                let held = latest.as_ref().map_or(&[][..], |latest| &latest.schema.references);
                let references = self.references(wanted, held);
                self.plan(subject, wanted, latest.as_ref(), level, references, found.taken_for)
            }
            _ => {
                self.hidden(subject, wanted, found);
                false
            }
        }
    }

    fn hidden(&mut self, subject: &Subject, wanted: &DesiredSubject, found: &LiveSubject) {
        let failure = found.latest.hidden().or_else(|| found.compatibility.hidden());
        self.difference.incomplete.extend(failure.map(|failure| Incomplete {
            address: Address::schema(subject),
            failure: failure.clone(),
            place: Some(self.desired.workspace.place(wanted.span)),
        }));
    }

    /// Pins each reference: to the version that is written, to the newest one, or to the one that this plan makes.
    fn references(&mut self, wanted: &DesiredSubject, held: &[Reference]) -> Vec<PlannedReference> {
        let mut references = Vec::new();
        for spec in &wanted.references {
            let version = match spec.version.map(|version| version.value) {
                Some(ReferenceVersion::Number(number)) => PlannedVersion::Pinned(number),
                _ if self.subject(&spec.subject.value) => PlannedVersion::AfterRegistering,
                _ => PlannedVersion::Pinned(self.newest(&spec.subject.value, held)),
            };
            references.push(PlannedReference {
                name: spec.name.value.clone(),
                subject: spec.subject.value.clone(),
                version,
            });
        }
        references
    }

    fn newest(&self, subject: &Subject, held: &[Reference]) -> u32 {
        let latest = self.live.subjects.get(subject).and_then(|found| found.latest.known()).and_then(Option::as_ref);
        let held = held.iter().find(|reference| reference.subject == *subject).map(|reference| reference.version);
        latest.map(|latest| latest.version).or(held).unwrap_or(1)
    }

    fn plan(
        &mut self,
        subject: &Subject,
        wanted: &DesiredSubject,
        latest: Option<&RegisteredSchema>,
        level: &Option<String>,
        references: Vec<PlannedReference>,
        taken_for: Option<u32>,
    ) -> bool {
        let mut fields = Vec::new();
        let mut steps = Vec::new();
        let place = Some(self.desired.workspace.place(wanted.span));
        let effective = level.as_ref().or(self.live.info.compatibility.as_ref());
        if effective.is_none_or(|now| !now.eq_ignore_ascii_case(&wanted.compatibility.value.to_registry())) {
            let source = if level.is_some() { "subject" } else { "registry's default" };
            fields.push(FieldChange {
                field: "compatibility".into(),
                before: effective.map(|now| FieldValue::plain(now.to_lowercase()).from_source(source)),
                after: Some(FieldValue::plain(wanted.compatibility.value)),
                place: wanted.compatibility.span().map(|span| self.desired.workspace.place(span)).or(place.clone()),
            });
            steps.push(Step::SetCompatibility { subject: subject.clone(), level: wanted.compatibility.value });
        }
        let same_references = latest.is_some_and(|latest| same_references(&references, &latest.schema.references));
        let same_text = latest.is_some_and(|latest| {
            latest.schema.format == wanted.format && is_met_by(wanted.format, &wanted.text, &latest.schema.text)
        });
        let differs = !same_text || !same_references;
        let taken_for = taken_for.filter(|_| differs && same_references);
        if let (Some(kept), Some(latest)) = (taken_for, latest) {
            self.nothing_to_register(subject, wanted, kept, latest.version);
        }
        let registers = differs && taken_for.is_none();
        if registers {
            fields.extend(self.schema_fields(wanted, latest, same_text, &references));
            steps.push(Step::RegisterSchema {
                subject: subject.clone(),
                format: wanted.format,
                text: wanted.text.clone(),
                references: references.clone(),
            });
        }
        self.registered.insert(subject.clone(), registers);
        if fields.is_empty() {
            return false;
        }
        if self.live.info.mode.as_deref().is_some_and(|mode| mode.starts_with("READONLY")) {
            self.difference.findings.push(
                Diagnostic::new("BUS506", format!("the registry is read-only: `{subject}` cannot be changed"))
                    .level(Level::Error)
                    .at(wanted.span, "")
                    .resource(Address::schema(subject))
                    .help("set the registry's mode to READWRITE, or leave the schema as it is"),
            );
        }
        self.difference.changes.push(Change {
            address: Address::schema(subject),
            action: if latest.is_none() { Action::Create } else { Action::Update },
            fields,
            risk: Risk::Safe,
            impact: Vec::new(),
            measured: None,
            access: Vec::new(),
            fingerprint: fingerprint([format!("{:?}", latest.map(mark)), format!("{level:?}")]),
            verification: Verification::offline(),
            place,
            depends_on: wanted.references.iter().map(|spec| Address::schema(&spec.subject.value)).collect(),
            steps,
        });
        registers
    }

    /// The registry has the schema already, so that there is nothing to apply although it differs from the newest version.
    fn nothing_to_register(&mut self, subject: &Subject, wanted: &DesiredSubject, kept: u32, newest: u32) {
        let finding = if kept == newest {
            Diagnostic::new(
                "BUS508",
                format!("the registry takes the schema of `{subject}` for its version {kept}, whose text differs"),
            )
            .level(Level::Warn)
            .help(
                "it sees no difference in what changed (docs and aliases of Avro in Apicurio 3) and keeps its own text: \
                 change these together with something that it sees",
            )
        } else {
            Diagnostic::new(
                "BUS509",
                format!("the schema of `{subject}` is its version {kept}, and the registry's newest is version {newest}"),
            )
            .level(Level::Warn)
            .help(format!(
                "a registry does not register again what it has: take over the schema of version {newest}, or delete the \
                 versions behind {kept} there, or change something that makes it another schema, such as a default",
            ))
        };
        let span = crate::source::Span::whole(wanted.file);
        self.difference.findings.push(finding.at(span, "").resource(Address::schema(subject)));
    }

    fn schema_fields(
        &self,
        wanted: &DesiredSubject,
        latest: Option<&RegisteredSchema>,
        same_text: bool,
        references: &[PlannedReference],
    ) -> Vec<FieldChange> {
        let place = Some(self.desired.workspace.sources.place(crate::source::Span::whole(wanted.file)));
        let mut fields = Vec::new();
        if !same_text {
            let shown = |digest: String, text: String| FieldValue::shown(digest, text);
            fields.push(FieldChange {
                field: "schema".into(),
                before: latest.map(|latest| {
                    let text = format!("version {} ({})", latest.version, latest.schema.format);
                    shown(schema::digest(latest.schema.format, &latest.schema.text), text)
                }),
                after: Some(shown(
                    schema::digest(wanted.format, &wanted.text),
                    match latest {
                        Some(latest) => format!("version {} ({})", latest.version.saturating_add(1), wanted.format),
                        None => format!("version 1 ({})", wanted.format),
                    },
                )),
                place: place.clone(),
            });
        }
        let before: Vec<String> = latest.map_or_else(Vec::new, |latest| {
            let held = latest.schema.references.iter();
            held.map(|reference| PlannedReference::from(reference).to_string()).collect()
        });
        let after: Vec<String> = references.iter().map(ToString::to_string).collect();
        if before != after {
            let value = |texts: Vec<String>| (!texts.is_empty()).then(|| FieldValue::plain(texts.join(", ")));
            fields.push(FieldChange { field: "references".into(), before: value(before), after: value(after), place });
        }
        fields
    }
}

fn same_references(planned: &[PlannedReference], held: &[Reference]) -> bool {
    let mut held: Vec<_> =
        held.iter().map(|held| (&held.name, &held.subject, PlannedVersion::Pinned(held.version))).collect();
    let mut planned: Vec<_> =
        planned.iter().map(|planned| (&planned.name, &planned.subject, planned.version.clone())).collect();
    held.sort();
    planned.sort();
    held == planned
}
