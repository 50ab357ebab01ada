//! The active controller, which may be asked for what a broker that is down does not take (KIP-919).

use std::time::Duration;

use krafka::__private::protocol::{VersionedDecode, VersionedEncode};
use krafka::KrafkaError;

use super::KafkaClient;
use super::brokers::{Api, host_and_port};

/// Controllers are often out of reach for clients, and a network that drops what is sent to them must not hold up the rest.
const PATIENCE: Duration = Duration::from_secs(5);

impl KafkaClient {
    /// Asks the active controller, where it can be reached in the same way as the brokers. Where that is they tell (KIP-853).
    pub(super) async fn ask_controller<Q, A>(&self, api: Api, request: &Q) -> krafka::Result<A>
    where
        Q: VersionedEncode + Sync,
        A: VersionedDecode,
    {
        let asked = async {
            let address = self.address_of_controller().await?;
            self.brokers.ask_at(&address, api, request).await
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(KrafkaError::timeout(format!("the controller did not answer within {PATIENCE:?}"))),
        }
    }

    async fn address_of_controller(&self) -> krafka::Result<String> {
        let quorum = self.describe_quorum().await?;
        let leader =
            quorum.topics.iter().flat_map(|topic| &topic.partitions).map(|partition| partition.leader_id).next();
        let node = quorum.nodes.iter().find(|node| Some(node.node_id) == leader);
        let listener = node.and_then(|node| node.listeners.first());
        let listener = listener.ok_or_else(|| KrafkaError::closed("where the controller is reached is not told"))?;
        Ok(host_and_port(&listener.host, listener.port.into()))
    }
}
