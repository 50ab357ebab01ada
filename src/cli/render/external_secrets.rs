use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::adapters::disk;
use crate::adapters::secrets::LocalSecrets;
use crate::cli::args::{ClusterArg, Global};
use crate::cli::client_check::is_declared;
use crate::cli::client_config::refuse_wrong;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::model::{SecretRef, counted};
use crate::ports::secrets::Secrets as _;
use crate::render::client_config::{Choice, ClientFormat, render};
use crate::render::external_secrets::{HEAD, manifests};
use crate::resources::Desired;
use crate::resources::client_config::ClientConfig;
use crate::resources::client_config::delivery::Delivery;

/// Options of `render external-secrets`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Services; all by default
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,

    #[command(flatten)]
    cluster: ClusterArg,

    /// Write one file for each service and cluster into this folder, CLUSTER/NAME.yaml, and take away those that are no more
    #[arg(short, long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Only say whether the files are up to date; end with 3 where they are not
    #[arg(long, requires = "out")]
    check: bool,
}

/// Writes the manifests of the External Secrets Operator.
pub async fn run(_: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::load()?;
    if let Some(errors) = context.errors_in(|_| true) {
        return Err(CommandError::system(format!("what services need is not known, because of {errors}"))
            .hint("run `busctl validate`"));
    }
    args.services.iter().try_for_each(|service| is_declared(context, service))?;
    let clusters = context.clusters(&args.cluster)?;
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut taken: BTreeMap<(Option<String>, String), String> = BTreeMap::new();
    for cluster in clusters.iter().filter(|cluster| !cluster.is_local()) {
        let (desired, _) = Desired::resolve(&context.workspace, cluster);
        // The authorities of Vault, which are the same for all its services.
        let mut read: Option<String> = None;
        for (service, config) in ClientConfig::all(&desired) {
            if !args.services.is_empty() && !args.services.contains(&service) {
                continue;
            }
            let Some(delivery) = Delivery::of(&desired, &config) else {
                anstream::eprintln!("{service} on {}: nothing of it is in Vault.", config.cluster);
                continue;
            };
            refuse_wrong(context, cluster, &config)?;
            check(&delivery)?;
            let key = (delivery.namespace.clone(), delivery.name.clone());
            let whose = format!("{service} on {}", config.cluster);
            if let Some(other) = taken.insert(key, whose.clone()) {
                return Err(CommandError::usage(format!(
                    "{other} and {whose} would both be called `{}` in Kubernetes",
                    delivery.name
                ))
                .hint("rename one of the services: their names differ in what Kubernetes has not in names"));
            }
            for left in &delivery.left {
                anstream::eprintln!("{whose}: {left} is not in Vault, and is not delivered.");
            }
            let bundle = match delivery.vault.ca.as_ref().filter(|_| delivery.asks_vault()) {
                None => None,
                Some(ca @ SecretRef::File(_)) => {
                    if read.is_none() {
                        read = Some(ca_bundle(context, ca).await?);
                    }
                    read.as_deref()
                }
                Some(ca) => {
                    anstream::eprintln!(
                        "{whose}: the authority of Vault is {ca}, which is not read here: add `caProvider` to each \
                         VaultDynamicSecret, or the operator trusts only those of its own system."
                    );
                    None
                }
            };
            let properties = [("client.properties", render(&config, Choice::default(), ClientFormat::Properties)?)];
            let path = Path::new(&config.cluster).join(format!("{}.yaml", delivery.name));
            files.insert(path, manifests(&delivery, bundle, &properties));
        }
    }
    match &args.out {
        None => output::data(&files.into_values().collect::<String>()).map(|()| Exit::Done),
        Some(folder) => {
            let stale = stale(folder, &files, args)?;
            if args.check { compare(folder, &files, &stale) } else { write(folder, &files, &stale) }
        }
    }
}

/// The authorities of Vault that are in a file: they are no secret, and the operator needs them.
async fn ca_bundle(context: &Context, ca: &SecretRef) -> Result<String, CommandError> {
    let failed = |problem: &str| {
        CommandError::system(format!("could not read the authority of Vault, {ca}: {problem}"))
            .hint("correct `ca` under `tls` of `vault`: it names a file with certificates in PEM")
    };
    let text = LocalSecrets::new(&context.root).read(ca).await.map_err(|error| failed(&error.reason))?;
    // Whatever else is in the file may be a secret, and goes nowhere.
    match certificates_of(text.expose()) {
        certificates if certificates.is_empty() => Err(failed("there is no certificate in it")),
        certificates => Ok(certificates),
    }
}

