use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::failure::{self, Place};
use crate::adapters::sent::Sent;
use crate::ports::registry::{CompatibilityConfig, NewSchema, Reference, RegisteredSchema, Verdict};
use crate::ports::{Failure, FailureKind};
use crate::schema::SchemaFormat;

/// What came back: any status, the whole body.
pub struct Answer {
    pub status: StatusCode,
    /// Where a redirect leads.
    pub location: Option<String>,
    pub body: Vec<u8>,
    /// What the registry was ever authenticated to with: a server that repeats it would have us print it.
    pub sent: Sent,
}

/// An error in the API's words.
#[derive(Debug, Default, Deserialize)]
pub struct ErrorBody {
    pub error_code: Option<i64>,
    #[serde(alias = "detail")]
    pub message: Option<String>,
}

impl Answer {
    /// The body of a success.
    pub fn read<T: DeserializeOwned>(self, place: Place<'_>) -> Result<T, Failure> {
        if !self.status.is_success() {
            return Err(failure::refusal(place, &self));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let error = self.clean(&error.to_string());
            failure::not_the_api(place, &self.redacted(), &error)
        })
    }

    /// The same answer without what the request was authenticated with.
    pub fn redacted(mut self) -> Self {
        if !self.sent.is_empty() {
            self.body = self.clean(&String::from_utf8_lossy(&self.body)).into_bytes();
        }
        self
    }

    /// What the registry says, without what the request was authenticated with. It is cut after this.
    pub fn clean(&self, text: &str) -> String {
        self.sent.hidden_in(text)
    }

    /// The body of a success; `None` where the registry says that what the path names is not there.
    pub fn found_or_absent<T: DeserializeOwned>(self, place: Place<'_>) -> Result<Option<T>, Failure> {
        if self.is_absent() { Ok(None) } else { self.read(place).map(Some) }
    }

    /// That it was a success.
    pub fn accepted(self, place: Place<'_>) -> Result<(), Failure> {
        if self.status.is_success() { Ok(()) } else { Err(failure::refusal(place, &self)) }
    }

    /// Whether the registry itself says that something is not there. A 404 of anybody else, such as a wrong base of the
    /// API, has no such code.
    pub fn is_absent(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
            && self.error().and_then(|error| error.error_code).is_some_and(|code| (40401..40500).contains(&code))
    }

    /// The API's own words for an error.
    pub fn error(&self) -> Option<ErrorBody> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// `GET /config`: answers and requests use different words, and so do versions of the API.
#[derive(Deserialize)]
pub struct Config {
    #[serde(rename = "compatibilityLevel", alias = "compatibility")]
    level: Option<String>,
    #[serde(rename = "compatibilityGroup")]
    group: Option<String>,
}

impl From<Config> for CompatibilityConfig {
    fn from(Config { level, group }: Config) -> Self {
        // An empty name would be that of no property.
        Self { level, group: group.filter(|group| !group.is_empty()) }
    }
}

/// `GET /mode`.
#[derive(Deserialize)]
pub struct Mode {
    pub mode: String,
}

/// The answer to a registration.
#[derive(Deserialize)]
pub struct Registered {
    #[serde(rename = "id")]
    _id: u64,
}

/// A version of a subject.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    pub subject: Option<String>,
    /// Its global id, from Confluent Platform 8 on.
    pub guid: Option<String>,
    version: u32,
    id: u64,
    schema: String,
    schema_type: Option<String>,
    references: Option<Vec<Reference>>,
    metadata: Option<Metadata>,
}

/// What the owners of a version noted on it.
#[derive(Deserialize)]
struct Metadata {
    properties: Option<BTreeMap<String, String>>,
}

/// The longest type of a schema that is told, in bytes.
const LONGEST_TYPE: usize = 16;

