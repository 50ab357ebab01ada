use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;

use tokio::runtime::Handle;

use crate::adapters::kafka::access::Access;
use crate::ports::connection::Sasl;

/// What librdkafka tells while it works. It says little in the errors of its calls and much beside them: that goes into
/// our failures, and nothing to the terminal.
pub(in crate::adapters::kafka) struct Context<S = ()> {
    /// What a kind of client keeps beside.
    pub(in crate::adapters::kafka) state: S,
    told: Mutex<Option<(RDKafkaErrorCode, String)>>,
    access: Arc<Access>,
    /// Where its tokens are fetched, if it needs some.
    runtime: Option<Handle>,
}

impl<S> Context<S> {
    /// The context of a client of this cluster. To be made in the runtime that fetches its tokens.
    pub(in crate::adapters::kafka) fn new(access: &Arc<Access>, state: S) -> Self {
        let has_tokens = matches!(access.told().sasl, Some(Sasl::OauthBearer(_)));
        let runtime = has_tokens.then(Handle::current);
        Self { state, told: Mutex::default(), access: access.clone(), runtime }
    }

    /// What the client connects with.
    pub(in crate::adapters::kafka) fn access(&self) -> &Access {
        &self.access
    }

    /// The last trouble with a broker, with librdkafka's reason.
    pub(in crate::adapters::kafka) fn told(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives up what was told: what comes next has other reasons.
    pub(in crate::adapters::kafka) fn forget(&self) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Keeps what librdkafka tells.
    pub(in crate::adapters::kafka) fn keep(&self, error: &KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        // librdkafka tells it like an error, and it is none: what fails later has another reason.
        if code == RDKafkaErrorCode::PartitionEOF {
            return;
        }
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
        let runtime = self.runtime.as_ref().ok_or("the connection has no OAUTHBEARER")?;
        // It is asked for wherever a client is polled, which its end does too: also on a thread that the runtime works on, where
        // nothing may be waited for.
        let fetch = || std::thread::scope(|scope| scope.spawn(|| runtime.block_on(self.access.token())).join());
        let token = fetch().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))?;
        let lifetime_ms = token.expires.duration_since(UNIX_EPOCH)?.as_millis() as i64;
        // Who it is, the brokers read in the token; the name is for librdkafka's own log.
        Ok(OAuthToken { token: token.value.expose().to_owned(), principal_name: "busctl".to_owned(), lifetime_ms })
    }
}

impl rdkafka::consumer::ConsumerContext for Context {}
