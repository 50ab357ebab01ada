//! A broker with TLS on all listeners for clients: one takes the tokens of a real issuer, one takes certificates.

use std::ffi::OsString;
use std::path::Path;

use busctl::localbus::kafka::{self, ClientCertificate, Listener, Logins, Node, Security, Tls, Voter};
use busctl::localbus::{Login, ports};
use busctl::model::Secret;
use tokio::sync::{Mutex, MutexGuard, OnceCell};

use super::certificates::Authority;
use super::issuer::{Issuer, MACHINE_SECRET, RESOURCE, tools};
use super::sample::plain;
use super::server::Server;
use super::workspace::Scratch;

/// The rules that the listener `MUTUAL` makes principals by.
pub const RULES: &str = "RULE:^CN=([^,]+).*$/$1/L,DEFAULT";

/// The broker and the issuer whose tokens it takes.
pub struct Secured {
    /// The broker. Whoever is `busctl` or `ada` there is a super user.
    pub server: Server,
    /// The issuer.
    pub issuer: Issuer,
}

/// Started by whoever comes first, and one test's at a time: a test moves the issuer's clock. `None` where this machine has no
/// Node.
pub async fn secured() -> Option<MutexGuard<'static, Secured>> {
    static RUNNING: OnceCell<Option<Mutex<Secured>>> = OnceCell::const_new();
    let running = RUNNING.get_or_init(|| async {
        let tools = tools()?;
        let mut issuer = None;
        let server = Server::start_with(|authority| {
            let started = issuer.insert(Issuer::start(tools, authority, &["busctl", "stranger"]));
            node(authority, started)
        });
        let server = server.await;
        Some(Mutex::new(Secured { server, issuer: issuer? }))
    });
    Some(running.await.as_ref()?.lock().await)
}

fn node(authority: &Authority, issuer: &Issuer) -> (Node, Vec<OsString>) {
    let [controller, open, tokens, mutual] = ports::choose([None; 4]).unwrap();
    let identity = authority.issue("broker");
    let tls = |client_certificate| Tls {
        keystore: identity.keystore.clone(),
        truststore: authority.certificate(),
        client_certificate,
    };
    let admin = Login { name: "admin".to_owned(), password: Secret::new("unused-here") };
    let logins = Logins { own: admin.clone(), all: vec![admin] };
    let listener = |name: &str, port, security| Listener { name: name.to_owned(), port, security };
    let module = "org.apache.kafka.common.security.oauthbearer";
    let keys = issuer.keys();
    let of = |key: &str| format!("listener.name.tokens.oauthbearer.{key}");
    let properties = [
        ("auto.create.topics.enable".to_owned(), "false".to_owned()),
        ("listener.name.tokens.sasl.enabled.mechanisms".to_owned(), "OAUTHBEARER".to_owned()),
        (of("sasl.jaas.config"), format!("{module}.OAuthBearerLoginModule required;")),
        (of("sasl.server.callback.handler.class"), format!("{module}.OAuthBearerValidatorCallbackHandler")),
        ("sasl.oauthbearer.jwks.endpoint.url".to_owned(), keys.clone()),
        ("sasl.oauthbearer.expected.issuer".to_owned(), issuer.url.clone()),
        ("sasl.oauthbearer.expected.audience".to_owned(), RESOURCE.to_owned()),
        // Sessions end with their tokens (KIP-368).
        ("connections.max.reauth.ms".to_owned(), "3600000".to_owned()),
        ("listener.name.mutual.ssl.principal.mapping.rules".to_owned(), RULES.to_owned()),
        ("group.consumer.min.session.timeout.ms".to_owned(), "6000".to_owned()),
        ("group.consumer.session.timeout.ms".to_owned(), "6000".to_owned()),
    ];
    let node = Node {
        id: 1,
        cluster_id: kafka::new_cluster_id().unwrap(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller }],
        controller: listener("CONTROLLER", controller, Security::Plaintext),
        listeners: vec![
            listener("PLAIN", open, Security::Plaintext),
            listener("TOKENS", tokens, Security::SaslSsl(tls(ClientCertificate::None), logins)),
            listener("MUTUAL", mutual, Security::Ssl(tls(ClientCertificate::Required))),
        ],
        authorizer: true,
        super_users: ["ANONYMOUS", "busctl", "ada"].map(|user| format!("User:{user}")).to_vec(),
        internal_replicas: 1,
        properties: properties.into(),
    };
    (node, vec![format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys}").into()])
}

impl Secured {
    /// The port of a listener.
    pub fn port(&self, listener: &str) -> u16 {
        self.server.node.port(listener).unwrap()
    }

    /// Puts what clients need into a workspace: `ca.pem`, `secret`, `wrong`.
    pub fn equip(&self, scratch: &Scratch) {
        scratch.write("ca.pem", std::fs::read(self.server.authority.certificate()).unwrap());
        scratch.write("secret", format!("{MACHINE_SECRET}\n"));
        scratch.write("wrong", "wrong-horse\n");
    }

    /// A connection to the listener for tokens, with what `sasl` says beside the mechanism.
    pub fn tokens(&self, sasl: &str) -> String {
        format!(
            "{}  tls: {{ ca: file:ca.pem }}\n  sasl: {{ mechanism: oauthbearer, {sasl} }}\n",
            plain(self.port("TOKENS"))
        )
    }

    /// The keys of client credentials, as this machine.
    pub fn credentials(&self, machine: &str) -> String {
        format!(
            "token_endpoint: \"{}/token\", client_id: {machine}, client_secret: file:secret, scope: kafka, ca: file:ca.pem",
            self.issuer.url
        )
    }

    /// The keys of a person's login.
    pub fn login(&self) -> String {
        format!(
            "login: {{ issuer: \"{}\", client_id: busctl-people, scope: \"openid offline_access kafka\", ca: file:ca.pem }}",
            self.issuer.url
        )
    }

    /// A connection to the listener for certificates.
    pub fn mutual(&self, certificate: &Path) -> String {
        let at = certificate.display();
        format!("{}  tls: {{ ca: file:ca.pem, certificate: \"file:{at}\" }}\n", plain(self.port("MUTUAL")))
    }
}
