//! Findings and plans like those of a real bus.

use std::collections::BTreeMap;

use crate::apply::{ApplyReport, Audit, AuditFilter, Outcome, Unthrottled};
use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Kind, PatternType, Risk, Timestamp};
pub use crate::plan::samples::plan_of;
use crate::plan::{
    AccessChange, Action, AttributedBy, Attribution, Change, Drift, FieldChange, FieldValue, Incomplete, Measured,
    MeasuredGroup, MeasuredMember, NotUndone, Plan, PlanFinding, Selected, Unmanaged, Verification, VerificationState,
};
use crate::ports::journal::{Event, EventStatus, Origin, Phase, SetThrottle, Throttled, Unmasked};
use crate::ports::kafka::{AclOperation, AclResourceType};
use crate::ports::{Failure, FailureKind};
use crate::render::show::{
    ShownBrokers, ShownCluster, ShownOrigin, ShownQuota, ShownScramUser, ShownTopic, ShownValue,
};
use crate::source::{Place, Sources, Span};

pub const TOPIC: &str = "\
topic: media.raw_ingest.v1
class: raw
description: One record for each asset that the ingest gateway accepted.
partition: 24
producers: [ingest-gatway]
config: { retention.ms: 30 dogs, max.message.bytes: 2MiB }
";

/// A topic with mistakes, the file of a service, and what is found in them.
pub fn findings() -> (Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let topic = sources.add("topics/media/media.raw_ingest.v1.yaml", TOPIC);
    let service = sources.add("acls/ingest-gateway.yaml", "service: ingest-gateway\nproduces: [media.raw_ingest.v1]\n");
    let empty = sources.add("catalog/teams.yaml", "");
    let at = |file, text: &str, word: &str| {
        let start = text.find(word).expect("the word is in the text");
        Span::new(file, start, start + word.len())
    };
    let service_text = sources.file(service).text.clone();
    let findings = vec![
        Diagnostic::new("BUS501", "`media.raw_ingest.v1` has 1 replica and needs 2 in sync")
            .resource("topic/media.raw_ingest.v1")
            .cluster("staging"),
        Diagnostic::new("BUS102", "unknown key `partition`")
            .at(at(topic, TOPIC, "partition"), "")
            .help("did you mean `partitions`?")
            .resource("topic/media.raw_ingest.v1"),
        Diagnostic::new("BUS401", "`ingest-gateway` asks for a topic whose owner does not name it")
            .level(Level::Warn)
            .at(at(service, &service_text, "media.raw_ingest.v1"), "asked for here")
            .at(at(topic, TOPIC, "ingest-gatway"), "the owner names these producers")
            .help("add `ingest-gateway` to `producers`"),
        Diagnostic::new("BUS103", "`retention.ms`: `30 dogs` is not a time")
            .at(at(topic, TOPIC, "30 dogs"), "")
            .at(at(topic, TOPIC, "class: raw"), "the class keeps 30d")
            .help("write a time such as 30d, or unlimited")
            .cluster("dev"),
        Diagnostic::new("BUS001", "the file is empty").level(Level::Info).at(Span::whole(empty), ""),
        Diagnostic::new("BUS002", "switched off").level(Level::Off).at(Span::whole(topic), ""),
    ];
    (findings, sources)
}

fn place(file: &str, line: u32, column: u32) -> Option<Place> {
    Some(Place { file: file.into(), line, column })
}

fn field(name: &str, before: Option<FieldValue>, after: Option<FieldValue>, line: u32) -> FieldChange {
    let place = after.as_ref().filter(|after| after.source.is_none()).map(|_| Place {
        file: "topics/media/media.ingested.v1.yaml".into(),
        line,
        column: 12,
    });
    FieldChange { field: name.into(), before, after, place }
}

pub fn change(address: Address, action: Action, risk: Risk, fields: Vec<FieldChange>) -> Change {
    let place = place("topics/media/media.ingested.v1.yaml", 1, 8);
    Change { risk, place, ..crate::plan::samples::change(address, action, fields) }
}

pub fn grant(service: &str, resource: &str, operations: &[&str]) -> Change {
    let fields = operations.iter().map(|operation| FieldChange {
        field: format!("User:CN={service} {operation}"),
        before: None,
        after: Some(FieldValue::plain("allow")),
        place: place(&format!("acls/{service}.yaml"), 2, 3),
    });
    let mut change = change(Address::grant(service, resource), Action::Create, Risk::Safe, fields.collect());
    change.verification = Verification::unverifiable("brokers have no validate-only request for ACLs");
    change.place = place(&format!("acls/{service}.yaml"), 2, 3);
    change
}

