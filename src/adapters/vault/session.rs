//! The token: had by a login, renewed before it ends, had anew where it cannot be.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::Instant;
use vaultrs::api::AuthInfo;
use vaultrs::api::auth::approle::requests::LoginWithApproleRequest;
use vaultrs::api::auth::oidc::requests::JWTLoginRequest;
use vaultrs::api::token::requests::RenewTokenSelfRequest;
use zeroize::Zeroize;

use super::Inner;
use super::failure::{Denial, Step};
use super::http::{LookUp, Trouble, data_of};
use super::own::own_secret;
use crate::adapters::https;
use crate::model::{Secret, SecretRef};
use crate::ports::vault::VaultAuth;

/// A token that cannot be renewed now is tried again after so long.
const AGAIN: Duration = Duration::from_secs(5);

/// What we are to Vault.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) token: Secret,
    /// When it ends; `None` = it does not, or nobody tells.
    ends: Option<Instant>,
    /// When it is to be renewed.
    renew: Option<Instant>,
    renewable: bool,
}

impl Session {
    fn new(token: Secret, life: Duration, renewable: bool) -> Self {
        // A life of nothing is that of a root token, which has no end.
        let life = Some(life).filter(|life| !life.is_zero());
        let now = Instant::now();
        Self { token, ends: life.map(|life| now + life), renew: life.map(|life| now + life * 2 / 3), renewable }
    }

    fn of(mut auth: AuthInfo) -> Self {
        let token = Secret::new(std::mem::take(&mut auth.client_token));
        Self::new(token, https::life(auth.lease_duration), auth.renewable)
    }

    fn is_due(&self) -> bool {
        self.renew.is_some_and(|moment| moment <= Instant::now())
    }

    fn is_over(&self) -> bool {
        self.ends.is_some_and(|moment| moment <= Instant::now())
    }
}

impl Inner {
    /// A token that is good now, and is kept so from now on.
    pub(super) async fn kept_token(self: &Arc<Self>) -> Result<Secret, Denial> {
        let token = self.token().await?;
        self.keeper.get_or_init(|| drop(tokio::spawn(keep(Arc::downgrade(self)))));
        Ok(token)
    }

    async fn token(&self) -> Result<Secret, Denial> {
        let mut session = self.session.lock().await;
        let next = match &*session {
            Some(present) if !present.is_due() => return Ok(present.token.clone()),
            Some(present) => match self.renewed(present).await {
                Ok(next) => next,
                // What is good for a while yet is used until then.
                Err(_) if !present.is_over() => {
                    let again = Some(Instant::now() + AGAIN);
                    let next = Session { renew: again, ..present.clone() };
                    return Ok(session.insert(next).token.clone());
                }
                Err(why) => self.successor(Step::Renew, &present.token, why.as_ref()).await?,
            },
            None => self.login().await?,
        };
        Ok(session.insert(next).token.clone())
    }

    /// Gives up a token that Vault does not know any more, unless it is another one by now, and has the next one for this step.
    pub(super) async fn token_after(&self, step: Step<'_>, dead: &Secret) -> Result<Secret, Denial> {
        {
            let mut session = self.session.lock().await;
            if session.as_ref().is_some_and(|session| session.token == *dead) {
                *session = Some(self.successor(step, dead, None).await?);
            }
        }
        self.token().await
    }

    /// What follows a token that is over: what a login gives, or what stands by now where one is kept that somebody else
    /// replaces, as an agent of Vault does. `why` is what Vault has against the last one, where it said something.
    async fn successor(&self, step: Step<'_>, over: &Secret, why: Option<&Trouble>) -> Result<Session, Denial> {
        let VaultAuth::Token(reference) = &self.connection.auth else { return self.login().await };
        let token = self.own_secret(reference).await?;
        match why {
            _ if token != *over => self.given(token).await,
            Some(trouble) => Err(self.told(step, trouble)),
            None => Err(self.dead(step)),
        }
    }

    /// The token with another life, or why not; `None` = its life has an end that nobody changes.
    async fn renewed(&self, present: &Session) -> Result<Session, Option<Trouble>> {
        if !present.renewable {
            return Err(None);
        }
        let Ok(http) = self.http().await else { return Err(None) };
        let answer = http.ask(Some(&present.token), &RenewTokenSelfRequest::default()).await;
        let answer = answer.and_then(data_of).map_err(Some)?;
        let auth = answer.auth.ok_or_else(|| Some(Trouble::Strange("an answer without a token".into())))?;
        let next = Session::of(auth);
        // At the end of the longest life that a token may have, Vault gives back less and less.
        let ends_no_later = matches!((next.ends, present.ends), (Some(next), Some(present)) if next <= present);
        match ends_no_later && !matches!(self.connection.auth, VaultAuth::Token(_)) {
            true => Err(None),
            false => Ok(next),
        }
    }

