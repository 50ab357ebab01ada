//! What the client makes of servers that are no registry, or a broken one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use busctl::adapters::registry::RegistryClient;
use busctl::model::{Secret, Subject};
use busctl::ports::connection::{Bearer, Login, RegistryAuth, RegistryConnection, TokenSource};
use busctl::ports::registry::{CompatibilityConfig, NewSchema, Registry};
use busctl::ports::{Failure, FailureKind};
use busctl::schema::{Compatibility, SchemaFormat};

/// What a server does with a request.
#[derive(Clone)]
enum Does {
    /// Sends these bytes and closes.
    Says(String),
    /// Closes without a word.
    Closes,
    /// Says nothing and stays.
    Hangs,
    /// Sends without end.
    Pours,
}

/// A server that does one thing after another, the last one for ever.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn that(does: impl Into<Vec<Does>>) -> Self {
        let does = does.into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/apis/ccompat/v7", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (does, seen) = (does.clone(), Arc::clone(&seen));
                thread::spawn(move || serve(stream, &does, &seen));
            }
        });
        Self { url, requests }
    }

    fn says(status: &str, body: &str) -> Self {
        Self::that([answer(status, "", body)])
    }

    fn client(&self) -> RegistryClient {
        client(&self.url, None)
    }

    fn requests(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

fn serve(mut stream: TcpStream, does: &[Does], seen: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => request.extend_from_slice(&buffer[..read]),
        }
    }
    let turn = {
        let mut seen = seen.lock().unwrap();
        seen.push(String::from_utf8_lossy(&request).into_owned());
        seen.len() - 1
    };
    match &does[turn.min(does.len() - 1)] {
        Does::Says(bytes) => _ = stream.write_all(bytes.as_bytes()),
        Does::Closes => {}
        Does::Hangs => thread::sleep(Duration::from_secs(60)),
        Does::Pours => {
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[\"");
            while stream.write_all(&[b'x'; 65536]).is_ok() {}
        }
    }
}

