//! The Confluent API of schema registries, over HTTP.
//!
//! Registries speak dialects of it. They are told apart by their answers and never by name:
//!
//! | | Confluent | Apicurio 3 | Apicurio 2.6 |
//! | --- | --- | --- | --- |
//! | `GET /schemas` | newest versions with subject and version, in pages | texts alone | none |
//! | level of a subject without one | 404 | NONE | NONE |
//! | the same, `defaultToGlobal=true` | (not tried) | the global level | NONE |
//! | NONE as the level of a subject | its own | its own | removes its level |
//! | level of a subject without a version | can be set | can be set | can be set, but for NONE |
//! | `GET /mode` | yes | yes | 404 |
//! | check of a subject that is not there | compatible | 404 (newest: compatible) | 404 |
//! | check against all versions | those that the level asks for | all, whatever the level | all, whatever the level |
//! | check of a schema with references | (not tried) | 422, of JSON 500: it does not follow them there | follows them (Avro tried) |
//! | references of a version that was deleted softly | (not tried) | still count | still count |
//! | `GET /apis/registry/v3/admin/export`, beside it | no | everything, for its administrators | no |
//! | a text of Avro | (not tried) | printed anew; in the export as it was | (not tried) |
//! | texts that differ in Avro's docs and aliases alone | two versions | one version | two versions |

mod answers;
mod bulk;
mod export;
mod failure;
mod http;
mod many;
mod session;
mod stored;
mod unzip;
mod walk;

pub use self::stored::BlockingRegistry;
pub use self::walk::walk;

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::ready;
use serde::Serialize;

use self::answers::{Answer, Check, Config, Mode, Registered, Version};
use self::http::{Http, Request};
use crate::adapters::sent::Sent;
use crate::model::Subject;
use crate::ports::connection::{RegistryConnection, Renew};
use crate::ports::registry::{
    Against, CompatibilityConfig, CurrentSubject, NewSchema, Reference, RegisteredSchema, Registry, RegistryInfo,
    SubjectList, Verdict,
};
use crate::ports::{Failure, FailureKind};
use crate::schema::{Compatibility, SchemaFormat, is_met_by};

/// Apicurio counts the references of versions that were deleted softly, too.
const STILL_REFERRED_TO: &str = "delete the subjects that refer to it first; where they are deleted already, the registry \
                                 may still count their versions, until they are deleted there for good (permanent=true)";

/// The level at which nothing is compared, in the registry's words.
const NONE: &str = "NONE";

/// Subjects in a page. Apicurio serves a thousand unless it is asked for more, and each page costs it a look at all.
const MOST_SUBJECTS: &str = "20000";

/// A registry behind keep-alive connections.
pub struct RegistryClient {
    http: Http,
    /// Whether bulk answers name subject and version, once that is known.
    has_bulk: OnceLock<bool>,
    /// That there is no export for this caller, once that is known.
    has_no_export: AtomicBool,
}

/// A schema as the registry's API writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SchemaBody<'s> {
    schema: &'s str,
    /// Left out for Avro, the default of every version of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_type: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    references: &'s [Reference],
}

impl<'s> SchemaBody<'s> {
    fn of(schema: &'s NewSchema) -> Self {
        let schema_type = (schema.format != SchemaFormat::Avro).then(|| schema.format.as_str());
        Self { schema: &schema.text, schema_type, references: &schema.references }
    }
}

impl RegistryClient {
    /// Sets a client up. Nothing is sent yet.
    pub fn new(connection: &RegistryConnection) -> Result<Self, Failure> {
        Ok(Self { http: Http::new(connection)?, has_bulk: OnceLock::new(), has_no_export: AtomicBool::new(false) })
    }

    /// For a long run: reads the secrets again from time to time.
    pub fn renewed_by(self, renew: Arc<dyn Renew<RegistryConnection>>) -> Self {
        Self { http: self.http.renewed_by(renew), ..self }
    }

