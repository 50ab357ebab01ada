//! Apache Avro's own Java, which Maven brings.

use std::path::Path;
use std::process::Command;

use busctl::localbus::Version;
use busctl::localbus::artifacts::Project;

#[path = "java_class.rs"]
mod java_class;

/// The Maven project that depends on it.
const POM: &str = include_str!("../avro_compatibility/pom.xml");

/// How a class is run that uses it: downloads what is missing and compiles `source` into `directory`.
pub async fn command(source: &Path, class: &str, directory: &Path) -> Command {
    let version: Version = version().parse().unwrap();
    let project = Project { what: "Apache Avro", shelf: "avro", version: &version, pom: POM, about: 20_000_000 };
    java_class::compile(&project, source, directory).await.command(class)
}

/// Its version.
pub fn version() -> &'static str {
    let (_, rest) = POM.split_once("<avro.version>").unwrap();
    rest.split_once('<').unwrap().0
}
