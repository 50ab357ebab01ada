//! Where logins are kept: a file each in the user's folder for state, which nobody else can read.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Token;
use crate::adapters::secrets::read_at_most;
use crate::model::Secret;
use crate::ports::connection::PersonalLogin;
use crate::ports::{Failure, FailureKind};

const FORMAT_VERSION: u32 = 1;

/// The most that is read of a file.
const LARGEST: usize = 4 << 20;

/// How long another busctl is waited for, where nobody says it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between two looks at a lock that another has.
const PAUSE: Duration = Duration::from_millis(25);

/// The logins of a user.
#[derive(Debug, Clone)]
pub struct Logins {
    folder: PathBuf,
    patience: Duration,
}

/// A login as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLogin {
    /// The token that servers are shown.
    pub access_token: Secret,
    /// When it was granted.
    pub granted: SystemTime,
    /// When it is over.
    pub expires: SystemTime,
    /// What the next one is had for; without it the login is over with the token.
    pub refresh_token: Option<Secret>,
}

impl KeptLogin {
    pub(super) fn token(&self) -> Token {
        let life = self.expires.duration_since(self.granted).unwrap_or_default();
        Token::new(self.access_token.clone(), self.granted, life)
    }
}

/// The file of one login, which no other busctl reads or writes meanwhile.
pub struct LockedLogin {
    file: PathBuf,
    issuer: String,
    _lock: File,
}

impl Logins {
    /// Those of the user who runs this: in `BUSCTL_STATE_DIR`, else `XDG_STATE_HOME/busctl`, else `~/.local/state/busctl`.
    pub fn of_user() -> Result<Self, Failure> {
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let state = folder("BUSCTL_STATE_DIR")
            .or_else(|| folder("XDG_STATE_HOME").map(|state| state.join("busctl")))
            .or_else(|| folder("HOME").map(|home| home.join(".local/state/busctl")));
        let state = state.ok_or_else(|| Failure {
            kind: FailureKind::Refused,
            tried: "find the folder of logins".into(),
            server: "this machine".into(),
            answer: "neither BUSCTL_STATE_DIR, XDG_STATE_HOME nor HOME is set".into(),
            hint: Some("set one of them".into()),
        })?;
        Ok(Self::in_folder(state.join("logins")))
    }

    /// Those that are kept in a folder, which need not be there yet.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, patience: PATIENCE }
    }

    /// The same, where another busctl that is at one is waited for so long.
    pub fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The file of a login. Its name tells nothing and is the same for whoever declares the same login.
    pub fn file<S>(&self, login: &PersonalLogin<S>) -> PathBuf {
        let parts = [Some(&login.issuer), Some(&login.client_id), login.scope.as_ref(), login.resource.as_ref()];
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.map_or(&[][..], |part| part.as_bytes()));
            digest.update([0]);
        }
        let digest: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(format!("{digest}.json"))
    }

    /// Whether somebody has logged in.
    pub fn has<S>(&self, login: &PersonalLogin<S>) -> bool {
        self.file(login).exists()
    }

    /// The login, once no other busctl is at it: a refresh token is good once, and of two who use it one would be logged out.
    pub async fn locked(&self, login: &PersonalLogin) -> Result<LockedLogin, Failure> {
        let file = self.file(login);
        let path = file.with_extension("lock");
        let open = || {
            make_private(&self.folder)?;
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path)
        };
        let lock = open().map_err(|error| on_file("lock", &file, &error))?;
        // Who has the lock may hang, and nothing would end a wait in the system.
        let deadline = Instant::now() + self.patience;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(LockedLogin { file, issuer: login.issuer.clone(), _lock: lock }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => {
                    return Err(Failure {
                        kind: FailureKind::Timeout,
                        tried: "lock the login".into(),
                        server: path.display().to_string(),
                        answer: format!("another busctl still has it after {:?}", self.patience),
                        hint: Some(format!(
                            "see which one (`fuser {}` tells), and end it where it hangs",
                            path.display()
                        )),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(on_file("lock", &file, &error)),
            }
        }
    }
}

