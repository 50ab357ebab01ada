//! The fewest requests that tell what a plan must know of a schema registry, and that register what an apply registers.

use std::collections::HashSet;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Client, RequestBuilder};

use crate::Outcome;
use crate::estate::{Estate, Topic};

/// Requests that are under way at once. More make a registry on the same machine slower.
const CONCURRENCY: usize = 16;

/// After this time without an answer a request is sent once more, as the tool does: one in some ten thousand gets none.
const PATIENCE: Duration = Duration::from_secs(10);

/// A registry's Confluent API.
pub struct Registry {
    client: Client,
    url: String,
}

impl Registry {
    /// A client; nothing is sent yet.
    pub fn new(url: &str) -> Outcome<Self> {
        // A client is not built without it, even where no connection is encrypted.
        rustls::crypto::ring::default_provider().install_default().ok();
        Ok(Self { client: Client::builder().build()?, url: url.to_owned() })
    }

    /// Reads the newest version and the level of every subject of the estate, all at once, and fails where one is missing.
    /// Answers how many there are; of an empty estate, how many are listed.
    pub async fn read(&self, estate: Estate) -> Outcome<usize> {
        let listed = async {
            let subjects: Vec<String> = self.ask(self.client.get(format!("{}/subjects", self.url))).await?;
            self.ask::<serde::de::IgnoredAny>(self.client.get(format!("{}/config", self.url))).await?;
            Ok(subjects.len())
        };
        let (listed, archive) = futures::try_join!(listed, self.export())?;
        if estate.topics == 0 {
            return Ok(listed);
        }
        let names = names(&archive).ok_or("the export is no archive")?;
        for subject in estate.all().map(|topic| topic.subject()) {
            for part in ["versions/1.ArtifactVersion.json", "rules/COMPATIBILITY.ArtifactRule.json"] {
                if !names.contains(format!("groups/default/artifacts/{subject}/{part}").as_bytes()) {
                    return Err(format!("{subject} has no {part}").into());
                }
            }
        }
        Ok(estate.topics)
    }

    /// Everything that the registry has, as its own API exports it.
    async fn export(&self) -> Outcome<Vec<u8>> {
        let url = self.url.replace("/apis/ccompat/v7", "/apis/registry/v3/admin/export");
        let answer = self.client.get(&url).header("accept", "application/zip").send().await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("{url} answered {status}").into());
        }
        Ok(answer.bytes().await?.into())
    }

    /// Registers every schema and sets its level.
    pub async fn apply(&self, estate: Estate) -> Outcome<()> {
        stream::iter(estate.all().map(|topic| self.register(topic))).buffer_unordered(CONCURRENCY).try_collect().await
    }

    async fn register(&self, topic: Topic) -> Outcome<()> {
        let subject = topic.subject();
        let schema = serde_json::json!({ "schema": topic.schema() });
        let versions = format!("{}/subjects/{subject}/versions", self.url);
        self.ask::<serde::de::IgnoredAny>(self.client.post(versions).json(&schema)).await?;
        let level = serde_json::json!({ "compatibility": "BACKWARD" });
        let config = format!("{}/config/{subject}", self.url);
        self.ask::<serde::de::IgnoredAny>(self.client.put(config).json(&level)).await?;
        Ok(())
    }

    async fn ask<A: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Outcome<A> {
        let again = request.try_clone().ok_or("a request cannot be sent twice")?;
        let answer = match tokio::time::timeout(PATIENCE, request.send()).await {
            Ok(answer) => answer?,
            Err(_) => again.send().await?,
        };
        let (status, url) = (answer.status(), answer.url().clone());
        let body = answer.bytes().await?;
        if !status.is_success() {
            return Err(format!("{url} answered {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(serde_json::from_slice(&body)?)
    }
}

/// The names in the directory at the end of a ZIP archive.
fn names(archive: &[u8]) -> Option<HashSet<&[u8]>> {
    let number = |at: usize, size: usize| {
        let bytes = archive.get(at..at + size)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let end = archive.len().checked_sub(22)?;
    let mut at = number(end + 16, 4)?;
    let mut names = HashSet::new();
    while archive.get(at..at + 4)? == b"PK\x01\x02" {
        let length = number(at + 28, 2)?;
        names.insert(archive.get(at + 46..at + 46 + length)?);
        at += 46 + length + number(at + 30, 2)? + number(at + 32, 2)?;
    }
    Some(names)
}
