//! The servers themselves, and other programs for Java: downloaded once through Maven, kept in a cache of the user.
//!
//! A version is either whole in the cache or not there: it is made in a directory beside it, which is then renamed. One
//! lock for the cache lets two commands ask at once for the same version; the second finds what the first has brought.

mod maven;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::error::{LocalBusError, Result, on_file};
use super::host::Host;
use super::java::Java;
use super::progress::{Progress, Step};
use super::version::Version;
use maven::Maven;

/// Something that Maven brings as jars.
#[derive(Debug, Clone, Copy)]
pub struct Project<'p> {
    /// What it is, for messages: `Kafka`.
    pub what: &'p str,
    /// Its directory in the cache.
    pub shelf: &'p str,
    /// Its version, by which the jars are kept.
    pub version: &'p Version,
    /// The Maven project that depends on it.
    pub pom: &'p str,
    /// About what the download takes with its Maven plugin, in bytes: for the progress bar alone.
    pub about: u64,
}

/// The directory with the jars of Kafka's broker, its tools and a logger.
///
/// # Errors
///
/// Maven is missing or failed, or the cache cannot be written.
pub async fn kafka(host: &Host, version: &Version, java: &Java, progress: &dyn Progress) -> Result<PathBuf> {
    let pom = kafka_project(version);
    let project = Project { what: "Kafka", shelf: "kafka", version, pom: &pom, about: KAFKA_BYTES };
    jars(host, &project, java, progress).await
}

/// The directory with the jars that a project depends on at run time.
///
/// # Errors
///
/// Maven is missing or failed, or the cache cannot be written.
pub async fn jars(host: &Host, project: &Project<'_>, java: &Java, progress: &dyn Progress) -> Result<PathBuf> {
    let what = format!("{} {}", project.what, project.version);
    let place = Place::new(host, project.shelf, project.version, what);
    let Some(download) = place.begin(progress).await? else { return Ok(place.directory) };
    let pom = download.scratch.join("pom.xml");
    fs::write(&pom, project.pom).map_err(on_file("write", &pom))?;
    let arguments = [
        "-f".to_owned(),
        pom.display().to_string(),
        maven::goal("copy-dependencies"),
        "-DincludeScope=runtime".to_owned(),
        format!("-DoutputDirectory={}", download.content.display()),
    ];
    let maven = Maven::find(host, java, &place.what)?;
    maven.run(&place.what, &arguments, project.about, &*download.step).await?;
    place.finish(download)
}

/// The directory of an unpacked Apicurio Registry.
///
/// # Errors
///
/// Maven or `tar` is missing or failed, or the cache cannot be written.
pub async fn apicurio(host: &Host, version: &Version, java: &Java, progress: &dyn Progress) -> Result<PathBuf> {
    let place = Place::new(host, "apicurio-registry", version, format!("Apicurio Registry {version}"));
    let Some(download) = place.begin(progress).await? else { return Ok(place.directory) };
    let tar = host.tool("tar", "tar", &format!("unpack {}", place.what))?;
    let arguments = [
        maven::goal("copy"),
        format!("-Dartifact=io.apicurio:apicurio-registry-app:{version}:tar.gz:all"),
        format!("-DoutputDirectory={}", download.scratch.display()),
    ];
    let maven = Maven::find(host, java, &place.what)?;
    maven.run(&place.what, &arguments, APICURIO_BYTES, &*download.step).await?;
    let archive = download.scratch.join(format!("apicurio-registry-app-{version}-all.tar.gz"));
    unpack(&tar, &archive, &download.content, &place.what).await?;
    place.finish(download)
}

/// About what each download takes with its Maven plugin, for the progress bar alone.
const KAFKA_BYTES: u64 = 75_000_000;
const APICURIO_BYTES: u64 = 160_000_000;

/// Where one version of something is in the cache, or will be.
struct Place {
    cache: PathBuf,
    shelf: PathBuf,
    directory: PathBuf,
    what: String,
}

/// A download under way. Nobody else downloads while it is.
struct Download {
    /// What becomes the version's directory.
    content: PathBuf,
    /// For everything that is not kept.
    scratch: PathBuf,
    step: Box<dyn Step>,
    _lock: File,
}

impl Place {
    fn new(host: &Host, name: &str, version: &Version, what: String) -> Self {
        let shelf = host.cache_dir.join(name);
        Self { cache: host.cache_dir.clone(), directory: shelf.join(version.as_str()), shelf, what }
    }

    /// Begins the download; none where the version is there.
    async fn begin(&self, progress: &dyn Progress) -> Result<Option<Download>> {
        if self.directory.is_dir() {
            return Ok(None);
        }
        fs::create_dir_all(&self.shelf).map_err(on_file("create", &self.shelf))?;
        let lock = lock(&self.cache.join("download.lock"), progress).await?;
        // Whoever held the lock may have brought it.
        if self.directory.is_dir() {
            return Ok(None);
        }
        let scratch = self.shelf.join(".download");
        // What an interrupted download has left; the lock says that nobody is at it now.
        remove_tree(&scratch)?;
        let content = scratch.join("content");
        fs::create_dir_all(&content).map_err(on_file("create", &content))?;
        let step = progress.step(&format!("downloading {}", self.what));
        Ok(Some(Download { content, scratch, step, _lock: lock }))
    }

    fn finish(self, download: Download) -> Result<PathBuf> {
        fs::rename(&download.content, &self.directory).map_err(on_file("create", &self.directory))?;
        remove_tree(&download.scratch)?;
        download.step.done(&format!("downloaded {} to {}", self.what, self.directory.display()));
        Ok(self.directory)
    }
}

async fn lock(path: &Path, progress: &dyn Progress) -> Result<File> {
    let file = File::options().create(true).append(true).open(path).map_err(on_file("open", path))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(on_file("lock", path)(source)),
    }
    progress.note("another busctl is downloading; waiting for it");
    let waiting = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    match waiting.await {
        Ok(locked) => locked.map_err(on_file("lock", path)),
        Err(stopped) => Err(on_file("lock", path)(stopped.into())),
    }
}

async fn unpack(tar: &Path, archive: &Path, directory: &Path, what: &str) -> Result<()> {
    let problem = |problem| LocalBusError::Archive { what: what.to_owned(), archive: archive.to_owned(), problem };
    let output = Command::new(tar)
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(directory)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| LocalBusError::Run { program: tar.display().to_string(), source })?;
    if output.status.success() {
        return Ok(());
    }
    Err(problem(format!("tar: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

fn remove_tree(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(on_file("remove", directory)(error)),
        _ => Ok(()),
    }
}

/// A Maven project that depends on a broker. Kafka brings one logger in some versions and none in others; all get the
/// simple one, which writes to standard error and needs no file.
fn kafka_project(version: &Version) -> String {
    format!(
        r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>busctl</groupId>
  <artifactId>local-kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{version}</version>
      <exclusions>
        <exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>{version}</version>
      <exclusions>
        <exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"#
    )
}
