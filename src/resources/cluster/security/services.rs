use super::CLUSTER;
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{ClusterSpec, host_of, is_own_host};
use crate::source::Spanned;

/// BUS808.
pub static PLAINTEXT: Rule = Rule {
    code: "BUS808",
    name: "plaintext-credentials",
    summary: "Outside development no credential is sent to an address without TLS",
    explanation: "A token of Vault or Consul, a password of the registry and a client secret at an issuer go over the network with \
each request. At an `http:` address whoever sees the network has them, and who answers in the server's place is believed. The rule \
looks at `vault`, at `consul` with a `token`, at a registry with `auth` or with a login of clients, and at the `token_endpoint` of \
clients. An address of the machine itself, as that of an agent, is left out: nothing of it is on a network. busctl's own logins at \
an issuer take `https:` alone (BUS407); connections to brokers are BUS402's.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text("consul: { address: \"http://consul.example.com:8500\", token: env:CONSUL_TOKEN }\n"),
    )]),
    good: Example(&[(
        CLUSTER,
        Text("consul: { address: \"https://consul.example.com:8501\", token: env:CONSUL_TOKEN }\n"),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    if cluster.is_development() {
        return;
    }
    findings.extend(of_cluster(desired).into_iter().map(|finding| finding.resource(cluster.address())));
    let registry = cluster.schema_registry.as_ref();
    let Some(registry) = registry.and_then(|name| desired.workspace.registries.get(name.as_str())) else { return };
    let of_clients = cluster.clients.as_ref().and_then(|clients| clients.registry.as_ref());
    let sent = match (&registry.auth, of_clients) {
        (Some(_), _) => "the login of busctl",
        (None, Some(_)) => "the login of each service",
        (None, None) => return,
    };
    if let Some(url) = registry.url.as_ref().filter(|url| is_plaintext(url)) {
        let finding = told(url, &format!("the registry `{}`", registry.registry.value), sent);
        findings.push(finding.resource(format!("registry/{}", registry.registry.value)));
    }
}

fn of_cluster(desired: &Desired<'_>) -> Vec<Diagnostic> {
    let ClusterSpec { vault, consul, clients, .. } = desired.cluster;
    let vault = vault.as_ref().or(desired.workspace.settings.vault.as_ref());
    let vault = vault.and_then(|vault| vault.address.as_ref());
    let consul = consul.as_ref().filter(|consul| consul.token.is_some()).map(|consul| &consul.address);
    let sasl = clients.as_ref().and_then(|clients| clients.sasl.as_ref());
    let issuer = sasl.and_then(|sasl| sasl.token_endpoint.as_ref());
    let of = |address: Option<&Spanned<String>>, whose, sent| {
        address.filter(|address| is_plaintext(address)).map(|address| told(address, whose, sent))
    };
    let found = [
        of(vault, "Vault", "the token and every secret that is read"),
        of(consul, "Consul", "the token"),
        of(issuer, "the issuer", "the client secret of each service"),
    ];
    found.into_iter().flatten().collect()
}

fn told(address: &Spanned<String>, whose: &str, sent: &str) -> Diagnostic {
    let message = format!("{whose} is reached without TLS, and {sent} can be read on the way");
    PLAINTEXT.finding(message).at(address.span, "").help("write an `https:` address")
}

/// Whether what is sent to an address can be read on a network.
fn is_plaintext(address: &str) -> bool {
    let address = address.trim();
    let scheme = address.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"));
    scheme.is_some_and(|scheme| !is_loopback(&address[scheme.len()..]))
}

fn is_loopback(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    is_own_host(host_of(authority))
}

#[cfg(test)]
mod tests {
    use super::{PLAINTEXT, is_plaintext};
    use crate::resources::Desired;
    use crate::resources::cluster::samples::workspace_of;

    #[test]
    fn an_address_of_the_machine_itself_is_on_no_network() {
        for address in [
            "http://a:8500",
            "HTTP://10.0.0.1/",
            " http://[2001:db8::1]:80/x",
            "http://localhost.example.com",
            "http://127.0.0.1@a",
        ] {
            assert!(is_plaintext(address), "{address}");
        }
        for address in [
            "https://a",
            "http://localhost:8500",
            "http://127.1.2.3/",
            "http://[::1]:8200",
            "http://x.localhost",
            "",
            "a:1",
            "ünïcödé",
        ] {
            assert!(!is_plaintext(address), "{address}");
        }
    }

    fn found(environment: &str) -> Vec<String> {
        let workspace = workspace_of(&[
            ("busctl.yaml", "version: 1\nvault: { address: \"http://vault.example.com:8200\" }\n"),
            (
                "clusters/registry.yaml",
                "registry: main\nurl: http://registry.example.com\nauth: { username: u, password: env:P }\n",
            ),
            ("clusters/open.yaml", "registry: open\nurl: http://registry.example.com\n"),
            (
                "clusters/c.yaml",
                &format!(
                    "cluster: c\nenvironment: {environment}\nschema_registry: main\n\
                     consul: {{ address: \"http://consul.example.com:8500\", token: env:T }}\n\
                     clients: {{ sasl: {{ mechanism: oauthbearer, token_endpoint: \"http://issuer.example.com/t\" }} }}\n"
                ),
            ),
            (
                "clusters/d.yaml",
                "cluster: d\nschema_registry: open\nconsul: { address: \"http://consul.example.com:8500\" }\n\
                 vault: { address: \"http://127.0.0.1:8200\" }\n",
            ),
        ]);
        let mut findings = Vec::new();
        for cluster in workspace.clusters.values() {
            let crate::policy::Check::Cluster(check) = PLAINTEXT.check else { panic!("it is of a cluster") };
            check(&Desired::resolve(&workspace, cluster).0, &mut findings);
        }
        findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn who_is_sent_a_credential_in_clear_text_is_told_but_in_development() {
        insta::assert_snapshot!(found("production").join("\n"), @r"
        Vault is reached without TLS, and the token and every secret that is read can be read on the way
        Consul is reached without TLS, and the token can be read on the way
        the issuer is reached without TLS, and the client secret of each service can be read on the way
        the registry `main` is reached without TLS, and the login of busctl can be read on the way
        ");
        assert_eq!(found("dev"), [""; 0]);
    }
}
