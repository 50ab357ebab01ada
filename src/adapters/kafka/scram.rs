//! Reading and setting what users log in with by SCRAM.

use std::collections::BTreeMap;

use krafka::__private::protocol::{
    ApiKey, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, versions,
};
use krafka::__private::scram::ScramMechanism as WireMechanism;
use krafka::KrafkaError;
use krafka::admin::{AlterUserScramCredentialsOptions, ScramCredentialDeletion, ScramCredentialUpsertion};
use krafka::error::ErrorCode;

use super::KafkaClient;
use super::batch::{batches, send_all};
use super::brokers::{Api, BESIDE_TOPICS};
use super::write::{RECORDS_PER_REQUEST, REQUESTS_AT_ONCE};
use crate::ports::kafka::{Outcomes, ScramAlteration, ScramMechanism, ScramUser};
use crate::ports::{Failure, FailureKind};

const DESCRIBE: Api = Api {
    key: ApiKey::DescribeUserScramCredentials,
    min: versions::DESCRIBE_USER_SCRAM_CREDENTIALS_MIN,
    max: versions::DESCRIBE_USER_SCRAM_CREDENTIALS_MAX,
};

impl KafkaClient {
    /// Every user that can log in with SCRAM.
    pub(super) async fn all_scram_users(&self) -> Result<Vec<ScramUser>, Failure> {
        const TRIED: &str = "describe the SCRAM users";
        // Nobody by name is everybody, and so is null; but to whoever may not ask, brokers never answer the latter.
        let everybody = DescribeUserScramCredentialsRequest { users: Some(Vec::new()) };
        let answer: krafka::Result<DescribeUserScramCredentialsResponse> =
            self.brokers.ask(BESIDE_TOPICS, DESCRIBE, &everybody).await;
        let answer = answer.map_err(|error| self.failure(TRIED, &error))?;
        let refused = |code: ErrorCode, message: Option<String>| match code.is_ok() {
            true => Ok(()),
            false => Err(self.failure(TRIED, &KrafkaError::broker(code, message.unwrap_or_default()))),
        };
        refused(answer.error_code, answer.error_message)?;
        let mut users = Vec::new();
        for user in answer.results {
            refused(user.error_code, user.error_message)?;
            let of = |mechanism: WireMechanism| match mechanism {
                WireMechanism::Sha256 => Some(ScramMechanism::Sha256),
                WireMechanism::Sha512 => Some(ScramMechanism::Sha512),
                _ => None,
            };
            let credentials = user.credential_infos.into_iter().filter_map(|credential| {
                Some((of(credential.mechanism)?, u32::try_from(credential.iterations).unwrap_or_default()))
            });
            users.push(ScramUser { name: user.user, credentials: credentials.collect() });
        }
        users.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(users)
    }

    /// A controller alters a user once in a request: those with several alterations take several requests, one behind the
    /// other, in the order in which they are given.
    pub(super) async fn alter_scram_users_in_batches(&self, alterations: &[ScramAlteration]) -> Outcomes {
        let mut rounds: Vec<Vec<usize>> = Vec::new();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, alteration) in alterations.iter().enumerate() {
            let round = seen.entry(&alteration.user).or_default();
            if rounds.len() <= *round {
                rounds.push(Vec::new());
            }
            rounds[*round].push(index);
            *round += 1;
        }
        let mut outcomes: Vec<Option<Result<(), Failure>>> = alterations.iter().map(|_| None).collect();
        for round in rounds {
            let items: Vec<&ScramAlteration> = round.iter().map(|index| &alterations[*index]).collect();
            let answers = send_all(
                batches(&items, RECORDS_PER_REQUEST, |_| 1),
                REQUESTS_AT_ONCE,
                || self.permit(),
                |batch| self.alter_each_once(batch),
            )
            .await;
            for (index, answer) in round.into_iter().zip(answers) {
                outcomes[index] = Some(answer);
            }
        }
        outcomes.into_iter().flatten().collect()
    }

    async fn alter_each_once(&self, batch: &[&ScramAlteration]) -> Outcomes {
        let (mut deletions, mut upsertions) = (Vec::new(), Vec::new());
        for alteration in batch {
            let (name, mechanism) = (alteration.user.clone(), wire(alteration.mechanism));
            match &alteration.password {
                Some(password) => upsertions.push(ScramCredentialUpsertion {
                    name,
                    mechanism,
                    iterations: i32::try_from(password.iterations).unwrap_or(i32::MAX),
                    salt: password.salt.clone().into(),
                    salted_password: password.hash.clone().into(),
                }),
                None => deletions.push(ScramCredentialDeletion { name, mechanism }),
            }
        }
        let options = AlterUserScramCredentialsOptions::default();
        let answers =
            async { self.admin().await?.alter_user_scram_credentials(deletions, upsertions, options).await }.await;
        let tried = |alteration: &&ScramAlteration| {
            let ScramAlteration { user, mechanism, password } = alteration;
            let what = if password.is_some() { "set" } else { "take away" };
            format!("{what} the {mechanism} password of the user {user}")
        };
        let outcomes = self.outcomes(batch, answers, |alteration| alteration.user.clone(), tried);
        let gone_already = |(alteration, outcome): (&&ScramAlteration, Result<(), Failure>)| match outcome {
            Err(failure) if failure.kind == FailureKind::NotFound && alteration.password.is_none() => Ok(()),
            outcome => outcome,
        };
        batch.iter().zip(outcomes).map(gone_already).collect()
    }
}

fn wire(mechanism: ScramMechanism) -> WireMechanism {
    match mechanism {
        ScramMechanism::Sha256 => WireMechanism::Sha256,
        ScramMechanism::Sha512 => WireMechanism::Sha512,
    }
}
