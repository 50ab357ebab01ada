//! Secrets from the environment, from files, and from Vault.

use std::env::VarError;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use super::disk;
use super::vault::Vault;
use crate::model::{Secret, SecretRef};
use crate::ports::secrets::{SecretError, Secrets};

/// The most that is read of a file. A bundle of every public authority has a quarter of it.
const LARGEST: usize = 1 << 20;

/// How long who writes to a pipe is waited for, where nobody says it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads `env:` and `file:` references.
#[derive(Debug, Clone)]
pub struct LocalSecrets {
    root: PathBuf,
    patience: Duration,
}

impl LocalSecrets {
    /// Relative paths of `file:` references are relative to `root`, the workspace.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), patience: PATIENCE }
    }

    /// The same, which waits so long for who writes to a pipe.
    pub fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

impl Secrets for LocalSecrets {
    async fn read(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
        let value = match reference {
            SecretRef::Env(name) => from_environment(name),
            SecretRef::File(path) => from_file(&self.root.join(path), self.patience).await,
            SecretRef::Vault(_) => {
                Err(Refusal { reason: "no Vault is read here".into(), hint: "give it as env:NAME or file:PATH".into() })
            }
        };
        filled(reference, value)
    }
}

/// Reads `env:` and `file:` references, and `vault:` ones where a Vault is known.
#[derive(Clone)]
pub struct SecretStores {
    local: LocalSecrets,
    vault: Result<Vault, Refusal>,
}

impl SecretStores {
    /// Without a Vault `vault` says why there is none, and what to do about it.
    pub fn new(local: LocalSecrets, vault: Result<Vault, (String, String)>) -> Self {
        Self { local, vault: vault.map_err(|(reason, hint)| Refusal { reason, hint }) }
    }
}

impl Secrets for SecretStores {
    async fn read(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
        match (reference, &self.vault) {
            (SecretRef::Vault(place), Ok(vault)) => filled(reference, vault.read(place).await),
            (SecretRef::Vault(_), Err(refusal)) => filled(reference, Err(refusal.clone())),
            _ => self.local.read(reference).await,
        }
    }
}

/// What was read, unless it is nothing.
fn filled(reference: &SecretRef, value: Result<Secret, Refusal>) -> Result<Secret, SecretError> {
    let refusal = match value {
        Ok(secret) if !secret.expose().trim().is_empty() => return Ok(secret),
        Ok(_) => Refusal { reason: "it is empty".into(), hint: format!("put the secret into {reference}") },
        Err(refusal) => refusal,
    };
    Err(SecretError { reference: reference.to_string(), reason: refusal.reason, hint: Some(refusal.hint) })
}

/// Why a secret is not had, and what to do.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) hint: String,
}

fn from_environment(name: &str) -> Result<Secret, Refusal> {
    std::env::var(name).map(Secret::new).map_err(|error| match error {
        VarError::NotPresent => Refusal {
            reason: "the environment has no such variable".into(),
            hint: format!("set it where busctl runs: export {name}=…"),
        },
        VarError::NotUnicode(_) => Refusal {
            reason: "the variable's value is not UTF-8".into(),
            hint: "set it to text; keep binary material in a file as PEM".into(),
        },
    })
}

async fn from_file(path: &Path, patience: Duration) -> Result<Secret, Refusal> {
    let shown = path.display();
    let read = match tokio::fs::metadata(path).await {
        Ok(found) if found.file_type().is_fifo() => match tokio::time::timeout(patience, read_pipe(path)).await {
            Ok(read) => read,
            Err(_) => {
                return Err(Refusal {
                    reason: format!("{shown} is a pipe, and nobody wrote to its end within {patience:?}"),
                    hint: "start what writes to it, or keep the secret in a file".into(),
                });
            }
        },
        _ => {
            let file = path.to_owned();
            let reading = tokio::task::spawn_blocking(move || read_whole(&file)).await;
            reading.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
        }
    };
    let bytes = read.map_err(|error| Refusal {
        reason: format!("{shown}: {error}"),
        hint: format!("check that {shown} exists and that the user who runs busctl may read it"),
    })?;
    if bytes.len() > LARGEST {
        let hint = format!("check that {shown} is the file that was meant");
        return Err(Refusal { reason: format!("{shown} is larger than {LARGEST} bytes"), hint });
    }
    // Some editors put a mark before a text, of which it is no part.
    let text = bytes.strip_prefix(disk::BYTE_ORDER_MARK.as_bytes()).unwrap_or(&bytes);
    std::str::from_utf8(text).map(Secret::new).map_err(|_| Refusal {
        reason: format!("{shown} is not UTF-8"),
        hint: "keep certificates and keys as PEM; convert DER with `openssl x509` and `openssl pkcs8`".into(),
    })
}

