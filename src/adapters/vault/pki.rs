//! Certificates: issued for each run and before they end, kept in memory alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use vaultrs::api::pki::requests::{GenerateCertificateRequest, ListRolesRequest, ReadCertificateRequest};

use super::Inner;
use super::failure::{Denial, Step};
use super::http::{Trouble, data_of, date_of};
use crate::adapters::certificate::Described;
use crate::adapters::clocks;
use crate::model::{PkiRole, Secret};
use crate::ports::FailureKind;

/// The last second that a certificate can name (RFC 5280, section 4.1.2.5), since 1970.
const LAST: u64 = 253_402_300_799;

/// How long the authorities of a mount are not asked for again.
const AUTHORITY_AGAIN: Duration = Duration::from_secs(300);

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
    /// How long it is good from when it was issued, whatever the clock here says, where that can be told.
    pub life: Option<Duration>,
    /// Its serial number, by which it is revoked.
    pub serial: String,
    /// Whether it is revoked when the token ends that it was issued with (`generate_lease` of the role).
    pub leased: bool,
}

/// A certificate of our own.
pub(super) struct Kept {
    pem: Secret,
    /// When the next one is to be had.
    renew: Option<Instant>,
    ends: Option<Instant>,
}

impl Kept {
    fn is_due(&self) -> bool {
        self.renew.is_some_and(|moment| moment <= Instant::now())
    }

    fn is_over(&self) -> bool {
        self.ends.is_some_and(|moment| moment <= Instant::now())
    }
}

/// The authorities of a mount.
#[derive(Clone)]
pub(super) struct Authority {
    pem: Secret,
    read: Instant,
}

impl Authority {
    fn is_good(&self) -> bool {
        let now = SystemTime::now();
        Described::all_in(self.pem.expose()).iter().all(|authority| now < authority.ends)
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
        if let Some(kept) = certificates.get(&whose).filter(|kept| !kept.is_due()) {
            return Ok(kept.pem.clone());
        }
        let request = Request { common_name: Some(common_name), life: None };
        // Counted from before it is asked for.
        let asked = Instant::now();
        match self.issue(role, &request).await.and_then(|next| self.in_time(role, next)) {
            Ok(next) => {
                let pem = Secret::new(format!("{}\n{}\n", next.chain, next.key.expose()));
                let after = |part: Duration| asked.checked_add(part);
                let renew = next.life.and_then(|life| after(life * 2 / 3));
                let kept = Kept { pem: pem.clone(), renew, ends: next.life.and_then(after) };
                certificates.insert(whose, kept);
                Ok(pem)
            }
            // What is good for a while yet is used until then.
            Err(denial) => match certificates.get(&whose).filter(|kept| !kept.is_over()) {
                Some(kept) => Ok(kept.pem.clone()),
                None => Err(denial),
            },
        }
    }

