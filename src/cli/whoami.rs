use std::time::SystemTime;

use super::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use super::connect::{kafka_connection, registry_connection_of};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use crate::adapters::certificate::Described;
use crate::adapters::oauth::{Claims, Tokens};
use crate::adapters::trust::out_of_time;
use crate::model::Timestamp;
use crate::ports::connection::{Bearer, Connection, RegistryAuth, RegistryConnection, Sasl, Tls};
use crate::render::whoami::{Identities, Identity, Shown};
use crate::resources::cluster::{ClusterSpec, MAPPING_RULES, Mapped, SUBJECT_CLAIM, map_subject};

/// Options of `whoami`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Says who each system takes busctl for.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let mut identities = Identities::default();
    let mut is_whole = true;
    for cluster in context.whole_clusters(&args.cluster)? {
        let system = format!("cluster/{}", cluster.cluster.value);
        let found = match kafka_connection(context, cluster, args.timeout.timeout).await {
            Ok((connection, _)) => of_cluster(context, cluster, &connection).await,
            Err(error) => Err(error),
        };
        is_whole &= found.as_ref().is_ok_and(Identity::is_good);
        identities.of.push(named(system, found));
        let Some(registry) = &cluster.schema_registry else { continue };
        let system = format!("registry/{}", registry.value);
        if identities.of.iter().any(|known| known.system == system) {
            continue;
        }
        let found = match registry_connection_of(context, cluster, args.timeout.timeout).await {
            Ok(Some((connection, _))) => of_registry(&connection).await,
            Ok(None) => continue,
            Err(error) => Err(error),
        };
        is_whole &= found.as_ref().is_ok_and(Identity::is_good);
        identities.of.push(named(system, found));
    }
    output::view(&identities, args.format.format, global)?;
    Ok(if is_whole { Exit::Done } else { Exit::CouldNot })
}

fn named(system: String, found: Result<Identity, CommandError>) -> Identity {
    match found {
        Ok(identity) => Identity { system, ..identity },
        Err(error) => Identity { system, problem: Some(error.told()), ..Identity::of(Shown::Nothing) },
    }
}

async fn of_cluster(
    context: &Context,
    cluster: &ClusterSpec,
    connection: &Connection,
) -> Result<Identity, CommandError> {
    let place = |span| context.workspace.place(span).to_string();
    let listener = cluster.connection.as_ref().and_then(|connection| connection.listener.as_ref());
    if let Some((class, span)) = cluster.principal_builder(listener.map(|listener| listener.as_str())) {
        let why = format!("the brokers make principals with {class} ({}), whose rules nobody knows here", place(span));
        return Ok(declared_beside(cluster, Identity::of(Shown::Nothing).with_problem(why)));
    }
    let identity = match (&connection.sasl, &connection.tls) {
        (Some(Sasl::OauthBearer(bearer)), _) => {
            let claim = cluster.config_of_connection(SUBJECT_CLAIM, Some("oauthbearer"));
            let (name, declared) = match claim {
                Some((name, span)) => (name, format!(" ({})", place(span))),
                None => ("sub".into(), String::new()),
            };
            of_token(bearer, connection.timeout, (&name, &declared), "User:").await?
        }
        (Some(Sasl::Plain(login) | Sasl::ScramSha256(login) | Sasl::ScramSha512(login)), _) => Identity {
            principal: Some(format!("User:{}", login.username)),
            derived: "`connection.sasl.username`".to_owned(),
            ..Identity::of(Shown::Password)
        },
        (None, Some(Tls { identity: Some(_), .. })) if let Some((listener, span)) = cluster.asks_no_certificate() => {
            Identity {
                principal: Some("User:ANONYMOUS".to_owned()),
                derived: format!("the listener {listener}, which asks for no certificate ({})", place(span)),
                ..Identity::of(Shown::Nothing)
            }
        }
        (None, Some(Tls { identity: Some(own), .. })) => {
            let certificate = Described::first_in(own.certificate.expose());
            match &certificate {
                Some(certificate) => checked(of_subject(cluster, certificate, place), Some(certificate)),
                None => checked(Identity::of(Shown::Certificate), None),
            }
        }
        (None, _) => Identity {
            principal: Some("User:ANONYMOUS".to_owned()),
            derived: "a connection that shows nothing of us".to_owned(),
            ..Identity::of(Shown::Nothing)
        },
    };
    Ok(declared_beside(cluster, identity))
}

