//! `busctl dev`, with the bus that is the sample of this repository.

use std::fs;
use std::path::Path;

use crate::sample::changes;
use crate::support::workspace::{Run, Scratch};

/// A copy of the repository's workspace, so that no test touches it.
fn repository() -> Scratch {
    let scratch = Scratch::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(root.join("busctl.yaml"), scratch.path("busctl.yaml")).unwrap();
    for folder in ["clusters", "topics", "acls", "schemas", "catalog", "docs"] {
        copy(&root.join(folder), &scratch.path(folder));
    }
    scratch
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to)
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Takes the bus away also where the test fails.
struct Reset<'s>(&'s Scratch);

impl Drop for Reset<'_> {
    fn drop(&mut self) {
        self.0.run(&["dev", "reset"]);
    }
}

fn plan(scratch: &Scratch) -> Run {
    scratch.run(&["plan", "--cluster", "dev", "--format", "json"])
}

#[test]
fn the_sample_comes_up_is_applied_and_is_settled() {
    let scratch = repository();
    scratch.run(&["validate"]).ended(0);
    scratch.run(&["plan", "--cluster", "dev"]).ended(1).says(&["the local bus `dev` is not up", "busctl dev up"]);
    scratch.run(&["dev", "status"]).ended(1).shows(&["Kafka: stopped"]);
    scratch.run(&["dev", "down"]).ended(0).says(&["It was not running."]);

    let _reset = Reset(&scratch);
    let up = scratch.run(&["dev", "up"]).ended(0).says(&[
        "Kafka 127.0.0.1:",
        "Schema registry http://127.0.0.1:",
        "Passwords .busctl/",
    ]);
    assert!(!up.err.contains("secret-"), "{}", up.err);
    scratch.run(&["dev", "status"]).ended(0).shows(&["Kafka 4.3.1: running", "Schema registry 3.3.3: running"]);
    assert_eq!(scratch.run(&["dev", "status", "--format", "json"]).ended(0).json()["kafka"]["condition"], "running");
    scratch.run(&["dev", "logs", "--lines", "5"]).ended(0).shows(&["\n"]);

    let before = plan(&scratch).ended(0);
    assert!(changes(&before).contains("create topic/media.raw_ingest.v1"), "{}", changes(&before));
    scratch.run(&["apply", "--cluster", "dev", "--yes"]).ended(0);
    let settled = scratch.run(&["plan", "--cluster", "dev", "--detailed-exitcode", "--format", "json"]).ended(0);
    assert_eq!(changes(&settled), "");

    // The registry alone is gone: what starts the bus starts it.
    let status = scratch.run(&["dev", "status", "--format", "json"]).ended(0).json();
    let pid = status["registry"]["pid"].to_string();
    assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    let dark = plan(&scratch).ended(1).json();
    assert_eq!(dark["incomplete"][0]["failure"]["hint"], "start it with `busctl dev up`", "{dark:#}");

    // A file changes, is planned, applied, and settled again. The data survives that the bus is stopped.
    scratch.edit("topics/media/media.raw_ingest.v1.yaml", "max.message.bytes: 2MiB", "max.message.bytes: 3MiB");
    scratch.run(&["dev", "down"]).ended(0);
    scratch.run(&["dev", "up"]).ended(0);
    insta::assert_snapshot!(changes(&plan(&scratch).ended(0)), @"update topic/media.raw_ingest.v1 [safe] config.max.message.bytes 2MiB → 3MiB");
    scratch.run(&["apply", "--cluster", "dev", "--yes"]).ended(0);
    assert_eq!(changes(&plan(&scratch).ended(0)), "");
    // No tracked file knows of the bus.
    assert_eq!(scratch.read(".busctl/.gitignore"), "*\n");
    scratch.run(&["dev", "reset"]).ended(0);
    scratch.run(&["plan", "--cluster", "dev"]).ended(1).says(&["busctl dev up"]);
}

#[test]
fn a_command_runs_on_a_bus_of_its_own() {
    let scratch = repository();
    let script = "test -n \"$KAFKA_BOOTSTRAP_SERVERS\" && test \"$KAFKA_SASL_USERNAME\" = normalizer && \
                  echo \"$BUSCTL_DEV_DIR\" && exit 7";
    let run = scratch.run(&["dev", "run", "--as", "normalizer", "--", "sh", "-c", script]).ended(7);
    assert!(!Path::new(run.out.trim()).exists(), "{} is still there", run.out);
    assert!(!scratch.path(".busctl").exists());
    scratch.run(&["dev", "run", "--as", "nobody-known", "--", "true"]).ended(64).says(&["nobody-known", "normalizer"]);
}