/// The format by the API's word for it. `what` is of it.
pub fn format_of(schema_type: Option<&str>, what: &str, place: Place<'_>) -> Result<SchemaFormat, Failure> {
    match schema_type {
        None | Some("AVRO") => Ok(SchemaFormat::Avro),
        Some("JSON") => Ok(SchemaFormat::Json),
        Some("PROTOBUF") => Ok(SchemaFormat::Protobuf),
        Some(other) => {
            // Types are words in capitals. Anything else may be what the request was authenticated with.
            let is_word = other.len() <= LONGEST_TYPE && other.bytes().all(|byte| byte.is_ascii_uppercase());
            let kind =
                if is_word { format!("the type {other}") } else { "a type that is no word of the API".to_owned() };
            Err(place.failure(
                FailureKind::Unsupported,
                format!("{what} is of {kind}"),
                Some("AVRO, JSON and PROTOBUF are known".into()),
            ))
        }
    }
}

impl Version {
    pub fn into_schema(self, place: Place<'_>) -> Result<RegisteredSchema, Failure> {
        let format = format_of(self.schema_type.as_deref(), &format!("its version {}", self.version), place)?;
        let schema = NewSchema { format, text: self.schema, references: self.references.unwrap_or_default() };
        let properties = self.metadata.and_then(|metadata| metadata.properties).unwrap_or_default();
        Ok(RegisteredSchema { version: self.version, id: self.id, schema, properties })
    }
}

/// The answer to a compatibility check.
#[derive(Deserialize)]
pub struct Check {
    is_compatible: bool,
    messages: Option<Vec<String>>,
    reason: Option<String>,
}

/// Apicurio answers the question alone, also where it is asked for the reason; it names it when it refuses a version.
const NO_REASON: &str = "it gives no reason (Apicurio says why only when a version is registered): compare the schema with \
                         the subject's newest version";

impl Check {
    pub fn into_verdict(self) -> Verdict {
        let mut messages: Vec<String> = self.messages.into_iter().flatten().chain(self.reason).collect();
        if messages.is_empty() && !self.is_compatible {
            messages.push(NO_REASON.into());
        }
        Verdict { compatible: self.is_compatible, messages }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer<T: DeserializeOwned>(body: &str) -> T {
        let answer = Answer { status: StatusCode::OK, location: None, body: body.into(), sent: Sent::default() };
        answer.read(Place { tried: "test", server: "http://registry" }).unwrap()
    }

    #[test]
    fn a_config_of_confluent_names_its_group() {
        // As `GET /config/SUBJECT` of Confluent Platform answers it.
        let config: CompatibilityConfig = answer::<Config>(
            r#"{"compatibilityLevel":"BACKWARD_TRANSITIVE","compatibilityGroup":"application.major.version"}"#,
        )
        .into();
        assert_eq!(config.level.as_deref(), Some("BACKWARD_TRANSITIVE"));
        assert_eq!(config.group.as_deref(), Some("application.major.version"));
        let config: CompatibilityConfig = answer::<Config>(r#"{"compatibilityLevel":"FULL"}"#).into();
        assert_eq!((config.level.as_deref(), config.group), (Some("FULL"), None));
    }

    #[test]
    fn a_version_of_confluent_has_its_properties() {
        let version: Version = answer(
            r#"{"subject":"a-value","version":4,"id":12,"schema":"\"string\"","references":[],
                "metadata":{"properties":{"application.major.version":"2","owner":"sales"},"tags":null,"sensitive":null},
                "ruleSet":null,"ts":1751000000000,"deleted":false}"#,
        );
        let version = version.into_schema(Place { tried: "test", server: "http://registry" }).unwrap();
        assert_eq!(version.properties["application.major.version"], "2");
        for without in [r#""metadata":null"#, r#""metadata":{"tags":{}}"#, r#""deleted":false"#] {
            let body = format!(r#"{{"version":1,"id":1,"schema":"\"string\"",{without}}}"#);
            let version = answer::<Version>(&body).into_schema(Place { tried: "test", server: "http://registry" });
            assert!(version.unwrap().properties.is_empty(), "{without}");
        }
    }

    #[test]
    fn a_type_that_is_no_word_is_not_repeated() {
        let told = |kind: &str| {
            let place = Place { tried: "test", server: "http://registry" };
            format_of(Some(kind), "schema 7", place).unwrap_err().answer
        };
        assert_eq!(told("GRAPHQL"), "schema 7 is of the type GRAPHQL");
        assert_eq!(told("correct-horse-battery"), "schema 7 is of a type that is no word of the API");
    }
}
