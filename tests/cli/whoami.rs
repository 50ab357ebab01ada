//! Whom systems take busctl for, as far as certificates and tokens tell it here.

use crate::support::certificates::{Authority, Identity};
use crate::support::workspace::{Scratch, assert_valid, start};

fn workspace() -> Scratch {
    let scratch = Scratch::with(&[]);
    of(&scratch, "certificate: file:own.pem");
    scratch
}

/// A cluster whose connection shows this.
fn of(scratch: &Scratch, tls: &str) {
    scratch.write(
        "clusters/main.yaml",
        format!("cluster: main\nenvironment: dev\nconnection: {{ bootstrap: [\"127.0.0.1:9\"], tls: {{ {tls} }} }}\n"),
    );
}

fn keep(scratch: &Scratch, own: &Identity) {
    scratch.write("own.pem", std::fs::read(&own.keystore).unwrap());
}

#[test]
fn a_certificate_that_no_server_takes_is_told() {
    let scratch = workspace();
    let authority = Authority::create(&scratch.path("authority"));
    keep(&scratch, &authority.issue("busctl"));
    let good = scratch.run(&["whoami"]).ended(0).shows(&["User:CN=busctl", "good until 20"]);
    assert!(!good.out.contains("note:"), "{}", good.out);
    keep(&scratch, &authority.issue_over("late"));
    scratch.run(&["whoami"]).ended(1).shows(&["User:CN=late", "note: the certificate is over since 2021-01-01"]);
    let told = scratch.run(&["whoami", "--format", "json"]).ended(1).json();
    assert_valid("whoami.schema.json", &told);
    assert_eq!(told["identities"][0]["subject"], "CN=late");
    keep(&scratch, &authority.issue_early("early"));
    scratch.run(&["whoami"]).ended(1).shows(&["note: the certificate begins at 2040-01-01"]);
}

#[test]
fn pem_that_lost_its_line_ends_in_a_variable_is_told_with_its_place() {
    let scratch = workspace();
    let authority = Authority::create(&scratch.path("authority"));
    let pem = std::fs::read_to_string(authority.issue("busctl").keystore).unwrap();
    of(&scratch, "certificate: env:OWN_PEM");
    for (lost, told) in [(pem.replace('\n', "\\n"), "written out as `\\n`"), (pem.replace('\n', " "), "no line ends")] {
        let mut command = scratch.command(&["whoami"]);
        command.env("OWN_PEM", lost);
        start(command).wait().ended(1).shows(&["clusters/main.yaml:3:", "`env:OWN_PEM`", told, "cat FILE"]);
    }
}