    /// What the registry is sent that nobody may see.
    pub fn sent(&self) -> Sent {
        self.http.sent()
    }

    /// Says what to do where nobody answers, in the place of what there is to check about its address.
    pub fn hint_not_up(mut self, hint: &'static str) -> Self {
        self.http.not_up = Some(hint);
        self
    }

    /// The version that the registry takes this schema for.
    async fn look_up(&self, subject: &Subject, schema: &NewSchema) -> Result<Option<RegisteredSchema>, Failure> {
        let tried = format!("look up the schema in `{subject}`");
        let request = Request::post(&["subjects", subject.as_str()], &SchemaBody::of(schema)).reading();
        self.version_in(self.http.send(&tried, request).await?, &tried)
    }

    fn version_in(&self, answer: Answer, tried: &str) -> Result<Option<RegisteredSchema>, Failure> {
        match answer.found_or_absent::<Version>(self.http.place(tried))? {
            None => Ok(None),
            Some(version) => version.into_schema(self.http.place(tried)).map(Some),
        }
    }

    async fn latest_of(&self, subject: &Subject) -> Result<Option<RegisteredSchema>, Failure> {
        let tried = format!("read the newest version of `{subject}`");
        let request = Request::get(&["subjects", subject.as_str(), "versions", "latest"]);
        self.version_in(self.http.send(&tried, request).await?, &tried)
    }

    async fn config_of(&self, subject: &Subject) -> Result<CompatibilityConfig, Failure> {
        let tried = format!("read the compatibility level of `{subject}`");
        let answer = self.http.send(&tried, Request::get(&["config", subject.as_str()])).await?;
        let config = answer.found_or_absent::<Config>(self.http.place(&tried))?;
        Ok(config.map_or_else(CompatibilityConfig::default, Into::into))
    }

    /// Takes the level NONE from subjects that have none of their own: some registries answer NONE for both. Where the global
    /// level is another one, it is what such a subject has by default.
    async fn tell_none_from_no_level(
        &self,
        subjects: &[Subject],
        configs: &mut [Result<CompatibilityConfig, Failure>],
    ) {
        let is_none = |config: &CompatibilityConfig| config.level.as_deref() == Some(NONE);
        let known = subjects.iter().zip(configs).filter(|(_, config)| config.as_ref().is_ok_and(is_none));
        let (unsure, configs): (Vec<&Subject>, Vec<_>) = known.unzip();
        if unsure.is_empty() {
            return;
        }
        let global = self.global_config().await;
        if global.as_ref().is_ok_and(is_none) {
            return;
        }
        let answers = match global {
            Ok(_) => many::ask(&unsure, |subject| self.config_by_default(subject).boxed()).await,
            Err(failure) => unsure.iter().map(|_| Err(failure.clone())).collect(),
        };
        for (config, answer) in configs.into_iter().zip(answers) {
            match answer {
                Ok(counts) if is_none(&counts) => {}
                Ok(_) => *config = Ok(CompatibilityConfig::default()),
                Err(failure) => *config = Err(failure),
            }
        }
    }

    /// What counts for a subject: the global config where it has none of its own.
    async fn config_by_default(&self, subject: &Subject) -> Result<CompatibilityConfig, Failure> {
        let tried = format!("read the compatibility level of `{subject}`");
        let request = Request::get(&["config", subject.as_str()]).query("defaultToGlobal", "true");
        let answer = self.http.send(&tried, request).await?;
        let config = answer.found_or_absent::<Config>(self.http.place(&tried))?;
        Ok(config.map_or_else(CompatibilityConfig::default, Into::into))
    }

    async fn global_config(&self) -> Result<CompatibilityConfig, Failure> {
        const TRIED: &str = "read the global compatibility level";
        let answer = self.http.send(TRIED, Request::get(&["config"])).await?;
        answer.read::<Config>(self.http.place(TRIED)).map(Into::into)
    }

