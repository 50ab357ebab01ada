//! Tokens of a real issuer: in time, over, wrong, from a clock that differs, and not to be had.

use std::time::Duration;

use busctl::adapters::kafka::{KafkaClient, KafkaJournal};
use busctl::adapters::oauth::Tokens;
use busctl::model::Secret;
use busctl::ports::connection::{Bearer, ClientCredentials, Connection, Sasl, Tls, TokenSource};
use busctl::ports::journal::{FORMAT_VERSION, HeldJournal, Holder, Journal, Origin};

use crate::sample::{apply, assert_settled, connect, topic_file, workspace};
use crate::server::bus;
use crate::support::gate::{self, Asks};
use crate::support::issuer::MACHINE_SECRET;
use crate::support::secured::{Secured, secured};

/// How a machine gets its tokens.
fn bearer(secured: &Secured) -> Bearer {
    let ca = std::fs::read_to_string(secured.server.authority.certificate()).unwrap();
    let credentials = ClientCredentials {
        token_endpoint: format!("{}/token", secured.issuer.url),
        client_id: "busctl".into(),
        client_secret: Secret::new(MACHINE_SECRET),
        scope: Some("kafka".into()),
        resource: None,
        ca: Some(Secret::new(ca)),
    };
    Bearer { own: Some(TokenSource::ClientCredentials(credentials)), login: None }
}

