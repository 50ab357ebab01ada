//! How the brokers are reached at this moment: certificates, keys and tokens are replaced while the tool runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use krafka::KrafkaError;
use krafka::auth::OAuthBearerToken;

use crate::adapters::oauth::{Token, Tokens};
use crate::ports::connection::{Connection, Renew, Sasl};
use crate::ports::{Failure, FailureKind};

/// How long before its end krafka takes a token for over.
const KRAFKA_MARGIN: Duration = Duration::from_secs(30);

/// What stands before the failure to get a token in the text of a krafka error.
const NO_TOKEN: &str = "no token: ";

/// A connection with its secrets as they are now.
pub(super) struct Access {
    first: Connection,
    last: Mutex<Arc<Connection>>,
    renew: Option<Arc<dyn Renew<Connection>>>,
    tokens: Tokens,
}

impl Access {
    pub(super) fn new(connection: Connection, renew: Option<Arc<dyn Renew<Connection>>>) -> Self {
        let tokens = Tokens::new(connection.timeout);
        Self { last: Mutex::new(Arc::new(connection.clone())), first: connection, renew, tokens }
    }

    /// The connection for messages: its servers and its timeout never change.
    pub(super) fn told(&self) -> &Connection {
        &self.first
    }

    /// The connection for whoever connects now. What cannot be read again is used as it was: it may be good still, and where
    /// it is not, the brokers say so.
    pub(super) async fn now(&self) -> Arc<Connection> {
        if let Some(renew) = &self.renew
            && let Ok(read) = renew.renew().await
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if **last != read {
                *last = Arc::new(read);
            }
        }
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token that is good for a while.
    pub(super) async fn token(&self) -> Result<Token, Failure> {
        match &self.now().await.sasl {
            Some(Sasl::OauthBearer(bearer)) => self.tokens.token(bearer).await,
            _ => Err(super::failure::build(
                FailureKind::Refused,
                "get a token",
                &self.first,
                "the connection has no OAUTHBEARER".into(),
                None,
            )),
        }
    }

    /// The same in krafka's terms.
    pub(super) async fn krafka_token(&self) -> krafka::Result<OAuthBearerToken> {
        let token = self.token().await.map_err(|failure| {
            let hint = failure.hint.as_deref().unwrap_or_default();
            KrafkaError::auth(format!("{NO_TOKEN}{failure}\n{hint}"))
        })?;
        // krafka takes no token that is over within its margin, and short ones never have as much left. What it is told makes
        // it ask for the next one when that is fetched.
        let told = (token.renew + KRAFKA_MARGIN).duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Ok(OAuthBearerToken::new(token.value.expose()).with_lifetime_ms(i64::try_from(told).unwrap_or(i64::MAX)))
    }
}

/// What a krafka error tells of a token that could not be had: what happened, and what to do now.
pub(super) fn no_token(message: &str) -> Option<(&str, Option<&str>)> {
    let (_, told) = message.split_once(NO_TOKEN)?;
    let (answer, hint) = told.split_once('\n').unwrap_or((told, ""));
    Some((answer, Some(hint).filter(|hint| !hint.is_empty())))
}
