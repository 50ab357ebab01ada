//! What Apicurio 3 exports of itself: an archive of everything that it has, for whoever administers it.
//!
//! Contents come first, then artifacts, their versions, the branches that these are in, and the rules of artifacts.

use std::collections::HashMap;

use serde::Deserialize;

use super::unzip::{Malformed, Unzip};
use crate::model::Subject;
use crate::ports::registry::{NewSchema, RegisteredSchema};
use crate::schema::SchemaFormat;

/// The largest entry, in bytes: as much as an answer about one subject may have.
const MOST_ENTRY: usize = 16 << 20;

/// The most that all texts have together, in bytes.
const MOST_TEXTS: usize = 128 << 20;

/// The group whose artifacts are subjects of the Confluent API.
const GROUP: &str = "default";

/// The branch that has the versions in the order in which they were made.
const BRANCH: &str = "latest";

/// The rule that is a level.
const RULE: &str = "COMPATIBILITY";

/// An export that is being read.
pub struct Export<'s> {
    unzip: Unzip,
    entities: Entities<'s>,
}

/// A subject as the export has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its newest version.
    pub newest: RegisteredSchema,
    /// Its level, where it has one of its own.
    pub level: Option<String>,
    /// Whether that version has another id than its text.
    pub has_other_id: bool,
}

struct Entities<'s> {
    wanted: HashMap<&'s str, &'s Subject>,
    /// The content whose text is the next entry, unless it refers to others: what the Confluent API makes of such a text
    /// is a matter of the registry's configuration.
    announced: Option<u64>,
    texts: HashMap<u64, String>,
    size: usize,
    artifacts: HashMap<&'s Subject, Artifact>,
    /// Whether the group has a level for its artifacts, of which the Confluent API tells nothing.
    has_group_level: bool,
}

#[derive(Default)]
struct Artifact {
    format: Option<SchemaFormat>,
    versions: Vec<ArtifactVersion>,
    newest: Option<String>,
    level: Option<String>,
}

struct ArtifactVersion {
    name: String,
    order: u32,
    id: u64,
    content: u64,
}

/// Whatever is told of an artifact, its version, branch or rule, or of a rule of its group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    group_id: Option<String>,
    artifact_id: Option<String>,
    artifact_type: Option<String>,
    version: Option<String>,
    version_order: Option<u32>,
    state: Option<String>,
    content_id: Option<u64>,
    global_id: Option<u64>,
    branch_id: Option<String>,
    versions: Option<Vec<String>>,
    #[serde(rename = "type")]
    rule: Option<String>,
    configuration: Option<String>,
}

/// What is told of a content.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    content_id: u64,
    /// A list as JSON in a text.
    serialized_references: Option<String>,
}

impl<'s> Export<'s> {
    /// Of these subjects.
    pub fn of(wanted: &'s [Subject]) -> Self {
        let entities = Entities {
            wanted: wanted.iter().map(|subject| (subject.as_str(), subject)).collect(),
            announced: None,
            texts: HashMap::new(),
            size: 0,
            artifacts: HashMap::new(),
            has_group_level: false,
        };
        Self { unzip: Unzip::new(MOST_ENTRY), entities }
    }

    /// Reads on.
    ///
    /// # Errors
    ///
    /// It is no export, or it is too large to be kept.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        let (unzip, entities) = (&mut self.unzip, &mut self.entities);
        let mut is_fine = true;
        unzip.feed(bytes, |name, content| is_fine = is_fine && entities.add(name, content).is_some())?;
        if is_fine { Ok(()) } else { Err(Malformed) }
    }

    /// The subjects of which everything is told; `None` where the end is missing, or levels are not those of subjects alone.
    pub fn finish(self) -> Option<HashMap<&'s Subject, Exported>> {
        let Entities { mut texts, artifacts, has_group_level, .. } = self.entities;
        if !self.unzip.is_complete() || has_group_level {
            return None;
        }
        // The last one that has a text takes it: copies of all would be as much memory again.
        let mut shared: HashMap<u64, usize> = HashMap::new();
        for newest in artifacts.values().filter_map(Artifact::newest) {
            *shared.entry(newest.content).or_default() += 1;
        }
        let mut exported = HashMap::with_capacity(artifacts.len());
        for (subject, artifact) in artifacts {
            let Some(ArtifactVersion { order, id, content, .. }) = artifact.newest() else { continue };
            let sharing = shared.entry(*content).or_default();
            *sharing -= 1;
            let text = if *sharing == 0 { texts.remove(content) } else { texts.get(content).cloned() };
            let (Some(text), Some(format)) = (text, artifact.format) else { continue };
            let schema = NewSchema { format, text, references: Vec::new() };
            let newest = RegisteredSchema { version: *order, id: *content, schema, properties: Default::default() };
            let has_other_id = id != content;
            exported.insert(subject, Exported { newest, level: artifact.level, has_other_id });
        }
        Some(exported)
    }
}

