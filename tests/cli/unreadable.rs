//! Clusters whose manifest cannot be read.

use crate::support::workspace::Scratch;

/// A cluster of which one value is wrong.
fn with(lines: &str) -> Scratch {
    let prod = format!("cluster: prod\nconnection:\n  bootstrap: [\"127.0.0.1:1\"]\n{lines}\n");
    Scratch::with(&[
        ("clusters/prod.yaml", &prod),
        ("clusters/other.yaml", "cluster: other\nconnection: { bootstrap: [\"127.0.0.1:1\"] }\n"),
        ("acls/till.yaml", "service: till\n"),
    ])
}

#[test]
fn a_command_for_a_cluster_tells_what_is_wrong_with_its_manifest() {
    for (lines, place) in [
        ("  tls: { ca: /tmp/ca.pem }", "clusters/prod.yaml:4:14"),
        ("  principal: \"User:CN=all\nx", "clusters/prod.yaml:4:"),
        ("clients: { external_secrets: { refresh: 12x } }", "clusters/prod.yaml:4:41"),
        ("consul: { address: \"https://c:8501\", prefix: /a//b/ }", "clusters/prod.yaml:4:46"),
        ("vault: { auth: { approle: { role_id: env:ROLE, secret_id: Winter2031! } } }", "clusters/prod.yaml:4:59"),
    ] {
        let scratch = with(lines);
        for command in [
            &["plan"][..],
            &["apply", "--yes"],
            &["drift"],
            &["doctor", "connection"],
            &["whoami"],
            &["audit"],
            &["identity", "issue", "till", "--out", "out"],
        ] {
            let run = scratch.run(&[command, &["--cluster", "prod"]].concat()).ended(3).says(&["error[BUS0", place]);
            assert!(!run.err.contains("Winter2031!") && run.out.is_empty(), "{run:?}");
        }
        scratch.run(&["validate", "--cluster", "prod", "--format", "json"]).ended(3).shows(&["\"clusters/prod.yaml\""]);
        // No command takes the other one for the only one, or for all.
        scratch.run(&["audit"]).says(&["cluster"]).without_panic();
        scratch.run(&["whoami"]).ended(3).says(&["the manifest of a cluster cannot be read", place]);
        scratch.run(&["plan", "--all"]).ended(3).says(&[place]);
        // What is wrong with one says nothing of the others.
        scratch.run(&["audit", "--cluster", "other"]).ended(1);
        scratch.run(&["audit", "--cluster", "nowhere"]).says(&["nowhere"]).without_panic();
    }
}

#[test]
fn where_the_only_cluster_cannot_be_read_no_command_says_that_there_is_none() {
    let scratch = Scratch::with(&[("clusters/prod.yaml", "cluster: prod\nconnection: { tls: { ca: /tmp/ca.pem } }\n")]);
    for command in [&["plan"][..], &["plan", "--all"], &["audit"], &["doctor", "connection"]] {
        let run = scratch.run(command).ended(3).says(&["clusters/prod.yaml:2:26", "cannot be read"]);
        assert!(!run.err.contains("has no cluster"), "{run:?}");
    }
}
