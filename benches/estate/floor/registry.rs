//! The fewest requests that tell what a plan must know of a schema registry, and that register what an apply registers.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;

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

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "version")]
    _version: u32,
    schema: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Level {
    #[serde(rename = "compatibilityLevel")]
    _compatibility_level: String,
}

impl Registry {
    /// A client; nothing is sent yet.
    pub fn new(url: &str) -> Outcome<Self> {
        // A client is not built without it, even where no connection is encrypted.
        rustls::crypto::ring::default_provider().install_default().ok();
        Ok(Self { client: Client::builder().build()?, url: url.to_owned() })
    }

    /// Reads the newest version and the level of every subject of the estate, and fails where one is missing. Answers how
    /// many there are; of an empty estate, how many are listed. The list alone does not tell: registries cut it.
    pub async fn read(&self, estate: Estate) -> Outcome<usize> {
        let listed = async {
            let subjects: Vec<String> = self.ask(self.client.get(format!("{}/subjects", self.url))).await?;
            self.ask::<Level>(self.client.get(format!("{}/config", self.url))).await?;
            Ok(subjects.len())
        };
        let each = stream::iter(estate.all().map(|topic| self.read_subject(topic)))
            .buffer_unordered(CONCURRENCY / 2)
            .try_fold(0, async |read, ()| Ok(read + 1));
        let (listed, read) = futures::try_join!(listed, each)?;
        Ok(if read == 0 { listed } else { read })
    }

    async fn read_subject(&self, topic: Topic) -> Outcome<()> {
        let subject = topic.subject();
        let version = self.ask::<Version>(self.client.get(format!("{}/subjects/{subject}/versions/latest", self.url)));
        let level = self.ask::<Level>(self.client.get(format!("{}/config/{subject}", self.url)));
        let (version, _) = futures::try_join!(version, level)?;
        if version.schema.is_empty() { Err("a schema is empty".into()) } else { Ok(()) }
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
