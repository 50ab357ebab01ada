//! Keys, as the client reads and writes them.

use busctl::ports::FailureKind;
use busctl::ports::consul::{Consul as _, KeyWrite, Keys};

use crate::support::consul::{Access, Consul};
use crate::{PREFIX, client, connection, told};

fn write(key: &str, value: Option<&str>, index: u64) -> KeyWrite {
    KeyWrite { key: key.to_owned(), value: value.map(str::to_owned), index, told: None }
}

fn values(keys: &Keys) -> Vec<String> {
    keys.iter().map(|(key, entry)| format!("{key} = {}", entry.value)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_made_as_a_whole_where_every_key_is_as_it_was_seen() {
    let Some(consul) = Consul::start(Access::Open).await else { return };
    let client = client(&consul, None);
    assert_eq!(client.keys().await.unwrap(), Keys::new());
    client
        .write(&[write("a/one", Some("1"), 0), write("a/umläut %2F", Some("ü\n"), 0), write("b/", Some(""), 0)])
        .await
        .unwrap();
    // Neighbours whose names begin alike, and what people's tools keep an empty folder with.
    consul.put("kafka/main2/a/one", "theirs");
    consul.run(&["kv", "put", "kafka/main/"]);
    let found = client.keys().await.unwrap();
    assert_eq!(values(&found), ["a/one = 1", "a/umläut %2F = ü\n"]);
    assert_eq!(consul.get("kafka/main/a/one"), "1");

    // One that is not as it was seen, and none is written.
    let stale = client.write(&[write("a/two", Some("2"), 0), write("a/one", Some("x"), 0)]).await.unwrap_err();
    assert_eq!(stale.kind, FailureKind::Moved);
    assert!(told(&stale, &[]).contains("kafka/main/a/one"), "{stale}");
    let index = found["a/one"].index;
    consul.put("kafka/main/a/one", "by hand");
    let stale = client.write(&[write("a/two", Some("2"), 0), write("a/one", None, index)]).await.unwrap_err();
    assert_eq!(stale.kind, FailureKind::Moved);
    assert_eq!(values(&client.keys().await.unwrap()), ["a/one = by hand", "a/umläut %2F = ü\n"]);

    let found = client.keys().await.unwrap();
    let all = [write("a/one", None, found["a/one"].index), write("a/two", Some("2"), 0)];
    client.write(&all).await.unwrap();
    assert_eq!(values(&client.keys().await.unwrap()), ["a/two = 2", "a/umläut %2F = ü\n"]);
    let many: Vec<_> = (0..65).map(|number| write(&format!("m/{number}"), Some("x"), 0)).collect();
    assert_eq!(client.write(&many).await.unwrap_err().kind, FailureKind::Unsupported);
    client.write(&many[..64]).await.unwrap();
    client.write(&[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_acls_hide_is_never_absent() {
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    consul.put("kafka/main/a/one", "1");
    let writer = consul.token("key_prefix \"kafka/main/\" { policy = \"write\" }");
    let reader = consul.token("key_prefix \"kafka/main/\" { policy = \"read\" }");
    let partly = consul.token("key_prefix \"kafka/main/b/\" { policy = \"write\" }");
    let secrets = [consul.root.as_str(), &writer, &reader, &partly];

    // The least is enough, and a reader reads.
    for token in [&writer, &reader] {
        assert_eq!(values(&client(&consul, Some(token)).keys().await.unwrap()), ["a/one = 1"]);
    }
    client(&consul, Some(&writer)).write(&[write("a/two", Some("2"), 0)]).await.unwrap();
    let denied = client(&consul, Some(&reader)).write(&[write("a/three", Some("3"), 0)]).await.unwrap_err();
    assert_eq!(denied.kind, FailureKind::Authorization);
    let said = told(&denied, &secrets);
    assert!(
        said.contains("Permission denied") && said.contains("key_prefix \"kafka/main/\" { policy = \"write\" }"),
        "{said}"
    );

    // Who sees a part is told so instead of the part, and so is nobody.
    for token in [Some(partly.as_str()), None] {
        let hidden = client(&consul, token).keys().await.unwrap_err();
        assert_eq!(hidden.kind, FailureKind::Authorization, "{hidden}");
        let said = told(&hidden, &secrets);
        assert!(said.contains("key_prefix \"kafka/main/\" { policy = \"read\" }"), "{said}");
        assert_eq!(said.contains("no token is sent: declare `token` of `consul`"), token.is_none(), "{said}");
        let hidden = client(&consul, token).services().await.unwrap_err();
        assert_eq!(hidden.kind, FailureKind::Authorization, "{hidden}");
        assert!(told(&hidden, &secrets).contains("service_prefix"), "{hidden}");
    }
    let unknown = client(&consul, Some("e9b1cbe4-0000-0000-0000-000000000000")).keys().await.unwrap_err();
    assert_eq!(unknown.kind, FailureKind::Authentication);
    told(&unknown, &["e9b1cbe4-0000-0000-0000-000000000000"]);

    consul.register("normalizer");
    let catalog = consul.token("service_prefix \"\" { policy = \"read\" }\nnode_prefix \"\" { policy = \"read\" }");
    assert!(client(&consul, Some(&catalog)).services().await.unwrap().contains("normalizer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consul_behind_tls_is_believed_with_its_authority_alone() {
    let Some(consul) = Consul::start_with_tls().await else { return };
    let root = consul.root.clone();
    client(&consul, Some(&root)).write(&[write("a/one", Some("1"), 0)]).await.unwrap();
    let mut stranger = connection(&consul, Some(&root));
    stranger.tls = None;
    let client = busctl::adapters::consul::ConsulClient::new(&stranger).unwrap();
    let refused = client.keys().await.unwrap_err();
    assert!(refused.kind == FailureKind::Protocol && told(&refused, &[&root]).contains("TLS failed"), "{refused}");
    stranger.address = stranger.address.replace("https:", "http:");
    let refused = busctl::adapters::consul::ConsulClient::new(&stranger).unwrap().keys().await.unwrap_err();
    told(&refused, &[&root]);
    assert_eq!(consul.get(&format!("{PREFIX}/a/one")), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_without_a_leader_say_so_and_go_on_once_they_have_one() {
    let Some([first, second]) = Consul::start_two().await else { return };
    let client = client(&first, None);
    client.write(&[write("a/one", Some("1"), 0)]).await.unwrap();
    second.stop();
    first.wait_for_no_leader().await;
    for failure in [client.keys().await.unwrap_err(), client.write(&[write("a/two", Some("2"), 0)]).await.unwrap_err()]
    {
        assert_eq!(failure.kind, FailureKind::Server, "{failure}");
        assert!(told(&failure, &[]).contains("it has no leader that answers"), "{failure}");
    }
    second.start_again();
    first.wait_for_a_leader().await;
    let index = client.keys().await.unwrap()["a/one"].index;
    client.write(&[write("a/one", None, index)]).await.unwrap();
}
