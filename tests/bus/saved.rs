//! Plans in files: what was reviewed is done and nothing else.

use std::process::Command;

use busctl::ports::kafka::{AclOperation, AclResourceType, KafkaAdmin};

use crate::sample::{
    acl, apply, assert_settled, changes, create_topic, delete_topic, eventually, findings, grant, name, plan,
    set_config, topic_file, workspace,
};
use crate::server::bus;
use crate::support::workspace::{Scratch, assert_valid};

/// Longer retention in Git, saved as a plan.
fn save_longer(scratch: &Scratch, domain: &str, file: &str) {
    scratch.edit(
        &topic_file(domain, "order"),
        "class: processed\n",
        "class: processed\nconfig: { retention.ms: 20d }\n",
    );
    scratch.run(&["plan", "-o", file]).ended(0).says(&["saved to", "busctl apply"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_applied_as_it_was_reviewed_and_may_be_applied_again() {
    let bus = bus().await;
    let scratch = workspace(bus, "saved");
    scratch.run(&["plan", "-o", "first.json"]).ended(0);
    let saved: serde_json::Value = serde_json::from_str(&scratch.read("first.json")).unwrap();
    assert_valid("saved-plan.schema.json", &saved);
    assert_valid("plan.schema.json", &saved["plan"]);
    scratch.run(&["apply", "first.json", "--yes"]).ended(0);
    assert_settled(&scratch);
    // What is done is not done twice.
    scratch.run(&["apply", "first.json", "--yes"]).ended(0).shows(&["Nothing to do"]);

    save_longer(&scratch, "saved", "longer.json");
    // Meanwhile somebody changes the manifest once more: not what was reviewed.
    scratch.edit(&topic_file("saved", "order"), "20d", "30d");
    scratch.run(&["apply", "longer.json", "--yes"]).ended(4).says(&["the manifests are not those"]);
    scratch.edit(&topic_file("saved", "order"), "30d", "20d");
    scratch.run(&["apply", "longer.json", "--yes"]).ended(0).shows(&["1 done"]);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_stale_where_a_resource_moved() {
    let bus = bus().await;
    let scratch = workspace(bus, "stale");
    apply(&scratch);
    let hand = bus.hand().await;
    save_longer(&scratch, "stale", "plan.json");
    set_config(&hand, "stale.order.v1", "retention.ms", Some("3600000")).await;
    let refused = scratch.run(&["apply", "plan.json", "--yes", "--allow", "destructive"]).ended(4);
    let told = "topic/stale.order.v1: config.retention.ms was 14d when it was reviewed and is 1h now";
    assert!(refused.err.contains(told), "{}", refused.err);
    // A change that was not reviewed is left out, and said to be.
    set_config(&hand, "stale.order.v1", "retention.ms", Some("1209600000")).await;
    let foreign = acl("stale-reader", AclResourceType::Topic, "stale.order.v1", AclOperation::Write);
    grant(&hand, std::slice::from_ref(&foreign)).await;
    scratch.run(&["apply", "plan.json", "--yes"]).ended(0).says(&["not in the reviewed plan"]).shows(&["1 done"]);
    let left = changes(&plan(&scratch).ended(0));
    assert!(left.starts_with("update grant/stale-reader") && left.lines().count() == 1, "{left}");

    // Another cluster, and no plan at all.
    let mut saved: serde_json::Value = serde_json::from_str(&scratch.read("plan.json")).unwrap();
    saved["plan"]["cluster_id"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
    scratch.write("other.json", saved.to_string());
    scratch.run(&["apply", "other.json", "--yes"]).ended(4).says(&["AAAAAAAAAAAAAAAAAAAAAA", &bus.cluster_id]);
    scratch.run(&["apply", "busctl.yaml", "--yes"]).ended(1).says(&["is not a saved plan", "plan -o FILE"]);
    scratch.run(&["apply", "nothing.json", "--yes"]).ended(1).says(&["nothing.json"]);
    saved["format_version"] = 99.into();
    scratch.write("newer.json", saved.to_string());
    scratch.run(&["apply", "newer.json", "--yes"]).ended(1).says(&["format_version is 99"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_was_made_anew_is_not_the_one_that_was_reviewed() {
    let bus = bus().await;
    let scratch = workspace(bus, "anew");
    apply(&scratch);
    let hand = bus.hand().await;
    scratch.write(&topic_file("anew", "order"), "topic: anew.order.v1\nstate: absent\nreason: Unused.\n");
    scratch.remove("schemas/anew/anew.order.v1.avsc");
    for service in ["reader", "writer"] {
        scratch.write(&format!("acls/{service}.yaml"), format!("service: anew-{service}\n"));
    }
    scratch.run(&["plan", "-o", "plan.json"]).ended(0);
    let live = hand.topic_configs(&[name("anew.order.v1")]).await.unwrap().overrides;
    let configs: Vec<_> = live["anew.order.v1"].as_ref().unwrap().clone().into_iter().collect();
    delete_topic(bus, "anew.order.v1").await;
    let configs: Vec<_> = configs.iter().map(|(key, value)| (&**key, value.as_str())).collect();
    create_topic(&hand, "anew.order.v1", 6, &configs).await;
    let apply = ["apply", "plan.json", "--yes", "--allow", "destructive"];
    scratch.run(&apply).ended(4).says(&["topic/anew.order.v1: its id", "nothing was changed"]);
    scratch.run(&["plan", "-o", "plan.json"]).ended(0);
    scratch.run(&apply).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_plan_needs_no_workspace_and_no_other_key() {
    let bus = bus().await;
    let scratch = workspace(bus, "signed");
    let keys = |name: &str| {
        let openssl = |arguments: &[&str]| {
            let done = Command::new("openssl").args(arguments).current_dir(scratch.root()).output().unwrap();
            assert!(done.status.success(), "{done:?}");
        };
        openssl(&["genpkey", "-algorithm", "ed25519", "-out", &format!("{name}.pem")]);
        openssl(&["pkey", "-in", &format!("{name}.pem"), "-pubout", "-out", &format!("{name}.pub")]);
    };
    keys("ours");
    keys("theirs");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=ada", "-c", "user.email=ada@example.org"]).args(arguments);
        let done = command.current_dir(scratch.root()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["add", "topics", "acls", "busctl.yaml"]);
    git(&["commit", "--quiet", "--message", "The bus"]);
    scratch.run(&["plan", "-o", "plan.json", "--sign", "ours.pem"]).ended(0);
    scratch
        .run(&["plan", "-o", "no.json", "--sign", "ours.pub"])
        .ended(64)
        .says(&["no Ed25519 private key", "openssl"]);

    // Elsewhere there are the plan, the public key and the secrets alone.
    let pipeline = Scratch::with(&[]);
    pipeline.remove("busctl.yaml");
    for file in ["plan.json", "plan.json.sig", "ours.pub", "theirs.pub", "secrets/admin"] {
        pipeline.write(file, std::fs::read(scratch.path(file)).unwrap());
    }
    pipeline.run(&["apply", "plan.json", "--yes"]).ended(1).says(&["busctl.yaml"]);
    let verify = |key: &str| pipeline.run(&["apply", "plan.json", "--verify", key, "--yes"]);
    verify("theirs.pub").ended(4).says(&["does not belong to this file and this key"]);
    let honest = pipeline.read("plan.json");
    pipeline.write("plan.json", honest.replace("\"14d\"", "\"15d\""));
    verify("ours.pub").ended(4).says(&["does not belong"]);
    pipeline.write("plan.json", honest);
    verify("ours.pub").ended(0);
    assert_settled(&scratch);
    // The record names the commit that was reviewed, although the pipeline has none.
    let audit = scratch.run(&["audit", "--resource", "topic/signed.*", "--format", "json"]).ended(0);
    assert!(audit.out.contains(&git(&["rev-parse", "HEAD"])), "{}", audit.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inverse_plan_takes_back_what_can_be_taken_back() {
    let bus = bus().await;
    let scratch = workspace(bus, "undo");
    // Of what was never done nothing is taken back.
    let nothing_to_take_back = || {
        let inverse = scratch.run(&["plan", "--undo", "plan.json", "--format", "json"]).ended(0);
        assert_eq!((changes(&inverse).as_str(), &inverse.json()["not_undone"]), ("", &serde_json::Value::Null));
    };
    scratch.run(&["plan", "-o", "plan.json"]).ended(0);
    nothing_to_take_back();
    apply(&scratch);
    save_longer(&scratch, "undo", "plan.json");
    scratch.edit(&topic_file("undo", "order"), "key: id\n", "key: id\npartitions: 9\n");
    scratch.edit("acls/reader.yaml", "consumes:", "transactional_ids: [undo-*]\nconsumes:");
    scratch.run(&["plan", "-o", "plan.json"]).ended(0);
    nothing_to_take_back();
    scratch.run(&["apply", "plan.json", "--yes", "--allow", "disruptive"]).ended(0);
    assert_settled(&scratch);

    let inverse = scratch.run(&["plan", "--undo", "plan.json", "-o", "undo.json", "--format", "json"]).ended(0);
    assert_valid("saved-plan.schema.json", &serde_json::from_str(&scratch.read("undo.json")).unwrap());
    insta::assert_snapshot!(changes(&inverse), @r"
    update topic/undo.order.v1 [disruptive] config.retention.ms 20d → 14d
    delete grant/undo-reader/transactional_id/undo-* [disruptive] User:undo-reader write allow → ·; User:undo-reader describe allow → ·
    ");
    assert_eq!(inverse.json()["not_undone"][0]["field"], "partitions");
    assert_valid("plan.schema.json", &inverse.json());
    scratch.run(&["apply", "undo.json", "--yes"]).ended(4).says(&["above the risk"]);
    scratch.run(&["apply", "undo.json", "--yes", "--allow", "destructive"]).ended(0);
    // The manifests still ask for it.
    assert_eq!(changes(&plan(&scratch).ended(0)).lines().count(), 2);
    scratch.run(&["apply", "undo.json", "--yes"]).ended(0).shows(&["Nothing to do"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_comes_with_what_it_needs_and_an_exclusion_takes_what_needs_it() {
    let bus = bus().await;
    let scratch = workspace(bus, "picked");
    let addresses = |arguments: &[&str]| {
        let run = scratch.run(&[&["plan", "--format", "json"], arguments].concat()).ended(0);
        let lines = changes(&run);
        lines.lines().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let topic = "topic/picked.order.v1";
    assert_eq!(addresses(&["--target", topic]), ["schema/picked.order.v1-value", topic]);
    assert_eq!(addresses(&["--exclude", "schema/*"]), ["grant/picked-reader/group/picked-reader"]);
    scratch.run(&["plan", "--target", "topic/picked.ordre.v1"]).ended(64).says(&["did you mean", topic]);
    scratch.run(&["apply", "--yes", "--target", topic]).ended(0).shows(&["2 done"]);
    assert_eq!(addresses(&["--target", topic]), Vec::<String>::new());
    assert!(findings(&plan(&scratch)).is_empty());
    apply(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_while_the_question_stands_is_not_overwritten() {
    let bus = bus().await;
    let scratch = workspace(bus, "meanwhile");
    apply(&scratch);
    let hand = bus.hand().await;
    save_longer(&scratch, "meanwhile", "plan.json");
    scratch.edit("acls/reader.yaml", "consumes:", "transactional_ids: [meanwhile-*]\nconsumes:");
    let mut terminal = crate::support::terminal::Terminal::start(&scratch, &["apply"]);
    terminal.wait_for("Only `yes` goes on");
    set_config(&hand, "meanwhile.order.v1", "retention.ms", Some("2592000000")).await;
    terminal.types("yes\n");
    let (code, screen) = terminal.wait();
    // Where the lock was waited for, the plan is made anew and refused as a whole; else that topic alone is.
    assert!(matches!(code, 4 | 5), "{code}: {screen}");
    let told = "config.retention.ms was 14d when it was reviewed and is 30d now";
    let flat = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(told), "{screen}");
    eventually("the retention stays", || async {
        let served = hand.topic_configs(&[crate::sample::name("meanwhile.order.v1")]).await.unwrap();
        served.overrides["meanwhile.order.v1"].as_ref().unwrap()["retention.ms"] == "2592000000"
    })
    .await;
}