fn of_subject(
    cluster: &ClusterSpec,
    certificate: &Described,
    place: impl Fn(crate::source::Span) -> String,
) -> Identity {
    let subject = &certificate.subject;
    let identity = Identity {
        subject: Some(subject.clone()),
        until: Some(Timestamp::from(certificate.ends).to_string()),
        ..Identity::of(Shown::Certificate)
    };
    let Some((rules, span)) = cluster.config_of_connection(MAPPING_RULES, None) else {
        let derived = match cluster.config_of_some_listener(MAPPING_RULES) {
            Some((key, span)) => format!(
                "the certificate's subject; whether {key} ({}) is for it is not known: set `connection.listener`",
                place(span)
            ),
            None => format!("the certificate's subject; the manifest declares no {MAPPING_RULES}"),
        };
        return Identity { principal: Some(format!("User:{subject}")), derived, ..identity };
    };
    let by = format!("the certificate's subject {subject} by {MAPPING_RULES} ({})", place(span));
    match map_subject(&rules, subject) {
        Mapped::Name(name) => Identity { principal: Some(format!("User:{name}")), derived: by, ..identity },
        Mapped::NoRule => {
            let problem = format!(
                "no rule of {MAPPING_RULES} ({}) takes the certificate's subject {subject}: brokers refuse the connection",
                place(span)
            );
            Identity { derived: by, ..identity }.with_problem(problem)
        }
        Mapped::Unreadable(why) => {
            let problem = format!("{MAPPING_RULES} ({}) cannot be read: {why}", place(span));
            Identity { derived: by, ..identity }.with_problem(problem)
        }
    }
}

/// The same with what is wrong with the certificate, where no server takes it.
fn checked(identity: Identity, certificate: Option<&Described>) -> Identity {
    let problem = match certificate.map(|own| out_of_time(own, SystemTime::now())) {
        None => {
            "the certificate cannot be read: `tls.certificate` must be PEM with our own certificate first".to_owned()
        }
        Some(Some((how, hint))) => format!("the certificate {how}: {hint}"),
        Some(None) => return identity,
    };
    Identity { is_useless: true, ..identity.with_problem(problem) }
}

async fn of_registry(connection: &RegistryConnection) -> Result<Identity, CommandError> {
    Ok(match (&connection.auth, &connection.tls) {
        (Some(RegistryAuth::Basic(login)), _) => Identity {
            principal: Some(login.username.clone()),
            derived: "`auth.username`".to_owned(),
            ..Identity::of(Shown::Password)
        },
        (Some(RegistryAuth::Bearer(bearer)), _) => of_token(bearer, connection.timeout, ("sub", ""), "").await?,
        (None, Some(Tls { identity: Some(own), .. })) => {
            let certificate = Described::first_in(own.certificate.expose());
            let identity = Identity {
                principal: certificate.as_ref().map(|it| it.subject.clone()),
                subject: certificate.as_ref().map(|it| it.subject.clone()),
                until: certificate.as_ref().map(|it| Timestamp::from(it.ends).to_string()),
                derived: "the certificate's subject".to_owned(),
                ..Identity::of(Shown::Certificate)
            };
            checked(identity, certificate.as_ref())
        }
        (None, _) => {
            let (principal, derived) = (Some("anonymous".to_owned()), "requests that show nothing of us".to_owned());
            Identity { principal, derived, ..Identity::of(Shown::Nothing) }
        }
    })
}

/// Whom a token is of, by a claim; `declared` is where its name is declared.
async fn of_token(
    bearer: &Bearer,
    timeout: std::time::Duration,
    (claim, declared): (&str, &str),
    prefix: &str,
) -> Result<Identity, CommandError> {
    let token = Tokens::new(timeout).token(bearer).await?;
    let claims = Claims::of(&token.value);
    let name = claims.as_ref().and_then(|claims| claims.text(claim));
    let identity = Identity {
        principal: name.map(|name| format!("{prefix}{name}")),
        until: token.is_end_known.then(|| Timestamp::from(token.expires).to_string()),
        derived: format!("the claim `{claim}` of the token{declared}"),
        ..Identity::of(Shown::Token)
    };
    Ok(match (&claims, name) {
        (None, _) => identity.with_problem("it is an opaque token, whose claims its issuer alone knows".to_owned()),
        (Some(_), None) => {
            identity.with_problem(format!("the token has no claim `{claim}`{declared}, or one that is no text"))
        }
        (Some(_), Some(_)) => identity,
    })
}

/// Beside what is derived stands what the manifest says.
fn declared_beside(cluster: &ClusterSpec, identity: Identity) -> Identity {
    let declared = cluster.connection.as_ref().and_then(|connection| connection.principal.as_ref());
    match declared.map(|declared| declared.value.to_string()) {
        Some(declared) if identity.principal.as_ref() != Some(&declared) => {
            identity.with_problem(format!("`connection.principal` says {declared}"))
        }
        _ => identity,
    }
}