/// A token as a pipeline would put it into a file.
async fn token(secured: &Secured) -> String {
    Tokens::new(Duration::from_secs(30)).token(&bearer(secured)).await.unwrap().value.expose().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_has_its_tokens_from_a_real_issuer() {
    let bus = bus().await;
    let Some(mut secured) = secured().await else { return };
    let scratch = workspace(bus, "machine");
    secured.equip(&scratch);
    let credentials = secured.credentials("busctl");

    connect(&scratch, "machine", &secured.tokens(&credentials));
    apply(&scratch);

    // A wrong secret is the issuer's to refuse.
    connect(&scratch, "machine", &secured.tokens(&credentials.replace("file:secret", "file:wrong")));
    let refused = scratch.run(&["plan"]).ended(1).says(&["invalid_client", &secured.issuer.url, "client_secret"]);
    assert!(!refused.err.contains("wrong-horse"), "{}", refused.err);

    // One whom the brokers do not know gets a token, and may do nothing.
    connect(&scratch, "machine", &secured.tokens(&secured.credentials("stranger")));
    scratch.run(&["plan"]).ended(1);

    // A token that somebody else fetched.
    let good = token(&secured).await;
    scratch.write("token", format!("{good}\n"));
    connect(&scratch, "machine", &secured.tokens("token: file:token"));
    assert_settled(&scratch);
    let (head, signature) = good.rsplit_once('.').unwrap();
    let other: String = signature.chars().rev().collect();
    scratch.write("token", format!("{head}.{other}"));
    let refused = scratch.run(&["plan", "--timeout", "10s"]).ended(1).says(&["help:"]);
    assert!(!refused.err.contains(&other), "{}", refused.err);

    secured.issuer.set_lifetime(3);
    scratch.write("token", token(&secured).await);
    tokio::time::sleep(Duration::from_secs(4)).await;
    secured.issuer.set_lifetime(3600);
    scratch.run(&["plan"]).ended(1).says(&["is over since", "renewed"]);

    // The clock of the issuer is behind, and ahead.
    connect(&scratch, "machine", &secured.tokens(&credentials));
    for (seconds, told) in [(-7200, "is over since"), (7200, "begins at")] {
        secured.issuer.set_clock(seconds);
        scratch.run(&["plan"]).ended(1).says(&[told, "by the clock here", "NTP"]);
    }
    secured.issuer.set_clock(0);

    secured.issuer.stop();
    scratch.run(&["plan"]).ended(1).says(&[
        "could not get a token on",
        &secured.issuer.url,
        "see whether the issuer runs",
    ]);
    secured.issuer.start_again();
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_over_in_mid_apply_is_renewed() {
    let bus = bus().await;
    let Some(secured) = secured().await else { return };
    let scratch = workspace(bus, "renewed");
    secured.equip(&scratch);
    connect(&scratch, "renewed", &secured.tokens(&secured.credentials("busctl")));
    // What the lock is made of must be there before it can be taken.
    apply(&scratch);
    scratch.edit(
        &topic_file("renewed", "order"),
        "key: id",
        "key: id
config: { max.message.bytes: 2MiB }",
    );

    let hand = secured.server.hand().await;
    let held = KafkaJournal::new(&hand).acquire(&holder(), Duration::ZERO).await.unwrap();

    // Each token is good for a part of the wait alone, and the brokers end the sessions with them.
    secured.issuer.set_lifetime(5);
    let mut run = scratch.start(&["apply", "--yes", "--allow", "destructive", "--lock-timeout", "80s"]);
    tokio::time::sleep(Duration::from_secs(20)).await;
    let waits = !run.has_ended();
    held.release().await.unwrap();
    let run = run.wait().ended(0);
    assert!(waits, "it did not wait for the lock: {run:?}");
    secured.issuer.set_lifetime(3600);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_whose_token_lapses_while_it_is_suspended_leaves_the_lock_free() {
    let bus = bus().await;
    let Some(secured) = secured().await else { return };
    let scratch = workspace(bus, "lapsed");
    secured.equip(&scratch);
    connect(&scratch, "lapsed", &secured.tokens(&secured.credentials("busctl")));
    apply(&scratch);
    let hand = secured.server.hand().await;
    let file = topic_file("lapsed", "order");
    scratch.edit(&file, "key: id", "key: id\nconfig: { max.message.bytes: 1MiB }");
    for (before, after) in [("1MiB", "2MiB"), ("2MiB", "3MiB"), ("3MiB", "4MiB")] {
        scratch.edit(&file, before, after);
        let held = KafkaJournal::new(&hand).acquire(&holder(), Duration::from_secs(60)).await.unwrap();
        secured.issuer.set_lifetime(4);
        let mut run = scratch.start(&["apply", "--yes", "--allow", "destructive", "--lock-timeout", "60s"]);
        run.wait_until_it_says("held-by-hand");
        // Longer than the token, and less than what the brokers wait for a silent member.
        run.signal("STOP");
        tokio::time::sleep(Duration::from_secs(5)).await;
        held.release().await.unwrap();
        run.signal("CONT");
        run.wait().ended(0);
        secured.issuer.set_lifetime(3600);
        let next = KafkaJournal::new(&hand).acquire(&holder(), Duration::ZERO).await;
        next.expect("the lock is free").release().await.unwrap();
    }
    assert_settled(&scratch);
}

/// Somebody else who holds the lock.
fn holder() -> Holder {
    let origin = Origin { who: "ada".into(), host: "elsewhere".into(), pid: 1, commit: None, dirty: false };
    let since = "2026-11-26T00:00:00Z".parse().unwrap();
    Holder { format_version: FORMAT_VERSION, apply_id: "held-by-hand".into(), origin, since }
}

/// It is renewed 3 seconds before its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_good_is_used_while_the_issuer_is_gone() {
    let Some(mut secured) = secured().await else { return };
    secured.issuer.set_lifetime(12);
    let bearer = bearer(&secured);
    let tokens = Tokens::new(Duration::from_secs(30));
    let first = tokens.token(&bearer).await.unwrap();
    secured.issuer.stop();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(tokens.token(&bearer).await.unwrap().value, first.value);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let failure = tokens.token(&bearer).await.unwrap_err();
    assert!(failure.to_string().contains("get a token"), "{failure}");
    secured.issuer.start_again();
    secured.issuer.set_lifetime(3600);
    assert_ne!(tokens.token(&bearer).await.unwrap().value, first.value);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_is_gone_in_mid_apply_is_told_and_the_next_run_mends_it() {
    let bus = bus().await;
    let Some(mut secured) = secured().await else { return };
    let scratch = workspace(bus, "gone");
    secured.equip(&scratch);
    connect(&scratch, "gone", &secured.tokens(&secured.credentials("busctl")));
    apply(&scratch);
    scratch.edit(&topic_file("gone", "order"), "key: id", "key: id\nconfig: { max.message.bytes: 2MiB }");
    let hand = secured.server.hand().await;
    let held = KafkaJournal::new(&hand).acquire(&holder(), Duration::ZERO).await.unwrap();
    secured.issuer.set_lifetime(5);
    let mut run = scratch.start(&["apply", "--yes", "--lock-timeout", "40s", "--timeout", "10s"]);
    run.wait_until_it_says("held-by-hand");
    // Its tokens are over before the lock is free, and nobody has the next ones.
    secured.issuer.stop();
    tokio::time::sleep(Duration::from_secs(8)).await;
    held.release().await.unwrap();
    let run = run.wait();
    assert!(matches!(run.code, Some(1 | 5)), "{run:#?}");
    let told = format!("{}{}", run.out, run.err);
    assert!(told.contains("get a token") && told.contains(&secured.issuer.url) && told.contains("help:"), "{told}");
    secured.issuer.start_again();
    secured.issuer.set_lifetime(3600);
    apply(&scratch);
    assert_settled(&scratch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_ends_with_its_tokens_says_so_and_names_nobody_else() {
    let bus = bus().await;
    let Some(mut secured) = secured().await else { return };
    let scratch = workspace(bus, "ended");
    secured.equip(&scratch);
    connect(&scratch, "ended", &secured.tokens(&secured.credentials("busctl")));
    // What the lock is made of must be there before it can be taken.
    apply(&scratch);
    secured.issuer.set_lifetime(5);
    let ca = std::fs::read_to_string(secured.server.authority.certificate()).unwrap();
    let connection = Connection {
        bootstrap: vec![format!("127.0.0.1:{}", secured.port("TOKENS"))],
        tls: Some(Tls { ca: Some(Secret::new(ca)), identity: None, server_name: None }),
        sasl: Some(Sasl::OauthBearer(bearer(&secured))),
        timeout: Duration::from_secs(10),
    };
    let client = KafkaClient::connect(connection).await.unwrap();
    let held = KafkaJournal::new(&client).acquire(&holder(), Duration::ZERO).await.unwrap();
    held.record(&[], &[]).await.unwrap();
    secured.issuer.stop();
    // Whoever writes finds out at the renewal that nobody waits for, or by itself.
    let ended = async {
        while !held.lease().has_ended() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), ended).await.expect("the brokers end a session with its token");
    let told = |failure: &dyn std::fmt::Display| {
        let told = failure.to_string();
        assert!(told.contains("get a token") && told.contains(&secured.issuer.url), "{told}");
        assert!(!told.contains("another"), "{told}");
    };
    for _ in 0..2 {
        told(&held.record(&[], &[]).await.unwrap_err());
    }
    told(&held.release().await.unwrap_err());
    secured.issuer.start_again();
    secured.issuer.set_lifetime(3600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_behind_tls_is_reached_in_every_way() {
    let bus = bus().await;
    let Some(secured) = secured().await else { return };
    let scratch = workspace(bus, "gated");
    secured.equip(&scratch);
    connect(&scratch, "gated", &secured.tokens(&secured.credentials("busctl")));
    let authority = &secured.server.authority;
    let (server, client) = (authority.issue("registry"), authority.issue("registry-client"));
    scratch.write("client.pem", std::fs::read(&client.keystore).unwrap());
    let target = bus.registry.url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap();
    let path = bus.registry.url.splitn(4, '/').nth(3).unwrap();
    let gate = |asks| gate::serve(authority, &server, asks, target);
    let registry = |port: u16, rest: &str| {
        scratch
            .write("clusters/registry.yaml", format!("registry: main\nurl: https://127.0.0.1:{port}/{path}\n{rest}"));
    };
    let tls = "tls: { ca: file:ca.pem }\n";

    let basic = gate(Asks::Authorization("Basic YnVzY3RsOm9wZW4tc2VzYW1l".into()));
    scratch.write("password", "open-sesame\n");
    registry(basic, &format!("{tls}auth: {{ username: busctl, password: file:password }}\n"));
    apply(&scratch);
    registry(basic, &format!("{tls}auth: {{ username: busctl, password: file:wrong }}\n"));
    scratch.run(&["plan"]).ended(1).shows(&["401", "`auth`"]);

    let mutual = gate(Asks::Certificate);
    registry(mutual, "tls: { ca: file:ca.pem, certificate: file:client.pem }\n");
    assert_settled(&scratch);
    registry(mutual, tls);
    scratch.run(&["plan"]).ended(1).shows(&["client certificate"]);

    let bearer = gate(Asks::Token(secured.issuer.control()));
    registry(bearer, &format!("{tls}auth: {{ {} }}\n", secured.credentials("busctl")));
    assert_settled(&scratch);
    scratch.write("token", token(&secured).await);
    registry(bearer, &format!("{tls}auth: {{ token: file:token }}\n"));
    assert_settled(&scratch);
    registry(bearer, tls);
    scratch.run(&["plan"]).ended(1).shows(&["401"]);

    // The name of the certificate is another one's than the host's.
    let plain = gate(Asks::Nothing);
    registry(plain, "tls: { ca: file:ca.pem, server_name: localhost }\n");
    assert_settled(&scratch);
    registry(plain, "tls: { ca: file:ca.pem, server_name: elsewhere.example }\n");
    scratch
        .run(&["plan"])
        .ended(1)
        .shows(&["the certificate is for 127.0.0.1, localhost, and not for elsewhere.example"]);
}
