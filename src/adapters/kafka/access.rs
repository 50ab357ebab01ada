//! How the brokers are reached at this moment: certificates, keys and tokens are replaced while the tool runs.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use futures::future::BoxFuture;
use krafka::KrafkaError;
use krafka::auth::OAuthBearerToken;

use crate::adapters::oauth::{Token, Tokens};
use crate::adapters::renewed::Renewed;
use crate::adapters::sent::Sent;
use crate::adapters::tls;
use crate::adapters::words::cut;
use crate::ports::connection::{Bearer, Connection, Renew, Sasl, TokenSource};
use crate::ports::{Failure, FailureKind};

/// How long before its end krafka takes a token for over.
const KRAFKA_MARGIN: Duration = Duration::from_secs(30);

/// What stands before the failure to get a token in the text of a krafka error.
const NO_TOKEN: &str = "no token: ";

/// The longest that is repeated of what brokers say, in characters.
const MOST_WORDS: usize = 2000;

/// A connection with its secrets as they are now.
pub(super) struct Access {
    first: Connection,
    renewed: Renewed<Connection>,
    tokens: Tokens,
    /// What the brokers were ever sent, and what that was had for.
    sent: Sent,
}

impl Access {
    pub(super) fn new(connection: Connection, renew: Option<Arc<dyn Renew<Connection>>>) -> Self {
        let tokens = Tokens::new(connection.timeout);
        let renew = renew.map(|renew| Arc::new(Whole(renew)) as Arc<dyn Renew<Connection>>);
        let renewed = Renewed::new(connection.clone(), renew, connection.timeout);
        let sent = connection.secrets().into_iter().collect();
        Self { first: connection, renewed, tokens, sent }
    }

    /// The connection for messages: its servers and its timeout never change.
    pub(super) fn told(&self) -> &Connection {
        &self.first
    }

    /// The connection for whoever connects now.
    pub(super) async fn now(&self) -> Arc<Connection> {
        self.noted(self.renewed.now().await)
    }

    /// The connection as it was read last.
    pub(super) fn last(&self) -> Arc<Connection> {
        self.renewed.last()
    }

    /// Notes what the brokers are about to be sent.
    fn noted(&self, connection: Arc<Connection>) -> Arc<Connection> {
        self.sent.note(connection.secrets());
        connection
    }

    pub(super) fn sent(&self) -> Sent {
        self.sent.clone()
    }

    /// What brokers say, without what they were sent: one that repeats it would have us print it.
    pub(super) fn clean(&self, text: &str) -> String {
        cut(self.sent.hidden_in(text), MOST_WORDS)
    }

    /// A token that is good for a while.
    pub(super) async fn token(&self) -> Result<Token, Failure> {
        let now = self.now().await;
        let token = match self.token_of(&now).await {
            // Somebody else may have renewed it since it was read.
            Err(_) if is_kept(&now) => self.token_of(&self.noted(self.renewed.anew().await)).await,
            token => token,
        };
        token.inspect(|token| self.sent.note([token.value.clone()]))
    }

    async fn token_of(&self, connection: &Connection) -> Result<Token, Failure> {
        match &connection.sasl {
            Some(Sasl::OauthBearer(bearer)) => self.tokens.token(bearer).await,
            _ => Err(super::failure::build(
                FailureKind::Refused,
                "get a token",
                self,
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

/// Secrets that were read while they were written: half of a file, or a certificate whose key is not there yet. They are no news.
struct Whole(Arc<dyn Renew<Connection>>);

impl Renew<Connection> for Whole {
    fn renew(&self) -> BoxFuture<'_, Result<Connection, Failure>> {
        Box::pin(async {
            let read = self.0.renew().await?;
            match tls::config_with(read.tls.as_ref(), false, None) {
                Ok(_) => Ok(read),
                Err((answer, hint)) => Err(Failure {
                    kind: FailureKind::Refused,
                    tried: "read certificates and keys again".into(),
                    server: read.server(),
                    answer,
                    hint: Some(hint.to_owned()),
                }),
            }
        })
    }
}

fn is_kept(connection: &Connection) -> bool {
    matches!(&connection.sasl, Some(Sasl::OauthBearer(Bearer { own: Some(TokenSource::Kept(_)), .. })))
}

/// What a krafka error tells of a token that could not be had: what happened, and what to do now.
pub(super) fn no_token(message: &str) -> Option<(&str, Option<&str>)> {
    let (_, told) = message.split_once(NO_TOKEN)?;
    let (answer, hint) = told.split_once('\n').unwrap_or((told, ""));
    Some((answer, Some(hint).filter(|hint| !hint.is_empty())))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::BoxFuture;

    use super::*;
    use crate::model::Secret;
    use crate::ports::connection::Login;

    fn connection(sasl: Sasl) -> Connection {
        let timeout = Duration::from_secs(30);
        Connection { bootstrap: vec!["a:9092".into()], tls: None, sasl: Some(sasl), timeout }
    }

    fn kept(token: &str) -> Connection {
        let own = Some(TokenSource::Kept(Secret::new(token)));
        connection(Sasl::OauthBearer(Bearer { own, login: None }))
    }

    /// Where a connection stands by now.
    struct Replaced(Connection);

    impl Renew<Connection> for Replaced {
        fn renew(&self) -> BoxFuture<'_, Result<Connection, Failure>> {
            async { Ok(self.0.clone()) }.boxed()
        }
    }

    fn password(password: &str) -> Connection {
        connection(Sasl::Plain(Login { username: "busctl".into(), password: Secret::new(password) }))
    }

    #[tokio::test]
    async fn what_brokers_repeat_is_hidden_whenever_it_was_sent_and_then_cut() {
        let access = Access::new(password("correct-horse"), Some(Arc::new(Replaced(password("battery-staple")))));
        access.noted(access.renewed.anew().await);
        assert_eq!(access.clean("not correct-horse, nor battery-staple"), "not …, nor …");
        // Where it would be cut in two it is found all the same.
        let long = access.clean(&format!("{}correct-horse", "x".repeat(MOST_WORDS - 7)));
        assert!(!long.contains("correct") && long.chars().count() <= MOST_WORDS, "{long}");
        let access = Access::new(kept("the-token"), None);
        access.token().await.expect("it is opaque, and so taken as it is");
        assert_eq!(access.clean("challenge: the-token"), "challenge: …");
    }

    #[tokio::test]
    async fn a_kept_token_that_is_over_is_read_again_at_once() {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let over = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"exp":1000}"#));
        let access = Access::new(kept(&over), Some(Arc::new(Replaced(kept("the-next-one")))));
        assert_eq!(access.token().await.expect("it was replaced").value.expose(), "the-next-one");
    }
}
