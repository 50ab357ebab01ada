use std::error::Error;
use std::sync::{Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;

use super::oauth::TokenSource;
use crate::ports::Failure;
use crate::ports::connection::{Connection, Sasl};

/// What librdkafka tells while it works. It says little in the errors of its calls and much beside them: that goes into
/// our failures, and nothing to the terminal.
pub(in crate::adapters::kafka) struct Context<S = ()> {
    /// What a kind of client keeps beside.
    pub(in crate::adapters::kafka) state: S,
    told: Mutex<Option<(RDKafkaErrorCode, String)>>,
    tokens: Option<TokenSource>,
}

impl<S> Context<S> {
    /// The context of a client of this cluster. To be made in the runtime that fetches its tokens.
    pub(in crate::adapters::kafka) fn new(connection: &Connection, state: S) -> Result<Self, Failure> {
        let tokens = match &connection.sasl {
            Some(Sasl::OauthBearer(credentials)) => Some(TokenSource::new(credentials, connection)?),
            _ => None,
        };
        Ok(Self { state, told: Mutex::default(), tokens })
    }

    /// The last trouble with a broker, with librdkafka's reason.
    pub(in crate::adapters::kafka) fn told(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what librdkafka tells.
    pub(in crate::adapters::kafka) fn keep(&self, error: &KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // That all brokers are down follows from what was told of each.
        if code != RDKafkaErrorCode::AllBrokersDown || told.is_none() {
            *told = Some((code, reason.to_owned()));
        }
    }
}

impl<S: Send + Sync> ClientContext for Context<S> {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _level: RDKafkaLogLevel, _facility: &str, _message: &str) {}

    fn stats(&self, _statistics: Statistics) {}

    fn error(&self, error: KafkaError, reason: &str) {
        self.keep(&error, reason);
    }

    fn generate_oauth_token(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.tokens.as_ref().ok_or("the connection has no token endpoint")?.fetch()
    }
}

impl rdkafka::consumer::ConsumerContext for Context {}
