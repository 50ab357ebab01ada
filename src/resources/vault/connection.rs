//! From a declared `vault:`, and what the environment says, to a connection that a client can be set up from.

use std::time::Duration;

use super::spec::{VaultAuthSpec, VaultSpec};
use crate::model::{SecretRef, is_vault_path};
use crate::ports::connection::{Identity, Tls};
use crate::ports::vault::{VaultAuth, VaultConnection};
use crate::resources::cluster::{ConnectionProblem, TlsSpec, address_of_api, tls};
use crate::source::{Span, Spanned};

/// Where Kubernetes puts the token of a pod's service account.
const SERVICE_ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// What the environment says of Vault, in the variables of Vault's own programs. What is empty is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultEnvironment {
    /// `VAULT_ADDR`.
    pub address: Option<String>,
    /// `VAULT_NAMESPACE`.
    pub namespace: Option<String>,
    /// `VAULT_CACERT`: a file.
    pub ca: Option<String>,
    /// Whether there is a `VAULT_TOKEN`.
    pub has_token: bool,
}

/// Everything that is wrong with a declared Vault.
pub fn vault_problems(spec: &VaultSpec) -> Vec<ConnectionProblem> {
    let mut problems = Vec::new();
    if let Some(address) = &spec.address
        && let Err((message, help)) = address_of_api("Vault", &address.value)
    {
        problems.push(ConnectionProblem::new(address.span, message, help));
    }
    if let Some(namespace) = spec.namespace.as_ref().filter(|namespace| !is_vault_path(namespace.trim_matches('/'))) {
        let help = "write its path, for example platform/bus";
        problems.push(ConnectionProblem::new(namespace.span, "this is no namespace of Vault", help));
    }
    if let Some(found) = &spec.tls {
        problems.extend(tls(found).err());
        problems.extend([&found.ca, &found.certificate, &found.key].into_iter().flatten().filter_map(is_in_vault));
        if let Some(place) = [&found.ca, &found.certificate, &found.key].into_iter().flatten().next()
            && spec.address.as_ref().is_some_and(|address| address.trim().starts_with("http:"))
        {
            let message = "`tls` for an address that starts with http:";
            problems.push(ConnectionProblem::new(place.span, message, "write https:"));
        }
    }
    if let Some(auth) = &spec.auth {
        problems.extend(auth_problems(auth));
    }
    problems
}

fn auth_problems(auth: &Spanned<VaultAuthSpec>) -> Vec<ConnectionProblem> {
    let mut problems = Vec::new();
    let ways = [
        auth.token.as_ref().map(|way| ("token", way.span)),
        auth.approle.as_ref().map(|way| ("approle", way.span)),
        auth.kubernetes.as_ref().map(|way| ("kubernetes", way.span)),
        auth.jwt.as_ref().map(|way| ("jwt", way.span)),
    ];
    let ways: Vec<(&str, Span)> = ways.into_iter().flatten().collect();
    match ways.as_slice() {
        [_] => {}
        [] => {
            let help = "write one of `kubernetes`, `approle`, `jwt` and `token`";
            problems.push(ConnectionProblem::new(auth.span, "`auth` says no way to log in to Vault", help));
        }
        [(first, _), (second, span), ..] => {
            let message = format!("`auth` says two ways to log in to Vault: `{first}` and `{second}`");
            problems.push(ConnectionProblem::new(*span, message, "leave one of them"));
        }
    }
    let approle = auth.approle.as_ref();
    let secrets = [
        auth.token.as_ref(),
        approle.map(|way| &way.role_id),
        approle.map(|way| &way.secret_id),
        auth.kubernetes.as_ref().and_then(|way| way.token.as_ref()),
        auth.jwt.as_ref().map(|way| &way.token),
    ];
    problems.extend(secrets.into_iter().flatten().filter_map(is_in_vault));
    let mounts = [
        approle.and_then(|way| way.mount.as_ref()),
        auth.kubernetes.as_ref().and_then(|way| way.mount.as_ref()),
        auth.jwt.as_ref().and_then(|way| way.mount.as_ref()),
    ];
    for mount in mounts.into_iter().flatten().filter(|mount| !is_vault_path(mount)) {
        let help = "write its path without auth/ in front and without slashes around it";
        problems.push(ConnectionProblem::new(mount.span, "this is no mount of Vault", help));
    }
    problems
}

fn is_in_vault(secret: &Spanned<SecretRef>) -> Option<ConnectionProblem> {
    matches!(secret.value, SecretRef::Vault(_)).then(|| {
        let message = format!("`{}` is needed to reach Vault, and cannot be in it", secret.value);
        ConnectionProblem::new(secret.span, message, "give it as env:NAME or file:PATH")
    })
}

