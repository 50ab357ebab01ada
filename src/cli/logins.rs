//! The logins of people that a workspace declares.

use std::time::Duration;

use super::args::ClusterArg;
use super::context::Context;
use super::error::CommandError;
use super::vault::secret_stores;
use crate::ports::connection::PersonalLogin;
use crate::resources::cluster::{ClusterSpec, LoginSpec, SUBJECT_CLAIM, personal_login, read_login_secrets};
use crate::source::Spanned;

/// How long a Vault may take that has the authorities of an issuer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A login with what reaches it.
pub struct DeclaredLogin {
    /// How it is had.
    pub login: PersonalLogin,
    /// The claim of its token that says who it is.
    pub claim: String,
    /// What it is for: `cluster/NAME`, `registry/NAME`.
    pub systems: Vec<String>,
}

/// Those of the cluster that is named and of its registry, or else all.
pub async fn declared(context: &Context, arg: &ClusterArg) -> Result<Vec<DeclaredLogin>, CommandError> {
    let mut found: Vec<DeclaredLogin> = Vec::new();
    for cluster in context.clusters(arg)? {
        let sasl = cluster.connection.as_ref().and_then(|connection| connection.sasl.as_ref());
        let claim =
            cluster.config_of_connection(SUBJECT_CLAIM, Some("oauthbearer")).map_or("sub".into(), |(claim, _)| claim);
        if let Some(login) = sasl.and_then(|sasl| sasl.login.as_ref()) {
            add(&mut found, context, cluster, login, &claim, format!("cluster/{}", cluster.cluster.value)).await?;
        }
        let registry = cluster.schema_registry.as_ref();
        let registry = registry.and_then(|name| context.workspace.registries.get(name.as_str()));
        let auth = registry.and_then(|registry| registry.auth.as_ref());
        if let (Some(registry), Some(login)) = (registry, auth.and_then(|auth| auth.login.as_ref())) {
            add(&mut found, context, cluster, login, "sub", format!("registry/{}", registry.registry.value)).await?;
        }
    }
    if found.is_empty() {
        let hint = "write `login: { issuer: https://…, client_id: … }` below `connection.sasl` of a cluster whose \
                    mechanism is oauthbearer, or below `auth` of a registry";
        return Err(CommandError::usage("no manifest says how people log in").hint(hint));
    }
    Ok(found)
}

async fn add(
    found: &mut Vec<DeclaredLogin>,
    context: &Context,
    cluster: &ClusterSpec,
    spec: &Spanned<LoginSpec>,
    claim: &str,
    system: String,
) -> Result<(), CommandError> {
    let at = |span| context.workspace.place(span);
    let login = personal_login(spec)
        .map_err(|problem| CommandError::usage(format!("{}: {}", at(problem.span), problem.message)))?;
    let login =
        read_login_secrets(login, &secret_stores(context, Some(cluster), PATIENCE)).await.map_err(|problem| {
            let error = CommandError::system(format!("{}: {}", at(problem.span), problem.message));
            problem.help.into_iter().fold(error, CommandError::hint)
        })?;
    match found.iter_mut().find(|known| is_same(&known.login, &login)) {
        Some(known) if known.systems.contains(&system) => {}
        Some(known) => known.systems.push(system),
        None => found.push(DeclaredLogin { login, claim: claim.to_owned(), systems: vec![system] }),
    }
    Ok(())
}

/// Whether one file keeps both.
fn is_same(one: &PersonalLogin, other: &PersonalLogin) -> bool {
    let key = |login: &PersonalLogin| {
        (login.issuer.clone(), login.client_id.clone(), login.scope.clone(), login.resource.clone())
    };
    key(one) == key(other)
}