    /// The token that is given, or one by logging in.
    async fn login(&self) -> Result<Session, Denial> {
        let http = self.http().await?;
        let step = Step::Login(&self.connection.auth);
        let result = match &self.connection.auth {
            VaultAuth::Token(reference) => return self.given(self.own_secret(reference).await?).await,
            VaultAuth::AppRole { mount, role_id, secret_id } => {
                let (role_id, secret_id) = (self.own_secret(role_id).await?, self.own_secret(secret_id).await?);
                let mut endpoint = LoginWithApproleRequest {
                    mount: mount.clone(),
                    role_id: role_id.expose().to_owned(),
                    secret_id: secret_id.expose().to_owned(),
                };
                http.note([&role_id, &secret_id]);
                let answer = http.ask(None, &endpoint).await.and_then(data_of);
                endpoint.role_id.zeroize();
                endpoint.secret_id.zeroize();
                answer
            }
            VaultAuth::Kubernetes { mount, token, .. } | VaultAuth::Jwt { mount, token, .. } => {
                let role = match &self.connection.auth {
                    VaultAuth::Kubernetes { role, .. } => Some(role.clone()),
                    VaultAuth::Jwt { role, .. } => role.clone(),
                    _ => None,
                };
                let token = self.own_secret(token).await?;
                // Both methods are asked in the same way.
                let mut endpoint = JWTLoginRequest { mount: mount.clone(), jwt: token.expose().to_owned(), role };
                http.note([&token]);
                let answer = http.ask(None, &endpoint).await.and_then(data_of);
                endpoint.jwt.zeroize();
                answer
            }
        };
        let auth = result.and_then(|answer| answer.auth.ok_or_else(|| Trouble::Strange("no token".into())));
        auth.map(Session::of).map_err(|trouble| self.told(step, &trouble))
    }

    /// A token from elsewhere. How long it lives is asked, and that it may not ask is no reason to do without.
    async fn given(&self, token: Secret) -> Result<Session, Denial> {
        let answer = self.http().await?.ask(Some(&token), &LookUp).await;
        match answer.and_then(data_of) {
            Ok(answer) => match answer.data {
                Some(told) if told.is_spent() => Err(self.spent(Step::Login(&self.connection.auth))),
                Some(told) => Ok(Session::new(token, https::life(told.ttl), told.renewable.unwrap_or(false))),
                None => Ok(Session::new(token, Duration::ZERO, false)),
            },
            Err(Trouble::Refused { code: 403, ref said, .. }) if !is_dead(said) => {
                Ok(Session::new(token, Duration::ZERO, false))
            }
            Err(trouble) => Err(self.told(Step::Login(&self.connection.auth), &trouble)),
        }
    }

    /// Whether Vault does not know the token any more: it ended, or somebody has revoked it.
    pub(super) async fn is_dead(&self, token: &Secret, said: &str) -> bool {
        if is_dead(said) {
            return true;
        }
        let Ok(http) = self.http().await else { return false };
        let answer = http.ask(Some(token), &LookUp).await;
        matches!(answer, Err(Trouble::Refused { code: 403, ref said, .. }) if is_dead(said))
    }

    /// A secret that Vault itself is reached with.
    pub(super) async fn own_secret(&self, reference: &SecretRef) -> Result<Secret, Denial> {
        Ok(own_secret(&self.local, reference, "Vault cannot be logged in to").await?)
    }
}

/// What Vault says of a token that it does not know.
fn is_dead(said: &str) -> bool {
    said.contains("invalid token") || said.contains("bad token")
}

/// Renews the token in time, also while nobody needs one: where it ends, so do the leases that were had with it.
async fn keep(inner: Weak<Inner>) {
    while let Some(due) = next_renewal(&inner).await {
        tokio::time::sleep_until(due.max(Instant::now() + Duration::from_millis(100))).await;
        let Some(inner) = inner.upgrade() else { return };
        // Whoever needs the token is told why there is none.
        let failed = inner.token().await.is_err();
        drop(inner);
        if failed {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// When the token is to be renewed; `None` where it never is, or nobody needs it any more.
async fn next_renewal(inner: &Weak<Inner>) -> Option<Instant> {
    let inner = inner.upgrade()?;
    let session = inner.session.lock().await;
    session.as_ref()?.renew
}
