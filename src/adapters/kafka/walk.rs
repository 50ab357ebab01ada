//! Walks to brokers, step by step, and says where and why one ends.

use std::sync::Arc;

use futures::future::join_all;
use krafka::__private::network::BrokerConnection;
use krafka::__private::protocol::{
    ApiKey, DescribeClusterRequest, DescribeClusterResponse, MetadataRequest, MetadataResponse,
};

use super::access::Access;
use super::brokers::{Dialer, METADATA, exchange, host_and_port, within};
use super::{DESCRIBE_CLUSTER, failure, handshake};
use crate::adapters::certificate::Described;
use crate::adapters::trust::{Words, whose};
use crate::adapters::walk::{is_there, reach};
use crate::ports::Failure;
use crate::ports::connection::{Connection, Renew, Sasl};
use crate::ports::walk::{Step, StepKind, StepOutcome, Walk};

/// What busctl asks of brokers.
const REQUESTS: [ApiKey; 24] = [
    ApiKey::Metadata,
    ApiKey::DescribeCluster,
    ApiKey::DescribeConfigs,
    ApiKey::DescribeAcls,
    ApiKey::DescribeClientQuotas,
    ApiKey::DescribeLogDirs,
    ApiKey::ListOffsets,
    ApiKey::ListGroups,
    ApiKey::DescribeGroups,
    ApiKey::OffsetFetch,
    ApiKey::FindCoordinator,
    ApiKey::Fetch,
    ApiKey::Produce,
    ApiKey::InitProducerId,
    ApiKey::CreateTopics,
    ApiKey::CreatePartitions,
    ApiKey::DeleteTopics,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::CreateAcls,
    ApiKey::DeleteAcls,
    ApiKey::AlterClientQuotas,
    ApiKey::AlterPartitionReassignments,
    ApiKey::ListPartitionReassignments,
    ApiKey::ElectLeaders,
];

/// Operations on a cluster that matter to busctl, by their number in `org.apache.kafka.common.acl.AclOperation`.
const OPERATIONS: [(u32, &str); 5] =
    [(8, "Describe"), (10, "DescribeConfigs"), (5, "Create"), (7, "Alter"), (11, "AlterConfigs")];

/// Those without which there is no plan.
const LEAST: [&str; 2] = ["Describe", "DescribeConfigs"];

/// What is walked to.
pub struct Target<'t> {
    /// The name of the cluster's address: `cluster/NAME`.
    pub system: &'t str,
    /// Which key of the manifest names the brokers.
    pub named_by: &'t str,
    /// The id that the brokers must answer.
    pub cluster_id: Option<&'t str>,
}

/// Walks to each of the bootstrap brokers, and to each broker that those name.
pub async fn walk(target: Target<'_>, connection: Connection, renew: Arc<dyn Renew<Connection>>) -> Vec<Walk> {
    let access = Arc::new(Access::new(connection, Some(renew)));
    let dialer = Dialer::new(&access).await.map_err(|error| handshake::failure(&access, &error));
    let dialer = dialer.as_ref();
    let bootstrap = &access.told().bootstrap;
    let walks = bootstrap.iter().map(|address| to_bootstrap(&target, address, &access, dialer));
    let (mut walks, named): (Vec<Walk>, Vec<_>) = join_all(walks).await.into_iter().unzip();
    let mut others: Vec<(i32, String)> = named.into_iter().flatten().collect();
    others.retain(|(_, address)| !bootstrap.contains(address));
    others.sort_unstable();
    others.dedup();
    let others = others.iter().map(|(id, address)| to_named(&target, *id, address, &access, dialer));
    walks.extend(join_all(others).await);
    walks
}

type Named = Vec<(i32, String)>;

async fn to_bootstrap(
    target: &Target<'_>,
    address: &str,
    access: &Arc<Access>,
    dialer: Result<&Dialer, &Failure>,
) -> (Walk, Named) {
    let (mut walk, stream) = to_broker(target, target.named_by, address, access, dialer).await;
    let mut named = Vec::new();
    if let Some(connection) = stream {
        let (step, brokers) = authorized(target, access, &connection).await;
        named = brokers;
        let is_over = step.outcome == StepOutcome::Failed;
        walk.steps.push(step);
        if !is_over {
            walk.steps.push(requests(&connection));
        }
        connection.close().await;
    }
    (walk, named)
}