    async fn numbers_of(&self, subject: &Subject) -> Result<Vec<u32>, Failure> {
        let tried = format!("list the versions of `{subject}`");
        let answer = self.http.send(&tried, Request::get(&["subjects", subject.as_str(), "versions"])).await?;
        let mut numbers = answer.found_or_absent::<Vec<u32>>(self.http.place(&tried))?.unwrap_or_default();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The registry's mode; `None` where it has no modes.
    async fn mode(&self) -> Result<Option<String>, Failure> {
        const TRIED: &str = "read the mode";
        let answer = self.http.send(TRIED, Request::get(&["mode"])).await?;
        match answer.status.as_u16() {
            404 | 405 | 501 => Ok(None),
            _ => answer.read::<Mode>(self.http.place(TRIED)).map(|mode| Some(mode.mode)),
        }
    }
}

impl Registry for RegistryClient {
    fn server(&self) -> &str {
        self.http.server()
    }

    fn patience(&self) -> Duration {
        self.http.patience()
    }

    async fn info(&self) -> Result<RegistryInfo, Failure> {
        // Who may not read them learns no less about the subjects.
        fn unless_hidden<T: Default>(result: Result<T, Failure>) -> Result<T, Failure> {
            match result {
                Err(failure) if failure.kind == FailureKind::Authorization => Ok(T::default()),
                result => result,
            }
        }
        let (config, mode) = tokio::join!(self.global_config(), self.mode());
        let CompatibilityConfig { level, group } = unless_hidden(config)?;
        Ok(RegistryInfo { compatibility: level, mode: unless_hidden(mode)?, group })
    }

    async fn subjects(&self) -> Result<SubjectList, Failure> {
        const TRIED: &str = "list the subjects";
        let mut names: HashSet<String> = HashSet::new();
        let mut complete = false;
        loop {
            let mut request = Request::get(&["subjects"]).query("limit", MOST_SUBJECTS).large();
            if !names.is_empty() {
                request = request.query("offset", &names.len().to_string());
            }
            let page = self.http.send(TRIED, request).await?.read::<Vec<String>>(self.http.place(TRIED))?;
            if page.is_empty() {
                complete = true;
                break;
            }
            let before = names.len();
            names.extend(page);
            // A registry that ignores `offset` answers with the same ones.
            if names.len() == before {
                break;
            }
        }
        // What no manifest can name is nobody's here.
        let mut names: Vec<Subject> = names.iter().filter_map(|name| name.parse().ok()).collect();
        names.sort_unstable();
        Ok(SubjectList { names, complete })
    }

    async fn latest(&self, subjects: &[Subject]) -> Vec<Result<Option<RegisteredSchema>, Failure>> {
        let known = Mutex::new(self.bulk(subjects).await);
        let one = |subject| {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
            match known {
                Some(version) => ready(Ok(Some(version))).boxed(),
                None => self.latest_of(subject).boxed(),
            }
        };
        many::ask(subjects, one).await
    }

    async fn compatibility(&self, subjects: &[Subject]) -> Vec<Result<CompatibilityConfig, Failure>> {
        let mut configs = many::ask(subjects, |subject| self.config_of(subject).boxed()).await;
        self.tell_none_from_no_level(subjects, &mut configs).await;
        configs
    }

    async fn current(&self, subjects: &[Subject]) -> Vec<CurrentSubject> {
        let mut told = self.exported(subjects).await;
        let others: Vec<Subject> = subjects.iter().filter(|subject| !told.has(subject)).cloned().collect();
        let mut asked = self.one_by_one(&others).await.into_iter();
        subjects.iter().filter_map(|subject| told.take(subject).or_else(|| asked.next())).collect()
    }

    async fn numbers(&self, subjects: &[Subject]) -> Vec<Result<Vec<u32>, Failure>> {
        many::ask(subjects, |subject| self.numbers_of(subject).boxed()).await
    }