/// Reads a pipe to its end. It is opened without waiting for who writes to it: nothing would end such a wait.
async fn read_pipe(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let pipe = tokio::net::unix::pipe::OpenOptions::new().open_receiver(path)?;
    let mut bytes = Zeroizing::new(vec![0; LARGEST + 1]);
    let mut filled = 0;
    while filled < bytes.len() {
        pipe.readable().await?;
        match pipe.try_read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Reads a file, and at most one byte beyond the most, into memory that does not move: what a buffer leaves behind as it grows is
/// zeroed by nobody.
fn read_whole(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let told = std::fs::metadata(path).ok().filter(Metadata::is_file).and_then(|file| usize::try_from(file.len()).ok());
    // One that tells no length has one all the same: a pipe, or what the system makes as it is read.
    if let Some(length) = told.filter(|length| (1..LARGEST).contains(length)) {
        let bytes = read_at_most(File::open(path)?, length + 1)?;
        // Who wrote to it meanwhile made it longer.
        if bytes.len() <= length {
            return Ok(bytes);
        }
    }
    read_at_most(File::open(path)?, LARGEST + 1)
}

/// Reads at most so many bytes, into memory that does not move.
pub(super) fn read_at_most(mut file: File, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; most]);
    let mut filled = 0;
    while filled < most {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(root: &Path, reference: &str) -> Result<Secret, SecretError> {
        let reference = reference.parse().map_err(|error| SecretError {
            reference: reference.into(),
            reason: format!("{error}"),
            hint: None,
        })?;
        LocalSecrets::new(root).read(&reference).await
    }

    #[tokio::test]
    async fn a_file_is_found_from_the_workspace_and_kept_as_it_is() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("password"), "s3cret\n").expect("a file");
        let secret = read(root.path(), "file:password").await.expect("it is there");
        assert_eq!(secret.expose(), "s3cret\n");
        assert!(!format!("{secret:?}").contains("s3cret"));
    }

    #[tokio::test]
    async fn a_file_is_read_whole_whatever_length_it_tells() {
        let root = tempfile::tempdir().expect("a folder");
        for length in [1, LARGEST - 1, LARGEST] {
            std::fs::write(root.path().join("secret"), "s".repeat(length)).expect("a file");
            assert_eq!(read(root.path(), "file:secret").await.expect("it is there").expose().len(), length);
        }
        // The system tells no length of these.
        let told = read(root.path(), "file:/proc/self/status").await.expect("it is there");
        assert!(told.expose().contains("Threads:"), "{}", told.expose());
    }

    /// A pipe with a name, and what it is called as a reference.
    fn pipe(root: &Path) -> PathBuf {
        let path = root.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
        path
    }

    #[tokio::test]
    async fn a_pipe_is_read_to_its_end_and_waited_for_no_longer_than_said() {
        let root = tempfile::tempdir().expect("a folder");
        let path = pipe(root.path());
        let reference = "file:pipe".parse().expect("a reference");
        let secrets = LocalSecrets::new(root.path()).within(Duration::from_millis(20));
        let error = secrets.read(&reference).await.expect_err("nobody writes");
        assert!(error.to_string().contains("pipe, and nobody wrote"), "{error}");
        let writer = std::thread::spawn(move || {
            let mut file = File::options().write(true).open(path).expect("a reader");
            for part in ["one-", "two-", &"s".repeat(100_000)] {
                io::Write::write_all(&mut file, part.as_bytes()).expect("it is read");
            }
        });
        let read = read(root.path(), "file:pipe").await.expect("it is written");
        writer.join().expect("no panic");
        assert_eq!(read.expose().len(), 100_008);
    }

    #[tokio::test]
    async fn a_byte_order_mark_is_no_part_of_a_secret() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("password"), "\u{feff}s3cret").expect("a file");
        assert_eq!(read(root.path(), "file:password").await.expect("it is there").expose(), "s3cret");
    }

    #[tokio::test]
    async fn errors_name_the_reference_and_what_to_do() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("empty"), "\n").expect("a file");
        std::fs::write(root.path().join("binary"), [0xff, 0xfe]).expect("a file");
        for (reference, expected) in [
            ("env:BUSCTL_TEST_NOT_SET", "no such variable"),
            ("file:missing", "missing"),
            ("file:empty", "is empty"),
            ("file:binary", "not UTF-8"),
            ("file:.", "directory"),
            ("file:/dev/zero", "larger"),
            ("vault:pki/ca", "no Vault"),
        ] {
            let error = read(root.path(), reference).await.expect_err(reference);
            assert!(error.to_string().contains(reference), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.hint.is_some(), "{error}");
        }
    }
}
