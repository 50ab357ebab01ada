//! Plans in files, with their signatures beside them.

use std::path::{Path, PathBuf};

use super::error::CommandError;
use super::output;
use crate::model::SecretRef;
use crate::plan::signature::{self, SignatureError};
use crate::plan::{SAVED_PLAN_VERSION, SavedPlan};
use crate::ports::secrets::Secrets;

/// The file beside a plan that holds its signature, 64 bytes.
fn signature_of(plan: &Path) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Writes a plan; with a key also its signature, to `FILE.sig`. The signature is there first, so that no plan lies beside
/// the signature of another one.
pub async fn write(path: &Path, saved: &SavedPlan, key: Option<(&str, &impl Secrets)>) -> Result<(), CommandError> {
    let mut bytes = serde_json::to_vec_pretty(saved)
        .map_err(|error| CommandError::system(format!("could not write the plan as JSON: {error}")))?;
    bytes.push(b'\n');
    if let Some((key, secrets)) = key {
        // A bare path is a file.
        let reference = key.parse().unwrap_or_else(|_| SecretRef::File(key.to_owned()));
        let secret = secrets.read(&reference).await.map_err(|error| {
            let hint = error.hint.clone();
            let error = CommandError::system(error.to_string());
            hint.into_iter().fold(error, CommandError::hint)
        })?;
        let signature = signature::sign(&secret, &bytes).map_err(|error| {
            CommandError::usage(format!("could not sign with {reference}: {error}"))
                .hint("make one with `openssl genpkey -algorithm ed25519 -out key.pem`")
        })?;
        output::file(&signature_of(path), &signature)?;
    }
    output::private_file(path, &bytes)
}

/// Reads a plan. With a public key its signature must be that key's.
pub fn read(path: &Path, public_key: Option<&Path>) -> Result<SavedPlan, CommandError> {
    let bytes = read_file(path, "the plan")?;
    if let Some(key_file) = public_key {
        let key = String::from_utf8_lossy(&read_file(key_file, "the public key")?).into_owned();
        let signature_file = signature_of(path);
        let signature = read_file(&signature_file, "the signature of the plan")?;
        signature::verify(&key, &bytes, &signature).map_err(|error| match error {
            SignatureError::PublicKey => CommandError::usage(format!("{}: {error}", key_file.display()))
                .hint("write it with `openssl pkey -in key.pem -pubout -out public.pem`"),
            _ => CommandError::refused(format!(
                "{} with {}: {error}; nothing was changed",
                path.display(),
                signature_file.display()
            ))
            .hint("apply the plan as it was signed, with the public key of whoever signed it"),
        })?;
    }
    parse(path, &bytes)
}

fn read_file(path: &Path, what: &str) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path)
        .map_err(|error| CommandError::system(format!("could not read {what} {}: {error}", path.display())))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<SavedPlan, CommandError> {
    let broken = |why: String| {
        CommandError::system(format!("{} is not a saved plan: {why}", path.display()))
            .hint("write one with `busctl plan -o FILE`")
    };
    #[derive(serde::Deserialize)]
    struct Version {
        format_version: u32,
    }
    let version: Version = serde_json::from_slice(bytes).map_err(|error| broken(error.to_string()))?;
    if version.format_version != SAVED_PLAN_VERSION {
        return Err(broken(format!(
            "its format_version is {}, this busctl reads {SAVED_PLAN_VERSION}",
            version.format_version
        )));
    }
    // One of an earlier version has the secrets that were seen.
    let saved: SavedPlan = serde_json::from_slice(bytes).map_err(|error| broken(error.to_string()))?;
    Ok(saved.without_secrets())
}