/// A plan in which everything occurs.
pub fn plan() -> Plan {
    let mut schema = change(
        Address::schema("media.raw_ingest.v1-value"),
        Action::Create,
        Risk::Safe,
        vec![
            field(
                "compatibility",
                Some(FieldValue::plain("backward").from_source("registry's default")),
                Some(FieldValue::plain("full")),
                9,
            ),
            field("schema", None, Some(FieldValue::shown("0f3c7a", "version 1 (avro)")), 1),
        ],
    );
    schema.verification = Verification { state: VerificationState::Verified, reason: "the registry accepts it".into() };
    let mut topic = change(
        Address::topic("media.raw_ingest.v1"),
        Action::Create,
        Risk::Safe,
        vec![
            field("partitions", None, Some(FieldValue::plain(24)), 4),
            field("replication_factor", None, Some(FieldValue::plain(3)), 5),
            field("config.cleanup.policy", None, Some(FieldValue::plain("delete")), 6),
            field("config.max.message.bytes", None, Some(FieldValue::shown("2097152", "2MiB")), 7),
            field("config.min.insync.replicas", None, Some(FieldValue::plain(2)), 8),
            field("config.retention.ms", None, Some(FieldValue::shown("2592000000", "30d")), 9),
        ],
    );
    topic.depends_on = vec![schema.address.clone()];
    let mut keyed = change(
        Address::topic("media.ingested.v1"),
        Action::Update,
        Risk::Disruptive,
        vec![
            field("partitions", Some(FieldValue::plain(6)), Some(FieldValue::plain(12)), 4),
            field(
                "config.retention.ms",
                Some(FieldValue::shown("604800000", "7d").from_source("Kafka's default")),
                Some(FieldValue::shown("2592000000", "30d")),
                5,
            ),
        ],
    );
    keyed.impact = vec![
        "the topic is keyed: records of a key written before and after lie in different partitions and lose their order"
            .into(),
    ];
    let mut cut = change(
        Address::topic("audit.access.v1"),
        Action::Update,
        Risk::Destructive,
        vec![field(
            "config.retention.ms",
            Some(FieldValue::shown("2592000000", "30d")),
            Some(FieldValue::shown("604800000", "7d").from_source("Kafka's default")),
            0,
        )],
    );
    cut.impact = vec!["a shorter retention drops the records that are older".into()];
    cut.measured = Some(Measured {
        taken_at: Timestamp::of_unix_millis(1_795_619_045_000),
        records: Some(1_200_000),
        bytes: Some(3_221_225_472),
        bytes_of_all_replicas: Some(9_663_676_416),
        last_write: Some(Timestamp::of_unix_millis(1_795_619_044_000)),
        groups: vec![MeasuredGroup {
            name: "auditor".parse().expect("a group"),
            state: Some("Stable".into()),
            members: vec![MeasuredMember { client_id: "auditor-1".into(), host: "/10.0.0.7".into() }],
            lag: Some(42),
            loses: Some(1_200),
            attributed_to: vec![Attribution {
                principal: "User:CN=auditor".parse().expect("principal"),
                service: Some("auditor".into()),
                by: AttributedBy::Manifest,
            }],
        }],
        not_measured: vec!["the sizes on broker 3: no answer within 30 s".into()],
    });
    cut.verification = Verification {
        state: VerificationState::Refused,
        reason: "POLICY_VIOLATION: retention is below 30 days".into(),
    };
    let mut revoked = grant("old-reader", "topic/media.ingested.v1", &["read"]);
    revoked.action = Action::Delete;
    revoked.risk = Risk::Disruptive;
    revoked.fields[0].before = revoked.fields[0].after.take();
    revoked.impact =
        vec!["old-reader loses access: clients that still use it are refused at their next request".into()];
    revoked.access = vec![AccessChange {
        principal: "User:CN=old-reader".parse().expect("principal"),
        service: Some("old-reader".into()),
        resource: AclResourceType::Topic,
        name: "media.".into(),
        pattern: PatternType::Prefixed,
        host: Some("10.0.0.1".into()),
        // Every operation that can be asked for, so that the schema is held to all of them.
        lost: AclOperation::WORDS.iter().map(|(_, operation)| *operation).skip(1).collect(),
        gained: vec![AclOperation::Read],
        existing: Some(1),
        examples: vec!["media.ingested.v1".into()],
    }];
    let changes = vec![
        schema,
        topic,
        keyed,
        cut,
        grant("ingest-gateway", "topic/media.raw_ingest.v1", &["describe", "write"]),
        grant("normalizer", "group/normalizer", &["read"]),
        grant("normalizer", "topic/media.ingested.v1", &["describe", "write"]),
        grant("normalizer", "topic/media.raw_ingest.v1", &["describe", "read"]),
        revoked,
    ];
    let mut plan = plan_of(changes);
    let failure = Failure {
        kind: FailureKind::Authorization,
        tried: "describe the configs of topics".into(),
        server: "kafka-0.example.internal:9094".into(),
        answer: "TOPIC_AUTHORIZATION_FAILED".into(),
        hint: Some("grant DescribeConfigs on the topic to User:CN=busctl".into()),
    };
    let unseen = |name: &str, line| Incomplete {
        address: Address::topic(name),
        failure: failure.clone(),
        place: place("topics/audit.yaml", line, 8),
    };
    plan.complete = false;
    plan.incomplete = vec![
        unseen("audit.admin.v1", 1),
        unseen("audit.login.v1", 12),
        Incomplete {
            address: Address { kind: Kind::Quota, name: "*".into() },
            failure: Failure {
                kind: FailureKind::Timeout,
                tried: "describe the quotas".into(),
                server: "kafka-0.example.internal:9094".into(),
                answer: "no answer within 30 s".into(),
                hint: None,
            },
            place: None,
        },
    ];
    let unmanaged = |kind: &str, name: &str, reason: &str| Unmanaged {
        kind: kind.into(),
        name: name.into(),
        reason: reason.into(),
    };
    plan.unmanaged = vec![
        unmanaged("acl", "allow User:legacy all on topic * from *", "no manifest declares its principal"),
        unmanaged("topic", "tmp.migration", "outside the cluster's `manages`"),
    ];
    plan.findings = vec![
        PlanFinding {
            code: "BUS504".into(),
            level: Level::Warn,
            message: "`media.ingested.v1` has 2 replicas of each partition; the manifest asks for 3".into(),
            help: None,
            resource: Some("topic/media.ingested.v1".into()),
            place: None,
            waiver: None,
        },
        PlanFinding {
            code: "BUS503".into(),
            level: Level::Error,
            message: "`media.metadata_snapshot.v1` has 12 partitions; the manifest asks for 6".into(),
            help: Some("write 12, or make a new version of the topic and move its users there".into()),
            resource: Some("topic/media.metadata_snapshot.v1".into()),
            place: place("topics/media/media.metadata_snapshot.v1.yaml", 4, 13),
            waiver: None,
        },
    ];
    plan.not_undone = vec![NotUndone {
        address: Address::topic("media.ingested.v1"),
        field: Some("partitions".into()),
        reason: "Kafka cannot take partitions away".into(),
    }];
    plan.selected = Some(Selected {
        targets: vec!["topic/media.*".into(), "grant/*".into()],
        excludes: vec!["topic/media.legacy.*".into()],
        pulled_in: vec![Address::schema("media.raw_ingest.v1-value")],
        left_out: 12,
    });
    plan
}

