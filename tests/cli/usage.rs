//! Wrong usage and missing workspaces: what is said, and the code.

use std::net::TcpListener;

use crate::support::workspace::{Scratch, busctl, start};

#[test]
fn wrong_usage_ends_with_64_and_says_what_is_meant() {
    let scratch = Scratch::new();
    for (arguments, said) in [
        (&["valdate"][..], "'validate'"),
        (&["plan", "--detailed-exit-code"], "'--detailed-exitcode'"),
        (&["plan", "--format", "xml"], "json"),
        (&["plan", "--timeout", "soon"], "--timeout"),
        (&["plan", "--timeout", "0s"], "longer than nothing"),
        // In a manifest that would be milliseconds, which nobody means here.
        (&["plan", "--timeout", "5"], "5s"),
        (&["apply", "--allow", "everything"], "destructive"),
        (&["apply", "plan.json", "--retention-step", "1d"], "--retention-step"),
        (&["plan", "--target", "topics/media.x"], "no kind `topics`"),
        (&["audit", "--resource", "topics/*"], "no kind `topics`"),
        (&["audit", "--since", "5"], "an age such as 7d"),
        (&["audit", "--limit", "0"], "--limit"),
        (&["dlq", "ledger", "a.v1.b.dlq", "--run", "nope"], "write the id of a run, as `busctl dlq ledger` shows it"),
        (&["explain"], "<CODE>"),
        (&["snapshot"], "--output"),
        (&["show"], "<TOPIC>"),
        (&["dev", "run"], "<CMD>"),
        (&[], "Usage: busctl"),
    ] {
        let run = scratch.run(arguments).ended(64);
        assert!(run.err.contains(said), "{arguments:?} does not say {said}:\n{}", run.err);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn a_local_bus_that_is_down_says_how_to_start_it() {
    let cluster = "cluster: dev\nenvironment: dev\nkafka: { deployment: local }\n";
    let scratch = Scratch::with(&[("clusters/dev.yaml", cluster)]);
    scratch.run(&["plan"]).ended(1).says(&["the local bus `dev` is not up", "busctl dev up"]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    scratch.write(
        ".busctl/local/dev/connection.yaml",
        format!("cluster: dev\nconnection:\n  bootstrap: [\"{closed}\"]\n"),
    );
    let down = scratch.run(&["plan", "--timeout", "5s"]).ended(1);
    assert!(!down.err.contains("connection.bootstrap"), "{}", down.err);
    down.says(&[&closed.to_string(), "busctl dev up"]);
}

#[test]
fn without_a_workspace_it_says_what_one_is() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["validate"][..], &["plan"], &["apply"], &["catalog"], &["dev", "up"], &["show", "a.b.v1"]] {
        let mut command = busctl();
        command.args(arguments).current_dir(folder.path());
        start(command)
            .wait()
            .ended(1)
            .says(&["no busctl.yaml in", "help: run busctl in a workspace, or name one with -C"]);
    }
    let mut command = busctl();
    command.args(["-C", "/nowhere/at/all", "validate"]);
    start(command).wait().ended(1).says(&["there is no folder /nowhere/at/all", "help: -C takes"]);
    let mut command = busctl();
    command.args(["-C", "/dev/null", "validate"]);
    start(command).wait().ended(1).says(&["/dev/null is no folder", "help: -C takes"]);
}

#[test]
fn files_are_looked_for_from_the_folder_that_is_named() {
    let scratch = Scratch::new();
    let schema = r#"{ "type": "record", "name": "Track", "fields": [] }"#;
    let id = r#"{ "type": "fixed", "name": "Id", "size": 16 }"#;
    let pair = serde_json::json!({ "id": 1, "format": "avro", "old": schema, "new": schema });
    for (path, text) in [("a.avsc", schema), ("b.avsc", schema), ("id.avsc", id), ("pairs", &pair.to_string())] {
        scratch.write(&format!("below/{path}"), text);
    }
    let there = |arguments: &[&str]| scratch.run(&[&["-C", "below"], arguments].concat());
    for command in [
        &["schema", "check", "--old", "a.avsc", "--new", "b.avsc"][..],
        &["schema", "check", "--pairs", "pairs"],
        &["schema", "diff", "a.avsc", "b.avsc"],
        &["schema", "diff", "--old", "a.avsc", "--new", "b.avsc", "--reference", "Id=id.avsc"],
        &["schema", "show", "a.avsc"],
        &["schema", "normalize", "a.avsc", "-o", "c.avsc"],
        &["completions", "--all", "completions"],
    ] {
        there(command).ended(0);
    }
    assert!(scratch.path("below/c.avsc").is_file() && scratch.path("below/completions").is_dir());
    // The workspace is found above it, and what is a path in the workspace stays one.
    there(&["catalog"]).ended(0);
    assert!(scratch.path("docs/event-catalog.md").is_file());
}

#[test]
fn a_target_has_a_kind() {
    let scratch = Scratch::new();
    scratch
        .run(&["plan", "--target", "media.x"])
        .ended(64)
        .says(&["needs a kind in front", "did you mean `topic/media.x`?"]);
}

#[test]
fn a_file_that_cannot_be_used_ends_with_1_whatever_it_was_to_be() {
    let scratch = Scratch::with(&[("clusters/a.yaml", "cluster: alpha\n"), ("other.json", "{}")]);
    for file in ["missing.json", "other.json"] {
        for arguments in [&["apply", file][..], &["plan", "--undo", file], &["plan", "--live", file]] {
            scratch.run(arguments).ended(1).says(&[file]);
        }
    }
}

#[test]
fn a_workspace_is_found_from_below_and_by_name() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("topics/deep/er")).unwrap();
    let mut below = busctl();
    below.arg("validate").current_dir(scratch.path("topics/deep/er"));
    start(below).wait().ended(0);
    let mut named = busctl();
    named.arg("validate").arg("--directory").arg(scratch.root()).current_dir("/");
    start(named).wait().ended(0);
}

