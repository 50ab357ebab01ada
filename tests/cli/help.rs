//! Help that reads well, the version, completions.

use crate::support::workspace::{Run, busctl, start};

fn run(arguments: &[&str]) -> Run {
    let mut command = busctl();
    // Nowhere: none of these needs a workspace.
    command.args(arguments).current_dir("/");
    start(command).wait()
}

#[test]
fn the_first_page_names_every_command() {
    let help = run(&["--help"]).ended(0);
    insta::assert_snapshot!(help.out, @r"
    Govern a Kafka bus from YAML in Git: plan, policy, apply, catalog

    Usage: busctl [OPTIONS] <COMMAND>

    Commands:
      validate       Check the workspace against the rules of the bus, offline
      ci             Check everything that a pull request has to pass, in one run with one report
      fmt            Format manifests; comments and meaning stay
      plan           Show what would change on a cluster, or on all of them
      apply          Change a cluster to what the workspace says
      drift          Tell what was changed outside Git from what waits to be applied
      audit          List what was changed on a cluster, by whom, and what became of it
      topics         List topics, or tell everything of one: what is declared beside what is there
      groups         List consumer groups, or tell everything of one: whose it is, and how far behind
      services       List services, or tell everything of one: what it may do, and what it should
      schemas        List subjects of the schema registry, or tell everything of one
      access         Say who may do what: with a topic or a group, or what a service may do; by which
                     ACL, asked for in which manifest
      show           Show a topic as it is resolved, and where each value comes from
      diff           Compare two clusters, live or saved: what the second has otherwise than the first
      promote        Show what the manifests give one cluster and not another, and write it
      rebalance      Move replicas off a broker or onto one, or spread the leaders
      truncate       Delete the records of a topic up to an offset or a time
      dlq            Find out why dead letters failed, and send them again or give them up
      reassign       See or cancel moves of replicas that are under way
      snapshot       Save the live state of a cluster to a file, for plans without a network
      import         Make manifests of what a cluster and its registry have already
      identity       Have the certificates of services issued
      client-config  Print what the clients of a service are configured with: brokers, groups, the rules
                     of the bus; never a secret
      client-check   Say which rules of the bus the configuration of a client breaks
      render         Write what the workspace means in the forms of other systems
      catalog        Write the event catalog
      explain        Say why a rule exists, with a bad and a good example
      policy         Test the rules of your own
      schema         Check schemas and their sample records
      new            Make a topic, a service, a domain, a cluster, or the next version of a topic
      login          Log in as a person, at the issuer of tokens that the manifests name
      logout         Forget the login
      whoami         Say whom each system takes busctl for, and what that is derived from
      doctor         Find out why a server cannot be reached
      dev            Run a local Kafka and schema registry
      lsp            Serve an editor: findings, hover, completion and definitions of manifests
      completions    Print shell completions, or write them all with the man page

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Global options:
      -C, --directory <DIR>  Work as if started in this folder
          --color <WHEN>     When to use colours: auto, always or never; NO_COLOR is heeded [default:
                             auto]
      -v, --verbose          Say more: what is unmanaged, where every field comes from

    Exit codes: 0 done · 1 could not do it · 2 there are changes (--detailed-exitcode)
    3 findings at level error · 4 refused before the first write · 5 applied in part
    64 wrong usage · 130 interrupted before any write
    ");
    assert_eq!(help.err, "");
    assert_eq!(run(&["-h"]).ended(0).out.lines().next(), help.out.lines().next());
}

#[test]
fn every_command_explains_each_of_its_options() {
    for command in [
        &["validate"][..],
        &["plan"],
        &["apply"],
        &["show"],
        &["diff"],
        &["promote"],
        &["snapshot"],
        &["import"],
        &["identity", "issue"],
        &["client-config"],
        &["client-check"],
        &["render", "external-secrets"],
        &["catalog"],
        &["explain"],
        &["completions"],
        &["schema"],
        &["schema", "check"],
        &["new", "topic"],
        &["new", "service"],
        &["new", "domain"],
        &["new", "cluster"],
        &["login"],
        &["logout"],
        &["whoami"],
        &["doctor", "connection"],
        &["dev"],
        &["dev", "up"],
        &["dev", "down"],
        &["dev", "status"],
        &["dev", "logs"],
        &["dev", "reset"],
        &["dev", "run"],
    ] {
        let help = run(&[command, &["--help"]].concat()).ended(0).out;
        assert!(help.contains("Usage: busctl"), "{command:?}\n{help}");
        // An option whose line holds nothing else, and whose next line does not go on, has no help.
        let lines: Vec<_> = help.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0].trim_start().starts_with('-')) {
            let words = pair[0].trim_start().split_once("  ").is_some_and(|(_, help)| !help.trim().is_empty());
            assert!(words || pair[1].starts_with("          "), "{command:?}: {}", pair[0]);
        }
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(run(&["--version"]).ended(0).out, format!("busctl {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_written_for_each_shell() {
    for (shell, part) in [
        ("bash", "complete -F _busctl"),
        ("zsh", "#compdef busctl"),
        ("fish", "complete -c busctl"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        run(&["completions", shell]).ended(0).shows(&[part, "server-check"]);
    }
    run(&["completions", "tcsh"]).ended(64).says(&["tcsh", "bash"]);
    run(&["completions"]).ended(64);
}
