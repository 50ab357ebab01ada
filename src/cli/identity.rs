use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::args::{ClusterArg, FormatArg, Global, TimeoutArg, parse_time};
use super::context::Context;
use super::error::{CommandError, Exit};
use super::output;
use super::vault::vault;
use crate::adapters::certificate::Described;
use crate::adapters::disk;
use crate::adapters::vault::{Issued, Request};

use crate::model::{self, PkiRole, Principal, Timestamp};
use crate::render::identity::{IdentityView, IssuedIdentity};
use crate::resources::vault::{IdentityProblem, check_principal, listener_of, principals_named, role_of};

/// How much shorter than asked a life may be without a word: Vault counts from its own clock.
const SLACK: Duration = Duration::from_secs(120);

/// Commands about identities.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Have Vault issue the certificate of a service, and write it to files
    Issue(IssueArgs),
}

/// Options of `identity issue`.
#[derive(Debug, clap::Args)]
pub struct IssueArgs {
    /// The service, or the role in `catalog/`
    service: String,

    #[command(flatten)]
    cluster: ClusterArg,

    /// The folder that the files are written to: SERVICE.pem, SERVICE.key and SERVICE.ca.pem
    #[arg(short, long, value_name = "FOLDER")]
    out: PathBuf,

    /// Write a key store and a trust store for Java instead, as PEM: SERVICE.keystore.pem and SERVICE.truststore.pem
    #[arg(long)]
    keystore: bool,

    /// The role of Vault's PKI; by default the one that `identities` of the cluster names
    #[arg(long, value_name = "MOUNT/issue/ROLE")]
    role: Option<PkiRole>,

    /// Which principal, where the service has several
    #[arg(long, value_name = "PRINCIPAL")]
    principal: Option<Principal>,

    /// The common name to ask for; by default that of the principal
    #[arg(long, value_name = "NAME")]
    common_name: Option<String>,

    /// How long the certificate is good; by default what Vault's role says, which also limits it
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    ttl: Option<Duration>,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    format: FormatArg,
}

/// Runs a command about identities.
pub async fn run(global: &Global, command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::Issue(args) => issue(global, args).await,
    }
}

/// Issues the certificate of a service. Nothing is written unless the brokers make of it whom the grants are for.
async fn issue(global: &Global, args: &IssueArgs) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    let told = |problem: IdentityProblem| {
        let place = problem.span.map(|span| format!("{}: ", context.workspace.place(span))).unwrap_or_default();
        CommandError::usage(format!("{place}{}", problem.message)).hint(problem.help)
    };
    if args.service.contains(['/', '\\']) || args.service.starts_with('.') {
        return Err(CommandError::usage(format!("`{}` cannot be the name of a file", args.service)));
    }
    let cluster = context.cluster(&args.cluster)?;
    let principals = principals_named(&context.workspace, cluster, &args.service).map_err(told)?;
    let principal = chosen(args, principals)?;
    let role = match &args.role {
        Some(role) => role.clone(),
        None => role_of(cluster, &args.service).map_err(told)?,
    };
    if let Some((to, path)) = files(args).into_iter().find_map(|path| Some((fs::read_link(&path).ok()?, path))) {
        let message = format!("{} is a link to {}, and no key is written through it", path.display(), to.display());
        return Err(CommandError::refused(message).hint("remove the link, or name another folder with --out"));
    }
    let common_name = args.common_name.clone().unwrap_or_else(|| principal.common_name().to_string());
    let could_not = |(reason, hint): (String, String)| CommandError::system(reason).hint(hint);
    let vault = vault(context, Some(cluster), args.timeout.timeout).map_err(could_not)?;
    let request = Request { common_name: Some(common_name), life: args.ttl };
    let issued = vault.issue(&role, &request).await.map_err(could_not)?;
    let Some(Described { subject, starts, ends, .. }) = Described::first_in(&issued.chain) else {
        return Err(CommandError::system(format!("what Vault issued at {role} is no certificate that is understood")));
    };
    let listener = listener_of(&context.workspace, cluster, &args.service, &principal);
    check_principal(cluster, listener.as_deref(), &subject, &principal).map_err(|problem| {
        let place = problem.span.map(|span| format!("{}: ", context.workspace.place(span))).unwrap_or_default();
        let message = format!("{place}of what Vault issued at {role}, {}; nothing was written", problem.message);
        CommandError::refused(message).hint(problem.help)
    })?;
    let written = write(args, &issued)?;
    if let Some(asked) = args.ttl {
        tell_where_shorter(asked, starts, ends, &role);
    }
    let identity = IssuedIdentity {
        service: args.service.clone(),
        cluster: cluster.cluster.value.to_string(),
        principal,
        subject,
        role: role.to_string(),
        serial: issued.serial,
        ends: issued.ends.map(Timestamp::from),
        revoked_with_token: issued.leased,
        files: written,
    };
    output::view(&IdentityView { identity: &identity }, args.format.format, global)?;
    Ok(Exit::Done)
}

