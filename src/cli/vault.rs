use std::time::Duration;

use super::context::Context;
use crate::adapters::secrets::{LocalSecrets, SecretStores};
use crate::adapters::vault::Vault;
use crate::resources::cluster::ClusterSpec;
use crate::resources::vault::{VaultEnvironment, vault_connection};

/// Where the secrets of a cluster are read; without one, those that are of none.
pub fn secret_stores(context: &Context, cluster: Option<&ClusterSpec>, timeout: Duration) -> SecretStores {
    SecretStores::new(LocalSecrets::new(&context.root).within(timeout), vault(context, cluster, timeout))
}

/// The Vault of a cluster, else that of the workspace; or why there is none, and what to do about it.
pub fn vault(context: &Context, cluster: Option<&ClusterSpec>, timeout: Duration) -> Result<Vault, (String, String)> {
    let declared = cluster.and_then(|cluster| cluster.vault.as_ref()).or(context.workspace.settings.vault.as_ref());
    let connection = vault_connection(declared.map(|vault| &vault.value), &environment(), timeout)?;
    let vault = context.shared_vault(connection);
    let principal = cluster.and_then(|cluster| cluster.connection.as_ref()?.principal.as_ref());
    Ok(vault.named(principal.map(|principal| principal.common_name())))
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
