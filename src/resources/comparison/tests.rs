use super::*;
use crate::ports::kafka::{ClusterInfo, ConfigSource, PartitionInfo, Quota};
use crate::resources::topic::{LiveTopic, LiveTopics};

fn side(name: &str) -> Side {
    Side { cluster: name.to_owned(), cluster_id: format!("{name}-id"), snapshot: None }
}

fn topic(partitions: usize, configs: &[(&str, &str)]) -> LiveTopic {
    LiveTopic {
        internal: false,
        id: None,
        partitions: vec![PartitionInfo::in_sync(vec![1, 2]); partitions],
        configs: Observed::Known(configs.iter().map(|(key, value)| ((*key).into(), (*value).to_owned())).collect()),
    }
}

fn live(topics: &[(&str, LiveTopic)]) -> Live {
    let topics = topics.iter().map(|(name, topic)| (name.parse().expect("a name"), topic.clone())).collect();
    let defaults = BTreeMap::from([("retention.ms".into(), ("604800000".to_owned(), ConfigSource::Default))]);
    Live {
        facts: None,
        cluster: ClusterInfo { id: "id".to_owned(), brokers: Vec::new(), controller: None },
        topics: LiveTopics { topics, defaults, ..LiveTopics::default() },
        acls: Observed::Known(Vec::new()),
        quotas: Observed::Known(Vec::new()),
        scram_users: None,
        scram_passwords: None,
        broker_configs: None,
        delivered: None,
        identities: None,
        registry: None,
    }
}

fn compared(first: &Live, second: &Live) -> Comparison {
    let owners = BTreeMap::new();
    let (a, b) = (side("a"), side("b"));
    let of = |side, live| Observation { side, live, owners: &owners };
    Comparison::of(of(&a, first), of(&b, second))
}

fn told(comparison: &Comparison) -> Vec<String> {
    let value = |value: &Option<FieldValue>| value.as_ref().map_or("-".to_owned(), |value| value.value.clone());
    let field = |field: &FieldChange| format!("{}: {} > {}", field.field, value(&field.before), value(&field.after));
    let of = |deviation: &Deviation| {
        let fields: Vec<String> = deviation.fields.iter().map(field).collect();
        format!("{} {} {}", deviation.action.as_str(), deviation.address, fields.join(", "))
    };
    comparison.differences.iter().map(of).collect()
}

#[test]
fn topics_differ_by_what_holds_for_them() {
    let first = live(&[
        ("same", topic(1, &[("retention.ms", "604800000")])),
        ("gone", topic(1, &[])),
        ("other", topic(1, &[("retention.ms", "1"), ("leader.replication.throttled.replicas", "*")])),
        ("_busctl-lock", topic(1, &[])),
    ]);
    let second = live(&[("same", topic(1, &[])), ("other", topic(2, &[])), ("new", topic(1, &[]))]);
    assert_eq!(
        told(&compared(&first, &second)),
        [
            "delete topic/gone partitions: 1 > -, replication_factor: 2 > -",
            "create topic/new partitions: - > 1, replication_factor: - > 2",
            "update topic/other config.retention.ms: 1 > 604800000, partitions: 1 > 2",
        ]
    );
    let same = compared(&first, &first);
    assert!(same.is_empty() && same.complete);
    assert_eq!(compared(&first, &second).summary, Tally { create: 1, update: 1, delete: 1 });
}

#[test]
fn a_service_has_the_same_grants_whatever_it_is_called() {
    let acl = |principal: &str, operation| crate::ports::kafka::Acl {
        resource: crate::ports::kafka::AclResourceType::Topic,
        name: "t".into(),
        pattern: crate::model::PatternType::Literal,
        principal: principal.parse().expect("a principal"),
        host: "*".into(),
        operation,
        permission: crate::ports::kafka::AclPermission::Allow,
    };
    use crate::ports::kafka::AclOperation::{Read, Write};
    let mut first = live(&[]);
    first.acls = Observed::Known(vec![acl("User:x", Read), acl("User:stranger", Read)]);
    let mut second = live(&[]);
    second.acls = Observed::Known(vec![acl("User:CN=x", Read), acl("User:CN=x", Write), acl("User:stranger", Read)]);
    let quota = |user: &str, rate| Quota {
        entity: BTreeMap::from([("user".to_owned(), Some(user.to_owned()))]),
        values: BTreeMap::from([("producer_byte_rate".to_owned(), rate)]),
    };
    first.quotas = Observed::Known(vec![quota("x", 1048576.0)]);
    second.quotas = Observed::Known(vec![quota("CN=x", 2097152.0)]);
    let owners = |principal: &str| BTreeMap::from([(principal.parse().expect("a principal"), "x".to_owned())]);
    let (a, b) = (side("a"), side("b"));
    let comparison = Comparison::of(
        Observation { side: &a, live: &first, owners: &owners("User:x") },
        Observation { side: &b, live: &second, owners: &owners("User:CN=x") },
    );
    assert_eq!(
        told(&comparison),
        ["update grant/x/topic/t write: - > allow", "update quota/user/x producer_byte_rate: 1048576 > 2097152"]
    );
    // A cluster without a manifest has the same principals.
    let comparison = Comparison::of(
        Observation { side: &a, live: &first, owners: &owners("User:x") },
        Observation { side: &b, live: &first, owners: &BTreeMap::new() },
    );
    assert_eq!(told(&comparison), Vec::<String>::new());
}