impl<'s> Entities<'s> {
    /// `None` where it is not what an export has, or too much.
    fn add(&mut self, name: &str, content: &[u8]) -> Option<()> {
        if name.ends_with(".Content.json") {
            let told: Content = serde_json::from_slice(content).ok()?;
            let refers = told.serialized_references.is_some_and(|list| !matches!(list.trim(), "" | "[]" | "null"));
            self.announced = (!refers).then_some(told.content_id);
            return Some(());
        }
        if name.ends_with(".Content.data") {
            if let Some(id) = self.announced.take()
                && let Ok(text) = std::str::from_utf8(content)
            {
                self.size += text.len();
                self.texts.insert(id, text.to_owned());
            }
            return (self.size <= MOST_TEXTS).then_some(());
        }
        let kind = ["Artifact", "ArtifactVersion", "Branch", "ArtifactRule", "GroupRule"].into_iter().find(|kind| {
            name.strip_suffix(".json").and_then(|name| name.strip_suffix(kind)).is_some_and(|name| name.ends_with('.'))
        });
        let Some(kind) = kind else { return Some(()) };
        let told: Entity = serde_json::from_slice(content).ok()?;
        if told.group_id.as_deref().is_some_and(|group| group != GROUP) {
            return Some(());
        }
        if kind == "GroupRule" {
            self.has_group_level |= told.rule.as_deref() == Some(RULE);
            return Some(());
        }
        if let Some(subject) = self.wanted.get(told.artifact_id.as_deref()?) {
            self.artifacts.entry(subject).or_default().add(kind, told)?;
        }
        Some(())
    }
}

impl Artifact {
    fn add(&mut self, kind: &str, told: Entity) -> Option<()> {
        match kind {
            "Artifact" => {
                self.format = match told.artifact_type?.as_str() {
                    "AVRO" => Some(SchemaFormat::Avro),
                    "JSON" => Some(SchemaFormat::Json),
                    "PROTOBUF" => Some(SchemaFormat::Protobuf),
                    _ => None,
                };
            }
            // One that is disabled, deprecated or a draft is no version to some of the registry's answers.
            "ArtifactVersion" if told.state.as_deref() == Some("ENABLED") => {
                let (order, id, content) = (told.version_order?, told.global_id?, told.content_id?);
                self.versions.push(ArtifactVersion { name: told.version?, order, id, content });
            }
            "Branch" if told.branch_id.as_deref() == Some(BRANCH) => self.newest = told.versions?.pop(),
            "ArtifactRule" if told.rule.as_deref() == Some(RULE) => self.level = told.configuration,
            _ => {}
        }
        Some(())
    }