    /// A certificate that was just issued, unless the clock here says that it is not good now.
    fn in_time(&self, role: &PkiRole, issued: Issued) -> Result<Issued, Denial> {
        let own = Described::first_in(&issued.chain);
        let times = own.map_or((None, issued.ends), |own| (Some(own.starts), Some(own.ends)));
        match clocks::differ(("the certificate", "Vault"), times, SystemTime::now()) {
            None => Ok(issued),
            Some((answer, hint)) => Err(self.denial(FailureKind::Authentication, Step::Issue(role), answer, hint)),
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
        let answer = self.ask(step, &endpoint).await?;
        let now = date_of(answer.response.headers());
        let answer = data_of(answer).map_err(|trouble| self.told(step, &trouble))?;
        let leased = !answer.lease_id.is_empty();
        let Some(issued) = answer.data else {
            return Err(self.told(step, &Trouble::Strange("an answer without a certificate".into())));
        };
        let key = Secret::new(issued.private_key);
        let above = issued.ca_chain.unwrap_or_default();
        let authorities = if above.is_empty() { vec![issued.issuing_ca] } else { above };
        // With a root at its end a chain is longer than needed; without what is between, it is none.
        let chain = [issued.certificate].into_iter().chain(authorities.iter().cloned());
        let chain = joined(chain);
        let ends = issued.expiration.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds.min(LAST)));
        let life = life(Described::first_in(&chain).as_ref(), ends, now);
        Ok(Issued {
            chain,
            key,
            authorities: joined(authorities),
            ends,
            life,
            serial: self.http().await?.clean(&issued.serial_number),
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

    /// The authorities of a mount: those that it has, and where they cannot be read again, those that were read as long as they
    /// are good.
    pub(super) async fn authority(&self, mount: &str, chain: bool) -> Result<Secret, Denial> {
        let serial = if chain { "ca_chain" } else { "ca" };
        let path = format!("{mount}/cert/{serial}");
        let kept = self.authorities.lock().await.get(&path).cloned();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.read.elapsed() < AUTHORITY_AGAIN) {
            return Ok(kept.pem.clone());
        }
        match self.read_authority(mount, serial, &path).await {
            Ok(pem) => {
                let read = Authority { pem: pem.clone(), read: Instant::now() };
                self.authorities.lock().await.insert(path, read);
                Ok(pem)
            }
            Err(denial) => kept.filter(Authority::is_good).map(|kept| kept.pem).ok_or(denial),
        }
    }

    /// Vault tells them to everybody.
    async fn read_authority(&self, mount: &str, serial: &str, path: &str) -> Result<Secret, Denial> {
        let step = Step::Authority(path);
        let endpoint = ReadCertificateRequest { mount: mount.to_owned(), serial: serial.to_owned() };
        let told = |trouble| self.told(step, &trouble);
        let answer = self.http().await?.ask(None, &endpoint).await.map_err(told)?;
        let data = data_of(answer).map_err(told)?.data;
        let found = data.map(|data| data.ca_chain.filter(|chain| !chain.is_empty()).unwrap_or(data.certificate));
        match found.filter(|pem| !pem.trim().is_empty()) {
            Some(pem) => Ok(Secret::new(pem.trim().to_owned() + "\n")),
            None => Err(told(Trouble::Refused { code: 404, said: String::new(), gone: None })),
        }
    }
}

/// How long a certificate is good that was just issued: until its end by Vault's clock, and no longer than from its own beginning
/// to its end. The clock here has no part in it.
fn life(own: Option<&Described>, ends: Option<SystemTime>, now: Option<SystemTime>) -> Option<Duration> {
    let ends = own.map(|own| own.ends).or(ends);
    let left = ends.zip(now).and_then(|(ends, now)| ends.duration_since(now).ok());
    let whole = own.and_then(|own| own.ends.duration_since(own.starts).ok());
    left.into_iter().chain(whole).min()
}

/// PEM of several certificates, each on lines of its own.
fn joined(certificates: impl IntoIterator<Item = String>) -> String {
    certificates.into_iter().map(|pem| pem.trim().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn good(starts: u64, ends: u64) -> Described {
        let (subject, issuer) = (String::new(), String::new());
        Described { subject, issuer, names: Vec::new(), starts: at(starts), ends: at(ends) }
    }

    #[test]
    fn a_life_is_counted_by_the_clock_of_vault() {
        let seconds = |own: Option<Described>, ends: Option<u64>, now: Option<u64>| {
            life(own.as_ref(), ends.map(at), now.map(at)).map(|life| life.as_secs())
        };
        // Vault has certificates begin half a minute early.
        assert_eq!(seconds(Some(good(970, 4600)), Some(4600), Some(1000)), Some(3600));
        // A date that is no clock's.
        assert_eq!(seconds(Some(good(970, 4600)), Some(4600), Some(0)), Some(3630));
        assert_eq!(seconds(Some(good(970, 4600)), None, Some(9000)), Some(3630));
        assert_eq!(seconds(Some(good(970, 4600)), None, None), Some(3630));
        assert_eq!(seconds(None, Some(4600), Some(1000)), Some(3600));
        assert_eq!(seconds(None, Some(4600), None), None);
    }
}
