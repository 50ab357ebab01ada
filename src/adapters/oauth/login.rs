//! A person's login: OAuth 2.0's device authorization grant (RFC 8628), and refresh tokens.

use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::endpoint::{Endpoint, Granted, Refused, seconds, told};
use super::store::{KeptLogin, LockedLogin};
use crate::adapters::https;
use crate::model::Secret;
use crate::ports::connection::PersonalLogin;
use crate::ports::{Failure, FailureKind};

const TRIED: &str = "log in";

/// The pause between two questions whether the person has agreed, where the issuer names none (RFC 8628, section 3.5).
const INTERVAL: u64 = 5;

/// How long the person has, where the issuer does not say it.
const LIFE: u64 = 600;

/// What an issuer of OpenID Connect says of itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    token_endpoint: String,
    device_authorization_endpoint: Option<String>,
}

#[derive(Deserialize)]
struct DeviceAnswer {
    device_code: Secret,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    #[serde(default, deserialize_with = "seconds")]
    interval: Option<u64>,
}

/// What the person is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Where the person goes.
    pub address: String,
    /// What the person types there.
    pub code: String,
    /// The same address with the code in it, where the issuer has one.
    pub complete: Option<String>,
    /// How long it is good.
    pub life: Duration,
}

/// A login that waits for the person.
pub struct Pending {
    /// What the person is asked to do.
    pub invitation: Invitation,
    login: PersonalLogin,
    endpoint: Endpoint,
    token_endpoint: String,
    device_code: Secret,
    interval: Duration,
}

impl Pending {
    /// Asks the issuer for a code that the person is to type.
    pub async fn begin(login: &PersonalLogin, timeout: Duration) -> Result<Self, Failure> {
        const HINT: &str = "have busctl registered at the issuer as a public client with the device authorization grant, \
                            and check `client_id`, `scope` and `resource`";
        let endpoint = Endpoint::new(&login.issuer, login.ca.as_ref(), timeout)?;
        let found = discover(login, &endpoint).await?;
        let Some(address) = found.device_authorization_endpoint else {
            let answer = "the issuer has no device authorization grant";
            return Err(failure(login, FailureKind::Unsupported, answer, "have it switched on at the issuer"));
        };
        check_address(login, &address)?;
        let mut form = Vec::new();
        form.extend(login.scope.as_deref().map(|scope| ("scope", scope)));
        form.extend(login.resource.as_deref().map(|resource| ("resource", resource)));
        let told: Result<DeviceAnswer, Refused> = endpoint.post(&address, (&login.client_id, None), &form).await;
        let told = told.map_err(|refused| refused.failure(TRIED, &login.issuer, HINT))?;
        Ok(Self {
            invitation: Invitation {
                address: told.verification_uri,
                code: told.user_code,
                complete: told.verification_uri_complete,
                life: https::life(told.expires_in.unwrap_or(LIFE)),
            },
            login: login.clone(),
            endpoint,
            token_endpoint: found.token_endpoint,
            device_code: told.device_code,
            interval: Duration::from_secs(told.interval.unwrap_or(INTERVAL).clamp(1, 60)),
        })
    }

    /// Waits until the person has agreed.
    pub async fn wait(mut self) -> Result<KeptLogin, Failure> {
        const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
        let deadline = tokio::time::Instant::now() + self.invitation.life;
        loop {
            tokio::time::sleep(self.interval).await;
            let form = [("grant_type", GRANT), ("device_code", self.device_code.expose())];
            let client = (self.login.client_id.as_str(), None);
            let refused = match self.endpoint.token(&self.token_endpoint, client, &form).await {
                Ok(granted) => return granted.kept(SystemTime::now(), None, &self.login).1,
                Err(refused) => refused,
            };
            let is_over = tokio::time::Instant::now() + self.interval > deadline;
            match refused.code() {
                Some("authorization_pending") if !is_over => {}
                Some("slow_down") if !is_over => self.interval += Duration::from_secs(5),
                Some("access_denied") => {
                    let hint = "run `busctl login` again and agree there, if it was a mistake";
                    return Err(failure(&self.login, FailureKind::Authentication, "it was refused there", hint));
                }
                Some("expired_token" | "authorization_pending" | "slow_down") => {
                    let hint = "run `busctl login` again, and agree before the code is over";
                    return Err(failure(&self.login, FailureKind::Timeout, "nobody agreed in time", hint));
                }
                _ if refused.may_pass() && !is_over => {}
                _ => return Err(refused.failure(TRIED, &self.login.issuer, "run `busctl login` again")),
            }
        }
    }
}