/// The connection to a declared Vault. What is not declared is taken from the environment; `place` says where something is
/// declared.
///
/// # Errors
///
/// What is wrong, and what to do about it.
pub fn vault_connection(
    spec: Option<&VaultSpec>,
    environment: &VaultEnvironment,
    timeout: Duration,
    place: impl Fn(Span) -> String,
) -> Result<VaultConnection, (String, String)> {
    if let Some(problem) = spec.and_then(|spec| vault_problems(spec).into_iter().next()) {
        return Err((format!("{}: {}", place(problem.span), problem.message), problem.help.unwrap_or_default()));
    }
    let declared = spec.and_then(|spec| spec.address.as_ref()).map(|address| address.as_str());
    let Some(address) = declared.or(environment.address.as_deref()) else {
        let hint = "declare it: `vault: { address: https://HOST:PORT }` in busctl.yaml or in the cluster's manifest, or set \
                    VAULT_ADDR";
        return Err(("no Vault is declared".into(), hint.into()));
    };
    let whose = if declared.is_some() { "" } else { "VAULT_ADDR: " };
    let address =
        address_of_api("Vault", address).map_err(|(message, help)| (format!("{whose}{message}"), help.into()))?;
    let namespace = spec.and_then(|spec| spec.namespace.as_ref().map(|namespace| namespace.value.clone()));
    let namespace = namespace.or_else(|| environment.namespace.clone()).map(|name| name.trim_matches('/').to_owned());
    if namespace.as_ref().is_some_and(|namespace| !is_vault_path(namespace)) {
        return Err((
            "VAULT_NAMESPACE is no namespace of Vault".into(),
            "write its path, for example platform/bus".into(),
        ));
    }
    let tls = connection_tls(spec.and_then(|spec| spec.tls.as_ref()), environment);
    let auth = spec.and_then(|spec| spec.auth.as_ref());
    Ok(VaultConnection { auth: connection_auth(auth, &address, environment)?, address, namespace, tls, timeout })
}

fn connection_tls(spec: Option<&TlsSpec>, environment: &VaultEnvironment) -> Option<Tls<SecretRef>> {
    let value = |place: &Option<Spanned<SecretRef>>| place.as_ref().map(|place| place.value.clone());
    let of_environment = environment.ca.clone().map(SecretRef::File);
    match spec {
        Some(spec) => Some(Tls {
            ca: value(&spec.ca).or(of_environment),
            identity: value(&spec.certificate).map(|certificate| Identity { certificate, key: value(&spec.key) }),
            server_name: spec.server_name.as_ref().map(|name| name.value.clone()),
        }),
        None => of_environment.map(|ca| Tls { ca: Some(ca), identity: None, server_name: None }),
    }
}

