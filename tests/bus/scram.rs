//! Users that log in with SCRAM: made, rotated, drifted, taken back and removed, with clients that log in as them.

use std::collections::BTreeMap;
use std::time::Duration;

use busctl::adapters::kafka::KafkaClient;
use busctl::model::Secret;
use busctl::ports::connection::{Connection, Login, Sasl};
use busctl::ports::kafka::{KafkaAdmin, ScramAlteration, ScramMechanism};
use busctl::ports::{Failure, FailureKind};

use crate::sample::{assert_settled, bare, changes, connect, eventually, grant, plan, revoke, sasl, workspace};
use crate::server::{Bus, bus};
use crate::support::least::least;
use crate::support::workspace::{Scratch, assert_valid};

const DISRUPTIVE: [&str; 4] = ["apply", "--yes", "--allow", "disruptive"];

/// Logs in with SCRAM, and asks for something.
async fn log_in(bus: &Bus, mechanism: ScramMechanism, user: &str, password: &str) -> Result<(), Failure> {
    let login = Login { username: user.to_owned(), password: Secret::new(password) };
    let sasl = match mechanism {
        ScramMechanism::Sha256 => Sasl::ScramSha256(login),
        ScramMechanism::Sha512 => Sasl::ScramSha512(login),
    };
    let bootstrap = vec![format!("127.0.0.1:{}", bus.sasl)];
    let connection = Connection { bootstrap, tls: None, sasl: Some(sasl), timeout: Duration::from_secs(30) };
    KafkaClient::connect(connection).await?.cluster().await.map(drop)
}

async fn may_log_in(bus: &Bus, user: &str, password: &str) {
    log_in(bus, ScramMechanism::Sha512, user, password).await.unwrap();
}

async fn is_refused(bus: &Bus, user: &str, password: &str) {
    let refused = log_in(bus, ScramMechanism::Sha512, user, password).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Authentication, "{refused:?}");
}

/// What a broker tells of a user.
async fn credentials(hand: &KafkaClient, user: &str) -> BTreeMap<ScramMechanism, u32> {
    let users = hand.scram_users().await.unwrap();
    users.into_iter().find(|found| found.name == user).map(|found| found.credentials).unwrap_or_default()
}

