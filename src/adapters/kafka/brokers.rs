//! Connections to the brokers, for requests that any broker answers.
//!
//! A broker works on one request of a connection at a time, and krafka's own client has one connection to each broker
//! and begins with the metadata of every topic. Reading an estate of thousands of topics takes more connections and no
//! request twice, so that reads go over krafka's connections directly (its feature `internal`; its version is pinned).

use std::collections::HashMap;
use std::future::Future;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use krafka::__private::network::{BrokerConnection, ConnectionConfig};
use krafka::__private::protocol::{
    ApiKey, MetadataRequest, MetadataResponse, VersionedDecode, VersionedEncode, versions,
};
use krafka::{KrafkaError, ProtocolErrorKind};
use tokio::sync::Mutex;

use super::access::Access;
use super::security;
use crate::ports::connection::Connection;

/// Connections over which reads are spread where there are fewer brokers. More than two hardly help: a broker that
/// describes configs is bound by its processors.
const LANES: usize = 4;

/// How often it is looked whether a connection stands on which an answer is waited for.
const LOOK_WHETHER_ALIVE: Duration = Duration::from_millis(100);

/// After which part of the timeout a connection that has not come about is opened a second time.
const PART_OF_A_DIAL: u32 = 3;

/// The turn of what is read beside the topics, and may take a while, so that they do not wait for it.
pub(super) const BESIDE_TOPICS: usize = 1;

/// An API of the protocol and the versions of it that are understood here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Api {
    pub(super) key: ApiKey,
    pub(super) min: i16,
    pub(super) max: i16,
}

pub(super) const METADATA: Api =
    Api { key: ApiKey::Metadata, min: versions::METADATA_MIN, max: versions::METADATA_MAX };

/// The brokers of a cluster.
pub(super) struct Brokers {
    lanes: Vec<Lane>,
    /// Connections for requests that one broker alone can answer, by address. Opened when they are first needed.
    own: Mutex<HashMap<String, Arc<Lane>>>,
    dialer: Dialer,
    timeout: Duration,
}

/// Opens connections, each with the secrets as they are then.
pub(super) struct Dialer {
    access: Arc<Access>,
    /// The last settings with what they were made from.
    config: Mutex<(Arc<Connection>, ConnectionConfig)>,
}

impl Dialer {
    pub(super) async fn new(access: &Arc<Access>) -> krafka::Result<Self> {
        let now = access.now().await;
        let config = config(&now, access).await?;
        Ok(Self { access: access.clone(), config: Mutex::new((now, config)) })
    }

    /// Looks at the secrets ahead of a request, which may need a new connection: where they are kept has no part of the
    /// brokers' time.
    async fn look_again(&self) {
        self.access.now().await;
    }

    async fn config(&self) -> ConnectionConfig {
        let now = self.access.now().await;
        let mut last = self.config.lock().await;
        if last.0 != now
            && let Ok(config) = config(&now, &self.access).await
        {
            *last = (now, config);
        }
        last.1.clone()
    }

    /// Opens a connection, and a second one beside it where nothing comes of it for a part of the time: its first request may be lost
    /// as [`while_it_stands`] tells.
    pub(super) async fn dial(&self, address: &str) -> krafka::Result<BrokerConnection> {
        let config = self.config().await;
        // They are large, and every request may have to connect.
        let connect = || Box::pin(BrokerConnection::connect(address, config.clone()));
        let again = async {
            tokio::time::sleep(self.access.told().timeout / PART_OF_A_DIAL).await;
            connect().await
        };
        let mut first = connect();
        tokio::select! {
            connection = &mut first => connection,
            // A second one that is refused says nothing of the first.
            second = again => match second {
                Ok(connection) => Ok(connection),
                Err(_) => first.await,
            },
        }
    }
}

async fn config(connection: &Connection, access: &Arc<Access>) -> krafka::Result<ConnectionConfig> {
    let mut config = ConnectionConfig::builder()
        .client_id(super::CLIENT_ID)
        .connect_timeout(connection.timeout)
        .request_timeout(connection.timeout)
        .auth(security::auth(connection, access))
        .build()?;
    config.init_tls().await?;
    Ok(config)
}

/// A connection that is opened when it is first needed, and again when it was lost.
struct Lane {
    address: String,
    connection: Mutex<Option<Arc<BrokerConnection>>>,
}

