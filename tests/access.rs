//! The simulated authorizer against a real broker: random ACLs are set on it, real clients ask what they may do, and
//! each answer must be the simulation's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use busctl::adapters::kafka::KafkaClient;
use busctl::localbus::kafka::{self, ClientSecurity, Kafka, Listener, Logins, Node, Security, Voter};
use busctl::localbus::progress::Silent;
use busctl::localbus::{Host, Login, Watchdog, ports};
use busctl::model::{PatternType, Principal, Secret};
use busctl::ports::connection::{self, Connection, Sasl};
use busctl::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType, KafkaAdmin, NewTopic};
use busctl::resources::acl::access::{Authorizer, AuthorizerSettings, CLUSTER, Operations, Target};
use krafka::admin::{AdminClient, DescribeClusterOptions, DescribeConsumerGroupsOptions};
use krafka::consumer::TopicPartition;
use krafka::error::ErrorCode;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const TOPICS: [&str; 9] = ["a", "a.b", "a.b.c", "a.bc", "ab", "b", "b.a", "b_a", "c"];
const GROUPS: [&str; 4] = ["a", "a.b", "ab", "c"];
const PATTERNS: [&str; 9] = ["a", "a.", "a.b", "a.b.c", "ab", "b", "b.a", "c", "*"];
const LOGINS: [&str; 4] = ["admin", "alpha", "beta", "Alpha"];
const ROUNDS: usize = 25;
/// Where the clients of this test come from, as the broker sees it.
const HOST: &str = "127.0.0.1";