/// Drift of every cause.
pub fn drift() -> Drift {
    let mut plan = plan();
    plan.changes.retain(|change| change.action == Action::Update || change.address.kind == Kind::Grant);
    plan.changes.truncate(4);
    plan.complete = true;
    let fields = |fields: &[(&str, &str)]| {
        fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
    };
    let applied = BTreeMap::from([
        (Address::topic("media.ingested.v1"), fields(&[("partitions", "6"), ("config.retention.ms", "86400000")])),
        (Address::topic("audit.access.v1"), fields(&[])),
        (Address::grant("ingest-gateway", "topic/media.raw_ingest.v1"), fields(&[])),
    ]);
    let mut drift = crate::plan::drift(&plan, &applied);
    drift.drifted.extend(crate::plan::drift(&plan, &BTreeMap::new()).drifted.pop());
    drift
}

/// A report in which everything occurs.
pub fn report() -> ApplyReport {
    let failure = Failure {
        kind: FailureKind::Refused,
        tried: "create the topic".into(),
        server: "kafka-0.example.internal:9094".into(),
        answer: "POLICY_VIOLATION: at most 12 partitions".into(),
        hint: Some("ask for fewer partitions, or change the broker's policy".into()),
    };
    let topic = |name: &str| Address::topic(name);
    let mut outcomes = vec![
        Outcome::done(Address::schema("media.ingested.v1-value"), Action::Create),
        Outcome::done(topic("media.ingested.v1"), Action::Update),
        Outcome::already_done(topic("media.metadata_snapshot.v1"), Action::Update),
        Outcome::failed(topic("media.raw_ingest.v1"), Action::Create, failure.clone()),
        Outcome::failed(topic("audit.access.v1"), Action::Create, failure),
        Outcome::blocked(
            Address::grant("normalizer", "topic/media.raw_ingest.v1"),
            Action::Create,
            topic("media.raw_ingest.v1"),
        ),
    ];
    outcomes.extend((0..25).map(|n| Outcome::not_tried(Address::grant("old", format!("topic/t.{n}")), Action::Delete)));
    let report = ApplyReport::new("production", "MkU3OEVBNTcwNTJENDM2Qg", outcomes).stopped("interrupted");
    let unthrottled = Unthrottled {
        on: "broker 3".into(),
        key: "follower.replication.throttled.rate".into(),
        wanted: "52428800".into(),
        present: "10485760".into(),
    };
    ApplyReport { unthrottled: vec![unthrottled], ..report }
}

