//! A class of Java that uses what Maven brings.

use std::path::{Path, PathBuf};
use std::process::Command;

use busctl::localbus::artifacts::Project;
use busctl::localbus::progress::Silent;
use busctl::localbus::{Host, artifacts, java};

/// How the class is run: downloads what is missing and compiles `source` into `directory`.
pub async fn command(project: &Project<'_>, source: &Path, class: &str, directory: &Path) -> Command {
    let host = Host::from_environment().unwrap();
    let java = java::find(&host, 17, project.what).unwrap();
    let jars = artifacts::jars(&host, project, &java, &Silent).await.unwrap();
    compile(&java.binary, &jars, source, directory);
    let class_path = format!("{}:{}/*", directory.display(), jars.display());
    let mut command = Command::new(&java.binary);
    command.args(["-XX:+UseSerialGC", "-cp", &class_path, class]);
    command
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
