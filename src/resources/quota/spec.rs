use crate::model::{Frequency, Rate, Share};
use crate::resources::topic::State;
use crate::source::{Spanned, manifest};

use super::{Limits, QuotaKey};

manifest! {
    "a quota"
    /// Client quotas of the service's principals, for each broker.
    pub struct QuotaSpec {
        /// What it may write to each broker.
        produce: Option<Spanned<Rate>>,
        /// What it may read from each broker.
        consume: Option<Spanned<Rate>>,
        /// What it may use of each broker's request handler and network threads.
        request: Option<Spanned<Share>>,
        /// How many partitions it may create and delete in a second, in the cluster as a whole.
        mutations: Option<Spanned<Frequency>>,
    }
}

manifest! {
    "a quota of a cluster"
    /// A quota of somebody who is no service. `<default>` as a name is whoever has no quota of its own.
    pub struct ClusterQuotaSpec {
        /// A user: the name of its principal without `User:`.
        user: Option<Spanned<String>>,
        /// What clients call themselves (`client.id`); beside `user`, the clients of this user alone.
        client_id: Option<Spanned<String>>,
        /// An address that clients connect from.
        ip: Option<Spanned<String>>,
        /// `absent` takes the quota away; an entry that is gone leaves it.
        state: Option<Spanned<State>>,
        /// What it may write to each broker.
        produce: Option<Spanned<Rate>>,
        /// What it may read from each broker.
        consume: Option<Spanned<Rate>>,
        /// What it may use of each broker's request handler and network threads.
        request: Option<Spanned<Share>>,
        /// How many partitions it may create and delete in a second, in the cluster as a whole.
        mutations: Option<Spanned<Frequency>>,
        /// How many it may open to each broker in a second; of an address alone.
        connections: Option<Spanned<Frequency>>,
    }
}

impl QuotaSpec {
    /// What it says, as Kafka counts it.
    pub fn limits(&self) -> Limits {
        let Self { produce, consume, request, mutations } = *self;
        limits_of([produce, consume], request, [mutations, None])
    }
}

impl ClusterQuotaSpec {
    /// Whether the quota is to be gone (`state: absent`).
    pub fn is_absent(&self) -> bool {
        self.state.is_some_and(|state| state.value == State::Absent)
    }

    /// What it says, as Kafka counts it.
    pub fn limits(&self) -> Limits {
        limits_of([self.produce, self.consume], self.request, [self.mutations, self.connections])
    }
}

fn limits_of(
    rates: [Option<Spanned<Rate>>; 2],
    share: Option<Spanned<Share>>,
    frequencies: [Option<Spanned<Frequency>>; 2],
) -> Limits {
    let [produce, consume] = rates.map(|rate| rate.map(|rate| rate.map(|rate| rate.0 as f64)));
    let [mutations, connections] = frequencies.map(|times| times.map(|times| times.map(|times| times.0)));
    let request = share.map(|share| share.map(|share| share.0));
    let all = [
        (QuotaKey::ProducerByteRate, produce),
        (QuotaKey::ConsumerByteRate, consume),
        (QuotaKey::RequestPercentage, request),
        (QuotaKey::ControllerMutationRate, mutations),
        (QuotaKey::ConnectionCreationRate, connections),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}
