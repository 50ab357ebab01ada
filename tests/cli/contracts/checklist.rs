//! The checklist of a change.

use super::{ID, TOPIC, avro, history, test};
use crate::support::workspace::Scratch;

#[test]
fn a_key_that_is_not_read_is_told_in_the_checklist_of_its_topic() {
    let added = avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\", \"default\": 0 }}"));
    let samples = [("a.json", "{ \"id\": \"a\", \"n\": 1 }"), ("a.key.json", "{ \"key\": 3 }")];
    let scratch = history(&[&avro(ID), &added], &samples);
    scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ key: track.key.avsc }}\n"));
    scratch.write("schemas/media/track.key.avsc", avro(r#"{ "name": "key", "type": "string" }"#));
    let run = test(&scratch, &["--checklist"]).ended(0).shows(&["[ ] contract tests: the sample is not of its schema"]);
    assert!(!run.out.contains("consumers read every sample"), "{}", run.out);
    // By its subject, by its path.
    test(&scratch, &["media.track.v1-value"]).ended(0).says(&["1 sample of 1 schema"]);
    test(&scratch, &["schemas/media/track.key.avsc"]).ended(3);
    scratch.remove("schemas/media/fixtures/media.track.v1/a.key.json");
    test(&scratch, &[]).ended(0).shows(&["the keys of `media.track.v1` have a schema and no sample records"]);
}

#[test]
fn an_edit_of_what_is_committed_is_a_change_though_nobody_kept_it() {
    let scratch = history(&[&avro(ID)], &[("a.json", "{ \"id\": \"a\" }")]);
    scratch.commit();
    test(&scratch, &["--checklist"]).ended(0).shows(&["nothing changed that is to be reviewed"]);
    // A sample of the present version alone, so that none is of the committed one.
    let size = "{ \"name\": \"size\", \"type\": \"int\" }";
    scratch.write("schemas/media/media.track.v1.avsc", avro(&format!("{ID},\n    {size}")));
    let run = test(&scratch, &["--checklist"]).ended(0);
    let run = run.shows(&["media.track.v1 v1 → v2", "[ ] compatibility: backward is broken with v1", "[ ] fixtures: "]);
    assert!(!run.out.contains("[x] contract tests"), "{}", run.out);
    test(&scratch, &[]).ended(3).shows(&["error[BUS321]: a consumer on v2 cannot read the sample `a.json` of v1"]);
    // Committed, it is compared with where the branch began.
    scratch.git(&["checkout", "--quiet", "-b", "change"]);
    scratch.git(&["commit", "--quiet", "--all", "--message", "Size"]);
    test(&scratch, &["--against", "git:main"]).ended(3).shows(&["error[BUS321]"]);
    test(&scratch, &["--against", "git:nowhere"]).ended(1).says(&["has no commit `nowhere`"]);
    test(&scratch, &["--against", "main"]).ended(64).says(&["write git:REF"]);
}

#[test]
fn a_version_that_cannot_be_read_is_not_passed_over() {
    let (one, broken) = (avro(ID), "{ \"type\": \"recor\" }");
    let three = avro(&format!("{ID},\n    {{ \"name\": \"n\", \"type\": \"int\", \"default\": 0 }}"));
    let new = [("new.json", r#"{ "id": "a", "n": 1 }"#)];
    let scratch = history(&[&one, broken, &three], &new);
    let run = test(&scratch, &["--checklist"]).ended(0);
    insta::assert_snapshot!(run.out, @"
    media.track.v1 v2 → v3
      [ ] compatibility: v2 cannot be read
      [ ] fixtures: v2 cannot be read, so that nobody knows what is new
      [ ] contract tests: not a valid Avro schema: the type `recor` is not defined
    ");
    let level = |level: &str| {
        scratch.write("topics/track.yaml", format!("{TOPIC}schema: {{ compatibility: {level} }}\n"));
        test(&scratch, &["--checklist"]).ended(0)
    };
    level("backward_transitive").shows(&["[ ] compatibility: v2 cannot be read"]);
    level("none").shows(&["[x] compatibility: level none compares nothing"]);
    // One that no level looks at does no harm to the verdict.
    let scratch = history(&[broken, &one, &three], &new);
    test(&scratch, &["--checklist"]).ended(0).shows(&["[x] compatibility: nothing breaks backward", "v2 → v3"]);
    let scratch = history(&[broken, broken, &three], &new);
    test(&scratch, &["--checklist"]).ended(0).shows(&["v2 → v3", "[ ] compatibility: v2 cannot be read"]);
}

#[test]
fn the_decision_record_is_found_as_the_rule_finds_it() {
    let scratch = Scratch::with(&[("topics/track.yaml", "topic: media.track.v2\nadr: ././docs/why.md\n")]);
    scratch.write("schemas/media/media.track.v2.avsc", avro(ID));
    scratch.write("docs/why.md", "# Why\n");
    test(&scratch, &["--checklist"]).shows(&["[x] decision record: ././docs/why.md"]);
    scratch.write("topics/track.yaml", "topic: media.track.v2\nadr: ./docs/why_not.md\n");
    test(&scratch, &["--checklist"]).shows(&["[ ] decision record: write ./docs/why_not.md"]);
}