fn chosen(args: &IssueArgs, principals: Vec<Principal>) -> Result<Principal, CommandError> {
    let names = || principals.iter().map(Principal::to_string).collect::<Vec<_>>().join(", ");
    match (&args.principal, principals.as_slice()) {
        (Some(named), _) if principals.contains(named) => Ok(named.clone()),
        (Some(named), _) => Err(CommandError::usage(format!("`{}` is not {named} on this cluster", args.service))
            .hint(format!("it is {}", names()))),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(CommandError::usage(format!("`{}` has no principal on this cluster", args.service))
            .hint("see `principals` in its manifest")),
        (None, _) => Err(CommandError::usage(format!("`{}` has several principals on this cluster", args.service))
            .hint(format!("say which one is meant: --principal, one of {}", names()))),
    }
}

/// Vault cuts what is asked for to what its role, its mount and its authority allow, without a word.
fn tell_where_shorter(asked: Duration, starts: SystemTime, ends: SystemTime, role: &PkiRole) {
    let life = ends.duration_since(starts).unwrap_or_default();
    if life + SLACK >= asked {
        return;
    }
    let told = |time: Duration| model::Duration(i64::try_from(time.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000));
    anstream::eprintln!(
        "warning: it ends at {}, after {} and not {}: `max_ttl` of {role}, of its mount, or the end of its authority limits it",
        Timestamp::from(ends),
        told(life - Duration::from_secs(life.as_secs() % 60)),
        told(asked)
    );
}

/// Each file that is written, that with the key first.
fn files(args: &IssueArgs) -> Vec<PathBuf> {
    let extensions: &[&str] =
        if args.keystore { &["keystore.pem", "truststore.pem"] } else { &["key", "pem", "ca.pem"] };
    extensions.iter().map(|extension| args.out.join(format!("{}.{extension}", args.service))).collect()
}

/// Writes the files. What holds a key can be read by its owner alone.
fn write(args: &IssueArgs, issued: &Issued) -> Result<Vec<(&'static str, String)>, CommandError> {
    let file = |extension: &str| args.out.join(format!("{}.{extension}", args.service));
    let failed = |path: &Path, error: std::io::Error| {
        CommandError::system(format!("could not write {}: {error}", path.display()))
            .hint("see whether the folder can be written, then run it again: it has another certificate issued")
    };
    let private = |path: PathBuf, text: &str| {
        disk::write_privately(&path, text.as_bytes()).map_err(|error| failed(&path, error))?;
        Ok::<_, CommandError>(path.display().to_string())
    };
    let public = |path: PathBuf, text: &str| {
        disk::write_atomically(&path, text.as_bytes()).map_err(|error| failed(&path, error))?;
        Ok::<_, CommandError>(path.display().to_string())
    };
    let key = issued.key.expose().trim();
    Ok(if args.keystore {
        let store = zeroize::Zeroizing::new(format!("{key}\n{}", issued.chain));
        vec![
            ("truststore", public(file("truststore.pem"), &issued.authorities)?),
            ("keystore", private(file("keystore.pem"), &store)?),
        ]
    } else {
        let key = zeroize::Zeroizing::new(format!("{key}\n"));
        vec![
            ("authorities", public(file("ca.pem"), &issued.authorities)?),
            ("key", private(file("key"), &key)?),
            ("certificate", public(file("pem"), &issued.chain)?),
        ]
    })
}
