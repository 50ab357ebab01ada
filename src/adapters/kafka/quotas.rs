//! Reading and setting client quotas.

use krafka::__private::protocol::{ApiKey, DescribeClientQuotasRequest, DescribeClientQuotasResponse, versions};
use krafka::KrafkaError;
use krafka::admin::{AlterClientQuotasOptions, ClientQuotaAlteration, ClientQuotaEntity};

use super::KafkaClient;
use super::batch::{batches, send_all};
use super::brokers::{Api, BESIDE_TOPICS};
use super::write::{RECORDS_PER_REQUEST, REQUESTS_AT_ONCE};
use crate::ports::Failure;
use crate::ports::kafka::{Outcomes, Quota, QuotaAlteration};

const DESCRIBE: Api = Api {
    key: ApiKey::DescribeClientQuotas,
    min: versions::DESCRIBE_CLIENT_QUOTAS_MIN,
    max: versions::DESCRIBE_CLIENT_QUOTAS_MAX,
};

impl KafkaClient {
    /// Every client quota.
    pub(super) async fn all_quotas(&self) -> Result<Vec<Quota>, Failure> {
        const TRIED: &str = "describe the client quotas";
        let everything = DescribeClientQuotasRequest { components: Vec::new(), strict: false };
        let answer: krafka::Result<DescribeClientQuotasResponse> =
            self.brokers.ask(BESIDE_TOPICS, DESCRIBE, &everything).await;
        let answer = answer.map_err(|error| self.failure(TRIED, &error))?;
        if !answer.error_code.is_ok() {
            let message = answer.error_message.unwrap_or_default();
            return Err(self.failure(TRIED, &KrafkaError::broker(answer.error_code, message)));
        }
        let mut quotas: Vec<Quota> = answer
            .entries
            .unwrap_or_default()
            .into_iter()
            .map(|entry| Quota {
                entity: entry.entity.into_iter().map(|part| (part.entity_type, part.entity_name)).collect(),
                values: entry.values.into_iter().map(|value| (value.key, value.value)).collect(),
            })
            .collect();
        quotas.sort_by(|a, b| a.entity.cmp(&b.entity));
        Ok(quotas)
    }

    pub(super) async fn alter_quotas_in_batches(&self, quotas: &[QuotaAlteration], validate_only: bool) -> Outcomes {
        let records = |quota: &QuotaAlteration| quota.values.len();
        send_all(
            batches(quotas, RECORDS_PER_REQUEST, records),
            REQUESTS_AT_ONCE,
            || self.permit(),
            |batch| async move {
                let options = AlterClientQuotasOptions::default().validate_only(validate_only);
                let entity = |quota: &QuotaAlteration| ClientQuotaEntity(quota.entity.clone());
                let altered = |quota: &QuotaAlteration| {
                    let values = quota.values.iter().map(|(key, value)| (key.clone(), *value)).collect();
                    ClientQuotaAlteration::new(entity(quota), values)
                };
                let altered = batch.iter().map(altered).collect();
                let answers = async { self.admin().await?.alter_client_quotas(altered, options).await }.await;
                self.outcomes(batch, answers, entity, |quota| format!("set the client quota of {}", words(quota)))
            },
        )
        .await
    }
}

fn words(quota: &QuotaAlteration) -> String {
    let part = |(kind, name): (&String, &Option<String>)| match name {
        Some(name) => format!("{kind} {name}"),
        None => format!("each other {kind}"),
    };
    quota.entity.iter().map(part).collect::<Vec<_>>().join(" and ")
}
