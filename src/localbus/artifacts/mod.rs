//! The servers themselves: downloaded once through Maven, kept in a cache of the user.
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

/// The directory with the jars of Kafka's broker, its tools and a logger.
///
/// # Errors
///
/// Maven is missing or failed, or the cache cannot be written.
pub async fn kafka(host: &Host, version: &Version, java: &Java, progress: &dyn Progress) -> Result<PathBuf> {
    let what = format!("Kafka {version}");
    obtain(host, "kafka", version, &what, progress, async |directory, step| {
        let project = directory.with_extension("project");
        fs::create_dir_all(&project).map_err(on_file("create", &project))?;
        let pom = project.join("pom.xml");
        fs::write(&pom, kafka_project(version)).map_err(on_file("write", &pom))?;
        let arguments = [
            "-f".to_owned(),
            pom.display().to_string(),
            maven::goal("copy-dependencies"),
            "-DincludeScope=runtime".to_owned(),
            format!("-DoutputDirectory={}", directory.display()),
        ];
        Maven::find(host, java)?.run(&what, &arguments, KAFKA_BYTES, step).await?;
        fs::remove_dir_all(&project).map_err(on_file("remove", &project))
    })
    .await
}

/// The directory of an unpacked Apicurio Registry.
///
/// # Errors
///
/// Maven or `tar` is missing or failed, or the cache cannot be written.
pub async fn apicurio(host: &Host, version: &Version, java: &Java, progress: &dyn Progress) -> Result<PathBuf> {
    let what = format!("Apicurio Registry {version}");
    let tar = host.tool("tar", "tar", &format!("unpack {what}"))?;
    obtain(host, "apicurio-registry", version, &what, progress, async |directory, step| {
        let arguments = [
            maven::goal("copy"),
            format!("-Dartifact=io.apicurio:apicurio-registry-app:{version}:tar.gz:all"),
            format!("-DoutputDirectory={}", directory.display()),
        ];
        Maven::find(host, java)?.run(&what, &arguments, APICURIO_BYTES, step).await?;
        let archive = directory.join(format!("apicurio-registry-app-{version}-all.tar.gz"));
        unpack(&tar, &archive, directory, &what).await?;
        fs::remove_file(&archive).map_err(on_file("remove", &archive))
    })
    .await
}

/// About what each download takes with its Maven plugin, for the progress bar alone.
const KAFKA_BYTES: u64 = 56_000_000;
const APICURIO_BYTES: u64 = 160_000_000;

async fn obtain(
    host: &Host,
    name: &str,
    version: &Version,
    what: &str,
    progress: &dyn Progress,
    bring: impl AsyncFnOnce(&Path, &dyn Step) -> Result<()>,
) -> Result<PathBuf> {
    let shelf = host.cache_dir.join(name);
    let wanted = shelf.join(version.as_str());
    if wanted.is_dir() {
        return Ok(wanted);
    }
    fs::create_dir_all(&shelf).map_err(on_file("create", &shelf))?;
    let _lock = lock(&host.cache_dir.join("download.lock"), progress).await?;
    if wanted.is_dir() {
        return Ok(wanted);
    }
    let scratch = shelf.join(".download");
    // What an interrupted download has left; the lock says that nobody is at it now.
    remove_tree(&scratch)?;
    let directory = scratch.join("content");
    fs::create_dir_all(&directory).map_err(on_file("create", &directory))?;
    let step = progress.step(&format!("downloading {what}"));
    bring(&directory, &*step).await?;
    fs::rename(&directory, &wanted).map_err(on_file("create", &wanted))?;
    remove_tree(&scratch)?;
    step.done(&format!("downloaded {what} to {}", wanted.display()));
    Ok(wanted)
}

async fn lock(path: &Path, progress: &dyn Progress) -> Result<File> {
    let file = File::options().create(true).append(true).open(path).map_err(on_file("open", path))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(on_file("lock", path)(source)),
    }
    progress.note("another busctl is downloading servers; waiting for it");
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
      <exclusions><exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion></exclusions>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>{version}</version>
      <exclusions><exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion></exclusions>
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
