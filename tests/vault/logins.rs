//! Ways to log in, and what becomes of tokens in a long run.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use busctl::model::SecretRef;
use busctl::ports::vault::VaultAuth;
use serde_json::json;

use crate::support::vault::Vault;
use crate::{Here, read};

const REFERENCE: &str = "vault:secret/bus/registry#password";
const VALUE: &str = "correct-horse-battery";
const POLICY: &str = r#"path "secret/data/bus/*" { capabilities = ["read"] }"#;

/// A Vault with a secret and the policy `bus`, which lets it be read.
async fn vault() -> Option<Vault> {
    let vault = Vault::start().await?;
    vault.write("secret/data/bus/registry", &json!({ "data": { "password": VALUE } }));
    vault.write("sys/policies/acl/bus", &json!({ "policy": POLICY }));
    Some(vault)
}

/// An AppRole whose tokens live for so long; its id, and a secret id that is good for so many logins.
fn approle(vault: &Vault, role: serde_json::Value, logins: u32) -> (String, String) {
    vault.write("sys/auth/approle", &json!({ "type": "approle" }));
    vault.write("auth/approle/role/busctl", &role);
    let id = vault.run(&["read", "-field=role_id", "auth/approle/role/busctl/role-id"]);
    let uses = json!({ "num_uses": logins });
    let secret = vault.write("auth/approle/role/busctl/secret-id", &uses);
    (id, secret["data"]["secret_id"].as_str().unwrap().to_owned())
}