    /// Its newest version, if that is as the Confluent API makes versions.
    fn newest(&self) -> Option<&ArtifactVersion> {
        let newest = self.versions.iter().find(|version| Some(&version.name) == self.newest.as_ref())?;
        (newest.name == newest.order.to_string()).then_some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::registry::unzip::tests::archive;

    /// What the export of these entries tells of `orders-value` and `payments-value`.
    fn exported(entries: &[(&str, &str)]) -> Option<HashMap<Subject, Exported>> {
        let wanted: Vec<Subject> = ["orders-value", "payments-value"].map(|name| name.parse().unwrap()).into();
        let entries: Vec<_> = entries.iter().map(|(name, content)| (*name, content.as_bytes())).collect();
        let mut export = Export::of(&wanted);
        export.feed(&archive(&entries)).ok()?;
        Some(export.finish()?.into_iter().map(|(subject, told)| (subject.clone(), told)).collect())
    }

    const MANIFEST: (&str, &str) = ("manifest-2026.Manifest.json", r#"{"exportVersion":"3.0"}"#);
    const TEXT: [(&str, &str); 2] = [
        ("content/1f.Content.json", r#"{"contentId":7,"contentHash":"1f","serializedReferences":null}"#),
        ("content/1f.Content.data", "\"int\""),
    ];
    const ARTIFACT: (&str, &str) = (
        "groups/default/artifacts/orders-value/MetaData.Artifact.json",
        r#"{"groupId":null,"artifactId":"orders-value","artifactType":"AVRO","name":null}"#,
    );
    const FIRST: (&str, &str) = (
        "groups/default/artifacts/orders-value/versions/1.ArtifactVersion.json",
        r#"{"globalId":9,"groupId":null,"artifactId":"orders-value","version":"1","versionOrder":1,"state":"ENABLED","contentId":7}"#,
    );
    const BRANCH: (&str, &str) = (
        "groups/default/artifacts/orders-value/branches/latest.Branch.json",
        r#"{"groupId":null,"artifactId":"orders-value","branchId":"latest","versions":["1"]}"#,
    );
    const LEVEL: (&str, &str) = (
        "groups/default/artifacts/orders-value/rules/COMPATIBILITY.ArtifactRule.json",
        r#"{"groupId":null,"artifactId":"orders-value","type":"COMPATIBILITY","configuration":"FULL"}"#,
    );

    #[test]
    fn a_subject_has_its_newest_version_and_its_level() {
        let other = (
            "groups/other/artifacts/orders-value/MetaData.Artifact.json",
            r#"{"groupId":"other","artifactId":"orders-value","artifactType":"JSON"}"#,
        );
        let told = exported(&[MANIFEST, TEXT[0], TEXT[1], ARTIFACT, other, FIRST, BRANCH, LEVEL]).unwrap();
        let schema = NewSchema { format: SchemaFormat::Avro, text: "\"int\"".into(), references: Vec::new() };
        let newest = RegisteredSchema { version: 1, id: 7, schema, properties: Default::default() };
        let orders = Exported { newest, level: Some("FULL".into()), has_other_id: true };
        assert_eq!(told, [("orders-value".parse().unwrap(), orders)].into());
        assert_eq!(exported(&[MANIFEST]), Some(HashMap::new()));
    }

    #[test]
    fn what_the_other_api_may_see_otherwise_is_left_to_it() {
        let refers = r#"{"contentId":7,"serializedReferences":"[{\"groupId\":null,\"artifactId\":\"b\",\"version\":\"1\",\"name\":\"B\"}]"}"#;
        let refers = [MANIFEST, (TEXT[0].0, refers), TEXT[1], ARTIFACT, FIRST, BRANCH];
        assert_eq!(exported(&refers), Some(HashMap::new()));
        for (from, to) in [("ENABLED", "DISABLED"), ("ENABLED", "DRAFT"), ("\"versionOrder\":1", "\"versionOrder\":4")]
        {
            let version = FIRST.1.replace(from, to);
            assert_eq!(
                exported(&[MANIFEST, TEXT[0], TEXT[1], ARTIFACT, (FIRST.0, &version), BRANCH]),
                Some(HashMap::new())
            );
        }
        let api = ARTIFACT.1.replace("AVRO", "OPENAPI");
        assert_eq!(exported(&[MANIFEST, TEXT[0], TEXT[1], (ARTIFACT.0, &api), FIRST, BRANCH]), Some(HashMap::new()));
        assert_eq!(exported(&[MANIFEST, ARTIFACT, FIRST, BRANCH]), Some(HashMap::new()));
        let rule = r#"{"groupId":null,"type":"COMPATIBILITY","configuration":"FULL"}"#;
        assert_eq!(exported(&[MANIFEST, ("groups/default/rules/COMPATIBILITY.GroupRule.json", rule)]), None);
    }

    #[test]
    fn what_is_no_export_is_left() {
        assert_eq!(exported(&[(ARTIFACT.0, "{}")]), None);
        assert_eq!(exported(&[(ARTIFACT.0, "no JSON")]), None);
        assert_eq!(exported(&[(TEXT[0].0, r#"{"contentId":-1}"#)]), None);
    }
}
