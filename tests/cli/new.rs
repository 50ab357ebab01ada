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

    Left to do:
    - change schemas/media/media.raw_ingest.v2.avsc, which is a copy of schemas/media/media.raw_ingest.v1.avsc
    - set `change_request` in topics/media/media.raw_ingest.v2.yaml to the one that asks for the new version
    - see whether topics/media/media.raw_ingest.v2.yaml still says what is true of the new version
    - write sample records to schemas/media/fixtures/media.raw_ingest.v2/, and run `busctl schema test media.raw_ingest.v2`
    ");
    scratch.run(&["validate"]).ended(0);
    assert_eq!(
        scratch.read("acls/normalizer.yaml"),
        "service: normalizer\nconsumes: [media.raw_ingest.v1, media.raw_ingest.v2]\n"
    );
    assert_eq!(scratch.read("schemas/media/media.raw_ingest.v2.avsc"), scratch.read(SCHEMA));
    let run = scratch.run(&["schema", "test", "--checklist", "media.raw_ingest.v2"]);
    assert!(run.out.contains("[x] decision record: docs/adr/0004-checksums-are-bytes-not-text.md"), "{}", run.out);
    scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(64).says(&["is there already"]);
}

#[test]
fn dead_letters_come_along() {
    let scratch = scratch();
    let topic = "topics/media/media.raw_ingest.v1.yaml";
    scratch.edit(topic, "consumers: [normalizer]", "consumers:\n  - { service: normalizer, dlq: true }");
    scratch.write(
        "topics/media/dead.yaml",
        "topic: media.raw_ingest.v1.normalizer.dlq\nclass: dlq\ndescription: What it could not process.\nowner: media-platform\n\
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
    scratch.run(&["new", "version", "media.raw_ingest.v1", "--force"]).ended(0);
    assert_eq!(scratch.read("schemas/media/media.raw_ingest.v2.avsc"), scratch.read(SCHEMA));
}

#[test]
fn what_validate_will_say_is_said_at_once() {
    let scratch = scratch();
    // A waiver of the old topic does not hold for the new one.
    scratch.edit("topics/media/media.raw_ingest.v1.yaml", "retention_rationale", "# retention_rationale");
    let waiver = "waivers:\n  - { code: BUS112, resource: topic/media.raw_ingest.v1, reason: Soon., expires: 2999-01-01, owner: media-platform }\n";
    scratch.write("busctl.yaml", scratch.read("busctl.yaml") + waiver);
    let found = scratch.run(&["validate"]);
    assert!(!found.out.contains("BUS112"), "{}", found.out);
    scratch.run(&["new", "version", "media.raw_ingest.v1"]).ended(0).shows(&["- BUS112 "]);
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
