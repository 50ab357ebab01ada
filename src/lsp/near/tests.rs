use std::collections::BTreeMap;

use super::*;
use crate::policy::{BASE, Check, lay_over, rules};

fn today() -> Date {
    "2026-06-01".parse().expect("a day")
}

fn texts(files: &WorkspaceFiles) -> BTreeMap<PathBuf, Arc<str>> {
    let readable = files.texts.iter().filter_map(|(path, text)| Some((path.clone(), text.clone().ok()?)));
    readable.collect()
}

fn base() -> WorkspaceFiles {
    let texts = BASE.iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(*text))));
    WorkspaceFiles { texts: texts.collect(), ..WorkspaceFiles::default() }
}

fn shown(findings: &[Finding]) -> BTreeSet<String> {
    findings.iter().map(|finding| format!("{} {} {:?}", finding.code, finding.message, finding.span)).collect()
}

/// What is said of a file that was edited, before and after the check of all.
fn before_and_after(known: &Known, mut files: WorkspaceFiles, path: &Path, text: &Arc<str>) -> [BTreeSet<String>; 2] {
    let before = file_findings(known, &Base::new(known, path, today()), path, text, today());
    files.texts.insert(path.to_owned(), Ok(text.clone()));
    let after = Known::check(files, today());
    [shown(&before), shown(after.findings.get(path).map_or(&[], Vec::as_slice))]
}

#[test]
fn an_edit_that_breaks_a_rule_is_seen_before_all_is_checked() {
    let (mut tried, mut wrong, mut missed) = (0, Vec::new(), Vec::new());
    for rule in rules().iter().filter(|rule| !matches!(rule.check, Check::Live)) {
        let (good, bad) = (lay_over(&rule.good), lay_over(&rule.bad));
        let (before, after) = (texts(&good), texts(&bad));
        let edited: Vec<_> = after.iter().filter(|(path, text)| before.get(*path) != Some(text)).collect();
        let [(path, text)] = edited.as_slice() else { continue };
        if before.len() != after.len() || good.documents != bad.documents || !before.contains_key(*path) {
            continue;
        }
        let known = Known::check(good, today());
        let [early, late] = before_and_after(&known, bad, path, text);
        tried += 1;
        if !early.is_subset(&late) {
            wrong.push(format!("{}: {} says\n{early:#?} and then\n{late:#?}", rule.code, path.display()));
        } else if early != late {
            missed.push(rule.code);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Those that compare all topics, all principals or all waivers are left to the check of all.
    assert!(tried > 30 && missed.len() * 8 < tried, "{missed:?} of {tried}");
}

#[test]
fn what_only_a_check_of_all_sees_stays_where_it_moves_to() {
    // Topics with the same name in metrics: nothing in the one file speaks of the other.
    let files = lay_over(&policy::rule("BUS102").expect("a rule").bad);
    let known = Known::check(files.clone(), today());
    let (path, _) = known.findings.first_key_value().expect("a finding");
    let all = shown(&known.findings[path]);
    assert!(!all.is_empty());
    let text: Arc<str> = format!("# A comment above.\n{}", known.text(path).expect("a text")).into();
    let [before, after] = before_and_after(&known, files, path, &text);
    assert_eq!(before, after);
}

#[test]
fn a_finding_goes_with_the_text_that_it_is_about() {
    let known = Known::check(base(), today());
    let path = Path::new("topics/media/media.raw_ingest.v1.yaml");
    let base = Base::new(&known, path, today());
    let good: Arc<str> = known.text(path).expect("a text").clone();
    let bad: Arc<str> = good.replace("class: raw", "class: rwa").into();
    let codes = |text: &Arc<str>| -> Vec<_> {
        file_findings(&known, &base, path, text, today()).iter().map(|finding| finding.code).collect()
    };
    assert_eq!(codes(&bad), ["BUS009"]);
    assert_eq!(codes(&good), [""; 0]);
    let broken: Arc<str> = format!("{good}config: {{ retention.ms: ").into();
    assert_eq!(codes(&broken), ["BUS001"]);
    let new = Path::new("topics/media/new.yaml");
    let base = Base::new(&known, new, today());
    let twice = file_findings(&known, &base, new, &good, today());
    assert!(twice.iter().any(|finding| finding.code == "BUS008"), "{twice:?}");
}

#[test]
fn a_file_that_is_new_is_checked_beside_what_it_names() {
    let known = Known::check(base(), today());
    let path = Path::new("acls/recommender.yaml");
    let base = Base::new(&known, path, today());
    let text: Arc<str> = "service: recommender\nconsumes: [media.raw_ingest.v1, media.raw.v1]\n".into();
    let found = file_findings(&known, &base, path, &text, today());
    let mut files = self::base();
    files.texts.insert(path.to_owned(), Ok(text));
    let all = Known::check(files, today());
    assert_eq!(shown(&found), shown(&all.findings[path]));
}

#[test]
fn what_a_document_names_concerns_that_document_alone() {
    let known = Known::check(base(), today());
    let path = Path::new("topics/media/two.yaml");
    let text = "topic: media.one.v1\nschema: { value: a.avsc }\nconsumers: [normalizer]\n---\ntopic: metrics.two.v1\n\
                schema: { value: b.avsc }\nconsumers: [recommender]\n";
    let places = Place::all(path, text);
    let of = |word: &str| places.iter().find(|place| place.word == word).and_then(|place| place.topic.as_deref());
    assert_eq!([of("normalizer"), of("recommender")], [Some("media.one.v1"), Some("metrics.two.v1")]);
    let files = places.iter().filter(|place| place.names() == Some(NameKind::SchemaFile));
    let files: Vec<_> = files.filter_map(|place| schema_path(&known.workspace, place, path)).collect();
    assert_eq!(files, ["schemas/media/a.avsc", "schemas/metrics/b.avsc"].map(PathBuf::from));
}

#[test]
fn a_schema_is_no_manifest() {
    let text = "{ \"subject\": \"media.raw.v1\", \"references\": [{ \"subject\": \"a\" }] }";
    for path in
        ["schemas/media/a.json", "schemas/media/a.avsc", "schemas/media/a.proto", "schemas/media/fixtures/a/b.json"]
    {
        assert!(Place::all(Path::new(path), text).is_empty(), "{path}");
        assert!((0..text.len()).all(|at| Place::at(Path::new(path), text, at).is_none()), "{path}");
    }
    assert!(!Place::all(Path::new("schemas/media/a.yaml"), text).is_empty());
}
