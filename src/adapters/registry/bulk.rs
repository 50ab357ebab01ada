//! The newest versions of many subjects in pages, where the registry's answers name subject and version.
//!
//! `GET /schemas?latestOnly=true&subjectPrefix=P&offset=N&limit=M` is Confluent's. Others answer texts alone, ignore
//! `latestOnly`, or do not know the path: their answers do not fit, and the subjects are asked one by one.

use std::collections::{HashMap, HashSet};

use super::RegistryClient;
use super::answers::Version;
use super::http::Request;
use crate::model::Subject;
use crate::ports::registry::RegisteredSchema;

/// Versions by subject.
pub type Known = HashMap<Subject, RegisteredSchema>;

/// Subjects from which on pages are fewer requests than questions one by one.
const FROM: usize = 20;

/// Versions in a page; Confluent serves no more than that unless it is configured to.
const PAGE: usize = 1000;

/// More pages than this are a registry that ignores `offset`.
const MOST_PAGES: usize = 1000;

impl RegistryClient {
    /// The newest versions that the registry tells in bulk; empty where it cannot. Who is missing is asked for by name.
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
        for _ in 0..MOST_PAGES {
            match self.page(prefix, offset, PAGE).await {
                Some(page) if page.is_empty() => return known,
                Some(page) => {
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
