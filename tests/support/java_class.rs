//! Classes of Java that use what Maven brings.

use std::path::{Path, PathBuf};
use std::process::Command;

use busctl::localbus::artifacts::Project;
use busctl::localbus::progress::Silent;
use busctl::localbus::{Host, artifacts, java};

/// Classes that were compiled.
pub struct Classes {
    /// What runs them.
    java: PathBuf,
    class_path: String,
}

/// Downloads what is missing and compiles `source`, a file or a folder, into `directory`.
pub async fn compile(project: &Project<'_>, source: &Path, directory: &Path) -> Classes {
    let host = Host::from_environment().unwrap();
    let java = java::find(&host, 17, project.what).unwrap();
    let jars = artifacts::jars(&host, project, &java, &Silent).await.unwrap();
    run_compiler(&java.binary, &jars, source, directory);
    Classes { java: java.binary, class_path: format!("{}:{}/*", directory.display(), jars.display()) }
}

impl Classes {
    /// How one of them is run.
    pub fn command(&self, class: &str) -> Command {
        let mut command = Command::new(&self.java);
        command.args([
            "-XX:+UseSerialGC",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            &self.class_path,
            class,
        ]);
        command
    }
}

/// With the compiler that was downloaded, because not every Java has one.
fn run_compiler(java: &Path, jars: &Path, source: &Path, directory: &Path) {
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
