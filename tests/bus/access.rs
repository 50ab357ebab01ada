//! `access` says what a broker with mTLS and its own authorizer does: each answer is tried with the certificate of whom it
//! is about.

use std::path::{Path, PathBuf};
use std::time::Duration;

use busctl::localbus::kafka::{self, ClientCertificate, Listener, Node, Security, Tls, Voter};
use busctl::localbus::ports;
use busctl::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::sample::{acl, apply, assert_settled, connect, create_topic, grant, plain, workspace};
use crate::server::{Server, bus};
use crate::support::certificates::Authority;
use crate::support::workspace::{Scratch, assert_valid};

/// A consumer looks for the coordinator of its group also where it only reads: everybody may use this one.
const NO_GROUP: &str = "access-anybody";

const TOPICS: [&str; 2] = ["access.order.v1", "access.other.v1"];

fn node(authority: &Authority) -> Node {
    let [controller, open, mutual] = ports::choose([None; 3]).unwrap();
    let tls = Tls {
        keystore: authority.issue("broker").keystore,
        truststore: authority.certificate(),
        client_certificate: ClientCertificate::Required,
    };
    let listener = |name: &str, port, security| Listener { name: name.to_owned(), port, security };
    Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller, Security::Plaintext),
        listeners: vec![listener("PLAIN", open, Security::Plaintext), listener("MUTUAL", mutual, Security::Ssl(tls))],
        authorizer: true,
        super_users: ["ANONYMOUS", "CN=busctl"].map(|user| format!("User:{user}")).to_vec(),
        internal_replicas: 1,
        properties: [("auto.create.topics.enable".to_owned(), "false".to_owned())].into(),
    }
}

/// A client with somebody's certificate.
struct Client {
    config: ClientConfig,
}

impl Client {
    fn new(server: &Server, name: &str) -> Self {
        let identity = server.authority.issue(name);
        let file = |path: &Path| path.to_string_lossy().into_owned();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", format!("127.0.0.1:{}", server.node.port("MUTUAL").unwrap()));
        config.set("security.protocol", "ssl").set("ssl.ca.location", file(&server.authority.certificate()));
        config
            .set("ssl.certificate.location", file(&identity.certificate))
            .set("ssl.key.location", file(&identity.key));
        Self { config }
    }

    async fn writes(&self, topic: &str) -> bool {
        let mut config = self.config.clone();
        let producer: FutureProducer = config.set("message.timeout.ms", "20000").create().unwrap();
        match producer.send(FutureRecord::to(topic).partition(0).key("1").payload("x"), Duration::from_secs(20)).await {
            Ok(_) => true,
            Err((error, _)) => refused(error.rdkafka_error_code(), RDKafkaErrorCode::TopicAuthorizationFailed),
        }
    }

    /// Reads the first record.
    fn reads(&self, topic: &str) -> bool {
        let consumer: BaseConsumer = self.config.clone().set("group.id", NO_GROUP).create().unwrap();
        // Who may not even describe a topic is told so here, and nothing later.
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(20)).unwrap();
        if let Some(error) = metadata.topics()[0].error() {
            return refused(Some(error.into()), RDKafkaErrorCode::TopicAuthorizationFailed);
        }
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        consumer.assign(&partitions).unwrap();
        for _ in 0..40 {
            match consumer.poll(Duration::from_millis(500)) {
                Some(Ok(_)) => return true,
                Some(Err(error)) => {
                    return refused(error.rdkafka_error_code(), RDKafkaErrorCode::TopicAuthorizationFailed);
                }
                None => {}
            }
        }
        panic!("nothing came of {topic}");
    }

    /// Commits in a group.
    fn commits(&self, group: &str) -> bool {
        let consumer: BaseConsumer = self.config.clone().set("group.id", group).create().unwrap();
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition_offset(TOPICS[0], 0, Offset::Offset(0)).unwrap();
        for _ in 0..60 {
            match consumer.commit(&partitions, CommitMode::Sync).map_err(|error| error.rdkafka_error_code()) {
                Ok(()) => return true,
                // The group is asked for first, then the topic: who may not read that one may use the group all the same.
                Err(Some(RDKafkaErrorCode::TopicAuthorizationFailed)) => return true,
                Err(Some(RDKafkaErrorCode::WaitingForCoordinator)) => {}
                Err(code) => return refused(code, RDKafkaErrorCode::GroupAuthorizationFailed),
            }
            // Who may not use the group is told so by the search for its coordinator.
            if let Some(Err(error)) = consumer.poll(Duration::from_millis(500)) {
                return refused(error.rdkafka_error_code(), RDKafkaErrorCode::GroupAuthorizationFailed);
            }
        }
        panic!("no coordinator of {group}");
    }
}

