//! The earlier versions of schemas that are kept in Git.

use busctl::policy::BASE;

use crate::support::workspace::Scratch;

const PRESENT: &str = "schemas/media/media.raw_ingest.v1.avsc";

fn record(fields: &str) -> String {
    format!("{{\n  \"type\": \"record\",\n  \"name\": \"RawIngest\",\n  \"fields\": [\n{fields}  ]\n}}\n")
}

fn field(name: &str, rest: &str) -> String {
    format!("    {{ \"name\": \"{name}\", \"doc\": \"D.\", {rest} }}")
}

/// A workspace without findings whose only schema has these versions, each a list of fields; the last is the present one.
fn history(versions: &[&[String]]) -> Scratch {
    let scratch = Scratch::with(BASE);
    let (present, earlier) = versions.split_last().unwrap();
    for (index, fields) in earlier.iter().enumerate() {
        scratch.write(&earlier_path(index + 1), record(&(fields.join(",\n") + "\n")));
    }
    scratch.write(PRESENT, record(&(present.join(",\n") + "\n")));
    scratch
}

fn earlier_path(number: usize) -> String {
    format!("schemas/media/versions/media.raw_ingest.v1/{number}.avsc")
}

fn compatibility(scratch: &Scratch, written: &str) {
    let base = BASE.iter().find(|(path, _)| path.starts_with("topics/")).unwrap();
    scratch.write(base.0, format!("{}schema: {{ compatibility: {written} }}\n", base.1));
}

#[test]
fn a_present_schema_that_breaks_its_consumers_is_an_error_in_both_files() {
    let id = field("id", r#""type": "string""#);
    let added = field("bitrate", r#""type": "int""#);
    let scratch = history(&[std::slice::from_ref(&id), &[id.clone()], &[id.clone(), added]]);
    insta::assert_snapshot!(scratch.run(&["validate"]).ended(3).out);
}

#[test]
fn the_level_says_which_versions_are_compared_and_how() {
    let (id, old) = (field("id", r#""type": "string""#), field("old", r#""type": "int""#));
    let added = field("added", r#""type": "int", "default": 0"#);
    // The newest has what the present lacks, the oldest lacks what the newest has.
    let scratch = history(&[&[id.clone()], &[id.clone(), old], &[id.clone(), added.clone()]]);
    for (level, who) in [
        ("none", &[][..]),
        ("backward", &[]),
        ("backward_transitive", &[]),
        ("forward", &["a consumer on v2 cannot read records of v3"]),
        ("forward_transitive", &["a consumer on v2 cannot read records of v3"]),
        ("full", &["a consumer on v2 cannot read records of v3"]),
    ] {
        compatibility(&scratch, level);
        let run = scratch.run(&["validate"]).ended(if who.is_empty() { 0 } else { 3 });
        run.shows(who);
        assert_eq!(run.out.matches("error[BUS307]").count(), who.len(), "{level}\n{}", run.out);
    }
    scratch.write(&earlier_path(1), record(&field("id", r#""type": "int""#)));
    compatibility(&scratch, "backward");
    scratch.run(&["validate"]).ended(0);
    compatibility(&scratch, "full_transitive");
    scratch.run(&["validate"]).ended(3).shows(&[
        "a consumer on v3 cannot read records of v1",
        "a consumer on v1 cannot read records of v3",
        "a consumer on v2 cannot read records of v3",
    ]);
}

#[test]
fn many_incompatibilities_of_two_versions_are_cut() {
    let fields: Vec<String> = (0..12).map(|index| field(&format!("f{index}"), r#""type": "int""#)).collect();
    let scratch = history(&[&[field("id", r#""type": "string""#)], &fields]);
    let run = scratch.run(&["validate"]).ended(3);
    run.shows(&[
        "a consumer on v2 cannot read records of v1: and 7 more incompatibilities",
        "`busctl schema check --old schemas/media/versions/media.raw_ingest.v1/1.avsc --new \
         schemas/media/media.raw_ingest.v1.avsc` lists all of them",
    ]);
    assert_eq!(run.out.matches("error[BUS307]").count(), 6, "{}", run.out);
}

#[test]
fn what_is_wrong_below_versions_is_said_where_it_is() {
    let id = field("id", r#""type": "string""#);
    let scratch = history(&[&[id.clone()], &[id.clone()]]);
    scratch.write("schemas/media/versions/media.raw_ingest.v1/1.json", "{}");
    scratch.write("schemas/media/versions/media.raw_ingest.v1/newest.avsc", "{}");
    scratch.write("schemas/media/versions/media.raw_ingest.v2/1.avsc", "{}");
    scratch.write(&earlier_path(3), "{\n  \"type\": \"recrd\"\n}\n");
    insta::assert_snapshot!(scratch.run(&["validate"]).ended(3).out);
    // What no level compares is not read.
    compatibility(&scratch, "none");
    let run = scratch.run(&["validate"]).ended(3);
    assert!(!run.out.contains("is not a valid Avro schema"), "{}", run.out);
}

#[test]
fn a_version_that_is_no_schema_is_not_replaced_by_the_one_before() {
    let id = field("id", r#""type": "string""#);
    let scratch = history(&[&[field("other", r#""type": "int""#)], &[], &[id]]);
    scratch.write(&earlier_path(2), "{");
    let run = scratch.run(&["validate"]).ended(3);
    assert!(run.out.contains("error[BUS308]") && !run.out.contains("BUS307"), "{}", run.out);
}

#[test]
fn references_are_those_of_the_present_schema() {
    let scratch = history(&[
        &[field("title", r#""type": "example.Text""#)],
        &[field("title", r#""type": "example.Text""#), field("size", r#""type": "int", "default": 0"#)],
    ]);
    let text = r#"{ "type": "record", "name": "Text", "namespace": "example",
      "fields": [{ "name": "text", "type": "string", "doc": "D." }] }"#;
    scratch.write("schemas/media/text.avsc", text);
    scratch.write("schemas/media/text.yaml", "subject: text\nschema: text.avsc\n");
    let topic = BASE.iter().find(|(path, _)| path.starts_with("topics/")).unwrap();
    let references = "schema: { references: [{ name: example.Text, subject: text }] }\n";
    scratch.write(topic.0, format!("{}{references}", topic.1));
    scratch.run(&["validate"]).ended(0);
    // A reference that is missing is a finding of its own, and nothing is said of what needs it.
    scratch.write("schemas/media/text.yaml", "subject: text2\nschema: text.avsc\n");
    let run = scratch.run(&["validate"]).ended(3);
    assert!(run.out.contains("BUS304") && !run.out.contains("BUS30[78]"), "{}", run.out);
}

#[test]
fn a_misplaced_version_is_told_its_place() {
    let scratch = Scratch::with(BASE);
    scratch.write("schemas/media/versions/1.avsc", "\"string\"");
    scratch.run(&["validate"]).ended(0).shows(&[
        "no topic and no subject uses schemas/media/versions/1.avsc",
        "earlier versions of schemas/DOMAIN/NAME.EXT are schemas/DOMAIN/versions/NAME/1.EXT and so on",
    ]);
}