fn is_whole(request: &[u8]) -> bool {
    const TLS_HANDSHAKE: u8 = 22;
    if request.first() == Some(&TLS_HANDSHAKE) {
        return true;
    }
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn answer(status: &str, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Says(format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"))
}

fn kept(token: &str) -> Bearer {
    Bearer { own: Some(TokenSource::Kept(Secret::new(token))), login: None }
}

fn client(url: &str, auth: Option<RegistryAuth>) -> RegistryClient {
    let timeout = Duration::from_millis(1500);
    RegistryClient::new(&RegistryConnection { url: url.to_owned(), tls: None, auth, timeout }).unwrap()
}

fn shown(failure: &Failure) -> String {
    let hint = failure.hint.as_deref().unwrap_or("none");
    format!("{:?}\n{}\n{hint}", failure.kind, failure.answer)
}

async fn subjects_of(server: &Server) -> String {
    let failure = server.client().subjects().await.unwrap_err();
    assert_eq!((failure.tried.as_str(), failure.server.as_str()), ("list the subjects", server.url.as_str()));
    shown(&failure)
}

#[tokio::test]
async fn answers_that_are_not_the_api() {
    let html =
        "<html><head><title>Sign in</title><style>b{}</style></head><body>Please\x07 log <b>in</b></body></html>";
    insta::assert_snapshot!(subjects_of(&Server::says("200 OK", html)).await, @r"
    Protocol
    200 OK, an HTML page instead of JSON: Sign in Please log in
    check the registry's `url`: it is the base of its Confluent API; Apicurio's ends in /apis/ccompat/v7
    ");
    insta::assert_snapshot!(subjects_of(&Server::says("200 OK", "{\"a\":1}")).await, @r#"
    Protocol
    200 OK, not the JSON that was expected (invalid type: map, expected a sequence at line 1 column 0): {"a":1}
    check the registry's `url`: it is the base of its Confluent API; Apicurio's ends in /apis/ccompat/v7
    "#);
    insta::assert_snapshot!(subjects_of(&Server::says("200 OK", "")).await, @r"
    Protocol
    200 OK, not the JSON that was expected (EOF while parsing a value at line 1 column 0)
    check the registry's `url`: it is the base of its Confluent API; Apicurio's ends in /apis/ccompat/v7
    ");
    insta::assert_snapshot!(subjects_of(&Server::says("500 Internal Server Error", html)).await, @r"
    Server
    500 Internal Server Error: Sign in Please log in
    look into the registry's log, then try again
    ");
    let words = r#"{"error_code":50001,"message":"Error in the backend datastore"}"#;
    insta::assert_snapshot!(subjects_of(&Server::says("500 Internal Server Error", words)).await, @r"
    Server
    500 Error in the backend datastore
    look into the registry's log, then try again
    ");
    insta::assert_snapshot!(subjects_of(&Server::says("404 Not Found", html)).await, @r"
    Protocol
    404 Not Found: Sign in Please log in
    check the registry's `url`: it is the base of its Confluent API; Apicurio's ends in /apis/ccompat/v7
    ");
    let denied = r#"{"error_code":40301,"message":"User is denied"}"#;
    insta::assert_snapshot!(subjects_of(&Server::says("403 Forbidden", denied)).await, @r"
    Authorization
    403 User is denied
    ask the registry's administrators for the permission
    ");
    let plain = "<html>The plain HTTP request was sent to HTTPS port</html>";
    insta::assert_snapshot!(subjects_of(&Server::says("400 Bad Request", plain)).await, @r"
    Protocol
    400 Bad Request: The plain HTTP request was sent to HTTPS port
    the port speaks TLS: write https:
    ");
    insta::assert_snapshot!(subjects_of(&Server::that([Does::Says("SSH-2.0-OpenSSH_9\r\n".into())])).await, @r"
    Protocol
    what came back is not HTTP: invalid HTTP version parsed
    the port may speak TLS (write https:), or something else than HTTP
    ");
}

#[tokio::test]
async fn a_path_of_nobody_is_never_an_absent_subject() {
    let registry = Server::says("404 Not Found", "<html>nginx</html>").client();
    let subject: Subject = "s".parse().unwrap();
    assert!(registry.latest(std::slice::from_ref(&subject)).await[0].is_err());
    assert!(registry.compatibility(std::slice::from_ref(&subject)).await[0].is_err());
    assert!(registry.version(&subject, 1).await.is_err());
}

#[tokio::test]
async fn credentials_are_sent_and_never_shown() {
    let login = Login { username: "busctl".into(), password: Secret::new("correct horse") };
    for (auth, sent) in [
        (RegistryAuth::Basic(login), "authorization: Basic YnVzY3RsOmNvcnJlY3QgaG9yc2U="),
        (RegistryAuth::Bearer(kept("correct horse")), "authorization: Bearer correct horse"),
    ] {
        let server = Server::says("401 Unauthorized", r#"{"error_code":401,"message":"no: correct horse"}"#);
        let failure = client(&server.url, Some(auth)).subjects().await.unwrap_err();
        assert!(server.requests.lock().unwrap()[0].contains(sent));
        assert_eq!(failure.kind, FailureKind::Authentication);
        assert!(!format!("{failure:?}").contains("horse"), "{failure:?}");
    }
    // A page that shows what it was asked with is no secret-keeper either, whatever its status and its form.
    let login = Login { username: "busctl".into(), password: Secret::new("correct horse") };
    for body in [
        "<p>Authorization: Basic YnVzY3RsOmNvcnJlY3QgaG9yc2U=, that is busctl:correct horse</p>",
        r#"{"headers":{"authorization":"Basic YnVzY3RsOmNvcnJlY3QgaG9yc2U=","password":"correct horse"}}"#,
        r#""correct horse""#,
    ] {
        let server = Server::says("200 OK", body);
        let failure = client(&server.url, Some(RegistryAuth::Basic(login.clone()))).subjects().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol);
        let told = format!("{failure:?}");
        assert!(!told.contains("horse") && !told.contains("YnVzY3Rs"), "{told}");
    }
    let url = "http://user:horse@127.0.0.1:1/x?token=horse";
    let connection = RegistryConnection { url: url.into(), tls: None, auth: None, timeout: Duration::from_secs(1) };
    let failure = RegistryClient::new(&connection).err().unwrap();
    assert!(!format!("{failure:?}").contains("horse"), "{failure:?}");
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let other = Server::says("200 OK", "[]");
    let location = format!("location: {}\r\n", other.url.replace("http://", "http://u:p@"));
    let server = Server::that([answer("302 Found", &location, "")]);
    let failure = client(&server.url, Some(RegistryAuth::Bearer(kept("t")))).subjects().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Protocol);
    assert!(failure.hint.unwrap().contains(&other.url));
    assert_eq!(other.requests(), 0);
}

#[tokio::test]
async fn what_is_lost_or_busy_is_asked_again() {
    let busy = answer("503 Service Unavailable", "", "");
    let throttled = answer("429 Too Many Requests", "", "");
    let cut = Does::Says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[\"a".into());
    let pages = [answer("200 OK", "", "[\"a\"]"), answer("200 OK", "", "[]")];
    let server = Server::that([busy, throttled, cut].into_iter().chain(pages).collect::<Vec<_>>());
    let listed = server.client().subjects().await.unwrap();
    assert!(listed.complete && listed.names.len() == 1, "{listed:?}");
    assert_eq!(server.requests(), 5);

    let server = Server::that([Does::Closes, answer("200 OK", "", "[]")]);
    assert_eq!(server.client().subjects().await.unwrap().names, []);
}

#[tokio::test]
async fn attempts_are_counted() {
    let server = Server::says("503 Service Unavailable", "");
    insta::assert_snapshot!(subjects_of(&server).await, @r"
    Server
    503 Service Unavailable
    look into the registry's log, then try again
    ");
    assert_eq!(server.requests(), 4);
    let server = Server::that([Does::Says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[\"a".into())]);
    insta::assert_snapshot!(subjects_of(&server).await, @r"
    Unreachable
    end of file before message length reached
    the connection was lost: try again, and look into the registry's log; a port with TLS needs https:
    ");
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_sent_again() {
    let server = Server::that([Does::Closes, answer("200 OK", "", "{}")]);
    let subject: Subject = "s".parse().unwrap();
    let registry = server.client();
    let failure = registry.set_compatibility(&subject, Compatibility::Full).await.unwrap_err();
    assert_eq!((failure.kind, server.requests()), (FailureKind::Unreachable, 1), "{failure}");
    let server = Server::that([Does::Closes]);
    let schema = NewSchema { format: SchemaFormat::Avro, text: "\"int\"".into(), references: Vec::new() };
    assert!(server.client().register(&subject, &schema).await.is_err());
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn silence_ends_in_time_however_many_subjects_there_are() {
    let server = Server::that([Does::Hangs]);
    let subjects: Vec<Subject> = (0..1000).map(|n| format!("s{n}").parse().unwrap()).collect();
    let start = Instant::now();
    let levels = server.client().compatibility(&subjects).await;
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(levels.len(), 1000);
    assert!(levels.iter().all(|level| level.as_ref().is_err_and(|failure| failure.kind == FailureKind::Timeout)));
}

#[tokio::test]
async fn a_question_that_nobody_answers_is_asked_once_more() {
    let level = answer("200 OK", "", r#"{"compatibilityLevel":"FULL"}"#);
    let server = Server::that([Does::Hangs, level]);
    let subject: Subject = "s".parse().unwrap();
    let config = CompatibilityConfig { level: Some("FULL".into()), group: None };
    assert_eq!(server.client().compatibility(&[subject]).await, [Ok(config)]);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn one_subject_that_fails_leaves_the_others() {
    let fine = answer("200 OK", "", r#"{"compatibilityLevel":"FULL"}"#);
    let denied = answer("403 Forbidden", "", r#"{"error_code":40301,"message":"denied"}"#);
    let server = Server::that([fine.clone(), denied, fine]);
    let subjects: Vec<Subject> = (0..5).map(|n| format!("s{n}").parse().unwrap()).collect();
    let levels = server.client().compatibility(&subjects).await;
    let failed: Vec<_> = levels.iter().filter_map(|level| level.as_ref().err()).map(|failure| failure.kind).collect();
    assert_eq!(failed, [FailureKind::Authorization]);
}

#[tokio::test]
async fn an_answer_without_end_is_left() {
    let server = Server::that([Does::Pours]);
    let connection = RegistryConnection {
        url: server.url.clone(),
        tls: None,
        auth: None,
        // Long enough for the limit to come first.
        timeout: Duration::from_secs(60),
    };
    let failure = RegistryClient::new(&connection).unwrap().subjects().await.unwrap_err();
    insta::assert_snapshot!(shown(&failure), @r"
    Protocol
    an answer of more than 128 MiB
    check the registry's `url`: no registry answers that much
    ");
}

#[tokio::test]
async fn nobody_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    insta::assert_snapshot!(shown(&client(&free, None).subjects().await.unwrap_err()), @r"
    Unreachable
    Connection refused (os error 111)
    check that the registry runs and that its `url` has the right host and port
    ");
    let failure = client("http://registry.invalid:8081", None).subjects().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.answer.starts_with("the host is not known"), "{failure}");
    let plain = Server::says("200 OK", "[]");
    let failure = client(&plain.url.replace("http:", "https:"), None).subjects().await.unwrap_err();
    insta::assert_snapshot!(shown(&failure), @r"
    Protocol
    TLS failed: what came back is not TLS
    the server there does not speak TLS: write http:, or give the port that does
    ");
}

#[tokio::test]
async fn pages_are_read_where_they_name_subjects_and_left_where_they_stop_doing_so() {
    let subjects: Vec<Subject> = (0..30).map(|n| format!("s{n}").parse().unwrap()).collect();
    let version = |n: usize| format!(r#"{{"subject":"s{n}","version":2,"id":{n},"schema":"\"int\""}}"#);
    let page = |range: std::ops::Range<usize>| {
        answer("200 OK", "", &format!("[{}]", range.map(version).collect::<Vec<_>>().join(",")))
    };
    // One to see the shape, three pages of which the last is empty, and the subject that no page names.
    let alone = answer("200 OK", "", &version(29));
    let server = Server::that([page(0..1), page(0..20), page(20..29), page(0..0), alone]);
    let latest = server.client().latest(&subjects).await;
    assert!(latest.iter().enumerate().all(|(n, found)| found.as_ref().unwrap().as_ref().unwrap().id == n as u64));
    let requests = server.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 5);
    assert!(requests[2].contains("subjectPrefix=s&offset=20&limit=1000"), "{}", requests[2]);

    let texts = answer("200 OK", "", r#"[{"schema":"\"int\""}]"#);
    let absent = answer("404 Not Found", "", r#"{"error_code":40401,"message":"Subject not found"}"#);
    let server = Server::that([page(0..1), page(0..20), texts, absent]);
    assert!(server.client().latest(&subjects).await.iter().all(|found| *found == Ok(None)));
    assert_eq!(server.requests(), 33);
}

#[tokio::test]
async fn a_registry_that_answers_everything_at_once_is_asked_for_one_page() {
    let subjects: Vec<Subject> = (0..30).map(|n| format!("s{n}").parse().unwrap()).collect();
    let version = |n: usize| format!(r#"{{"subject":"s{n}","version":2,"id":{n},"schema":"\"int\""}}"#);
    // Karapace ignores `offset` and `limit`.
    let all = answer("200 OK", "", &format!("[{}]", (0..30).map(version).collect::<Vec<_>>().join(",")));
    let server = Server::that([all]);
    let latest = server.client().latest(&subjects).await;
    assert!(latest.iter().enumerate().all(|(n, found)| found.as_ref().unwrap().as_ref().unwrap().id == n as u64));
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn an_export_that_is_refused_or_none_is_asked_for_once_and_done_without() {
    let subjects: Vec<Subject> = (0..250).map(|n| format!("s{n}").parse().unwrap()).collect();
    let count = answer("200 OK", "", r#"{"count":250,"versions":[]}"#);
    let absent = answer("404 Not Found", "", r#"{"error_code":40401,"message":"Subject not found"}"#);
    let refused = answer("403 Forbidden", "", r#"{"status":403,"title":"denied"}"#);
    let page = answer("200 OK", "", "<html>sign in</html>");
    let cut = Does::Says("HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\nPK\u{3}\u{4}".into());
    for export in [refused, page, cut, Does::Closes] {
        let server = Server::that([count.clone(), export, absent.clone()]);
        let client = server.client();
        for _ in 0..2 {
            let current = client.current(&subjects).await;
            assert!(current.len() == 250 && current.iter().all(|found| found.latest == Ok(None)));
        }
        let requests = server.requests.lock().unwrap().clone();
        let own = requests.iter().filter(|request| request.contains("/apis/registry/v3/")).count();
        assert_eq!(own, 2, "{:?}", &requests[..4]);
    }
}

#[tokio::test]
async fn no_export_is_asked_for_of_few_subjects_nor_of_a_registry_with_many_more_versions() {
    let subjects: Vec<Subject> = (0..250).map(|n| format!("s{n}").parse().unwrap()).collect();
    let absent = answer("404 Not Found", "", r#"{"error_code":40401,"message":"Subject not found"}"#);
    let many = answer("200 OK", "", r#"{"count":25000,"versions":[]}"#);
    let server = Server::that([many, absent.clone()]);
    server.client().current(&subjects).await;
    let few = Server::that([absent]);
    few.client().current(&subjects[..40]).await;
    for server in [server, few] {
        let requests = server.requests.lock().unwrap();
        assert!(requests.iter().all(|request| !request.contains("/admin/export")));
    }
}
