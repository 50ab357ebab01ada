use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, UNIX_EPOCH};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;

use tokio::runtime::Handle;

use crate::adapters::kafka::access::Access;
use crate::adapters::kafka::handshake::own_out_of_time;
use crate::ports::Failure;
use crate::ports::connection::{Connection, Sasl};

/// How long ago trouble with a broker may be that is told as the reason of what happens now: librdkafka tells the same trouble again
/// every half a minute.
const LATELY: Duration = Duration::from_secs(60);

/// What librdkafka tells while it works. It says little in the errors of its calls and much beside them: that goes into
/// our failures, and nothing to the terminal.
pub(in crate::adapters::kafka) struct Context<S = ()> {
    /// What a kind of client keeps beside.
    pub(in crate::adapters::kafka) state: S,
    told: Mutex<Option<Told>>,
    /// Why there is no token now, where one was asked for in vain.
    no_token: Mutex<Option<Failure>>,
    access: Arc<Access>,
    /// What the client was made with: it keeps its certificate as long as it lives.
    made_with: Arc<Connection>,
    /// Where its tokens are fetched, if it needs some.
    runtime: Option<Handle>,
}

/// Trouble with a broker, with librdkafka's reason.
struct Told {
    code: RDKafkaErrorCode,
    reason: String,
    when: Instant,
}

impl<S> Context<S> {
    /// The context of a client of this cluster. To be made in the runtime that fetches its tokens.
    pub(in crate::adapters::kafka) fn new(access: &Arc<Access>, state: S) -> Self {
        let has_tokens = matches!(access.told().sasl, Some(Sasl::OauthBearer(_)));
        let runtime = has_tokens.then(Handle::current);
        let (told, no_token) = (Mutex::default(), Mutex::default());
        Self { state, told, no_token, access: access.clone(), made_with: access.last(), runtime }
    }

    /// What the client connects with.
    pub(in crate::adapters::kafka) fn access(&self) -> &Access {
        &self.access
    }

    /// The last trouble with a broker, with librdkafka's reason.
    pub(in crate::adapters::kafka) fn told(&self) -> Option<(RDKafkaErrorCode, String)> {
        kept(&self.told).as_ref().map(|told| (told.code, told.reason.clone()))
    }

    /// The same, where it is not long ago.
    pub(in crate::adapters::kafka) fn told_lately(&self) -> Option<(RDKafkaErrorCode, String)> {
        let told = kept(&self.told);
        told.as_ref().filter(|told| told.when.elapsed() < LATELY).map(|told| (told.code, told.reason.clone()))
    }

    /// What of ours keeps every broker from taking the client now, and what to do: there is no token, or it is not the time of its
    /// certificate. Brokers tell neither in words.
    pub(in crate::adapters::kafka) fn wrong_of_ours(&self) -> Option<(String, Option<String>)> {
        let no_token = kept(&self.no_token).as_ref().map(|failure| (failure.to_string(), failure.hint.clone()));
        no_token.or_else(|| own_out_of_time(&self.made_with).map(|(own, hint)| (own, Some(hint.to_owned()))))
    }

    /// Gives up what was told: what comes next has other reasons.
    pub(in crate::adapters::kafka) fn forget(&self) {
        *kept(&self.told) = None;
    }

    /// Keeps what librdkafka tells.
    pub(in crate::adapters::kafka) fn keep(&self, error: &KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        // librdkafka tells it like an error, and it is none: what fails later has another reason.
        if code == RDKafkaErrorCode::PartitionEOF {
            return;
        }
        let mut told = kept(&self.told);
        // That all brokers are down follows from what was told of each.
        if code != RDKafkaErrorCode::AllBrokersDown || told.is_none() {
            *told = Some(Told { code, reason: reason.to_owned(), when: Instant::now() });
        }
    }
}

fn kept<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
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
        let token = fetch().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked));
        *kept(&self.no_token) = token.as_ref().err().cloned();
        let token = token?;
        let lifetime_ms = token.expires.duration_since(UNIX_EPOCH)?.as_millis() as i64;
        // Who it is, the brokers read in the token; the name is for librdkafka's own log.
        Ok(OAuthToken { token: token.value.expose().to_owned(), principal_name: "busctl".to_owned(), lifetime_ms })
    }
}

impl rdkafka::consumer::ConsumerContext for Context {}
