use super::expression::{Answer, Expression};
use super::item::{Fields, Item, Record};
use super::program::environment;
use super::shape::{CLUSTER, CONSUMER, TOPIC};

fn topic() -> Record<'static> {
    let mut topic = Record::new(&TOPIC, Fields::ALL);
    topic.put("name", || Some(Item::text("media.raw_ingest.v1")));
    topic.put("class", || Some(Item::text("raw")));
    topic.put("partitions", || Some(Item::Int(12)));
    topic.put("retention", || Some(Item::Int(2_592_000_000)));
    topic.put("cleanup", || Some(Item::texts(["compact", "delete"])));
    topic.put("description", || Some(Item::text("")));
    topic.put("config", || Some(Item::Map([("max.message.bytes".into(), "2097152".into())].into())));
    topic.put("consumers", || {
        let consumer = |(name, lag): (&'static str, Option<i64>)| {
            let mut consumer = Record::new(&CONSUMER, Fields::ALL);
            consumer.put("service", || Some(Item::text(name)));
            consumer.put("max_lag", || lag.map(Item::Int));
            Item::Record(consumer)
        };
        Some(Item::List([("normalizer", Some(5000)), ("indexer", None)].map(consumer).into()))
    });
    topic
}

fn ask(text: &str) -> Result<Answer, String> {
    let expression = Expression::compile(text, &[&TOPIC, &CLUSTER]).map_err(|problems| {
        let said = problems.iter().map(|problem| format!("{}: {}", &text[problem.range.clone()], problem.message));
        said.collect::<Vec<_>>().join("; ")
    })?;
    let (topic, cluster) = (topic(), Record::new(&CLUSTER, Fields::ALL));
    expression.evaluate(&environment(), &[&topic, &cluster])
}

#[test]
fn expressions_see_the_resource() {
    for (text, expected) in [
        ("topic.partitions >= 6", true),
        ("topic.partitions * 2 - 4 == 20 && -topic.partitions < 0", true),
        ("topic.class in ['raw', 'state']", true),
        ("topic.retention == duration('30d')", true),
        ("topic.retention <= duration('1w')", false),
        ("topic.name.matches('^[a-z]+[.][a-z_]+[.]v[0-9]+$')", true),
        ("matches(topic.name, 'v2$')", false),
        ("topic.name.startsWith('media.') && topic.name.contains('raw') && topic.name.endsWith('v1')", true),
        ("topic.cleanup == ['compact', 'delete']", true),
        ("topic.consumers.exists(c, c.service == 'indexer')", true),
        ("topic.consumers.all(c, !has(c.max_lag) || c.max_lag < 10000)", true),
        ("topic.consumers.exists_one(c, has(c.max_lag))", true),
        ("topic.consumers.map(c, c.service + '!') == ['normalizer!', 'indexer!']", true),
        ("topic.consumers.filter(c, has(c.max_lag))[0].service == 'normalizer'", true),
        ("topic.consumers.map(c, has(c.max_lag), c.max_lag) == [5000]", true),
        ("size(topic.consumers) == 2 && topic.cleanup.size() == 2", true),
        ("int(topic.config['max.message.bytes']) == byte_size('2MiB')", true),
        ("'max.message.bytes' in topic.config && !('retention.ms' in topic.config)", true),
        ("has(topic.description) || has(topic.owner) || has(topic.retention_bytes)", false),
        ("topic.cleanup.join(', ') == 'compact, delete' && topic.cleanup.join() == 'compactdelete'", true),
        ("topic.producers.join('+') == '' && ['a'].join('+') == 'a' && [].join(',') == ''", true),
        ("topic.consumers.map(c, [c.service, 'x'].join('.')).join(' ') == 'normalizer.x indexer.x'", true),
        ("topic.config.map(k, k).join(',').matches('^max')", true),
        ("topic.owner == '' && topic.producers == []", true),
        ("cluster.name == 'example' && !has(cluster.environment)", true),
        ("topic.partitions > 3 ? true : topic.retention_bytes > 5", true),
        ("{'raw': '30d', 'state': ''}[topic.class] == '30d'", true),
        ("double(topic.partitions) / 2.5 > 4.7", true),
        ("topic.consumers.all(c, topic.consumers.exists(d, d.service == c.service))", true),
    ] {
        assert_eq!(ask(text), Ok(Answer::Bool(expected)), "{text}");
    }
    assert_eq!(ask("'p' + string(topic.partitions)"), Ok(Answer::Text("p12".into())));
    assert_eq!(ask("topic.retention"), Ok(Answer::Text("30d".into())));
    assert_eq!(ask("topic.retention / 2"), Ok(Answer::Text("1296000000".into())));
}