impl Brokers {
    /// Connects to the first of the bootstrap brokers that answers and asks it who the others are.
    pub(super) async fn connect(access: &Arc<Access>) -> krafka::Result<Self> {
        let timeout = access.told().timeout;
        let dialer = Dialer::new(access).await?;
        let (address, seed) = within(timeout, first_to_answer(&access.told().bootstrap, &dialer)).await?;
        let no_topics = MetadataRequest::for_topics(Vec::new());
        let metadata: MetadataResponse = within(timeout, exchange(&seed, METADATA, &no_topics)).await?;
        let advertised: Vec<String> =
            metadata.brokers.iter().map(|broker| host_and_port(&broker.host, broker.port)).collect();
        let lanes = lanes(address, seed, &advertised);
        Ok(Self { lanes, own: Mutex::default(), dialer, timeout })
    }

    /// How many requests can be worked on at the same time.
    pub(super) fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Asks a broker. Requests with different `turn`s go over different connections. Where a broker is lost, the others
    /// are tried.
    pub(super) async fn ask<Q, A>(&self, turn: usize, api: Api, request: &Q) -> krafka::Result<A>
    where
        Q: VersionedEncode + Sync,
        A: VersionedDecode,
    {
        self.on_any(turn, |connection| async move { exchange(&connection, api, request).await }).await
    }

    /// Asks the broker at this address and no other.
    pub(super) async fn ask_at<Q, A>(&self, address: &str, api: Api, request: &Q) -> krafka::Result<A>
    where
        Q: VersionedEncode + Sync,
        A: VersionedDecode,
    {
        self.on(address, |connection| async move { exchange(&connection, api, request).await }).await
    }

    /// Runs `question` on a connection to the broker at this address.
    pub(super) async fn on<A, F, Fut>(&self, address: &str, question: F) -> krafka::Result<A>
    where
        F: Fn(Arc<BrokerConnection>) -> Fut,
        Fut: Future<Output = krafka::Result<A>>,
    {
        let asking = async {
            let lane = {
                let mut own = self.own.lock().await;
                own.entry(address.to_owned()).or_insert_with(|| Arc::new(Lane::new(address.to_owned()))).clone()
            };
            question(lane.open(&self.dialer).await?).await
        };
        self.dialer.look_again().await;
        within(self.timeout, asking).await
    }

    /// Opens one more connection to the broker at this address.
    pub(super) async fn dial(&self, address: &str) -> krafka::Result<BrokerConnection> {
        self.dialer.dial(address).await
    }

    /// A connection to whichever broker can be reached.
    pub(super) async fn open_any(&self) -> krafka::Result<Arc<BrokerConnection>> {
        self.on_any(0, |connection| async move { Ok(connection) }).await
    }

    /// Runs `question` on a connection; where that is lost, on one to another broker.
    pub(super) async fn on_any<A, F, Fut>(&self, turn: usize, question: F) -> krafka::Result<A>
    where
        F: Fn(Arc<BrokerConnection>) -> Fut,
        Fut: Future<Output = krafka::Result<A>>,
    {
        let asking = async {
            let mut last = KrafkaError::closed("there is no broker");
            let mut lost: Vec<&str> = Vec::new();
            for step in 0..self.lanes.len() {
                let lane = &self.lanes[(turn + step) % self.lanes.len()];
                if lost.contains(&lane.address.as_str()) {
                    continue;
                }
                let answer = match lane.open(&self.dialer).await {
                    Ok(connection) => question(connection).await,
                    Err(error) => Err(error),
                };
                match answer {
                    Err(error @ (KrafkaError::Network(_) | KrafkaError::Timeout { .. })) => last = error,
                    answer => return answer,
                }
                lost.push(&lane.address);
            }
            Err(last)
        };
        self.dialer.look_again().await;
        within(self.timeout, asking).await
    }
}

impl Lane {
    fn new(address: String) -> Self {
        Self { address, connection: Mutex::default() }
    }

    async fn open(&self, dialer: &Dialer) -> krafka::Result<Arc<BrokerConnection>> {
        let mut slot = self.connection.lock().await;
        match &*slot {
            Some(connection) if connection.is_usable() => Ok(connection.clone()),
            _ => {
                let connection = Arc::new(dialer.dial(&self.address).await?);
                Ok(slot.insert(connection).clone())
            }
        }
    }
}

