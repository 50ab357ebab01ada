//! What Apicurio 3 tells of all subjects at once is what it tells of each.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use busctl::adapters::registry::RegistryClient;
use busctl::model::Subject;
use busctl::ports::registry::{CurrentSubject, NewSchema, Reference, RegisteredSchema, Registry};
use busctl::schema::{Compatibility, SchemaFormat, is_met_by};
use futures::{StreamExt, stream};
use reqwest::{Client, Method};

use crate::support::registries::{APICURIO_3, RunningRegistry, connection};
use crate::{ID, ID_AND_SIZE, record, schema};

/// More than are asked for one by one.
const PLAIN: usize = 300;

/// A relay to a registry that counts what is asked.
struct Relay {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Relay {
    fn to(registry: &RunningRegistry) -> Self {
        let rest = registry.url.strip_prefix("http://").unwrap();
        let (server, path) = rest.split_once('/').map(|(server, path)| (server.to_owned(), path)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/{path}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let far = TcpStream::connect(&server).unwrap();
                let (back, forth, count) = (far.try_clone().unwrap(), near.try_clone().unwrap(), Arc::clone(&count));
                thread::spawn(move || {
                    let heads = |bytes: &[u8]| bytes.windows(11).filter(|bytes| *bytes == b" HTTP/1.1\r\n").count();
                    pour(forth, far, |bytes| _ = count.fetch_add(heads(bytes), Ordering::Relaxed));
                });
                thread::spawn(move || pour(back, near, |_| {}));
            }
        });
        Self { url, asked }
    }
}

fn pour(mut from: TcpStream, mut to: TcpStream, seen: impl Fn(&[u8])) {
    let mut buffer = [0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        seen(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
}

/// Sends a request that busctl never sends.
async fn send(registry: &RunningRegistry, method: Method, path: &str, body: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let base = registry.url.replace("/apis/ccompat/v7", "/apis");
    let request = Client::new().request(method, format!("{base}{path}")).header("content-type", "application/json");
    let answer = request.body(body.to_owned()).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
}

fn subject(name: &str) -> Subject {
    name.parse().unwrap()
}

/// Each subject as it is told by name.
async fn by_name(client: &RegistryClient, subjects: &[Subject]) -> Vec<CurrentSubject> {
    let (latest, configs) = tokio::join!(client.latest(subjects), client.compatibility(subjects));
    let both = latest.into_iter().zip(configs);
    both.map(|(latest, compatibility)| CurrentSubject { latest, compatibility }).collect()
}

#[tokio::test]
async fn many_subjects_are_told_at_once_as_each_one_is() {
    let registry = RunningRegistry::start(APICURIO_3).await;
    let client = registry.client();
    let plain: Vec<Subject> = (0..PLAIN).map(|n| subject(&format!("plain-{n:03}"))).collect();
    let register = async |subject: &Subject| client.register(subject, &record(subject, ID)).await.unwrap();
    stream::iter(plain.iter().map(register)).buffer_unordered(8).collect::<Vec<_>>().await;
    let levels = [Compatibility::Forward, Compatibility::FullTransitive, Compatibility::None];
    for (subject, level) in plain.iter().step_by(7).zip(levels.into_iter().cycle()) {
        client.set_compatibility(subject, level).await.unwrap();
    }

    let [two, deleted, gone, twin] = ["two", "newest-deleted", "gone", "twin"].map(subject);
    for subject in [&two, &deleted, &gone] {
        register(subject).await;
        client.register(subject, &record(subject, ID_AND_SIZE)).await.unwrap();
    }
    send(&registry, Method::DELETE, "/ccompat/v7/subjects/newest-deleted/versions/2", "").await;
    client.delete_subject(&gone).await.unwrap();
    // The same text as another subject has: one content, two versions.
    client.register(&twin, &record(&two, ID)).await.unwrap();
    let early = subject("level-and-no-version");
    client.set_compatibility(&early, Compatibility::Full).await.unwrap();
    let elsewhere = r#"{"artifactId": "two", "artifactType": "AVRO", "firstVersion": {"content":
        {"content": "\"int\"", "contentType": "application/json"}}}"#;
    send(&registry, Method::POST, "/registry/v3/groups/elsewhere/artifacts", elsewhere).await;
    let named = r#"{"artifactId": "named", "artifactType": "AVRO", "firstVersion": {"version": "1.0.0", "content":
        {"content": "\"long\"", "contentType": "application/json"}}}"#;
    send(&registry, Method::POST, "/registry/v3/groups/default/artifacts", named).await;

    let odd = ["a/b", "with space", "50%", "%2F", "ünï-日本", "a..b", ":.ctx:s", "a;b=c&d", "\\"].map(subject);
    for subject in &odd {
        register(subject).await;
    }
    let (json, proto, user) = (subject("json"), subject("proto"), subject("user"));
    client
        .register(
            &json,
            &schema(SchemaFormat::Json, r#"{ "type": "object", "properties": {"id": {"type": "string"}} }"#),
        )
        .await
        .unwrap();
    let text = "syntax = \"proto3\"; // kept\nmessage A { string id = 1; }";
    client.register(&proto, &schema(SchemaFormat::Protobuf, text)).await.unwrap();
    let used = Reference { name: "Rtwo".into(), subject: two.clone(), version: 2 };
    let using = NewSchema { references: vec![used], ..record(&user, r#"{"name": "two", "type": "Rtwo"}"#) };
    client.register(&user, &using).await.unwrap();

    let mut subjects = plain;
    subjects.extend([two, deleted, gone, twin, early, subject("absent"), subject("named"), json, proto, user]);
    subjects.extend(odd);
    for global in ["NONE", "BACKWARD"] {
        let level = format!(r#"{{"compatibility": "{global}"}}"#);
        send(&registry, Method::PUT, "/ccompat/v7/config", &level).await;
        let relay = Relay::to(&registry);
        let told = RegistryClient::new(&connection(&relay.url)).unwrap().current(&subjects).await;
        for ((subject, told), asked) in subjects.iter().zip(&told).zip(by_name(&client, &subjects).await) {
            let alike = match (&told.latest, &asked.latest) {
                // It prints Avro anew where it is asked for one subject.
                (Ok(Some(own)), Ok(Some(other))) => {
                    let text = &other.schema.text;
                    let printed = NewSchema { text: text.clone(), ..own.schema.clone() };
                    is_met_by(own.schema.format, &own.schema.text, text)
                        && RegisteredSchema { schema: printed, ..own.clone() } == *other
                }
                // Failures name the server, which is the relay here.
                (Err(told), Err(asked)) => told.kind == asked.kind && told.answer == asked.answer,
                (told, asked) => told == asked,
            } && told.compatibility == asked.compatibility;
            assert!(alike, "{subject} at {global}: {told:?}, by name {asked:?}");
        }
        assert_eq!(told.len(), subjects.len());
        let asked = relay.asked.load(Ordering::Relaxed);
        assert!(asked < 100, "{asked} requests for {} subjects", subjects.len());
    }
}
