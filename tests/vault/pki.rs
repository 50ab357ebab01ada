//! Certificates: for the tool itself, in memory, and for services, as files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use busctl::adapters::certificate::Described;
use serde_json::json;

use crate::support::vault::Vault;
use crate::support::workspace::{Run, Scratch, assert_valid, start};
use crate::{Here, read};

/// The subject of the first certificate.
fn subject(pem: &str) -> String {
    Described::all_in(pem).remove(0).subject
}

const OWN: &str = "vault:pki/issue/busctl";

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_our_own_is_issued_once_and_before_it_ends() {
    let Some(vault) = Vault::start().await else { return };
    vault.pki("pki", "busctl", json!({ "ou": ["services"], "organization": ["MyFarsi"], "ttl": "24h" }));
    vault.pki_role("pki", "short", json!({ "ttl": "15s" }));
    let token = vault.token(
        r#"path "pki/issue/busctl" { capabilities = ["update"] }
           path "pki/issue/short" { capabilities = ["update"] }"#,
        "1h",
    );
    let mut here = Here::of(&vault);
    let secrets = here.with_token(&vault, &token);
    let (first, second) = tokio::join!(read(&secrets, OWN), read(&secrets, OWN));
    let first = first.unwrap();
    assert_eq!(first, second.unwrap());
    assert!(first.contains("-----BEGIN PRIVATE KEY-----"));
    // The name of the role, where nobody says another one.
    assert_eq!(subject(&first), "CN=busctl,OU=services,O=MyFarsi");
    let auth = busctl::ports::vault::VaultAuth::Token(here.keep("token", &token));
    let named = here.client(&vault, auth, Some("bus.tool"));
    assert_eq!(subject(&read(&named, OWN).await.unwrap()), "CN=bus.tool,OU=services,O=MyFarsi");

    let short = read(&secrets, "vault:pki/issue/short").await.unwrap();
    tokio::time::sleep(Duration::from_secs(11)).await;
    let next = read(&secrets, "vault:pki/issue/short").await.unwrap();
    assert_ne!(short, next);
    let authority = read(&secrets, "vault:pki/ca").await.unwrap();
    // While Vault is sealed the last one serves as long as it is good, and not longer.
    vault.seal();
    assert_eq!(read(&secrets, OWN).await.unwrap(), first);
    assert_eq!(read(&secrets, "vault:pki/ca").await.unwrap(), authority);
    tokio::time::sleep(Duration::from_secs(11)).await;
    if let Ok(kept) = read(&secrets, "vault:pki/issue/short").await {
        assert_eq!(kept, next);
    }
    tokio::time::sleep(Duration::from_secs(35)).await;
    let told = here.refused(read(&secrets, "vault:pki/issue/short").await);
    assert!(told.contains("Vault is sealed") && told.contains("pki/issue/short"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_are_read_of_a_root_and_of_one_below_it() {
    let Some(vault) = Vault::start().await else { return };
    vault.pki("root", "any", json!({}));
    vault.write("sys/mounts/below", &json!({ "type": "pki" }));
    let request = json!({ "common_name": "below", "key_type": "ec" });
    let request = vault.write("below/intermediate/generate/internal", &request);
    let signed = json!({ "csr": request["data"]["csr"], "format": "pem_bundle", "ttl": "240h" });
    let signed = vault.write("root/root/sign-intermediate", &signed);
    vault.write("below/intermediate/set-signed", &json!({ "certificate": signed["data"]["certificate"] }));
    vault.pki_role("below", "busctl", json!({}));
    let token = vault.token(r#"path "below/issue/*" { capabilities = ["update"] }"#, "1h");
    let mut here = Here::of(&vault);
    let secrets = here.with_token(&vault, &token);
    let count = |pem: &str| pem.matches("-----BEGIN CERTIFICATE-----").count();
    let root = read(&secrets, "vault:root/ca").await.unwrap();
    assert_eq!((count(&root), subject(&root).as_str()), (1, "CN=root of a test"));
    let below = read(&secrets, "vault:below/ca").await.unwrap();
    assert_eq!((count(&below), subject(&below).as_str()), (1, "CN=below"));
    let chain = read(&secrets, "vault:below/ca_chain").await.unwrap();
    assert!(count(&chain) == 2 && chain.contains(root.trim()), "{chain}");
    // What brokers that trust the root alone need: the certificate and the authority between.
    let own = read(&secrets, "vault:below/issue/busctl").await.unwrap();
    assert!(count(&own) >= 2 && own.contains(below.trim()), "{}", subject(&own));
    let told = here.refused(read(&secrets, "vault:secret/ca").await);
    assert!(told.contains("secret/cert/ca"), "{told}");
}

/// A workspace with one service, whose cluster is never spoken to.
fn workspace(vault: &Vault) -> Scratch {
    Scratch::with(&[
        (
            "busctl.yaml",
            &format!("version: 1\nvault: {{ address: \"{}\", auth: {{ token: file:token }} }}\n", vault.address),
        ),
        (
            "clusters/main.yaml",
            "cluster: main\nenvironment: production\nprincipal: \"User:CN={service}\"\n\
             identities: { vault: \"pki/issue/{service}\" }\n\
             kafka: { config: { ssl.principal.mapping.rules: \"RULE:^CN=([^,]+),OU=services.*$/CN=$1/, DEFAULT\" } }\n",
        ),
        (
            "catalog/catalog.yaml",
            "domains:\n  shop: { owner: sales }\nservices:\n  shop-writer: { owner: sales }\n  twice: { owner: sales }\n\
             teams:\n  sales: { contacts: { email: sales@example.com } }\n",
        ),
        ("acls/twice.yaml", "service: twice\nprincipals: { main: [\"User:CN=a\", \"User:CN=b\"] }\n"),
    ])
}

fn issue(scratch: &Scratch, arguments: &[&str]) -> Run {
    start(scratch.command(&[&["identity", "issue"], arguments].concat())).wait()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_a_service_is_written_for_its_owner_alone() {
    let Some(vault) = Vault::start().await else { return };
    vault.pki("pki", "shop-writer", json!({ "ou": ["services"], "organization": ["Shop"] }));
    let scratch = workspace(&vault);
    let policy = r#"path "pki/issue/*" { capabilities = ["update"] }"#;
    scratch.write("token", vault.token(policy, "1h"));
    let run = issue(&scratch, &["shop-writer", "--out", "certs", "--ttl", "2h", "--format", "json"]).ended(0);
    let told = run.json();
    assert_valid("identity.schema.json", &told);
    assert_eq!(told["principal"], "User:CN=shop-writer");
    assert_eq!(told["subject"], "CN=shop-writer,OU=services,O=Shop");
    let mode = |path: &str| fs::metadata(scratch.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("certs/shop-writer.key"), 0o600);
    let key = scratch.read("certs/shop-writer.key");
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----") && !key.contains("CERTIFICATE"));
    assert!(!run.out.contains("PRIVATE") && !run.err.contains("PRIVATE"));
    let verified = Command::new("openssl")
        .args(["verify", "-CAfile", "certs/shop-writer.ca.pem", "certs/shop-writer.pem"])
        .current_dir(scratch.root())
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
    let ends = Command::new("openssl")
        .args(["x509", "-in", "certs/shop-writer.pem", "-noout", "-checkend", "9000"])
        .current_dir(scratch.root())
        .status()
        .unwrap();
    assert!(!ends.success(), "it is good for longer than two hours");
    assert!(!run.err.contains("warning"), "{}", run.err);

    // No key goes where a link leads that somebody else has put there.
    fs::remove_file(scratch.path("certs/shop-writer.key")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", scratch.path("certs/shop-writer.key")).unwrap();
    issue(&scratch, &["shop-writer", "--out", "certs"]).ended(4).says(&["is a link to ../elsewhere", "--out"]);
    assert!(!scratch.path("elsewhere").exists());
    fs::remove_file(scratch.path("certs/shop-writer.key")).unwrap();

    // What Vault cuts is told.
    vault.pki_role("pki", "shop-writer", json!({ "ou": ["services"], "organization": ["Shop"], "max_ttl": "72h" }));
    issue(&scratch, &["shop-writer", "--out", "certs", "--ttl", "1000h"]).ended(0).says(&[
        "warning: it ends at 20",
        "after 3d and not 1000h",
        "max_ttl",
    ]);

    // A key store that others could read before is its owner's now.
    scratch.write("certs/shop-writer.keystore.pem", "old");
    fs::set_permissions(scratch.path("certs/shop-writer.keystore.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    issue(&scratch, &["shop-writer", "--out", "certs", "--keystore"]).ended(0).shows(&["keystore", "truststore"]);
    assert_eq!(mode("certs/shop-writer.keystore.pem"), 0o600);
    let store = scratch.read("certs/shop-writer.keystore.pem");
    assert!(store.starts_with("-----BEGIN PRIVATE KEY-----") && store.contains("-----BEGIN CERTIFICATE-----"));
    let left = fs::read_dir(scratch.path("certs"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(left.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_somebody_else_to_the_brokers_is_refused() {
    let Some(vault) = Vault::start().await else { return };
    // Its subjects have no OU=services, so that the second rule makes the whole subject of them.
    vault.pki("pki", "shop-writer", json!({ "organization": ["Shop"] }));
    vault.pki_role("pki", "strict", json!({ "allow_any_name": false, "allowed_domains": ["example.com"] }));
    vault.pki_role("pki", "twice", json!({ "ou": ["services"] }));
    let scratch = workspace(&vault);
    scratch.write("token", vault.token(r#"path "pki/issue/*" { capabilities = ["update"] }"#, "1h"));
    issue(&scratch, &["shop-writer", "--out", "certs"]).ended(4).says(&[
        "CN=shop-writer,O=Shop",
        "User:CN=shop-writer,O=Shop to the brokers of `main`",
        "the grants are for User:CN=shop-writer",
        "nothing was written",
    ]);
    assert!(!scratch.path("certs").exists());
    let strict = ["shop-writer", "--out", "certs", "--role", "pki/issue/strict"];
    issue(&scratch, &strict).ended(1).says(&["Vault refuses such a certificate", "allow_any_name"]);
    issue(&scratch, &["shop-wirter", "--out", "certs"]).ended(64).says(&["did you mean `shop-writer`?"]);
    issue(&scratch, &["twice", "--out", "certs"]).ended(64).says(&["several principals", "User:CN=a, User:CN=b"]);
    issue(&scratch, &["twice", "--out", "certs", "--principal", "User:CN=b"]).ended(0).shows(&["CN=b,OU=services"]);
    vault.run(&["delete", "pki/roles/shop-writer"]);
    issue(&scratch, &["shop-writer", "--out", "certs"]).ended(1).says(&["no such role", "pki/issue/shop-writer"]);
}