#[test]
fn a_principal_is_the_same_whatever_its_service_is_called() {
    let acl = |principal: &str| crate::ports::kafka::Acl {
        resource: crate::ports::kafka::AclResourceType::Topic,
        name: "*".into(),
        pattern: crate::model::PatternType::Literal,
        principal: principal.parse().expect("a principal"),
        host: "*".into(),
        operation: crate::ports::kafka::AclOperation::Describe,
        permission: crate::ports::kafka::AclPermission::Allow,
    };
    let mut first = live(&[]);
    first.acls = Observed::Known(vec![acl("User:*"), acl("User:backup")]);
    first.quotas = Observed::Known(vec![Quota {
        entity: BTreeMap::from([("user".to_owned(), Some("backup".to_owned()))]),
        values: BTreeMap::from([("producer_byte_rate".to_owned(), 1048576.0)]),
    }]);
    first.scram_users = Some(Observed::Known(vec![crate::ports::kafka::ScramUser {
        name: "backup".to_owned(),
        credentials: [(crate::ports::kafka::ScramMechanism::Sha512, 4096)].into(),
    }]));
    let owners = |pairs: &[(&str, &str)]| -> BTreeMap<Principal, String> {
        pairs.iter().map(|(of, name)| (of.parse().expect("a principal"), (*name).to_owned())).collect()
    };
    let (a, b) = (side("a"), side("b"));
    let of = |second: &Live, one: &[(&str, &str)], other: &[(&str, &str)]| {
        let (one, other) = (owners(one), owners(other));
        told(&Comparison::of(
            Observation { side: &a, live: &first, owners: &one },
            Observation { side: &b, live: second, owners: &other },
        ))
    };
    let names = [("User:*", "everybody"), ("User:backup", "backup")];
    let others = [("User:*", "everybody-stage"), ("User:backup", "backup-stage")];
    assert_eq!(of(&first, &names, &others), Vec::<String>::new());
    // What only one of them has is told by the name that the other side would have for it.
    let mut second = first.clone();
    second.scram_users = Some(Observed::Known(Vec::new()));
    assert_eq!(of(&second, &names, &others), ["delete scram-user/backup scram-sha-512: 4096 > -"]);
    // Another principal has the name of the service there: it is not taken for the same.
    second.acls = Observed::Known(vec![acl("User:*"), acl("User:backup"), acl("User:new")]);
    second.scram_users = first.scram_users.clone();
    let swapped = [("User:*", "everybody"), ("User:backup", "old"), ("User:new", "backup")];
    assert_eq!(of(&second, &names, &swapped), ["create grant/User:new/topic/* describe: - > allow"]);
    // What one principal of a service has does not hide what another lacks.
    let several = [("User:*", "backup"), ("User:backup", "backup")];
    second.acls = Observed::Known(vec![acl("User:backup")]);
    assert_eq!(of(&second, &several, &several), ["delete grant/User:*/topic/* describe: allow > -"]);
}

#[test]
fn what_is_hidden_is_not_taken_for_absent() {
    let failure =
        |kind| Failure { kind, tried: "read".to_owned(), server: "s".to_owned(), answer: "no".to_owned(), hint: None };
    let first = live(&[("t", topic(1, &[]))]);
    let mut second = live(&[]);
    second.topics.hidden.insert("t".parse().expect("a name"), failure(FailureKind::Authorization));
    second.acls = Observed::Hidden(failure(FailureKind::Authorization));
    second.quotas = Observed::Hidden(failure(FailureKind::Unsupported));
    second.registry = Some(Observed::Hidden(failure(FailureKind::Unreachable)));
    let comparison = compared(&first, &second);
    assert_eq!(told(&comparison), Vec::<String>::new());
    let unseen: Vec<_> = comparison.incomplete.iter().map(|unseen| unseen.address.as_str()).collect();
    assert_eq!(unseen, ["topic/t", "grant/*", "schema/*"]);
    assert!(!comparison.complete);
}
