//! What may leave the program: the check that every run in a test goes through finds a secret wherever a program lets it out,
//! and files are written for no more people than needed.

use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use crate::support::workspace::{Scratch, start};

const SECRET: &str = "correct \"horse\" battery";

/// A workspace that refers to a secret in a file and to one in the environment.
fn workspace() -> Scratch {
    let sasl = "sasl: { mechanism: plain, username: env:THE_USER, password: file:secrets/password }";
    let tls = "tls: { certificate: file:client.pem }";
    let scratch = Scratch::with(&[
        ("clusters/main.yaml", &format!("cluster: main\nconnection: {{ {tls}, {sasl} }}\n")),
        ("secrets/password", &format!("{SECRET}\n")),
    ]);
    let line = |c: char| c.to_string().repeat(64);
    let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} PRIVATE KEY-----\n"));
    scratch.write("client.pem", format!("{begin}{}\n{}\n{end}", line('a'), line('k')));
    scratch
}

/// What the check says of a program that lets something out.
fn told(scratch: &Scratch, program: &str) -> Result<(), String> {
    let mut command = Command::new("sh");
    command.args(["-c", program]).current_dir(scratch.root()).env("THE_USER", "not-for-everybody");
    let run = AssertUnwindSafe(|| start(command).wait());
    catch_unwind(run).map(drop).map_err(|panic| *panic.downcast::<String>().unwrap())
}

#[test]
fn a_secret_is_found_wherever_it_is_let_out() {
    let scratch = workspace();
    for (program, origin) in [
        ("cat secrets/password", "secrets/password"),
        ("cat secrets/password >&2", "secrets/password"),
        ("printf 'password: %s!' \"$(cat secrets/password)\"", "secrets/password"),
        ("printf '\"correct \\\\\"horse\\\\\" battery\"'", "secrets/password"),
        ("printf 'correct%%20%%22horse%%22%%20battery'", "secrets/password"),
        ("(printf 'busctl:'; cat secrets/password) | base64", "secrets/password"),
        ("(printf 'ada:'; cat secrets/password) | base64", "secrets/password"),
        ("(printf 'root:'; cat secrets/password) | base64", "secrets/password"),
        ("cp secrets/password report.json", "secrets/password"),
        ("echo $THE_USER", "env:THE_USER"),
        ("sed -n 3p client.pem", "client.pem"),
    ] {
        let told = told(&scratch, program).expect_err(program);
        assert!(told.contains("lets out the secret of") && told.contains(origin), "{program}: {told}");
        assert!(!told.contains("battery\n") || program.contains("printf"), "{program}: {told}");
        // What a run wrote stays written, and the next one does not answer for it.
        if scratch.path("report.json").exists() {
            scratch.remove("report.json");
        }
    }
    let told_of_all = told(&scratch, "cat secrets/password; echo $THE_USER; sed -n 3p client.pem").expect_err("all");
    for secret in ["horse", "not-for-everybody", "kkkkkkkk"] {
        assert!(!told_of_all.contains(secret), "{told_of_all}");
    }
    for program in [
        "true",
        "echo file:secrets/password",
        "sed -n 2p client.pem",
        "cp secrets/password secrets/again; rm secrets/again",
    ] {
        told(&scratch, program).expect(program);
    }
}

#[test]
fn what_is_written_can_be_changed_by_its_owner_alone_whatever_the_shell_lets() {
    let scratch = Scratch::with(&[("topics/a.yaml", "topik: a\n")]);
    let program = env!("CARGO_BIN_EXE_busctl");
    let mode = |path: &str| std::fs::metadata(scratch.path(path)).unwrap().permissions().mode() & 0o777;
    let validate = format!("umask 000; '{program}' validate --report sarif=out/a.sarif --write-baseline baseline.json");
    told(&scratch, &validate).unwrap();
    assert_eq!((mode("out/a.sarif"), mode("baseline.json")), (0o644, 0o644));
    // Who had it otherwise keeps it so, and who lets nobody read lets nobody.
    std::fs::set_permissions(scratch.path("baseline.json"), std::fs::Permissions::from_mode(0o660)).unwrap();
    scratch.remove("out/a.sarif");
    told(&scratch, &validate.replace("000", "077")).unwrap();
    assert_eq!((mode("out/a.sarif"), mode("baseline.json")), (0o600, 0o660));
}

