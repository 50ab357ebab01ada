//! Apache Avro's own Java, which Maven brings.

use std::path::{Path, PathBuf};
use std::process::Command;

use busctl::localbus::artifacts::Project;
use busctl::localbus::progress::Silent;
use busctl::localbus::{Host, Version, artifacts, java};

/// The Maven project that depends on it.
const POM: &str = include_str!("../avro_compatibility/pom.xml");

/// How a class is run that uses it: downloads what is missing and compiles `source` into `directory`.
pub async fn command(source: &Path, class: &str, directory: &Path) -> Command {
    let host = Host::from_environment().unwrap();
    let java = java::find(&host, 17, "Apache Avro").unwrap();
    let version: Version = version().parse().unwrap();
    let project = Project { what: "Apache Avro", shelf: "avro", version: &version, pom: POM, about: 20_000_000 };
    let jars = artifacts::jars(&host, &project, &java, &Silent).await.unwrap();
    compile(&java.binary, &jars, source, directory);
    let class_path = format!("{}:{}/*", directory.display(), jars.display());
    let mut command = Command::new(&java.binary);
    command.args(["-XX:+UseSerialGC", "-cp", &class_path, class]);
    command
}

/// Its version.
pub fn version() -> &'static str {
    let (_, rest) = POM.split_once("<avro.version>").unwrap();
    rest.split_once('<').unwrap().0
}

/// With the compiler that was downloaded, because not every Java has one.
fn compile(java: &Path, jars: &Path, source: &Path, directory: &Path) {
    let mut all: Vec<PathBuf> = std::fs::read_dir(jars).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let class_path = all.iter().map(|jar| jar.display().to_string()).collect::<Vec<_>>().join(":");
    let output = Command::new(java)
        .args(["-cp", &class_path, "org.eclipse.jdt.internal.compiler.batch.Main", "-17", "-nowarn"])
        .args(["-cp", &class_path, "-d", &directory.display().to_string()])
        .arg(source)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