fn by_approle(here: &mut Here, id: &str, secret: &str) -> VaultAuth {
    let (role_id, secret_id) = (here.keep("role-id", id), here.keep("secret-id", secret));
    VaultAuth::AppRole { mount: "approle".into(), role_id, secret_id }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approle_logs_in_and_a_wrong_secret_is_told() {
    let Some(vault) = vault().await else { return };
    let (id, secret) = approle(&vault, json!({ "token_policies": ["bus"] }), 0);
    let mut here = Here::of(&vault);
    let auth = by_approle(&mut here, &id, &secret);
    assert_eq!(read(&here.client(&vault, auth.clone(), None), REFERENCE).await.unwrap(), VALUE);
    let wrong = by_approle(&mut here, &id, "a9a4a1a0-0000-0000-0000-000000000000");
    let told = here.refused(read(&here.client(&vault, wrong, None), REFERENCE).await);
    assert!(told.contains("log in at auth/approle (AppRole)") && told.contains("the login was refused"), "{told}");
    // The role that is taken away in between.
    let auth = by_approle(&mut here, &id, &secret);
    vault.run(&["delete", "auth/approle/role/busctl"]);
    let told = here.refused(read(&here.client(&vault, auth, None), REFERENCE).await);
    assert!(told.contains("the login was refused"), "{told}");
    let VaultAuth::AppRole { role_id, secret_id, .. } = by_approle(&mut here, &id, &secret) else { unreachable!() };
    let nowhere = VaultAuth::AppRole { mount: "nowhere".into(), role_id, secret_id };
    let told = here.refused(read(&here.client(&vault, nowhere, None), REFERENCE).await);
    assert!(told.contains("auth/nowhere") && told.contains("vault auth list"), "{told}");
}

/// The key that signs tokens, and its public half.
fn signing_key(folder: &Path) -> (String, String) {
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "key.pem"]);
    openssl(&["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    (text("key.pem"), text("public.pem"))
}

/// A token as an issuer of pipelines or Kubernetes signs it.
fn token(folder: &Path, audience: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let head = json!({ "alg": "RS256", "typ": "JWT" }).to_string();
    let claims = json!({ "iss": "pipelines", "sub": "bus/main", "aud": audience, "iat": now, "exp": now + 600 });
    let signed = [head, claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    std::fs::write(folder.join("signed"), &signed).unwrap();
    let arguments = ["dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "signed"];
    assert!(Command::new("openssl").args(arguments).current_dir(folder).status().unwrap().success());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(std::fs::read(folder.join("signature")).unwrap()))
}

/// Kubernetes' method asks the API of a Kubernetes for each token, which is not here; JWT's takes the same request, and is
/// mounted in its place.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_pipelines_and_of_pods_log_in_and_those_for_others_do_not() {
    let Some(vault) = vault().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (_, public) = signing_key(folder.path());
    for mount in ["jwt", "kubernetes"] {
        vault.write(&format!("sys/auth/{mount}"), &json!({ "type": "jwt" }));
        let config =
            json!({ "jwt_validation_pubkeys": [public], "bound_issuer": "pipelines", "default_role": "busctl" });
        vault.write(&format!("auth/{mount}/config"), &config);
        let role = json!({
            "role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "bound_subject": "bus/main",
            "token_policies": ["bus"],
        });
        vault.write(&format!("auth/{mount}/role/busctl"), &role);
    }
    let mut here = Here::of(&vault);
    let good = here.keep("good", &token(folder.path(), "vault"));
    let other = here.keep("other", &token(folder.path(), "others"));
    let jwt = |role: Option<&str>, token: &SecretRef| VaultAuth::Jwt {
        mount: "jwt".into(),
        role: role.map(str::to_owned),
        token: token.clone(),
    };
    let pod = |role: &str, token: &SecretRef| VaultAuth::Kubernetes {
        mount: "kubernetes".into(),
        role: role.into(),
        token: token.clone(),
    };
    for auth in [jwt(None, &good), jwt(Some("busctl"), &good), pod("busctl", &good)] {
        assert_eq!(read(&here.client(&vault, auth, None), REFERENCE).await.unwrap(), VALUE);
    }
    for (auth, expected) in [
        (jwt(None, &other), "log in at auth/jwt (JWT)"),
        (jwt(Some("nobody"), &good), "log in at auth/jwt (JWT) as nobody"),
        (pod("busctl", &other), "log in at auth/kubernetes (Kubernetes) as busctl"),
        (jwt(None, &SecretRef::File("missing".into())), "Vault cannot be logged in to"),
    ] {
        let told = here.refused(read(&here.client(&vault, auth, None), REFERENCE).await);
        assert!(told.contains(expected), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_is_told_apart_from_one_that_may_not() {
    let Some(vault) = vault().await else { return };
    let mut here = Here::of(&vault);
    let token = vault.token(POLICY, "1h");
    let secrets = here.with_token(&vault, &token);
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
    let told = here.refused(read(&secrets, "vault:secret/other#password").await);
    assert!(told.contains("permission denied") && !told.contains("ended"), "{told}");
    vault.run(&["token", "revoke", &token]);
    for secrets in [secrets, here.with_token(&vault, &token), here.with_token(&vault, "hvs.never-was-one")] {
        let told = here.refused(read(&secrets, REFERENCE).await);
        assert!(told.contains("the token has ended or was revoked") && told.contains("vault login"), "{told}");
    }
    // One that cannot be sent, as with a comment in its file.
    let secrets = here.with_token(&vault, "two\nlines");
    let told = here.refused(read(&secrets, REFERENCE).await);
    assert!(told.contains("characters that no token has"), "{told}");
    assert!(told.contains("the token in one line, and nothing else") && !told.contains("`address`"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_was_revoked_is_made_anew() {
    let Some(vault) = vault().await else { return };
    let (id, secret) = approle(&vault, json!({ "token_policies": ["bus"] }), 0);
    let mut here = Here::of(&vault);
    let auth = by_approle(&mut here, &id, &secret);
    let secrets = here.client(&vault, auth, None);
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
    vault.run(&["lease", "revoke", "-sync", "-prefix", "auth/approle/login"]);
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
}

/// The secret id is good for one login, so that only a renewal keeps the token; it is renewed while nothing is read.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_in_a_long_run() {
    let Some(vault) = vault().await else { return };
    let role = json!({ "token_policies": ["bus"], "token_ttl": "9s", "token_max_ttl": "1h" });
    let (id, secret) = approle(&vault, role, 1);
    let mut here = Here::of(&vault);
    let auth = by_approle(&mut here, &id, &secret);
    let secrets = here.client(&vault, auth.clone(), None);
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
    // The secret id was for one login indeed.
    here.refused(read(&here.client(&vault, auth, None), REFERENCE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_at_the_end_of_its_longest_life_is_followed_by_the_next_one() {
    let Some(vault) = vault().await else { return };
    let role = json!({ "token_policies": ["bus"], "token_ttl": "6s", "token_max_ttl": "6s" });
    let (id, secret) = approle(&vault, role, 0);
    let mut here = Here::of(&vault);
    let auth = by_approle(&mut here, &id, &secret);
    let secrets = here.client(&vault, auth, None);
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
    tokio::time::sleep(Duration::from_secs(14)).await;
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
}

/// A token for so long that nobody can renew.
fn token_for(vault: &Vault, life: &str) -> String {
    let request = json!({ "policies": ["bus"], "ttl": life, "renewable": false });
    let answer = vault.write("auth/token/create", &request);
    answer["auth"]["client_token"].as_str().unwrap().to_owned()
}

/// As the sink of a Vault Agent is, which puts the next token there.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_replaced_where_it_is_kept_is_read_again() {
    let Some(vault) = vault().await else { return };
    let mut here = Here::of(&vault);
    let secrets = here.with_token(&vault, &token_for(&vault, "4s"));
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let told = here.refused(read(&secrets, REFERENCE).await);
    assert!(told.contains("the token has ended or was revoked") && told.contains("vault login"), "{told}");
    let next = token_for(&vault, "1h");
    here.keep("token", &next);
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
    // One that ends before its time.
    vault.run(&["token", "revoke", &next]);
    here.keep("token", &token_for(&vault, "1h"));
    assert_eq!(read(&secrets, REFERENCE).await.unwrap(), VALUE);
}