    async fn versions(&self, versions: &[(Subject, u32)]) -> Vec<Result<Option<RegisteredSchema>, Failure>> {
        many::ask(versions, |(subject, number)| self.version(subject, *number).boxed()).await
    }

    async fn version(&self, subject: &Subject, version: u32) -> Result<Option<RegisteredSchema>, Failure> {
        let tried = format!("read version {version} of `{subject}`");
        let number = version.to_string();
        let request = Request::get(&["subjects", subject.as_str(), "versions", &number]);
        self.version_in(self.http.send(&tried, request).await?, &tried)
    }

    async fn taken_for(&self, schemas: &[(Subject, NewSchema)]) -> Vec<Result<Option<u32>, Failure>> {
        let found = many::ask(schemas, |(subject, schema)| self.look_up(subject, schema).boxed()).await;
        found.into_iter().map(|found| Ok(found?.map(|found| found.version))).collect()
    }

    async fn check(&self, subject: &Subject, schema: &NewSchema, against: Against) -> Result<Verdict, Failure> {
        let tried = format!("check the compatibility of `{subject}`");
        let all = ["compatibility", "subjects", subject.as_str(), "versions"];
        let newest = ["compatibility", "subjects", subject.as_str(), "versions", "latest"];
        let path = match against {
            Against::All => &all[..],
            Against::Newest => &newest,
        };
        let request = Request::post(path, &SchemaBody::of(schema)).query("verbose", "true").reading();
        let answer = self.http.send(&tried, request).await?;
        match answer.found_or_absent::<Check>(self.http.place(&tried))? {
            Some(check) => Ok(check.into_verdict()),
            None => Ok(Verdict { compatible: true, messages: Vec::new() }),
        }
    }

    async fn register(&self, subject: &Subject, schema: &NewSchema) -> Result<u32, Failure> {
        let tried = format!("register `{subject}`");
        let request = Request::post(&["subjects", subject.as_str(), "versions"], &SchemaBody::of(schema));
        let answer = self.http.send(&tried, request).await?;
        answer.read::<Registered>(self.http.place(&tried))?;
        // The answer names an id; which version has it is another question.
        let kept = match self.look_up(subject, schema).await? {
            Some(kept) => kept,
            None => self.latest_of(subject).await?.ok_or_else(|| Failure {
                kind: FailureKind::Protocol,
                tried: tried.clone(),
                server: self.server().to_owned(),
                answer: "it accepted the schema and has no version of it".into(),
                hint: Some("run plan again".into()),
            })?,
        };
        if is_met_by(schema.format, &schema.text, &kept.schema.text) {
            return Ok(kept.version);
        }
        Err(Failure {
            kind: FailureKind::Refused,
            tried,
            server: self.server().to_owned(),
            answer: format!("it takes the schema for its version {}, whose text differs, and keeps that", kept.version),
            hint: Some(
                "this registry sees no difference in what changed (docs and aliases of Avro in Apicurio 3): register \
                 them together with a change that it sees"
                    .into(),
            ),
        })
    }

    async fn set_compatibility(&self, subject: &Subject, level: Compatibility) -> Result<(), Failure> {
        let tried = format!("set the compatibility level of `{subject}`");
        let body = serde_json::json!({ "compatibility": level.to_registry() });
        let answer = self.http.send(&tried, Request::put(&["config", subject.as_str()], &body)).await?;
        answer.accepted(self.http.place(&tried))
    }

    async fn delete_subject(&self, subject: &Subject) -> Result<(), Failure> {
        let tried = format!("delete the subject `{subject}`");
        let answer = self.http.send(&tried, Request::delete(&["subjects", subject.as_str()])).await?;
        if answer.is_absent() {
            return Ok(());
        }
        answer.accepted(self.http.place(&tried)).map_err(|failure| match failure.kind {
            FailureKind::Refused => Failure { hint: Some(STILL_REFERRED_TO.into()), ..failure },
            _ => failure,
        })
    }
}
