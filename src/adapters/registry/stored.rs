//! Schemas by the ids that records have.

use std::collections::HashSet;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use tokio::runtime::Handle;

use super::RegistryClient;
use super::answers::{Answer, Version, format_of};
use super::http::Request;
use crate::model::Subject;
use crate::ports::registry::{Reference, Registry};
use crate::ports::schemas::{LatestSchema, SchemaId, SchemaSource, StoredSchema};
use crate::ports::{Failure, FailureKind};

/// References inside each other that are followed. Registries let nobody make a circle of them.
const MOST_REFERENCES: usize = 1_000;

/// A registry for callers that block.
pub struct BlockingRegistry {
    client: RegistryClient,
    runtime: Handle,
}

/// The answer to `GET /schemas/ids/ID`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfId {
    schema: String,
    schema_type: Option<String>,
    references: Option<Vec<Reference>>,
}

/// A subject and version that has a schema.
#[derive(Deserialize)]
struct Holder {
    subject: String,
}

impl BlockingRegistry {
    /// Asks through a client, in the runtime that is the caller's now.
    pub fn new(client: RegistryClient) -> Self {
        Self { client, runtime: Handle::current() }
    }

    fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        tokio::task::block_in_place(|| self.runtime.block_on(request))
    }
}

impl SchemaSource for BlockingRegistry {
    fn server(&self) -> &str {
        self.client.server()
    }

    fn schema(&self, id: SchemaId) -> Result<Option<StoredSchema>, Failure> {
        self.wait(self.client.schema(id))
    }

    fn latest(&self, subject: &Subject) -> Result<Option<LatestSchema>, Failure> {
        self.wait(self.client.newest(subject))
    }

    fn subjects(&self, id: SchemaId) -> Result<Vec<Subject>, Failure> {
        self.wait(self.client.subjects_with(id))
    }
}

/// Where the API has a schema.
fn path(id: SchemaId, written: &str) -> [&str; 3] {
    let kind = match id {
        SchemaId::Number(_) => "ids",
        SchemaId::Guid(_) => "guids",
    };
    ["schemas", kind, written]
}

impl RegistryClient {
    async fn schema(&self, id: SchemaId) -> Result<Option<StoredSchema>, Failure> {
        let tried = format!("read schema {id}");
        let written = id.to_string();
        let answer = self.http.send(&tried, Request::get(&path(id, &written))).await?;
        // A registry without global ids knows of no such path.
        if matches!(id, SchemaId::Guid(_)) && answer.status.as_u16() == 404 {
            return Ok(None);
        }
        let Some(found) = answer.found_or_absent::<OfId>(self.http.place(&tried))? else { return Ok(None) };
        let format = format_of(found.schema_type.as_deref(), &format!("schema {id}"), self.http.place(&tried))?;
        let references = self.texts(&found.references.unwrap_or_default()).await?;
        Ok(Some(StoredSchema { format, text: found.schema, references }))
    }

    async fn newest(&self, subject: &Subject) -> Result<Option<LatestSchema>, Failure> {
        let tried = format!("read the newest version of `{subject}`");
        let request = Request::get(&["subjects", subject.as_str(), "versions", "latest"]);
        let answer: Answer = self.http.send(&tried, request).await?;
        let Some(version) = answer.found_or_absent::<Version>(self.http.place(&tried))? else { return Ok(None) };
        let guid = version.guid.as_deref().and_then(|guid| guid.parse().ok());
        let registered = version.into_schema(self.http.place(&tried))?;
        let references = self.texts(&registered.schema.references).await?;
        let schema = StoredSchema { format: registered.schema.format, text: registered.schema.text, references };
        Ok(Some(LatestSchema { version: registered.version, id: registered.id, guid, schema }))
    }

    async fn subjects_with(&self, id: SchemaId) -> Result<Vec<Subject>, Failure> {
        let SchemaId::Number(_) = id else { return Ok(Vec::new()) };
        let tried = format!("list the subjects that have schema {id}");
        let written = id.to_string();
        let [schemas, kind, number] = path(id, &written);
        let answer = self.http.send(&tried, Request::get(&[schemas, kind, number, "versions"])).await?;
        let holders = answer.found_or_absent::<Vec<Holder>>(self.http.place(&tried))?.unwrap_or_default();
        let mut subjects: Vec<Subject> = holders.into_iter().filter_map(|holder| holder.subject.parse().ok()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        Ok(subjects)
    }

    async fn texts(&self, references: &[Reference]) -> Result<Vec<(String, String)>, Failure> {
        let (mut seen, mut texts) = (HashSet::new(), Vec::new());
        self.follow(references, &mut seen, &mut texts).await?;
        Ok(texts)
    }

    fn follow<'f>(
        &'f self,
        references: &'f [Reference],
        seen: &'f mut HashSet<String>,
        texts: &'f mut Vec<(String, String)>,
    ) -> BoxFuture<'f, Result<(), Failure>> {
        async move {
            for reference in references {
                if seen.len() >= MOST_REFERENCES || !seen.insert(reference.name.clone()) {
                    continue;
                }
                let found = self.version(&reference.subject, reference.version).await?;
                let found = found.ok_or_else(|| Failure {
                    kind: FailureKind::NotFound,
                    tried: format!("follow the reference `{}`", reference.name),
                    server: self.server().to_owned(),
                    answer: format!("it has no version {} of `{}`", reference.version, reference.subject),
                    hint: None,
                })?;
                self.follow(&found.schema.references, seen, texts).await?;
                texts.push((reference.name.clone(), found.schema.text));
            }
            Ok(())
        }
        .boxed()
    }
}
