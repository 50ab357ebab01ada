//! The passwords of SCRAM users: read before anything is written, and salted before they are sent.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use ring::pbkdf2;
use ring::rand::{SecureRandom, SystemRandom};

use crate::model::{Secret, SecretRef};
use crate::plan::{Plan, Step};
use crate::ports::kafka::{SaltedPassword, ScramAlteration, ScramMechanism};
use crate::ports::secrets::{SecretError, Secrets};
use crate::ports::{Failure, FailureKind};

/// Bytes of a salt. RFC 5802 asks for none of a certain length; this is what no two users ever share.
const SALT: usize = 32;

/// The passwords that a plan sets, by where they are kept.
#[derive(Debug, Default)]
pub struct Passwords(BTreeMap<SecretRef, Secret>);

impl Passwords {
    /// Reads those of a plan; or says which cannot be read. None is read where the plan sets none.
    pub async fn read(plan: &Plan, secrets: &impl Secrets) -> Result<Self, Vec<SecretError>> {
        let steps = plan.changes.iter().flat_map(|change| &change.steps);
        let mut needed: Vec<&SecretRef> = steps
            .filter_map(|step| match step {
                Step::SetScramPassword { password, .. } => Some(password),
                _ => None,
            })
            .collect();
        needed.sort();
        needed.dedup();
        let (mut passwords, mut unread) = (BTreeMap::new(), Vec::new());
        for reference in needed {
            match secrets.read(reference).await {
                // A file with one mostly ends in a newline that is not part of it.
                Ok(secret) => {
                    let password = Secret::new(secret.expose().trim_end_matches(['\r', '\n']));
                    passwords.insert(reference.clone(), password);
                }
                Err(error) => unread.push(error),
            }
        }
        if unread.is_empty() { Ok(Self(passwords)) } else { Err(unread) }
    }

    /// What is sent for a step; `None` where it is another one than of SCRAM users.
    pub(super) fn alteration(&self, step: &Step) -> Option<Result<ScramAlteration, Failure>> {
        match step {
            Step::SetScramPassword { user, mechanism, iterations, password } => {
                let salted = self.salted(password, *mechanism, *iterations);
                let altered =
                    |password| ScramAlteration { user: user.clone(), mechanism: *mechanism, password: Some(password) };
                Some(salted.map(altered).map_err(|answer| Failure {
                    kind: FailureKind::Refused,
                    tried: format!("salt the {mechanism} password of the user {user}"),
                    server: "this machine".into(),
                    answer,
                    hint: Some("run it again".into()),
                }))
            }
            Step::RemoveScramPassword { user, mechanism } => {
                Some(Ok(ScramAlteration { user: user.clone(), mechanism: *mechanism, password: None }))
            }
            _ => None,
        }
    }

    fn salted(
        &self,
        reference: &SecretRef,
        mechanism: ScramMechanism,
        iterations: u32,
    ) -> Result<SaltedPassword, String> {
        let password = self.0.get(reference).ok_or_else(|| format!("{reference} was not read"))?;
        let mut salt = vec![0; SALT];
        SystemRandom::new().fill(&mut salt).map_err(|_| "the system gives no random bytes".to_owned())?;
        Ok(SaltedPassword { iterations, hash: hash(password, mechanism, iterations, &salt), salt })
    }
}

/// `Hi(password, salt, iterations)` of RFC 5802 §2.2. Kafka's own clients, and librdkafka, take the bytes of the password in
/// UTF-8 as they are: a preparation by SASLprep, which the RFC asks for, would make another password of some.
fn hash(password: &Secret, mechanism: ScramMechanism, iterations: u32, salt: &[u8]) -> Vec<u8> {
    let (algorithm, length) = match mechanism {
        ScramMechanism::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
        ScramMechanism::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
    };
    let mut hash = vec![0; length];
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    pbkdf2::derive(algorithm, iterations, salt, password.expose().as_bytes(), &mut hash);
    hash
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::model::Address;
    use crate::plan::Action;
    use crate::plan::samples::{change, plan_of};
    use crate::resources::scram::address_of;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The first is the example of RFC 7677; the second is Python's `hashlib.pbkdf2_hmac` of the bytes in UTF-8, a password
    /// that SASLprep would make another one of.
    #[test]
    fn a_password_is_hashed_as_clients_hash_it() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("Base64");
        let pencil = hash(&Secret::new("pencil"), ScramMechanism::Sha256, 4096, &salt);
        assert_eq!(hex(&pencil), "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d");
        let cyrillic = hash(&Secret::new("пароль ª"), ScramMechanism::Sha512, 4096, b"salt");
        assert_eq!(
            hex(&cyrillic),
            "427cc959bbc65a08b8a71001979781c47e84e6916b416662ca1373fd15a4b52cb77b9169ae6f890178e1ea229853436bd0dbc4b42ef4a89a\
             42a342db1bb11bb6"
        );
    }

    struct Kept(BTreeMap<&'static str, &'static str>);

    impl Secrets for Kept {
        async fn read(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
            let reference = reference.to_string();
            let kept = self.0.get(reference.as_str()).map(|secret| Secret::new(*secret));
            kept.ok_or(SecretError { reference, reason: "it is not there".into(), hint: None })
        }
    }

    fn setting(password: &str, user: &str) -> Plan {
        let mut change = change(address_of(user), Action::Create, Vec::new());
        change.steps.push(Step::SetScramPassword {
            user: user.into(),
            mechanism: ScramMechanism::Sha256,
            iterations: 4096,
            password: password.parse().expect("a reference"),
        });
        plan_of(vec![change])
    }

    #[tokio::test]
    async fn a_password_is_read_without_the_end_of_its_line_and_salted_each_time_anew() {
        let plan = setting("file:a", "a");
        let passwords = Passwords::read(&plan, &Kept([("file:a", "pencil\r\n")].into())).await.expect("read");
        assert!(!format!("{passwords:?}").contains("pencil"));
        let step = &plan.changes[0].steps[0];
        let salted = || passwords.alteration(step).expect("of SCRAM").expect("salted").password.expect("a password");
        let (first, second) = (salted(), salted());
        assert_ne!(first.salt, second.salt);
        assert_eq!(first.hash, hash(&Secret::new("pencil"), ScramMechanism::Sha256, 4096, &first.salt));
        assert_eq!(format!("{first:?}"), "SaltedPassword(…)");
    }

    #[tokio::test]
    async fn every_password_that_cannot_be_read_is_named() {
        let mut plan = setting("env:A", "a");
        plan.changes.extend(setting("env:B", "b").changes);
        plan.changes.push(change(Address::topic("t"), Action::Create, Vec::new()));
        let unread = Passwords::read(&plan, &Kept(BTreeMap::new())).await.expect_err("there are none");
        assert_eq!(unread.iter().map(|error| error.reference.as_str()).collect::<Vec<_>>(), ["env:A", "env:B"]);
        let nothing = Passwords::read(&plan_of(Vec::new()), &Kept(BTreeMap::new())).await;
        assert!(nothing.is_ok());
    }
}