#[test]
fn what_stands_where_a_reference_belongs_is_shown_nowhere_whatever_it_looks_like() {
    let cluster = |lines: &str| format!("cluster: main\n{lines}\n");
    let vault = |auth: &str| cluster(&format!("vault: {{ address: \"https://v.example:8200\", auth: {{ {auth} }} }}"));
    let clients = |configs: &str| cluster(&format!("clients: {{ {configs} }}"));
    for (manifest, secret, code) in [
        (vault("approle: { role_id: env:ROLE, secret_id: Winter2031! }"), "Winter2031!", "BUS006"),
        (
            vault("approle: { role_id: env:ROLE, secret_id: \"4be8e19a-b0dd-5a1d-4d33-9f3f3a8f6c1d\" }"),
            "4be8e19a-b0dd-5a1d-4d33-9f3f3a8f6c1d",
            "BUS006",
        ),
        // A key that is mistyped, a part that is misplaced, and a value of another type.
        (vault("approle: { role_id: env:ROLE, secret_idd: Winter2031! }"), "Winter2031!", "BUS004"),
        (vault("aproll: { role_id: env:ROLE, secret_id: Winter2031! }"), "Winter2031!", "BUS004"),
        (vault("approle: { role_id: env:ROLE, secret_id: [Winter2031!] }"), "Winter2031!", "BUS005"),
        (vault("approle: { role_id: env:ROLE, secret_id: 20312031 }"), "20312031", "BUS006"),
        (vault("approle: { role_id: env:ROLE, secret_id: Winter2031! } } }, x: {"), "Winter2031!", "BUS001"),
        (cluster("consul: { address: \"https://c.example:8501\", token: abcabc }"), "abcabc", "BUS006"),
        (cluster("consul: { address: \"https://c.example/x?token=QuerySecret\" }"), "QuerySecret", "BUS413"),
        (cluster("connection: { bootstrap: [\"b:9093\"], tls: { ca: /tmp/winter.pem } }"), "/tmp/winter.pem", "BUS006"),
        (clients("producer: { basic.auth.user.info: \"u:Winter2028!\" }"), "Winter2028!", "BUS867"),
        (clients("config: { sasl.jaas.config: \"x password=Winter2027!;\" }"), "Winter2027!", "BUS867"),
        (clients("consumer: { ssl.key.password: winter }"), "winter", "BUS867"),
        (cluster("kafka: { config: { password.encoder.secret.key: winter }, broken: true }"), "winter", "BUS004"),
    ] {
        let scratch = Scratch::with(&[("clusters/main.yaml", &manifest)]);
        let run = scratch.run(&["validate"]).ended(3).says(&[]);
        let told = format!("{}{}", run.out, run.err);
        assert!(told.contains(code) && told.contains("****"), "{manifest}\n{told}");
        assert!(!told.contains(secret), "{manifest}\n{told}");
    }
    // The same in busctl.yaml and acls/; and a reference that is wrong is no secret, and is shown.
    let scratch = Scratch::with(&[
        ("busctl.yaml", "version: 1\nvault: { address: \"https://v.example\", auth: { token: Winter2031! } }\n"),
        ("acls/a.yaml", "service: a\nscram: { password: { of: Winter2029! } }\n"),
        (
            "clusters/main.yaml",
            "cluster: main\nconnection: { bootstrap: [\"b:9093\"], tls: { ca: vault:secret/bus } }\n",
        ),
    ]);
    let run = scratch.run(&["validate"]).ended(3).shows(&[
        "vault:secret/bus",
        "write vault:MOUNT/PATH#FIELD for a field of a secret; of Vault's PKI vault:MOUNT/ca",
    ]);
    assert!(!run.out.contains("Winter") && !run.err.contains("Winter"), "{run:?}");
}
