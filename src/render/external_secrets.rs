//! Manifests of the External Secrets Operator: `external-secrets.io/v1` and its generators.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::client_config::yaml;
use crate::resources::client_config::delivery::{Delivery, VaultAccess};

/// What begins each file that busctl writes, so that it knows its own again.
pub const HEAD: &str = "# Made by `busctl render external-secrets`; edit the workspace instead.\n";

/// The manifests of one service: the generators of what Vault's PKI answers, and the ExternalSecret that makes files of it.
/// `ca_bundle` are the authorities of Vault in PEM, `properties` the configurations that lie beside, by their file names.
pub fn manifests(delivery: &Delivery, ca_bundle: Option<&str>, properties: &[(&str, String)]) -> String {
    let mut text = HEAD.to_owned();
    for document in documents(delivery, ca_bundle, properties) {
        text.push_str("---\n");
        text.push_str(&yaml(&document));
    }
    text
}

fn documents(delivery: &Delivery, ca_bundle: Option<&str>, properties: &[(&str, String)]) -> Vec<Value> {
    let mut documents = Vec::new();
    let mut sources = Vec::new();
    let mut generate = |what: &str, prefix: &str, spec: Value| {
        let name = crate::resources::client_config::delivery::kubernetes_name(&format!("{}-{what}", delivery.name));
        documents.push(json!({
            "apiVersion": "generators.external-secrets.io/v1alpha1",
            "kind": "VaultDynamicSecret",
            "metadata": metadata(delivery, &name),
            "spec": spec,
        }));
        sources.push(json!({
            "sourceRef": {
                "generatorRef": {
                    "apiVersion": "generators.external-secrets.io/v1alpha1",
                    "kind": "VaultDynamicSecret",
                    "name": name,
                },
            },
            // Each answer has a `certificate`.
            "rewrite": [{ "regexp": { "source": "^(.*)$", "target": format!("{prefix}_$1") } }],
        }));
    };
    let provider = provider(&delivery.vault, ca_bundle);
    if let Some(identity) = &delivery.identity {
        // Java reads keys as PKCS#8 alone.
        let mut parameters =
            json!({ "common_name": identity.common_name, "private_key_format": "pkcs8", "format": "pem" });
        if let Some(ttl) = &identity.ttl {
            parameters["ttl"] = json!(ttl);
        }
        let spec = json!({
            "path": format!("/{}", identity.role),
            "method": "POST",
            "parameters": parameters,
            "resultType": "Data",
            "provider": provider,
        });
        generate("identity", "identity", spec);
    }
    for (name, authority) in &delivery.authorities {
        let certificate = if authority.chain { "ca_chain" } else { "ca" };
        let spec = json!({
            "path": format!("/{}/cert/{certificate}", authority.mount),
            "method": "GET",
            "resultType": "Data",
            "provider": provider,
        });
        generate(&name.replace('_', "-"), name, spec);
    }
    documents.push(external_secret(delivery, properties, sources));
    documents
}

fn external_secret(delivery: &Delivery, properties: &[(&str, String)], sources: Vec<Value>) -> Value {
    let mut files: Map<String, Value> =
        delivery.files.iter().map(|(file, template)| ((*file).to_owned(), json!(template))).collect();
    for (name, text) in properties {
        // Nothing in it is a template.
        files.insert((*name).to_owned(), json!(text.replace("{{", "{{ \"{{\" }}")));
    }
    let mut spec = json!({ "refreshInterval": delivery.refresh });
    if !delivery.fields.is_empty() {
        spec["secretStoreRef"] = json!({ "name": delivery.store.name, "kind": delivery.store.kind });
    }
    spec["target"] = json!({
        "name": delivery.name,
        "creationPolicy": "Owner",
        "deletionPolicy": "Retain",
        "template": { "engineVersion": "v2", "type": "Opaque", "mergePolicy": "Replace", "data": files },
    });
    if !delivery.fields.is_empty() {
        let data = delivery.fields.iter().map(
            |(name, field)| json!({ "secretKey": name, "remoteRef": { "key": field.path, "property": field.field } }),
        );
        spec["data"] = data.collect();
    }
    if !sources.is_empty() {
        spec["dataFrom"] = json!(sources);
    }
    json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata(delivery, &delivery.name),
        "spec": spec,
    })
}

fn metadata(delivery: &Delivery, name: &str) -> Value {
    use crate::resources::client_config::delivery::kubernetes_name;
    let mut metadata = json!({
        "name": name,
        "labels": {
            "app.kubernetes.io/managed-by": "busctl",
            "busctl/service": kubernetes_name(&delivery.service),
            "busctl/cluster": kubernetes_name(&delivery.cluster),
        },
    });
    if let Some(namespace) = &delivery.namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

fn provider(vault: &VaultAccess, ca_bundle: Option<&str>) -> Value {
    let mut provider = json!({
        "server": vault.server,
        "auth": {
            "kubernetes": {
                "mountPath": vault.mount,
                "role": vault.role,
                "serviceAccountRef": { "name": vault.service_account },
            },
        },
    });
    if let Some(namespace) = &vault.namespace {
        provider["namespace"] = json!(namespace);
    }
    // The bytes of the PEM, as Kubernetes has bytes in YAML.
    if let Some(ca) = ca_bundle {
        provider["caBundle"] = json!(STANDARD.encode(ca));
    }
    provider
}