impl LockedLogin {
    /// The login, where there is one.
    pub fn read(&self) -> Result<Option<KeptLogin>, Failure> {
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(on_file("read", &self.file, &error)),
        };
        let mode = file.metadata().map_err(|error| on_file("read", &self.file, &error))?.permissions().mode();
        if mode & 0o077 != 0 {
            let answer = format!("others than its owner may use it (mode {:04o})", mode & 0o7777);
            let hint =
                format!("whoever read it is logged in as you: end the login at {} and log in again", self.issuer);
            return Err(self.refused("read", answer, hint));
        }
        let length = file.metadata().map_or(LARGEST, |found| usize::try_from(found.len()).unwrap_or(LARGEST));
        let text = read_at_most(file, length.min(LARGEST)).map_err(|error| on_file("read", &self.file, &error))?;
        match decode(&text) {
            Some(login) => Ok(Some(login)),
            None => Err(self.refused("read", "it is no login".into(), "log in again with `busctl login`".into())),
        }
    }

    /// Keeps a login. A reader sees the old or the new one and nothing between, and nobody else sees any.
    pub fn write(&self, login: &KeptLogin) -> Result<(), Failure> {
        let text = encode(&self.issuer, login);
        let written = self.begin().and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(self.temporary(), &self.file)
        });
        written.map_err(|error| {
            fs::remove_file(self.temporary()).ok();
            on_file("write", &self.file, &error)
        })
    }

    /// Fails where a login could not be kept, before somebody logs in.
    pub fn can_be_written(&self) -> Result<(), Failure> {
        let tried = self.begin().and_then(|_| fs::remove_file(self.temporary()));
        tried.map_err(|error| on_file("write", &self.file, &error))
    }

    /// What is written until it takes the login's place. The lock has it be one process's alone.
    fn temporary(&self) -> PathBuf {
        self.file.with_extension("tmp")
    }

    fn begin(&self) -> io::Result<File> {
        // One that a crash left is of the same user.
        removed(&self.temporary())?;
        OpenOptions::new().create_new(true).write(true).mode(0o600).open(self.temporary())
    }

    /// Forgets the login, and what a crash left of another one. Tells whether there was one.
    pub fn remove(&self) -> Result<bool, Failure> {
        let gone = removed(&self.temporary()).and_then(|_| removed(&self.file));
        gone.map_err(|error| on_file("remove", &self.file, &error))
    }

    fn refused(&self, tried: &str, answer: String, hint: String) -> Failure {
        Failure {
            kind: FailureKind::Refused,
            tried: format!("{tried} the login"),
            server: self.file.display().to_string(),
            answer,
            hint: Some(hint),
        }
    }
}

/// Removes a file. Tells whether there was one.
fn removed(file: &Path) -> io::Result<bool> {
    match fs::remove_file(file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A login as the file has it.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    format_version: u32,
    issuer: String,
    access_token: T,
    granted: u64,
    expires: u64,
    refresh_token: Option<T>,
}

fn encode(issuer: &str, login: &KeptLogin) -> Zeroizing<Vec<u8>> {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let kept = Kept {
        format_version: FORMAT_VERSION,
        issuer: issuer.to_owned(),
        access_token: login.access_token.expose(),
        granted: seconds(login.granted),
        expires: seconds(login.expires),
        refresh_token: login.refresh_token.as_ref().map(Secret::expose),
    };
    // No character has more than six in JSON, and what a buffer leaves behind as it grows is zeroed by nobody.
    let texts = [Some(issuer), Some(kept.access_token), kept.refresh_token];
    let length: usize = texts.into_iter().flatten().map(str::len).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(length * 6 + 512));
    // Numbers and texts are never refused.
    serde_json::to_writer_pretty(&mut *text, &kept).ok();
    text
}

fn decode(text: &[u8]) -> Option<KeptLogin> {
    let kept: Kept<Secret> = serde_json::from_slice(text).ok()?;
    if kept.format_version != FORMAT_VERSION {
        return None;
    }
    let time = |seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    Some(KeptLogin {
        access_token: kept.access_token,
        granted: time(kept.granted)?,
        expires: time(kept.expires)?,
        refresh_token: kept.refresh_token,
    })
}

fn on_file(tried: &str, file: &Path, error: &io::Error) -> Failure {
    Failure {
        kind: FailureKind::Refused,
        tried: format!("{tried} the login"),
        server: file.display().to_string(),
        answer: error.to_string(),
        hint: Some("check that the folder is yours, or name another one in BUSCTL_STATE_DIR".into()),
    }
}