/// The seed's connection first, then one to each other broker, then more to each until there are enough.
fn lanes(seed_address: String, seed: BrokerConnection, advertised: &[String]) -> Vec<Lane> {
    let others = advertised.iter().filter(|address| **address != seed_address).cloned();
    let mut lanes = vec![Lane { address: seed_address.clone(), connection: Mutex::new(Some(Arc::new(seed))) }];
    lanes.extend(others.map(Lane::new));
    let again = if advertised.is_empty() { vec![seed_address] } else { advertised.to_vec() };
    let missing = LANES.saturating_sub(lanes.len());
    lanes.extend(again.into_iter().cycle().take(missing).map(Lane::new));
    lanes
}

pub(super) fn host_and_port(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

pub(super) async fn within<T>(timeout: Duration, work: impl Future<Output = krafka::Result<T>>) -> krafka::Result<T> {
    match tokio::time::timeout(timeout, work).await {
        Ok(result) => result,
        Err(_) => Err(KrafkaError::timeout(format!("no answer within {timeout:?}"))),
    }
}

/// All at once, because one that does not answer must not use up the time of the others.
async fn first_to_answer(bootstrap: &[String], dialer: &Dialer) -> krafka::Result<(String, BrokerConnection)> {
    let mut attempts: FuturesUnordered<_> =
        bootstrap.iter().map(|address| async move { (address, dialer.dial(address).await) }).collect();
    let mut telling: Option<KrafkaError> = None;
    while let Some((address, attempt)) = attempts.next().await {
        match attempt {
            Ok(connection) => return Ok((address.clone(), connection)),
            // A broker that refuses us says more than one that is not there.
            Err(error) if telling.is_none() || matches!(error, KrafkaError::Auth { .. }) => telling = Some(error),
            Err(_) => {}
        }
    }
    Err(telling.unwrap_or_else(|| KrafkaError::config("no bootstrap broker is given")))
}

/// The answer to a request, or that the connection was lost. krafka itself never ends a request that is sent at the very moment in which
/// its connection ends: it stays in the queue of that connection, which whoever waits for the answer keeps alive.
pub(super) async fn while_it_stands<T>(
    connection: &BrokerConnection,
    asking: impl Future<Output = krafka::Result<T>>,
) -> krafka::Result<T> {
    let ended = async {
        while connection.is_alive() {
            tokio::time::sleep(LOOK_WHETHER_ALIVE).await;
        }
    };
    tokio::pin!(asking);
    tokio::select! {
        answer = &mut asking => answer,
        // What was answered before it ended is there by then.
        () = ended => asking.now_or_never().unwrap_or_else(|| {
            Err(KrafkaError::network(std::io::Error::new(ErrorKind::ConnectionReset, "connection closed")))
        }),
    }
}

/// The highest version of an API that both sides know.
pub(super) fn negotiate(connection: &BrokerConnection, api: Api) -> krafka::Result<i16> {
    connection.negotiate_api_version(api.key, api.max, api.min).ok_or_else(|| {
        let message = format!("the broker does not know {:?} in version {} to {}", api.key, api.min, api.max);
        KrafkaError::protocol_kind(ProtocolErrorKind::UnknownApiVersion, message)
    })
}

pub(super) async fn exchange<Q, A>(connection: &BrokerConnection, api: Api, request: &Q) -> krafka::Result<A>
where
    Q: VersionedEncode,
    A: VersionedDecode,
{
    let version = negotiate(connection, api)?;
    let asking = connection.send_request(api.key, version, |buffer| request.encode_versioned(version, buffer));
    let mut answer = while_it_stands(connection, asking).await?;
    A::decode_versioned(version, &mut answer)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A broker that says that it knows no request, and ends each connection at once.
    async fn short() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut asked = [0; 1024];
                    let _ = stream.read(&mut asked).await;
                    let (length, nothing) = ([0, 0, 0, 15], [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
                    let _ = stream.write_all(&[&length[..], &asked[8..12], &nothing].concat()).await;
                });
            }
        });
        address
    }

    /// No answer comes, and the end of the connection may be at any moment of the request.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_request_on_a_connection_that_ends_is_never_waited_for() {
        let broker = short().await.to_string();
        let config = ConnectionConfig::default();
        for _ in 0..2000 {
            let connection = BrokerConnection::connect(&broker, config.clone()).await.expect("a connection");
            let asking = connection.send_request(ApiKey::Metadata, 9, |_| Ok(()));
            let answer = while_it_stands(&connection, asking).await;
            assert!(matches!(answer, Err(KrafkaError::Network(_))), "{answer:?}");
        }
    }
}