#[test]
fn no_cluster_is_taken_that_nobody_named() {
    let scratch = Scratch::new();
    scratch.run(&["plan"]).ended(64).says(&["the workspace has no cluster", "clusters/NAME.yaml"]);
    scratch.write("clusters/a.yaml", "cluster: alpha\n");
    scratch.run(&["plan"]).ended(64).says(&["cluster `alpha` has no `connection`", "clusters/a.yaml:1:10"]);
    scratch.write("clusters/b.yaml", "cluster: beta\n");
    scratch.run(&["plan"]).ended(64).says(&["several clusters", "--cluster NAME, one of: alpha, beta"]);
    scratch.run(&["apply", "--yes"]).ended(64).says(&["several clusters"]);
    scratch.run(&["plan", "--cluster", "alpah"]).ended(64).says(&["no cluster `alpah`", "did you mean `alpha`?"]);
    let mut from_environment = scratch.command(&["plan"]);
    from_environment.env("BUSCTL_CLUSTER", "beta");
    start(from_environment).wait().ended(64).says(&["cluster `beta` has no `connection`"]);
    scratch.run(&["dev", "up"]).ended(64).says(&["no local cluster", "deployment: local"]);
    scratch.run(&["dev", "up", "--cluster", "beta"]).ended(64).says(&["`beta` is not a local one"]);
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let scratch = Scratch::with(&[("topics/x.yaml", "topik: a\n")]);
    let plain = scratch.run(&["validate"]).ended(3);
    assert!(!plain.out.contains('\x1b'), "{}", plain.out);
    assert!(scratch.run(&["validate", "--color", "always"]).ended(3).out.contains("\x1b["));
    let terminal = |variable: Option<&str>| {
        let line = format!("'{}' validate", env!("CARGO_BIN_EXE_busctl"));
        let mut command = std::process::Command::new("script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(scratch.root());
        command.env_remove("NO_COLOR").env("TERM", "xterm").stdin(std::process::Stdio::null());
        variable.map(|value| command.env("NO_COLOR", value));
        start(command).wait().ended(3).out
    };
    assert!(terminal(None).contains("\x1b["));
    assert!(!terminal(Some("1")).contains("\x1b["));
    // As no-color.org has it, an empty value says nothing.
    assert!(terminal(Some("")).contains("\x1b["));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let line = format!("set -o pipefail; '{}' explain --all | head -1", env!("CARGO_BIN_EXE_busctl"));
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &line]);
    let run = start(command).wait().ended(0);
    assert_eq!((run.out.lines().count(), run.err.as_str()), (1, ""));
}

#[test]
fn a_connection_that_cannot_be_used_is_a_finding_and_told_once() {
    let cluster = "cluster: alpha\nenvironment: dev\nconnection: { bootstrap: [localhost] }\n";
    let scratch = Scratch::with(&[("clusters/a.yaml", cluster)]);
    let run = scratch.run(&["plan"]).ended(3).says(&["error[BUS407]: `localhost` is not HOST:PORT"]);
    let told = [run.out, run.err].concat();
    assert_eq!(told.matches("is not HOST:PORT").count(), 1, "{told}");
    scratch.run(&["drift"]).ended(3).says(&["clusters/a.yaml:3:27: `localhost` is not HOST:PORT"]);
}

#[test]
fn a_local_bus_that_is_not_up_is_one_walk_that_says_how_it_is_started() {
    let scratch = Scratch::with(&[
        ("clusters/a.yaml", "cluster: alpha\nkafka: { deployment: local }\nschema_registry: alpha\n"),
        ("clusters/registry.yaml", "registry: alpha\n"),
    ]);
    let run = scratch.run(&["doctor", "connection"]).ended(1);
    let _ =
        run.shows(&["cluster/alpha  not known (busctl dev)", "the local bus is not up", "busctl dev up", "1 walk,"]);
}