fn connection_auth(
    spec: Option<&Spanned<VaultAuthSpec>>,
    address: &str,
    environment: &VaultEnvironment,
) -> Result<VaultAuth, (String, String)> {
    // A token goes to the Vault that it is for and to no other one.
    let is_for_this = environment.address.as_deref().is_none_or(|named| named.trim().trim_end_matches('/') == address);
    if environment.has_token && is_for_this {
        return Ok(VaultAuth::Token(SecretRef::Env("VAULT_TOKEN".into())));
    }
    let mount = |mount: &Option<Spanned<String>>, default: &str| {
        mount.as_ref().map_or_else(|| default.to_owned(), |mount| mount.value.clone())
    };
    let declared = spec.and_then(|spec| {
        let token = spec.token.as_ref().map(|token| VaultAuth::Token(token.value.clone()));
        let approle = || {
            spec.approle.as_ref().map(|way| VaultAuth::AppRole {
                mount: mount(&way.mount, "approle"),
                role_id: way.role_id.value.clone(),
                secret_id: way.secret_id.value.clone(),
            })
        };
        let kubernetes = || {
            spec.kubernetes.as_ref().map(|way| VaultAuth::Kubernetes {
                mount: mount(&way.mount, "kubernetes"),
                role: way.role.value.clone(),
                token: match &way.token {
                    Some(token) => token.value.clone(),
                    None => SecretRef::File(SERVICE_ACCOUNT_TOKEN.into()),
                },
            })
        };
        let jwt = || {
            spec.jwt.as_ref().map(|way| VaultAuth::Jwt {
                mount: mount(&way.mount, "jwt"),
                role: way.role.as_ref().map(|role| role.value.clone()),
                token: way.token.value.clone(),
            })
        };
        token.or_else(approle).or_else(kubernetes).or_else(jwt)
    });
    declared.ok_or_else(|| match environment.has_token {
        true => (
            format!("VAULT_TOKEN is a token for VAULT_ADDR, and the Vault that is declared is {address}"),
            "set VAULT_ADDR to the declared address where the token is for it, or declare `auth` of `vault`".into(),
        ),
        false => (
            "nothing says how to log in to Vault".into(),
            "set VAULT_TOKEN, or declare `vault: { auth: … }` with `kubernetes`, `approle`, `jwt` or `token`".into(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Decode, Decoder, FileId, parse_yaml};

    fn spec(yaml: &str) -> VaultSpec {
        let (documents, _) = parse_yaml(FileId(0), yaml);
        VaultSpec::decode(&documents[0], &mut Decoder::default()).unwrap()
    }

    fn problems(yaml: &str) -> String {
        vault_problems(&spec(yaml)).iter().map(|problem| format!("{problem}\n")).collect()
    }

    fn environment(address: &str) -> VaultEnvironment {
        VaultEnvironment { address: Some(address.into()), has_token: true, ..VaultEnvironment::default() }
    }

    fn place(span: Span) -> String {
        format!("busctl.yaml:{}", span.start)
    }

    fn connect(yaml: &str, environment: &VaultEnvironment) -> Result<VaultConnection, String> {
        let connection = vault_connection(Some(&spec(yaml)), environment, Duration::from_secs(1), place);
        connection.map_err(|(reason, hint)| format!("{reason} (help: {hint})"))
    }

    #[test]
    fn a_declared_vault_is_checked_and_no_credential_repeated() {
        assert_eq!(problems("{ address: 'https://vault.example:8200/', auth: { kubernetes: { role: busctl } } }"), "");
        insta::assert_snapshot!(problems("{ address: vault.example, namespace: a//b }"), @r"
        Vault's address is no http: or https: address
        this is no namespace of Vault
        ");
        insta::assert_snapshot!(problems("{ address: 'https://u:geheim@v.example', auth: {} }"), @r"
        Vault's address holds credentials
        `auth` says no way to log in to Vault
        ");
        insta::assert_snapshot!(
            problems("{ address: 'http://v', tls: { ca: file:ca }, auth: { token: 'vault:a/b#c', jwt: { token: env:T, mount: /x } } }"),
            @r"
        `tls` for an address that starts with http:
        `auth` says two ways to log in to Vault: `token` and `jwt`
        `vault:a/b#c` is needed to reach Vault, and cannot be in it
        this is no mount of Vault
        ");
    }

    #[test]
    fn a_token_of_the_environment_goes_to_its_own_vault_alone() {
        let declared = "{ address: 'https://a.example', auth: { approle: { role_id: env:R, secret_id: env:S } } }";
        let auth = |of: &VaultEnvironment| connect(declared, of).unwrap().auth;
        let token = VaultAuth::Token(SecretRef::Env("VAULT_TOKEN".into()));
        assert_eq!(auth(&environment("https://a.example/")), token);
        assert_eq!(auth(&VaultEnvironment { has_token: true, ..VaultEnvironment::default() }), token);
        assert!(matches!(auth(&environment("https://b.example")), VaultAuth::AppRole { .. }));
        insta::assert_snapshot!(
            connect("{ address: 'https://a.example' }", &environment("https://b.example")).unwrap_err(),
            @"VAULT_TOKEN is a token for VAULT_ADDR, and the Vault that is declared is https://a.example (help: set VAULT_ADDR to the declared address where the token is for it, or declare `auth` of `vault`)"
        );
    }

    #[test]
    fn what_is_not_declared_comes_from_the_environment() {
        let of = VaultEnvironment {
            namespace: Some("bus/".into()),
            ca: Some("/etc/vault/ca.pem".into()),
            ..environment("https://a.example/")
        };
        let connection = vault_connection(None, &of, Duration::from_secs(1), place).unwrap();
        assert_eq!((connection.address.as_str(), connection.namespace.as_deref()), ("https://a.example", Some("bus")));
        assert_eq!(connection.tls.unwrap().ca, Some(SecretRef::File("/etc/vault/ca.pem".into())));
        let none = VaultEnvironment::default();
        insta::assert_snapshot!(
            vault_connection(None, &none, Duration::from_secs(1), place).unwrap_err().0, @"no Vault is declared"
        );
        insta::assert_snapshot!(
            connect("{ address: 'https://a.example' }", &none).unwrap_err(),
            @"nothing says how to log in to Vault (help: set VAULT_TOKEN, or declare `vault: { auth: … }` with `kubernetes`, `approle`, `jwt` or `token`)"
        );
    }
}