/// A token that says these claims; nobody checks its signature here.
fn token(claims: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

const TOKEN: &str =
    "connection: { bootstrap: [\"127.0.0.1:9\"], tls: {}, sasl: { mechanism: oauthbearer, token: file:token } }\n";

/// A cluster whose connection shows the token, with what else its manifest says.
fn with_token(token: &str, more: &str) -> Scratch {
    let scratch = Scratch::with(&[("token", token)]);
    scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\n{TOKEN}{more}"));
    scratch
}

#[test]
fn the_end_of_a_token_that_nobody_tells_is_not_made_up() {
    let scratch = with_token("an-opaque-token-of-an-issuer\n", "");
    let run = scratch.run(&["whoami"]).ended(1).shows(&["not known", "note: it is an opaque token"]);
    assert!(!run.out.contains("good until") && !run.out.contains("derived from"), "{}", run.out);
}

/// Why it is not known whom a cluster takes us for.
#[track_caller]
fn is_not_known(scratch: &Scratch, why: &[&str]) {
    scratch.run(&["whoami"]).ended(1).shows(&["cluster/main  not known", "note: "]).shows(why);
    let told = scratch.run(&["whoami", "--format", "json"]).ended(1).json();
    assert_valid("whoami.schema.json", &told);
    let identity = &told["identities"][0];
    assert!(identity["principal"].is_null(), "{identity}");
    let problem = identity["problem"].as_str().unwrap();
    assert!(why.iter().all(|why| problem.contains(why)), "{identity}");
}

#[test]
fn whom_nobody_here_can_tell_is_a_failure_with_its_reason() {
    is_not_known(&with_token("opaque", ""), &["an opaque token"]);
    let kafka = "kafka: { config: { sasl.oauthbearer.sub.claim.name: client } }\n";
    is_not_known(&with_token(&token(r#"{"sub":"a"}"#), kafka), &["no claim `client` (clusters/main.yaml:4:"]);
    let class = "kafka: { config: { principal.builder.class: com.example.B } }\n";
    is_not_known(&with_token(&token(r#"{"sub":"a"}"#), class), &["com.example.B (clusters/main.yaml:4:"]);

    let scratch = workspace();
    let authority = Authority::create(&scratch.path("authority"));
    keep(&scratch, &authority.issue("busctl"));
    let declared = scratch.read("clusters/main.yaml");
    for (rules, why) in [
        ("RULE:^OU=(.*)$/$1/", "takes the certificate's subject CN=busctl: brokers refuse the connection"),
        ("RULE:a/b", "`RULE:a/b` is no rule"),
        ("RULE:(?=CN).*/x/", "is not one that is understood here"),
    ] {
        let kafka = format!("kafka: {{ config: {{ ssl.principal.mapping.rules: '{rules}' }} }}\n");
        scratch.write("clusters/main.yaml", format!("{declared}{kafka}"));
        is_not_known(&scratch, &["ssl.principal.mapping.rules (clusters/main.yaml:4:", why]);
    }
    let key = "listener.name.client_tls.ssl.principal.mapping.rules";
    scratch.write("clusters/main.yaml", format!("{declared}kafka: {{ config: {{ {key}: DEFAULT }} }}\n"));
    scratch.run(&["whoami"]).ended(0).shows(&[key, "(clusters/main.yaml:4:", "set `connection.listener`"]);
}

#[test]
fn a_token_whose_time_has_not_come_is_told() {
    let scratch = with_token(&token(r#"{"sub":"a","nbf":2208988800,"exp":2240524800}"#), "");
    scratch.run(&["whoami"]).ended(1).shows(&["begins at 2040-01-01", "clocks"]);
    scratch.write("token", token(r#"{"sub":"a","nbf":1577836800,"exp":2240524800}"#));
    scratch.run(&["whoami"]).ended(0).shows(&["User:a", "good until 2040-12-31"]);
}

#[test]
fn a_mistake_in_the_declared_vault_is_told_with_its_place() {
    let scratch = workspace();
    of(&scratch, "certificate: vault:secret/bus#certificate");
    scratch.write("acls/till.yaml", "service: till\n");
    for (vault, place, told) in [
        ("{ address: 'https://v.example', auth: { token: hvs.correct-horse } }", "busctl.yaml:2:", "reference"),
        ("{ address: 'https://v.example', auth: { approle: { role_id: env:R } } }", "busctl.yaml:2:", "`secret_id`"),
        ("{ adress: 'https://v.example', auth: { token: env:T } }", "busctl.yaml:2:10", "`adress`"),
        ("{ address: v.example, auth: { token: env:T } }", "busctl.yaml:2:19", "no http: or https:"),
        ("[", "busctl.yaml:", ""),
    ] {
        scratch.write("busctl.yaml", format!("version: 1\nvault: {vault}\n"));
        let issue = ["identity", "issue", "till", "--out", "out", "--role", "pki/issue/till"];
        for command in [&["whoami"][..], &["doctor", "connection"], &issue] {
            let run = scratch.run(command).without_panic();
            let told_all = format!("{}{}", run.out, run.err);
            for told in [place, told] {
                assert!(told_all.contains(told), "{vault}, {command:?}: {told_all}");
            }
            assert!(run.code == Some(1), "{run:?}");
            assert!(!told_all.contains("no Vault is declared") && !told_all.contains("correct-horse"), "{told_all}");
        }
    }
}

#[test]
fn a_certificate_that_the_listener_does_not_ask_for_tells_the_brokers_nothing() {
    let scratch = workspace();
    let authority = Authority::create(&scratch.path("authority"));
    keep(&scratch, &authority.issue("busctl"));
    let declare = |auth: &str, config: &str| {
        let listener = format!("EDGE: {{ port: 9, protocol: ssl, client_auth: {auth} }}");
        scratch.write(
            "clusters/main.yaml",
            format!(
                "cluster: main\nenvironment: dev\nconnection: {{ bootstrap: [\"127.0.0.1:9\"], listener: EDGE, tls: {{ certificate: \
                 file:own.pem }} }}\nkafka: {{ listeners: {{ {listener} }}, config: {{ {config} }} }}\n"
            ),
        );
    };
    declare("none", "");
    scratch.run(&["whoami"]).ended(0).shows(&["User:ANONYMOUS", "EDGE", "asks for no certificate"]);
    let own = "principal.builder.class: org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder";
    declare("required", own);
    scratch.run(&["whoami"]).ended(0).shows(&["User:CN=busctl"]);
    declare("required", "principal.builder.class: org.example.Builder");
    scratch.run(&["whoami"]).shows(&["org.example.Builder", "nobody knows here"]);
}