/// A new token for a login whose token is over, kept in its place.
pub(super) async fn refresh(
    login: &PersonalLogin,
    before: &KeptLogin,
    place: &LockedLogin,
    timeout: Duration,
) -> Result<KeptLogin, Failure> {
    const HINT: &str = "log in again with `busctl login`";
    let Some(refresh_token) = &before.refresh_token else {
        let answer = "the login is over, and the issuer gave nothing to refresh it with";
        let hint = "log in again with `busctl login`; the scope `offline_access` lets a login be refreshed";
        return Err(failure(login, FailureKind::Authentication, answer, hint));
    };
    let endpoint = Endpoint::new(&login.issuer, login.ca.as_ref(), timeout)?;
    let found = discover(login, &endpoint).await?;
    let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
    form.extend(login.resource.as_deref().map(|resource| ("resource", resource)));
    let granted = endpoint.token(&found.token_endpoint, (&login.client_id, None), &form).await;
    let granted = granted.map_err(|refused| refused.failure("refresh the login", &login.issuer, HINT))?;
    let (kept, judged) = granted.kept(SystemTime::now(), Some(refresh_token), login);
    // The issuer may take the last refresh token no more: whatever the token is, the next one must not be lost.
    place.write(&kept)?;
    judged
}

impl Granted {
    /// The login that this makes of one before, and the same where its token is good by our clock. One that is not is kept as
    /// over.
    pub(super) fn kept(
        self,
        now: SystemTime,
        before: Option<&Secret>,
        login: &PersonalLogin,
    ) -> (KeptLogin, Result<KeptLogin, Failure>) {
        let access_token = self.access_token.clone();
        let expires = self.expires(now);
        // An issuer that gives no new one lets the old one be used again.
        let refresh_token = self.refresh_token.clone().or_else(|| before.cloned());
        match self.token(now, &login.issuer) {
            Ok(_) => {
                let kept = KeptLogin { access_token, granted: now, expires, refresh_token };
                (kept.clone(), Ok(kept))
            }
            Err(failure) => (KeptLogin { access_token, granted: now, expires: now, refresh_token }, Err(failure)),
        }
    }
}

async fn discover(login: &PersonalLogin, endpoint: &Endpoint) -> Result<Discovered, Failure> {
    const TRIED: &str = "read what the issuer says of itself";
    let base = login.issuer.trim_end_matches('/');
    let found: Result<Discovered, Refused> = endpoint.get(&format!("{base}/.well-known/openid-configuration")).await;
    let hint = "check `issuer`: it must be an issuer of OpenID Connect";
    let found = found.map_err(|refused| refused.failure(TRIED, &login.issuer, hint))?;
    // One that answers for another could have its tokens taken for that one's.
    if found.issuer.trim_end_matches('/') != base {
        let answer = format!("it says that it is another issuer: {}", told(&found.issuer, &[]));
        let hint = "write `issuer` as the issuer has it itself";
        return Err(failure(login, FailureKind::Protocol, &answer, hint));
    }
    check_address(login, &found.token_endpoint)?;
    Ok(found)
}

fn check_address(login: &PersonalLogin, address: &str) -> Result<(), Failure> {
    if address.starts_with("https://") {
        return Ok(());
    }
    let answer = "it names an address without TLS, where no secret is sent";
    Err(failure(login, FailureKind::Protocol, answer, "have the issuer name https: addresses"))
}

fn failure(login: &PersonalLogin, kind: FailureKind, answer: &str, hint: &str) -> Failure {
    let (tried, server) = (TRIED.to_owned(), login.issuer.clone());
    Failure { kind, tried, server, answer: answer.to_owned(), hint: Some(hint.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_the_person_has_need_not_be_said() {
        let told = r#"{"device_code": "d", "user_code": "u", "verification_uri": "https://issuer.example/device"}"#;
        let answer: DeviceAnswer = serde_json::from_str(told).expect("an answer");
        assert_eq!((answer.expires_in, answer.interval), (None, None));
    }
}
