use std::path::Path;
use std::time::Duration;

use super::context::Context;
use crate::adapters::disk::SETTINGS_FILE;
use crate::adapters::secrets::{LocalSecrets, SecretStores};
use crate::adapters::vault::Vault;
use crate::diag::{Diagnostic, Level};
use crate::resources::cluster::ClusterSpec;
use crate::resources::vault::{VaultEnvironment, vault_connection};
use crate::source::{Entry, FileId, Node, Span, Value, parse_yaml};

/// The key that declares it, in manifests of clusters and in the settings.
const KEY: &str = "vault";

/// Where the secrets of a cluster are read; without one, those that are of none.
pub fn secret_stores(context: &Context, cluster: Option<&ClusterSpec>, timeout: Duration) -> SecretStores {
    SecretStores::new(LocalSecrets::new(&context.root).within(timeout), vault(context, cluster, timeout))
}

/// The Vault of a cluster, else that of the workspace; or why there is none, and what to do about it.
pub fn vault(context: &Context, cluster: Option<&ClusterSpec>, timeout: Duration) -> Result<Vault, (String, String)> {
    if let Some(mistake) = mistake(context, cluster) {
        let at = mistake.span().map(|span| format!("{}: ", context.workspace.place(span))).unwrap_or_default();
        let help = mistake.help.clone().unwrap_or_else(|| "see `busctl validate`".to_owned());
        return Err((format!("{at}{}", mistake.message), help));
    }
    let declared = cluster.and_then(|cluster| cluster.vault.as_ref()).or(context.workspace.settings.vault.as_ref());
    let place = |span| context.workspace.place(span).to_string();
    let connection = vault_connection(declared.map(|vault| &vault.value), &environment(), timeout, place)?;
    let vault = context.shared_vault(connection);
    let principal = cluster.and_then(|cluster| cluster.connection.as_ref()?.principal.as_ref());
    Ok(vault.named(principal.map(|principal| principal.common_name())))
}

/// The mistake for which it is not known what is declared: what stands there then is another Vault than the one that is meant, or
/// none. The cluster's own declaration counts before that of the workspace.
fn mistake<'c>(context: &'c Context, cluster: Option<&ClusterSpec>) -> Option<&'c Diagnostic> {
    let workspace = &context.workspace;
    if let Some(cluster) = cluster {
        let own = cluster.cluster.span;
        let is_own = |span: Span| span.start <= own.start && own.end <= span.end;
        let found = mistake_in(context, own.file, is_own);
        if found.is_some() || cluster.vault.is_some() {
            return found;
        }
    }
    let settings = workspace.sources.find(Path::new(SETTINGS_FILE))?;
    let of_all = || errors_in(context, settings).next();
    mistake_in(context, settings, |_| true).or_else(|| of_all().filter(|_| !workspace.knows_settings()))
}

/// The first error in what a document of a file says of Vault.
fn mistake_in(context: &Context, file: FileId, is_meant: impl Fn(Span) -> bool) -> Option<&Diagnostic> {
    errors_in(context, file).next()?;
    let (documents, _) = parse_yaml(file, &context.workspace.sources.file(file).text);
    let documents = documents.iter().filter(|document| is_meant(document.span));
    let entries: Vec<&Entry> = documents.flat_map(entries_of).collect();
    errors_in(context, file).find(|error| entries.iter().any(|entry| is_about(entry, error)))
}

fn entries_of(document: &Node) -> &[Entry] {
    match &document.value {
        Value::Mapping(entries) => entries,
        _ => &[],
    }
}

/// Whether an error is in an entry that says something of Vault; also where its key is one that is wrong by a letter or two.
fn is_about(entry: &Entry, error: &Diagnostic) -> bool {
    let (start, end) = (entry.key.span.start, entry.value.span.end.max(entry.key.span.end));
    let is_in = error.span().is_some_and(|span| start <= span.start && span.end <= end);
    let fix = error.fix.as_deref().map(|fix| fix.edits.as_slice());
    let is_key = matches!(fix, Some([edit]) if edit.span == entry.key.span && edit.text == KEY);
    is_in && (&*entry.key.value == KEY || is_key)
}

fn errors_in(context: &Context, file: FileId) -> impl Iterator<Item = &Diagnostic> {
    let is_there = move |error: &&Diagnostic| error.span().is_some_and(|span| span.file == file);
    context.loading.iter().filter(|finding| finding.level == Level::Error).filter(is_there)
}

/// What Vault's own programs read of the environment. `VAULT_SKIP_VERIFY` is none of it: a certificate is never taken
/// unchecked.
fn environment() -> VaultEnvironment {
    let text = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    VaultEnvironment {
        address: text("VAULT_ADDR"),
        namespace: text("VAULT_NAMESPACE"),
        // From the folder where busctl runs, as Vault's own programs find it, and not from the workspace.
        ca: text("VAULT_CACERT").map(|path| std::path::absolute(&path).map_or(path, |path| path.display().to_string())),
        has_token: text("VAULT_TOKEN").is_some(),
    }
}