#[tokio::test(flavor = "multi_thread")]
async fn a_real_broker_decides_as_the_simulation_where_no_acl_means_no_access() {
    compare(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_broker_decides_as_the_simulation_where_no_acl_means_open_to_everybody() {
    compare(true).await;
}

async fn compare(open: bool) {
    let broker = Broker::start(open).await;
    let settings =
        AuthorizerSettings { super_users: BTreeSet::from([principal("admin")]), allow_everyone_if_no_acl_found: open };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[u8::from(open); 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let (mut compared, mut allowed) = (0, 0);
    for round in 0..ROUNDS {
        let acls = proptest::collection::btree_set(acl(), 0..14).new_tree(&mut runner).unwrap().current();
        broker.set_acls(&acls).await;
        let authorizer = Authorizer::new(&acls, &settings);
        for (login, client) in &broker.clients {
            for (resource, name, answered) in answers(client).await {
                let simulated = authorizer.operations(&principal(login), HOST, resource, Target::Name(&name));
                // Who may not describe a resource is not told what else is allowed.
                let simulated = match simulated.contains(AclOperation::Describe) {
                    true => simulated,
                    false => Operations::NONE,
                };
                for operation in Operations::of(resource).iter() {
                    let (is, should) = (simulated.contains(operation), answered.contains(operation));
                    assert_eq!(
                        is, should,
                        "round {round}: the simulation says {is} and the broker {should} to {login}, who asks for \
                         {operation} on {resource} {name}, with {acls:#?}"
                    );
                    compared += 1;
                    allowed += usize::from(is);
                }
            }
        }
    }
    // A comparison in which nearly everything is refused, or allowed, would show little.
    assert!(compared > 5_000 && allowed > compared / 5 && allowed < compared * 9 / 10, "{allowed} of {compared}");
}

/// What a client may do with each topic and group and with the cluster, as the broker tells it.
async fn answers(client: &AdminClient) -> Vec<(AclResourceType, String, Operations)> {
    let mut answers = Vec::new();
    let topics = client.describe_topics(TOPICS, Default::default()).await.unwrap();
    assert_eq!(topics.len(), TOPICS.len());
    for (name, answer) in topics {
        let answer = answer.map(|topic| topic.authorized_operations.unwrap());
        answers.push((AclResourceType::Topic, name, told(answer, ErrorCode::TopicAuthorizationFailed)));
    }
    let options = DescribeConsumerGroupsOptions::default().include_authorized_operations(true);
    let groups = client.describe_consumer_groups(GROUPS, options).await.unwrap();
    assert_eq!(groups.len(), GROUPS.len());
    for (name, answer) in groups {
        let answer = answer.map(|group| group.authorized_operations.unwrap());
        answers.push((AclResourceType::Group, name, told(answer, ErrorCode::GroupAuthorizationFailed)));
    }
    let options = DescribeClusterOptions::default().include_authorized_operations(true);
    let cluster = client.describe_cluster(options).await.unwrap();
    let operations = told(Ok(cluster.authorized_operations.unwrap()), ErrorCode::ClusterAuthorizationFailed);
    answers.push((AclResourceType::Cluster, CLUSTER.to_owned(), operations));
    answers
}

/// The operations of an answer: Kafka's codes of them are the places of bits.
fn told(answer: Result<i32, krafka::KrafkaError>, refused: ErrorCode) -> Operations {
    use AclOperation::{
        Alter, AlterConfigs, ClusterAction, Create, Delete, Describe, DescribeConfigs, IdempotentWrite, Read, Write,
    };
    let bits = match answer {
        Ok(bits) => bits,
        Err(krafka::KrafkaError::Broker { code, .. }) if code == refused => return Operations::NONE,
        Err(error) => panic!("{error}"),
    };
    let codes = [
        (3, Read),
        (4, Write),
        (5, Create),
        (6, Delete),
        (7, Alter),
        (8, Describe),
        (9, ClusterAction),
        (10, DescribeConfigs),
        (11, AlterConfigs),
        (12, IdempotentWrite),
    ];
    let told: Vec<AclOperation> =
        codes.into_iter().filter(|(code, _)| bits & (1 << code) != 0).map(|(_, operation)| operation).collect();
    let known = codes.iter().fold(0, |known, (code, _)| known | 1 << code);
    assert_eq!(bits & !known, 0, "the broker told an operation that is not known here");
    Operations::these(&told)
}

fn acl() -> impl Strategy<Value = Acl> {
    let operations = |resource| {
        let mut operations: Vec<AclOperation> = Operations::of(resource).iter().collect();
        operations.push(AclOperation::All);
        select(operations)
    };
    let names = (select(PATTERNS.to_vec()), select(vec![PatternType::Literal, PatternType::Prefixed]));
    let what = prop_oneof![
        6 => (Just(AclResourceType::Topic), names.clone(), operations(AclResourceType::Topic)),
        3 => (Just(AclResourceType::Group), names, operations(AclResourceType::Group)),
        1 => (
            Just(AclResourceType::Cluster),
            Just((CLUSTER, PatternType::Literal)),
            operations(AclResourceType::Cluster)
        ),
    ];
    (
        what,
        select(vec!["alpha", "alpha", "beta", "Alpha", "*", "stranger"]),
        select(vec!["*", "*", "*", HOST, "127.0.0.2"]),
        select(vec![AclPermission::Allow, AclPermission::Allow, AclPermission::Deny]),
    )
        .prop_map(|((resource, (name, pattern), operation), who, host, permission)| Acl {
            resource,
            name: name.into(),
            // A prefix of an asterisk means names that nothing has.
            pattern: if name == "*" { PatternType::Literal } else { pattern },
            principal: principal(who),
            host: host.to_owned().into(),
            operation,
            permission,
        })
}

fn principal(name: &str) -> Principal {
    format!("User:{name}").parse().unwrap()
}

/// A broker of its own, with the topics and groups that are asked for.
struct Broker {
    admin: KafkaClient,
    clients: BTreeMap<&'static str, AdminClient>,
    _watchdog: Watchdog,
    // Dropped last: the watchdog has emptied it by then.
    _temporary: tempfile::TempDir,
}

impl Broker {
    async fn start(open: bool) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path().canonicalize().unwrap().join("broker");
        std::fs::create_dir(&directory).unwrap();
        let log = directory.join("broker.log");
        let host = Host::from_environment().unwrap();
        let kafka = Kafka::obtain(&host, &kafka::DEFAULT_VERSION.parse().unwrap(), &Silent).await.unwrap();
        let [port, controller] = ports::choose([None; 2]).unwrap();
        let logins =
            LOGINS.map(|name| Login { name: name.to_owned(), password: Secret::new(format!("{name}-secret")) });
        let home = directory.join("node");
        let watchdog = Watchdog::over(&directory).unwrap();
        kafka.prepare(&node(open, [port, controller], &logins), &home).await.unwrap();
        let process = kafka.start(&home, &log).unwrap();
        watchdog.watch(process.pid);
        let bootstrap = format!("{HOST}:{port}");
        let security = ClientSecurity::SaslPlaintext(logins[0].clone());
        let patience = Duration::from_secs(120);
        kafka::wait_until_ready("the broker", &bootstrap, &security, 1, &process, &log, patience).await.unwrap();
        let mut clients = BTreeMap::new();
        for (name, login) in LOGINS.into_iter().zip(&logins) {
            let security = krafka::auth::AuthConfig::sasl_plain(&login.name, login.password.expose());
            let client = krafka::Kafka::builder(&bootstrap).security(security).connect().await.unwrap();
            clients.insert(name, client.admin());
        }
        let own = connection::Login { username: "admin".to_owned(), password: logins[0].password.clone() };
        let admin = KafkaClient::connect(Connection {
            bootstrap: vec![bootstrap],
            tls: None,
            sasl: Some(Sasl::Plain(own)),
            timeout: Duration::from_secs(30),
        });
        let broker = Self { admin: admin.await.unwrap(), clients, _watchdog: watchdog, _temporary: temporary };
        broker.create_topics_and_groups().await;
        broker
    }

    async fn create_topics_and_groups(&self) {
        let topics = TOPICS.map(|name| NewTopic {
            name: name.parse().unwrap(),
            partitions: 1,
            replication_factor: 1,
            configs: BTreeMap::new(),
        });
        for outcome in self.admin.create_topics(&topics, false).await {
            outcome.unwrap();
        }
        // A group is there once it has an offset. Brokers serve a new topic a moment after it was created.
        for group in GROUPS {
            wait_until("the group has an offset", async || {
                let offset = [(TopicPartition::new("c", 0), 0)];
                let answer =
                    self.clients["admin"].alter_consumer_group_offsets(group, offset, Default::default()).await;
                answer.is_ok_and(|partitions| partitions.values().all(Result::is_ok))
            })
            .await;
        }
        wait_until("the broker serves the topics", async || {
            let answer = self.clients["admin"].describe_topics(TOPICS, Default::default()).await;
            answer.is_ok_and(|topics| topics.values().all(Result::is_ok))
        })
        .await;
    }

    /// Makes these the ACLs of the broker, and waits until it decides by them: it lists them from where it decides.
    async fn set_acls(&self, acls: &BTreeSet<Acl>) {
        let before = self.admin.acls().await.unwrap();
        let removed: Vec<Acl> = before.iter().filter(|acl| !acls.contains(acl)).cloned().collect();
        let added: Vec<Acl> = acls.iter().filter(|acl| !before.contains(acl)).cloned().collect();
        for outcome in self.admin.delete_acls(&removed).await.into_iter().chain(self.admin.create_acls(&added).await) {
            outcome.unwrap();
        }
        wait_until("the broker has the ACLs", async || {
            self.admin.acls().await.unwrap().into_iter().collect::<BTreeSet<_>>() == *acls
        })
        .await;
    }
}

async fn wait_until(what: &str, holds: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < deadline, "not yet after a minute: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn node(open: bool, [port, controller]: [u16; 2], logins: &[Login]) -> Node {
    let listener = |name: &str, port: u16, all: &[Login]| Listener {
        name: name.into(),
        port,
        security: Security::SaslPlaintext(Logins { own: logins[0].clone(), all: all.to_vec() }),
    };
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller, &logins[..1]),
        listeners: vec![listener("CLIENT", port, logins)],
        authorizer: true,
        super_users: vec!["User:admin".to_owned()],
        internal_replicas: 1,
        properties: BTreeMap::from([
            ("auto.create.topics.enable".to_owned(), "false".to_owned()),
            ("allow.everyone.if.no.acl.found".to_owned(), open.to_string()),
        ]),
    }
}
