use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::adapters::disk;
use crate::cli::args::{ClusterArg, Global};
use crate::cli::client_check::is_declared;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::model::counted;
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
pub fn run(_: &Global, args: &Args) -> Result<Exit, CommandError> {
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
        for (service, config) in ClientConfig::all(&desired) {
            if !args.services.is_empty() && !args.services.contains(&service) {
                continue;
            }
            let Some(delivery) = Delivery::of(&desired, &config) else {
                anstream::eprintln!("{service} on {}: nothing of it is in Vault.", config.cluster);
                continue;
            };
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
            let properties = [("client.properties", render(&config, Choice::default(), ClientFormat::Properties))];
            let path = Path::new(&config.cluster).join(format!("{}.yaml", delivery.name));
            files.insert(path, manifests(&delivery, &properties));
        }
    }
    match &args.out {
        None => output::data(&files.into_values().collect::<String>()).map(|()| Exit::Done),
        Some(folder) => {
            let stale = stale(
                folder,
                &files,
                args,
                &clusters.iter().map(|cluster| cluster.cluster.as_str()).collect::<Vec<_>>(),
            );
            if args.check { Ok(compare(folder, &files, &stale)) } else { write(folder, &files, &stale) }
        }
    }
}

/// Refuses what the operator could not do.
fn check(delivery: &Delivery) -> Result<(), CommandError> {
    let asks_vault = delivery.identity.is_some() || !delivery.authorities.is_empty();
    if asks_vault && delivery.vault.server.is_none() {
        return Err(CommandError::usage(format!(
            "no manifest says where the Vault is that issues the certificate of `{}` on `{}`",
            delivery.service, delivery.cluster
        ))
        .hint("write `vault: { address: https://… }` in busctl.yaml, or in the cluster's manifest"));
    }
    Ok(())
}

/// Files of ours below the folder that nothing is written to any more. Where some services alone are meant, none.
fn stale(folder: &Path, files: &BTreeMap<PathBuf, String>, args: &Args, clusters: &[&str]) -> Vec<PathBuf> {
    if !args.services.is_empty() {
        return Vec::new();
    }
    let mut stale = Vec::new();
    for cluster in clusters {
        let Ok(entries) = std::fs::read_dir(folder.join(cluster)) else { continue };
        for entry in entries.flatten() {
            let path = Path::new(cluster).join(entry.file_name());
            let is_ours = || std::fs::read_to_string(entry.path()).is_ok_and(|text| text.starts_with(HEAD));
            if !files.contains_key(&path) && path.extension().is_some_and(|it| it == "yaml") && is_ours() {
                stale.push(path);
            }
        }
    }
    stale.sort();
    stale
}

fn compare(folder: &Path, files: &BTreeMap<PathBuf, String>, stale: &[PathBuf]) -> Exit {
    let mut exit = Exit::Done;
    let mut told = |path: &Path, what: &str| {
        anstream::eprintln!("error: {} {what}", folder.join(path).display());
        exit = Exit::Findings;
    };
    for (path, text) in files {
        match std::fs::read_to_string(folder.join(path)) {
            Ok(written) if written == *text => {}
            Ok(_) => told(path, "is not up to date"),
            Err(_) => told(path, "is not there"),
        }
    }
    stale.iter().for_each(|path| told(path, "is of no service any more"));
    if exit == Exit::Findings {
        anstream::eprintln!(" help: write them with `busctl render external-secrets --out {}`", folder.display());
    }
    exit
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
