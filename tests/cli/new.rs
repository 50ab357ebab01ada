//! The next major version of a topic, and keeping a version of a schema.

use crate::support::workspace::Scratch;

const SCHEMA: &str = "schemas/media/media.raw_ingest.v1.avsc";

/// The workspace of the rules' examples, which breaks none.
fn scratch() -> Scratch {
    let scratch = Scratch::with(busctl::policy::BASE);
    scratch.write("docs/adr/0003-other.md", "# 3. Other\n");
    scratch
}

#[test]
fn the_next_version_comes_with_all_that_belongs_to_it() {
    let scratch = scratch();
    scratch.run(&["validate"]).ended(0);
    let why = ["--breaking-change", "Checksums are bytes, not text"];
    let run = scratch.run(&[&["new", "version", "media.raw_ingest.v1"][..], &why].concat()).ended(0);
    insta::assert_snapshot!(run.out, @"
    created docs/adr/0004-checksums-are-bytes-not-text.md
    created schemas/media/media.raw_ingest.v2.avsc
    created topics/media/media.raw_ingest.v2.yaml
    changed acls/ingest-gateway.yaml
    changed acls/normalizer.yaml
    changed topics/media/media.raw_ingest.v1.yaml

    Left to do:
    - change schemas/media/media.raw_ingest.v2.avsc, which is a copy of schemas/media/media.raw_ingest.v1.avsc
    - set `change_request` in topics/media/media.raw_ingest.v2.yaml to the one that asks for the new version
    - see whether topics/media/media.raw_ingest.v2.yaml still says what is true of the new version
    - write sample records to schemas/media/fixtures/media.raw_ingest.v2/, and run `busctl schema test media.raw_ingest.v2`
    - finish docs/adr/0004-checksums-are-bytes-not-text.md: why nothing less does it, what differs, and until when who moves
    ");
    scratch.run(&["validate"]).ended(0);
    assert_eq!(
        scratch.read("acls/normalizer.yaml"),
        "service: normalizer\nconsumes: [media.raw_ingest.v1, media.raw_ingest.v2]\n"
    );
    assert_eq!(scratch.read("schemas/media/media.raw_ingest.v2.avsc"), scratch.read(SCHEMA));
    scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(64).says(&["is there already"]);
}

/// The manifest is written last, so that a topic is never there without what belongs to it.
#[test]
fn what_a_stopped_run_left_is_seen() {
    let scratch = scratch();
    scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(0);
    scratch.remove("topics/media/media.raw_ingest.v2.yaml");
    let run = scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(4);
    run.says(&["media.raw_ingest.v2.avsc would be written over", "a run that was stopped half way may have left it"]);
    scratch.run(&["new", "version", "media.raw_ingest.v1", "--force"]).ended(0);
    scratch.run(&["validate"]).ended(0);
}

#[test]
fn a_manifest_names_its_schema_where_the_workspace_keeps_it() {
    let scratch = scratch();
    scratch.run(&["lsp", "--schemas", "docs/schemas/manifests"]).ended(0);
    scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(0);
    let text = scratch.read("topics/media/media.raw_ingest.v2.yaml");
    let line =
        "# yaml-language-server: $schema=../../docs/schemas/manifests/topic.schema.json\ntopic: media.raw_ingest.v2\n";
    assert!(text.starts_with(line), "{text}");
}

#[test]
fn dead_letters_come_along() {
    let scratch = scratch();
    scratch.edit("busctl.yaml", "classes:\n", "classes:\n  dlq: { cleanup: [delete], retention: 14d }\n");
    let topic = "topics/media/media.raw_ingest.v1.yaml";
    scratch.edit(topic, "consumers: [normalizer]", "consumers:\n  - { service: normalizer, dlq: true }");
    scratch.write(
        "topics/media/dead.yaml",
        "topic: media.raw_ingest.v1.normalizer.dlq\nclass: dlq\ndescription: Records of media.raw_ingest.v1 that normalizer could not process.\nowner: media-platform\n\
         key: asset_id\nproducers: [normalizer]\nconsumers: [ingest-gateway]\nretention_rationale: Two weeks on call.\n\
         change_request: CR-1\n",
    );
    scratch.write(
        "acls/normalizer.yaml",
        "service: normalizer\nconsumes: [media.raw_ingest.v1]\nproduces:\n  - media.raw_ingest.v1.normalizer.dlq\n",
    );
    scratch.write(
        "acls/ingest-gateway.yaml",
        "service: ingest-gateway\nproduces: [media.raw_ingest.v1]\nconsumes: [media.raw_ingest.v1.normalizer.dlq]\n",
    );
    scratch.run(&["validate"]).ended(0);
    scratch
        .run(&["new", "version", "media.raw_ingest.v1"])
        .ended(0)
        .shows(&["created topics/media/media.raw_ingest.v2.normalizer.dlq.yaml", "changed acls/normalizer.yaml"]);
    let dead = scratch.read("topics/media/media.raw_ingest.v2.normalizer.dlq.yaml");
    assert!(dead.contains("description: Records of media.raw_ingest.v2 that normalizer could"), "{dead}");
    scratch.run(&["validate"]).ended(0);
    assert!(
        scratch
            .read("acls/normalizer.yaml")
            .ends_with("  - media.raw_ingest.v1.normalizer.dlq\n  - media.raw_ingest.v2.normalizer.dlq\n")
    );
}

#[test]
fn nothing_is_written_over_unless_it_is_asked_for() {
    let scratch = scratch();
    scratch.write("schemas/media/media.raw_ingest.v2.avsc", "\"string\"");
    let before = scratch.read("acls/normalizer.yaml");
    let refused = scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(4);
    refused.says(&["schemas/media/media.raw_ingest.v2.avsc would be written over"]);
    assert_eq!(scratch.read("acls/normalizer.yaml"), before);
    assert!(!scratch.path("topics/media/media.raw_ingest.v2.yaml").exists());
    scratch.run(&["new", "version", "media.raw_ingest.v1", "--force"]).ended(0).shows(&[
        "written over schemas/media/media.raw_ingest.v2.avsc\n",
        "created topics/media/media.raw_ingest.v2.yaml\n",
    ]);
    assert_eq!(scratch.read("schemas/media/media.raw_ingest.v2.avsc"), scratch.read(SCHEMA));
}

#[test]
fn what_validate_will_say_is_said_at_once() {
    let scratch = scratch();
    // A waiver of the old topic does not hold for the new one.
    scratch.edit("topics/media/media.raw_ingest.v1.yaml", "retention_rationale", "# retention_rationale");
    let waiver = "longest_waiver: unlimited\nwaivers:\n  - { code: BUS112, resource: topic/media.raw_ingest.v1, reason: Soon., expires: 2999-01-01, owner: media-platform }\n";
    scratch.write("busctl.yaml", scratch.read("busctl.yaml") + waiver);
    let found = scratch.run(&["validate"]);
    assert!(!found.out.contains("BUS112"), "{}", found.out);
    scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(0).shows(&["- BUS112 "]);
}

#[test]
fn an_edited_schema_goes_to_the_new_topic_and_the_old_one_comes_back() {
    let (copy, kept) = ("schemas/media/media.raw_ingest.v2.avsc", "schemas/media/versions/media.raw_ingest.v1/1.avsc");
    let edited = |scratch: &Scratch| {
        scratch.edit(
            SCHEMA,
            "\"fields\": [",
            "\"fields\": [\n    { \"name\": \"n\", \"type\": \"int\", \"doc\": \"D.\" },\n   ",
        );
        scratch.read(SCHEMA)
    };
    let make = |scratch: &Scratch| scratch.run(&["new", "version", "media.raw_ingest.v1"]);
    let scratch = scratch();
    scratch.commit();
    let text = edited(&scratch);
    scratch.run(&["schema", "keep", "media.raw_ingest.v1"]).ended(0);
    let restore = format!("`git restore {SCHEMA}`, and remove {kept}, which was kept for this change");
    let first =
        format!("Left to do:\n- put the old schema back, for `media.raw_ingest.v1` stays as it is: {restore}\n");
    make(&scratch).ended(0).shows(&[&first, &format!("see whether {copy} has the whole change")]);
    assert_eq!(scratch.read(copy), text);
    let again = make(&scratch).ended(64).says(&[&restore, "`busctl schema test --checklist media.raw_ingest.v2`"]);
    assert!(!again.err.contains("new version media.raw_ingest.v2"), "{}", again.err);

    // Without Git there is what was kept.
    let scratch = self::scratch();
    scratch.run(&["schema", "keep", "media.raw_ingest.v1"]).ended(0);
    edited(&scratch);
    make(&scratch).ended(0).shows(&[&format!("stays as it is: copy {kept} over {SCHEMA}, and remove {kept}")]);

    // An edit that breaks nobody may stay.
    let scratch = self::scratch();
    scratch.commit();
    scratch.edit(SCHEMA, "The asset's id.", "The id of the asset.");
    let run = make(&scratch).ended(0);
    assert!(!run.out.contains("put the old schema back"), "{}", run.out);
}

#[test]
fn a_decision_record_is_done_when_people_have_said_what_only_they_can() {
    let scratch = scratch();
    scratch
        .run(&["new", "version", "media.raw_ingest.v1", "--breaking-change", "Lists"])
        .ended(0)
        .shows(&["- finish docs/adr/0004-lists.md: "]);
    let checklist = || scratch.run(&["schema", "test", "--checklist", "media.raw_ingest.v2"]).out;
    assert!(checklist().contains("[ ] decision record: finish docs/adr/0004-lists.md"), "{}", checklist());
    scratch.write("docs/adr/0004-lists.md", "# 4. Lists\n\nFor this and that.\n");
    assert!(checklist().contains("[x] decision record: docs/adr/0004-lists.md"), "{}", checklist());
}

#[test]
fn a_version_is_kept_once() {
    let scratch = scratch();
    let keep = || scratch.run(&["schema", "keep", "media.raw_ingest.v1"]);
    keep().ended(0).shows(&["kept schemas/media/versions/media.raw_ingest.v1/1.avsc"]);
    assert_eq!(scratch.read("schemas/media/versions/media.raw_ingest.v1/1.avsc"), scratch.read(SCHEMA));
    keep().ended(4).says(&["is kept already"]);
    scratch.edit(SCHEMA, "The asset's id.", "The id of the asset.");
    keep().ended(0).shows(&["versions/media.raw_ingest.v1/2.avsc"]);
    scratch.run(&["schema", "keep", "media.raw_ingst.v1"]).ended(64);
}

#[test]
fn a_title_is_one_line_and_a_name_moves_no_cursor() {
    let scratch = scratch();
    let new = |arguments: &[&str]| scratch.run(&[&["new", "version"], arguments].concat());
    new(&["media.raw_ingest.v1", "--breaking-change", "a\n# b"]).ended(64).says(&["takes one line"]);
    let run = new(&["media\u{202e}.v1"]).ended(64);
    assert!(!run.err.contains('\u{202e}') && run.err.contains('\u{fffd}'), "{}", run.err);
}

#[test]
fn what_is_there_and_no_version_is_not_written_over() {
    let scratch = scratch();
    let first = "schemas/media/versions/media.raw_ingest.v1/1.avsc";
    scratch.write(first, b"\xff precious");
    let keep = || scratch.run(&["schema", "keep", "media.raw_ingest.v1"]);
    keep().ended(4).says(&[&format!("{first} is there, and is not read as a version"), "busctl validate"]);
    assert_eq!(std::fs::read(scratch.path(first)).unwrap(), b"\xff precious");
    scratch.remove(first);
    std::os::unix::fs::symlink("/dev/zero", scratch.path(first)).unwrap();
    keep().ended(4).says(&[first]);
}

#[test]
fn no_version_is_kept_out_of_the_workspace() {
    let (scratch, outside) = (scratch(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(outside.path(), scratch.path("schemas/media/versions")).unwrap();
    let run = scratch.run(&["schema", "keep", "media.raw_ingest.v1"]);
    run.says(&["the link leads out of the workspace"]).ended(1);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn what_was_committed_is_kept_also_after_the_edit() {
    let scratch = scratch();
    let before = scratch.read(SCHEMA);
    scratch.commit();
    scratch.edit(SCHEMA, "The asset's id.", "The id of the asset.");
    let keep = || scratch.run(&["schema", "keep", "media.raw_ingest.v1"]);
    keep().ended(0).shows(&["1.avsc, which is what was committed, as the file has been edited since"]);
    assert_eq!(scratch.read("schemas/media/versions/media.raw_ingest.v1/1.avsc"), before);
    keep().ended(4).says(&["is kept already"]);
    // What is committed as it is, is kept as it is.
    scratch.commit();
    let run = keep().ended(0).shows(&["2.avsc"]);
    assert!(!run.out.contains("edited"), "{}", run.out);
}

#[test]
fn a_part_that_nobody_edited_is_not_kept_with_the_other() {
    let scratch = scratch();
    let key = "schemas/media/raw.key.avsc";
    scratch.write(key, "{ \"type\": \"string\" }");
    let topic = "topics/media/media.raw_ingest.v1.yaml";
    scratch.write(topic, scratch.read(topic) + "schema: { key: raw.key.avsc }\n");
    scratch.commit();
    scratch.edit(SCHEMA, "The asset's id.", "The id of the asset.");
    let keep = |name: &str| scratch.run(&["schema", "keep", name]);
    let run = keep("media.raw_ingest.v1").ended(0).shows(&["versions/media.raw_ingest.v1/1.avsc"]);
    assert!(!run.out.contains("raw.key"), "{}", run.out);
    // A subject and a path mean one of them.
    keep("media.raw_ingest.v1-key").ended(0).shows(&["kept schemas/media/versions/raw.key/1.avsc"]);
    scratch.edit(key, "\"string\"", "\"bytes\"");
    keep(key).ended(4).says(&["is kept already"]);
    scratch.commit();
    keep("topic/media.raw_ingest.v1")
        .ended(0)
        .shows(&["versions/media.raw_ingest.v1/2.avsc", "versions/raw.key/2.avsc"]);
    scratch.edit(SCHEMA, "The id of the asset.", "Its id.");
    scratch.commit();
    let run = keep("media.raw_ingest.v1").ended(0).shows(&[
        "versions/media.raw_ingest.v1/3.avsc",
        "nothing new in schemas/media/raw.key.avsc: schemas/media/versions/raw.key/2.avsc is the same",
    ]);
    assert!(!run.out.contains("raw.key/3"), "{}", run.out);
}

#[test]
fn a_schema_that_does_not_parse_is_not_kept() {
    let scratch = scratch();
    let good = scratch.read(SCHEMA);
    scratch.write(SCHEMA, "{\n  \"type\": \"recrd\"\n}\n");
    let keep = || scratch.run(&["schema", "keep", "media.raw_ingest.v1"]);
    keep().ended(3).shows(&["error[BUS301]", "schemas/media/media.raw_ingest.v1.avsc:2:11"]);
    scratch.commit();
    scratch.write(SCHEMA, good);
    keep().ended(3).shows(&["schemas/media/media.raw_ingest.v1.avsc (committed):2:11"]);
    assert!(!scratch.path("schemas/media/versions").exists());
}