/// The certificates of a text in PEM, without what stands between them.
fn certificates_of(text: &str) -> String {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = text.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END));
    blocks.map(|(body, _)| format!("{BEGIN}{body}{END}\n")).collect()
}

/// Refuses what the operator could not do.
fn check(delivery: &Delivery) -> Result<(), CommandError> {
    if delivery.asks_vault() && delivery.vault.server.is_none() {
        return Err(CommandError::usage(format!(
            "no manifest says where the Vault is that issues the certificate of `{}` on `{}`",
            delivery.service, delivery.cluster
        ))
        .hint("write `vault: { address: https://… }` in busctl.yaml, or in the cluster's manifest"));
    }
    Ok(())
}

/// Files of ours below the folder that nothing is written to any more, those of clusters that are no more among them. Where some
/// services or clusters alone are meant, those of the others are left.
fn stale(folder: &Path, files: &BTreeMap<PathBuf, String>, args: &Args) -> Result<Vec<PathBuf>, CommandError> {
    if !args.services.is_empty() {
        return Ok(Vec::new());
    }
    let clusters = match &args.cluster.cluster {
        Some(cluster) => vec![PathBuf::from(cluster)],
        None => entries(folder, Path::new(""))?,
    };
    let mut stale = Vec::new();
    for cluster in clusters.iter().filter(|cluster| folder.join(cluster).is_dir()) {
        for path in entries(folder, cluster)? {
            if files.contains_key(&path) || path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            if text_of(folder, &path)?.is_some_and(|text| text.starts_with(HEAD)) {
                stale.push(path);
            }
        }
    }
    stale.sort();
    Ok(stale)
}

/// The entries of a folder, below the one that all files are written to; none where it is not there.
fn entries(folder: &Path, below: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let failed = |error| not_read(&folder.join(below), &error);
    match std::fs::read_dir(folder.join(below)) {
        Ok(entries) => entries.map(|entry| Ok(below.join(entry.map_err(failed)?.file_name()))).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(error)),
    }
}

/// What is written in a file; `None` where it is not there, or no text.
fn text_of(folder: &Path, path: &Path) -> Result<Option<String>, CommandError> {
    let place = folder.join(path);
    match std::fs::read(&place) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => Ok(None),
        Err(error) => Err(not_read(&place, &error)),
    }
}

fn not_read(place: &Path, error: &std::io::Error) -> CommandError {
    CommandError::system(format!("could not read {}: {error}", place.display()))
        .hint("see whether it can be read, then run it again")
}

fn compare(folder: &Path, files: &BTreeMap<PathBuf, String>, stale: &[PathBuf]) -> Result<Exit, CommandError> {
    let mut exit = Exit::Done;
    let mut told = |path: &Path, what: &str| {
        anstream::eprintln!("error: {} {what}", folder.join(path).display());
        exit = Exit::Findings;
    };
    for (path, text) in files {
        match text_of(folder, path)? {
            Some(written) if written == *text => {}
            Some(_) => told(path, "is not up to date"),
            None => told(path, "is not there"),
        }
    }
    stale.iter().for_each(|path| told(path, "is of no service any more"));
    if exit == Exit::Findings {
        anstream::eprintln!(" help: write them with `busctl render external-secrets --out {}`", folder.display());
    }
    Ok(exit)
}

fn write(folder: &Path, files: &BTreeMap<PathBuf, String>, stale: &[PathBuf]) -> Result<Exit, CommandError> {
    let failed = |path: &Path, error: std::io::Error| {
        CommandError::system(format!("could not write {}: {error}", folder.join(path).display()))
            .hint("see whether the folder can be written, then run it again")
    };
    for path in files.keys() {
        let place = folder.join(path);
        let parent = place.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|error| failed(path, error))?;
    }
    let texts: Vec<(&Path, &str)> = files.iter().map(|(path, text)| (path.as_path(), text.as_str())).collect();
    disk::write_together(folder, &texts).map_err(|(path, error)| failed(&path, error))?;
    for path in stale {
        std::fs::remove_file(folder.join(path)).map_err(|error| failed(path, error))?;
    }
    let written = counted(files.len() as u64, "file");
    let gone = if stale.is_empty() { String::new() } else { format!(", {} taken away", stale.len()) };
    anstream::eprintln!("{written} in {}{gone}.", folder.display());
    Ok(Exit::Done)
}
