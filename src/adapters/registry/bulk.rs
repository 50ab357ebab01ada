//! Many subjects in few answers, where the registry has such answers. Who is missing in them is asked for by name.
//!
//! `GET /schemas?latestOnly=true&subjectPrefix=P&offset=N&limit=M` is Confluent's, and has the newest versions. Others answer
//! texts alone, ignore what they are asked beside `latestOnly` (Karapace), or do not know the path: answers that do not name
//! subject and version are of no use.
//!
//! `GET /admin/export` is Apicurio's own, and has levels too. It needs the right to administer, and a registry without its
//! own API, or one that refuses, is asked for each subject.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use serde::Deserialize;

use super::answers::Version;
use super::export::{Export, Exported};
use super::http::Request;
use super::{NONE, RegistryClient};
use crate::model::Subject;
use crate::ports::registry::{CompatibilityConfig, CurrentSubject, RegisteredSchema, Registry};
use crate::schema::is_met_by;

/// Versions by subject.
pub type Known = HashMap<Subject, RegisteredSchema>;

/// Subjects from which on pages are fewer requests than questions one by one.
const FROM: usize = 20;

/// Versions in a page; Confluent serves no more than that unless it is configured to.
const PAGE: usize = 1000;

/// More pages than this are a registry without end.
const MOST_PAGES: usize = 1000;

/// Subjects from which on an export is sooner there than answers one by one.
const EXPORTED_FROM: usize = 50;

/// Versions to a subject from which on it is not: an export has all of them.
const EXPORTED_TO: usize = 4;

/// The answer to a search.
#[derive(Deserialize)]
struct Found {
    count: usize,
}

/// What an export tells.
#[derive(Default)]
pub struct Told<'s> {
    exported: HashMap<&'s Subject, Exported>,
    /// The level of a subject without one, as the Confluent API has it: NONE where it is unsure whether the subject says so or
    /// nobody.
    without: Option<String>,
}

impl Told<'_> {
    /// Whether it tells of a subject.
    pub fn has(&self, subject: &Subject) -> bool {
        self.exported.contains_key(subject)
    }

    /// What it tells of a subject.
    pub fn take(&mut self, subject: &Subject) -> Option<CurrentSubject> {
        let Exported { newest, level, .. } = self.exported.remove(subject)?;
        let config = CompatibilityConfig { level: level.or_else(|| self.without.clone()), group: None };
        Some(CurrentSubject { latest: Ok(Some(newest)), compatibility: Ok(config) })
    }

    /// Whether it tells what was answered to a question by name. The Confluent API of Apicurio prints schemas of Avro anew.
    fn tells(&self, subject: &Subject, asked: &CurrentSubject) -> bool {
        let CurrentSubject { latest: Ok(Some(latest)), compatibility: Ok(config) } = asked else { return false };
        let Some(Exported { newest, level, .. }) = self.exported.get(subject) else { return false };
        let (own, other) = (&newest.schema, &latest.schema);
        (newest.version, newest.id) == (latest.version, latest.id)
            && own.format == other.format
            && is_met_by(own.format, &own.text, &other.text)
            && other.references.is_empty()
            && latest.properties.is_empty()
            && (level.as_ref().or(self.without.as_ref()), None) == (config.level.as_ref(), config.group.as_ref())
    }
}

impl RegistryClient {
    /// The subjects that the registry tells in bulk, each in full; none where it cannot.
    pub(super) async fn exported<'s>(&self, subjects: &'s [Subject]) -> Told<'s> {
        if subjects.len() < EXPORTED_FROM || self.has_no_export.load(Ordering::Relaxed) {
            return Told::default();
        }
        match self.number_of_versions().await {
            Some(number) if number <= subjects.len() * EXPORTED_TO => {}
            Some(_) => return Told::default(),
            None => return self.without_export(),
        }
        const TRIED: &str = "export the registry";
        let mut export = Export::of(subjects);
        let request = Request::get_own(&["admin", "export"]).large();
        let whole = self.http.stream(TRIED, request, |bytes| export.feed(bytes).is_ok()).await;
        let Some(exported) = whole.and_then(|()| export.finish()) else { return self.without_export() };
        let Ok(global) = self.global_config().await else { return Told::default() };
        let told = Told { exported, without: global.level.filter(|level| level == NONE) };
        let sample = sample(&told.exported);
        let asked = self.one_by_one(&sample).await;
        if sample.iter().zip(&asked).all(|(subject, asked)| told.tells(subject, asked)) {
            return told;
        }
        self.without_export()
    }

    /// Remembers that there is none.
    fn without_export<'s>(&self) -> Told<'s> {
        self.has_no_export.store(true, Ordering::Relaxed);
        Told::default()
    }

    /// How many versions there are in all; `None` where the registry has no API of Apicurio 3.
    async fn number_of_versions(&self) -> Option<usize> {
        const TRIED: &str = "count the versions";
        let request = Request::get_own(&["search", "versions"]).query("limit", "1");
        let answer = self.http.send(TRIED, request).await.ok()?;
        answer.read::<Found>(self.http.place(TRIED)).ok().map(|found| found.count)
    }

    /// Each subject, asked for by name.
    pub(super) async fn one_by_one(&self, subjects: &[Subject]) -> Vec<CurrentSubject> {
        let (latest, configs) = tokio::join!(self.latest(subjects), self.compatibility(subjects));
        let both = latest.into_iter().zip(configs);
        both.map(|(latest, compatibility)| CurrentSubject { latest, compatibility }).collect()
    }

    /// The newest versions that the registry tells in bulk; empty where it cannot.
    pub(super) async fn bulk(&self, subjects: &[Subject]) -> Known {
        let mut known = Known::new();
        if subjects.len() < FROM || self.has_bulk.get() == Some(&false) {
            return known;
        }
        if self.has_bulk.get().is_none() {
            // One version shows the shape and costs nothing where the rest would be of no use.
            let fits = self.page("", 0, 1).await.is_some_and(|page| !page.is_empty());
            if !*self.has_bulk.get_or_init(|| fits) {
                return known;
            }
        }
        let wanted: HashSet<&Subject> = subjects.iter().collect();
        let prefix = common_prefix(subjects);
        let mut offset = 0;
        let mut before = None;
        for _ in 0..MOST_PAGES {
            match self.page(prefix, offset, PAGE).await {
                Some(page) if page.is_empty() => return known,
                Some(page) => {
                    // A registry that ignores `offset` answers with the same ones.
                    let first = page.first().map(|(subject, version)| (subject.clone(), version.version));
                    if first == before {
                        return known;
                    }
                    before = first;
                    offset += page.len();
                    for (subject, version) in page.into_iter().filter(|(subject, _)| wanted.contains(subject)) {
                        // A registry that ignores `latestOnly` lists every version.
                        let is_newer = known.get(&subject).is_none_or(|known| known.version < version.version);
                        if is_newer {
                            known.insert(subject, version);
                        }
                    }
                }
                // What was read so far may be old by now.
                None => break,
            }
        }
        Known::new()
    }

    async fn page(&self, prefix: &str, offset: usize, limit: usize) -> Option<Vec<(Subject, RegisteredSchema)>> {
        const TRIED: &str = "read the newest versions";
        let request = Request::get(&["schemas"])
            .query("latestOnly", "true")
            .query("subjectPrefix", prefix)
            .query("offset", &offset.to_string())
            .query("limit", &limit.to_string())
            .large();
        let answer = self.http.send(TRIED, request).await.ok()?;
        let page = answer.read::<Vec<serde_json::Value>>(self.http.place(TRIED)).ok()?;
        versions(page, || self.http.place(TRIED))
    }
}

