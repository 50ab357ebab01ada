use super::*;
use crate::model::Secret;
use crate::ports::connection::{Bearer, Sasl, TokenSource};
use crate::ports::secrets::{SecretError, Secrets};
use crate::source::{Decode, Decoder, Sources, parse_yaml};

/// What a manifest's `connection:` comes to: the connection, or what is wrong with it, each with the text it stands at.
fn read_yaml(yaml: &str) -> Result<Connection<SecretPlace>, Vec<(String, String)>> {
    read_on(yaml, None)
}

/// The same beside what the manifest says of the brokers.
fn read_on(yaml: &str, kafka: Option<&str>) -> Result<Connection<SecretPlace>, Vec<(String, String)>> {
    let kafka = kafka.map(|kafka| {
        let (documents, _) = parse_yaml(crate::source::FileId(1), kafka);
        KafkaSpec::decode(&documents[0], &mut Decoder::default()).expect("it decodes")
    });
    let mut sources = Sources::default();
    let file = sources.add("clusters/test.yaml", yaml);
    let (documents, findings) = parse_yaml(file, yaml);
    let mut decoder = Decoder { findings };
    let node = documents.first().expect("a document");
    let spec = Spanned::<ConnectionSpec>::decode(node, &mut decoder).expect("it decodes");
    assert!(decoder.findings.is_empty(), "{:?}", decoder.findings);
    connection(&spec, kafka.as_ref(), Duration::from_secs(5)).map_err(|problems| {
        let shown = |problem: ConnectionProblem| {
            assert!(problem.help.is_some(), "{problem}");
            (yaml[problem.span.start as usize..problem.span.end as usize].to_owned(), problem.message)
        };
        problems.into_iter().map(shown).collect()
    })
}

/// Answers with what the tests put in.
struct Told(&'static [(&'static str, &'static str)]);

impl Secrets for Told {
    async fn read(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
        let name = reference.to_string();
        let told = self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| Secret::new(*value));
        told.ok_or(SecretError { reference: name, reason: "it is not there".into(), hint: Some("put it there".into()) })
    }
}

#[test]
fn every_kind_of_connection_is_taken() {
    let plaintext = read_yaml("bootstrap: [a:9092, '[::1]:9093']").expect("plaintext");
    assert_eq!(plaintext.bootstrap, ["a:9092", "[::1]:9093"]);
    assert!(plaintext.tls.is_none() && plaintext.sasl.is_none());

    let system = read_yaml("bootstrap: [a:1]\ntls: {}").expect("TLS with the system's authorities");
    assert!(system.tls.is_some_and(|tls| tls.ca.is_none() && tls.identity.is_none()));

    let mutual =
        read_yaml("bootstrap: [a:1]\ntls: { ca: 'file:ca', certificate: 'file:c', key: 'env:K' }").expect("mTLS");
    assert!(mutual.tls.and_then(|tls| tls.identity).is_some_and(|identity| identity.key.is_some()));

    for (word, expected) in [("plain", "Plain"), ("scram-sha-256", "ScramSha256"), ("scram-sha-512", "ScramSha512")] {
        let yaml = format!("bootstrap: [a:1]\nsasl: {{ mechanism: {word}, username: u, password: 'env:P' }}");
        let sasl = read_yaml(&yaml).expect(word).sasl;
        assert!(format!("{sasl:?}").contains(expected), "{sasl:?}");
    }
    let oauth = "bootstrap: [a:1]\nsasl: { mechanism: oauthbearer, token_endpoint: 'https://i/t', client_id: c, \
                 client_secret: 'env:S', scope: kafka, ca: 'file:ca' }";
    let sasl = read_yaml(oauth).expect("OAUTHBEARER").sasl;
    let Some(Sasl::OauthBearer(Bearer { own: Some(TokenSource::ClientCredentials(client)), login: None })) = sasl
    else {
        panic!("no client credentials");
    };
    assert_eq!(client.scope.as_deref(), Some("kafka"));

    let kept = "bootstrap: [a:1]\nsasl: { mechanism: oauthbearer, token: 'file:token' }";
    let sasl = read_yaml(kept).expect("a token that is kept").sasl;
    assert!(matches!(sasl, Some(Sasl::OauthBearer(Bearer { own: Some(TokenSource::Kept(_)), login: None }))));

    let people = "bootstrap: [a:1]\nsasl: { mechanism: oauthbearer, login: { issuer: 'https://i', client_id: b } }";
    let sasl = read_yaml(people).expect("a login of people").sasl;
    assert!(
        matches!(sasl, Some(Sasl::OauthBearer(Bearer { own: None, login: Some(login) })) if login.client_id == "b")
    );
}

