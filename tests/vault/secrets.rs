//! Fields of secrets, in both versions of the KV engine.

use busctl::ports::vault::VaultAuth;
use serde_json::json;

use crate::support::certificates::Authority;
use crate::support::vault::{Scheme, Vault};
use crate::{Here, connection, read};

/// What is kept; no message may hold it.
const VALUE: &str = "correct-horse-battery";

/// Engines of both versions, one of them at a path of several parts, with the same secret.
fn engines(vault: &Vault) {
    vault.write("sys/mounts/plain", &json!({ "type": "kv", "options": { "version": "1" } }));
    vault.write("sys/mounts/teams/bus/kv", &json!({ "type": "kv", "options": { "version": "2" } }));
    let secret = json!({ "password": VALUE, "port": 8081, "nested": { "a": VALUE }, "empty": "" });
    vault.write("plain/bus/registry", &secret);
    vault.write("secret/data/bus/registry", &json!({ "data": secret }));
    vault.write("teams/bus/kv/data/registry", &json!({ "data": secret }));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_read_with_the_least_policy_whatever_the_version_of_the_engine() {
    let Some(vault) = Vault::start().await else { return };
    engines(&vault);
    let token = vault.token(
        r#"path "plain/bus/*" { capabilities = ["read"] }
           path "secret/data/bus/*" { capabilities = ["read"] }
           path "teams/bus/kv/data/registry" { capabilities = ["read"] }"#,
        "1h",
    );
    let mut here = Here::of(&vault);
    let secrets = here.with_token(&vault, &token);
    for path in ["plain/bus/registry", "secret/bus/registry", "teams/bus/kv/registry"] {
        assert_eq!(read(&secrets, &format!("vault:{path}#password")).await.unwrap(), VALUE);
        assert_eq!(read(&secrets, &format!("vault:{path}#port")).await.unwrap(), "8081");
    }
    // What is put there later is read the next time.
    vault.write("secret/data/bus/registry", &json!({ "data": { "password": "another" } }));
    assert_eq!(read(&secrets, "vault:secret/bus/registry#password").await.unwrap(), "another");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_names_the_path_and_the_way_out_and_no_value() {
    let Some(vault) = Vault::start().await else { return };
    engines(&vault);
    vault.write("secret/data/bus/deleted", &json!({ "data": { "password": VALUE } }));
    vault.run(&["kv", "delete", "-mount=secret", "bus/deleted"]);
    vault.write("secret/data/bus/destroyed", &json!({ "data": { "password": VALUE } }));
    vault.run(&["kv", "destroy", "-mount=secret", "-versions=1", "bus/destroyed"]);
    vault.pki("pki", "busctl", json!({}));
    let token = vault.token(
        r#"path "secret/data/bus/*" { capabilities = ["read"] }
           path "plain/bus/*" { capabilities = ["read"] }
           path "pki/issue/other" { capabilities = ["update"] }"#,
        "1h",
    );
    let mut here = Here::of(&vault);
    here.keep("value", VALUE);
    let secrets = here.with_token(&vault, &token);
    for (reference, expected) in [
        ("vault:secret/bus/missing#password", ["no secret at this path", "vault kv get secret/bus/missing"]),
        ("vault:plain/bus/missing#password", ["no secret at this path", "vault kv get plain/bus/missing"]),
        (
            "vault:secret/data/bus/registry#password",
            [
                "permission denied",
                "leave out data/, which is no part of the path of a secret: vault:secret/bus/registry",
            ],
        ),
        ("vault:secret/bus/registry#user", ["no field `user`", "`password`"]),
        ("vault:secret/bus/registry#nested", ["is no text", "put the secret there as a text"]),
        ("vault:secret/bus/registry#empty", ["it is empty", "put the secret into"]),
        ("vault:secret/bus/deleted#password", ["was deleted (20", "vault kv undelete"]),
        ("vault:secret/bus/destroyed#password", ["was destroyed for good", "put a new version"]),
        (
            "vault:secret/other#password",
            ["permission denied", "path \"secret/data/other\" { capabilities = [\"read\"] }"],
        ),
        ("vault:nowhere/other#password", ["find the engine of nowhere/other", "vault secrets list"]),
        ("vault:pki/busctl#password", ["is the engine `pki`", "vault:MOUNT/issue/ROLE"]),
        ("vault:pki/issue/busctl", ["permission denied", "path \"pki/issue/busctl\" { capabilities = [\"update\"] }"]),
        ("vault:pki/issue/other", ["there is no such role", "vault write pki/roles/other"]),
        ("vault:nowhere/ca", ["read nowhere/cert/ca", "vault secrets list"]),
    ] {
        let told = here.refused(read(&secrets, reference).await);
        assert!(expected.iter().all(|part| told.contains(part)), "{reference}\n{told}");
        assert!(told.contains(&vault.address) || reference.ends_with("#empty"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_a_limit_of_uses_is_told_where_it_is_too_low() {
    let Some(vault) = Vault::start().await else { return };
    engines(&vault);
    let token = |uses: u32| {
        let made = vault.write("auth/token/create", &json!({ "num_uses": uses, "ttl": "1h" }));
        made["auth"]["client_token"].as_str().unwrap().to_owned()
    };
    let reference = "vault:secret/bus/registry#password";
    let mut here = Here::of(&vault);
    let secrets = here.with_token(&vault, &token(1));
    let told = here.refused(read(&secrets, reference).await);
    assert!(told.contains("good for one request") && told.contains("without a limit of uses"), "{told}");
    // One to look at it, one to read: Vault does not count the question for the engine.
    let secrets = here.with_token(&vault, &token(2));
    assert_eq!(read(&secrets, reference).await.unwrap(), VALUE);
    let told = here.refused(read(&secrets, reference).await);
    assert!(told.contains("the token has ended or was revoked"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_sealed_or_gone_is_told() {
    let Some(vault) = Vault::start().await else { return };
    engines(&vault);
    let mut here = Here::of(&vault);
    let root = vault.root.clone();
    let secrets = here.with_token(&vault, &root);
    let reference = "vault:secret/bus/registry#password";
    assert_eq!(read(&secrets, reference).await.unwrap(), VALUE);
    vault.seal();
    let told = here.refused(read(&secrets, reference).await);
    assert!(told.contains("Vault is sealed") && told.contains("vault operator unseal"), "{told}");
    // A client that begins now is told the same.
    let told = here.refused(read(&here.with_token_again(&vault), reference).await);
    assert!(told.contains("Vault is sealed"), "{told}");
    vault.unseal().await;
    assert_eq!(read(&secrets, reference).await.unwrap(), VALUE);
    vault.stop();
    let told = here.refused(read(&secrets, reference).await);
    assert!(told.contains("check Vault's address"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_checked_with_the_authority_that_is_declared() {
    let Some(vault) = Vault::start_with(Scheme::Tls).await else { return };
    vault.write("secret/data/bus/registry", &json!({ "data": { "password": VALUE } }));
    let mut here = Here::of(&vault);
    let token = VaultAuth::Token(here.keep("token", &vault.root.clone()));
    let reference = "vault:secret/bus/registry#password";
    let ca = std::fs::read_to_string(vault.ca.as_ref().unwrap()).unwrap();
    std::fs::write(here.folder.path().join("ca.pem"), ca).unwrap();
    let mut trusting = connection(&vault.address, token);
    let untrusting = trusting.clone();
    trusting.tls = Some(busctl::ports::connection::Tls {
        ca: Some(busctl::model::SecretRef::File("ca.pem".into())),
        identity: None,
        server_name: None,
    });
    let named = |name: &str| {
        let mut named = trusting.clone();
        named.tls.as_mut().unwrap().server_name = Some(name.to_owned());
        named
    };
    assert_eq!(read(&here.connected(trusting.clone(), None), reference).await.unwrap(), VALUE);
    assert_eq!(read(&here.connected(named("localhost"), None), reference).await.unwrap(), VALUE);
    for (refused, expected) in [
        (untrusting, ["we trust the authorities of the system", "VAULT_CACERT"]),
        (named("vault.example.com"), ["and not for vault.example.com", "`tls.server_name` of `vault`"]),
    ] {
        let told = here.refused(read(&here.connected(refused, None), reference).await);
        assert!(expected.iter().all(|part| told.contains(part)), "{told}");
    }
    // An authority that did not issue it: whose it is, and whom we trust.
    let other = Authority::create(&here.folder.path().join("other"));
    std::fs::copy(other.certificate(), here.folder.path().join("ca.pem")).unwrap();
    let told = here.refused(read(&here.connected(trusting, None), reference).await);
    assert!(
        told.contains("the certificate was issued by ") && told.contains("and we trust CN=busctl test authority"),
        "{told}"
    );
}
