//! Bearer tokens: where they come from, how long they are good for, and the next one before that is over. The admin
//! protocol, the data plane and the registry have theirs from here.

mod claims;
mod endpoint;
mod login;
mod store;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Mutex;

pub use claims::Claims;
pub use login::{Invitation, Pending};
pub use store::{KeptLogin, Logins};

use self::endpoint::{Endpoint, Granted};
use crate::adapters::clocks;
use crate::adapters::https;
use crate::model::{Secret, Timestamp};
use crate::ports::connection::{Bearer, ClientCredentials, PersonalLogin, TokenSource};
use crate::ports::{Failure, FailureKind};

/// What every failure to get a token says was tried.
pub(super) const TRIED: &str = "get a token";

/// A token is replaced this long before it is over, so that a clock that differs and a slow request do no harm.
const MARGIN: Duration = Duration::from_secs(30);

/// A token of short life is replaced when this part of its life is left.
const MARGIN_PART: u32 = 4;

/// The life of a token that nobody tells.
const UNKNOWN_LIFE: Duration = Duration::from_secs(300);

/// Where the next token cannot be had it is tried again after so long, as long as the last one is good.
const AGAIN: Duration = Duration::from_secs(5);

/// How long an issuer is waited for at most while the last token is good.
const PATIENCE: Duration = Duration::from_secs(5);

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What is sent.
    pub value: Secret,
    /// When it is over, by our clock.
    pub expires: SystemTime,
    /// From when on the next one is fetched.
    pub renew: SystemTime,
    /// Whether the token or its issuer says when it is over; else a short life is taken for granted.
    pub is_end_known: bool,
}

impl Token {
    fn new(value: Secret, now: SystemTime, life: Duration) -> Self {
        let margin = MARGIN.min(life / MARGIN_PART);
        Self { value, expires: now + life, renew: now + life.saturating_sub(margin), is_end_known: true }
    }

    /// A token that says itself how long it is good, or says nothing of it.
    fn of_its_own(value: Secret, now: SystemTime) -> Self {
        let expires = Claims::of(&value).and_then(|claims| claims.expires());
        let life = expires.map(|expires| expires.duration_since(now).unwrap_or_default());
        Self { is_end_known: life.is_some(), ..Self::new(value, now, life.unwrap_or(UNKNOWN_LIFE)) }
    }

    /// One that an issuer says to be good for so many seconds. Servers hold it to what it says itself, where that is less.
    fn granted(value: Secret, now: SystemTime, seconds: Option<u64>) -> Self {
        let own = Self::of_its_own(value, now);
        match seconds.map(https::life) {
            Some(life) if !own.is_end_known || now + life < own.expires => Self::new(own.value, now, life),
            _ => own,
        }
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        now < self.renew
    }

    /// The same, where there is no next one now: it is tried again soon. `None` = it is over.
    fn used_on(self, now: SystemTime) -> Option<Self> {
        (now < self.expires).then(|| Self { renew: (now + AGAIN).min(self.expires), ..self })
    }
}

/// The tokens of one server.
pub struct Tokens {
    timeout: Duration,
    last: Mutex<Option<(Bearer, Token)>>,
}

impl Tokens {
    /// None yet. `timeout` is how long an issuer may take to answer.
    pub fn new(timeout: Duration) -> Self {
        Self { timeout, last: Mutex::default() }
    }

    /// A token that is good now: the last one, or a new one before that is over. Of two who ask at once one waits for the other.
    pub async fn token(&self, bearer: &Bearer) -> Result<Token, Failure> {
        let mut last = self.last.lock().await;
        let present = last.as_ref().filter(|(of, _)| of == bearer).map(|(_, token)| token.clone());
        let present = match present {
            Some(token) if token.is_fresh(SystemTime::now()) => return Ok(token),
            present => present.and_then(|token| token.used_on(SystemTime::now())),
        };
        let timeout = present.as_ref().map_or(self.timeout, |_| self.timeout.min(PATIENCE));
        let token = match self.fetch(bearer, timeout).await {
            Ok(token) => token,
            // What is good for a while yet is used until then.
            Err(failure) => present.and_then(|token| token.used_on(SystemTime::now())).ok_or(failure)?,
        };
        *last = Some((bearer.clone(), token.clone()));
        Ok(token)
    }

