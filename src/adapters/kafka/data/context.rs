use std::error::Error;
use std::sync::{Arc, Mutex};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

use super::token::Tokens;
use crate::ports::connection::{Connection, Sasl};

/// What librdkafka tells a client of beside its answers.
#[derive(Clone)]
pub(in crate::adapters::kafka) struct Context {
    tokens: Option<Arc<Tokens>>,
    last_error: Arc<Mutex<Option<String>>>,
}

impl Context {
    pub(in crate::adapters::kafka) fn new(connection: &Connection) -> Self {
        let tokens = match &connection.sasl {
            Some(Sasl::OauthBearer(credentials)) => Some(Arc::new(Tokens::new(credentials, connection.timeout))),
            _ => None,
        };
        Self { tokens, last_error: Arc::default() }
    }

    /// What a connection met last.
    pub(in crate::adapters::kafka) fn last_error(&self) -> Option<String> {
        self.last_error.lock().ok()?.clone()
    }
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    /// The terminal is not its log: what matters comes as an error.
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, _: KafkaError, reason: &str) {
        if let Ok(mut last) = self.last_error.lock() {
            *last = Some(reason.to_owned());
        }
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        match &self.tokens {
            Some(tokens) => tokens.fetch(),
            None => Err("the connection has no OAuth client".into()),
        }
    }
}

impl ConsumerContext for Context {}

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    /// A transaction fails as a whole.
    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}