/// A broker's own address is where every request goes once its id is known.
async fn to_named(
    target: &Target<'_>,
    id: i32,
    address: &str,
    access: &Arc<Access>,
    dialer: Result<&Dialer, &Failure>,
) -> Walk {
    const HINT: &str = "the brokers name this address (advertised.listeners): it must be one that this machine reaches";
    let named_by = format!("broker {id}");
    let (mut walk, stream) = to_broker(target, &named_by, address, access, dialer).await;
    if let Some(connection) = stream {
        connection.close().await;
    }
    if let Some(last) = walk.steps.last_mut().filter(|last| last.outcome == StepOutcome::Failed)
        && matches!(last.step, StepKind::Dns | StepKind::Tcp)
    {
        last.hint = Some(HINT.to_owned());
    }
    walk
}

async fn to_broker(
    target: &Target<'_>,
    named_by: &str,
    address: &str,
    access: &Arc<Access>,
    dialer: Result<&Dialer, &Failure>,
) -> (Walk, Option<BrokerConnection>) {
    let connection = access.told();
    let mut steps = reach(address, connection.tls.as_ref(), Words::LISTENER, connection.timeout).await;
    let mut stream = None;
    if is_there(&steps) {
        match authenticated(address, access, dialer).await {
            Ok((step, open)) => {
                steps.push(step);
                stream = Some(open);
            }
            Err(step) => steps.push(step),
        }
    }
    let (system, address, named_by) = (target.system.to_owned(), address.to_owned(), named_by.to_owned());
    (Walk { system, address, named_by, steps }, stream)
}

async fn authenticated(
    address: &str,
    access: &Arc<Access>,
    dialer: Result<&Dialer, &Failure>,
) -> Result<(Step, BrokerConnection), Step> {
    const STEP: StepKind = StepKind::Authentication;
    let connection = access.told();
    let failed = |failure: &Failure| Step::of_failure(STEP, failure);
    let dialer = dialer.map_err(failed)?;
    if matches!(connection.sasl, Some(Sasl::OauthBearer(_))) {
        access
            .token()
            .await
            .map_err(|failure| Step { told: vec![failure.to_string()], ..Step::of_failure(STEP, &failure) })?;
    }
    let dialed = async {
        let open = dialer.dial(address).await?;
        // Brokers answer which requests they know to everybody. A certificate that they do not take, or none where they want one or
        // SASL, is refused at the first request behind it.
        let nothing = MetadataRequest::for_topics(Vec::new());
        exchange::<_, MetadataResponse>(&open, METADATA, &nothing).await?;
        Ok::<_, krafka::KrafkaError>(open)
    };
    let open = within(connection.timeout, dialed).await;
    match open {
        Ok(open) => Ok((Step::passed(STEP, [shown_as(connection)]), open)),
        Err(error) => Err(failed(&Box::pin(handshake::explained(access, &[address.to_owned()], &error)).await)),
    }
}

/// What we show of ourselves.
fn shown_as(connection: &Connection) -> String {
    match &connection.sasl {
        Some(Sasl::Plain(login)) => format!("SASL PLAIN as {}", login.username),
        Some(Sasl::ScramSha256(login)) => format!("SASL SCRAM-SHA-256 as {}", login.username),
        Some(Sasl::ScramSha512(login)) => format!("SASL SCRAM-SHA-512 as {}", login.username),
        Some(Sasl::OauthBearer(_)) => "SASL OAUTHBEARER with a token".to_owned(),
        None => {
            let identity = connection.tls.as_ref().and_then(|tls| tls.identity.as_ref());
            match identity.map(|identity| Described::first_in(identity.certificate.expose())) {
                Some(Some(own)) => format!("a certificate {}", whose(&own)),
                Some(None) => "a certificate that cannot be read here".to_owned(),
                None => "nothing: the connection is anonymous".to_owned(),
            }
        }
    }
}