#[test]
fn what_is_wrong_is_found_before_any_resource_is_there() {
    for (text, expected) in [
        ("topic.partition >= 6", "partition: a topic has no `partition`"),
        ("topics.partitions >= 6", "topics: there is no `topics`"),
        ("partitions >= 6", "partitions: there is no `partitions`"),
        ("topic.partitions >= '6'", ">=: a whole number is not compared with a text"),
        ("topic.partitions && true", "partitions: this is a whole number; true or false is needed"),
        ("topic.consumers.service == 'x'", "service: a list has no `service`"),
        ("topic.consumers == []", "==: records are not compared"),
        ("topic.config.retention == '1'", "retention: the entries of a mapping stand in brackets"),
        ("topic.consumers.all(c, c.lag > 5)", "lag: a consumer has no `lag`"),
        ("topic.name.matchs('a')", "matchs: there is no function `matchs`"),
        ("topic.name.matches('(')", "'(': this is no regular expression: unclosed group"),
        ("topic.name.matches(topic.class)", "class: a pattern is written out, in quotes"),
        ("topic.retention > duration('30 fortnights')", "'30 fortnights': `fortnights` is not a unit of time"),
        ("[topic.name, 5] == []", "5: the list has a text and a whole number"),
        ("topic.name + 5 == ''", "+: a text and a whole number are not added"),
        ("[[1]] == []", "[: a list cannot stand in a list"),
        ("topic.name == null", "null: nothing is null here"),
        ("has(topic)", "topic: has() asks for a field"),
        ("topic.name.startsWith()", "startsWith: `startsWith` does not take 0 arguments"),
        ("topic.partitions = 6", "=: `=` is no operator"),
        ("topic.partitions ==", ": the expression ends too early"),
        ("", ": there is no expression"),
        ("a b", "b: not an expression: extraneous input 'b'"),
        ("Foo{a: 1}", "{: expressions make no messages of Protobuf"),
        ("topic.?name", ".: not an expression: unsupported syntax '.?'"),
    ] {
        assert_eq!(ask(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_fails_on_a_resource_says_why() {
    for (text, expected) in [
        (
            "topic.retention_bytes > 5",
            "`retention_bytes` is not there; ask with has(…) first, of a map with 'retention_bytes' in …",
        ),
        ("topic.config['x'] == 'y'", "`x` is not there; ask with has(…) first, of a map with 'x' in …"),
        ("topic.consumers[7].service == 'x'", "the list has no such item; ask for its size(…) first"),
        ("topic.partitions / (topic.partitions - 12) == 1", "it divides by zero"),
        ("topic.retention * 9223372036854775807 == 1", "the number is too large"),
        ("int(topic.name) == 1", "string parse error: invalid digit found in string"),
    ] {
        assert_eq!(ask(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn loops_in_loops_are_stopped() {
    let ten = "[0,1,2,3,4,5,6,7,8,9]";
    let mut deep = String::from("x0 > 100");
    for level in (0..10).rev() {
        deep = format!("{ten}.exists(x{level}, {deep})");
    }
    assert_eq!(ask(&deep.replace("x0 >", "x9 >")), Err("its loops look at more than 50000 items".into()));
    // Each step doubles the text.
    let doubling = format!("['xxxxxxxxxxxxxxxx']{} == []", ".map(a, a + a)".repeat(60));
    assert_eq!(ask(&doubling), Err("its loops look at more than 50000 items".into()));
    let doubling = format!("['xxxxxxxxxxxxxxxx']{} == []", ".map(a, [a, a].join())".repeat(60));
    assert_eq!(ask(&doubling), Err("its loops look at more than 50000 items".into()));
    let doubling = format!("[1]{} == []", ".map(a, 1)".repeat(30));
    assert_eq!(ask(&doubling), Ok(Answer::Bool(false)));
}

#[test]
fn hostile_expressions_are_refused_and_overflow_no_stack() {
    for text in [
        "(".repeat(900) + "1" + &")".repeat(900),
        "(".repeat(24) + "1 == 1" + &")".repeat(24),
        "[".repeat(1000),
        "!".repeat(1999) + "true",
        "-".repeat(1999) + "1",
        "1+".repeat(999) + "1",
        "true&&".repeat(330) + "true",
        "topic".to_owned() + &".name".repeat(390),
        "topic".to_owned() + &"[0]".repeat(600),
        "topic".to_owned() + &".f()".repeat(490),
        "f(".repeat(900) + &")".repeat(900),
        "true?true:".repeat(190) + "true",
        "'".repeat(1999),
        "\u{0}\u{7f}\u{202e}𝄞".to_owned(),
        "'a'.matches('(((a{1,100}){1,100}){1,100})')".to_owned(),
        "9223372036854775808 > 0".to_owned(),
        "x".repeat(2001),
        "[1].all(x.y, true)".to_owned(),
        "[1].all(topic, topic == 1)".to_owned(),
        "all(x, y)".to_owned(),
        "{1: 2}{".to_owned(),
        "@spend(1)".to_owned(),
        "topic['?name']".to_owned(),
        "b'abc' == b'abc'".to_owned(),
        "type(1) == int".to_owned(),
    ] {
        // None of them ends the program, and whatever is refused is so at a place in the text.
        if let Err(problems) = Expression::compile(&text, &[&TOPIC]) {
            for problem in problems {
                assert!(text.get(problem.range.clone()).is_some(), "{text}: {problem:?}");
                assert!(problem.message.len() < 300, "{problem:?}");
            }
        } else {
            _ = ask(&text);
        }
    }
}

mod changes {
    use crate::model::{Address, Date, Risk};
    use crate::plan::{Action, Change, FieldChange, FieldValue, Verification};
    use crate::policy::apply_levels_beside;
    use crate::policy::custom::{check_changes, compile};
    use crate::resources::{Workspace, WorkspaceFiles, load};
    use crate::source::Place;

    fn workspace(more: &str) -> Workspace {
        let settings = format!(
            "version: 1
policy:
  ORG001:
    over: change
    when: change.kind == 'topic' && change.action == 'update'
    check: >
      change.fields.all(f, f.name != 'partitions' || int(f.after) <= 2 * int(f.before))
    message: \"{{change.address}} of {{change.owner}} ({{change.risk}}) grows too fast on {{cluster.name}}\"
  ORG002: {{ over: change, check: change.action != 'delete', message: \"{{change.name}} goes\", clusters: [live] }}
{more}"
        );
        let mut files = WorkspaceFiles::default();
        for (path, text) in [
            ("busctl.yaml", settings.as_str()),
            ("clusters/a.yaml", "cluster: a\nenvironment: dev\n"),
            ("clusters/b.yaml", "cluster: b\nenvironment: live\n"),
            ("catalog/all.yaml", "domains: { shop: { owner: sales } }\n"),
            ("topics/order.yaml", "topic: shop.order.v1\npartitions: 30\n"),
        ] {
            files.texts.insert(path.into(), Ok(text.into()));
        }
        let (workspace, findings) = load(files);
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(compile(&workspace).1, []);
        workspace
    }

    fn change(action: Action, before: u32, after: u32) -> Change {
        let place = Place { file: "topics/order.yaml".into(), line: 2, column: 13 };
        let [before, after] = [before, after].map(|value| Some(FieldValue::plain(value)));
        Change {
            address: Address::topic("shop.order.v1"),
            action,
            fields: vec![FieldChange { field: "partitions".into(), before, after, place: Some(place) }],
            risk: Risk::Disruptive,
            impact: Vec::new(),
            measured: None,
            access: Vec::new(),
            fingerprint: String::new(),
            verification: Verification::offline(),
            place: None,
            depends_on: Vec::new(),
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_change_is_asked_where_it_happens_and_found_where_it_is_written() {
        let workspace = workspace("");
        let [a, b] = ["a", "b"].map(|name| &workspace.clusters[name]);
        let changes = [change(Action::Update, 6, 30), change(Action::Update, 6, 12), change(Action::Delete, 6, 6)];
        let said = |cluster| {
            let found = check_changes(&changes, &workspace, cluster, &compile(&workspace).0);
            found.iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect::<Vec<_>>()
        };
        let grows = |cluster| format!("ORG001 topic/shop.order.v1 of sales (disruptive) grows too fast on {cluster}");
        assert_eq!(said(a), [grows("a")]);
        assert_eq!(said(b), [grows("b"), "ORG002 shop.order.v1 goes".to_owned()]);
        let found = check_changes(&changes, &workspace, a, &compile(&workspace).0);
        let span = found[0].span().expect("a place");
        let text = &workspace.sources.file(span.file).text[span.start as usize..span.end as usize];
        assert_eq!((text, found[0].resource.as_deref()), ("30", Some("topic/shop.order.v1")));
    }

    #[test]
    fn levels_and_waivers_hold_for_changes() {
        let waiver = "{ code: ORG002, resource: topic/shop.order.v1, reason: x, expires: 2030-01-01 }";
        let workspace = workspace(&format!("rules: {{ ORG001: {{ live: warn }} }}\nwaivers: [{waiver}]\n"));
        let today: Date = "2026-01-01".parse().expect("a day");
        let changes = [change(Action::Update, 6, 30), change(Action::Delete, 6, 6)];
        for (cluster, expected) in [("a", "error"), ("b", "warn")] {
            let cluster = &workspace.clusters[cluster];
            let found = check_changes(&changes, &workspace, cluster, &compile(&workspace).0);
            let judged = apply_levels_beside(found, &workspace, &[cluster], today);
            let levels: Vec<_> = judged.iter().map(|finding| (finding.code, finding.level.as_str())).collect();
            assert_eq!(levels, [("ORG001", expected)]);
            assert_eq!(judged[0].waiver.as_ref().map(|waiver| &*waiver.expires), Some("2026-04-01"));
        }
    }
}
