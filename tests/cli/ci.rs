//! Everything that a pull request has to pass, in one run.

use serde_json::Value;

use crate::against::{repository, snapshot};
use crate::support::workspace::{Run, Scratch, assert_valid};

/// A committed copy of the repository's own bus, with a branch for the change.
pub fn sample() -> Scratch {
    let scratch = Scratch::empty();
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["busctl.yaml", "clusters", "topics", "acls", "schemas", "catalog", "docs/adr", "docs/event-catalog.md"]
    {
        copy(&here.join(part), &scratch.path(part));
    }
    scratch.commit();
    scratch.git(&["checkout", "--quiet", "-b", "change"]);
    scratch
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    if from.is_dir() {
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}

fn ci(scratch: &Scratch, more: &[&str]) -> Run {
    scratch.run(&[&["ci", "--against", "git:main"], more].concat())
}

fn steps(document: &Value) -> Vec<(String, String)> {
    let steps = document["steps"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    steps.map(|step| (text(&step["step"]), text(&step["outcome"]))).collect()
}

fn outcome<'s>(steps: &'s [(String, String)], name: &str) -> &'s str {
    &steps.iter().find(|(step, _)| step == name).unwrap().1
}

#[test]
fn a_change_that_breaks_nothing_passes() {
    let scratch = sample();
    scratch.edit("topics/media/media.raw_ingest.v1.yaml", "change_request: CR-2041", "change_request: CR-2042");
    scratch.run(&["catalog"]).ended(0);
    let found = ci(&scratch, &["--format", "json"]).ended(0).json();
    assert_valid("ci.schema.json", &found);
    let steps = steps(&found);
    for name in ["rules and schemas", "contract tests", "event catalog"] {
        assert_eq!(outcome(&steps, name), "passed");
    }
    for name in ["completions", "plan"] {
        assert_eq!(outcome(&steps, name), "skipped");
    }
    assert_eq!(found["passed"], true);
    // Schemas that did not change need no review.
    assert_eq!(found["reviews"].as_array().unwrap().len(), 0, "{found:#}");
}

