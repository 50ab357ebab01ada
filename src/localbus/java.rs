//! Finds a Java that is new enough, and tells where it looked when there is none.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::{LocalBusError, Result};
use super::host::{Host, is_executable};

/// A Java that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Java {
    /// The `java` program.
    pub binary: PathBuf,
    /// The directory that `JAVA_HOME` would name, where it is known (a version manager's shim hides it).
    pub home: Option<PathBuf>,
    /// The major version: 17, 21, 25 …
    pub major: u32,
}

/// A place that was looked at, and what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JavaSeen {
    /// Why it was looked at, for example `JAVA_HOME`.
    pub origin: String,
    /// The directory or program.
    pub path: PathBuf,
    /// Its major version, where it told one.
    pub major: Option<u32>,
}

impl fmt::Display for JavaSeen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.major {
            Some(major) => write!(formatter, "Java {major} in {path} ({})", self.origin),
            None => write!(formatter, "no usable Java in {path} ({})", self.origin),
        }
    }
}

/// The first Java of at least `required`: `JAVA_HOME`, then the PATH, then where systems and version managers keep
/// theirs, there the oldest that is new enough, because servers are tested with those.
///
/// # Errors
///
/// [`LocalBusError::NoJava`] with every place that was looked at.
pub fn find(host: &Host, required: u32, server: &str) -> Result<Java> {
    let mut seen = Vec::new();
    let mut examine = |candidate: Candidate| {
        let java = examine(&candidate);
        seen.push(JavaSeen {
            origin: candidate.origin.to_owned(),
            path: candidate.path,
            major: java.as_ref().map(|java| java.major),
        });
        java.filter(|java| java.major >= required)
    };
    for candidate in chosen_by_user(host) {
        if let Some(java) = examine(candidate) {
            return Ok(java);
        }
    }
    let installed = installed(host).into_iter().filter_map(examine).min_by_key(|java| java.major);
    installed.ok_or_else(|| LocalBusError::NoJava { server: server.to_owned(), required, seen })
}

struct Candidate {
    origin: &'static str,
    /// A Java home, or the `java` program itself.
    path: PathBuf,
}

fn chosen_by_user(host: &Host) -> Vec<Candidate> {
    let from_home = host.java_home.clone().map(|path| Candidate { origin: "JAVA_HOME", path });
    let from_path = host.program("java").map(|path| Candidate { origin: "PATH", path });
    from_home.into_iter().chain(from_path).collect()
}

