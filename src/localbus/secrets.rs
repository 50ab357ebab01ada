//! The logins of a local broker: a random password each, in a file that only the user can read.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::{LocalBusError, Result, on_file};
use super::random;
use crate::model::Secret;

/// The login of the super user, `User:admin`, of every local bus.
pub const ADMIN: &str = "admin";

/// A name with its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name; Kafka's principal is `User:<name>`.
    pub name: String,
    /// The password.
    pub password: Secret,
}

impl Login {
    /// The line that Java clients take as `sasl.jaas.config`.
    pub fn jaas(&self) -> String {
        format!("{PLAIN_MODULE} required username=\"{}\" password=\"{}\";", self.name, self.password.expose())
    }
}

/// Java's module for SASL PLAIN.
const PLAIN_MODULE: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";

/// The directory that holds one file for each login.
#[derive(Debug, Clone)]
pub struct Secrets {
    directory: PathBuf,
}

impl Secrets {
    /// The secrets kept in a directory, which need not be there yet.
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Where they are kept.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file with the password of a login.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Reads one login.
    ///
    /// # Errors
    ///
    /// The name is no login's, or its file cannot be read.
    pub fn login(&self, name: &str) -> Result<Login> {
        check_name(name)?;
        let file = self.file(name);
        let password = fs::read_to_string(&file).map_err(on_file("read", &file))?;
        Ok(Login { name: name.to_owned(), password: Secret::new(password.trim_end()) })
    }

    /// Makes the directory hold exactly [`ADMIN`] and these logins: keeps the passwords that are there, makes those
    /// that are missing, forgets the others. The administrator comes first.
    ///
    /// # Errors
    ///
    /// A name does not fit a file, or the directory cannot be written.
    pub fn ensure(&self, names: &[String]) -> Result<Vec<Login>> {
        let others: BTreeSet<&str> = names.iter().map(String::as_str).filter(|name| *name != ADMIN).collect();
        others.iter().try_for_each(|name| check_name(name))?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)
            .map_err(on_file("create", &self.directory))?;
        self.forget_all_but(&others)?;
        std::iter::once(ADMIN).chain(others).map(|name| self.existing_or_new(name)).collect()
    }

    fn existing_or_new(&self, name: &str) -> Result<Login> {
        match self.login(name) {
            Ok(login) if !login.password.expose().is_empty() => return Ok(login),
            Err(LocalBusError::File { source, .. }) if source.kind() != ErrorKind::NotFound => {
                return Err(on_file("read", &self.file(name))(source));
            }
            _ => {}
        }
        let login = Login { name: name.to_owned(), password: Secret::new(random::password()?) };
        write_private(&self.file(name), login.password.expose().as_bytes())?;
        Ok(login)
    }

    fn forget_all_but(&self, names: &BTreeSet<&str>) -> Result<()> {
        let entries = fs::read_dir(&self.directory).map_err(on_file("read", &self.directory))?;
        for entry in entries {
            let entry = entry.map_err(on_file("read", &self.directory))?;
            let name = entry.file_name();
            if name != ADMIN && !name.to_str().is_some_and(|name| names.contains(name)) {
                fs::remove_file(entry.path()).map_err(on_file("remove", &entry.path()))?;
            }
        }
        Ok(())
    }
}

/// Writes a file that only the user can read, whole or not at all.
pub(super) fn write_private(file: &Path, content: &[u8]) -> Result<()> {
    let mut half = file.as_os_str().to_owned();
    half.push(".new");
    let half = PathBuf::from(half);
    let written = File::options().create(true).write(true).truncate(true).mode(0o600).open(&half);
    written
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .map_err(on_file("write", &half))?;
    fs::rename(&half, file).map_err(on_file("write", file))
}

/// Whether a name can be a login: it becomes a file, and a word in Java's login configuration.
fn check_name(name: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "it is empty"
    } else if name.len() > 200 {
        "it is longer than 200 characters"
    } else if name.starts_with(['.', '-']) {
        "it starts with a dot or a hyphen"
    } else if name.ends_with(".new") {
        "it ends with `.new`"
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
        "it may hold only the letters a to z, digits, dots, hyphens and underscores"
    } else {
        return Ok(());
    };
    Err(LocalBusError::Name { name: name.to_owned(), role: "a login", problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn keeps_makes_and_forgets() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let secrets = Secrets::in_directory(root.path().join("secrets"));
        let first = secrets.ensure(&names(&["normalizer", "ingest-gateway"])).unwrap();
        assert_eq!(
            first.iter().map(|login| login.name.as_str()).collect::<Vec<_>>(),
            ["admin", "ingest-gateway", "normalizer"]
        );
        assert!(first.iter().all(|login| login.password.expose().len() == 32));
        let mode = secrets.file("admin").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let second = secrets.ensure(&names(&["normalizer", "audit", "admin"])).unwrap();
        assert_eq!(second[0], first[0]);
        assert_eq!(second[2], first[2]);
        assert!(!secrets.file("ingest-gateway").exists());
        assert_eq!(secrets.login("audit").unwrap(), second[1]);
    }

    #[test]
    fn refuses_names_that_leave_the_directory() {
        let root = tempfile::tempdir().unwrap();
        let secrets = Secrets::in_directory(root.path().join("secrets"));
        for name in ["", "../admin", "a/b", ".hidden", "CN=x", "a\"b"] {
            let error = secrets.ensure(&names(&[name])).unwrap_err().to_string();
            assert!(error.contains("cannot be a login"), "{error}");
        }
        assert!(!secrets.directory().exists());
    }
}