#[test]
fn what_fails_keeps_nothing_else_from_being_tried() {
    let scratch = sample();
    let schema = "schemas/media/media.raw_ingest.v1.avsc";
    let text = scratch.read(schema);
    let (fields, rest) = text.rsplit_once(']').unwrap();
    let added = "{ \"name\": \"bitrate\", \"type\": \"long\", \"doc\": \"Bits a second.\" }";
    scratch.write(schema, format!("{},\n    {added}\n  ]{rest}", fields.trim_end()));
    scratch.write("docs/event-catalog.md", "old\n");
    scratch.write("completions/busctl.bash", "old\n");
    let run =
        ci(&scratch, &["--live", "nowhere.json", "--report", "markdown=summary.md", "--report", "sarif=found.sarif"]);
    let run = run.ended(1).shows(&[
        "error[BUS307]",
        "FAIL  rules and schemas",
        "FAIL  event catalog: docs/event-catalog.md is not up to date: write it with `busctl catalog`",
        "FAIL  completions: completions/busctl.bash is not that of this busctl",
        "FAIL  plan of nowhere.json: could not read the snapshot nowhere.json",
        "[ ] compatibility",
    ]);
    ci(&scratch, &["--plan", "nowhere"]).ended(64).says(&["the workspace has no cluster `nowhere`"]);
    assert!(run.out.contains("compared with git:main ("), "{}", run.out);
    let comment = scratch.read("summary.md");
    assert!(comment.starts_with("<!-- busctl:ci -->\n### busctl: not passed, "), "{comment}");
    assert!(comment.contains("| ❌ | event catalog |") && comment.contains("`BUS307`"), "{comment}");
    let sarif: Value = serde_json::from_str(&scratch.read("found.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "BUS307"), "{sarif:#}");
}

/// A committed workspace with a finding of the base, whose cluster has these partitions.
fn with_snapshot(partitions: usize) -> Scratch {
    let scratch = repository();
    scratch.write("alpha.json", snapshot(partitions));
    scratch
}

#[test]
fn a_plan_fails_on_what_the_change_brings() {
    let scratch = with_snapshot(6);
    let run = |more: &[&str]| ci(&scratch, &[&["--live", "alpha.json"], more].concat());
    run(&[]).ended(0).shows(&["pass  plan of alpha.json"]);
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    run(&[]).ended(3).shows(&[
        "error[RISK_NOT_ALLOWED]: update of topic/shop.order.v1 is destructive, and `alpha` takes no more than safe",
        "--> busctl.yaml:3:40",
        "busctl ci --allow destructive",
        "FAIL  plan of alpha.json",
        "1 change above `allow: safe`",
    ]);
    // Every form says why the run failed.
    let github = run(&["--format", "github"]).ended(3).out;
    assert!(github.contains("::error file=busctl.yaml,line=3") && github.contains("RISK_NOT_ALLOWED"), "{github}");
    run(&["--allow", "destructive"]).ended(0);
    // Merged, and not applied yet: it is the plan of whoever comes next, too.
    scratch.git(&["commit", "--quiet", "--all", "--message", "Cut"]);
    scratch.git(&["branch", "--force", "main"]);
    run(&[]).ended(0).shows(&["pass  plan of alpha.json"]);
}

#[test]
fn what_a_plan_finds_of_the_base_too_does_not_count() {
    let scratch = with_snapshot(12);
    let run = || ci(&scratch, &["--live", "alpha.json"]);
    run().ended(0).shows(&["pass  plan of alpha.json", "1 finding known before"]);
    scratch.edit("topics/order.yaml", "key: id", "key: id\npartitions: 3");
    run().ended(3).shows(&["error[BUS503]: `shop.order.v1` has 12 partitions; the manifest asks for 3"]);
}

#[test]
fn a_catalog_without_end_is_not_read() {
    let scratch = sample();
    scratch.remove("docs/event-catalog.md");
    let gone = ci(&scratch, &[]).ended(3);
    assert!(gone.out.contains("FAIL  event catalog: docs/event-catalog.md is gone"), "{}", gone.out);
    std::os::unix::fs::symlink("/dev/zero", scratch.path("docs/event-catalog.md")).unwrap();
    ci(&scratch, &[]).ended(3).shows(&["error[STALE_FILE]: docs/event-catalog.md is not up to date"]);
}

#[test]
fn rules_of_the_bus_s_own_are_asked_of_their_examples() {
    let scratch = repository();
    let rule = "policy:\n  ORG001:\n    over: topic\n    check: topic.partitions >= 6\n    message: Too few.\n    \
                examples: { good: [{ partitions: 1 }], bad: [{ partitions: 1 }] }\n";
    let settings = scratch.read("busctl.yaml") + rule;
    scratch.write("busctl.yaml", settings);
    ci(&scratch, &[]).ended(3).shows(&["FAIL  rules of your own: 2 examples of 1 rule"]);
}

#[test]
fn a_log_of_annotations_has_the_steps_beside_it() {
    let scratch = sample();
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    scratch.run(&["catalog"]).ended(0);
    let run = ci(&scratch, &["--format", "github"]).ended(0).says(&["pass  rules and schemas", "skip  plan"]);
    assert!(run.out.starts_with("::warning file=busctl.yaml,line="), "{}", run.out);
}

#[test]
fn what_can_be_read_is_judged_beside_what_cannot() {
    let scratch = sample();
    scratch.edit("topics/media/media.ingested.v1.yaml", "class:", "clas:");
    scratch.edit("busctl.yaml", "retention: 30d", "retention: 7d");
    let run = ci(&scratch, &["--plan", "dev"]).ended(3).shows(&[
        "error[BUS004]",
        "BUS703",
        "what the change takes away is told of the manifests that can be read, and of no other",
        "pass  contract tests",
        "; what is declared there was left out, because of the error at topics/media/media.ingested.v1.yaml:",
        "skip  event catalog: not compared, because of the error at topics/media/media.ingested.v1.yaml:",
        "skip  plan: not made, because of the error at topics/media/media.ingested.v1.yaml:",
    ]);
    // No sample is told to be of nobody, and nothing to be gone.
    for consequence in ["BUS326", "BUS701", "BUS706", "BUS707"] {
        assert!(!run.out.contains(consequence), "{}", run.out);
    }
    // That the catalog is gone is so, whatever it would say.
    scratch.remove("docs/event-catalog.md");
    ci(&scratch, &[]).ended(3).shows(&["FAIL  event catalog: docs/event-catalog.md is gone"]);
}

#[test]
fn settings_that_cannot_be_read_leave_only_what_needs_none() {
    let scratch = sample();
    scratch.edit("busctl.yaml", "version: 1", "version: [");
    ci(&scratch, &[]).ended(3).shows(&[
        "error[BUS001]",
        "what the change takes away is not told, because busctl.yaml cannot be read",
        "skip  contract tests: not run, because of the error at busctl.yaml:",
        "skip  rules of your own: not asked, because busctl.yaml cannot be read",
    ]);
}

#[test]
fn a_comment_fits_however_much_was_found() {
    let scratch = sample();
    for number in 0..2_000 {
        let name = format!("media.many_{number}.v1");
        scratch.write(&format!("topics/media/{name}.yaml"), format!("topic: {name}\nclass: raw\n"));
    }
    let run = ci(&scratch, &["--format", "markdown"]).ended(3);
    assert!(run.out.len() <= 65_536, "{}", run.out.len());
    assert!(run.out.contains("left out; the log of the run has all"), "{}", &run.out[run.out.len() - 500..]);
}