fn installed(host: &Host) -> Vec<Candidate> {
    let mut places: Vec<(&'static str, PathBuf, &str)> = vec![
        ("system", PathBuf::from("/usr/lib/jvm"), ""),
        ("system", PathBuf::from("/usr/java"), ""),
        ("system", PathBuf::from("/opt"), ""),
        ("system", PathBuf::from("/opt/java"), ""),
        ("system", PathBuf::from("/Library/Java/JavaVirtualMachines"), "Contents/Home"),
        ("Homebrew", PathBuf::from("/opt/homebrew/opt"), "libexec/openjdk.jdk/Contents/Home"),
        ("Homebrew", PathBuf::from("/usr/local/opt"), "libexec/openjdk.jdk/Contents/Home"),
    ];
    if let Some(home) = &host.home {
        places.extend([
            ("SDKMAN", home.join(".sdkman/candidates/java"), ""),
            ("asdf", home.join(".asdf/installs/java"), ""),
            ("mise", home.join(".local/share/mise/installs/java"), ""),
            ("jenv", home.join(".jenv/versions"), ""),
            ("IDE", home.join(".jdks"), ""),
        ]);
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut known: Vec<PathBuf> = Vec::new();
    for (origin, directory, inside) in places {
        for entry in sorted_entries(&directory) {
            let path = entry.join(inside);
            if !is_executable(&path.join("bin/java")) {
                continue;
            }
            // Distributions keep several links to one installation; each is looked at and told once.
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            if !known.contains(&real) {
                known.push(real.clone());
                candidates.push(Candidate { origin, path: real });
            }
        }
    }
    candidates
}

fn sorted_entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = directory.read_dir() else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn examine(candidate: &Candidate) -> Option<Java> {
    let (binary, home) = if candidate.path.is_dir() {
        (candidate.path.join("bin/java"), Some(candidate.path.clone()))
    } else {
        let real = candidate.path.canonicalize().ok()?;
        let home = real.parent().and_then(Path::parent).map(Path::to_owned);
        (candidate.path.clone(), home)
    };
    if !is_executable(&binary) {
        return None;
    }
    let released = home.and_then(|home| Some((major_of_release(&home)?, home)));
    match released {
        Some((major, home)) => Some(Java { binary, home: Some(home), major }),
        None => major_told_by(&binary).map(|major| Java { binary, home: None, major }),
    }
}

fn major_of_release(home: &Path) -> Option<u32> {
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    major(version.trim().trim_matches('"'))
}

fn major_told_by(binary: &Path) -> Option<u32> {
    let output = Command::new(binary).arg("-version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let version = text.lines().find_map(|line| line.split('"').nth(1))?;
    major(version)
}

/// `17.0.15` is 17, `25-ea` is 25, and `1.8.0_412` is 8.
fn major(version: &str) -> Option<u32> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    match numbers.next()?.ok()? {
        1 => numbers.next()?.ok(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_of_a_version() {
        assert_eq!(major("17.0.15"), Some(17));
        assert_eq!(major("21"), Some(21));
        assert_eq!(major("25-ea"), Some(25));
        assert_eq!(major("25.0.3+9-LTS"), Some(25));
        assert_eq!(major("1.8.0_412"), Some(8));
        assert_eq!(major("GraalVM"), None);
        assert_eq!(major(""), None);
    }

    fn installation(root: &Path, name: &str, version: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let home = root.join(name);
        std::fs::create_dir_all(home.join("bin")).unwrap();
        std::fs::write(home.join("release"), format!("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"{version}\"\n")).unwrap();
        let binary = home.join("bin/java");
        std::fs::write(&binary, "#!/bin/sh\nexit 1\n").unwrap();
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
        home
    }

    fn host(root: &Path) -> Host {
        Host {
            path: Vec::new(),
            java_home: None,
            home: Some(root.to_owned()),
            cache_dir: root.join("cache"),
            temporary_dir: root.to_owned(),
            hidden_variables: Vec::new(),
        }
    }

    #[test]
    fn prefers_java_home_then_path() {
        let root = tempfile::tempdir().unwrap();
        let first = installation(root.path(), "first", "190.0.1");
        let second = installation(root.path(), "second", "191");
        let mut host = host(root.path());
        host.path = vec![second.join("bin")];
        assert_eq!(find(&host, 190, "Kafka").unwrap().major, 191);
        host.java_home = Some(first.clone());
        let java = find(&host, 190, "Kafka").unwrap();
        assert_eq!(java, Java { binary: first.join("bin/java"), home: Some(first), major: 190 });
    }

    #[test]
    fn takes_the_oldest_installed_one_that_is_new_enough() {
        let root = tempfile::tempdir().unwrap();
        for (name, version) in [("a", "202.0.1"), ("b", "201.0.2"), ("c", "199")] {
            installation(&root.path().join(".sdkman/candidates/java"), name, version);
        }
        assert_eq!(find(&host(root.path()), 200, "Kafka").unwrap().major, 201);
    }

    #[test]
    fn tells_every_place_when_none_is_new_enough() {
        let root = tempfile::tempdir().unwrap();
        let old = installation(root.path(), "old", "1.8.0_412");
        let mut host = host(root.path());
        host.java_home = Some(old.clone());
        let message = find(&host, 900, "Apicurio Registry 3.3.3").unwrap_err().to_string();
        assert!(message.starts_with("Apicurio Registry 3.3.3 needs Java 900 or newer"), "{message}");
        assert!(message.contains(&format!("Java 8 in {} (JAVA_HOME)", old.display())), "{message}");
        assert!(message.contains("openjdk-900-jre-headless"), "{message}");
    }

    #[test]
    fn asks_a_java_without_a_release_file() {
        let root = tempfile::tempdir().unwrap();
        let home = installation(root.path(), "shim", "0");
        std::fs::remove_file(home.join("release")).unwrap();
        let script = "#!/bin/sh\necho 'openjdk version \"301.0.1\" 2026-01-01' >&2\n";
        std::fs::write(home.join("bin/java"), script).unwrap();
        let mut host = host(root.path());
        host.path = vec![home.join("bin")];
        let java = find(&host, 300, "Kafka").unwrap();
        assert_eq!((java.major, java.home), (301, None));
    }
}