fn refused(code: Option<RDKafkaErrorCode>, expected: RDKafkaErrorCode) -> bool {
    assert_eq!(code, Some(expected));
    false
}

/// Whether `access` says that somebody may do something.
fn says(scratch: &Scratch, who: &str, what: &str, operation: &str) -> bool {
    let run = scratch.run(&["access", who, what, "--operation", operation, "--format", "json"]).ended(0);
    let document = run.json();
    assert_valid("access.schema.json", &document);
    let entries = document["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{document:#}");
    entries[0]["allowed"].as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_be_allowed_is_allowed_and_nothing_else() {
    let server = Server::start(node).await;
    let scratch = workspace(bus().await, "access");
    let own: PathBuf = server.authority.issue("busctl").keystore;
    let mutual = plain(server.node.port("MUTUAL").unwrap());
    scratch.write("ca.pem", std::fs::read(server.authority.certificate()).unwrap());
    connect(
        &scratch,
        "access",
        &format!("{mutual}  tls: {{ ca: file:ca.pem, certificate: \"file:{}\" }}\n", own.display()),
    );
    scratch.edit("clusters/main.yaml", "User:access-*", "User:CN=access-*");
    scratch.edit("clusters/main.yaml", "environment: dev\n", "environment: dev\nprincipal: \"User:CN={service}\"\n");
    scratch.edit("clusters/main.yaml", "\"User:admin\", \"User:ANONYMOUS\"", "\"User:CN=busctl\", \"User:ANONYMOUS\"");
    apply(&scratch);
    assert_settled(&scratch);
    let hand = server.hand().await;
    create_topic(&hand, TOPICS[1], 1, &[]).await;
    let by_hand = [
        acl("CN=stranger", AclResourceType::Topic, "access.*", AclOperation::Read),
        acl("CN=stranger", AclResourceType::Group, "*", AclOperation::Read),
        Acl {
            permission: AclPermission::Deny,
            ..acl("CN=stranger", AclResourceType::Topic, TOPICS[0], AclOperation::Read)
        },
        acl("CN=access-reader", AclResourceType::Topic, TOPICS[1], AclOperation::Write),
        acl("*", AclResourceType::Topic, TOPICS[1], AclOperation::Describe),
        acl("*", AclResourceType::Group, NO_GROUP, AclOperation::Read),
    ];
    grant(&hand, &by_hand).await;

    // Each topic has a record to be read.
    for topic in TOPICS {
        assert!(Client::new(&server, "busctl").writes(topic).await);
    }
    let clients = ["access-writer", "access-reader", "stranger", "nobody", "busctl"];
    let clients = clients.map(|who| (who, Client::new(&server, who)));
    // Whoever is refused is waited for; so all are tried at once.
    let runtime = tokio::runtime::Handle::current();
    let scratch = &scratch;
    let tried = |(who, client): (&str, &Client)| {
        let principal = format!("User:CN={who}");
        let mut allowed = 0;
        for topic in TOPICS {
            let (writes, reads) = (runtime.block_on(client.writes(topic)), client.reads(topic));
            assert_eq!(says(scratch, &principal, topic, "write"), writes, "{who} writes {topic}");
            assert_eq!(says(scratch, &principal, topic, "read"), reads, "{who} reads {topic}");
            allowed += usize::from(writes) + usize::from(reads);
        }
        for group in ["group/access-reader", "group/others"] {
            let commits = client.commits(group.trim_start_matches("group/"));
            assert_eq!(says(scratch, &principal, group, "read"), commits, "{who} in {group}");
            allowed += usize::from(commits);
        }
        allowed
    };
    let allowed: usize = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let running: Vec<_> =
                clients.iter().map(|(who, client)| scope.spawn(move || tried((who, client)))).collect();
            running.into_iter().map(|of| of.join().unwrap()).sum()
        })
    });
    assert_eq!(allowed, 13);

    let told = scratch.run(&["access", TOPICS[0], "--operation", "read"]).ended(0);
    told.shows(&["User:CN=access-reader", "allowed by name", "acls/reader.yaml:2:", "denied by name", "super user"]);
    let told = scratch.run(&["access", "access-reader"]).ended(0);
    told.shows(&["topic access.other.v1", "no manifest: the next apply takes it away", "as everybody"]);
    // What is not asked for goes with the next apply, and the answer follows.
    apply(scratch);
    assert!(!says(scratch, "access-reader", TOPICS[1], "write"));
    assert!(!Client::new(&server, "access-reader").writes(TOPICS[1]).await);
}
