//! Certificates: issued for each run and before they end, kept in memory alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vaultrs::api::pki::requests::{GenerateCertificateRequest, ListRolesRequest, ReadCertificateRequest};

use super::Inner;
use super::failure::{Denial, Step};
use super::http::{Trouble, data_of};
use crate::model::{PkiRole, Secret};

/// The last second that a certificate can name (RFC 5280, section 4.1.2.5), since 1970.
const LAST: u64 = 253_402_300_799;

/// What a certificate is to be.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Its common name; `None` = the role's own.
    pub common_name: Option<String>,
    /// How long it is good; `None` = what the role says. A role has a limit.
    pub life: Option<Duration>,
}

/// A certificate with its key, as Vault has issued it.
#[derive(Debug)]
pub struct Issued {
    /// The certificate and the authorities above it, PEM.
    pub chain: String,
    /// The key, PEM (PKCS#8).
    pub key: Secret,
    /// The authorities: the whole chain, or the one that issued it, PEM.
    pub authorities: String,
    /// When it ends, where Vault tells it.
    pub ends: Option<SystemTime>,
    /// Its serial number, by which it is revoked.
    pub serial: String,
    /// Whether it is revoked when the token ends that it was issued with (`generate_lease` of the role).
    pub leased: bool,
}

/// A certificate of our own.
pub(super) struct Kept {
    pem: Secret,
    /// When the next one is to be had.
    renew: Option<SystemTime>,
    ends: Option<SystemTime>,
}

impl Kept {
    fn is_due(&self, now: SystemTime) -> bool {
        self.renew.is_some_and(|moment| moment <= now)
    }

    fn is_over(&self, now: SystemTime) -> bool {
        self.ends.is_some_and(|moment| moment <= now)
    }
}

impl Inner {
    /// Chain and key for the tool itself: those that it has, until two thirds of their life are over.
    pub(super) async fn own_certificate(
        self: &Arc<Self>,
        role: &PkiRole,
        common_name: String,
    ) -> Result<Secret, Denial> {
        let whose = (role.clone(), common_name.clone());
        // Held while one is issued: connections that are made at once share it.
        let mut certificates = self.certificates.lock().await;
        let issued = SystemTime::now();
        if let Some(kept) = certificates.get(&whose).filter(|kept| !kept.is_due(issued)) {
            return Ok(kept.pem.clone());
        }
        let request = Request { common_name: Some(common_name), life: None };
        match self.issue(role, &request).await {
            Ok(next) => {
                let pem = Secret::new(format!("{}\n{}\n", next.chain, next.key.expose()));
                let life = next.ends.and_then(|ends| ends.duration_since(issued).ok());
                let kept = Kept { pem: pem.clone(), renew: life.map(|life| issued + life * 2 / 3), ends: next.ends };
                certificates.insert(whose, kept);
                Ok(pem)
            }
            // What is good for a while yet is used until then.
            Err(denial) => match certificates.get(&whose).filter(|kept| !kept.is_over(SystemTime::now())) {
                Some(kept) => Ok(kept.pem.clone()),
                None => Err(denial),
            },
        }
    }

    /// Has a certificate issued.
    pub(super) async fn issue(self: &Arc<Self>, role: &PkiRole, request: &Request) -> Result<Issued, Denial> {
        let endpoint = GenerateCertificateRequest {
            mount: role.mount.clone(),
            role: role.role.clone(),
            common_name: request.common_name.clone(),
            private_key_format: Some("pkcs8".into()),
            ttl: request.life.map(|life| format!("{}s", life.as_secs())),
            ..GenerateCertificateRequest::default()
        };
        let step = Step::Issue(role);
        let answer = data_of(self.ask(step, &endpoint).await?).map_err(|trouble| self.told(step, &trouble))?;
        let leased = !answer.lease_id.is_empty();
        let Some(issued) = answer.data else {
            return Err(self.told(step, &Trouble::Strange("an answer without a certificate".into())));
        };
        let key = Secret::new(issued.private_key);
        let above = issued.ca_chain.unwrap_or_default();
        let authorities = if above.is_empty() { vec![issued.issuing_ca] } else { above };
        // With a root at its end a chain is longer than needed; without what is between, it is none.
        let chain = [issued.certificate].into_iter().chain(authorities.iter().cloned());
        Ok(Issued {
            chain: joined(chain),
            key,
            authorities: joined(authorities),
            ends: issued.expiration.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds.min(LAST))),
            serial: issued.serial_number,
            leased,
        })
    }

    /// The names of the roles at a mount.
    pub(super) async fn roles(self: &Arc<Self>, mount: &str) -> Result<BTreeSet<String>, Denial> {
        let step = Step::Roles(mount);
        let endpoint = ListRolesRequest { mount: mount.to_owned() };
        match self.ask_again(step, &endpoint).await?.and_then(data_of) {
            Ok(answer) => Ok(answer.data.map(|data| data.keys.into_iter().collect()).unwrap_or_default()),
            // An engine that has none has nothing to say; where there is no engine, Vault says that.
            Err(Trouble::Refused { code: 404, ref said, .. }) if said.is_empty() => Ok(BTreeSet::new()),
            Err(trouble) => Err(self.told(step, &trouble)),
        }
    }

    /// The authorities of a mount. Vault tells them to everybody.
    pub(super) async fn authority(&self, mount: &str, chain: bool) -> Result<Secret, Denial> {
        let serial = if chain { "ca_chain" } else { "ca" };
        let path = format!("{mount}/cert/{serial}");
        let step = Step::Authority(&path);
        let endpoint = ReadCertificateRequest { mount: mount.to_owned(), serial: serial.to_owned() };
        let told = |trouble| self.told(step, &trouble);
        let answer = self.http().await?.ask(None, &endpoint).await.map_err(told)?;
        let data = data_of(answer).map_err(told)?.data;
        let found = data.map(|data| data.ca_chain.filter(|chain| !chain.is_empty()).unwrap_or(data.certificate));
        match found.filter(|pem| !pem.trim().is_empty()) {
            Some(pem) => Ok(Secret::new(pem.trim().to_owned() + "\n")),
            None => Err(told(Trouble::Refused { code: 404, said: String::new(), deleted: None })),
        }
    }
}

/// PEM of several certificates, each on lines of its own.
fn joined(certificates: impl IntoIterator<Item = String>) -> String {
    certificates.into_iter().map(|pem| pem.trim().to_owned() + "\n").collect()
}