async fn authorized(target: &Target<'_>, access: &Access, open: &BrokerConnection) -> (Step, Named) {
    const STEP: StepKind = StepKind::Authorization;
    const TRIED: &str = "describe the cluster";
    let connection = access.told();
    let request = DescribeClusterRequest { include_cluster_authorized_operations: true, ..Default::default() };
    let answer = within(connection.timeout, exchange(open, DESCRIBE_CLUSTER, &request)).await;
    let answer: DescribeClusterResponse = match answer {
        Ok(answer) => answer,
        Err(error) => return (Step::of_failure(STEP, &failure::failure(TRIED, access, &error)), Vec::new()),
    };
    if !answer.error_code.is_ok() {
        let error = krafka::KrafkaError::broker(answer.error_code, answer.error_message.unwrap_or_default());
        let failure = failure::failure(TRIED, access, &error);
        return (Step::of_failure(STEP, &failure), Vec::new());
    }
    let named = answer.brokers.iter().map(|broker| (broker.broker_id, host_and_port(&broker.host, broker.port)));
    let named: Named = named.collect();
    if let Some(pinned) = target.cluster_id.filter(|pinned| *pinned != answer.cluster_id) {
        let told = format!("the brokers belong to cluster {}, not to {pinned}", answer.cluster_id);
        return (Step::failed(STEP, told, "correct `connection`, or the `cluster_id` of the manifest"), named);
    }
    let told = format!("cluster {}", answer.cluster_id);
    (of_operations(told, answer.cluster_authorized_operations), named)
}

/// What an answer's bits say of what may be done with the cluster.
fn of_operations(told: String, bits: i32) -> Step {
    const STEP: StepKind = StepKind::Authorization;
    // The broker was not asked, or does not say.
    if bits == i32::MIN {
        return Step::passed(STEP, [told, "the brokers do not say what may be done".to_owned()]);
    }
    let (may, may_not): (Vec<_>, Vec<_>) =
        OPERATIONS.into_iter().map(|(bit, name)| (bits >> bit & 1 == 1, name)).partition(|(may, _)| *may);
    let names =
        |operations: Vec<(bool, &'static str)>| operations.into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    let (may, may_not) = (names(may), names(may_not));
    let lacking: Vec<&str> = LEAST.into_iter().filter(|name| may_not.contains(name)).collect();
    if !lacking.is_empty() {
        let told = format!("{told}; no plan without {} on the cluster", lacking.join(" and "));
        return Step::failed(STEP, told, "grant busctl's principal what docs/permissions.md lists");
    }
    let mut all = vec![told, format!("on the cluster: {}", may.join(", "))];
    if !may_not.is_empty() {
        all.push(format!("not {}: enough for a plan, and not for every apply", may_not.join(", ")));
    }
    Step::passed(STEP, all)
}

fn requests(open: &BrokerConnection) -> Step {
    let unknown: Vec<String> =
        REQUESTS.iter().filter(|key| open.get_api_version(**key).is_none()).map(|key| format!("{key:?}")).collect();
    if unknown.is_empty() {
        return Step::passed(StepKind::Api, [format!("the broker knows all {} requests of busctl", REQUESTS.len())]);
    }
    let told = format!("the broker does not know {}", unknown.join(", "));
    let hint = "what needs them is not possible there; brokers from Kafka 3.3 on know all";
    Step::passed(StepKind::Api, Vec::new()).warn(told, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bits: &[u32]) -> (StepOutcome, String) {
        let step = of_operations("cluster x".into(), bits.iter().fold(0, |all, bit| all | 1 << bit));
        (step.outcome, step.told.join("; "))
    }

    #[test]
    fn what_may_be_done_decides_whether_there_can_be_a_plan() {
        assert_eq!(
            told(&[8, 10]),
            (
                StepOutcome::Passed,
                "cluster x; on the cluster: Describe, DescribeConfigs; not Create, Alter, AlterConfigs: enough for a plan, \
                 and not for every apply"
                    .to_owned()
            )
        );
        assert_eq!(
            told(&[8]),
            (StepOutcome::Failed, "cluster x; no plan without DescribeConfigs on the cluster".to_owned())
        );
        let step = of_operations("cluster x".into(), i32::MIN);
        assert_eq!(step.outcome, StepOutcome::Passed);
    }
}
