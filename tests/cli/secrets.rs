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