    async fn fetch(&self, bearer: &Bearer, timeout: Duration) -> Result<Token, Failure> {
        match (&bearer.own, &bearer.login) {
            (Some(TokenSource::Kept(token)), _) => self.kept(token),
            (Some(TokenSource::ClientCredentials(credentials)), _) => exchange(credentials, timeout).await,
            (None, Some(login)) => self.of_person(login).await,
            (None, None) => Err(failure("this machine", FailureKind::Refused, "no token is declared", None)),
        }
    }

    fn kept(&self, value: &Secret) -> Result<Token, Failure> {
        let now = SystemTime::now();
        let token = Token::of_its_own(value.clone(), now);
        if token.expires <= now {
            let answer = format!("the token where it is kept is over since {}", Timestamp::from(over_since(value)));
            let hint = "have it renewed where the manifest says that it is kept; where it is fresh, compare the clocks";
            return Err(failure("this machine", FailureKind::Authentication, answer, Some(hint)));
        }
        let early =
            Claims::of(value).and_then(|claims| claims.not_before()).filter(|begin| clocks::is_early(*begin, now));
        if let Some(begin) = early {
            let answer = format!("the token where it is kept begins at {} by the clock here", Timestamp::from(begin));
            let hint = "compare the clocks of this machine and of the issuer, or have a token that is good now";
            return Err(failure("this machine", FailureKind::Authentication, answer, Some(hint)));
        }
        Ok(token)
    }

    async fn of_person(&self, login: &PersonalLogin) -> Result<Token, Failure> {
        let kept = Logins::of_user()?.within(self.timeout).locked(login).await?;
        let Some(found) = kept.read()? else {
            let answer = "nobody has logged in here";
            let hint = "log in with `busctl login`";
            return Err(failure(&login.issuer, FailureKind::Authentication, answer, Some(hint)));
        };
        let token = found.token();
        if token.is_fresh(SystemTime::now()) {
            return Ok(token);
        }
        // Whoever hangs up before the answer is there may have lost the login: its time is not shortened.
        match login::refresh(login, &found, &kept, self.timeout).await {
            Ok(renewed) => Ok(renewed.token()),
            Err(failure) => token.used_on(SystemTime::now()).ok_or(failure),
        }
    }
}

async fn exchange(credentials: &ClientCredentials, timeout: Duration) -> Result<Token, Failure> {
    const HINT: &str = "check `token_endpoint`, `client_id`, `client_secret`, `scope` and `resource`";
    let endpoint = Endpoint::new(&credentials.token_endpoint, credentials.ca.as_ref(), timeout)?;
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(credentials.scope.as_deref().map(|scope| ("scope", scope)));
    form.extend(credentials.resource.as_deref().map(|resource| ("resource", resource)));
    let client = (credentials.client_id.as_str(), Some(&credentials.client_secret));
    let granted = endpoint.token(&credentials.token_endpoint, client, &form).await;
    let granted = granted.map_err(|refused| refused.failure(TRIED, &credentials.token_endpoint, HINT))?;
    granted.token(SystemTime::now(), &credentials.token_endpoint)
}

impl Granted {
    /// The token that was granted. One that is over by our clock is told here, where the reason is still known.
    fn token(self, now: SystemTime, issuer: &str) -> Result<Token, Failure> {
        let claims = Claims::of(&self.access_token);
        let times = claims.map_or((None, None), |claims| (claims.starts(), claims.expires()));
        if let Some((answer, hint)) = clocks::differ(("the token", "the issuer"), times, now) {
            return Err(failure(issuer, FailureKind::Authentication, answer, Some(&hint)));
        }
        Ok(Token::granted(self.access_token, now, self.expires_in))
    }
}

fn over_since(token: &Secret) -> SystemTime {
    Claims::of(token).and_then(|claims| claims.expires()).unwrap_or(UNIX_EPOCH)
}

fn failure(server: &str, kind: FailureKind, answer: impl Into<String>, hint: Option<&str>) -> Failure {
    let (tried, server) = (TRIED.to_owned(), server.to_owned());
    Failure { kind, tried, server, answer: answer.into(), hint: hint.map(str::to_owned) }
}

#[cfg(test)]
mod tests;