/// What a plan says of SCRAM users.
fn of_users(scratch: &Scratch) -> String {
    let all = changes(&plan(scratch).ended(0));
    all.lines().filter(|line| line.contains(" scram-user/")).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_logs_in_with_the_password_that_its_manifest_refers_to() {
    let bus = bus().await;
    let hand = bus.hand().await;
    let scratch = workspace(bus, "scram");
    let reader = "service: scram-reader\nconsumes: [scram.order.v1]\n";
    let write = |scram: &str| scratch.write("acls/reader.yaml", format!("{reader}{scram}"));
    write("scram: { password: file:secrets/reader, iterations: 8192 }\n");

    // A plan needs no password; an apply that has none changes nothing.
    insta::assert_snapshot!(of_users(&scratch), @"create scram-user/scram-reader [safe] scram-sha-512 · → 8192 iterations; password · → file:secrets/reader");
    let planned = plan(&scratch);
    assert_valid("plan.schema.json", &planned.json());
    let order = changes(&planned);
    let at = |kind: &str| order.lines().position(|line| line.starts_with(kind)).unwrap();
    assert!(at("create scram-user/") < at("create grant/"), "{order}");
    let verification = planned.json()["changes"].as_array().unwrap()[at("create scram-user/")]["verification"].clone();
    assert_eq!(verification["state"], "unverifiable");
    scratch.run(&["apply", "--yes"]).ended(1).says(&[
        "acls/reader.yaml:",
        "file:secrets/reader",
        "nothing was changed",
    ]);
    assert_eq!(changes(&plan(&scratch)), order);
    assert_eq!(credentials(&hand, "scram-reader").await, BTreeMap::new());

    scratch.write("secrets/reader", "correct-horse\n");
    let applied = scratch.run(&["apply", "--yes"]).ended(0);
    assert!(!format!("{}{}", applied.out, applied.err).contains("correct-horse"));
    assert_eq!(credentials(&hand, "scram-reader").await, BTreeMap::from([(ScramMechanism::Sha512, 8192)]));
    assert_settled(&scratch);
    may_log_in(bus, "scram-reader", "correct-horse").await;
    is_refused(bus, "scram-reader", "wrong-horse").await;
    let audit = scratch.run(&["audit", "--format", "json"]).ended(0).shows(&["scram-user/scram-reader"]);
    scratch.run(&["snapshot", "-o", "live.json"]).ended(0);
    let saved: serde_json::Value = serde_json::from_str(&scratch.read("live.json")).unwrap();
    assert_valid("snapshot.schema.json", &saved);
    assert_eq!(saved["scram_passwords"]["known"]["scram-reader"]["password"], "file:secrets/reader");
    assert!(!audit.out.contains("correct-horse") && !scratch.read("live.json").contains("correct-horse"));
    scratch.run(&["plan", "--live", "live.json", "--detailed-exitcode"]).ended(0);
    let shown = scratch.run(&["show", "scram-user/scram-reader", "--format", "json"]).ended(0);
    assert_valid("show.schema.json", &shown.json());
    shown.shows(&["file:secrets/reader", "8192 iterations"]);

    // Another password where it is kept is no change until the manifest says so.
    scratch.write("secrets/reader", "battery-staple");
    assert_settled(&scratch);
    write("scram: { password: file:secrets/reader, iterations: 8192, rotation: 2026-11 }\n");
    insta::assert_snapshot!(of_users(&scratch), @"update scram-user/scram-reader [disruptive] rotation · → 2026-11");
    let drift = scratch.run(&["drift", "--format", "json"]).ended(2);
    assert_valid("drift.schema.json", &drift.json());
    assert_eq!(drift.json()["drifted"][0]["cause"], "pending");
    scratch.run(&["apply", "--yes"]).ended(4).says(&["--allow disruptive"]);
    scratch.run(&["plan", "-o", "rotate.json"]).ended(0);
    scratch.run(&["apply", "rotate.json", "--yes", "--allow", "disruptive"]).ended(0);
    eventually("the broker knows the new password", async || {
        log_in(bus, ScramMechanism::Sha512, "scram-reader", "battery-staple").await.is_ok()
    })
    .await;
    is_refused(bus, "scram-reader", "correct-horse").await;
    assert_settled(&scratch);
    let inverse = scratch.run(&["plan", "--undo", "rotate.json", "--format", "json"]).ended(0);
    assert_eq!(changes(&inverse), "");
    assert_eq!(inverse.json()["not_undone"][0]["field"], "rotation");

    // By hand: other iterations, and no user at all.
    bus.server.configure_user("scram-reader", "SCRAM-SHA-512=[iterations=4096,password=by-hand]").await;
    eventually("the broker tells it", async || {
        credentials(&hand, "scram-reader").await[&ScramMechanism::Sha512] == 4096
    })
    .await;
    insta::assert_snapshot!(of_users(&scratch), @"update scram-user/scram-reader [safe] scram-sha-512 4096 iterations → 8192 iterations");
    assert_eq!(scratch.run(&["drift", "--format", "json"]).ended(2).json()["drifted"][0]["cause"], "outside");
    scratch.run(&["apply", "--yes"]).ended(0);
    may_log_in(bus, "scram-reader", "battery-staple").await;
    let removed = ScramAlteration { user: "scram-reader".into(), mechanism: ScramMechanism::Sha512, password: None };
    for _ in 0..2 {
        assert_eq!(hand.alter_scram_users(std::slice::from_ref(&removed)).await, [Ok(())]);
    }
    eventually("the broker tells it", async || credentials(&hand, "scram-reader").await.is_empty()).await;
    insta::assert_snapshot!(of_users(&scratch), @"create scram-user/scram-reader [safe] scram-sha-512 · → 8192 iterations; password · → file:secrets/reader; rotation · → 2026-11");
    scratch.run(&["apply", "--yes"]).ended(0);
    may_log_in(bus, "scram-reader", "battery-staple").await;

    // Another mechanism takes the place of the first; then another place of the password.
    write("scram: { password: file:secrets/reader, mechanisms: [scram-sha-256], rotation: 2026-11 }\n");
    insta::assert_snapshot!(of_users(&scratch), @"update scram-user/scram-reader [disruptive] scram-sha-256 · → 4096 iterations; scram-sha-512 8192 iterations → ·");
    scratch.run(&DISRUPTIVE).ended(0);
    log_in(bus, ScramMechanism::Sha256, "scram-reader", "battery-staple").await.unwrap();
    is_refused(bus, "scram-reader", "battery-staple").await;
    write("scram: { password: env:SCRAM_READER, mechanisms: [scram-sha-256], rotation: 2026-11 }\n");
    insta::assert_snapshot!(of_users(&scratch), @"update scram-user/scram-reader [disruptive] password file:secrets/reader → env:SCRAM_READER");
    scratch.run(&DISRUPTIVE).ended(1).says(&["env:SCRAM_READER", "export SCRAM_READER=…"]);
    let mut command = scratch.command(&DISRUPTIVE);
    command.env("SCRAM_READER", "from-the-environment");
    crate::support::workspace::start(command).wait().ended(0);
    assert_settled(&scratch);

    // Without its key it stays; declared to be gone it goes, behind its grants.
    write("");
    assert_settled(&scratch);
    assert_ne!(credentials(&hand, "scram-reader").await, BTreeMap::new());
    let leaving =
        "service: scram-reader\nstate: absent\nreason: It was replaced.\nscram: { password: env:SCRAM_READER }\n";
    scratch.write("acls/reader.yaml", leaving);
    scratch
        .write("acls/writer.yaml", "service: scram-writer\nproduces: [scram.order.v1]\nconsumes: [scram.order.v1]\n");
    scratch.edit("topics/scram/scram.order.v1.yaml", "consumers: [scram-reader]", "consumers: [scram-writer]");
    let order = changes(&plan(&scratch).ended(0));
    let at = |change: &str| order.lines().position(|line| line.starts_with(change)).unwrap();
    assert!(at("delete grant/scram-reader/") < at("delete scram-user/scram-reader "), "{order}");
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
    assert_eq!(credentials(&hand, "scram-reader").await, BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_the_cluster_have_any_name_and_password_and_strangers_are_left_alone() {
    let bus = bus().await;
    let hand = bus.hand().await;
    let scratch = bare(bus, "anybody");
    // What SASLprep would prepare otherwise, with what has a meaning in JAAS, SASL and addresses.
    let (name, password) = ("anybody-,=\"a/b\" %\\", "Ⅸ ª\u{a0}\\ \"quoted\", =пароль");
    bus.server.configure_user("anybody-known", "SCRAM-SHA-512=[password=before]").await;
    bus.server.configure_user("anybody-stranger", "SCRAM-SHA-256=[password=stranger]").await;
    let users = format!(
        "scram_users:\n  - {{ user: {}, password: file:secrets/odd, mechanisms: [scram-sha-256, scram-sha-512] }}\n  \
         - {{ user: anybody-known, password: file:secrets/known }}\ndefaults:",
        serde_json::to_string(name).unwrap()
    );
    scratch.edit("clusters/main.yaml", "defaults:", &users);
    scratch.write("secrets/odd", password);
    scratch.write("secrets/known", "after");
    let planned = of_users(&scratch);
    insta::assert_snapshot!(planned, @r"
    create scram-user/anybody-,=%22a%2Fb%22%20%25%5C [safe] scram-sha-256 · → 4096 iterations; scram-sha-512 · → 4096 iterations; password · → file:secrets/odd
    update scram-user/anybody-known [disruptive] password · → file:secrets/known
    ");
    let unmanaged = plan(&scratch).json()["unmanaged"].as_array().unwrap().clone();
    let stranger = unmanaged.iter().find(|it| it["name"] == "anybody-stranger").unwrap();
    assert_eq!((&stranger["kind"], &stranger["reason"]), (&"scram-user".into(), &"no manifest declares it".into()));
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
    for mechanism in [ScramMechanism::Sha256, ScramMechanism::Sha512] {
        log_in(bus, mechanism, name, password).await.unwrap();
    }
    assert!(bus.server.logs_in_with_java("SASL", name, password).await);
    is_refused(bus, name, &password.replace('Ⅸ', "IX")).await;
    eventually("the broker knows the new password", async || {
        log_in(bus, ScramMechanism::Sha512, "anybody-known", "after").await.is_ok()
    })
    .await;
    is_refused(bus, "anybody-known", "before").await;
    log_in(bus, ScramMechanism::Sha256, "anybody-stranger", "stranger").await.unwrap();

    // What a controller refuses is told with the user.
    let refused = hand
        .alter_scram_users(&[ScramAlteration {
            user: String::new(),
            mechanism: ScramMechanism::Sha256,
            password: None,
        }])
        .await
        .remove(0)
        .unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused:?}");
    let text = scratch.read("clusters/main.yaml").replace("password: file:secrets/known", "state: absent");
    scratch.write("clusters/main.yaml", text);
    scratch.run(&DISRUPTIVE).ended(0);
    assert_settled(&scratch);
    assert_eq!(credentials(&hand, "anybody-known").await, BTreeMap::new());
    assert_ne!(credentials(&hand, "anybody-stranger").await, BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_the_permissions_that_the_page_says() {
    let bus = bus().await;
    let hand = bus.hand().await;
    let login = "scram-tool";
    let scratch = workspace(bus, "scramperm");
    scratch.run(&["apply", "--yes"]).ended(0);
    scratch.write("secrets/reader", "correct-horse");
    let reader =
        "service: scramperm-reader\nconsumes: [scramperm.order.v1]\nscram: { password: file:secrets/reader }\n";
    scratch.write("acls/reader.yaml", reader);
    connect(&scratch, "scramperm", &sasl(bus, login));
    let (plans, records) = (
        least("`plan`, `snapshot`, `import`, `diff`, lists", login, "scramperm.*"),
        least("`audit`", login, "scramperm.*"),
    );
    let unseen = plan(&scratch).ended(1).json()["incomplete"].as_array().unwrap().clone();
    let user = unseen.iter().find(|it| it["address"] == "scram-user/scramperm-reader").unwrap();
    assert_eq!(user["failure"]["kind"], "authorization");
    grant(&hand, &plans).await;
    // Who is new needs no memory.
    assert!(of_users(&scratch).starts_with("create scram-user/scramperm-reader [safe]"));
    let applies = least("`apply`", login, "scramperm.*");
    grant(&hand, &applies).await;
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);
    revoke(&hand, &applies).await;
    grant(&hand, &plans).await;
    // Whether a password is as declared the record alone tells.
    let blind = plan(&scratch).ended(1);
    assert_eq!(blind.json()["incomplete"][0]["address"], "scram-user/scramperm-reader");
    grant(&hand, &records).await;
    assert_settled(&scratch);
    revoke(&hand, &records).await;
    revoke(&hand, &plans).await;
}
