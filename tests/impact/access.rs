//! Groups that lose access, and what may not be seen.

use std::collections::BTreeMap;
use std::time::Duration;

use busctl::localbus::ADMIN;
use busctl::model::{GroupId, PatternType};
use busctl::plan::{Change, Standing};
use busctl::ports::FailureKind;
use busctl::ports::kafka::{
    Acl, AclOperation, AclPermission, AclResourceType, GroupKind, KafkaAdmin, ListedGroup, OffsetAt, OffsetQuery,
};
use serde_json::Value;

use crate::bus::{BLIND, DAY, NOBODY, READER, create, empty_group, kafka_as, member, member_as, name, now, produce};
use crate::workspace::{Workspace, impact, topic};

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_grant_names_the_groups_that_work_with_it() {
    const TOPIC: &str = "lose.records.v1";
    const GROUP: &str = "lose-group";
    create(TOPIC, 2, &[]).await;
    create("lose.other.v1", 1, &[]).await;
    produce(TOPIC, 0, now(), 50).await;
    produce(TOPIC, 1, now(), 20).await;
    // They are somebody else's: the service may not be a member of them.
    empty_group(TOPIC, "lose-elsewhere", &[(0, 1)]).await;
    let _stranger = member(TOPIC, "lose-stranger", "classic", &[(0, 1), (1, 1)]).await;

    let workspace = Workspace::new("lose.").await;
    let declare = |consumers: &str, consumes: &str| {
        workspace.write("topics/t.yaml", &topic(TOPIC, &format!("consumers: [{consumers}]")));
        let asks = format!("service: reader\nprincipals: {{ c: \"User:{READER}\" }}\n{consumes}\n");
        workspace.write("acls/reader.yaml", &asks);
    };
    let asking = format!("consumes: [{{ topic: {TOPIC}, group: {GROUP} }}]");
    declare("reader", &asking);
    let apply = |more: &[&str]| workspace.run(&[&["apply", "--yes", "--allow", "disruptive"], more].concat());
    let (code, out, error) = apply(&[]);
    assert_eq!(code, 0, "{out}\n{error}");

    let file = |name: &str| workspace.path().join(name).display().to_string();
    let snapshot = |path: &str| {
        let (code, _, error) = workspace.run(&["snapshot", "--impact", "-o", path]);
        assert_eq!(code, 0, "{error}");
    };
    // What each change says of groups, by its address; the same from the cluster and from a snapshot.
    let told = |path: &str| -> Value {
        let groups = |arguments: &[&str]| {
            let plan = workspace.plan(arguments);
            let changes = plan["changes"].as_array().unwrap().iter();
            let told = changes.map(|change| {
                assert_eq!(change["risk"], "disruptive");
                assert_eq!(change["measured"]["not_measured"], Value::Null);
                let active = change["impact"].to_string().contains("loses it while it is active");
                assert_eq!(change["impact"].to_string().contains("no group that loses it is active now"), !active);
                let groups = change["measured"]["groups"].clone();
                (change["address"].as_str().unwrap().to_owned(), serde_json::json!([active, groups]))
            });
            Value::Object(told.collect())
        };
        let (live, saved) = (groups(&[]), groups(&["--live", path]));
        assert_eq!(live, saved);
        live
    };
    let both = |told: Value| {
        let addresses = [format!("grant/reader/group/{GROUP}"), format!("grant/reader/topic/{TOPIC}")];
        serde_json::json!({ addresses[0].as_str(): told, addresses[1].as_str(): told })
    };
    let members = serde_json::json!([{ "client_id": format!("{GROUP}-client"), "host": "127.0.0.1" }]);
    let active = |by: &str| {
        let whose = serde_json::json!([{ "principal": format!("User:{READER}"), "service": "reader", "by": by }]);
        serde_json::json!([true, [
            { "name": GROUP, "state": "Stable", "members": members, "lag": 10, "attributed_to": whose }
        ]])
    };
    let running = member_as(READER, TOPIC, GROUP, "classic", &[(0, 40), (1, 20)]).await;
    snapshot(&file("running.json"));
    // The topic's owner takes back the consent: the service's manifest still names the group.
    declare("", &asking);
    assert_eq!(told(&file("running.json")), both(active("manifest")));
    // The service does not ask any more: that it may be a member is what is left.
    declare("reader", "");
    assert_eq!(told(&file("running.json")), both(active("acl")));

    // Who may not see the groups says so.
    let admin = kafka_as(ADMIN).await;
    let of_blind = |resource, name: &str, operation| Acl {
        resource,
        name: name.into(),
        pattern: PatternType::Literal,
        principal: format!("User:{BLIND}").parse().unwrap(),
        host: "*".into(),
        operation,
        permission: AclPermission::Allow,
    };
    let mut acls = vec![];
    for operation in [AclOperation::Describe, AclOperation::DescribeConfigs] {
        acls.push(of_blind(AclResourceType::Cluster, "kafka-cluster", operation));
        acls.push(of_blind(AclResourceType::Topic, TOPIC, operation));
    }
    assert!(admin.create_acls(&acls).await.into_iter().all(|outcome| outcome.is_ok()));
    while !admin.has_acl(&acls[0]).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    workspace.cluster_as(BLIND, "lose.", "").await;
    for change in workspace.plan(&[])["changes"].as_array().unwrap() {
        assert!(impact(change).contains("not everything could be seen"), "{}", impact(change));
        assert!(impact(change).contains("GROUP_AUTHORIZATION_FAILED"), "{}", impact(change));
        if change["address"] == format!("grant/reader/group/{GROUP}") {
            let group = &change["measured"]["groups"][0];
            assert_eq!((&group["name"], &group["state"]), (&GROUP.into(), &"Stable".into()), "{change:#}");
            assert!(impact(change).contains("members that could not be seen"), "{}", impact(change));
        }
    }
    workspace.cluster("lose.", "").await;

    drop(running);
    let is_empty = async || {
        let listed = ListedGroup { id: GROUP.parse().unwrap(), kind: GroupKind::Classic, state: None };
        admin.describe_groups(&[listed]).await.remove(0).unwrap().state == "Empty"
    };
    while !is_empty().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    snapshot(&file("stopped.json"));
    let whose = serde_json::json!([{ "principal": format!("User:{READER}"), "service": "reader", "by": "acl" }]);
    let idle = serde_json::json!([false, [{ "name": GROUP, "state": "Empty", "lag": 10, "attributed_to": whose }]]);
    assert_eq!(told(&file("stopped.json")), both(idle));

    // What was reviewed without an active group is not applied to one.
    let reviewed = file("reviewed.json");
    let (code, _, error) = workspace.run(&["plan", "-o", &reviewed]);
    assert_eq!(code, 0, "{error}");
    let changes = workspace.plan(&[])["changes"].take();
    let changes: Vec<Change> = serde_json::from_value(changes).unwrap();
    assert_eq!(workspace.standings(&changes).await, [Standing::AsReviewed, Standing::AsReviewed]);
    let running = member_as(READER, TOPIC, GROUP, "consumer", &[(0, 40), (1, 20)]).await;
    // The look right before the writes sees it.
    for standing in workspace.standings(&changes).await {
        let Standing::Moved(moved) = standing else { panic!("{standing:?}") };
        let told: Vec<_> = moved.iter().map(|moved| (moved.field.as_str(), moved.present.as_deref())).collect();
        assert_eq!(told, [("the active groups that lose access", Some(GROUP))]);
    }
    let (code, out, error) = apply(&[&reviewed]);
    assert_eq!(code, 4, "{out}\n{error}");
    let risen = format!("the active groups that lose access was none when it was reviewed and is {GROUP} now");
    assert!(error.contains(&risen), "{error}");
    let (code, out, error) = apply(&[]);
    assert_eq!(code, 0, "{out}\n{error}");
    assert_eq!(workspace.plan(&[])["changes"], Value::Array(Vec::new()));
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_is_refused_item_by_item() {
    const TOPIC: &str = "hidden.records.v1";
    create(TOPIC, 1, &[]).await;
    produce(TOPIC, 0, now(), 3).await;
    empty_group(TOPIC, "hidden", &[(0, 1)]).await;
    let group: GroupId = "hidden".parse().unwrap();
    let topics = [(name(TOPIC), 1)];
    let query = |topic: &str, at| OffsetQuery { topic: name(topic), partition: 0, at };
    let queries = [query(TOPIC, OffsetAt::Latest), query("hidden.absent.v1", OffsetAt::Latest)];

    let admin = kafka_as(ADMIN).await;
    let answers = admin.offsets(&queries).await;
    assert_eq!(answers[0].as_ref().unwrap().unwrap().offset, 3);
    assert_eq!(answers[1].as_ref().unwrap_err().kind, FailureKind::NotFound);
    // One partition, asked for in every way at once: a broker refuses a request that names it twice.
    let at = [OffsetAt::Earliest, OffsetAt::MaxTimestamp, OffsetAt::Timestamp(0), OffsetAt::Timestamp(now() + DAY)];
    let answers = admin.offsets(&at.map(|at| query(TOPIC, at))).await;
    let found: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().map(|found| found.offset)).collect();
    assert_eq!((found[0], found[2], found[3]), (Some(0), Some(0), None));
    assert!(found[1].is_some());
    for named in [None, Some(&topics[..])] {
        let committed = admin.committed_offsets(std::slice::from_ref(&group), named).await.remove(0).unwrap();
        assert_eq!(committed, BTreeMap::from([(name(TOPIC), BTreeMap::from([(0, 1)]))]));
    }
    let listed = admin.groups().await.unwrap().into_iter().flat_map(|broker| broker.answer.unwrap());
    assert!(listed.into_iter().any(|listed| listed.id == group && listed.kind == GroupKind::Classic));

    let nobody = kafka_as(NOBODY).await;
    for answer in nobody.offsets(&queries).await {
        assert_eq!(answer.unwrap_err().kind, FailureKind::Authorization);
    }
    let partitions: Vec<_> = topics.iter().map(|(name, count)| (name.clone(), (0..*count).collect())).collect();
    for broker in nobody.replica_sizes(&partitions).await.unwrap() {
        assert_eq!(broker.answer.unwrap_err().kind, FailureKind::Authorization);
    }
    let committed = nobody.committed_offsets(std::slice::from_ref(&group), Some(&topics)).await.remove(0);
    assert_eq!(committed.unwrap_err().kind, FailureKind::Authorization);
    let listed = ListedGroup { id: group, kind: GroupKind::Classic, state: None };
    assert_eq!(nobody.describe_groups(&[listed]).await.remove(0).unwrap_err().kind, FailureKind::Authorization);
    assert_eq!(nobody.delete_topics(&[name(TOPIC)]).await.remove(0).unwrap_err().kind, FailureKind::Authorization);
    assert_eq!(admin.delete_topics(&[name(TOPIC), name("hidden.absent.v1")]).await, [Ok(()), Ok(())]);
}