/// One subject of each kind that the Confluent API may have in another way, if it is configured to: names that it takes
/// apart, ids that are those of versions, formats that it writes anew, levels that it does not tell.
fn sample(exported: &HashMap<&Subject, Exported>) -> Vec<Subject> {
    let mut kinds = HashMap::new();
    for (subject, Exported { newest, level, has_other_id }) in exported {
        let is_plain = subject.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        kinds.entry((newest.schema.format.as_str(), level.as_deref(), *has_other_id, is_plain)).or_insert(*subject);
    }
    kinds.into_values().cloned().collect()
}

/// The versions of a page; `None` where one of them lacks its subject or version.
fn versions<'p>(
    page: Vec<serde_json::Value>,
    place: impl Fn() -> super::failure::Place<'p>,
) -> Option<Vec<(Subject, RegisteredSchema)>> {
    let mut versions = Vec::with_capacity(page.len());
    for value in page {
        let version: Version = serde_json::from_value(value).ok()?;
        let name = version.subject.clone()?;
        // A subject or a format that no manifest can name is not asked for either.
        if let (Ok(subject), Ok(schema)) = (name.parse(), version.into_schema(place())) {
            versions.push((subject, schema));
        }
    }
    Some(versions)
}

/// What all names start with.
fn common_prefix(subjects: &[Subject]) -> &str {
    let Some(first) = subjects.first().map(Subject::as_str) else { return "" };
    let shared = |other: &Subject| first.bytes().zip(other.as_str().bytes()).take_while(|(a, b)| a == b).count();
    let mut length = subjects.iter().map(shared).min().unwrap_or(0);
    while !first.is_char_boundary(length) {
        length -= 1;
    }
    &first[..length]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::registry::failure::Place;

    fn read(page: serde_json::Value) -> Option<Vec<(Subject, RegisteredSchema)>> {
        let place = || Place { tried: "test", server: "http://registry" };
        versions(serde_json::from_value(page).unwrap(), place)
    }

    #[test]
    fn a_page_of_confluent_names_subject_and_version() {
        let page = read(json!([
            {"subject": "a-value", "version": 3, "id": 7, "schema": "\"string\""},
            {"subject": "b-value", "version": 1, "id": 9, "guid": "0-0", "schemaType": "PROTOBUF", "schema": "",
             "references": [{"name": "c.proto", "subject": "c", "version": 2}], "metadata": null, "ruleSet": null},
            {"subject": "c-value", "version": 1, "id": 10, "schemaType": "XML", "schema": ""},
        ]));
        let page = page.unwrap();
        let names: Vec<_> = page.iter().map(|(subject, version)| (subject.as_str(), version.version)).collect();
        assert_eq!(names, [("a-value", 3), ("b-value", 1)]);
        assert_eq!(page[1].1.schema.references[0].subject.as_str(), "c");
    }

    #[test]
    fn a_page_of_texts_alone_does_not_fit() {
        assert!(read(json!([{"schema": "\"string\""}, {"schema": "syntax", "schemaType": "PROTOBUF"}])).is_none());
        assert!(read(json!([{"subject": "a", "id": 7, "schema": "\"string\""}])).is_none());
    }

    #[test]
    fn the_prefix_is_what_all_names_share() {
        let names = |list: &[&str]| list.iter().map(|name| name.parse().unwrap()).collect::<Vec<Subject>>();
        assert_eq!(common_prefix(&names(&["media.raw", "media.ingested"])), "media.");
        assert_eq!(common_prefix(&names(&["é", "è"])), "");
        assert_eq!(common_prefix(&[]), "");
    }
}