/// A topic on two clusters.
pub fn shown_topic() -> ShownTopic {
    let value = |name: &str, value: &str, shown: &str, layer: &str, place: Option<Place>| ShownValue {
        name: name.into(),
        value: value.into(),
        shown: shown.into(),
        origin: ShownOrigin { layer: layer.into(), place },
    };
    let mut topic = ShownTopic::new("media.raw_ingest.v1");
    for cluster in ["dev", "production"] {
        let values = vec![
            value("partitions", "24", "24", "override of the environment", place("topics/media.yaml", 14, 30)),
            value("replication_factor", "3", "3", "built-in default", None),
            value("retention.ms", "2592000000", "30d", "class", place("busctl.yaml", 6, 42)),
        ];
        topic.clusters.push(ShownCluster { cluster: cluster.into(), values });
    }
    topic
}

/// A SCRAM user on a cluster.
pub fn shown_scram_user() -> ShownScramUser {
    let mut user = ShownScramUser::new("scram-user/normalizer");
    user.clusters = shown_topic().clusters;
    user
}

/// A quota on a cluster.
pub fn shown_quota() -> ShownQuota {
    let mut quota = ShownQuota::new("quota/user/normalizer");
    quota.clusters = shown_topic().clusters;
    quota
}

/// Configs of brokers on a cluster.
pub fn shown_brokers() -> ShownBrokers {
    let mut brokers = ShownBrokers::new("broker-config/3");
    brokers.clusters = shown_topic().clusters;
    brokers
}

/// A record in which everything occurs.
pub fn audit() -> Audit {
    let events = events();
    crate::apply::audit("production", events, None, &AuditFilter::default(), Some(6))
}

/// Events in which everything occurs, oldest first.
pub fn events() -> Vec<Event> {
    let at = |second: i64| Timestamp::of_unix_millis(1_795_622_400_000 + second * 1_000);
    let origin = |who: &str, commit: Option<&str>| Origin {
        who: who.into(),
        host: "ci-7".into(),
        pid: 4_211,
        commit: commit.map(Into::into),
        dirty: commit.is_none(),
    };
    let mut changes = plan().changes.into_iter();
    let mut change = |address: Address| Change { address, ..changes.next().expect("the sample has changes") };
    let failure = report().outcomes.into_iter().find_map(|outcome| outcome.error).expect("the sample has a failure");
    let topic = |name: &str| Address::topic(name);
    let began = Event {
        counts: [(Event::PLANNED.to_owned(), 4)].into(),
        ..Event::of_apply("01JD-deploy", Phase::Began, at(0), origin("deploy", Some("e9150a2")), "c58200d2")
    };
    let by_hand = Event::of_apply("01JE-ada", Phase::Began, at(60), origin("ada", None), "77aa01ff");
    let [older, done, failed] =
        ["old.v1", "media.ingested.v1", "media.raw_ingest.v1"].map(|name| began.intent(&change(topic(name)), at(1)));
    let throttle = |on, key: &str, value: &str| SetThrottle { on, key: key.into(), value: value.into() };
    let lost = Event {
        throttles: vec![
            throttle(Throttled::Broker(3), "follower.replication.throttled.rate", "52428800"),
            throttle(
                Throttled::Topic("audit.access.v1".parse().expect("a topic")),
                "follower.replication.throttled.replicas",
                "0:3",
            ),
        ],
        ..began.intent(&change(topic("audit.access.v1")), at(2))
    };
    let partial = Event { address: Some(topic("audit.partial.v1")), ..lost.clone() };
    let unknown = by_hand.intent(&Change { address: topic("dlq.normalizer.v1"), ..plan().changes.remove(0) }, at(61));
    let seen = Unmasked {
        cluster: "production".into(),
        records: vec!["0/7..8".into(), "3/1".into()],
        count: 3,
        filter: vec!["--key k".into()],
        reason: Some("INC-7".into()),
    };
    vec![
        began.clone(),
        older.clone(),
        done.clone(),
        failed.clone(),
        older.outcome(EventStatus::Done, None, at(2)),
        done.outcome(EventStatus::Done, None, at(2)),
        failed.outcome(EventStatus::Failed, Some(failure), at(3)),
        lost.clone(),
        partial.clone(),
        by_hand.clone(),
        lost.resolved(EventStatus::NotDone, &by_hand, at(60)),
        partial.resolved(EventStatus::Partial, &by_hand, at(60)),
        unknown,
        Event::of_unmasking(
            "01JF-ada",
            at(62),
            origin("ada", None),
            &"dlq.normalizer.v1".parse().expect("a topic"),
            seen,
        ),
    ]
}
