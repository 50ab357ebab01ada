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

#[test]
fn the_end_of_a_token_that_nobody_tells_is_not_made_up() {
    let scratch = Scratch::with(&[(
        "clusters/main.yaml",
        "cluster: main\nenvironment: dev\nconnection: { bootstrap: [\"127.0.0.1:9\"], tls: {}, sasl: { mechanism: oauthbearer, token: file:token } }\n",
    )]);
    scratch.write("token", "an-opaque-token-of-an-issuer\n");
    let run = scratch.run(&["whoami"]).ended(0).shows(&["an opaque token"]);
    assert!(!run.out.contains("good until"), "{}", run.out);
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
