use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::plan::{Plan, SavedPlan, Stage, Standing, keep_addresses_of, make_plan, standing, undo};
use crate::ports::consul::Keys;
use crate::resources::{Workspace, WorkspaceFiles, load};

const CLUSTER: &str = "cluster: c
environment: dev
connection: { bootstrap: [\"kafka:9092\"] }
consul: { address: \"https://consul.example.com:8501\", token: env:T, prefix: kafka/c }
";

fn workspace(cluster: &str, services: &[(&str, &str)]) -> Workspace {
    let own = [("busctl.yaml", "version: 1\n"), ("clusters/c.yaml", cluster)];
    let own = own.into_iter().map(|(path, text)| (PathBuf::from(path), text.to_owned()));
    let services = services
        .iter()
        .map(|(name, text)| (PathBuf::from(format!("acls/{name}.yaml")), format!("service: {name}\n{text}")));
    let texts = own.chain(services).map(|(path, text)| (path, Ok(Arc::from(text.as_str())))).collect();
    let (workspace, findings) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
    assert!(findings.is_empty(), "{findings:?}");
    workspace
}

fn desired(workspace: &Workspace) -> Desired<'_> {
    Desired::resolve(workspace, workspace.clusters.values().next().expect("a cluster")).0
}

fn plan(desired: &Desired<'_>, live: &Live) -> Plan {
    make_plan(desired, live, crate::model::Date::of_unix_seconds(1_700_000_000))
}

/// Everything as it is declared, and keys over it: with a value, or taken away.
fn live(desired: &Desired<'_>, over: &[(&str, Option<&str>)]) -> Live {
    let mut live = Live::as_declared(desired);
    let Some(Observed::Known(keys)) = &mut live.delivered else { panic!("it is declared") };
    for (key, value) in over {
        match value {
            Some(value) => {
                let entry = KeyEntry { value: (*value).to_owned(), index: 7, told: None };
                keys.insert((*key).to_owned(), entry);
            }
            None => drop(keys.remove(*key)),
        }
    }
    live
}

fn lines(plan: &Plan) -> String {
    let text = |value: &Option<FieldValue>| {
        value.as_ref().map_or("·".to_owned(), |value| value.shown.clone().unwrap_or_else(|| value.value.clone()))
    };
    let line = |change: &Change| {
        let fields = change.fields.iter().map(|it| format!("{} {} → {}", it.field, text(&it.before), text(&it.after)));
        let fields = fields.collect::<Vec<_>>().join("; ");
        format!("{} {} [{}] {fields}", change.action.as_str(), change.address, change.risk)
    };
    plan.changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn writes(plan: &Plan) -> Vec<KeyWrite> {
    let steps = plan.changes.iter().flat_map(|change| &change.steps);
    steps
        .filter_map(|step| if let Step::WriteKeys(writes) = step { Some(writes.clone()) } else { None })
        .flatten()
        .collect()
}

#[test]
fn what_is_delivered_as_declared_needs_nothing_and_what_is_new_is_safe() {
    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    assert_eq!(lines(&plan(&desired, &live(&desired, &[]))), "");
    let nothing = Live { delivered: Some(Observed::Known(Keys::new())), ..Live::as_declared(&desired) };
    let made = plan(&desired, &nothing);
    assert!(lines(&made).starts_with("create client-config/a [safe] "), "{}", lines(&made));
    assert!(writes(&made).iter().all(|write| write.index == 0 && write.value.is_some() && write.key.starts_with("a/")));
    assert!(writes(&made).iter().any(|write| write.key == "a/listeners/PLAINTEXT/brokers"), "{:?}", writes(&made));
}

#[test]
fn what_somebody_else_wrote_is_taken_back_where_it_is_as_it_was_seen() {
    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    let over = [
        ("a/service", Some("b")),
        ("a/password", Some("correct-horse-battery-staple")),
        ("a/format_version", None),
        ("stranger/service", Some("x")),
        ("loose", Some("x")),
    ];
    let made = plan(&desired, &live(&desired, &over));
    insta::assert_snapshot!(lines(&made), @"update client-config/a [disruptive] format_version · → 1; password ******** → ·; service b → a");
    let writes = writes(&made);
    let of =
        |key: &str| writes.iter().find(|write| write.key == key).map(|write| (write.value.as_deref(), write.index));
    assert_eq!(of("a/service"), Some((Some("a"), 7)));
    assert_eq!(of("a/format_version"), Some((Some("1"), 0)));
    assert_eq!(of("a/password"), Some((None, 7)));
    // What goes, goes last.
    assert_eq!(writes.last().map(|write| write.key.as_str()), Some("a/password"));
    let unmanaged: Vec<_> = made.unmanaged.iter().map(|it| format!("{}: {}", it.name, it.reason)).collect();
    assert_eq!(unmanaged, ["loose: it is in no service's folder", "stranger: no manifest declares the service"]);

    // The inverse puts no password back: a saved plan does not have it.
    let mut before = desired.clone();
    let taken_back = live(&desired, &[("a/service", Some("a"))]);
    let saved = SavedPlan::new(made, crate::model::Timestamp::of_unix_millis(0), None);
    let text = serde_json::to_string(&saved).expect("JSON");
    assert!(!text.contains("correct-horse"), "{text}");
    let not_undone = undo(&mut before, &taken_back, &saved.into_plan());
    assert_eq!(not_undone.iter().map(|it| it.field.as_deref()).collect::<Vec<_>>(), [Some("password")]);
    let inverse = plan(&before, &taken_back);
    insta::assert_snapshot!(lines(&inverse), @"update client-config/a [disruptive] format_version 1 → ·; service a → b");

    // What only describes is nobody's concern.
    let version = plan(&desired, &live(&desired, &[("a/format_version", Some("0"))]));
    assert!(lines(&version).contains("client-config/a [safe]"), "{}", lines(&version));
}

#[test]
fn a_value_at_a_folder_is_taken_away_with_the_rest() {
    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    let over = [("a/", Some("x")), ("a/listeners/PLAINTEXT/brokers/", Some("evil:9092"))];
    let seen = live(&desired, &over);
    let made = plan(&desired, &seen);
    insta::assert_snapshot!(lines(&made), @"update client-config/a [disruptive] / x → ·; listeners/PLAINTEXT/brokers/ evil:9092 → ·");
    let keys: Vec<_> = writes(&made).into_iter().map(|write| (write.key, write.value)).collect();
    assert_eq!(keys, [("a/".to_owned(), None), ("a/listeners/PLAINTEXT/brokers/".to_owned(), None)]);
    assert_eq!(made.unmanaged, []);

    // The inverse puts both back where they were.
    let mut before = desired.clone();
    let taken_away = live(&desired, &[]);
    assert_eq!(undo(&mut before, &taken_away, &made), []);
    let keys: Vec<_> = writes(&plan(&before, &taken_away)).into_iter().map(|write| (write.key, write.value)).collect();
    let value = |text: &str| Some(text.to_owned());
    assert_eq!(
        keys,
        [("a/".to_owned(), value("x")), ("a/listeners/PLAINTEXT/brokers/".to_owned(), value("evil:9092"))]
    );
}

#[test]
fn what_is_added_is_safe_and_what_is_changed_or_taken_away_is_not() {
    let workspace = workspace(CLUSTER, &[("a", "transactional_ids: [x-1, x-2]\n")]);
    let desired = desired(&workspace);
    let risk = |key: &str, value: Option<&str>| {
        let made = plan(&desired, &live(&desired, &[(key, value)]));
        assert_eq!(made.changes.len(), 1, "{key}");
        made.changes[0].risk
    };
    assert_eq!(risk("a/transactional_ids", Some("x-1")), Risk::Safe);
    assert_eq!(risk("a/transactional_ids", None), Risk::Safe);
    for other in ["x-1\nx-3", "x-1\nx-2\nx-3", "x-1,x-2", ""] {
        assert_eq!(risk("a/transactional_ids", Some(other)), Risk::Disruptive, "{other}");
    }
    assert_eq!(risk("a/more", Some("x")), Risk::Disruptive);
    assert_eq!(risk("a/service", Some("b")), Risk::Disruptive);
    let made = plan(&desired, &live(&desired, &[("a/transactional_ids", Some("x-1"))]));
    assert_eq!(lines(&made), "update client-config/a [safe] transactional_ids x-1 → x-1, x-2");
}

#[test]
fn a_value_under_the_name_of_a_secret_or_over_a_reference_is_shown_nowhere() {
    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    for key in ["token", "API_KEY", "app/secret", "registry/password/reference", "sasl/client_secret/reference"] {
        let whole = format!("a/{key}");
        let seen = live(&desired, &[(whole.as_str(), Some("Walrus7Tango"))]);
        let made = plan(&desired, &seen);
        assert_eq!(lines(&made), format!("update client-config/a [disruptive] {key} ******** → ·"));
        let saved = SavedPlan::new(made, crate::model::Timestamp::of_unix_millis(0), None);
        let texts = [serde_json::to_string(&saved), serde_json::to_string(&seen.without_secrets())];
        assert!(texts.into_iter().all(|text| !text.expect("JSON").contains("Walrus7Tango")), "{key}");
    }
}

#[test]
fn a_credential_that_a_key_or_its_value_repeats_is_shown_nowhere() {
    const TOKEN: &str = "d4ffee42-correct";
    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    // What whoever reads the keys says of them.
    let keys = [
        ("a/note".to_owned(), "a/note", format!("see {TOKEN}")),
        (format!("a/x-{TOKEN}"), "a/x-…", "1".to_owned()),
        (format!("{TOKEN}/x"), "…/x", "1".to_owned()),
        (TOKEN.to_owned(), "…", "1".to_owned()),
    ];
    let mut seen = live(&desired, &[]);
    let Some(Observed::Known(delivered)) = &mut seen.delivered else { panic!("it is declared") };
    for (key, told, value) in keys {
        delivered.insert(key, KeyEntry { value, index: 7, told: Some(told.to_owned()) });
    }
    let made = plan(&desired, &seen);
    assert_eq!(lines(&made), "update client-config/a [disruptive] note ******** → ·; x-… ******** → ·");
    let unmanaged: Vec<_> = made.unmanaged.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(unmanaged, ["…", "…"]);
    let written: Vec<String> = writes(&made).into_iter().map(|write| write.key).collect();
    assert_eq!(written, ["a/note".to_owned(), format!("a/x-{TOKEN}")], "they are taken away all the same");

    let snapshot = seen.clone().without_secrets();
    let from_file = plan(&desired, &snapshot);
    assert_eq!(lines(&from_file), lines(&made));
    assert_eq!(standing(&from_file.changes[0], Some(&made.changes[0])), Standing::AsReviewed);
    let saved = SavedPlan::new(made, crate::model::Timestamp::of_unix_millis(0), None);
    for text in [serde_json::to_string(&saved), serde_json::to_string(&snapshot)] {
        let text = text.expect("JSON");
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[test]
fn a_secret_in_the_name_of_a_key_is_shown_nowhere() {
    const TOKEN: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    let (in_key, in_folder) = (format!("a/{TOKEN}/x"), format!("{TOKEN}/x"));
    let over = [(in_key.as_str(), Some("1")), (in_folder.as_str(), Some("1")), ("a/password=KeySecret1", Some("1"))];
    let seen = live(&desired, &over);
    let made = plan(&desired, &seen);
    let stars = "*".repeat(TOKEN.len());
    let shown = format!("{stars}/x ******** → ·; password=********** ******** → ·");
    assert_eq!(lines(&made), format!("update client-config/a [disruptive] {shown}"));
    assert_eq!(made.unmanaged[0].name, stars);
    assert_eq!(lines(&plan(&desired, &seen.clone().without_secrets())), lines(&made));
    let saved = SavedPlan::new(made, crate::model::Timestamp::of_unix_millis(0), None);
    for text in [serde_json::to_string(&saved), serde_json::to_string(&seen.without_secrets())] {
        let text = text.expect("JSON");
        assert!(!text.contains("ghp_") && !text.contains("KeySecret"), "{text}");
    }
}

#[test]
fn lists_that_differ_in_white_space_alone_are_told_apart() {
    let workspace = workspace(CLUSTER, &[("a", "transactional_ids: [x-1, x-2]\n")]);
    let desired = desired(&workspace);
    let made = plan(&desired, &live(&desired, &[("a/transactional_ids", Some("x-1\nx-2\n"))]));
    let field = &made.changes[0].fields[0];
    let text = |value: &Option<FieldValue>| value.as_ref().expect("it is set").text().into_owned();
    assert_eq!((text(&field.before), text(&field.after)), ("\"x-1\\nx-2\\n\"".into(), "x-1, x-2".into()));
}

#[test]
fn a_secret_is_in_no_snapshot_and_a_plan_from_one_is_that_from_the_store() {
    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    let over = |password: &str, index| {
        let mut live = live(&desired, &[("a/sasl/password", Some(password)), ("token", Some("x"))]);
        let Some(Observed::Known(keys)) = &mut live.delivered else { panic!("it is declared") };
        keys.get_mut("a/sasl/password").expect("it is there").index = index;
        live
    };
    let seen = over("correct horse battery", 7);
    let snapshot = seen.clone().without_secrets();
    let text = serde_json::to_string(&snapshot).expect("JSON");
    assert!(!text.contains("correct horse"), "{text}");
    let (from_store, from_file) = (plan(&desired, &seen), plan(&desired, &snapshot));
    assert_eq!(lines(&from_store), "update client-config/a [disruptive] sasl/password ******** → ·");
    assert_eq!(lines(&from_store), lines(&from_file));
    let of = |plan: &Plan| plan.changes[0].clone();
    assert_eq!(standing(&of(&from_file), Some(&of(&from_store))), Standing::AsReviewed);
    // Another secret is another value, which nothing but its last change tells.
    let other = plan(&desired, &over("open sesame open", 8));
    let saved = SavedPlan::new(from_file, crate::model::Timestamp::of_unix_millis(0), None);
    let reviewed = serde_json::from_str::<SavedPlan>(&serde_json::to_string(&saved).expect("JSON")).expect("a plan");
    let Standing::Moved(moved) = standing(&of(&reviewed.into_plan()), Some(&of(&other))) else { panic!("it moved") };
    let moved: Vec<String> = moved.iter().map(ToString::to_string).collect();
    let said =
        "client-config/a: the hidden value of sasl/password was another when it was reviewed and is not the same now";
    assert_eq!(moved, [said]);
}

#[test]
fn what_a_service_had_here_goes_once_it_is_for_other_clusters() {
    let before = workspace(CLUSTER, &[("a", ""), ("b", "")]);
    let live = live(&desired(&before), &[("stranger/service", Some("x"))]);
    let moved = workspace(CLUSTER, &[("a", "clusters: [elsewhere]\n"), ("b", "")]);
    let mut desired = desired(&moved);
    let made = plan(&desired, &live);
    assert!(lines(&made).starts_with("delete client-config/a [disruptive] "), "{}", lines(&made));
    assert_eq!(made.changes.len(), 1);
    assert_eq!(made.changes[0].steps[0].stage(), Stage::ClientConfigRemovals);
    let place = made.changes[0].place.clone().expect("a place");
    assert_eq!((place.line, place.column), (2, 12));
    let unmanaged: Vec<_> = made.unmanaged.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(unmanaged, ["stranger"]);

    let Some(Observed::Known(mut left)) = live.delivered.clone() else { panic!("it is declared") };
    left.retain(|key, _| !key.starts_with("a/"));
    let gone = Live { delivered: Some(Observed::Known(left)), ..live };
    assert_eq!(lines(&plan(&desired, &gone)), "");
    assert_eq!(undo(&mut desired, &gone, &made), []);
    let mut inverse = plan(&desired, &gone);
    keep_addresses_of(&mut inverse, &made);
    assert!(lines(&inverse).starts_with("create client-config/a [safe] "), "{}", lines(&inverse));
}

#[test]
fn a_service_that_leaves_takes_its_folder_along_and_comes_back_by_the_inverse() {
    let before = workspace(CLUSTER, &[("a", "")]);
    let live = live(&desired(&before), &[]);
    let leaving = workspace(CLUSTER, &[("a", "state: absent\nreason: It was replaced.\n")]);
    let mut desired = desired(&leaving);
    let made = plan(&desired, &live);
    assert!(lines(&made).starts_with("delete client-config/a [disruptive] "), "{}", lines(&made));
    assert_eq!(made.changes[0].steps[0].stage(), Stage::ClientConfigRemovals);
    assert!(Stage::ClientConfigRemovals < Stage::Revocations && Stage::Grants < Stage::ClientConfigs);

    let gone = Live { delivered: Some(Observed::Known(Keys::new())), ..live };
    assert_eq!(undo(&mut desired, &gone, &made), []);
    let mut inverse = plan(&desired, &gone);
    keep_addresses_of(&mut inverse, &made);
    assert!(lines(&inverse).starts_with("create client-config/a [safe] "), "{}", lines(&inverse));
    assert_eq!(inverse.changes[0].fields.len(), made.changes[0].fields.len());
}

#[test]
fn without_a_folder_nothing_is_delivered_and_what_is_hidden_is_not_absent() {
    let without = workspace("cluster: c\n", &[("a", "")]);
    let desired_without = desired(&without);
    assert_eq!(lines(&plan(&desired_without, &Live::as_declared(&desired_without))), "");

    let workspace = workspace(CLUSTER, &[("a", "")]);
    let desired = desired(&workspace);
    let failure = Failure { kind: FailureKind::Authorization, ..not_read() };
    for delivered in [Some(Observed::Hidden(failure)), None] {
        let hidden = plan(&desired, &Live { delivered, ..Live::as_declared(&desired) });
        assert_eq!(lines(&hidden), "");
        assert!(!hidden.complete && hidden.incomplete[0].address == address_of("a"), "{:?}", hidden.incomplete);
    }
}