const BROKERS: &str =
    "nodes: [{ id: 1, host: k1, roles: [broker] }, { id: 2, host: '::1' }, { id: 3, host: c, roles: [controller] }]
listeners:
  INTERNAL_TLS: { port: 9093, protocol: ssl, client_auth: required }
  EDGE_TLS: { port: 9095, protocol: sasl_ssl }
";

#[test]
fn a_listener_gives_the_addresses() {
    let chosen = "listener: INTERNAL_TLS\ntls: { certificate: 'file:both' }";
    let connection = read_on(chosen, Some(BROKERS)).expect("a connection");
    assert_eq!(connection.bootstrap, ["k1:9093", "[::1]:9093"]);
    // Behind a balancer the addresses are others.
    let written = read_on(&format!("{chosen}\nbootstrap: [edge:443]"), Some(BROKERS)).expect("a connection");
    assert_eq!(written.bootstrap, ["edge:443"]);
}

#[test]
fn a_connection_that_does_not_fit_its_listener_is_told() {
    let told = |yaml: &str, kafka| {
        let problems = read_on(yaml, kafka).expect_err(yaml);
        problems.into_iter().map(|(at, message)| format!("{at}: {message}")).collect::<Vec<_>>()
    };
    assert_eq!(
        told("listener: EDGE_TLS", Some(BROKERS)),
        [
            "EDGE_TLS: the listener EDGE_TLS is sasl_ssl, and the connection has no `tls`",
            "EDGE_TLS: the listener EDGE_TLS is sasl_ssl, and the connection has no `sasl`",
        ]
    );
    assert_eq!(
        told("listener: INTERNAL_TLS\ntls: {}", Some(BROKERS)),
        ["INTERNAL_TLS: the listener INTERNAL_TLS is ssl, and the connection has no certificate, which it requires"]
    );
    assert_eq!(
        told("listener: EGDE_TLS\ntls: {}", Some(BROKERS)),
        ["EGDE_TLS: `EGDE_TLS` is no listener of this cluster"]
    );
    assert_eq!(told("listener: EDGE_TLS", None), ["EDGE_TLS: `EDGE_TLS` is no listener of this cluster"]);
    let no_host = "listeners: { PLAIN: { port: 9092, protocol: plaintext } }";
    assert_eq!(
        told("listener: PLAIN", Some(no_host)),
        ["listener: PLAIN: `bootstrap` names no broker, and no node of `kafka.nodes` has a `host`"]
    );
}

#[test]
fn all_that_is_wrong_is_found_at_its_place() {
    let problems = |yaml: &str| read_yaml(yaml).expect_err(yaml);
    let texts = |yaml: &str| problems(yaml).into_iter().map(|(_, message)| message).collect::<Vec<_>>();

    assert_eq!(texts("bootstrap: []"), ["`bootstrap` names no broker"]);
    for address in ["kafka", "kafka:", ":9092", "kafka:0", "kafka:70000", "http://kafka:9092", "a:1,b:2", "::1:9092"] {
        let found = problems(&format!("bootstrap: ['{address}']"));
        assert!(matches!(&found[..], [(at, _)] if at.contains(address)), "{address}: {found:?}");
    }
    assert_eq!(
        problems("bootstrap: [a:1]\ntls: { key: 'file:k' }"),
        [("file:k".to_owned(), "`key` without `certificate`".to_owned())]
            .map(|(at, message)| (format!("'{at}'"), message))
    );
    assert_eq!(
        texts("bootstrap: [a:1]\nsasl: { mechanism: plain, client_id: c }"),
        [
            "the SASL mechanism plain has no `client_id`",
            "the SASL mechanism plain needs `username`",
            "the SASL mechanism plain needs `password`"
        ]
    );
    assert_eq!(
        texts("bootstrap: [b]\nsasl: { mechanism: oauthbearer, token_endpoint: 'http://i/t', username: u }"),
        [
            "`b` is not HOST:PORT",
            "the SASL mechanism oauthbearer has no `username`",
            "`http://i/t` is not an https: address",
            "the SASL mechanism oauthbearer needs `client_id`",
            "the SASL mechanism oauthbearer needs `client_secret`"
        ]
    );
    assert_eq!(
        texts("bootstrap: [a:1]\nsasl: { mechanism: oauthbearer }"),
        ["the SASL mechanism oauthbearer needs `token_endpoint`, `token` or `login`"]
    );
    assert_eq!(
        texts(
            "bootstrap: [a:1]\nsasl: { mechanism: oauthbearer, token: 'env:T', scope: s, \
             login: { issuer: 'https://u:p@i', client_id: b } }"
        ),
        ["the address holds credentials", "`scope` beside `token`"]
    );
}

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const BOTH: &str = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nAA==\n";
const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n";
const TOLD: Told = Told(&[
    ("env:PASSWORD", "s3cret\r\n"),
    ("file:certificate", CERTIFICATE),
    ("file:both", BOTH),
    ("file:encrypted", ENCRYPTED),
]);

async fn read_all(yaml: &str) -> Result<Connection, ConnectionProblem> {
    read_secrets(read_yaml(yaml).expect(yaml), &TOLD).await
}

#[tokio::test]
async fn secrets_are_read_and_never_shown() {
    let login = "bootstrap: [a:1]\nsasl: { mechanism: plain, username: u, password: 'env:PASSWORD' }";
    let connection = read_all(login).await.expect("it is told");
    assert!(!format!("{connection:?}").contains("s3cret"));
    let Some(Sasl::Plain(login)) = connection.sasl else { panic!("not PLAIN") };
    assert_eq!(login.password.expose(), "s3cret");

    let both = read_all("bootstrap: [a:1]\ntls: { certificate: 'file:both' }").await.expect("the PEM holds both");
    let identity = both.tls.and_then(|tls| tls.identity).expect("an identity");
    assert_eq!(identity.certificate.expose(), BOTH);
    assert!(identity.key.is_none());
}

#[tokio::test]
async fn wrong_material_is_named_by_its_reference() {
    for (tls, expected) in [
        ("ca: 'file:missing'", "could not read the secret `file:missing`: it is not there"),
        ("ca: 'env:PASSWORD'", "`env:PASSWORD` holds no certificate"),
        ("certificate: 'file:certificate'", "`file:certificate` holds no private key"),
        ("certificate: 'file:certificate', key: 'file:certificate'", "`file:certificate` holds no private key"),
        ("certificate: 'file:certificate', key: 'file:encrypted'", "the key in `file:encrypted` is encrypted"),
    ] {
        let problem = read_all(&format!("bootstrap: [a:1]\ntls: {{ {tls} }}")).await.expect_err(tls);
        assert_eq!(problem.message, expected);
        assert!(problem.help.is_some(), "{problem}");
    }
}

#[test]
fn a_name_that_no_certificate_has_is_told_where_it_stands() {
    let named = |name: &str| read_yaml(&format!("bootstrap: [a:1]\ntls: {{ server_name: {name:?} }}"));
    for name in ["kafka.example", "kafka.example.", "10.1.2.3", "::1", "kafka_1"] {
        assert!(named(name).is_ok(), "{name}");
    }
    for name in ["", "kafka example", "a..b", "kafka:9093", ".", "https://a"] {
        let problems = named(name).expect_err(name);
        assert_eq!(problems, [(format!("{name:?}"), format!("no certificate is for `{name}`"))]);
    }
}

#[test]
fn a_certificate_of_vault_is_no_password() {
    for sasl in [
        "mechanism: plain, username: u, password: 'vault:pki/issue/r'",
        "mechanism: oauthbearer, token: 'vault:pki/ca'",
        "mechanism: oauthbearer, token_endpoint: 'https://i/t', client_id: c, client_secret: 'vault:pki/issue/r'",
    ] {
        let problems = read_yaml(&format!("bootstrap: [a:1]\nsasl: {{ {sasl} }}")).expect_err(sasl);
        assert!(matches!(&problems[..], [(_, message)] if message.contains("is a certificate")), "{problems:?}");
    }
    let of_kv = "bootstrap: [a:1]\nsasl: { mechanism: plain, username: u, password: 'vault:kv/bus#password' }";
    assert!(read_yaml(of_kv).is_ok());
}
